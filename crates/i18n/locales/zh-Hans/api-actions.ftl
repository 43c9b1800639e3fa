# REST API 手写端点的说明。
api-error-impersonation-browser = 模拟用户须在浏览器会话中开始，不能使用令牌。
api-error-moment = 请填写日期和时间，例如 2030-01-31T12:00:00Z。
api-error-integer = 请填写整数。
api-error-token-shown-once = 令牌的值只在创建或设置时显示一次：系统只保存其摘要。请用 set_key 设置新值。
api-error-key-algorithm = 请选择 rsa 或 ecdsa。尚不支持其他密钥。
api-error-common-name = 请使用 1 至 64 个字符。
api-error-validity = 请选择 1 至 36500 天。
api-error-alternative-names = 请填写主机名和地址，并用逗号分隔。
api-error-too-many = 一次提交的数量太多。
api-error-provider-model = 这不是已知的提供程序类型。
api-error-task-not-given-up = 只有已放弃的任务才能重新排队。
api-error-model = 这不是已知的对象类型。
api-error-object = 没有这样的对象。
resource-error-span-positive = 请选择大于零的时间长度。
resource-error-page-size = 请选择 1 至 1000。
resource-error-reputation-limit = 下限须在 -1000 到 0 之间，上限须在 0 到 1000 之间。
resource-error-token-too-long = 请最多使用 1024 个字符。
api-error-action = 这不是事件操作。
api-error-span = 请填写时间长度，例如 hours=1。
resource-error-certificate = 这不是 PEM 证书，或与私钥不匹配。
resource-error-revocation-list = 无法读取证书之后的吊销列表。每个都须为 PEM（“X509 CRL”），最多 16 个，总共不超过 1 MiB。
resource-error-private-key = 请使用至少 2048 位的 RSA 密钥或 P-256 的 EC 密钥（PEM，无口令）。
api-error-mail-not-configured = 尚未配置邮件服务器（email.host）。
api-error-mail-no-address = 请设置 web.base_url，或为此主机创建品牌：邮件中的链接不会使用仅由浏览器提供的地址。
