# What hand-written endpoints of the REST API say.
api-error-impersonation-browser = Impersonation begins in a browser session, not with a token.
api-error-moment = Write a date and time, for example 2030-01-31T12:00:00Z.
api-error-integer = Write a whole number.
api-error-token-shown-once = The value of a token is shown once, when it is made or set: only its digest is kept. Set a new value with set_key.
api-error-key-algorithm = Choose rsa or ecdsa. Other keys are not built yet.
api-error-common-name = Use 1 to 64 characters.
api-error-validity = Choose between 1 and 36500 days.
api-error-alternative-names = Write host names and addresses with commas between them.
api-error-too-many = These are too many at once.
api-error-provider-model = This is not a kind of provider that is known here.
api-error-task-not-given-up = Only a job that was given up can be queued again.
api-error-model = This is not a kind of object that is known here.
api-error-object = There is no such object.
resource-error-span-positive = Choose a time span longer than zero.
resource-error-page-size = Choose between 1 and 1000.
resource-error-reputation-limit = The lower limit is between -1000 and 0, the upper one between 0 and 1000.
resource-error-token-too-long = Use at most 1024 characters.
api-error-action = This is not an action of events.
api-error-span = Write a time span, for example hours=1.
resource-error-certificate = This is not a certificate as PEM, or not that of the private key.
resource-error-revocation-list = A revocation list behind the certificate cannot be read. Each is PEM, “X509 CRL”; at most 16, and 1 MiB in all.
resource-error-private-key = Use an RSA key of at least 2048 bits or an EC key on P-256, as PEM without a passphrase.
api-error-mail-not-configured = No mail server is configured (email.host).
api-error-mail-no-address = Set web.base_url, or a brand for this host: links in mail go to no address that only a browser named.
