# What applying a blueprint would make different now, and putting objects back to it.

console-drift-title = 应用后会更改的内容
console-drift-outcome = 结果
console-drift-changes = 更改
console-drift-created = 创建
console-drift-updated = 更改
console-drift-deleted = 删除
console-drift-unchanged = 保持不变
console-drift-secret = 密钥
console-drift-none = 没有可比较的对象
console-drift-none-text = 该蓝图未指向任何现有对象。
console-drift-reset = 恢复为蓝图内容
console-drift-reset-done = 所选对象已恢复为蓝图内容。

## An object back to its blueprint, on its own page.
console-reset = 恢复为蓝图的内容
console-reset-same = 与蓝图一致，不会有任何更改。
console-reset-text = 其他属性和对象保持不变。此更改会记录在修订中。
console-reset-blueprint = 蓝图
console-reset-attribute = 属性
console-reset-now = 现在
console-reset-then = 恢复后
console-reset-changes = 将会更改的内容
console-done-reset = 已恢复为蓝图的内容。
