# Complaints about the configuration of policies.

policies-dummy-wait-too-long = 대기 시간은 120초를 넘을 수 없습니다.
policies-dummy-wait-order = 최소 대기 시간은 최대 대기 시간보다 길 수 없습니다.
policies-password-breach-list-missing = 유출된 비밀번호 목록과 대조하는 기능은 아직 제공하지 않습니다. 꺼 두십시오.
policies-password-guessing-missing = 비밀번호를 추측하기 쉬운지 판단하는 기능은 아직 제공하지 않습니다. 꺼 두십시오.
policies-password-amount-too-large = 그렇게 긴 비밀번호는 만들 수 없습니다. 512 이하로 정하십시오.
policies-expression-invalid = 표현식을 읽을 수 없습니다: { $problem }
