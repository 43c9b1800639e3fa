# Pages of sign-in to applications, and complaints about the configuration of providers.

oauth2-error-title = 애플리케이션의 요청을 처리할 수 없어요
oauth2-error-client = 이 페이지로 보낸 애플리케이션을 알 수 없어요. 애플리케이션으로 돌아가 보시고, 같은 일이 반복되면 운영자에게 알려 주세요. ({ $detail })
oauth2-error-redirect-uri = 애플리케이션이 등록되지 않은 주소로 이동하려고 해서 여기에서 멈췄어요. 애플리케이션 운영자에게 알려 주세요. ({ $detail })
oauth2-error-request = 애플리케이션의 요청을 읽을 수 없어요. 애플리케이션으로 돌아가 다시 시도해 주세요. ({ $detail })
oauth2-error-too-long = 애플리케이션의 요청이 너무 길어요. 애플리케이션 운영자에게 알려 주세요.
oauth2-error-logout = 애플리케이션의 로그아웃 요청을 처리할 수 없어서 로그아웃하지 않았어요. ({ $detail })

oauth2-denied-title = 이 애플리케이션을 사용할 권한이 없어요
oauth2-denied-text = 지금 계정으로는 이 애플리케이션을 사용할 수 없어요. 필요하면 관리자에게 요청해 주세요.
oauth2-denied-session = 로그인 상태가 끝났어요. 애플리케이션으로 돌아가 다시 시작해 주세요.
oauth2-denied-other-user = 그사이에 다른 사용자가 로그인했어요. 애플리케이션으로 돌아가 다시 시작해 주세요.
oauth2-denied-changed = 그사이에 애플리케이션 설정이 바뀌었어요. 애플리케이션으로 돌아가 다시 시작해 주세요.

oauth2-form-post-title = 거의 다 됐어요
oauth2-form-post-text = 애플리케이션으로 계속 진행해 주세요.

oauth2-scope-name-invalid = 스코프는 출력 가능한 문자 128자 이하의 한 단어여야 합니다.
oauth2-scope-description-too-long = 1024자 이하로 입력하십시오.
oauth2-scope-expression-invalid = 표현식을 읽을 수 없습니다: { $problem }

oauth2-provider-client-id = 공백과 쌍점 없이 출력 가능한 문자 255자 이하로 입력하십시오.
oauth2-provider-client-secret = 공백 없이 출력 가능한 문자 255자 이하로 입력하십시오.
oauth2-provider-client-secret-short = 클라이언트 시크릿으로 서명하려면 32자 이상이어야 합니다.
oauth2-provider-span = { $least }부터 { $most } 사이의 기간을 정하십시오.
oauth2-provider-not-built = 아직 제공하지 않는 기능입니다. 비워 두십시오.
oauth2-provider-logout-uri = https:// 또는 http://로 시작하는 주소를 입력하십시오.
