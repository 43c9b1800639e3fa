# 관리자 콘솔. 합니다체로 씁니다.

## 공통 틀.
console-menu = 메뉴
console-nav-label = 콘솔
console-crumbs = 현재 위치
console-rail-fold = 접기
console-rail-unfold = 펼치기
console-section-dashboards = 대시보드
console-section-applications = 애플리케이션
console-section-events = 이벤트
console-section-customization = 사용자 정의
console-section-flows = 흐름과 단계
console-section-directory = 디렉터리
console-section-system = 시스템

## 표와 부품.
console-select = 선택
console-select-all = 모두 선택
console-actions = 작업
console-bulk = 선택한 항목:
console-paging = 페이지
console-paging-first = 첫 페이지
console-paging-next = 다음 페이지
console-copied = 복사했습니다
console-columns = 열
console-kind = 유형
console-count = 모두 { $count }개
console-count-at-least = { $count }개 이상
console-nothing-title = 검색 결과가 없습니다
console-nothing-text = 검색어와 필터에 맞는 항목이 없습니다.
console-nothing-all = 모두 보기
console-part-nothing = 이 부분에는 없습니다
console-part-text = 목록의 일부만 검색했습니다.
console-part-on = 계속 검색
console-empty-title = 아직 아무것도 없습니다
# $kinds는 "단계" 같은 말입니다.
console-empty-text = { $kinds } 항목을 만들면 여기에 표시됩니다.
console-unknown = 알 수 없는 항목
console-system = Countersign
# $who가 $whom을 대신했습니다.
console-on-behalf = { $who } ({ $whom } 대신)

## 왼쪽 메뉴.
console-nav-applications = 애플리케이션
console-nav-providers = 공급자
console-nav-sources = 연동과 소셜 로그인
console-nav-policies = 정책
console-nav-reputations = 평판 점수
console-nav-property-mappings = 속성 매핑
console-nav-blueprints = 블루프린트
console-nav-flows = 흐름
console-nav-stages = 단계
console-nav-prompts = 입력 항목
console-nav-invitations = 초대
console-nav-users = 사용자
console-nav-groups = 그룹
console-nav-roles = 역할
console-nav-initial-permissions = 초기 권한
console-nav-tokens = 토큰과 앱 비밀번호
console-nav-brands = 브랜드
console-nav-certificates = 인증서
console-nav-flow-bindings = 단계 연결
console-nav-policy-bindings = 정책 연결

## 검색.
console-search-placeholder = 페이지와 항목 검색
console-search-nothing = 검색 결과가 없습니다.

## 양식.
console-new = 새로 만들기
console-new-title = 새 { $kind }
console-new-choose = 유형 선택
console-create = 만들기
console-edit-title = { $name } 편집
console-advanced = 고급 설정
console-choose = 선택하십시오
console-secret-keep = 비워 두면 지금 값을 유지합니다
console-entries-help = 빈 줄은 저장하지 않습니다. 지우려면 줄을 비우십시오.
console-names-help = 한 줄에 이름 하나씩 입력합니다.
console-picks-none = 선택할 수 있는 항목이 없습니다.
console-secrets-title = 지금 복사해 두십시오
console-secrets-text = 이 값은 한 번만 표시됩니다.
console-error-number = 숫자를 입력하십시오.
console-error-json = 올바른 JSON이 아닙니다. { $line }번째 줄 { $column }번째 글자를 확인하십시오.
console-error-duration = hours=1;minutes=30 같은 형식으로 입력하십시오.
console-error-slug = 영문자, 숫자, 하이픈, 밑줄만 사용할 수 있습니다.
console-error-summary = 확인이 필요한 항목이 { $count }개 있습니다
console-error-nobody = “{ $name }” 항목이 없습니다. 이름을 확인하십시오.
console-stale-text = 편집하는 동안 다른 사람이 이 항목을 바꾸었습니다. 입력한 내용은 아래에 있으며, 다시 저장하면 현재 값을 덮어씁니다.
console-stale-caption = 입력한 내용과 현재 값의 차이
console-stale-field = 항목
console-stale-kept = 현재 값
console-stale-yours = 입력한 값

## 항목.
console-tab-overview = 개요
console-tab-usage = 사용처
console-tab-revisions = 변경 기록
console-usage-name = 이름
console-usage-field = 쓰임
console-usage-effect = 삭제하면
console-usage-none-title = 사용하는 곳이 없습니다
console-usage-none-text = 이 항목을 참조하는 다른 항목이 없습니다.
console-effect-cascade = 함께 삭제됩니다
console-effect-cascade-many = 목록에서 하나가 빠집니다
console-effect-set-null = 참조가 비워집니다
console-effect-left-dangling = 가리키는 곳이 없어집니다
console-effect-blocks = 삭제할 수 없게 합니다
console-effect-opens = 누구나 접근할 수 있게 됩니다
console-delete-title = { $name } 삭제
console-delete-several = { $count }개 항목 삭제
console-delete-unused = 삭제하면 되돌릴 수 없습니다.
console-delete-used = 삭제하면 되돌릴 수 없으며 아래 항목이 영향을 받습니다.
console-delete-needed = 다른 항목이 이 항목을 필요로 합니다. 먼저 그 항목을 바꾸거나 삭제하십시오.
console-delete-opens = 이 항목이 지키던 것에 누구나 접근할 수 있게 됩니다.
console-delete-conflict-title = 아직 필요한 항목입니다
console-delete-conflict-text = 그사이에 다른 항목이 사용하기 시작했습니다. 사용처를 확인한 뒤 다시 시도하십시오.

## 변경 기록.
console-revision-when = 시각
console-revision-who = 사용자
console-revision-action = 작업
console-revision-fields = 항목
console-revision-none-title = 아직 변경 기록이 없습니다
console-revision-none-text = 지금부터의 변경이 여기에 표시됩니다.
console-revision-changes = 변경 내용
console-revision-nothing = 여기에 표시되는 변경이 없습니다.
console-revision-since = 되돌리면 바뀌는 내용
console-revert = 이 버전으로 되돌리기
console-revert-text = 이 변경 직후의 상태로 되돌립니다. 비밀 값은 지금 값을 유지합니다.
console-revert-refused-title = 이 버전으로는 되돌릴 수 없습니다
console-revert-refused-text = 없어진 항목을 가리키거나 새 규칙에 맞지 않습니다. 항목을 직접 편집하십시오.
console-action-created = 만듦
console-action-updated = 변경
console-action-reverted = 되돌림
console-action-deleted = 삭제

## 방금 한 일.
console-done-created = 만들었습니다.
console-done-saved = 저장했습니다.
console-done-deleted = 삭제했습니다.
console-done-reverted = 되돌렸습니다.
