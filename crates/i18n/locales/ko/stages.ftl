# 흐름의 단계가 묻고 답하는 말, 그리고 설정에 관한 안내.

## 로그인.
stages-identification-username = 사용자 이름
stages-identification-email = 이메일 주소
stages-identification-username-or-email = 사용자 이름 또는 이메일 주소
stages-identification-application = { $app } 이용을 계속하려면 로그인해 주세요.
stages-identification-enroll = 계정 만들기
stages-identification-recover = 비밀번호를 잊으셨나요?
stages-identification-passwordless = 비밀번호 없이 로그인
stages-identification-source = { $source }(으)로 계속하기
stages-identification-choose-way = 로그인 방법을 하나 골라 주세요.
stages-identification-no-way = 여기에서 로그인할 수 있는 방법이 없어요. 관리자에게 문의해 주세요.
stages-identification-unknown = 이 이름으로는 로그인할 수 없어요. 확인하고 다시 시도해 주세요.
stages-password-label = 비밀번호
stages-password-wrong = 이름과 비밀번호가 맞지 않아요. 둘 다 확인하고 다시 시도해 주세요.
stages-password-cancelled = 비밀번호가 여러 번 맞지 않았어요. 준비되면 처음부터 다시 시작해 주세요.
stages-too-many-attempts = { $minutes ->
   *[other] 시도가 너무 많았어요. { $minutes }분 뒤에 다시 시도해 주세요.
}
stages-nobody-pending = 아직 누구신지 알 수 없어요. 로그인 페이지에서 다시 시작해 주세요.
stages-user-login-denied = 로그인하지 못했어요. 다시 시작하거나 관리자에게 문의해 주세요.
stages-user-login-inactive = 계정이 아직 활성화되지 않았어요. 관리자가 활성화할 수 있어요.
stages-mtls-none = 인증서가 필요한데 브라우저가 보내지 않았어요. 인증서가 있는 기기에서 다시 시작하거나 관리자에게 문의해 주세요.
stages-mtls-refused = 이 인증서로는 계속할 수 없어요. 관리자에게 문의해 주세요.
stages-user-login-unbound = 여기서는 네트워크나 위치에 묶어 로그인하는데, 서버가 어디에서 접속했는지 알 수 없어요. 관리자에게 문의해 주세요.
stages-user-login-remember-title = 로그인 상태를 유지할까요?
stages-user-login-remember-text = 혼자 쓰는 기기라면 매번 로그인하지 않아도 돼요.
stages-user-login-remember-yes = 로그인 유지하기
stages-user-login-remember-no = 이 기기에서는 유지하지 않기

## 로그아웃.
stages-user-logout-title = 로그아웃할까요?
stages-user-logout-text = { $name } 계정으로 로그인되어 있어요. 다른 사이트에서 로그아웃을 요청했어요.

## 캡차.
stages-captcha-title = 확인이 하나 더 필요해요
stages-captcha-required = 계속하려면 확인을 마쳐 주세요.
stages-captcha-wrong = 확인하지 못했어요. 다시 시도해 주세요.
stages-captcha-unavailable = 지금은 확인할 수 없어요. 1분 뒤에 다시 시도해 주세요.

## 초대.
stages-invitation-missing = 초대를 받아야 계속할 수 있는데, 이 링크에는 유효한 초대가 없어요. 초대한 사람에게 새 초대를 부탁해 주세요.
stages-invitation-used = 이 초대는 그사이에 사용되었거나 취소되었어요. 초대한 사람에게 새 초대를 부탁해 주세요.

## 완전히 떠나기, 계정 잠그기.
stages-user-delete-title = 계정을 삭제할까요?
stages-user-delete-text = 계정과 세션, 애플리케이션에 허용한 것이 모두 삭제돼요. 되돌릴 수 없어요.
stages-user-delete-action = 계정 삭제
stages-user-delete-nobody = 누구의 계정인지 알 수 없어서 아무것도 삭제하지 않았어요. 로그인한 뒤 다시 시작해 주세요.
stages-account-lockdown-title = 계정을 잠글까요?
stages-account-lockdown-text = 모든 세션이 끝나고 비밀번호와 토큰을 쓸 수 없게 돼요. 다른 사람이 계정을 쓰는 것 같을 때 잠가 주세요.
stages-account-lockdown-action = 계정 잠그기
stages-account-lockdown-nobody = 누구의 계정인지 알 수 없어서 아무것도 잠그지 않았어요. 로그인한 뒤 다시 시작해 주세요.

## 동의.
stages-consent-header = { $app }에서 다음을 요청해요.
stages-consent-header-plain = 애플리케이션이 다음을 요청해요.
stages-consent-before = 이미 허용한 항목
stages-consent-new = 새로 요청하는 항목
stages-consent-token = 확인
stages-consent-changed = 그사이 요청 내용이 바뀌었어요. 다시 읽고 결정해 주세요.
stages-consent-refused = 애플리케이션의 접근을 허용하지 않았어요. 이 페이지는 닫아도 돼요.

## 질문.
stages-prompt-refused = 입력하신 내용을 받을 수 없어요. 확인하고 다시 시도해 주세요.
stages-prompt-locale-automatic = 브라우저 설정 따르기
stages-denied = 여기서는 계속할 수 없어요. 필요하면 관리자에게 문의해 주세요.

## 계정 저장.
stages-user-write-nobody = 누구의 계정인지 알 수 없어 저장하지 못했어요. 로그인하고 다시 시작해 주세요.
stages-user-write-no-username = 계정에는 사용자 이름이 필요한데 묻지 않았어요. 관리자에게 문의해 주세요.
stages-user-write-groups = 여기서는 그룹을 고를 수 없어요.

## 처음 설정.
stages-setup-code-title = 설정 코드
stages-setup-code-text = 다른 기기에서 이 서버를 설정하고 있어요. 서버가 시작할 때 출력한 코드를 입력해 주세요.
stages-setup-code-label = 코드
stages-setup-code-wrong = 서버가 출력한 코드가 아니에요. 확인하고 다시 시도해 주세요.
stages-setup-closed = 이 서버는 이미 설정되었어요. 로그인해 주세요.
stages-setup-no-administrator = akadmin 계정이 없거나 활성화되지 않아서 설정할 수 없어요. 명령줄에서 사용자를 만들어 주세요.

## 설정에 관한 안내.
stages-account-lockdown-nothing = 단계가 하는 일을 하나 이상 고르세요.
stages-identification-no-fields = 사용자 이름, 이메일, UPN 중 하나 이상을 고르거나, 소스 또는 비밀번호 없는 흐름을 고르십시오.
stages-identification-captcha-missing = 캡차 단계를 고르세요.
stages-captcha-address = HTTPS 주소를 입력하세요.
stages-captcha-scores = 점수는 0과 1 사이이고 최저가 최고보다 낮아야 합니다.
stages-identification-passkeys-missing = 패스키는 아직 지원하지 않습니다. 비워 두십시오.
stages-password-no-backend = 내장 백엔드나 토큰 백엔드를 고르십시오. 다른 백엔드는 아직 비밀번호를 받을 수 없습니다.
stages-password-attempts = 1에서 100 사이로 정하십시오.
stages-redirect-address = /로 시작하는 경로, https:// 또는 http://로 시작하는 주소, 또는 ak-flow://와 흐름의 슬러그를 입력하십시오.
stages-redirect-flow = 흐름을 고르십시오.
stages-user-login-duration = 0에서 366일 사이로 정하십시오.
stages-user-write-type = 내부 서비스 계정은 서버가 직접 만듭니다. 다른 종류를 고르십시오.
stages-consent-expiry = 만료되는 동의에는 0보다 긴 시간이 필요합니다.
stages-prompt-key = 1자에서 255자 사이로 입력하십시오.
stages-prompt-key-reserved = 양식 자체가 쓰는 이름입니다. 다른 이름을 고르십시오.

## 링크가 담긴 메일.
stages-email-title = 메일함을 확인해 주세요
stages-email-text = 입력하신 정보에 맞는 계정이 있으면 링크가 담긴 메일이 곧 도착해요. 링크를 열면 이어서 진행할 수 있어요.
stages-email-again = 메일을 다시 보냈어요.
stages-email-sent = 메일을 다시 보냈어요. 스팸 메일함도 확인해 주세요.
stages-email-resend = 다시 보내기
stages-email-confirm-title = 계속할까요?
stages-email-confirm-text = 메일의 링크를 여셨어요. 한 번만 쓸 수 있으니, 직접 요청하신 경우에만 계속해 주세요.
stages-email-encryption = STARTTLS와 TLS 중 하나만 선택해 주세요.
stages-email-span = 0보다 길고 30일 이하인 기간을 입력해 주세요. (횟수를 세는 기간은 7일 이하)

## 링크나 코드로 주소 확인하기.
stages-email-proof-sent = 입력하신 정보에 맞는 계정이 있으면 메일이 곧 도착해요.
stages-email-proof-sent-to = { $address }(으)로 메일을 보냈어요.
stages-email-proof-do = { $what ->
    [code] 메일에 있는 코드를 여기에 입력해 주세요.
    [link] 메일의 링크를 이 브라우저에서 열어 주세요. 다른 곳에서 열면 여기에 입력할 코드가 보여요.
    [both] 메일의 링크를 이 브라우저에서 열거나, 메일에 있는 코드를 여기에 입력해 주세요.
    [any-both] 메일의 링크를 열거나, 메일에 있는 코드를 여기에 입력해 주세요.
   *[any-link] 메일의 링크를 열면 이어서 진행할 수 있어요.
}
stages-email-proof-again = 메일을 다시 보냈어요. 이전 메일은 이제 쓸 수 없어요.
stages-email-proof-code = 코드
stages-email-proof-digits = { $digits ->
   *[other] 코드 숫자 { $digits }자리를 입력해 주세요.
}
stages-email-proof-wrong = 코드가 맞지 않아요. 가장 최근 메일을 확인하고 다시 시도해 주세요.
stages-email-proof-over = 이 코드는 더 이상 쓸 수 없어요. 메일을 다시 보내 주세요.
stages-email-proof-no-address = 메일을 보낼 주소가 없어요. 처음부터 다시 시작해 주소를 입력해 주세요.
stages-email-proof-elsewhere-title = 시작한 곳에서 이어서 진행해 주세요
stages-email-proof-elsewhere-text = 메일을 요청하신 브라우저에 이 코드를 입력해 주세요.
stages-email-proof-elsewhere-warning = 다른 사람이 보낸 페이지에는 입력하지 말고, 누구에게도 알려 주지 마세요. 메일을 요청하지 않았다면 이 페이지를 닫아 주세요. 아무 일도 일어나지 않아요.
stages-email-proof-span = 0보다 길고 1시간 이하인 기간을 입력하십시오.
stages-email-proof-length = 6자리에서 8자리 사이로 정하십시오.
