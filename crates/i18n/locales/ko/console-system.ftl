# The dashboard and the system in the console.

## The dashboard.
console-dashboard-title = 개요
console-dashboard-house = 이 설치
console-dashboard-latest = 최근 이벤트
console-dashboard-all-events = 모든 이벤트
console-attention-title = 확인 필요
console-attention-none = 확인할 것이 없습니다.
console-attention-jobs = 포기된 작업이 { $count }개 있습니다
# $name is a blueprint.
console-attention-blueprint-error = 블루프린트 “{ $name }”을(를) 적용하지 못했습니다
console-attention-blueprint-drift = 블루프린트 “{ $name }”이(가) 적용 이후 변경되었습니다
# $name is a certificate, $when such as "in 3 days".
console-attention-certificate-ends = 인증서 “{ $name }” 만료: { $when }
console-attention-certificate-ended = 인증서 “{ $name }” 만료됨: { $when }
console-attention-no-brand = 기본 브랜드가 없습니다

## The system.
console-system-title = 시스템 상태
console-system-text = 이 설치의 버전, 상태, 반복 작업입니다.
console-system-this = 이 설치
console-system-sizes = 규모
console-system-version = 버전
console-system-database = 데이터베이스
console-system-health = 상태
console-system-ready = 준비됨
console-system-not-ready = 준비되지 않음
console-system-time = 서버 시각
console-system-install-id = 설치 식별자
console-system-recurring = 반복 작업
console-system-nothing-recurring = 아직 없음
console-system-nothing-recurring-text = 작업자가 실행되면 반복 작업이 여기에 표시됩니다.
console-system-running = 실행 중
console-system-waiting = 대기 중
console-system-late = 지연됨
console-system-worker = 작업자
console-system-next = 다음 실행
console-state = 상태
console-certificate-subject = 주체
console-certificate-good = 유효
console-certificate-soon = 곧 만료
console-certificate-expired = 만료됨
console-certificates-none = 인증서가 없습니다
console-certificates-none-text = 인증서 키 쌍을 생성하거나 가져오십시오.

## Jobs.
console-jobs-title = 작업
console-jobs-text = 백그라운드에서 처리되는 작업과 그 결과입니다.
console-jobs-all = 전체
console-jobs-queued = 대기 중
console-jobs-done = 완료
console-jobs-dead = 포기됨
console-jobs-retry = 다시 시도
console-jobs-none = 작업이 없습니다
console-jobs-none-text = 이런 작업은 대기 중이거나 최근 처리된 것이 없습니다.
console-job-kind = 작업
console-job-attempts = 시도
console-job-error = 마지막 오류
console-job-created = 생성
console-job-run-at = 실행 예정
console-job-queued = 대기 중
console-job-done = 완료
console-job-dead = 포기됨
console-done-jobs-retried = 작업을 다시 대기열에 넣었습니다.

## Blueprints.
console-blueprints-text = 파일이나 여기에 둔 내용에서 계속 적용하는 구성입니다.
console-blueprints-export = 전체 내보내기
console-blueprint-here = 여기에 보관
console-blueprints-new = 새 블루프린트
console-blueprints-apply = 다시 적용
console-blueprints-none = 블루프린트가 없습니다
console-blueprints-none-text = 계속 적용되는 블루프린트가 여기에 표시됩니다.
console-blueprint-path = 파일
console-blueprint-applied = 마지막 적용
console-blueprint-successful = 적용됨
console-blueprint-warning = 경고와 함께 적용됨
console-blueprint-error = 실패
console-blueprint-orphaned = 파일 없음
console-blueprint-unknown = 아직 적용되지 않음
console-blueprint-drifted = 파일 변경됨
console-blueprint-off = 꺼짐
# $name is the blueprint.
console-blueprint-went-well = “{ $name }”을(를) 적용했습니다.
console-blueprint-went-wrong = “{ $name }”을(를) 적용하지 못했습니다.

## Settings.
console-settings-title = 설정
console-settings-text = 설치 전체에 적용되는 설정입니다.
console-setting-event-retention = 이벤트 보관 기간
console-setting-event-retention-help = 예: days=365
console-setting-default-token-duration = 새 토큰 만료 기간
console-setting-default-token-duration-help = 예: days=1. 따로 정하지 않았을 때 쓰입니다.
console-setting-impersonation = 관리자의 대리 로그인 허용
console-setting-impersonation-help = 자신보다 권한이 많지 않은 사용자만 가능합니다.
console-setting-impersonation-require-reason = 대리 로그인에 사유 필요
console-setting-impersonation-require-reason-help = 사유는 이벤트 로그에 남습니다.
console-setting-pagination-default-page-size = API 페이지당 결과 수
console-setting-pagination-default-page-size-help = 클라이언트가 정하지 않았을 때의 값입니다.
console-setting-pagination-max-page-size = API 페이지당 최대 결과 수
console-setting-pagination-max-page-size-help = 더 많이 요청해도 이만큼만 반환합니다.
console-setting-reputation-lower-limit = 평판 점수의 하한
console-setting-reputation-lower-limit-help = 실패해도 점수가 이보다 내려가지 않습니다: 0에서 -1000까지.
console-setting-reputation-upper-limit = 평판 점수의 상한
console-setting-reputation-upper-limit-help = 성공해도 점수가 이보다 올라가지 않습니다: 0에서 1000까지.
console-setting-mail-new-sign-in = 새 브라우저의 로그인을 알림
console-setting-mail-new-sign-in-help = 메일 서버가 설정되어 있으면 사용자의 주소로 메일을 보냅니다.
console-setting-mail-changed-credential = 바뀐 비밀번호와 주소를 알림
console-setting-mail-changed-credential-help = 사용자의 주소로, 주소가 바뀌었으면 이전 주소로도 메일을 보냅니다.

## Connection diagnostics.
console-diagnostics-title = 연결 진단
console-diagnostics-text = 요청이 이 서버에 도달하는 경로를 보여 주어 프록시 설정을 돕습니다.
console-diagnostics-result = 판단한 결과
console-diagnostics-client = 클라이언트 주소
console-diagnostics-scheme = 스킴
console-diagnostics-host = 호스트
console-diagnostics-base = 서버 주소
console-diagnostics-connection = 연결
console-diagnostics-peer = 연결 상대
console-diagnostics-trusted = 신뢰하는 프록시
console-diagnostics-untrusted = 신뢰하는 프록시 아님
console-diagnostics-tls = 서버에서 TLS 종료
console-diagnostics-networks = 신뢰하는 네트워크
console-diagnostics-headers = 헤더
console-diagnostics-name = 이름
console-diagnostics-value = 값
console-diagnostics-unknown = 알 수 없음
console-diagnostics-good = { $peer }의 프록시를 신뢰하며 그 헤더를 사용합니다.
console-diagnostics-direct = 서버 앞에 프록시가 없습니다. 설정할 것이 없습니다.
console-diagnostics-not-trusted = 신뢰하는 프록시가 아닌 { $peer }에서 온 전달 헤더를 무시했습니다. 직접 운영하는 프록시라면 listen.trusted_proxy_cidrs에 네트워크를 추가하십시오.
console-diagnostics-nothing-forwarded = 신뢰하는 프록시 { $peer }에서 전달 헤더를 보내지 않았습니다. X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Host를 보내도록 설정하십시오.
console-diagnostics-unreadable = { $peer }의 프록시를 신뢰하지만 헤더에서 클라이언트 주소를 읽지 못했습니다. X-Forwarded-For만 보내고 이와 어긋나는 헤더는 보내지 않도록 설정하십시오.
console-diagnostics-no-headers = 프록시 헤더 없음
console-diagnostics-no-headers-text = 이 요청에는 프록시가 설정한 헤더가 없습니다.
console-blueprint-standing = 적용 상태
console-blueprint-settings = 설정
console-blueprint-hash = 적용한 내용(SHA-256)
console-blueprint-hash-now = 현재 파일 내용(SHA-256)
console-blueprint-changed = 파일 변경 시각
console-blueprint-problem = 문제
console-schedule-clear-expired = 만료된 항목 정리
console-schedule-count-events = 차트를 위한 이벤트 집계

## 메일.
console-mail-title = 메일
console-mail-text = 메일을 보내는 서버와 메일의 모양입니다. 설정은 구성의 email 아래에 있습니다.
console-mail-not-configured = 메일 서버가 설정되지 않아 메일을 보내지 않습니다. 구성에서 email.host를 설정하십시오.
console-mail-server-title = 메일 서버
console-mail-server = 서버
console-mail-encryption = 암호화
console-mail-plain = 없음
console-mail-username = 사용자 이름
console-mail-from = 보내는 사람
console-mail-test = 시험 메일
console-mail-to = 받는 사람
console-mail-send = 시험 메일 보내기
console-mail-failed = 메일을 보내지 못했습니다: { $error }
console-done-mail-sent = 메일 서버가 메일을 받았습니다.
console-mail-templates = 템플릿
console-mail-template = 템플릿
console-mail-about = 용도
console-mail-file = 직접 만든 파일
console-mail-own = 직접 추가함
console-mail-topic-password-reset = 비밀번호 재설정
console-mail-topic-account-confirmation = 계정 확인
console-mail-topic-invitation = 초대
console-mail-topic-magic-link = 로그인 링크
console-mail-topic-code = 인증 코드
console-mail-topic-address-proof = 이메일 주소 증명
console-mail-topic-new-sign-in = 새로운 로그인
console-mail-topic-changed-credential = 로그인 방법 변경
console-mail-topic-event-notification = 이벤트 알림
console-mail-topic-test = 시험 메일
console-mail-no-address = web.base_url을 설정하거나 이 호스트의 브랜드를 만드십시오. 브라우저만 아는 주소는 메일 링크에 쓰지 않습니다.
