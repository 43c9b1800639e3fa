# Complaints about the configuration of policies.

policies-dummy-wait-too-long = 대기 시간은 120초를 넘을 수 없습니다.
policies-dummy-wait-order = 최소 대기 시간은 최대 대기 시간보다 길 수 없습니다.
policies-password-amount-too-large = 그렇게 긴 비밀번호는 만들 수 없습니다. 512 이하로 정하십시오.
policies-expression-invalid = 표현식을 읽을 수 없습니다: { $problem }
policies-password-score = 점수는 0에서 4까지의 숫자입니다.
policies-expiry-days = 1일에서 36500일 사이로 정하세요.
policies-unique-too-many = 비교할 비밀번호는 최대 24개입니다. 하나를 비교할 때마다 로그인 한 번만큼의 비용이 듭니다.
policies-reputation-of-nothing = 주소 점수와 계정 점수 중 하나 이상을 세도록 하세요.
policies-event-matcher-of-nothing = 이벤트가 만족해야 할 것을 하나 이상 적으세요.
policies-event-matcher-address = 10.1.2.3 같은 주소 하나를 적으세요.
policies-event-matcher-name = authentik.core나 authentik_core.user 같은 이름을 적으세요.
policies-event-matcher-query = 질의를 읽을 수 없습니다: { $problem }
policies-geoip-country = 국가는 DE, KR처럼 ISO 3166-1의 대문자 두 글자로 적으세요.
policies-geoip-too-many = 최대 500개까지 적을 수 있습니다.
policies-geoip-too-many-logins = 지난 로그인은 최대 50번까지만 살펴볼 수 있습니다.
