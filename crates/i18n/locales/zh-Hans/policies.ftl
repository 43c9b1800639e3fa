# Complaints about the configuration of policies.

policies-dummy-wait-too-long = 等待时间不能超过 120 秒。
policies-dummy-wait-order = 最短等待时间不能大于最长等待时间。
policies-password-breach-list-missing = 尚未提供与泄露密码列表比对的功能，请保持关闭。
policies-password-guessing-missing = 尚未提供判断密码是否容易猜中的功能，请保持关闭。
policies-password-amount-too-large = 密码不可能有这么多字符，请设为 512 以内。
policies-expression-invalid = 无法读取表达式：{ $problem }
