# Applications and providers in the console.

## The wizard.
console-wizard-title = New application
console-wizard-kind-text = How does the application sign people in?
console-wizard-link = Link only
console-wizard-link-text = A tile in the library that leads to an address. Nobody is signed in to it.
console-wizard-application = Application
console-wizard-provider = Signing in
console-wizard-who = Who may use it
console-wizard-who-text = Leave both empty to let everybody in who can sign in.
console-wizard-groups = Groups
console-wizard-users = Users
console-wizard-make = Create application
# $name is the application.
console-wizard-made = { $name } is ready
console-wizard-made-text = Application, provider and bindings are in place. Copy the settings below to the application’s side.
console-wizard-secrets = Credentials
console-wizard-secrets-text = Copy them now: they will not be shown again.
console-wizard-next-title = What next
console-wizard-next = Once the application has these settings, launch it to see whether signing in works.
console-wizard-open = Open the application’s page

## An application.
console-application-title = Application
console-application-looks = In the library
console-application-slug = Slug
console-application-group = Heading
console-application-provider = Provider
console-application-who = Who may use it
console-application-for-everybody = Everybody who can sign in
console-application-launch = Launch
console-application-launch-url = Launch address
console-application-description = Description
console-application-publisher = Publisher
console-application-hidden = Hidden
console-application-new-tab = Opens in a new tab
console-application-bindings = Who may use it
console-bindings-any = One that passes is enough.
console-bindings-all = All must pass.
console-bindings-none = Everybody may use it
console-bindings-none-text = Without bindings, everybody who can sign in may use the application.
console-binding-what = Bound
console-binding-who = Name
console-binding-order = Order
console-binding-group = Group
console-binding-user = User
console-binding-policy = Policy
console-binding-on = Counts
console-binding-off = Off
console-binding-negated = Turned round
console-binding-add = Add a binding

## A provider.
console-provider-application = Application
console-provider-unused = Without an application
console-provider-preview = Preview
console-preview-text = What the application would learn about a user, as things are configured now.
console-preview-do = Preview
console-preview-nobody = There is no such user.
console-preview-none = Providers of this kind have nothing to preview.
console-preview-claims = Claims
console-preview-failures = Mappings that failed
console-setup-title = Settings for the application’s side
console-setup-text = Copy these to where the application asks for them. The secret is shown only when it is made.
console-setup-client-id = Client ID
console-setup-issuer = Issuer
console-setup-provider-info = OpenID configuration (discovery)
console-setup-authorize = Authorization endpoint
console-setup-token = Token endpoint
console-setup-user-info = Userinfo endpoint
console-setup-logout = End-session endpoint
console-setup-jwks = Signing keys (JWKS)
console-setup-introspection = Introspection endpoint
console-setup-revoke = Revocation endpoint
console-application-alone = Without a provider
