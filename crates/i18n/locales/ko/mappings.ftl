# 속성 매핑에 관한 안내.

mappings-saml-name-invalid = 제어 문자 없이 1024자 이하로 적어 주세요.
mappings-rac-settings-invalid = 설정은 200개까지이며, 값은 텍스트, 숫자, 참·거짓이어야 해요.
