# What applying a blueprint would make different now, and putting objects back to it.

console-drift-title = 적용하면 바뀌는 내용
console-drift-outcome = 결과
console-drift-changes = 변경 사항
console-drift-created = 생성
console-drift-updated = 변경
console-drift-deleted = 삭제
console-drift-unchanged = 그대로 유지
console-drift-secret = 비밀 값
console-drift-none = 비교할 대상이 없습니다
console-drift-none-text = 블루프린트가 가리키는 객체가 없습니다.
console-drift-reset = 블루프린트 상태로 되돌리기
console-drift-reset-done = 선택한 객체를 블루프린트대로 되돌렸습니다.

## An object back to its blueprint, on its own page.
console-reset = 블루프린트대로 되돌리기
console-reset-same = 블루프린트와 같습니다. 바뀌는 것이 없습니다.
console-reset-text = 다른 속성과 다른 항목은 그대로 둡니다. 이 변경은 변경 기록에 남습니다.
console-reset-blueprint = 블루프린트
console-reset-attribute = 속성
console-reset-now = 현재
console-reset-then = 되돌린 뒤
console-reset-changes = 바뀌는 내용
console-done-reset = 블루프린트대로 되돌렸습니다.
