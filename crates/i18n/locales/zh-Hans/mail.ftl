# 邮件中的文字。{ $brand } 是服务名称，{ $name } 是收件人的称呼。

mail-footer = 此邮件由系统自动发送。
mail-link = 如果按钮无法使用，请将以下地址复制到浏览器中：
mail-bound = 请在您提出请求的浏览器中打开。在其他地方打开时，会显示一个验证码，请在原浏览器中输入。
mail-code-beside-link = 也可以在要求输入的页面上输入此验证码：
mail-until = 有效期至 { $until }（{ $expires }）。
# 管理员自写模板中没有相应文字时使用。
mail-foreign-subject = 来自 { $brand } 的消息
mail-foreign-title = 来自 { $brand } 的消息
mail-foreign-text = { $name }，您好。有一条消息给您。
mail-foreign-button = 打开
mail-foreign-note = 如果这封邮件与您无关，请忽略。

mail-password-reset-subject = 重置您的密码
mail-password-reset-title = 重置您的密码
mail-password-reset-text = { $name }，您好。有人请求为您在 { $brand } 的账号设置新密码。
mail-password-reset-button = 设置新密码
mail-password-reset-note = 如果不是您本人操作，请忽略此邮件，您的密码不会改变。

mail-account-confirmation-subject = 确认您的电子邮箱
mail-account-confirmation-title = 确认您的电子邮箱
mail-account-confirmation-text = { $name }，您好。请确认此邮箱属于您，之后即可使用您在 { $brand } 的账号。
mail-account-confirmation-button = 确认
mail-account-confirmation-note = 如果您没有申请账号，请忽略此邮件。

mail-invitation-subject = { $brand } 邀请您加入
mail-invitation-title = 您收到了邀请
mail-invitation-text = { $name }，您好。您可以在 { $brand } 创建账号。
mail-invitation-button = 接受邀请
mail-invitation-note = 如果您并未预期收到邀请，请忽略此邮件。

mail-magic-link-subject = { $brand } 登录链接
mail-magic-link-title = 登录
mail-magic-link-text = { $name }，您好。此链接可让您登录 { $brand }，仅可使用一次。
mail-magic-link-button = 登录
mail-magic-link-note = 如果不是您本人操作，请忽略此邮件。请勿将链接转发给他人。

mail-code-subject = { $brand } 验证码
mail-code-title = 您的验证码
mail-code-text = { $name }，您好。请在 { $brand } 要求时输入此验证码，仅可使用一次。
mail-code-button = 打开
mail-code-note = 如果不是您本人操作，请忽略此邮件。请勿将验证码告诉任何人。

mail-address-proof-subject = 请确认此电子邮箱
mail-address-proof-title = 请确认此电子邮箱
mail-address-proof-text = { $name }，您好。有人为 { $brand } 的账号填写了此邮箱。请确认它属于您。
mail-address-proof-button = 确认
mail-address-proof-note = 如果不是您本人操作，请忽略此邮件，一切保持不变。请勿转发。

mail-new-sign-in-subject = 您的账号有新的登录
mail-new-sign-in-title = 您的账号有新的登录
mail-new-sign-in-text = { $name }，您好。有人使用从未用过的浏览器登录了您在 { $brand } 的账号。
mail-new-sign-in-button = 查看已登录的设备
mail-new-sign-in-note = 如果是您本人，无需任何操作。否则请立即修改密码，并退出所有其他设备。

mail-changed-credential-subject = 您的登录方式已更改
mail-changed-credential-title = 登录方式已更改
mail-changed-credential-text = { $name }，您好。您在 { $brand } 的账号的登录方式已更改。
mail-changed-credential-button = 查看您的账号
mail-changed-credential-note = 如果不是您本人操作，请立即联系管理员。

mail-fact-time = 时间
mail-fact-by = 操作者
mail-fact-administrator = 管理员
mail-fact-browser = 浏览器
mail-fact-place = 地点
mail-fact-address = 地址
mail-fact-what = 更改内容
mail-fact-password = 密码
mail-fact-email = 邮箱地址

mail-event-notification-subject = { $brand } 事件通知
mail-event-notification-title = { $brand } 事件通知
mail-event-notification-text = { $name }，您好。记录了一个需要通知您的事件。
mail-event-notification-button = 查看事件
mail-event-notification-note = 因为通知规则指定了您或您所在的组，所以您收到了此邮件。

mail-test-subject = { $brand } 测试邮件
mail-test-title = 邮件发送正常
mail-test-text = { $name }，您好。此邮件表明 { $brand } 可以发送邮件。
mail-test-button = 打开
mail-test-note = 这是管理员请求的测试，无需任何操作。
