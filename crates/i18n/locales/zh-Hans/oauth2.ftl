# Pages of sign-in to applications, and complaints about the configuration of providers.

oauth2-error-title = 无法处理该应用的请求
oauth2-error-client = 我们不认识将您带到这里的应用。请返回该应用；如果问题再次出现，请告知应用的维护者。（{ $detail }）
oauth2-error-redirect-uri = 该应用要求将您带往未登记的地址，因此我们在此停下。请告知应用的维护者。（{ $detail }）
oauth2-error-request = 无法读取该应用的请求。请返回应用后重试。（{ $detail }）
oauth2-error-too-long = 该应用的请求过长。请告知应用的维护者。
oauth2-error-logout = 该应用的退出请求无法处理，因此您尚未退出。（{ $detail }）

oauth2-denied-title = 无权使用此应用
oauth2-denied-text = 您的账号无权使用此应用。如有需要，请联系您的管理员。
oauth2-denied-session = 您的登录状态已结束。请返回应用重新开始。
oauth2-denied-other-user = 期间有其他用户登录。请返回应用重新开始。
oauth2-denied-changed = 期间该应用的设置已更改。请返回应用重新开始。

oauth2-form-post-title = 即将完成
oauth2-form-post-text = 请继续前往应用。

oauth2-scope-name-invalid = 作用域须为一个单词，最多 128 个可打印字符。
oauth2-scope-description-too-long = 最多可使用 1024 个字符。
oauth2-scope-expression-invalid = 无法读取表达式：{ $problem }

oauth2-provider-client-id = 最多 255 个可打印字符，不含空格和冒号。
oauth2-provider-client-secret = 最多 255 个可打印字符，不含空格。
oauth2-provider-client-secret-short = 要使用客户端密钥签名，密钥至少需要 32 个字符。
oauth2-provider-span = 请选择 { $least } 至 { $most } 之间的时长。
oauth2-provider-not-built = 此功能尚未提供，请留空。
oauth2-provider-logout-uri = 请使用以 https:// 或 http:// 开头的地址。
