# Complaints about the configuration of policies.

policies-dummy-wait-too-long = 等待时间不能超过 120 秒。
policies-dummy-wait-order = 最短等待时间不能大于最长等待时间。
policies-password-amount-too-large = 密码不可能有这么多字符，请设为 512 以内。
policies-expression-invalid = 无法读取表达式：{ $problem }
policies-password-score = 分数是 0 到 4 之间的数字。
policies-expiry-days = 请选择 1 到 36500 天。
policies-unique-too-many = 最多与 24 个密码比较：每次比较的开销与一次登录相当。
policies-reputation-of-nothing = 请至少统计地址或账户中的一项分数。
policies-event-matcher-of-nothing = 请至少填写一项事件必须满足的条件。
policies-event-matcher-address = 请填写一个地址，例如 10.1.2.3。
policies-event-matcher-name = 请填写类似 authentik.core 或 authentik_core.user 的名称。
policies-event-matcher-query = 无法读取查询：{ $problem }
policies-geoip-country = 国家请使用 ISO 3166-1 的两个大写字母，例如 DE 或 KR。
policies-geoip-too-many = 最多列出 500 项。
policies-geoip-too-many-logins = 最多回看 50 次登录。
