# REST API의 개별 엔드포인트가 하는 말.
api-error-impersonation-browser = 가장은 토큰이 아니라 브라우저 세션에서 시작해야 해요.
api-error-moment = 날짜와 시간을 써 주세요. 예: 2030-01-31T12:00:00Z
api-error-integer = 정수를 써 주세요.
api-error-token-shown-once = 토큰 값은 만들거나 설정할 때 한 번만 표시돼요. 다이제스트만 보관하므로 set_key로 새 값을 설정해 주세요.
api-error-key-algorithm = rsa 또는 ecdsa를 골라 주세요. 다른 키는 아직 지원하지 않아요.
api-error-common-name = 1~64자로 써 주세요.
api-error-validity = 1일에서 36500일 사이로 골라 주세요.
api-error-alternative-names = 호스트 이름과 주소를 쉼표로 구분해 써 주세요.
api-error-too-many = 한 번에 보내기에는 너무 많아요.
api-error-provider-model = 여기서 알지 못하는 공급자 종류예요.
api-error-task-not-given-up = 포기한 작업만 다시 대기열에 넣을 수 있어요.
api-error-model = 여기서 알지 못하는 객체 종류예요.
api-error-object = 그런 객체가 없어요.
resource-error-span-positive = 0보다 긴 기간을 선택하십시오.
resource-error-page-size = 1에서 1000 사이로 선택하십시오.
resource-error-reputation-limit = 하한은 -1000에서 0, 상한은 0에서 1000 사이로 정하십시오.
resource-error-token-too-long = 1024자 이하로 입력하십시오.
api-error-action = 이벤트 동작이 아니에요.
api-error-span = 기간을 써 주세요. 예: hours=1
resource-error-certificate = PEM 형식의 인증서가 아니거나 개인 키와 맞지 않습니다.
resource-error-revocation-list = 인증서 뒤의 폐기 목록을 읽을 수 없습니다. 각각 PEM 형식(“X509 CRL”)이어야 하고, 최대 16개, 모두 합쳐 1MiB까지입니다.
resource-error-private-key = 2048비트 이상의 RSA 키 또는 P-256 EC 키를 암호 없는 PEM으로 입력하십시오.
api-error-mail-not-configured = 메일 서버가 설정되지 않았습니다(email.host).
api-error-mail-no-address = web.base_url을 설정하거나 이 호스트의 브랜드를 만드십시오. 브라우저만 아는 주소는 메일 링크에 쓰지 않습니다.
