# Words that every page may need. Other files hold the words of one part of the house each.
# Keys: <area>-<thing>[-<detail>]. Every language has the same files, keys and arguments.

## The language itself, shown in the chooser as its own speakers write it.
language-name = English
# ltr or rtl
language-direction = ltr
language-choose = Language

## What a button does.
action-continue = Continue
action-back = Back
action-cancel = Cancel
action-close = Close
action-sign-in = Sign in
action-sign-out = Sign out
action-sign-up = Create account
action-save = Save
action-send = Send
action-confirm = Confirm
action-delete = Delete
action-remove = Remove
action-edit = Edit
action-add = Add
action-search = Search
action-copy = Copy
action-show = Show
action-hide = Hide
action-open = Open
action-retry = Try again
action-restart = Start again
action-allow = Allow
action-deny = Deny
action-skip = Skip for now
action-learn-more = Learn more
action-home = Go to the start page
action-skip-to-content = Skip to content

## Small words.
word-yes = Yes
word-no = No
word-or = or
word-optional = optional
word-required = required
word-none = None
word-loading = Loading…

## Error pages: what happened, and what to do now.
error-request-id = Request: { $id }
error-not-found-title = Page not found
error-not-found-text = There is nothing at this address. Check the link, or go back to the start page.
error-unauthenticated-title = Please sign in
error-unauthenticated-text = You need to be signed in to see this page.
error-denied-title = No access
error-denied-text = Your account does not have access to this page. If you need it, ask your administrator.
error-expired-title = This page has expired
error-expired-text = The page was open for too long. Start again; it only takes a moment.
error-stale-title = This step is already done
error-stale-text = You may have gone back, or continued in another tab. Carry on from where you were.
error-throttled-title = Too many attempts
error-throttled-text = { $minutes ->
    [one] Wait a minute, then try again.
   *[other] Wait { $minutes } minutes, then try again.
}
error-unavailable-title = Busy right now
error-unavailable-text = We could not finish this just now. Try again in a moment.
error-bad-request-title = This request could not be read
error-bad-request-text = Something in the request was missing or did not arrive whole. Go back and try again.
error-conflict-title = This has changed in the meantime
error-conflict-text = Someone changed it while you were working. Reload the page to see the current state.
error-too-large-title = Too much to send
error-too-large-text = What was sent is larger than we accept. Send less and try again.
error-method-title = This address works differently
error-method-text = The page cannot be opened this way. Go back and use the form or link.
error-internal-title = Something went wrong
error-internal-text = The fault is on our side. Try again, and if it keeps happening, give your administrator this request number: { $id }
error-cookies-title = Cookies are needed
error-cookies-text = Your browser did not keep the cookie that holds your place. Allow cookies for this site and start again.
error-summary = { $count ->
    [one] One field needs your attention
   *[other] { $count } fields need your attention
}

## What is wrong with a field, in its own place.
field-required = Fill in this field.
field-invalid = Check this field.
field-too-long = Use at most { $max ->
    [one] one character
   *[other] { $max } characters
}.
field-too-short = Use at least { $min ->
    [one] one character
   *[other] { $min } characters
}.
field-email = Enter an e-mail address, such as name@example.com.
field-number = Enter a whole number.
field-decimal = Enter a number.
field-minimum = Enter { $min } or more.
field-maximum = Enter { $max } or less.
field-date = Enter a date, such as 2026-11-22.
field-date-time = Enter a date and a time, such as 2026-11-22 09:30.
field-url = Enter a full address that starts with https:// or http://.
field-choice = Choose one of the list.
field-choices = Choose from the list.
field-checked = Tick the box to go on.
field-username = Use letters, digits and the characters . _ - + @.
field-slug = Use letters, digits, hyphens and underscores.
field-file-type = Choose a file of another type.
field-file-size = Choose a smaller file.
field-line-break = Write this on one line.
field-characters = Remove the characters that cannot be shown.
field-passwords-differ = The two passwords are not the same. Type them again.
field-password-too-short = Use a password of at least { $min } characters.
field-password-common = Many people use this password, so it is easy to guess. Choose another one.
field-password-wrong = The password does not match. Try again.
field-name-taken = This name is taken. Choose another one.
field-email-taken = This e-mail address is in use. Enter another one.
field-taken = This value is in use. Choose another one.
field-unknown = This field is not known here.
field-json = Enter valid JSON.
field-reference = Choose an entry that exists.

## Lengths of time.
time-seconds = { $count ->
    [one] one second
   *[other] { $count } seconds
}
time-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
}
time-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
}
time-days = { $count ->
    [one] one day
   *[other] { $count } days
}

## Moments, seen from now.
time-now = just now
time-minutes-ago = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
time-hours-ago = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
time-days-ago = { $count ->
    [one] a day ago
   *[other] { $count } days ago
}
time-months-ago = { $count ->
    [one] a month ago
   *[other] { $count } months ago
}
time-years-ago = { $count ->
    [one] a year ago
   *[other] { $count } years ago
}
time-minutes-ahead = { $count ->
    [one] in a minute
   *[other] in { $count } minutes
}
time-hours-ahead = { $count ->
    [one] in an hour
   *[other] in { $count } hours
}
time-days-ahead = { $count ->
    [one] in a day
   *[other] in { $count } days
}
time-months-ahead = { $count ->
    [one] in a month
   *[other] in { $count } months
}
time-years-ahead = { $count ->
    [one] in a year
   *[other] in { $count } years
}

## Dates. $month is 1 to 12; $clock is 24 hours, such as 06:13; $zone is such as UTC+09:00.
time-date = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }
time-date-time = { $date }, { $clock } { $zone }

## Somebody acts in another's place.
base-acting = You are acting as { $name }.
base-acting-end = Stop acting
