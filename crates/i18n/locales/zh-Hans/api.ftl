# REST API 拒绝调用时的说明。脚本读取代码，这些文字写给编写脚本的人。
api-error-token = 此令牌无效：可能已过期，或用于其他用途。
api-error-csrf = 使用浏览器会话进行更改时，需要 X-authentik-CSRF 请求头。
api-error-boolean = 请填写 true 或 false。
api-error-json = 请填写一个 JSON 对象。
api-error-page-far = 此列表中如此靠后的页面无法按页码查找。请用筛选条件或更长的搜索词缩小范围，或沿用上一页的 Link 标头。
api-error-search = 请最多使用 200 个字符。
api-error-too-many-values = 值太多了。
