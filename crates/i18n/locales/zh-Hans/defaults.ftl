# 随产品提供的蓝图中用户能看到的文字。蓝图保存英文原文，只有与原文完全相同的文字才会显示译文。
# %(…)s 处的内容在之后填入。

## 流程的标题。
defaults-title-welcome = 欢迎使用 Countersign
defaults-title-enrollment = 创建您的账号
defaults-title-unenrollment = 删除您的账户
defaults-title-magic-link = 登录
defaults-title-continue = 继续前往 %(app)s
defaults-title-sign-out = 退出登录
defaults-title-signed-out = 您已退出 %(app)s
defaults-title-profile = 编辑个人资料
defaults-title-password = 更改密码
defaults-title-email-change = 更改您的电子邮箱

## 提问的标签与说明。
defaults-label-username = 用户名
defaults-label-name = 姓名
defaults-label-email = 电子邮箱
defaults-label-email-new = 新的电子邮箱
defaults-label-password = 密码
defaults-label-password-new = 新密码
defaults-label-password-repeat = 再次输入密码
defaults-label-language = 语言
defaults-help-password = 至少 8 个字符。几个词连在一起更容易记住。
defaults-help-setup = 请为此服务器的管理员 akadmin 设置电子邮箱和密码。
defaults-help-setup-email = 用于接收有关此服务器的消息。

## 策略给出的提示。
defaults-refused-password = 请设置至少 8 个字符的密码。
defaults-refused-email = 您无法在此更改电子邮箱。请联系管理员。
defaults-refused-name = 您无法在此更改姓名。请联系管理员。
defaults-refused-username = 您无法在此更改用户名。请联系管理员。

## 应用请求的内容：作用域。
defaults-scope-email = 您的电子邮箱
defaults-scope-profile = 您的姓名、用户名和所属群组
defaults-scope-entitlements = 您在此应用中的角色
defaults-scope-offline = 在您离开后继续访问
defaults-scope-api = 代表您在此服务器上操作

## 应用简介。
defaults-application-example = 叫着您的名字问好

## 为 authentik 编写的蓝图中常见的文字。
defaults-theirs-title-continue = 正在前往 %(app)s
defaults-theirs-title-sign-out = 退出登录
defaults-theirs-title-signed-out = 您已退出 %(app)s。
defaults-theirs-title-profile = 更新您的信息
defaults-theirs-title-settings = 用户设置
defaults-theirs-title-password = 更改密码
defaults-theirs-title-password-lower = 更改密码
defaults-theirs-title-recovery = 重置密码
defaults-theirs-label-email = 电子邮箱
defaults-theirs-label-email-address = 电子邮箱
defaults-theirs-label-full-name = 姓名
defaults-theirs-label-full-name-upper = 姓名
defaults-theirs-label-first-name = 名
defaults-theirs-label-last-name = 姓
defaults-theirs-label-password-new = 新密码
defaults-theirs-label-password-repeat = 再次输入密码
defaults-theirs-label-locale = 语言
defaults-theirs-scope-profile = 基本个人资料

## 策略对用户说的话。
defaults-policy-expired = 您的密码已过期。请设置新密码。
defaults-policy-used-before = 您以前用过这个密码。请换一个。
defaults-policy-breached = 这个密码已在数据泄露中出现过。请换一个。
defaults-policy-not-checked = 暂时无法检查密码。请稍后再试。
defaults-policy-from-here = 不允许从您所在的网络或国家登录。
defaults-policy-too-far = 您与上次登录的地点相距太远。
defaults-policy-impossible = 您不可能从上次登录的地点来到这里。
defaults-policy-easy = 这个密码太容易被猜到。
defaults-policy-rows = 键盘上的整行按键容易被猜到。
defaults-policy-patterns = 键盘上的简短图形容易被猜到。
defaults-policy-repeats = 重复的字符容易被猜到。
defaults-policy-common = 许多人都使用类似的密码。
defaults-policy-sequences = abc 或 6543 这样的序列容易被猜到。
defaults-policy-years = 年份和日期容易被猜到。
defaults-policy-word = 单个词语容易被猜到。
defaults-policy-names = 名字容易被猜到。
defaults-policy-use-words = 请使用几个平时不会放在一起的词语。
defaults-policy-capitals = 大写字母帮助不大。
defaults-policy-backwards = 倒着拼写的词语帮助不大。
defaults-policy-signs = 用相似的符号代替字母（例如用 @ 代替 a）帮助不大。
defaults-policy-avoid-patterns = 请避免键盘图形。
defaults-policy-avoid-repeats = 请避免重复。
defaults-policy-avoid-sequences = 请避免序列。
defaults-policy-avoid-years = 请避免年份和日期。
