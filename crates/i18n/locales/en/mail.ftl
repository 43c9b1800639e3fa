# What stands in mail. { $brand } is the name of the house, { $name } that of whoever reads it.

mail-footer = This message was sent automatically.
mail-link = If the button does not work, copy this address into your browser:
mail-bound = Open it in the browser in which you asked for it. Anywhere else it shows a code to enter there.
mail-code-beside-link = Or enter this code where you were asked for it:
mail-until = This is good until { $until } ({ $expires }).
# A letter whose template an administrator wrote, where it says nothing of its own.
mail-foreign-subject = A message from { $brand }
mail-foreign-title = A message from { $brand }
mail-foreign-text = Hello { $name }, there is a message for you.
mail-foreign-button = Open
mail-foreign-note = If you did not expect this, you can ignore it.

mail-password-reset-subject = Reset your password
mail-password-reset-title = Reset your password
mail-password-reset-text = Hello { $name }, somebody asked to set a new password for your account at { $brand }.
mail-password-reset-button = Set a new password
mail-password-reset-note = If it was not you, you can ignore this message: your password stays as it is.

mail-account-confirmation-subject = Confirm your e-mail address
mail-account-confirmation-title = Confirm your e-mail address
mail-account-confirmation-text = Hello { $name }, confirm that this address is yours, and your account at { $brand } is ready.
mail-account-confirmation-button = Confirm
mail-account-confirmation-note = If you did not ask for an account, you can ignore this message.

mail-invitation-subject = You are invited to { $brand }
mail-invitation-title = You are invited
mail-invitation-text = Hello { $name }, you can have an account at { $brand }.
mail-invitation-button = Accept the invitation
mail-invitation-note = If you did not expect an invitation, you can ignore this message.

mail-magic-link-subject = Your link to sign in to { $brand }
mail-magic-link-title = Sign in
mail-magic-link-text = Hello { $name }, this link signs you in to { $brand }. It works once.
mail-magic-link-button = Sign in
mail-magic-link-note = If you did not ask for it, you can ignore this message. Never pass the link on.

mail-code-subject = Your code for { $brand }
mail-code-title = Your code
mail-code-text = Hello { $name }, type this code where { $brand } asks for it. It works once.
mail-code-button = Open
mail-code-note = If you did not ask for it, you can ignore this message. Never tell anybody the code.

mail-address-proof-subject = Confirm this e-mail address
mail-address-proof-title = Confirm this e-mail address
mail-address-proof-text = Hello { $name }, somebody entered this address for an account at { $brand }. Confirm that it is yours.
mail-address-proof-button = Confirm
mail-address-proof-note = If it was not you, you can ignore this message, and nothing changes. Never pass it on.

mail-new-sign-in-subject = New sign-in to your account
mail-new-sign-in-title = New sign-in to your account
mail-new-sign-in-text = Hello { $name }, somebody signed in to your account at { $brand } with a browser that was not used before.
mail-new-sign-in-button = Look at where you are signed in
mail-new-sign-in-note = If it was you, there is nothing to do. If not, change your password now and sign out everywhere else.

mail-changed-credential-subject = A way to sign in to your account was changed
mail-changed-credential-title = A way to sign in was changed
mail-changed-credential-text = Hello { $name }, a way to sign in to your account at { $brand } was changed.
mail-changed-credential-button = Look at your account
mail-changed-credential-note = If it was not you, tell your administrator at once.

mail-fact-time = When
mail-fact-by = By
mail-fact-administrator = An administrator
mail-fact-browser = Browser
mail-fact-place = Place
mail-fact-address = Address
mail-fact-what = What was changed
mail-fact-password = Password
mail-fact-email = E-mail address

mail-event-notification-subject = Something happened at { $brand }
mail-event-notification-title = Something happened at { $brand }
mail-event-notification-text = Hello { $name }, an event was recorded that you are to hear of.
mail-event-notification-button = Look at the event
mail-event-notification-note = You get this message because a notification rule names you or a group of yours.

mail-test-subject = Test message from { $brand }
mail-test-title = Mail works
mail-test-text = Hello { $name }, this message shows that { $brand } can send mail.
mail-test-button = Open
mail-test-note = An administrator asked for this test. There is nothing to do.
