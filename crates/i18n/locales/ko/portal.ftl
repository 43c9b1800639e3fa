# 흐름 화면, 애플리케이션 목록, 내 설정. 관리 화면은 합니다체로 씁니다.

## 모든 흐름 화면의 둘레.
portal-not-you = 본인이 아닌가요?
portal-title-error = 오류: { $title }
portal-continue-here = 하던 곳에서 계속
portal-captcha-script = 이 단계에는 JavaScript가 필요해요. 이 페이지에서 허용하고 다시 불러와 주세요.
portal-captcha-unreachable = 사람인지 확인하는 화면을 불러오지 못했어요. 이 페이지에서 차단되어 있지 않은지, 인터넷 연결이 되어 있는지 확인한 뒤 다시 불러와 주세요.
portal-password-show = 비밀번호 보기
portal-password-hide = 비밀번호 숨기기
portal-remember-name = 이 기기에서 이름 기억하기
portal-choose = 선택해 주세요
# 이 사람이 실행할 수 없는 흐름.
flow-not-applicable = 이 페이지는 지금 이용하실 수 없어요.
flow-link-used = 이미 사용했거나 기한이 지난 링크예요. 새 링크를 요청해 주세요.

## 공통.
portal-nav-label = 주 메뉴
portal-nav-applications = 애플리케이션
portal-nav-settings = 설정
portal-nav-administration = 관리
portal-new-tab = 새 탭에서 열림

## 애플리케이션 목록.
portal-library-title = 내 애플리케이션
portal-library-search = 애플리케이션 검색
portal-library-all = 모든 애플리케이션 보기
portal-library-empty-title = 아직 애플리케이션이 없어요
portal-library-empty-text = 이용할 수 있는 애플리케이션이 생기면 여기에 보여요. 찾는 애플리케이션이 없다면 관리자에게 문의해 주세요.
portal-library-nothing-title = 검색 결과가 없어요
portal-library-nothing-text = “{ $search }”에 맞는 애플리케이션이 없어요. 다른 말로 찾아보세요.
portal-library-not-for-machines = 프로그램이 쓰는 계정이에요. 애플리케이션을 보려면 본인 계정으로 로그인해 주세요.
portal-launch-denied = 지금 계정으로는 { $app }에 들어갈 수 없어요. 필요하다면 관리자에게 요청해 주세요.
portal-pages = 페이지
portal-page-of = { $last }페이지 중 { $page }페이지
portal-page-previous = 이전
portal-page-next = 다음

## 설정.
portal-profile-title = 프로필
portal-profile-text = 애플리케이션에 보일 수 있는 내 정보예요.
portal-profile-name = 이름
portal-profile-username = 사용자 이름
portal-profile-email = 이메일 주소
portal-profile-edit = 프로필 수정
portal-security-title = 로그인 방법
portal-security-text = 본인임을 확인하는 방법이에요.
portal-preferences-title = 환경 설정
portal-preferences-text = 어느 기기에서든 이 계정에 적용돼요.
portal-preferences-browser = 브라우저 설정 따르기
portal-preferences-theme = 화면 테마
portal-theme-automatic = 기기 설정 따르기
portal-theme-light = 밝게
portal-theme-dark = 어둡게
portal-sessions-title = 로그인한 기기
portal-sessions-text = 더는 쓰지 않거나 낯선 기기는 로그아웃해 주세요.
portal-sessions-end-others = 다른 기기에서 모두 로그아웃
portal-session-this = 현재 기기
portal-session-line = { $address } · 마지막 사용 { $when }
portal-device = { $system }의 { $browser }
portal-device-unknown = 알 수 없는 기기
portal-consents-title = 동의한 애플리케이션
portal-consents-text = 내 정보를 볼 수 있게 허용한 애플리케이션이에요. 철회하면 다음에 다시 물어봐요.
portal-consents-none = 내 정보를 볼 수 있게 허용한 애플리케이션이 없어요.
portal-consent-until = 만료: { $when }
portal-consent-always = 만료되지 않음
portal-consent-revoke = 동의 철회
portal-done-saved = 환경 설정을 저장했어요.
portal-done-ended = 로그아웃했어요.
portal-done-revoked = 동의를 철회했어요.

## 로그아웃한 뒤.
portal-farewell-title = 로그아웃했어요
portal-farewell-text = 이제 창을 닫아도 돼요.
portal-farewell-app-title = { $app }에서 로그아웃했어요
portal-farewell-app-text = { $brand }에는 아직 로그인되어 있어요.
portal-farewell-still-title = 아직 로그인되어 있어요
portal-farewell-library = 내 애플리케이션으로 가기
portal-farewell-again = { $app }에 다시 로그인
portal-farewell-everywhere = { $brand }에서도 로그아웃

## 한 번만 쓸 수 있는 로그인 링크.
portal-recovery-title = 링크로 로그인
portal-recovery-text = 이 링크는 한 번만 쓸 수 있어요. 로그인한 뒤 설정에서 새 비밀번호를 정할 수 있어요.
portal-recovery-used-title = 더는 쓸 수 없는 링크예요
portal-recovery-used-text = 이미 사용했거나 만료되었어요. 관리자에게 새 링크를 요청해 주세요.
