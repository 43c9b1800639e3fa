# 구성 문서의 문제: 콘솔과 `countersign blueprint`에서 보여 줍니다.
resource-error-required = 필수 항목입니다.
resource-error-name = 줄 바꿈 없이 1~255자로 입력하십시오.
resource-error-unique = 이미 사용 중입니다.
resource-error-dangling = 식별자가 { $id }인 { $model } 항목이 없습니다.
resource-error-reference = 가리키는 항목이 없습니다.
resource-error-cycle = 그룹은 직접이든 다른 그룹을 거쳐서든 자기 자신에 속할 수 없습니다.
resource-error-not-an-object = 속성의 맵이 필요합니다.
resource-error-identifier = 쓸 수 있는 식별자가 아닙니다.
resource-error-one-of-policy-group-user = 정책, 그룹, 사용자 중 정확히 하나를 고르십시오.
resource-error-timeout = 1~600초 사이에서 고르십시오.
resource-error-reserved-slug = 예약된 이름입니다. 다른 이름을 고르십시오.
resource-error-web-address = https://, http:// 또는 /로 시작하는 주소를 입력하십시오.
resource-error-default-brand = 다른 브랜드가 이미 기본값입니다.
resource-error-unknown-hash = 알려진 종류의 비밀번호 해시가 아닙니다.
resource-error-user-path = 경로의 처음과 끝에는 빗금을 쓰지 마십시오.
resource-error-token-too-short = 20자 이상으로 입력하십시오.
resource-error-immutable = 한번 정하면 바꿀 수 없습니다.
