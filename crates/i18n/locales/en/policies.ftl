# Complaints about the configuration of policies.

policies-dummy-wait-too-long = Wait no longer than 120 seconds.
policies-dummy-wait-order = The least wait must not be longer than the longest.
policies-password-breach-list-missing = Checking against lists of breached passwords is not built yet. Leave this off.
policies-password-guessing-missing = Judging how easily a password is guessed is not built yet. Leave this off.
policies-password-amount-too-large = No password can have so many characters. Choose at most 512.
policies-expression-invalid = The expression cannot be read: { $problem }
