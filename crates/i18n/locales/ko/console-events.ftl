# Events and charts in the console.

## Charts.
console-chart-table = 숫자로 보기
console-chart-when = 시각
# $name is what was counted, $total how much of it, such as "1,234".
console-chart-total = { $name }: { $total }
# Under the axis, as short as can be.
console-chart-day = { $month }/{ $day }

## What kinds of events there are.
event-action-login = 로그인
event-action-login-failed = 로그인 실패
event-action-logout = 로그아웃
event-action-user-write = 흐름이 쓴 계정
event-action-suspicious-request = 의심스러운 요청
event-action-password-set = 비밀번호 설정
event-action-secret-view = 비밀 값 조회
event-action-secret-rotate = 비밀 값 교체
event-action-authorize-application = 애플리케이션 승인
event-action-flow-execution = 흐름 실행
event-action-policy-execution = 정책 평가
event-action-policy-exception = 정책 오류
event-action-property-mapping-exception = 속성 매핑 오류
event-action-system-task-execution = 작업 완료
event-action-system-task-exception = 작업 실패
event-action-invitation-used = 초대 사용
event-action-email-sent = 메일 발송
event-action-source-linked = 계정 연결
event-action-update-available = 업데이트 있음
event-action-custom = 표현식이 남긴 기록
event-action-system-exception = 시스템 오류
event-action-configuration-error = 설정 오류
event-action-configuration-warning = 설정 경고
event-action-model-created = 객체 생성
event-action-model-updated = 객체 변경
event-action-model-deleted = 객체 삭제
event-action-impersonation-started = 대리 로그인 시작
event-action-impersonation-ended = 대리 로그인 종료

## Each kind of event as a sentence.
# $user is who did it; when nobody is known:
event-nobody = 알 수 없는 사용자
# When Countersign did it itself:
event-ourselves = Countersign
# What has no name, or no longer has one:
event-unnamed = (이름 없음)
# $method is how the person proved who they are.
event-login = { $user } 님이 { $method ->
    [password] 비밀번호로 로그인했습니다
    [recovery] 복구 링크로 로그인했습니다
    [auth_webauthn_pwl] 패스키로 로그인했습니다
    [token] 토큰으로 로그인했습니다
   *[other] 로그인했습니다
}
# $name is what was typed.
event-login-failed = “{ $name }” 이름의 로그인이 실패했습니다
event-logout = { $user } 님이 로그아웃했습니다
event-user-write = { $created ->
    [yes] 흐름이 { $user } 계정을 만들었습니다
   *[no] 흐름이 { $user } 계정을 변경했습니다
}
event-suspicious-request = { $object }에 대한 요청이 이상합니다: { $message }
event-password-set = { $user } 님이 새 비밀번호를 설정했습니다
event-secret-view = { $user } 님이 { $kind } “{ $object }”의 비밀 값을 조회했습니다
event-secret-rotate = { $user } 님이 { $kind } “{ $object }”의 비밀 값을 교체했습니다
event-authorize-application = { $user } 님이 { $app }에 접근했습니다
event-flow-execution = { $user } 님이 흐름 { $flow }을(를) 실행했습니다
event-policy-execution = { $passing ->
    [yes] 정책 “{ $object }”이(가) { $user } 님을 통과시켰습니다
   *[no] 정책 “{ $object }”이(가) { $user } 님을 통과시키지 않았습니다
}
event-policy-exception = 정책 “{ $object }”을(를) 평가하지 못했습니다: { $message }
event-property-mapping-exception = { $object }의 스코프 { $scope } 속성 매핑이 실패했습니다: { $message }
event-system-task-execution = 작업 { $name }이(가) 완료되었습니다
event-system-task-exception = 작업 { $name }이(가) 실패했습니다: { $message }
event-invitation-used = { $user }이(가) 초대 “{ $object }”을(를) 사용했습니다
event-email-sent = { $name }에게 메일을 보냈습니다
event-source-linked = { $user }이(가) “{ $object }” 계정을 연결했습니다
event-update-available = 새 버전이 있습니다: { $message }
event-custom = 표현식이 기록했습니다: { $name }
event-system-exception = Countersign 내부 오류: { $message }
event-configuration-error = { $object }의 현재 설정으로는 작동할 수 없습니다: { $message }
event-configuration-warning = { $object }의 현재 설정으로는 제대로 작동하지 않습니다: { $message }
event-model-created = { $user } 님이 { $kind } “{ $object }”을(를) 만들었습니다
# $fields are the names of what changed; they may be missing.
event-model-updated = { $user } 님이 { $kind } “{ $object }”을(를) 변경했습니다
event-model-updated-fields = { $user } 님이 { $kind } “{ $object }”의 { $fields }을(를) 변경했습니다
event-model-deleted = { $user } 님이 { $kind } “{ $object }”을(를) 삭제했습니다
event-impersonation-started = { $user } 님이 { $object } 님으로 대리 로그인했습니다
event-impersonation-ended = { $user } 님이 { $object } 님의 대리 로그인을 끝냈습니다
# $by acted in the place of $name.
event-in-place-of = { $by }({ $name } 대리)

## The log.
console-events-title = 이벤트 로그
console-events-text = 누가, 무엇에, 어디에서, 무엇을 했는지 보여 줍니다.
console-events-search-action = 이벤트
console-events-all-actions = 전체
console-events-user = 사용자
console-events-user-help = 사용자 이름
console-events-address = 주소
console-events-object = 객체
console-events-object-help = 대상의 이름 또는 식별자
console-events-since = 시작
console-events-until = 끝
console-events-apply = 필터 적용
console-events-clear = 필터 지우기
console-events-when = 시각
console-events-what = 내용
console-events-who = 사용자
console-events-from = 출처
console-events-empty-title = 이벤트가 없습니다
console-events-empty-text = 조건에 맞는 기록이 없습니다. 기간을 넓히거나 필터를 지우십시오.
console-events-more = 이전 이벤트
console-events-first = 최신 이벤트
console-events-chart-day = 최근 24시간
console-events-chart-month = 최근 30일
console-events-chart-sign-ins = 로그인
console-events-chart-failures = 실패한 로그인
console-events-chart-applications = 사용된 애플리케이션
console-events-chart-actions = 이벤트 종류
console-events-chart-nothing = 이 기간에는 없습니다.
console-events-range = 표시 기간

## One event.
console-event-title = 이벤트
console-event-details = 세부 정보
console-event-changes = 변경 내용
console-event-field = 필드
console-event-before = 이전
console-event-after = 이후
console-event-context = 기록된 세부 정보
console-event-app = 기록한 곳
console-event-expires = 보관 기한
console-event-object-link = { $object } 열기
console-event-nothing = 없음
console-chart-days = 날짜는 UTC 기준입니다.
