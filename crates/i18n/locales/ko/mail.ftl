# 메일에 들어가는 문구. { $brand }는 서비스 이름, { $name }은 받는 사람의 이름입니다.

mail-footer = 자동으로 보낸 메일이에요.
mail-link = 버튼이 눌리지 않으면 아래 주소를 복사해 브라우저에 붙여 넣어 주세요.
mail-bound = 요청하신 브라우저에서 열어 주세요. 다른 곳에서 열면 그 브라우저에 입력할 코드가 보여요.
mail-code-beside-link = 또는 코드를 묻는 화면에 이 코드를 입력해 주세요.
mail-until = { $until }까지({ $expires }) 쓸 수 있어요.
# 관리자가 만든 템플릿에 따로 적힌 말이 없을 때.
mail-foreign-subject = { $brand }에서 보낸 메일
mail-foreign-title = { $brand }에서 보낸 메일
mail-foreign-text = { $name } 님, 전해 드릴 내용이 있어요.
mail-foreign-button = 열기
mail-foreign-note = 예상하지 못한 메일이라면 무시하셔도 돼요.

mail-password-reset-subject = 비밀번호 재설정
mail-password-reset-title = 비밀번호 재설정
mail-password-reset-text = { $name } 님, { $brand } 계정의 비밀번호를 새로 정해 달라는 요청이 있었어요.
mail-password-reset-button = 새 비밀번호 정하기
mail-password-reset-note = 직접 요청하지 않았다면 무시하셔도 돼요. 비밀번호는 그대로예요.

mail-account-confirmation-subject = 이메일 주소 확인
mail-account-confirmation-title = 이메일 주소 확인
mail-account-confirmation-text = { $name } 님, 본인의 주소가 맞는지 확인해 주시면 { $brand } 계정이 준비돼요.
mail-account-confirmation-button = 확인
mail-account-confirmation-note = 계정을 요청하지 않았다면 무시하셔도 돼요.

mail-invitation-subject = { $brand } 초대
mail-invitation-title = 초대를 받으셨어요
mail-invitation-text = { $name } 님, { $brand } 계정을 만들 수 있어요.
mail-invitation-button = 초대 수락
mail-invitation-note = 예상하지 못한 초대라면 무시하셔도 돼요.

mail-magic-link-subject = { $brand } 로그인 링크
mail-magic-link-title = 로그인
mail-magic-link-text = { $name } 님, 이 링크로 { $brand }에 로그인할 수 있어요. 한 번만 쓸 수 있어요.
mail-magic-link-button = 로그인
mail-magic-link-note = 직접 요청하지 않았다면 무시하셔도 돼요. 링크를 다른 사람에게 전달하지 마세요.

mail-code-subject = { $brand } 인증 코드
mail-code-title = 인증 코드
mail-code-text = { $name } 님, { $brand } 화면에 이 코드를 입력해 주세요. 한 번만 쓸 수 있어요.
mail-code-button = 열기
mail-code-note = 직접 요청하지 않았다면 무시하셔도 돼요. 코드를 다른 사람에게 알려 주지 마세요.

mail-address-proof-subject = 이메일 주소를 확인해 주세요
mail-address-proof-title = 이메일 주소를 확인해 주세요
mail-address-proof-text = { $name } 님, { $brand } 계정에 이 주소가 입력되었어요. 본인의 주소가 맞는지 확인해 주세요.
mail-address-proof-button = 확인
mail-address-proof-note = 직접 입력하지 않았다면 무시하셔도 돼요. 아무것도 바뀌지 않아요. 다른 사람에게 전달하지 마세요.

mail-new-sign-in-subject = 새로운 로그인이 있었어요
mail-new-sign-in-title = 새로운 로그인이 있었어요
mail-new-sign-in-text = { $name } 님, 처음 보는 브라우저에서 { $brand } 계정으로 로그인했어요.
mail-new-sign-in-button = 로그인한 기기 보기
mail-new-sign-in-note = 본인이라면 아무것도 하지 않으셔도 돼요. 아니라면 지금 비밀번호를 바꾸고 다른 기기에서 모두 로그아웃해 주세요.

mail-changed-credential-subject = 로그인 방법이 바뀌었어요
mail-changed-credential-title = 로그인 방법이 바뀌었어요
mail-changed-credential-text = { $name } 님, { $brand } 계정의 로그인 방법이 바뀌었어요.
mail-changed-credential-button = 계정 보기
mail-changed-credential-note = 직접 바꾸지 않았다면 관리자에게 바로 알려 주세요.

mail-fact-time = 언제
mail-fact-by = 누가
mail-fact-administrator = 관리자
mail-fact-browser = 브라우저
mail-fact-place = 장소
mail-fact-address = 주소
mail-fact-what = 바뀐 것
mail-fact-password = 비밀번호
mail-fact-email = 이메일 주소

mail-event-notification-subject = { $brand } 이벤트 알림
mail-event-notification-title = { $brand } 이벤트 알림
mail-event-notification-text = { $name } 님, 알려 드릴 이벤트가 기록됐어요.
mail-event-notification-button = 이벤트 보기
mail-event-notification-note = 알림 규칙에 본인이나 소속 그룹이 지정되어 있어서 받은 메일이에요.

mail-test-subject = { $brand } 시험 메일
mail-test-title = 메일이 잘 보내져요
mail-test-text = { $name } 님, { $brand }에서 메일을 보낼 수 있는지 확인하는 메일이에요.
mail-test-button = 열기
mail-test-note = 관리자가 요청한 시험 메일이에요. 아무것도 하지 않으셔도 돼요.
