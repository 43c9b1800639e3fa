# Flow pages, the library and a user's own settings.

## Around every page of a flow.
portal-not-you = Not you?
portal-title-error = Error: { $title }
portal-continue-here = Continue where you are
portal-captcha-script = This step needs JavaScript. Allow it for this page and load the page again.
portal-captcha-unreachable = The check that shows you are a person could not be loaded. Allow this page to load it, or check your connection, and load the page again.
portal-password-show = Show password
portal-password-hide = Hide password
portal-remember-name = Remember my name on this device
portal-choose = Choose
# A flow that this person cannot run.
flow-not-applicable = This page is not meant for you, or not at this moment.
flow-link-used = This link was used already, or is out of date. Ask for a new one.

## The house.
portal-nav-label = Main
portal-nav-applications = Applications
portal-nav-settings = Settings
portal-nav-administration = Administration
portal-new-tab = opens in a new tab

## The library.
portal-library-title = Your applications
portal-library-search = Search applications
portal-library-all = Show all applications
portal-library-empty-title = No applications yet
portal-library-empty-text = As soon as somebody gives you access to an application, you will find it here. If you miss one, ask your administrator.
portal-library-nothing-title = Nothing found
portal-library-nothing-text = No application matches “{ $search }”. Try another word.
portal-library-not-for-machines = This account belongs to a program. Sign in with your own account to see your applications.
portal-launch-denied = Your account does not have access to { $app }. If you need it, ask your administrator.
portal-pages = Pages
portal-page-of = Page { $page } of { $last }
portal-page-previous = Previous
portal-page-next = Next

## Settings.
portal-profile-title = Profile
portal-profile-text = What applications may show of you.
portal-profile-name = Name
portal-profile-username = Username
portal-profile-email = E-mail address
portal-profile-edit = Edit profile
portal-security-title = Signing in
portal-security-text = How you prove that it is you.
portal-preferences-title = Preferences
portal-preferences-text = They go with your account to every device.
portal-preferences-browser = Same as the browser
portal-preferences-theme = Appearance
portal-theme-automatic = Same as the device
portal-theme-light = Light
portal-theme-dark = Dark
portal-sessions-title = Where you are signed in
portal-sessions-text = Sign out wherever you no longer need to be, or do not recognize yourself.
portal-sessions-end-others = Sign out everywhere else
portal-session-this = This device
# $address is a network address, $when such as "3 minutes ago".
portal-session-line = { $address } · last used { $when }
portal-device = { $browser } on { $system }
portal-device-unknown = Unknown device
portal-consents-title = Applications with your consent
portal-consents-text = What you have allowed applications to see. Without it they ask again next time.
portal-consents-none = You have not allowed any application to see your data.
# $when such as "in 3 hours" or "22 November 2026".
portal-consent-until = Expires: { $when }
portal-consent-always = Does not expire
portal-consent-revoke = Withdraw
portal-done-saved = Your preferences are saved.
portal-done-ended = Signed out there.
portal-done-revoked = Your consent is withdrawn.

## After signing out.
portal-farewell-title = You are signed out
portal-farewell-text = You can close this window now.
portal-farewell-app-title = You are signed out of { $app }
portal-farewell-app-text = You are still signed in to { $brand }.
portal-farewell-still-title = You are still signed in
portal-farewell-library = Go to your applications
portal-farewell-again = Sign in to { $app } again
portal-farewell-everywhere = Sign out of { $brand } too

## A link that signs in once.
portal-recovery-title = Sign in with this link
portal-recovery-text = The link works once. Afterwards you can set a new password in your settings.
portal-recovery-used-title = This link no longer works
portal-recovery-used-text = It was used already, or it has expired. Ask your administrator for a new one.
