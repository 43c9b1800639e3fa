# 各页面通用的文字。其他文件各自负责一个部分。
# 面向用户的页面使用“您”。

## 语言选择中显示的名称。
language-name = 简体中文
# ltr 或 rtl
language-direction = ltr
language-choose = 语言

## 按钮的作用。
action-continue = 继续
action-back = 返回
action-cancel = 取消
action-close = 关闭
action-sign-in = 登录
action-sign-out = 退出登录
action-sign-up = 创建账号
action-save = 保存
action-send = 发送
action-confirm = 确认
action-delete = 删除
action-remove = 移除
action-edit = 编辑
action-add = 添加
action-search = 搜索
action-copy = 复制
action-show = 显示
action-hide = 隐藏
action-open = 打开
action-retry = 重试
action-restart = 重新开始
action-allow = 允许
action-deny = 拒绝
action-skip = 暂时跳过
action-learn-more = 了解详情
action-home = 前往首页
action-skip-to-content = 跳到正文

## 短词。
word-yes = 是
word-no = 否
word-or = 或
word-optional = 选填
word-required = 必填
word-none = 无
word-loading = 正在加载…

## 错误页面：发生了什么，现在可以怎么做。
error-request-id = 请求编号：{ $id }
error-not-found-title = 找不到页面
error-not-found-text = 此地址没有内容。请检查链接，或返回首页。
error-unauthenticated-title = 请先登录
error-unauthenticated-text = 您需要登录才能查看此页面。
error-denied-title = 没有访问权限
error-denied-text = 您的账号无权访问此页面。如有需要，请联系管理员。
error-expired-title = 页面已过期
error-expired-text = 页面打开的时间太久了。请重新开始，很快就能完成。
error-stale-title = 这一步已经完成
error-stale-text = 您可能返回了上一页，或在其他标签页中继续了操作。请从当前步骤继续。
error-throttled-title = 尝试次数过多
error-throttled-text = 请在 { $minutes } 分钟后重试。
error-unavailable-title = 系统繁忙
error-unavailable-text = 刚才的操作未能完成。请稍后重试。
error-bad-request-title = 无法读取此请求
error-bad-request-text = 请求内容缺失或未完整送达。请返回后重试。
error-conflict-title = 内容已发生变化
error-conflict-text = 在您操作期间，其他人修改了内容。请刷新页面查看最新状态。
error-too-large-title = 发送的内容过大
error-too-large-text = 内容超出了可接受的大小。请减少内容后重试。
error-method-title = 此地址需要以其他方式打开
error-method-text = 无法以这种方式打开页面。请返回并使用表单或链接。
error-internal-title = 出现问题
error-internal-text = 这是我们这边的故障。请重试；如果问题仍然存在，请将此请求编号告知管理员：{ $id }
error-cookies-title = 需要使用 Cookie
error-cookies-text = 您的浏览器没有保存用于记录进度的 Cookie。请允许此网站使用 Cookie，然后重新开始。
error-summary = 有 { $count } 项需要您检查

## 字段的问题，在字段旁说明。
field-required = 请填写此项。
field-invalid = 请检查此项。
field-too-long = 最多输入 { $max } 个字符。
field-too-short = 至少输入 { $min } 个字符。
field-email = 请输入电子邮箱地址，例如 name@example.com。
field-number = 请输入整数。
field-decimal = 请输入数字。
field-minimum = 请输入不小于 { $min } 的值。
field-maximum = 请输入不大于 { $max } 的值。
field-date = 请输入日期，例如 2026-11-22。
field-date-time = 请输入日期和时间，例如 2026-11-22 09:30。
field-url = 请输入以 https:// 或 http:// 开头的完整地址。
field-choice = 请从列表中选择一项。
field-choices = 请从列表中选择。
field-checked = 请勾选后继续。
field-username = 只能使用字母、数字以及 . _ - + @ 字符。
field-slug = 只能使用英文字母、数字、连字符和下划线。
field-file-type = 请选择其他类型的文件。
field-file-size = 请选择较小的文件。
field-line-break = 请在一行内填写。
field-characters = 请删除无法显示的字符。
field-passwords-differ = 两次输入的密码不一致。请重新输入。
field-password-too-short = 密码至少需要 { $min } 个字符。
field-password-common = 很多人使用这个密码，容易被猜到。请换一个密码。
field-password-wrong = 密码不匹配。请重新输入。
field-name-taken = 此名称已被使用。请换一个名称。
field-email-taken = 此电子邮箱已被使用。请输入其他邮箱。
field-taken = 此值已被使用。请换一个。
field-unknown = 此处不使用这一项。
field-json = 请输入有效的 JSON。
field-reference = 请选择一个现有的条目。

## 时间长度。
time-seconds = { $count } 秒
time-minutes = { $count } 分钟
time-hours = { $count } 小时
time-days = { $count } 天

## 相对于现在的时间。
time-now = 刚刚
time-minutes-ago = { $count } 分钟前
time-hours-ago = { $count } 小时前
time-days-ago = { $count } 天前
time-months-ago = { $count } 个月前
time-years-ago = { $count } 年前
time-minutes-ahead = { $count } 分钟后
time-hours-ahead = { $count } 小时后
time-days-ahead = { $count } 天后
time-months-ahead = { $count } 个月后
time-years-ahead = { $count } 年后

## 日期。
time-date = { $year }年{ $month }月{ $day }日
time-date-time = { $date } { $clock } { $zone }

## Somebody acts in another's place.
base-acting = 您正在以 { $name } 的身份操作。
base-acting-end = 结束模拟
