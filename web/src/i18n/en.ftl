### What the page says. de.ftl has the same keys; `npm run check` checks both.

app-name = Nightdesk

## Signing in

login-asking = One moment …
login-out-title = You are not signed in
login-out-text = Nightdesk has no passwords. You sign in with a link that works once.
login-used-title = This link no longer works
login-used-text = A sign-in link works only once and only for a short time. This one has been used already, or it has expired.
login-how = How to get a new link
login-how-text = On the computer that runs Nightdesk, run this command and open the link it prints:
login-how-ask = Does somebody else look after Nightdesk for you? Then ask them for a new link.
login-failed-title = Nightdesk cannot be reached
login-failed-text = Check the connection and try again. A sign-in link stays good meanwhile.
login-refused-title = Signing in did not work just now
login-too-many-text = There were too many attempts to sign in. Wait a minute; your link stays good that long.
unknown-title = There is no such page
unknown-text = Perhaps the address is incomplete.
unknown-back = Go to the messages
retry = Try again

## Head

menu = Menu
menu-signed-in = Signed in as { $name }
menu-language = Language
office-title = Office
callbacks-title = Callbacks
menu-sign-out = Sign out
skip-to-list = Skip to the messages
footer = The night is covered.

## List

list-title = Messages
list-summary = { $new ->
    [0] { $total ->
        [0] No messages
        [one] One message, heard
       *[other] { $total } messages, all heard
    }
    [one] One new message
   *[other] { $new } new messages
}
filter-label = Which messages
filter-all = All
filter-new = New
day-today = Today
day-yesterday = Yesterday
list-loading = Loading messages …
list-more = Show older ones
list-more-loading = Loading …
list-waiting = { $count ->
    [one] Show 1 new
   *[other] Show { $count } new
}
empty-title = All quiet so far
empty-text = As soon as somebody calls and leaves a message it appears here, without reloading.
empty-new-title = All heard
empty-new-text = No new message is waiting for you.
failed-title = The messages could not be loaded
failed-offline = There is no connection to Nightdesk. Nothing is lost: wherever Nightdesk runs, calls are still answered.
failed-server = Nightdesk reported an error ({ $code }). Try again in a moment.
line-down = Connection lost. The list may be out of date.
line-retry = Connect now

## Row

caller-withheld = Number withheld
row-new = New
row-urgent = Urgent
row-damaged = Damaged
row-length = Length { $length }
row-length-words = { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}
row-play = Play message from { $who }
row-pause = Pause
row-call = Call back
row-call-who = Call back { $who }
row-heard = Heard
row-heard-label = Heard: message from { $who }
row-delete = Delete
row-delete-label = Delete message from { $who }
row-details = Details

## Expanded

detail-seek = Position in the message
detail-position = { $at } of { $length } seconds
detail-speed = Speed
detail-speed-value = { $rate }×
detail-download = Download
detail-damaged = The recording is damaged and may be incomplete. What is there can be played and downloaded.
detail-broken = The recording cannot be played here. Download it or try again.
detail-transcript = Transcript
detail-transcript-hint = Made automatically, may contain mistakes.
detail-called = Called
detail-from = From
detail-at = At
detail-length = Length
detail-timeline = Course of the call
detail-timeline-loading = Loading …

## Undo

undo-deleted = { $count ->
    [one] Message deleted
   *[other] { $count } messages deleted
}
undo-place = Undo and notices
undo = Undo
dismiss = Close
refused-offline = That did not work: no connection to Nightdesk. Try again once it is back.
refused-gone = That did not work: this message no longer exists.
refused-server = That did not work: Nightdesk reported an error ({ $code }). Try again.

## For screen readers

announce-new = New message from { $who }
announce-deleted = Message from { $who } deleted. Can be undone for ten seconds.
announce-restored = Message from { $who } is back.

## Course of a call

event-incoming = Call arrives
event-answered = Nightdesk answers
event-refused = The call failed: { $reason }
event-played = Heard the prompt “{ $prompt }”
event-played-partly = Heard part of the prompt “{ $prompt }”
event-prompt-missing = The prompt “{ $prompt }” is missing and was skipped
event-key = Key { $key }
event-recording = Recording begins
event-recorded = Recording of { $length } ended: { $end }
event-saved = Message saved, { $length } to hear
event-missed = Nothing spoken: missed call
event-urgent = Marked urgent
event-replayed = Listens to the message again
event-not-kept = The recording could not be kept
event-dead = No more sound arrives
event-pin-asked = The PIN is asked for
event-pin-right = The PIN is right
event-pin-wrong = Wrong PIN
event-pin-locked = PIN locked: too many wrong tries
event-hours-opened = Opened by hand
event-hours-closed = Closed by hand
event-hours-lifted = What was set by hand is lifted
event-prompt-kept = New prompt in use: { $prompt }
event-prompt-restored = Version before of the prompt: { $prompt }
event-not-changed = Nothing changed: it was not possible
event-hang-up = Nightdesk hangs up: { $cause }
event-ended = End: { $cause }
event-left-open = Interrupted; finished at the next start
prompt-greeting = greeting
prompt-beep = beep
prompt-record-warning = time is nearly over
prompt-saved = saved
prompt-review-menu = choice after the message
prompt-marked-urgent = marked urgent
prompt-kept-so-far = what was said is kept
prompt-nothing-heard = nothing was heard
prompt-goodbye = goodbye
prompt-leave-message = please leave a message
prompt-error-invalid = key without meaning
prompt-record-again = speak again
prompt-record-more = say more
prompt-not-kept = could not be kept
prompt-not-kept-withheld = could not be kept, number unknown
prompt-already-urgent = already marked urgent
prompt-no-service = no service
record-end-key = key pressed
record-end-silence = silence
record-end-max = longest time reached
record-end-stopped = call over
hang-up-done = all said
hang-up-silent = no input
hang-up-not-kept = recording not possible
call-end-bye = hung up
call-end-cancelled = hung up before the answer
call-end-local = ended by Nightdesk
call-end-no-ack = the other side never confirmed
call-end-session-expired = the other side no longer answers
call-end-refused = refused
call-end-transport = connection lost

## Prompts

prompts-title = Prompts
prompts-back = Back to the messages
prompts-summary = { $own ->
    [0] All as they came
    [one] One of your own
   *[other] { $own } of your own
}
prompts-language = Language of the prompts
prompts-german = German
prompts-english = English
prompts-loading = Loading prompts …
prompts-hint = This is what callers hear. You can replace each prompt: speak it yourself, upload a file, or have a text spoken.
prompt-own = Your own
prompt-play = Play prompt “{ $prompt }”
prompt-no-transcript = No text
prompt-nothing-heard-now = Callers hear nothing here at present.
prompt-broken = This prompt cannot be played here.
prompt-replace = Make it anew
prompt-way-record = Record
prompt-way-file = File
prompt-way-type = Type
prompt-record-hint = Speak close to the microphone, in a quiet room. Silence at both ends is removed, and the level is adjusted.
prompt-record-start = Start recording
prompt-record-stop = I have finished
prompt-record-hear = Listen, { $length }
prompt-record-anew = Once more
prompt-record-denied = This page may not use the microphone. Allow it in the settings of your browser.
prompt-record-absent = Recording does not work here: there is no microphone, or the page was not opened with https. Upload a file instead.
prompt-file = Audio file (WAV, MP3, FLAC, OGG, M4A, AIFF, CAF)
prompt-transcript = What is said in it (optional)
prompt-text = Text to be spoken
prompt-say = Speak it and use it
prompt-use = Use it
prompt-making = The prompt is being made …
prompt-history = Versions
prompt-version = Version { $number }
prompt-current = Callers hear this
prompt-shipped = As it came
prompt-source-upload = uploaded
prompt-source-text = typed
prompt-source-phone = spoken by phone
prompt-restore = Use again
prompt-restore-label = Use version { $number } again
prompt-reset-label = Use the prompt as it came again
prompt-hear-version = Play “{ $prompt }”, version { $number }
prompt-hear-shipped = Play “{ $prompt }” as it came
prompt-refused-not-audio = This file cannot be read. Save it as WAV, MP3, FLAC, OGG (Vorbis), M4A (AAC), AIFF or CAF.
prompt-refused-too-large = The file is too large: 20 MB at most.
prompt-refused-too-long = That is too long: a prompt lasts three minutes at most.
prompt-refused-silent = Nothing can be heard in it. Check the microphone and record again.
prompt-refused-overdriven = The recording is overdriven. Turn the microphone down and record again.
prompt-refused-form = This form does not fit. Save the recording as mono or stereo at 16, 44.1 or 48 kHz.
prompt-refused-no-text = There is nothing to be spoken in this text.
prompt-refused-text-too-long = The text is too long: 1000 characters at most.
prompt-refused-too-much = There is no room for so many prompts of your own. Shorten one, or use one as it came again.
prompt-refused-busy = A prompt is being made already. Try again in a moment.
prompt-refused-no-room = The storage is full. What is there stays and is still heard.
prompt-refused-only-owner = Only an owner of the business may do this.
prompt-refused-gone = This version does not exist any more.
announce-prompt-set = Callers now hear the new prompt “{ $prompt }”.
announce-prompt-reset = Callers hear the prompt “{ $prompt }” as it came again.
