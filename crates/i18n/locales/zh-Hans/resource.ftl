# 配置文档中的问题：显示在控制台和 `countersign blueprint` 中。
resource-error-required = 此项必填。
resource-error-name = 请使用 1 到 255 个字符，不含换行。
resource-error-unique = 已被占用。
resource-error-dangling = 没有标识符为 { $id } 的 { $model }。
resource-error-reference = 所引用的对象不存在。
resource-error-cycle = 组不能直接或通过其他组属于自身。
resource-error-not-an-object = 需要一个属性映射。
resource-error-identifier = 这不是可用的标识符。
resource-error-one-of-policy-group-user = 请在策略、组和用户中恰好选择一个。
resource-error-timeout = 请选择 1 到 600 秒之间的值。
resource-error-reserved-slug = 此名称已保留，请另选一个。
resource-error-web-address = 请使用以 https://、http:// 或 / 开头的地址。
resource-error-default-brand = 已有其他品牌被设为默认。
resource-error-unknown-hash = 这不是已知类型的密码哈希。
resource-error-user-path = 路径开头和结尾不要使用斜杠。
resource-error-token-too-short = 请至少使用 20 个字符。
resource-error-immutable = 选定后不能更改。
