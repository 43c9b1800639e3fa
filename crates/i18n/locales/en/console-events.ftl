# Events and charts in the console.

## Charts.
console-chart-table = Show the numbers
console-chart-when = When
# $name is what was counted, $total how much of it, such as "1,234".
console-chart-total = { $name }: { $total }
# Under the axis, as short as can be.
console-chart-day = { $day } { $month ->
    [1] Jan
    [2] Feb
    [3] Mar
    [4] Apr
    [5] May
    [6] Jun
    [7] Jul
    [8] Aug
    [9] Sep
    [10] Oct
    [11] Nov
   *[12] Dec
}

## What kinds of events there are.
event-action-login = Sign-in
event-action-login-failed = Failed sign-in
event-action-logout = Sign-out
event-action-user-write = Account written by a flow
event-action-suspicious-request = Suspicious request
event-action-password-set = Password set
event-action-secret-view = Secret viewed
event-action-secret-rotate = Secret replaced
event-action-authorize-application = Application authorized
event-action-flow-execution = Flow run
event-action-policy-execution = Policy evaluated
event-action-policy-exception = Policy failed
event-action-property-mapping-exception = Property mapping failed
event-action-system-task-execution = Job done
event-action-system-task-exception = Job failed
event-action-invitation-used = Invitation used
event-action-email-sent = Email sent
event-action-source-linked = Account linked
event-action-update-available = Update available
event-action-custom = Recorded by an expression
event-action-system-exception = Fault
event-action-configuration-error = Configuration error
event-action-configuration-warning = Configuration warning
event-action-model-created = Object created
event-action-model-updated = Object changed
event-action-model-deleted = Object deleted
event-action-impersonation-started = Impersonation started
event-action-impersonation-ended = Impersonation ended

## Each kind of event as a sentence.
# $user is who did it; when nobody is known:
event-nobody = Somebody
# When Countersign did it itself:
event-ourselves = Countersign
# What has no name, or no longer has one:
event-unnamed = (unnamed)
# $method is how the person proved who they are.
event-login = { $user } signed in { $method ->
    [password] with a password
    [recovery] with a recovery link
    [auth_webauthn_pwl] with a passkey
    [token] with a token
   *[other] { "" }
}
# $name is what was typed.
event-login-failed = Signing in as “{ $name }” failed
event-logout = { $user } signed out
event-user-write = { $created ->
    [yes] A flow created the account { $user }
   *[no] A flow changed the account { $user }
}
event-suspicious-request = A request to { $object } looked wrong: { $message }
event-password-set = { $user } set a new password
event-secret-view = { $user } viewed the secret of { $kind } “{ $object }”
event-secret-rotate = { $user } replaced the secret of { $kind } “{ $object }”
event-authorize-application = { $user } was let in to { $app }
event-flow-execution = { $user } ran the flow { $flow }
event-policy-execution = { $passing ->
    [yes] The policy “{ $object }” let { $user } pass
   *[no] The policy “{ $object }” did not let { $user } pass
}
event-policy-exception = The policy “{ $object }” could not be evaluated: { $message }
event-property-mapping-exception = The property mapping for the scope { $scope } of { $object } failed: { $message }
event-system-task-execution = The job { $name } was done
event-system-task-exception = The job { $name } failed: { $message }
event-invitation-used = { $user } used the invitation “{ $object }”
event-email-sent = A message went to { $name }
event-source-linked = { $user } linked an account of “{ $object }”
event-update-available = A newer version is available: { $message }
event-custom = { $name } happened, as an expression records
event-system-exception = A fault in Countersign: { $message }
event-configuration-error = { $object } cannot work as it is configured: { $message }
event-configuration-warning = { $object } works badly as it is configured: { $message }
event-model-created = { $user } created { $kind } “{ $object }”
# $fields are the names of what changed; they may be missing.
event-model-updated = { $user } changed { $kind } “{ $object }”
event-model-updated-fields = { $user } changed { $fields } of { $kind } “{ $object }”
event-model-deleted = { $user } deleted { $kind } “{ $object }”
event-impersonation-started = { $user } began to act as { $object }
event-impersonation-ended = { $user } stopped acting as { $object }
# $by acted in the place of $name.
event-in-place-of = { $by } (as { $name })

## The log.
console-events-title = Event log
console-events-text = What happened here: who did it, to what, and from where.
console-events-search-action = What happened
console-events-all-actions = Everything
console-events-user = User
console-events-user-help = User name
console-events-address = Address
console-events-object = Object
console-events-object-help = Name or identifier of what it happened to
console-events-since = From
console-events-until = Until
console-events-apply = Filter
console-events-clear = Clear filters
console-events-when = When
console-events-what = What happened
console-events-who = Who
console-events-from = From where
console-events-empty-title = No events
console-events-empty-text = Nothing in the log matches. Widen the time or clear the filters.
console-events-more = Earlier events
console-events-first = Latest events
console-events-chart-day = Last 24 hours
console-events-chart-month = Last 30 days
console-events-chart-sign-ins = Sign-ins
console-events-chart-failures = Failed sign-ins
console-events-chart-applications = Applications used
console-events-chart-actions = What happened
console-events-chart-nothing = Nothing in this time.
console-events-range = Time shown

## One event.
console-event-title = Event
console-event-details = Details
console-event-changes = What changed
console-event-field = Field
console-event-before = Before
console-event-after = After
console-event-context = Recorded details
console-event-app = Recorded by
console-event-expires = Kept until
console-event-object-link = Open { $object }
console-event-nothing = Nothing
console-chart-days = Days are those of UTC.
