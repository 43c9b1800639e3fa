# Flow pages, the library and a user's own settings.

## Around every page of a flow.
portal-not-you = Not you?
portal-title-error = Error: { $title }
portal-continue-here = Continue where you are
portal-choose = Choose
# A flow that this person cannot run.
flow-not-applicable = This page is not meant for you, or not at this moment.

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

## Administration.
portal-admin-text = Set up and look after this installation.
portal-diagnostics-title = Connection diagnostics
portal-diagnostics-line = Shows how requests reach this server, to help you set up a proxy.
portal-diagnostics-result = What we make of it
portal-diagnostics-result-text = Links, cookies and the audit trail go by these values.
portal-diagnostics-client = Client address
portal-diagnostics-scheme = Scheme
portal-diagnostics-host = Host
portal-diagnostics-base = Our own address
portal-diagnostics-connection = Connection
portal-diagnostics-connection-text = Who is at the other end, before any header is read.
portal-diagnostics-peer = Peer
portal-diagnostics-trusted = Trusted proxy
portal-diagnostics-untrusted = Not a trusted proxy
portal-diagnostics-tls = TLS ends here
portal-diagnostics-networks = Trusted networks
portal-diagnostics-headers = Headers
portal-diagnostics-headers-text = What proxies set, as it came with this request.
portal-diagnostics-name = Name
portal-diagnostics-value = Value
portal-diagnostics-unknown = Unknown
portal-diagnostics-good = The proxy at { $peer } is trusted, and its headers are used.
portal-diagnostics-direct = No proxy stands between you and this server. There is nothing to set up.
portal-diagnostics-not-trusted = Forwarded headers came from { $peer }, which is not a trusted proxy, so they were ignored. If it is your proxy, add its network to listen.trusted_proxy_cidrs.
portal-diagnostics-nothing-forwarded = { $peer } is trusted as a proxy and sent no forwarded headers. If you came here directly, all is well. If a proxy stands there, let it set X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host.
portal-diagnostics-unreadable = The proxy at { $peer } is trusted, but the address of the client could not be read from its headers. Let it set X-Forwarded-For, and no other header that contradicts it.
