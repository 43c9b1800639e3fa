# The dashboard and the system in the console.

## The dashboard.
console-dashboard-title = Overview
console-dashboard-house = This installation
console-dashboard-latest = Latest events
console-dashboard-all-events = All events
console-attention-title = Needs attention
console-attention-none = Nothing needs your attention.
console-attention-jobs = { $count ->
    [one] One job was given up
   *[other] { $count } jobs were given up
}
# $name is a blueprint.
console-attention-blueprint-error = The blueprint “{ $name }” could not be applied
console-attention-blueprint-drift = The blueprint “{ $name }” has changed since it was applied
# $name is a certificate, $when such as "in 3 days".
console-attention-certificate-ends = The certificate “{ $name }” expires { $when }
console-attention-certificate-ended = The certificate “{ $name }” expired { $when }
console-attention-no-brand = No brand is the default

## The system.
console-system-title = System status
console-system-text = Version, health and recurring work of this installation.
console-system-this = This installation
console-system-sizes = Sizes
console-system-version = Version
console-system-database = Database
console-system-health = Health
console-system-ready = Ready
console-system-not-ready = Not ready
console-system-time = Server time
console-system-install-id = Installation identifier
console-system-recurring = Recurring work
console-system-nothing-recurring = Nothing yet
console-system-nothing-recurring-text = Recurring work shows up here once a worker has run.
console-system-running = Running
console-system-waiting = Waiting
console-system-late = Late
console-system-worker = Worker
console-system-next = Next run
console-state = State
console-certificate-subject = Subject
console-certificate-good = Valid
console-certificate-soon = Expires soon
console-certificate-expired = Expired
console-certificates-none = No certificates
console-certificates-none-text = Generate or import a certificate key pair.

## Jobs.
console-jobs-title = Jobs
console-jobs-text = Work that is done in the background, and what became of it.
console-jobs-all = All
console-jobs-queued = Queued
console-jobs-done = Done
console-jobs-dead = Given up
console-jobs-retry = Try again
console-jobs-none = No jobs
console-jobs-none-text = Nothing of this sort is waiting or was done lately.
console-job-kind = Job
console-job-attempts = Tries
console-job-error = Last error
console-job-created = Created
console-job-run-at = Not before
console-job-queued = Queued
console-job-done = Done
console-job-dead = Given up
console-done-jobs-retried = The jobs are in the queue again.

## Blueprints.
console-blueprints-text = Configuration that is kept applied, from files or from texts that are kept here.
console-blueprints-export = Export everything
console-blueprint-here = Kept here
console-blueprints-new = New blueprint instance
console-blueprints-apply = Apply again
console-blueprints-none = No blueprints
console-blueprints-none-text = Blueprints that are kept applied show up here.
console-blueprint-path = File
console-blueprint-applied = Last applied
console-blueprint-successful = Applied
console-blueprint-warning = Applied with warnings
console-blueprint-error = Failed
console-blueprint-orphaned = File is gone
console-blueprint-unknown = Not applied yet
console-blueprint-drifted = File has changed
console-blueprint-off = Off
# $name is the blueprint.
console-blueprint-went-well = “{ $name }” is applied.
console-blueprint-went-wrong = “{ $name }” could not be applied.

## Settings.
console-settings-title = Settings
console-settings-text = What holds for the whole installation.
console-setting-event-retention = Keep events for
console-setting-event-retention-help = Such as days=365.
console-setting-default-token-duration = New tokens expire after
console-setting-default-token-duration-help = Such as days=1. Used unless something else is said.
console-setting-impersonation = Administrators may impersonate users
console-setting-impersonation-help = Only users with no more rights than themselves.
console-setting-impersonation-require-reason = Impersonation needs a reason
console-setting-impersonation-require-reason-help = The reason is kept in the event log.
console-setting-pagination-default-page-size = Results on a page of the API
console-setting-pagination-default-page-size-help = When the client does not say.
console-setting-pagination-max-page-size = Most results on a page of the API
console-setting-pagination-max-page-size-help = Clients that ask for more get this many.
console-setting-reputation-lower-limit = Lowest score of a reputation
console-setting-reputation-lower-limit-help = Failures take a score no lower: 0 to -1000.
console-setting-reputation-upper-limit = Highest score of a reputation
console-setting-reputation-upper-limit-help = Successes take a score no higher: 0 to 1000.
console-setting-mail-new-sign-in = Tell people of sign-ins from new browsers
console-setting-mail-new-sign-in-help = By a letter to their own address, once a mail server is set up.
console-setting-mail-changed-credential = Tell people of changed passwords and addresses
console-setting-mail-changed-credential-help = By a letter to their own address, and to the old one when it was changed.

## Connection diagnostics.
console-diagnostics-title = Connection diagnostics
console-diagnostics-text = Shows how requests reach this server, to help you set up a proxy.
console-diagnostics-result = What we make of it
console-diagnostics-client = Client address
console-diagnostics-scheme = Scheme
console-diagnostics-host = Host
console-diagnostics-base = Our own address
console-diagnostics-connection = Connection
console-diagnostics-peer = Peer
console-diagnostics-trusted = Trusted proxy
console-diagnostics-untrusted = Not a trusted proxy
console-diagnostics-tls = TLS ends here
console-diagnostics-networks = Trusted networks
console-diagnostics-headers = Headers
console-diagnostics-name = Name
console-diagnostics-value = Value
console-diagnostics-unknown = Unknown
console-diagnostics-good = The proxy at { $peer } is trusted, and its headers are used.
console-diagnostics-direct = No proxy stands between you and this server. There is nothing to set up.
console-diagnostics-not-trusted = Forwarded headers came from { $peer }, which is not a trusted proxy, so they were ignored. If it is your proxy, add its network to listen.trusted_proxy_cidrs.
console-diagnostics-nothing-forwarded = { $peer } is a trusted proxy but sent no forwarded headers. Let it set X-Forwarded-For, X-Forwarded-Proto and X-Forwarded-Host.
console-diagnostics-unreadable = The proxy at { $peer } is trusted, but the address of the client could not be read from its headers. Let it set X-Forwarded-For, and no other header that contradicts it.
console-diagnostics-no-headers = No headers of proxies
console-diagnostics-no-headers-text = Nothing that proxies set came with this request.
console-blueprint-standing = Where it stands
console-blueprint-settings = What is set
console-blueprint-hash = Applied contents (SHA-256)
console-blueprint-hash-now = Contents of the file now
console-blueprint-changed = File changed
console-blueprint-problem = What went wrong
console-schedule-clear-expired = Clearing away what has expired
console-schedule-count-events = Counting events for charts

## Mail.
console-mail-title = Mail
console-mail-text = By which server mail goes out, and what it looks like. Settings stand in the configuration, below email.
console-mail-not-configured = No mail server is configured, so no mail goes out. Set email.host in the configuration.
console-mail-server-title = Mail server
console-mail-server = Server
console-mail-encryption = Encryption
console-mail-plain = None
console-mail-username = User name
console-mail-from = Sender
console-mail-test = Test message
console-mail-to = Recipient
console-mail-send = Send test message
console-mail-failed = The message was not sent: { $error }
console-done-mail-sent = The mail server took the message.
console-mail-templates = Templates
console-mail-template = Template
console-mail-about = What for
console-mail-file = File of yours
console-mail-own = Added by you
console-mail-topic-password-reset = Password reset
console-mail-topic-account-confirmation = Account confirmation
console-mail-topic-invitation = Invitation
console-mail-topic-magic-link = Sign-in link
console-mail-topic-code = Code
console-mail-topic-address-proof = Proof of an address
console-mail-topic-new-sign-in = New sign-in
console-mail-topic-changed-credential = Changed credential
console-mail-topic-event-notification = Notification about an event
console-mail-topic-test = Test message
console-mail-no-address = Set web.base_url, or a brand for this host: links in mail go to no address that only a browser named.
