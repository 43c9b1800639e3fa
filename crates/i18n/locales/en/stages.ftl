# What stages of flows ask and answer, and complaints about their configuration.

## Signing in.
stages-identification-username = Username
stages-identification-email = E-mail address
stages-identification-username-or-email = Username or e-mail address
stages-identification-application = Sign in to continue to { $app }.
stages-identification-enroll = Create account
stages-identification-recover = Forgot your password?
stages-identification-passwordless = Sign in without a password
stages-identification-source = Continue with { $source }
stages-identification-choose-way = Choose one of the ways to sign in.
stages-identification-no-way = There is no way for you to sign in here. Ask your administrator.
stages-identification-unknown = We could not sign you in with this name. Check it and try again.
stages-password-label = Password
stages-password-wrong = Name and password do not match. Check both and try again.
stages-password-cancelled = That was not the right password several times. Start again when you are ready.
stages-too-many-attempts = { $minutes ->
    [one] Too many attempts. Wait a minute, then try again.
   *[other] Too many attempts. Wait { $minutes } minutes, then try again.
}
stages-nobody-pending = We do not know yet who you are. Start again from the sign-in page.
stages-user-login-denied = We could not sign you in. Start again, or ask your administrator.
stages-user-login-inactive = Your account is not active yet. Your administrator can activate it.
stages-mtls-none = This needs a certificate of yours, and your browser sent none. Start again where your certificate is, or ask your administrator.
stages-mtls-refused = Your certificate is not accepted here. Ask your administrator.
stages-user-login-unbound = Sign-in is tied to a network or place here, and the server cannot tell yours. Ask your administrator.
stages-user-login-remember-title = Stay signed in?
stages-user-login-remember-text = On a device that only you use, you need to sign in less often.
stages-user-login-remember-yes = Stay signed in
stages-user-login-remember-no = Not on this device

## Signing out.
stages-user-logout-title = Sign out?
stages-user-logout-text = You are signed in as { $name }. Another site asks you to sign out.

## Captchas.
stages-captcha-title = One more check
stages-captcha-required = Complete the check to continue.
stages-captcha-wrong = The check did not succeed. Try it once more.
stages-captcha-unavailable = The check cannot be made at the moment. Wait a minute, then try again.

## Invitations.
stages-invitation-missing = You need an invitation for this, and the link you followed has none that still holds. Ask whoever invited you for a new one.
stages-invitation-used = This invitation was used or withdrawn in the meantime. Ask whoever invited you for a new one.

## Leaving for good, and locking an account.
stages-user-delete-title = Delete your account?
stages-user-delete-text = Your account, its sessions and everything it allowed applications are deleted. Nobody can bring them back.
stages-user-delete-action = Delete account
stages-user-delete-nobody = Nothing was deleted, because it is not clear whose account it is. Sign in and start again.
stages-account-lockdown-title = Lock your account?
stages-account-lockdown-text = All sessions end, and passwords and tokens stop working. Do this if somebody else may be using your account.
stages-account-lockdown-action = Lock account
stages-account-lockdown-nobody = Nothing was locked, because it is not clear whose account it is. Sign in and start again.

## Consent.
stages-consent-header = { $app } asks for the following.
stages-consent-header-plain = An application asks for the following.
stages-consent-before = It has already
stages-consent-new = It now also asks for
stages-consent-token = Confirmation
stages-consent-changed = What is asked for has changed in the meantime. Read it again before you decide.
stages-consent-refused = You have not given the application access. You can close this page.

## Questions.
stages-prompt-refused = These answers cannot be accepted. Check them and try again.
stages-prompt-locale-automatic = As in the browser
stages-denied = You cannot continue here. If you think you should, ask your administrator.

## Writing accounts.
stages-user-write-nobody = Nothing could be saved, because it is not clear whose account it is. Sign in and start again.
stages-user-write-no-username = An account needs a username, and none was asked for. Ask your administrator.
stages-user-write-groups = Groups cannot be chosen here.

## First set-up.
stages-setup-code-title = Set-up code
stages-setup-code-text = You are setting up this server from another machine. Enter the code that the server printed when it started.
stages-setup-code-label = Code
stages-setup-code-wrong = This is not the code that the server printed. Check it and try again.
stages-setup-closed = This server is set up already. Sign in instead.
stages-setup-no-administrator = The account akadmin is not there or is not active, so there is nobody to set up. Use the command line to make a user.

## Complaints about the configuration.
stages-account-lockdown-nothing = Choose at least one thing that the stage does.
stages-identification-no-fields = Choose at least one of username, e-mail and UPN, a source, or a flow without a password.
stages-identification-captcha-missing = Choose a captcha stage.
stages-captcha-address = Enter an HTTPS address.
stages-captcha-scores = Scores lie between 0 and 1, the lowest below the highest.
stages-identification-passkeys-missing = Passkeys are not built yet. Leave this empty.
stages-password-no-backend = Choose the built-in backend, the token backend, or both: no other can accept a password yet.
stages-password-attempts = Choose 1 to 100 attempts.
stages-redirect-address = Enter a path that starts with /, an address that starts with https:// or http://, or ak-flow:// and the slug of a flow.
stages-redirect-flow = Choose a flow.
stages-user-login-duration = Choose between nothing and 366 days.
stages-user-write-type = Internal service accounts are made by the server itself. Choose another type.
stages-consent-expiry = A consent that expires needs a time longer than nothing.
stages-prompt-key = Enter 1 to 255 characters.
stages-prompt-key-reserved = This name is taken by the form itself. Choose another one.

## A letter with a link.
stages-email-title = Look into your inbox
stages-email-text = If there is an account for what you entered, a message with a link is on its way. Open the link to go on.
stages-email-again = Another message is on its way.
stages-email-sent = Another message is on its way. Look into your spam folder too.
stages-email-resend = Send again
stages-email-confirm-title = Go on?
stages-email-confirm-text = You opened a link from a message. It works once: go on if it was you who asked for it.
stages-email-encryption = Choose STARTTLS or TLS, not both.
stages-email-span = Enter a span longer than nothing and no longer than 30 days (a window no longer than 7 days).

## Proof of an address, by a link or a code.
stages-email-proof-sent = If there is an account for what you entered, a message is on its way.
stages-email-proof-sent-to = A message to { $address } is on its way.
stages-email-proof-do = { $what ->
    [code] Enter the code in it here.
    [link] Open the link in it in this browser. Anywhere else the link shows a code to enter here.
    [both] Open the link in it in this browser, or enter the code in it here.
    [any-both] Open the link in it, or enter the code in it here.
   *[any-link] Open the link in it to go on.
}
stages-email-proof-again = Another message is on its way. The ones before it are void.
stages-email-proof-code = Code
stages-email-proof-digits = { $digits ->
   *[other] Enter the { $digits } digits of the code.
}
stages-email-proof-wrong = That is not the code. Check the newest message and try again.
stages-email-proof-over = This code does not work any more. Send another message.
stages-email-proof-no-address = There is no e-mail address to write to. Start again and enter one.
stages-email-proof-elsewhere-title = Go on where you began
stages-email-proof-elsewhere-text = Enter this code in the browser in which you asked for the message.
stages-email-proof-elsewhere-warning = Enter it on no page that somebody else sent you to, and tell it nobody. If you did not ask for the message, close this page: nothing happens.
stages-email-proof-span = Enter a span longer than nothing and no longer than an hour.
stages-email-proof-length = Choose 6 to 8 digits.
