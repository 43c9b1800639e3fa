# Pages of sign-in to applications, and complaints about the configuration of providers.

oauth2-error-title = This application asked in a way we cannot follow
oauth2-error-client = The application that sent you here is not known. Go back to it, and if this happens again, tell whoever runs it. ({ $detail })
oauth2-error-redirect-uri = The application asked to send you to an address that is not registered for it, so we stopped here. Tell whoever runs the application. ({ $detail })
oauth2-error-request = The request of the application could not be read. Go back to it and try again. ({ $detail })
oauth2-error-too-long = The request of the application is too long. Tell whoever runs the application.
oauth2-error-logout = You were not signed out, because the application asked for it in a way we cannot follow. ({ $detail })

oauth2-denied-title = No access to this application
oauth2-denied-text = Your account does not have access to this application. If you need it, ask your administrator.
oauth2-denied-session = You are no longer signed in. Go back to the application and start again.
oauth2-denied-other-user = Somebody else has signed in meanwhile. Go back to the application and start again.
oauth2-denied-changed = The settings of the application have changed meanwhile. Go back to it and start again.

oauth2-form-post-title = Almost there
oauth2-form-post-text = Continue to the application.

oauth2-scope-name-invalid = A scope is one word of at most 128 printable characters.
oauth2-scope-description-too-long = Use at most 1024 characters.
oauth2-scope-expression-invalid = The expression cannot be read: { $problem }

oauth2-provider-client-id = Use at most 255 printable characters without spaces and colons.
oauth2-provider-client-secret = Use at most 255 printable characters without spaces.
oauth2-provider-client-secret-short = To sign with the client secret, it needs at least 32 characters.
oauth2-provider-span = Choose a span from { $least } to { $most }.
oauth2-provider-not-built = This is not built yet. Leave it empty.
oauth2-provider-logout-uri = Use an address that begins with https:// or http://.
