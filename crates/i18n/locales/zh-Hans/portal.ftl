# 流程页面、应用列表与个人设置。

## 每个流程页面的周边。
portal-not-you = 不是您？
portal-title-error = 错误：{ $title }
portal-continue-here = 从当前步骤继续
portal-choose = 请选择
# 此人无法运行的流程。
flow-not-applicable = 您目前无法使用此页面。

## 公共部分。
portal-nav-label = 主菜单
portal-nav-applications = 应用
portal-nav-settings = 设置
portal-nav-administration = 管理
portal-new-tab = 在新标签页中打开

## 应用列表。
portal-library-title = 您的应用
portal-library-search = 搜索应用
portal-library-all = 显示全部应用
portal-library-empty-title = 还没有应用
portal-library-empty-text = 有应用向您开放后，会显示在这里。如果缺少某个应用，请联系管理员。
portal-library-nothing-title = 未找到结果
portal-library-nothing-text = 没有与“{ $search }”匹配的应用。请换个词试试。
portal-library-not-for-machines = 此账号供程序使用。请使用您自己的账号登录以查看应用。
portal-launch-denied = 您的账号无权访问 { $app }。如有需要，请联系管理员。
portal-pages = 分页
portal-page-of = 第 { $page } 页，共 { $last } 页
portal-page-previous = 上一页
portal-page-next = 下一页

## 设置。
portal-profile-title = 个人资料
portal-profile-text = 应用可以显示的您的信息。
portal-profile-name = 姓名
portal-profile-username = 用户名
portal-profile-email = 电子邮箱
portal-profile-edit = 编辑资料
portal-security-title = 登录方式
portal-security-text = 您用来证明身份的方式。
portal-preferences-title = 偏好设置
portal-preferences-text = 在您的所有设备上生效。
portal-preferences-browser = 与浏览器相同
portal-preferences-theme = 外观
portal-theme-automatic = 与设备相同
portal-theme-light = 浅色
portal-theme-dark = 深色
portal-sessions-title = 已登录的设备
portal-sessions-text = 请在不再使用或不认识的设备上退出登录。
portal-sessions-end-others = 退出所有其他设备
portal-session-this = 当前设备
portal-session-line = { $address } · 上次使用：{ $when }
portal-device = { $system } 上的 { $browser }
portal-device-unknown = 未知设备
portal-consents-title = 您授权的应用
portal-consents-text = 您允许这些应用查看您的信息。撤回后，应用下次会再次询问。
portal-consents-none = 您还没有允许任何应用查看您的信息。
portal-consent-until = 到期时间：{ $when }
portal-consent-always = 长期有效
portal-consent-revoke = 撤回授权
portal-done-saved = 您的偏好设置已保存。
portal-done-ended = 已退出登录。
portal-done-revoked = 您的授权已撤回。

## 退出登录之后。
portal-farewell-title = 您已退出登录
portal-farewell-text = 现在可以关闭此窗口。
portal-farewell-app-title = 您已退出 { $app }
portal-farewell-app-text = 您仍处于 { $brand } 的登录状态。
portal-farewell-still-title = 您仍处于登录状态
portal-farewell-library = 前往您的应用
portal-farewell-again = 重新登录 { $app }
portal-farewell-everywhere = 同时退出 { $brand }

## 一次性登录链接。
portal-recovery-title = 使用此链接登录
portal-recovery-text = 此链接只能使用一次。登录后，您可以在设置中更改密码。
portal-recovery-used-title = 此链接已失效
portal-recovery-used-text = 链接已被使用或已过期。请向管理员索取新的链接。

## 管理。
portal-admin-text = 设置并维护此系统。
portal-diagnostics-title = 连接诊断
portal-diagnostics-line = 显示请求到达此服务器的方式，便于您设置代理。
portal-diagnostics-result = 判定结果
portal-diagnostics-result-text = 链接、Cookie 和审计记录均以这些值为准。
portal-diagnostics-client = 客户端地址
portal-diagnostics-scheme = 协议
portal-diagnostics-host = 主机
portal-diagnostics-base = 本服务器地址
portal-diagnostics-connection = 连接
portal-diagnostics-connection-text = 读取任何标头之前的连接对端。
portal-diagnostics-peer = 对端
portal-diagnostics-trusted = 受信任的代理
portal-diagnostics-untrusted = 不是受信任的代理
portal-diagnostics-tls = TLS 在此终止
portal-diagnostics-networks = 受信任的网络
portal-diagnostics-headers = 标头
portal-diagnostics-headers-text = 随此请求到达的代理标头。
portal-diagnostics-name = 名称
portal-diagnostics-value = 值
portal-diagnostics-unknown = 未知
portal-diagnostics-good = { $peer } 处的代理受信任，其标头已被采用。
portal-diagnostics-direct = 您与此服务器之间没有代理，无需设置。
portal-diagnostics-not-trusted = 转发标头来自 { $peer }，但它不是受信任的代理，因此已被忽略。如果这是您的代理，请将其网络加入 listen.trusted_proxy_cidrs。
portal-diagnostics-nothing-forwarded = { $peer } 被信任为代理，且没有发送转发标头。如果您是直接访问，则一切正常。如果那里有代理，请让它设置 X-Forwarded-For、X-Forwarded-Proto 和 X-Forwarded-Host。
portal-diagnostics-unreadable = { $peer } 处的代理受信任，但无法从其标头中读出客户端地址。请让它设置 X-Forwarded-For，并且不要发送与之矛盾的标头。
