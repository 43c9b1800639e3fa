# 제품과 함께 오는 블루프린트에서 사용자에게 보이는 말. 블루프린트에는 영어 원문이 그대로 들어 있고,
# 원문과 똑같은 글만 번역해서 보여 줍니다. %(…)s 자리는 나중에 채워집니다.

## 흐름의 제목.
defaults-title-welcome = Countersign에 오신 것을 환영해요
defaults-title-enrollment = 계정 만들기
defaults-title-unenrollment = 계정 삭제
defaults-title-magic-link = 로그인
defaults-title-continue = %(app)s 이용 계속하기
defaults-title-sign-out = 로그아웃
defaults-title-signed-out = %(app)s에서 로그아웃했어요
defaults-title-profile = 프로필 수정
defaults-title-password = 비밀번호 변경
defaults-title-email-change = 이메일 주소 변경

## 질문의 이름표와 도움말.
defaults-label-username = 사용자 이름
defaults-label-name = 이름
defaults-label-email = 이메일 주소
defaults-label-email-new = 새 이메일 주소
defaults-label-password = 비밀번호
defaults-label-password-new = 새 비밀번호
defaults-label-password-repeat = 비밀번호 확인
defaults-label-language = 언어
defaults-help-password = 8자 이상이에요. 여러 단어를 이어 쓰면 기억하기 쉬워요.
defaults-help-setup = 이 서버의 관리자 akadmin이 쓸 이메일 주소와 비밀번호를 정해 주세요.
defaults-help-setup-email = 이 서버에 관한 메시지를 받을 주소예요.

## 정책이 하는 말.
defaults-refused-password = 8자 이상의 비밀번호를 정해 주세요.
defaults-refused-email = 여기서는 이메일 주소를 바꿀 수 없어요. 관리자에게 문의해 주세요.
defaults-refused-name = 여기서는 이름을 바꿀 수 없어요. 관리자에게 문의해 주세요.
defaults-refused-username = 여기서는 사용자 이름을 바꿀 수 없어요. 관리자에게 문의해 주세요.

## 애플리케이션이 요청하는 것: 스코프.
defaults-scope-email = 이메일 주소
defaults-scope-profile = 이름, 사용자 이름, 소속 그룹
defaults-scope-entitlements = 이 애플리케이션에서의 역할
defaults-scope-offline = 자리를 비운 동안에도 접근
defaults-scope-api = 이 서버에서 나를 대신해 작업

## 애플리케이션 소개.
defaults-application-example = 이름을 부르며 인사해요

## authentik용으로 쓴 블루프린트에 흔한 말.
defaults-theirs-title-continue = %(app)s 이용 계속하기
defaults-theirs-title-sign-out = 로그아웃
defaults-theirs-title-signed-out = %(app)s에서 로그아웃했어요.
defaults-theirs-title-profile = 내 정보 수정
defaults-theirs-title-settings = 사용자 설정
defaults-theirs-title-password = 비밀번호 변경
defaults-theirs-title-password-lower = 비밀번호 변경
defaults-theirs-title-recovery = 비밀번호 재설정
defaults-theirs-label-email = 이메일
defaults-theirs-label-email-address = 이메일 주소
defaults-theirs-label-full-name = 이름
defaults-theirs-label-full-name-upper = 이름
defaults-theirs-label-first-name = 이름
defaults-theirs-label-last-name = 성
defaults-theirs-label-password-new = 새 비밀번호
defaults-theirs-label-password-repeat = 비밀번호 확인
defaults-theirs-label-locale = 언어
defaults-theirs-scope-profile = 기본 프로필 정보

## 정책이 사람에게 하는 말.
defaults-policy-expired = 비밀번호가 만료되었어요. 새 비밀번호를 설정해 주세요.
defaults-policy-used-before = 전에 쓴 적이 있는 비밀번호예요. 다른 비밀번호를 골라 주세요.
defaults-policy-breached = 유출된 적이 있는 비밀번호예요. 다른 비밀번호를 골라 주세요.
defaults-policy-not-checked = 지금은 비밀번호를 확인할 수 없어요. 잠시 뒤에 다시 시도해 주세요.
defaults-policy-from-here = 지금 계신 네트워크나 국가에서는 로그인할 수 없어요.
defaults-policy-too-far = 지난번에 로그인한 곳과 너무 멀어요.
defaults-policy-impossible = 지난번에 로그인한 곳에서 여기까지 올 수 있는 시간이 아니에요.
defaults-policy-easy = 추측하기 너무 쉬운 비밀번호예요.
defaults-policy-rows = 키보드의 한 줄은 추측하기 쉬워요.
defaults-policy-patterns = 키보드의 짧은 모양은 추측하기 쉬워요.
defaults-policy-repeats = 반복되는 글자는 추측하기 쉬워요.
defaults-policy-common = 많은 사람이 비슷한 비밀번호를 써요.
defaults-policy-sequences = abc나 6543처럼 이어지는 글자는 추측하기 쉬워요.
defaults-policy-years = 연도와 날짜는 추측하기 쉬워요.
defaults-policy-word = 단어 하나는 추측하기 쉬워요.
defaults-policy-names = 이름은 추측하기 쉬워요.
defaults-policy-use-words = 평소 함께 쓰지 않는 단어를 여러 개 써 보세요.
defaults-policy-capitals = 대문자는 크게 도움이 되지 않아요.
defaults-policy-backwards = 거꾸로 쓴 단어는 크게 도움이 되지 않아요.
defaults-policy-signs = a를 @로 바꾸는 것처럼 비슷한 기호를 쓰는 것은 크게 도움이 되지 않아요.
defaults-policy-avoid-patterns = 키보드의 모양은 피해 주세요.
defaults-policy-avoid-repeats = 반복은 피해 주세요.
defaults-policy-avoid-sequences = 이어지는 글자는 피해 주세요.
defaults-policy-avoid-years = 연도와 날짜는 피해 주세요.
