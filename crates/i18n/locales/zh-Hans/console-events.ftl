# Events and charts in the console.

## Charts.
console-chart-table = 查看数字
console-chart-when = 时间
# $name is what was counted, $total how much of it, such as "1,234".
console-chart-total = { $name }：{ $total }
# Under the axis, as short as can be.
console-chart-day = { $month }/{ $day }

## What kinds of events there are.
event-action-login = 登录
event-action-login-failed = 登录失败
event-action-logout = 退出登录
event-action-user-write = 流程写入的账号
event-action-suspicious-request = 可疑请求
event-action-password-set = 设置密码
event-action-secret-view = 查看密钥
event-action-secret-rotate = 更换密钥
event-action-authorize-application = 授权应用
event-action-flow-execution = 执行流程
event-action-policy-execution = 评估策略
event-action-policy-exception = 策略出错
event-action-property-mapping-exception = 属性映射出错
event-action-system-task-execution = 任务完成
event-action-system-task-exception = 任务失败
event-action-invitation-used = 使用邀请
event-action-email-sent = 发送邮件
event-action-source-linked = 关联账户
event-action-update-available = 有可用更新
event-action-custom = 表达式的记录
event-action-system-exception = 系统故障
event-action-configuration-error = 配置错误
event-action-configuration-warning = 配置警告
event-action-model-created = 创建对象
event-action-model-updated = 修改对象
event-action-model-deleted = 删除对象
event-action-impersonation-started = 开始模拟用户
event-action-impersonation-ended = 结束模拟用户

## Each kind of event as a sentence.
# $user is who did it; when nobody is known:
event-nobody = 未知用户
# When Countersign did it itself:
event-ourselves = Countersign
# What has no name, or no longer has one:
event-unnamed = （未命名）
# $method is how the person proved who they are.
event-login = { $user } { $method ->
    [password] 使用密码登录
    [recovery] 使用恢复链接登录
    [auth_webauthn_pwl] 使用通行密钥登录
    [token] 使用令牌登录
   *[other] 登录了
}
# $name is what was typed.
event-login-failed = 以“{ $name }”登录失败
event-logout = { $user } 退出了登录
event-user-write = { $created ->
    [yes] 流程创建了账号 { $user }
   *[no] 流程修改了账号 { $user }
}
event-suspicious-request = 对 { $object } 的请求有异常：{ $message }
event-password-set = { $user } 设置了新密码
event-secret-view = { $user } 查看了{ $kind }“{ $object }”的密钥
event-secret-rotate = { $user } 更换了{ $kind }“{ $object }”的密钥
event-authorize-application = { $user } 获准进入 { $app }
event-flow-execution = { $user } 执行了流程 { $flow }
event-policy-execution = { $passing ->
    [yes] 策略“{ $object }”允许 { $user } 通过
   *[no] 策略“{ $object }”没有允许 { $user } 通过
}
event-policy-exception = 无法评估策略“{ $object }”：{ $message }
event-property-mapping-exception = { $object } 的作用域 { $scope } 的属性映射失败：{ $message }
event-system-task-execution = 任务 { $name } 已完成
event-system-task-exception = 任务 { $name } 失败：{ $message }
event-invitation-used = { $user } 使用了邀请“{ $object }”
event-email-sent = 已向 { $name } 发送邮件
event-source-linked = { $user } 关联了“{ $object }”的账户
event-update-available = 有新版本可用：{ $message }
event-custom = 表达式记录了：{ $name }
event-system-exception = Countersign 内部故障：{ $message }
event-configuration-error = { $object } 按当前配置无法工作：{ $message }
event-configuration-warning = { $object } 按当前配置工作不正常：{ $message }
event-model-created = { $user } 创建了{ $kind }“{ $object }”
# $fields are the names of what changed; they may be missing.
event-model-updated = { $user } 修改了{ $kind }“{ $object }”
event-model-updated-fields = { $user } 修改了{ $kind }“{ $object }”的 { $fields }
event-model-deleted = { $user } 删除了{ $kind }“{ $object }”
event-impersonation-started = { $user } 开始以 { $object } 的身份操作
event-impersonation-ended = { $user } 结束了以 { $object } 的身份操作
# $by acted in the place of $name.
event-in-place-of = { $by }（以 { $name } 的身份）

## The log.
console-events-title = 事件日志
console-events-text = 这里记录了谁、对什么、从哪里、做了什么。
console-events-search-action = 事件
console-events-all-actions = 全部
console-events-user = 用户
console-events-user-help = 用户名
console-events-address = 地址
console-events-object = 对象
console-events-object-help = 对象的名称或标识符
console-events-since = 开始
console-events-until = 结束
console-events-apply = 筛选
console-events-clear = 清除筛选
console-events-when = 时间
console-events-what = 内容
console-events-who = 用户
console-events-from = 来源
console-events-empty-title = 没有事件
console-events-empty-text = 没有符合条件的记录。请放宽时间范围或清除筛选。
console-events-more = 更早的事件
console-events-first = 最新的事件
console-events-chart-day = 最近 24 小时
console-events-chart-month = 最近 30 天
console-events-chart-sign-ins = 登录
console-events-chart-failures = 失败的登录
console-events-chart-applications = 使用的应用
console-events-chart-actions = 事件种类
console-events-chart-nothing = 这段时间内没有。
console-events-range = 显示时间

## One event.
console-event-title = 事件
console-event-details = 详情
console-event-changes = 变更内容
console-event-field = 字段
console-event-before = 之前
console-event-after = 之后
console-event-context = 记录的详情
console-event-app = 记录者
console-event-expires = 保留至
console-event-object-link = 打开 { $object }
console-event-nothing = 无
console-chart-days = 日期以 UTC 为准。
