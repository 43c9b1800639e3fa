# The words that people see of the blueprints that come with the product (blueprints/), and common ones of
# blueprints written elsewhere. Blueprints hold the English words as they stand here, letter for letter; a
# text of the configuration that says exactly this is shown in the reader's language. No arguments: what
# stands in %(…)s is filled in afterwards.

## Titles of flows.
defaults-title-welcome = Welcome to Countersign
defaults-title-enrollment = Create your account
defaults-title-unenrollment = Delete your account
defaults-title-magic-link = Sign in
defaults-title-continue = Continue to %(app)s
defaults-title-sign-out = Sign out
defaults-title-signed-out = You are signed out of %(app)s
defaults-title-profile = Edit your profile
defaults-title-password = Change your password
defaults-title-email-change = Change your e-mail address

## Prompts: labels and help.
defaults-label-username = Username
defaults-label-name = Name
defaults-label-email = E-mail address
defaults-label-email-new = New e-mail address
defaults-label-password = Password
defaults-label-password-new = New password
defaults-label-password-repeat = Repeat the password
defaults-label-language = Language
defaults-help-password = At least 8 characters. Several words in a row are easy to keep in mind.
defaults-help-setup = Choose an e-mail address and a password for akadmin, the administrator of this server.
defaults-help-setup-email = Where messages about this server go.

## What policies say.
defaults-refused-password = Choose a password of at least 8 characters.
defaults-refused-email = You cannot change your e-mail address here. Ask your administrator.
defaults-refused-name = You cannot change your name here. Ask your administrator.
defaults-refused-username = You cannot change your username here. Ask your administrator.

## What an application asks for: scopes.
defaults-scope-email = Your e-mail address
defaults-scope-profile = Your name, username and groups
defaults-scope-entitlements = Your roles in this application
defaults-scope-offline = Access while you are away
defaults-scope-api = Act for you on this server

## What applications are for.
defaults-application-example = Says hello by name

## The same in the spelling of blueprints that were written for authentik.
defaults-theirs-title-continue = Redirecting to %(app)s
defaults-theirs-title-sign-out = Default Invalidation Flow
defaults-theirs-title-signed-out = You've logged out of %(app)s.
defaults-theirs-title-profile = Update your info
defaults-theirs-title-settings = User settings
defaults-theirs-title-password = Change Password
defaults-theirs-title-password-lower = Change password
defaults-theirs-title-recovery = Reset your password
defaults-theirs-label-email = Email
defaults-theirs-label-email-address = Email address
defaults-theirs-label-full-name = Full name
defaults-theirs-label-full-name-upper = Full Name
defaults-theirs-label-first-name = First name
defaults-theirs-label-last-name = Last name
defaults-theirs-label-password-new = New Password
defaults-theirs-label-password-repeat = Password (repeat)
defaults-theirs-label-locale = Locale
defaults-theirs-scope-profile = General Profile Information

## What policies say to people.
defaults-policy-expired = Your password has expired. Set a new one.
defaults-policy-used-before = You have used this password before. Choose another one.
defaults-policy-breached = This password is known from data breaches. Choose another one.
defaults-policy-not-checked = The password cannot be checked just now. Try again in a moment.
defaults-policy-from-here = Signing in from your network or country is not allowed.
defaults-policy-too-far = You are too far from where you signed in before.
defaults-policy-impossible = You cannot have come here from where you signed in before.
defaults-policy-easy = This password is too easy to guess.
defaults-policy-rows = Straight rows of keys are easy to guess.
defaults-policy-patterns = Short patterns on the keyboard are easy to guess.
defaults-policy-repeats = Repetitions are easy to guess.
defaults-policy-common = Many people use a password like this one.
defaults-policy-sequences = Sequences such as abc or 6543 are easy to guess.
defaults-policy-years = Years and dates are easy to guess.
defaults-policy-word = A single word is easy to guess.
defaults-policy-names = Names are easy to guess.
defaults-policy-use-words = Use several words that do not usually stand together.
defaults-policy-capitals = Capital letters do not help much.
defaults-policy-backwards = Words spelt backwards do not help much.
defaults-policy-signs = Replacing letters with similar signs, such as @ for a, does not help much.
defaults-policy-avoid-patterns = Avoid patterns on the keyboard.
defaults-policy-avoid-repeats = Avoid repetitions.
defaults-policy-avoid-sequences = Avoid sequences.
defaults-policy-avoid-years = Avoid years and dates.
