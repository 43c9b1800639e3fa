# REST API가 호출을 거절할 때 하는 말. 스크립트는 코드를 읽고, 이 문장은 스크립트를 쓰는 사람을 위한 것이다.
api-error-token = 이 토큰은 유효하지 않아요. 만료되었거나 다른 용도의 토큰일 수 있어요.
api-error-csrf = 브라우저 세션으로 변경하려면 X-authentik-CSRF 헤더가 필요해요.
api-error-boolean = true 또는 false로 써 주세요.
api-error-json = JSON 객체로 써 주세요.
api-error-page-far = 목록에서 이렇게 뒤에 있는 페이지는 번호로 찾지 않아요. 필터나 더 긴 검색어로 결과를 줄이거나, 앞 페이지의 Link 헤더를 따라가 주세요.
api-error-search = 200자 이내로 써 주세요.
api-error-too-many-values = 값이 너무 많아요.
