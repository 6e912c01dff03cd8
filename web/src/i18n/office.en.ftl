### What the page says in the office; comes with it.

office-back = Back to the messages
office-opening = Opening
office-call = Trial call
office-plan = Plan
office-pin = PIN
office-loading = Loading …
office-line-down = Connection lost. What you see may be out of date.
office-only-owner = Only an owner may do this. Please ask one.
office-in-files = Plans are files here, and are changed there.
cancel = Cancel

when-today = today, { $time }
when-tomorrow = tomorrow, { $time }
when-day = { $day }, { $time }

## Opening

opening-open = Open
opening-closed = Closed
opening-until = until { $until }
opening-from-until = from { $from } until { $until }
opening-always = until further notice
opening-why-hours = By the opening hours.
opening-why-outside = Outside the opening hours.
opening-why-closure = Closed by the plan.
opening-why-closure-named = Closed by the plan: { $detail }.
opening-why-holiday = Public holiday: { $detail }.
opening-why-override = Set by hand.
opening-why-override-named = Set by hand: { $detail }.
opening-close = Close until …
opening-close-longer = Stay closed until …
opening-open-now = Open until …
opening-open-longer = Stay open until …
opening-do-close = Close
opening-do-open = Open
opening-standing = Set by hand
opening-lift = Lift
opening-lifted = Lifted. The plan counts again.
opening-set-open = Open until { $until }.
opening-set-closed = Closed until { $until }.
opening-by = { $author }, { $at }
opening-reason-given = Reason: { $reason }
opening-reason = Reason (if you like)
opening-reason-hint = Callers hear it where the plan tells a reason. For example: works outing.
opening-bad-time = This time will not do. It must be in the future, at most 400 days away.
opening-too-many = Too much is set by hand already. Lift some of it.
until-legend-close = Closed until
until-legend-open = Open until
until-next-opening = Next opening
until-evening = This evening
until-midnight = Midnight
until-tomorrow = Tomorrow morning
until-own = Another time
until-own-label = Day and time
until-too-early = This time has passed already.
week-title = The next seven days
week-hint = What callers reach, by the clock of { $timezone }.
week-open = open
week-closed = closed
week-why = why?

## Plan

plan-line = line { $line }
plan-text = Text of the plan
plan-checking = Checking …
plan-good = The text is fine.
plan-found = { $errors ->
    [0] No errors
    [one] One error
   *[other] { $errors } errors
}, { $warnings ->
    [0] no warnings
    [one] one warning
   *[other] { $warnings } warnings
}.
plan-findings = Errors and warnings
plan-error = Error
plan-warning = Warning
plan-not-good = The text has errors; nothing was changed.
plan-changed = Somebody else was faster. Your text is still here; see above what has changed.
plan-is-file = This plan is the file { $file }, and is changed there. You can read it and try it here.
plan-not-owner = Only an owner may change the plan. You can read it and try it.
plan-standard-hint = There is no plan of your own yet: calls follow this one, which ships. Change it, and it becomes yours.
plan-held-back = This text does not count, because it has errors. Calls go on with the last good revision.
plan-overtaken-title = Somebody else was faster
plan-overtaken = Revision { $revision } by { $author } is the plan by now. Your text is still here.
plan-overtaken-theirs = What was changed there
plan-keep-mine = Go on with my text
plan-take-theirs = Discard my text
plan-show-changes = Show changes
plan-discard = Discard
plan-review = This will change
plan-note = What for? (if you like)
plan-note-example = New opening hours
plan-save = Make it the plan
plan-write-on = Go on writing
plan-save-errors = The text can become the plan once no error is left.
plan-saved = Revision { $revision } counts from the next call on.
plan-rolled-back = Revision { $revision } counts again, from the next call on.
diff-gone = Removed:
diff-new = New:
diff-gap = Left out
diff-same = There is no difference.
history-title = Earlier revisions
history-revision = Revision { $revision }
history-restores = Revision { $revision }: revision { $restores } again
history-current = counts
history-standard = Plan that ships
history-standard-hint = What counted before there was one of your own
history-compare = Compare with what
history-then = What changed then
history-now = Difference from today
history-diff = Difference of revision { $revision }
history-back = Take revision { $revision } again
history-back-standard = Take the plan that ships again

## Trial call

probe-title = What would a caller hear?
probe-hint = Nightdesk plays the call through without ringing any phone.
probe-at = When
probe-at-now = Left empty: now.
probe-now = Now
probe-who = Who calls
probe-mine = I do
probe-withheld = Withheld
probe-other = A number
probe-my-number = My number
probe-number = Number
probe-no-number = Without a number the call shows none.
probe-draft = With the text that I am writing
probe-keys = Keys
probe-pressed = Pressed:
probe-none = nothing
probe-press = Key { $key }
probe-wait = Wait 2 s
probe-wait-out = Wait it out
probe-rub = Delete the last key
probe-told = Course of the trial call
probe-rings = { $caller } calls.
probe-rings-withheld = Somebody without a number calls.
heard-by-route = begins here
heard-by-keys = chosen
heard-by-silence = no key
heard-by-invalid = wrong keys
heard-by-done = after that
heard-by-otherwise = nobody free
heard-by-back = back
heard-presses = Presses { $key }
heard-silent = { $seconds } s of silence
heard-speaks = Speaks for { $seconds } s
heard-kept = Message saved
heard-kept-urgent = Urgent message saved
heard-ends-caller = Hangs up
heard-ends = Nightdesk hangs up
heard-pin = Gives the PIN
heard-opens = Opens by hand until { $until }
heard-closes = Closes by hand until { $until }
heard-lifts = Lifts what is set by hand
heard-keeps-prompt = Replaces the prompt { $prompt }
heard-restores-prompt = Takes the version before of the prompt { $prompt }
heard-books = Callback booked for { $at } { $number }
heard-moves = Callback moved to { $at } { $number }
heard-notes = Callback noted until { $at } { $number }
heard-cancels = Callback cancelled
heard-promised = Promised until { $at }
heard-prompt = Prompt { $prompt }

## PIN

pin-title = PIN for the telephone
pin-hint = With it you hear your messages from any phone, and open or close, where the plan has an entrance.
pin-none = No PIN is set; the entrance by phone is closed.
pin-set = A PIN is set, since { $at }.
pin-locked = Locked after too many wrong tries, since { $at }.
pin-wrong = { $wrong ->
    [one] One wrong try
   *[other] { $wrong } wrong tries
} since the last right one.
pin-unlock = Let it be tried again
pin-unlocked = The PIN can be tried again.
pin-first = PIN
pin-new = New PIN
pin-rule = 6 to 12 digits, no sequences or years.
pin-show = Show the digits
pin-save = Set the PIN
pin-is-set = The new PIN counts.
pin-shape = A PIN has 6 to 12 digits and nothing else.
pin-too-easy = This PIN is too easy to guess. Take another one.
