# Applications and providers in the console.

## The wizard.
console-wizard-title = 新建应用
console-wizard-kind-text = 该应用如何让人登录？
console-wizard-link = 仅链接
console-wizard-link-text = 应用库中指向某地址的磁贴，不提供登录。
console-wizard-application = 应用
console-wizard-provider = 登录
console-wizard-who = 谁可以使用
console-wizard-who-text = 两项都留空，则所有能登录的人都可使用。
console-wizard-groups = 组
console-wizard-users = 用户
console-wizard-make = 创建应用
# $name is the application.
console-wizard-made = { $name } 已就绪
console-wizard-made-text = 应用、提供程序和绑定均已创建。请将下面的设置复制到应用一侧。
console-wizard-secrets = 凭据
console-wizard-secrets-text = 请立即复制：它们不会再次显示。
console-wizard-next-title = 接下来
console-wizard-next = 在应用中填好这些设置后，启动它以确认能否登录。
console-wizard-open = 打开应用页面

## An application.
console-application-title = 应用
console-application-looks = 在应用库中
console-application-slug = 短名
console-application-group = 分组
console-application-provider = 提供程序
console-application-who = 谁可以使用
console-application-for-everybody = 所有能登录的人
console-application-launch = 启动
console-application-launch-url = 启动地址
console-application-description = 说明
console-application-publisher = 发布者
console-application-hidden = 隐藏
console-application-new-tab = 在新标签页打开
console-application-bindings = 使用权限
console-bindings-any = 通过其中一项即可。
console-bindings-all = 必须全部通过。
console-bindings-none = 所有人都可使用
console-bindings-none-text = 没有绑定时，所有能登录的人都可使用此应用。
console-binding-what = 绑定类型
console-binding-who = 名称
console-binding-order = 顺序
console-binding-group = 组
console-binding-user = 用户
console-binding-policy = 策略
console-binding-on = 生效
console-binding-off = 停用
console-binding-negated = 取反
console-binding-add = 添加绑定

## A provider.
console-provider-application = 应用
console-provider-unused = 没有应用
console-provider-preview = 预览
console-preview-text = 按当前配置，应用将得知的用户信息。
console-preview-do = 预览
console-preview-nobody = 没有这个用户。
console-preview-none = 此类提供程序没有可预览的内容。
console-preview-claims = 声明
console-preview-failures = 失败的映射
console-setup-title = 应用一侧的设置
console-setup-text = 请复制到应用要求填写的位置。密钥仅在创建时显示。
console-setup-client-id = 客户端 ID
console-setup-issuer = 签发者
console-setup-provider-info = OpenID 配置（发现）
console-setup-authorize = 授权端点
console-setup-token = 令牌端点
console-setup-user-info = 用户信息端点
console-setup-logout = 结束会话端点
console-setup-jwks = 签名密钥 (JWKS)
console-setup-introspection = 内省端点
console-setup-revoke = 吊销端点
console-application-alone = 不带提供程序创建
