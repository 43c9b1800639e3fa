# Applications and providers in the console.

## The wizard.
console-wizard-title = 새 애플리케이션
console-wizard-kind-text = 애플리케이션은 어떤 방식으로 로그인합니까?
console-wizard-link = 링크만
console-wizard-link-text = 라이브러리에 주소로 연결되는 타일만 만듭니다. 로그인은 하지 않습니다.
console-wizard-application = 애플리케이션
console-wizard-provider = 로그인
console-wizard-who = 사용할 수 있는 사람
console-wizard-who-text = 둘 다 비워 두면 로그인할 수 있는 모든 사용자에게 허용됩니다.
console-wizard-groups = 그룹
console-wizard-users = 사용자
console-wizard-make = 애플리케이션 만들기
# $name is the application.
console-wizard-made = { $name } 준비 완료
console-wizard-made-text = 애플리케이션, 공급자, 바인딩을 만들었습니다. 아래 설정을 애플리케이션 쪽에 복사하십시오.
console-wizard-secrets = 자격 증명
console-wizard-secrets-text = 지금 복사하십시오. 다시 표시되지 않습니다.
console-wizard-next-title = 다음 단계
console-wizard-next = 애플리케이션에 설정을 입력한 뒤 실행하여 로그인되는지 확인하십시오.
console-wizard-open = 애플리케이션 페이지 열기

## An application.
console-application-title = 애플리케이션
console-application-looks = 라이브러리 표시
console-application-slug = 슬러그
console-application-group = 분류
console-application-provider = 공급자
console-application-who = 사용할 수 있는 사람
console-application-for-everybody = 로그인할 수 있는 모든 사용자
console-application-launch = 실행
console-application-launch-url = 실행 주소
console-application-description = 설명
console-application-publisher = 게시자
console-application-hidden = 숨김
console-application-new-tab = 새 탭에서 열기
console-application-bindings = 사용 권한
console-bindings-any = 하나만 통과하면 됩니다.
console-bindings-all = 모두 통과해야 합니다.
console-bindings-none = 누구나 사용할 수 있습니다
console-bindings-none-text = 바인딩이 없으면 로그인할 수 있는 모든 사용자가 이 애플리케이션을 쓸 수 있습니다.
console-binding-what = 대상 종류
console-binding-who = 이름
console-binding-order = 순서
console-binding-group = 그룹
console-binding-user = 사용자
console-binding-policy = 정책
console-binding-on = 적용됨
console-binding-off = 꺼짐
console-binding-negated = 반대로 적용
console-binding-add = 바인딩 추가

## A provider.
console-provider-application = 애플리케이션
console-provider-unused = 연결된 애플리케이션 없음
console-provider-preview = 미리 보기
console-preview-text = 현재 설정에서 애플리케이션이 사용자에 대해 알게 되는 내용입니다.
console-preview-do = 미리 보기
console-preview-nobody = 그런 사용자가 없습니다.
console-preview-none = 이 종류의 공급자에는 미리 볼 내용이 없습니다.
console-preview-claims = 클레임
console-preview-failures = 실패한 매핑
console-setup-title = 애플리케이션 쪽 설정
console-setup-text = 애플리케이션이 요구하는 곳에 복사하십시오. 비밀 값은 만들 때만 표시됩니다.
console-setup-client-id = 클라이언트 ID
console-setup-issuer = 발급자
console-setup-provider-info = OpenID 구성 (검색)
console-setup-authorize = 인가 엔드포인트
console-setup-token = 토큰 엔드포인트
console-setup-user-info = 사용자 정보 엔드포인트
console-setup-logout = 세션 종료 엔드포인트
console-setup-jwks = 서명 키 (JWKS)
console-setup-introspection = 토큰 검사 엔드포인트
console-setup-revoke = 토큰 폐기 엔드포인트
console-application-alone = 공급자 없이 만들기
