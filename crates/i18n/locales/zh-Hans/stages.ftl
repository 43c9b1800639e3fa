# 流程各阶段的提问与答复，以及对配置的提示。

## 登录。
stages-identification-username = 用户名
stages-identification-email = 电子邮箱
stages-identification-username-or-email = 用户名或电子邮箱
stages-identification-application = 请登录以继续访问 { $app }。
stages-identification-enroll = 创建账号
stages-identification-recover = 忘记密码？
stages-identification-passwordless = 不用密码登录
stages-identification-source = 使用 { $source } 继续
stages-identification-choose-way = 请选择一种登录方式。
stages-identification-no-way = 您无法在此登录。请联系管理员。
stages-identification-unknown = 无法用这个名称登录。请核对后重试。
stages-password-label = 密码
stages-password-wrong = 名称与密码不匹配。请核对后重试。
stages-password-cancelled = 密码多次不正确。准备好后，请重新开始。
stages-too-many-attempts = { $minutes ->
   *[other] 尝试次数过多。请等待 { $minutes } 分钟后重试。
}
stages-nobody-pending = 还不知道您是谁。请从登录页面重新开始。
stages-user-login-denied = 无法为您登录。请重新开始，或联系管理员。
stages-user-login-inactive = 您的账号尚未启用。管理员可以启用它。
stages-mtls-none = 此处需要您的证书，但浏览器没有发送。请在装有证书的设备上重新开始，或联系管理员。
stages-mtls-refused = 此处不接受您的证书。请联系管理员。
stages-user-login-unbound = 此处的登录与网络或地点绑定，但服务器无法判断您的所在。请联系管理员。
stages-user-login-remember-title = 保持登录状态？
stages-user-login-remember-text = 在只有您使用的设备上，可以减少登录次数。
stages-user-login-remember-yes = 保持登录
stages-user-login-remember-no = 不在此设备上保持

## 退出登录。
stages-user-logout-title = 退出登录？
stages-user-logout-text = 您当前以 { $name } 的身份登录。另一个网站要求您退出登录。

## 人机验证。
stages-captcha-title = 再做一项验证
stages-captcha-required = 请完成验证后继续。
stages-captcha-wrong = 验证未成功，请再试一次。
stages-captcha-unavailable = 目前无法进行验证。请稍候一分钟再试。

## 邀请。
stages-invitation-missing = 此操作需要邀请，而您打开的链接中没有有效的邀请。请向邀请您的人索取新的邀请。
stages-invitation-used = 此邀请在此期间已被使用或撤回。请向邀请您的人索取新的邀请。

## 永久离开与锁定账户。
stages-user-delete-title = 要删除您的账户吗？
stages-user-delete-text = 您的账户、会话以及授予应用程序的一切都会被删除，无法恢复。
stages-user-delete-action = 删除账户
stages-user-delete-nobody = 由于不清楚这是谁的账户，没有删除任何内容。请登录后重新开始。
stages-account-lockdown-title = 要锁定您的账户吗？
stages-account-lockdown-text = 所有会话都会结束，密码和令牌将失效。如果您怀疑有人在使用您的账户，请这样做。
stages-account-lockdown-action = 锁定账户
stages-account-lockdown-nobody = 由于不清楚这是谁的账户，没有锁定任何内容。请登录后重新开始。

## 授权。
stages-consent-header = { $app } 请求以下内容。
stages-consent-header-plain = 一个应用请求以下内容。
stages-consent-before = 已获得的权限
stages-consent-new = 新请求的权限
stages-consent-token = 确认
stages-consent-changed = 请求的内容在此期间发生了变化。请重新阅读后再决定。
stages-consent-refused = 您没有授予该应用访问权限。您可以关闭此页面。

## 提问。
stages-prompt-refused = 无法接受这些答复。请核对后重试。
stages-prompt-locale-automatic = 跟随浏览器
stages-denied = 您无法在此继续。如果您认为有误，请联系管理员。

## 保存账号。
stages-user-write-nobody = 无法确定这是谁的账号，因此没有保存。请登录后重新开始。
stages-user-write-no-username = 账号需要用户名，但此处未提供填写项。请联系管理员。
stages-user-write-groups = 这里不能选择群组。

## 首次设置。
stages-setup-code-title = 设置码
stages-setup-code-text = 您正在从另一台设备设置此服务器。请输入服务器启动时显示的设置码。
stages-setup-code-label = 设置码
stages-setup-code-wrong = 这不是服务器显示的设置码。请核对后重试。
stages-setup-closed = 此服务器已完成设置。请直接登录。
stages-setup-no-administrator = 账号 akadmin 不存在或未启用，因此无法设置。请使用命令行创建用户。

## 对配置的提示。
stages-account-lockdown-nothing = 请至少选择一项该阶段要做的事。
stages-identification-no-fields = 请至少选择用户名、电子邮件和 UPN 中的一项，或选择身份源或无密码流程。
stages-identification-captcha-missing = 请选择人机验证阶段。
stages-captcha-address = 请输入 HTTPS 地址。
stages-captcha-scores = 分数在 0 与 1 之间，最低值须小于最高值。
stages-identification-passkeys-missing = 尚不支持通行密钥。请留空。
stages-password-no-backend = 请选择内置后端或令牌后端：其他后端尚不能接受密码。
stages-password-attempts = 请选择 1 到 100 次。
stages-redirect-address = 请输入以 / 开头的路径、以 https:// 或 http:// 开头的地址，或 ak-flow:// 加流程的标识。
stages-redirect-flow = 请选择一个流程。
stages-user-login-duration = 请选择 0 到 366 天之间的时间。
stages-user-write-type = 内部服务账号由服务器自行创建。请选择其他类型。
stages-consent-expiry = 会过期的授权需要大于零的时间。
stages-prompt-key = 请输入 1 到 255 个字符。
stages-prompt-key-reserved = 这个名称由表单本身使用。请选择其他名称。

## 带链接的邮件。
stages-email-title = 请查看您的邮箱
stages-email-text = 如果存在与您所填信息相符的账号，带链接的邮件即将送达。请打开链接以继续。
stages-email-again = 已重新发送邮件。
stages-email-sent = 已重新发送邮件。也请查看垃圾邮件文件夹。
stages-email-resend = 重新发送
stages-email-confirm-title = 是否继续？
stages-email-confirm-text = 您打开了邮件中的链接。链接仅可使用一次，请仅在您本人申请时继续。
stages-email-encryption = 请在 STARTTLS 与 TLS 中选择一个。
stages-email-span = 请输入大于零且不超过 30 天的时长（计数窗口不超过 7 天）。

## 通过链接或验证码确认邮箱。
stages-email-proof-sent = 如果存在与您所填信息相符的账号，邮件即将送达。
stages-email-proof-sent-to = 发往 { $address } 的邮件即将送达。
stages-email-proof-do = { $what ->
    [code] 请在此输入邮件中的验证码。
    [link] 请在此浏览器中打开邮件里的链接。在其他地方打开时，会显示一个验证码，请在此输入。
    [both] 请在此浏览器中打开邮件里的链接，或在此输入邮件中的验证码。
    [any-both] 请打开邮件里的链接，或在此输入邮件中的验证码。
   *[any-link] 请打开邮件里的链接以继续。
}
stages-email-proof-again = 已重新发送邮件。之前的邮件已失效。
stages-email-proof-code = 验证码
stages-email-proof-digits = { $digits ->
   *[other] 请输入 { $digits } 位数字验证码。
}
stages-email-proof-wrong = 验证码不正确。请查看最新的邮件后重试。
stages-email-proof-over = 此验证码已失效。请重新发送邮件。
stages-email-proof-no-address = 没有可发送邮件的邮箱。请重新开始并填写邮箱。
stages-email-proof-elsewhere-title = 请在开始的地方继续
stages-email-proof-elsewhere-text = 请在您申请此邮件的浏览器中输入这个验证码。
stages-email-proof-elsewhere-warning = 请勿在他人发给您的页面上输入，也不要告诉任何人。如果您没有申请此邮件，请关闭此页面，不会发生任何事情。
stages-email-proof-span = 请输入大于零且不超过一小时的时长。
stages-email-proof-length = 请选择 6 到 8 位。
