# The dashboard and the system in the console.

## The dashboard.
console-dashboard-title = 概览
console-dashboard-house = 此安装
console-dashboard-latest = 最近的事件
console-dashboard-all-events = 所有事件
console-attention-title = 需要处理
console-attention-none = 没有需要处理的事项。
console-attention-jobs = 有 { $count } 个任务已放弃
# $name is a blueprint.
console-attention-blueprint-error = 蓝图“{ $name }”未能应用
console-attention-blueprint-drift = 蓝图“{ $name }”自应用后已更改
# $name is a certificate, $when such as "in 3 days".
console-attention-certificate-ends = 证书“{ $name }”{ $when }到期
console-attention-certificate-ended = 证书“{ $name }”已于{ $when }到期
console-attention-no-brand = 没有默认品牌

## The system.
console-system-title = 系统状态
console-system-text = 此安装的版本、健康状况和定期工作。
console-system-this = 此安装
console-system-sizes = 规模
console-system-version = 版本
console-system-database = 数据库
console-system-health = 健康状况
console-system-ready = 就绪
console-system-not-ready = 未就绪
console-system-time = 服务器时间
console-system-install-id = 安装标识符
console-system-recurring = 定期工作
console-system-nothing-recurring = 暂无
console-system-nothing-recurring-text = 工作进程运行后，定期工作会显示在这里。
console-system-running = 运行中
console-system-waiting = 等待中
console-system-late = 已延迟
console-system-worker = 工作进程
console-system-next = 下次运行
console-state = 状态
console-certificate-subject = 主体
console-certificate-good = 有效
console-certificate-soon = 即将到期
console-certificate-expired = 已到期
console-certificates-none = 没有证书
console-certificates-none-text = 请生成或导入证书密钥对。

## Jobs.
console-jobs-title = 任务
console-jobs-text = 后台执行的工作及其结果。
console-jobs-all = 全部
console-jobs-queued = 排队中
console-jobs-done = 已完成
console-jobs-dead = 已放弃
console-jobs-retry = 重试
console-jobs-none = 没有任务
console-jobs-none-text = 没有此类等待中或最近完成的任务。
console-job-kind = 任务
console-job-attempts = 尝试次数
console-job-error = 最近的错误
console-job-created = 创建时间
console-job-run-at = 不早于
console-job-queued = 排队中
console-job-done = 已完成
console-job-dead = 已放弃
console-done-jobs-retried = 任务已重新排队。

## Blueprints.
console-blueprints-text = 持续应用的配置，来自文件或保存在此处的内容。
console-blueprints-export = 导出全部
console-blueprint-here = 保存在此处
console-blueprints-new = 新建蓝图实例
console-blueprints-apply = 重新应用
console-blueprints-none = 没有蓝图
console-blueprints-none-text = 持续应用的蓝图会显示在这里。
console-blueprint-path = 文件
console-blueprint-applied = 上次应用
console-blueprint-successful = 已应用
console-blueprint-warning = 已应用，有警告
console-blueprint-error = 失败
console-blueprint-orphaned = 文件已不存在
console-blueprint-unknown = 尚未应用
console-blueprint-drifted = 文件已更改
console-blueprint-off = 停用
# $name is the blueprint.
console-blueprint-went-well = “{ $name }”已应用。
console-blueprint-went-wrong = “{ $name }”未能应用。

## Settings.
console-settings-title = 设置
console-settings-text = 适用于整个安装的设置。
console-setting-event-retention = 事件保留时间
console-setting-event-retention-help = 例如 days=365。
console-setting-default-token-duration = 新令牌有效期
console-setting-default-token-duration-help = 例如 days=1。未另行指定时使用。
console-setting-impersonation = 允许管理员模拟用户
console-setting-impersonation-help = 仅限权限不超过自己的用户。
console-setting-impersonation-require-reason = 模拟用户需填写原因
console-setting-impersonation-require-reason-help = 原因会保存在事件日志中。
console-setting-pagination-default-page-size = API 每页结果数
console-setting-pagination-default-page-size-help = 客户端未指定时使用。
console-setting-pagination-max-page-size = API 每页最大结果数
console-setting-pagination-max-page-size-help = 请求更多时也只返回这么多。
console-setting-reputation-lower-limit = 信誉分数下限
console-setting-reputation-lower-limit-help = 失败不会使分数低于此值：0 到 -1000。
console-setting-reputation-upper-limit = 信誉分数上限
console-setting-reputation-upper-limit-help = 成功不会使分数高于此值：0 到 1000。
console-setting-mail-new-sign-in = 告知来自新浏览器的登录
console-setting-mail-new-sign-in-help = 设置邮件服务器后，发送到用户自己的地址。
console-setting-mail-changed-credential = 告知密码和地址的更改
console-setting-mail-changed-credential-help = 发送到用户自己的地址；地址更改时也发送到旧地址。

## Connection diagnostics.
console-diagnostics-title = 连接诊断
console-diagnostics-text = 显示请求如何到达此服务器，帮助您设置代理。
console-diagnostics-result = 判定结果
console-diagnostics-client = 客户端地址
console-diagnostics-scheme = 协议
console-diagnostics-host = 主机
console-diagnostics-base = 本服务器地址
console-diagnostics-connection = 连接
console-diagnostics-peer = 对端
console-diagnostics-trusted = 受信任的代理
console-diagnostics-untrusted = 不是受信任的代理
console-diagnostics-tls = TLS 在此终止
console-diagnostics-networks = 受信任的网络
console-diagnostics-headers = 标头
console-diagnostics-name = 名称
console-diagnostics-value = 值
console-diagnostics-unknown = 未知
console-diagnostics-good = { $peer } 处的代理受信任，其标头已被采用。
console-diagnostics-direct = 您与此服务器之间没有代理，无需设置。
console-diagnostics-not-trusted = 转发标头来自 { $peer }，但它不是受信任的代理，因此已被忽略。如果这是您的代理，请将其网络加入 listen.trusted_proxy_cidrs。
console-diagnostics-nothing-forwarded = { $peer } 是受信任的代理，但没有发送转发标头。请让它设置 X-Forwarded-For、X-Forwarded-Proto 和 X-Forwarded-Host。
console-diagnostics-unreadable = { $peer } 处的代理受信任，但无法从其标头中读出客户端地址。请让它设置 X-Forwarded-For，并且不要发送与之矛盾的标头。
console-diagnostics-no-headers = 没有代理标头
console-diagnostics-no-headers-text = 此请求没有附带任何代理设置的标头。
console-blueprint-standing = 应用状态
console-blueprint-settings = 设置
console-blueprint-hash = 已应用内容（SHA-256）
console-blueprint-hash-now = 文件当前内容（SHA-256）
console-blueprint-changed = 文件更改时间
console-blueprint-problem = 问题
console-schedule-clear-expired = 清理已过期内容
console-schedule-count-events = 为图表统计事件

## 邮件。
console-mail-title = 邮件
console-mail-text = 邮件通过哪台服务器发送，以及邮件的样式。相关设置位于配置的 email 部分。
console-mail-not-configured = 尚未配置邮件服务器，无法发送邮件。请在配置中设置 email.host。
console-mail-server-title = 邮件服务器
console-mail-server = 服务器
console-mail-encryption = 加密
console-mail-plain = 无
console-mail-username = 用户名
console-mail-from = 发件人
console-mail-test = 测试邮件
console-mail-to = 收件人
console-mail-send = 发送测试邮件
console-mail-failed = 邮件未能发送：{ $error }
console-done-mail-sent = 邮件服务器已接收该邮件。
console-mail-templates = 模板
console-mail-template = 模板
console-mail-about = 用途
console-mail-file = 自有文件
console-mail-own = 由您添加
console-mail-topic-password-reset = 重置密码
console-mail-topic-account-confirmation = 账号确认
console-mail-topic-invitation = 邀请
console-mail-topic-magic-link = 登录链接
console-mail-topic-code = 验证码
console-mail-topic-address-proof = 地址验证
console-mail-topic-new-sign-in = 新的登录
console-mail-topic-changed-credential = 登录方式更改
console-mail-topic-event-notification = 事件通知
console-mail-topic-test = 测试邮件
console-mail-no-address = 请设置 web.base_url，或为此主机创建品牌：邮件中的链接不会使用仅由浏览器提供的地址。
