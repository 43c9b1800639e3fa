# 关于属性映射的提示。

mappings-saml-name-invalid = 请填写不超过 1024 个字符且不含控制字符的名称。
mappings-rac-settings-invalid = 设置最多 200 项，值须为文本、数字或真假。
