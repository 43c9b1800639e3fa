# 管理控制台。

## 框架。
console-menu = 菜单
console-nav-label = 控制台
console-crumbs = 当前位置
console-rail-fold = 收起
console-rail-unfold = 展开
console-section-dashboards = 仪表盘
console-section-applications = 应用程序
console-section-events = 事件
console-section-customization = 自定义
console-section-flows = 流程与阶段
console-section-directory = 目录
console-section-system = 系统

## 表格与部件。
console-select = 选择
console-select-all = 全选
console-actions = 操作
console-bulk = 已选项目：
console-paging = 分页
console-paging-first = 第一页
console-paging-next = 下一页
console-copied = 已复制
console-columns = 列
console-kind = 类型
console-count = 共 { $count } 项
console-count-at-least = 至少 { $count } 项
console-nothing-title = 没有找到结果
console-nothing-text = 没有符合搜索和筛选条件的内容。
console-nothing-all = 显示全部
console-part-nothing = 这一部分没有结果
console-part-text = 只搜索了列表的一部分。
console-part-on = 继续搜索
console-empty-title = 这里还没有内容
# $kinds 例如“阶段”。
console-empty-text = 创建后的{ $kinds }会显示在这里。
console-unknown = 未知对象
console-system = Countersign
# $who 代替 $whom 操作。
console-on-behalf = { $who }（代替 { $whom }）

## 侧栏。
console-nav-applications = 应用程序
console-nav-providers = 提供程序
console-nav-sources = 联合与社交登录
console-nav-policies = 策略
console-nav-reputations = 信誉分数
console-nav-property-mappings = 属性映射
console-nav-blueprints = 蓝图
console-nav-flows = 流程
console-nav-stages = 阶段
console-nav-prompts = 输入项
console-nav-invitations = 邀请
console-nav-users = 用户
console-nav-groups = 组
console-nav-roles = 角色
console-nav-initial-permissions = 初始权限
console-nav-tokens = 令牌与应用密码
console-nav-brands = 品牌
console-nav-certificates = 证书
console-nav-flow-bindings = 阶段绑定
console-nav-policy-bindings = 策略绑定

## 搜索。
console-search-placeholder = 搜索页面和对象
console-search-nothing = 没有找到结果。

## 表单。
console-new = 新建
console-new-title = 新建{ $kind }
console-new-choose = 选择类型
console-create = 创建
console-edit-title = 编辑 { $name }
console-advanced = 高级设置
console-choose = 请选择
console-secret-keep = 留空则保留当前值
console-entries-help = 空行会被忽略。清空一行即可将其移除。
console-names-help = 每行一个名称。
console-picks-none = 没有可选择的内容。
console-secrets-title = 请立即复制
console-secrets-text = 这些值只显示一次。
console-error-number = 请输入数字。
console-error-json = 这不是有效的 JSON：请检查第 { $line } 行第 { $column } 个字符。
console-error-duration = 请填写时长，例如 hours=1;minutes=30。
console-error-slug = 只能使用字母、数字、连字符和下划线。
console-error-summary = 有 { $count } 个字段需要检查
console-error-nobody = 没有名为“{ $name }”的对象。请检查名称。
console-stale-text = 您编辑期间有人更改了此对象。您填写的内容在下方，再次保存会替换当前值。
console-stale-caption = 您填写的内容与当前值的差异
console-stale-field = 字段
console-stale-kept = 当前值
console-stale-yours = 您填写的值

## 对象。
console-tab-overview = 概览
console-tab-usage = 使用情况
console-tab-revisions = 修订记录
console-usage-name = 名称
console-usage-field = 用作
console-usage-effect = 删除后
console-usage-none-title = 没有被使用
console-usage-none-text = 没有其他对象引用它。
console-effect-cascade = 一并删除
console-effect-cascade-many = 从列表中移除一项
console-effect-set-null = 引用被清空
console-effect-left-dangling = 引用失效
console-effect-blocks = 阻止删除
console-effect-opens = 变为对所有人开放
console-delete-title = 删除 { $name }
console-delete-several = 删除 { $count } 个对象
console-delete-unused = 此操作无法撤销。
console-delete-used = 此操作无法撤销，以下对象会受到影响。
console-delete-needed = 其他对象需要它。请先更改或删除那些对象。
console-delete-opens = 它所保护的内容此后将对所有人开放。
console-delete-conflict-title = 仍在使用中
console-delete-conflict-text = 在此期间有对象开始使用它。请查看使用情况后重试。

## 修订记录。
console-revision-when = 时间
console-revision-who = 操作者
console-revision-action = 操作
console-revision-fields = 字段
console-revision-none-title = 还没有修订记录
console-revision-none-text = 今后的更改会列在这里。
console-revision-changes = 更改内容
console-revision-nothing = 没有可在此显示的更改。
console-revision-since = 恢复后会更改的内容
console-revert = 恢复此版本
console-revert-text = 对象会恢复为此次更改之后的状态。机密值保持当前值。
console-revert-refused-title = 无法再恢复此版本
console-revert-refused-text = 它引用了已不存在的对象，或不符合新的规则。请直接编辑对象。
console-action-created = 创建
console-action-updated = 更改
console-action-reverted = 恢复
console-action-deleted = 删除

## 刚刚完成的操作。
console-done-created = 已创建。
console-done-saved = 已保存。
console-done-deleted = 已删除。
console-done-reverted = 已恢复。
