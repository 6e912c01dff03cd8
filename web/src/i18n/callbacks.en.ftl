### What the page says in the queue of callbacks; loaded with it.

callbacks-back = Back to the messages
callbacks-summary = { $open ->
    [0] Nothing open
    [one] One open
   *[other] { $open } open
 }{ $overdue ->
    [0] { "" }
   *[other] , { $overdue } overdue
 }
callbacks-list = List of callbacks
callbacks-loading = Loading callbacks …
callbacks-next = Next
callbacks-none-due = No callback is due just now.
callbacks-waiting = { $count ->
    [one] One new
   *[other] { $count } new
 }
callbacks-empty = Nothing to do here.
callbacks-more = Show more
callbacks-filter = Choose callbacks
callbacks-filter-open = All open
callbacks-filter-due = Due
callbacks-filter-overdue = Overdue
callbacks-filter-urgent = Urgent
callbacks-filter-mine = Mine
callbacks-filter-done = Done

callbacks-overdue = overdue for { $since }
callbacks-minutes = { $count ->
    [one] one minute
   *[other] { $count } minutes
 }
callbacks-hours = { $count ->
    [one] one hour
   *[other] { $count } hours
 }
callbacks-days = { $count ->
    [one] one day
   *[other] { $count } days
 }
callbacks-promised-by = promised by { $when }
callbacks-slot = booked { $when }
callbacks-snoozed = again from { $when }
callbacks-today = today, { $time }
callbacks-other-day = { $day }, { $time }
callbacks-told = Promised: “{ $words }”
callbacks-calls = { $count ->
    [0] no call
    [one] one call, { $last }
   *[other] { $count } calls, last { $last }
 }
callbacks-attempts = { $count ->
    [one] one try
   *[other] { $count } tries
 }
callbacks-yours = with you
callbacks-theirs = with { $name }
callbacks-assigned = for { $name }
callbacks-held = held back
callbacks-give-up-proposed = tried often: give up?
callbacks-no-number = No number
callbacks-needs-leave = Needs leave: { $why }
callbacks-why-foreign = abroad ({ $country })
callbacks-why-premium = premium number
callbacks-why-service = service number
callbacks-why-personal = personal number
callbacks-why-short = short or emergency number
callbacks-why-satellite = satellite telephone
callbacks-why-invalid = not a valid number
callbacks-why-other = special number

callbacks-call = Call
callbacks-call-who = Call { $who } and take it
callbacks-claim = Take
callbacks-claim-who = Take { $who }
callbacks-release = Give back
callbacks-release-who = Give back { $who }
callbacks-outcome = What came of it?
callbacks-reached = Reached
callbacks-no-answer = No answer
callbacks-mailbox = Mailbox
callbacks-busy = Busy
callbacks-wrong-number = Wrong number
callbacks-finish-how = Done with what?
callbacks-solved = Settled
callbacks-appointment = Time agreed
callbacks-forwarded = Passed on
callbacks-cancelled = Wants no call
callbacks-no-need = Not needed
callbacks-spam = Advertising
callbacks-given-up = Given up
callbacks-give-up = Give up
callbacks-snooze = Later
callbacks-snooze-hour = In 1 hour
callbacks-snooze-hours = In 4 hours
callbacks-snooze-day = This time tomorrow
callbacks-note = Note
callbacks-note-save = Save note
callbacks-number = Number to call
callbacks-number-save = Save number
callbacks-allow = Allow this number
callbacks-admit = Put among the others
callbacks-urgent = Urgent
callbacks-reopen = Open again
callbacks-history = History
callbacks-messages = Messages
callbacks-reading = Loading …
callbacks-play = Play the message of { $at }
callbacks-pause = Pause

callbacks-said-claim = Took { $who }.
callbacks-said-attempt = Try noted.
callbacks-said-done = Done.
callbacks-said-snooze = Put off.
callbacks-said-release = Given back.
callbacks-said-note = Noted.

callbacks-refused-gone = This callback is no longer there.
callbacks-refused-claimed = Somebody else has it already. Take the next one.
callbacks-refused-personal = It is for somebody else for now.
callbacks-refused-leave = This number must be allowed first.
callbacks-refused-changed = Something about it has just changed. Look again.
callbacks-refused-undo = That cannot be taken back any more.
callbacks-refused-input = That cannot be entered like this.

callbacks-by-caller = caller
callbacks-by-console = command line
callbacks-by-clock = clock
callbacks-by-somebody = somebody
callback-event-created = Made
callback-event-call = Further call
callback-event-claimed = Taken
callback-event-released = Given back
callback-event-lease-ended = Returned by itself
callback-event-attempt = Try: { $result }
callback-event-note = Note: { $note }
callback-event-snoozed = Put off
callback-event-done = Done
callback-event-given-up = Given up
callback-event-reopened = Opened again
callback-event-assigned = Assigned
callback-event-urgent = Urgency changed
callback-event-number = Number changed
callback-event-allowed = Number allowed
callback-event-admitted = Put among the others
callback-event-booked = Time booked
callback-event-moved = Time moved
callback-event-promise-told = Promised: “{ $words }”
callback-event-promise-warned = Promise ends soon
callback-event-promise-kept = Promise kept
callback-event-promise-tried = Promise: tried in time
callback-event-promise-broken = Promise broken
callback-event-promise-withdrawn = Promise no longer counts
callback-event-undone = Taken back
callback-event-other = { $kind }
