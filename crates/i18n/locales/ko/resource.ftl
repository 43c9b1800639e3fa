# 구성 문서의 문제: 콘솔과 `countersign blueprint`에서 보여 줍니다.
resource-error-required = 꼭 필요해요.
resource-error-name = 줄 바꿈 없이 1~255자로 적어 주세요.
resource-error-unique = 이미 쓰이고 있어요.
resource-error-dangling = 식별자가 { $id }인 { $model } 항목이 없어요.
resource-error-reference = 가리키는 항목이 없어요.
resource-error-cycle = 그룹은 직접이든 다른 그룹을 거쳐서든 자기 자신에 속할 수 없어요.
resource-error-not-an-object = 속성의 맵이 필요해요.
resource-error-identifier = 쓸 수 있는 식별자가 아니에요.
resource-error-one-of-policy-group-user = 정책, 그룹, 사용자 중 정확히 하나를 골라 주세요.
resource-error-timeout = 1~600초 사이에서 골라 주세요.
resource-error-reserved-slug = 예약된 이름이에요. 다른 이름을 골라 주세요.
resource-error-web-address = https://, http:// 또는 /로 시작하는 주소를 적어 주세요.
resource-error-default-brand = 다른 브랜드가 이미 기본값이에요.
resource-error-unknown-hash = 알려진 종류의 비밀번호 해시가 아니에요.
resource-error-user-path = 경로의 처음과 끝에는 빗금을 쓰지 마세요.
resource-error-token-too-short = 20자 이상으로 적어 주세요.
resource-error-immutable = 한번 정하면 바꿀 수 없어요.
