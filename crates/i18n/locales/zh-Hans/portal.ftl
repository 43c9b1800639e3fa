# 流程页面、应用列表与个人设置。

## 每个流程页面的周边。
portal-not-you = 不是您？
portal-title-error = 错误：{ $title }
portal-continue-here = 从当前步骤继续
portal-captcha-script = 此步骤需要 JavaScript。请为此页面启用后重新加载。
portal-captcha-unreachable = 无法加载真人验证。请允许此页面加载它，或检查网络连接，然后重新加载页面。
portal-password-show = 显示密码
portal-password-hide = 隐藏密码
portal-remember-name = 在此设备上记住我的名称
portal-choose = 请选择
# 此人无法运行的流程。
flow-not-applicable = 您目前无法使用此页面。
flow-link-used = 此链接已被使用或已过期。请重新申请。

## 公共部分。
portal-nav-label = 主菜单
portal-nav-applications = 应用
portal-nav-settings = 设置
portal-nav-administration = 管理
portal-new-tab = 在新标签页中打开

## 应用列表。
portal-library-title = 您的应用
portal-library-search = 搜索应用
portal-library-all = 显示全部应用
portal-library-empty-title = 还没有应用
portal-library-empty-text = 有应用向您开放后，会显示在这里。如果缺少某个应用，请联系管理员。
portal-library-nothing-title = 未找到结果
portal-library-nothing-text = 没有与“{ $search }”匹配的应用。请换个词试试。
portal-library-not-for-machines = 此账号供程序使用。请使用您自己的账号登录以查看应用。
portal-launch-denied = 您的账号无权访问 { $app }。如有需要，请联系管理员。
portal-pages = 分页
portal-page-of = 第 { $page } 页，共 { $last } 页
portal-page-previous = 上一页
portal-page-next = 下一页

## 设置。
portal-profile-title = 个人资料
portal-profile-text = 应用可以显示的您的信息。
portal-profile-name = 姓名
portal-profile-username = 用户名
portal-profile-email = 电子邮箱
portal-profile-edit = 编辑资料
portal-security-title = 登录方式
portal-security-text = 您用来证明身份的方式。
portal-preferences-title = 偏好设置
portal-preferences-text = 在您的所有设备上生效。
portal-preferences-browser = 与浏览器相同
portal-preferences-theme = 外观
portal-theme-automatic = 与设备相同
portal-theme-light = 浅色
portal-theme-dark = 深色
portal-sessions-title = 已登录的设备
portal-sessions-text = 请在不再使用或不认识的设备上退出登录。
portal-sessions-end-others = 退出所有其他设备
portal-session-this = 当前设备
portal-session-line = { $address } · 上次使用：{ $when }
portal-device = { $system } 上的 { $browser }
portal-device-unknown = 未知设备
portal-consents-title = 您授权的应用
portal-consents-text = 您允许这些应用查看您的信息。撤回后，应用下次会再次询问。
portal-consents-none = 您还没有允许任何应用查看您的信息。
portal-consent-until = 到期时间：{ $when }
portal-consent-always = 长期有效
portal-consent-revoke = 撤回授权
portal-done-saved = 您的偏好设置已保存。
portal-done-ended = 已退出登录。
portal-done-revoked = 您的授权已撤回。

## 退出登录之后。
portal-farewell-title = 您已退出登录
portal-farewell-text = 现在可以关闭此窗口。
portal-farewell-app-title = 您已退出 { $app }
portal-farewell-app-text = 您仍处于 { $brand } 的登录状态。
portal-farewell-still-title = 您仍处于登录状态
portal-farewell-library = 前往您的应用
portal-farewell-again = 重新登录 { $app }
portal-farewell-everywhere = 同时退出 { $brand }

## 一次性登录链接。
portal-recovery-title = 使用此链接登录
portal-recovery-text = 此链接只能使用一次。登录后，您可以在设置中更改密码。
portal-recovery-used-title = 此链接已失效
portal-recovery-used-text = 链接已被使用或已过期。请向管理员索取新的链接。
