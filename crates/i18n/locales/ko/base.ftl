# 모든 화면에서 쓰는 말. 다른 파일은 집의 한 부분씩 맡습니다.
# 사용자 화면은 해요체, 관리 콘솔은 합니다체로 씁니다.

## 언어 선택에 보이는 이름.
language-name = 한국어
# ltr 또는 rtl
language-direction = ltr
language-choose = 언어

## 버튼이 하는 일.
action-continue = 계속
action-back = 뒤로
action-cancel = 취소
action-close = 닫기
action-sign-in = 로그인
action-sign-out = 로그아웃
action-sign-up = 계정 만들기
action-save = 저장
action-send = 보내기
action-confirm = 확인
action-delete = 삭제
action-remove = 제거
action-edit = 수정
action-add = 추가
action-search = 검색
action-copy = 복사
action-show = 보기
action-hide = 숨기기
action-open = 열기
action-retry = 다시 시도
action-restart = 처음부터 다시
action-allow = 허용
action-deny = 거부
action-skip = 나중에 하기
action-learn-more = 자세히 알아보기
action-home = 시작 화면으로
action-skip-to-content = 본문으로 건너뛰기

## 짧은 말.
word-yes = 예
word-no = 아니요
word-or = 또는
word-optional = 선택
word-required = 필수
word-none = 없음
word-loading = 불러오는 중…

## 오류 화면: 무슨 일이 있었는지, 이제 무엇을 하면 되는지.
error-request-id = 요청 번호: { $id }
error-not-found-title = 페이지를 찾을 수 없어요
error-not-found-text = 이 주소에는 아무것도 없어요. 링크를 확인하거나 시작 화면으로 돌아가 주세요.
error-unauthenticated-title = 로그인이 필요해요
error-unauthenticated-text = 이 페이지를 보려면 로그인해 주세요.
error-denied-title = 접근 권한이 없어요
error-denied-text = 지금 계정으로는 이 페이지를 볼 수 없어요. 필요하다면 관리자에게 요청해 주세요.
error-expired-title = 페이지가 만료되었어요
error-expired-text = 페이지를 연 지 오래되었어요. 처음부터 다시 시작해 주세요. 금방 끝나요.
error-stale-title = 이미 마친 단계예요
error-stale-text = 뒤로 돌아갔거나 다른 탭에서 계속 진행했을 수 있어요. 하던 단계부터 이어서 진행해 주세요.
error-throttled-title = 시도 횟수가 너무 많아요
error-throttled-text = { $minutes }분 뒤에 다시 시도해 주세요.
error-unavailable-title = 지금은 처리할 수 없어요
error-unavailable-text = 요청이 많아 마치지 못했어요. 잠시 뒤에 다시 시도해 주세요.
error-bad-request-title = 요청을 읽을 수 없어요
error-bad-request-text = 요청의 일부가 빠졌거나 온전히 도착하지 않았어요. 뒤로 가서 다시 시도해 주세요.
error-conflict-title = 그사이 내용이 바뀌었어요
error-conflict-text = 작업하는 동안 다른 사람이 내용을 바꿨어요. 페이지를 새로 고쳐 현재 상태를 확인해 주세요.
error-too-large-title = 보낸 내용이 너무 커요
error-too-large-text = 받을 수 있는 크기를 넘었어요. 내용을 줄여 다시 시도해 주세요.
error-method-title = 이 주소는 다르게 열어야 해요
error-method-text = 이 방법으로는 페이지를 열 수 없어요. 뒤로 가서 양식이나 링크를 이용해 주세요.
error-internal-title = 문제가 생겼어요
error-internal-text = 저희 쪽 문제예요. 다시 시도해 보시고, 계속되면 관리자에게 요청 번호를 알려 주세요: { $id }
error-cookies-title = 쿠키가 필요해요
error-cookies-text = 진행 상태를 기억하는 쿠키를 브라우저가 저장하지 않았어요. 이 사이트의 쿠키를 허용하고 처음부터 다시 시작해 주세요.
error-summary = 확인이 필요한 항목이 { $count }개 있어요

## 항목의 문제는 그 자리에서.
field-required = 이 항목을 입력해 주세요.
field-invalid = 이 항목을 확인해 주세요.
field-too-long = { $max }자 이하로 입력해 주세요.
field-too-short = { $min }자 이상 입력해 주세요.
field-email = 이메일 주소를 입력해 주세요. 예: name@example.com
field-number = 정수를 입력해 주세요.
field-decimal = 숫자를 입력해 주세요.
field-minimum = { $min } 이상의 값을 입력해 주세요.
field-maximum = { $max } 이하의 값을 입력해 주세요.
field-date = 날짜를 입력해 주세요. 예: 2026-11-22
field-date-time = 날짜와 시각을 입력해 주세요. 예: 2026-11-22 09:30
field-url = https:// 또는 http://로 시작하는 전체 주소를 입력해 주세요.
field-choice = 목록에서 하나를 골라 주세요.
field-choices = 목록에서 골라 주세요.
field-checked = 계속하려면 체크해 주세요.
field-username = 글자, 숫자, 그리고 . _ - + @ 문자만 쓸 수 있어요.
field-slug = 영문자, 숫자, 하이픈(-), 밑줄(_)만 쓸 수 있어요.
field-file-type = 다른 형식의 파일을 골라 주세요.
field-file-size = 더 작은 파일을 골라 주세요.
field-line-break = 한 줄로 입력해 주세요.
field-characters = 표시할 수 없는 문자를 지워 주세요.
field-passwords-differ = 두 비밀번호가 서로 달라요. 다시 입력해 주세요.
field-password-too-short = 비밀번호는 { $min }자 이상이어야 해요.
field-password-common = 많은 사람이 쓰는 비밀번호라 알아맞히기 쉬워요. 다른 비밀번호를 입력해 주세요.
field-password-wrong = 비밀번호가 맞지 않아요. 다시 입력해 주세요.
field-name-taken = 이미 쓰고 있는 이름이에요. 다른 이름을 입력해 주세요.
field-email-taken = 이미 쓰고 있는 이메일 주소예요. 다른 주소를 입력해 주세요.
field-taken = 이미 쓰고 있는 값이에요. 다른 값을 입력해 주세요.
field-unknown = 여기에서 쓰지 않는 항목이에요.
field-json = 올바른 JSON을 입력해 주세요.
field-reference = 있는 항목 가운데에서 골라 주세요.

## 시간의 길이.
time-seconds = { $count }초
time-minutes = { $count }분
time-hours = { $count }시간
time-days = { $count }일

## 지금을 기준으로 한 시각.
time-now = 방금
time-minutes-ago = { $count }분 전
time-hours-ago = { $count }시간 전
time-days-ago = { $count }일 전
time-months-ago = { $count }개월 전
time-years-ago = { $count }년 전
time-minutes-ahead = { $count }분 뒤
time-hours-ahead = { $count }시간 뒤
time-days-ahead = { $count }일 뒤
time-months-ahead = { $count }개월 뒤
time-years-ahead = { $count }년 뒤

## 날짜.
time-date = { $year }년 { $month }월 { $day }일
time-date-time = { $date } { $clock } { $zone }

## Somebody acts in another's place.
base-acting = { $name } 님으로 대리 로그인 중입니다.
base-acting-end = 대리 로그인 끝내기
