# Complaints about the configuration of policies.

policies-dummy-wait-too-long = Wait no longer than 120 seconds.
policies-dummy-wait-order = The least wait must not be longer than the longest.
policies-password-amount-too-large = No password can have so many characters. Choose at most 512.
policies-expression-invalid = The expression cannot be read: { $problem }
policies-password-score = A score is a number from 0 to 4.
policies-expiry-days = Choose between 1 and 36500 days.
policies-unique-too-many = Compare with at most 24 passwords: each costs as much as a sign-in.
policies-reputation-of-nothing = Count the scores of the address, of the account, or of both.
policies-event-matcher-of-nothing = Say at least one thing that the event must meet.
policies-event-matcher-address = This must be one address, such as 10.1.2.3.
policies-event-matcher-name = This is a name such as authentik.core or authentik_core.user.
policies-event-matcher-query = The question cannot be read: { $problem }
policies-geoip-country = Countries are two capital letters of ISO 3166-1, such as DE or KR.
policies-geoip-too-many = List at most 500.
policies-geoip-too-many-logins = Look back at no more than 50 sign-ins.
