### Was die Seite in der Rückrufliste sagt; wird erst mit ihr geladen.

callbacks-back = Zurück zu den Nachrichten
callbacks-summary = { $open ->
    [0] Nichts offen
    [one] Einer offen
   *[other] { $open } offen
 }{ $overdue ->
    [0] { "" }
   *[other] , { $overdue } überfällig
 }
callbacks-list = Liste der Rückrufe
callbacks-loading = Rückrufe werden geladen …
callbacks-next = Nächster
callbacks-none-due = Gerade ist kein Rückruf fällig.
callbacks-waiting = { $count ->
    [one] Ein neuer
   *[other] { $count } neue
 }
callbacks-empty = Hier ist nichts zu tun.
callbacks-more = Weitere anzeigen
callbacks-filter = Rückrufe auswählen
callbacks-filter-open = Alle offenen
callbacks-filter-due = Fällig
callbacks-filter-overdue = Überfällig
callbacks-filter-urgent = Dringend
callbacks-filter-mine = Meine
callbacks-filter-done = Erledigt

callbacks-overdue = überfällig seit { $since }
callbacks-minutes = { $count ->
    [one] einer Minute
   *[other] { $count } Minuten
 }
callbacks-hours = { $count ->
    [one] einer Stunde
   *[other] { $count } Stunden
 }
callbacks-days = { $count ->
    [one] einem Tag
   *[other] { $count } Tagen
 }
callbacks-promised-by = zugesagt bis { $when }
callbacks-slot = Termin { $when }
callbacks-snoozed = wieder ab { $when }
callbacks-today = heute, { $time }
callbacks-other-day = { $day }, { $time }
callbacks-told = Zugesagt: „{ $words }“
callbacks-calls = { $count ->
    [0] ohne Anruf
    [one] ein Anruf, { $last }
   *[other] { $count } Anrufe, zuletzt { $last }
 }
callbacks-attempts = { $count ->
    [one] ein Versuch
   *[other] { $count } Versuche
 }
callbacks-yours = bei Ihnen
callbacks-theirs = bei { $name }
callbacks-assigned = für { $name }
callbacks-held = zurückgehalten
callbacks-give-up-proposed = oft versucht: aufgeben?
callbacks-no-number = Keine Nummer
callbacks-needs-leave = Freigabe nötig: { $why }
callbacks-why-foreign = Ausland ({ $country })
callbacks-why-premium = teure Sondernummer
callbacks-why-service = Servicenummer
callbacks-why-personal = persönliche Nummer
callbacks-why-short = Kurzwahl oder Notruf
callbacks-why-satellite = Satellitentelefon
callbacks-why-invalid = keine gültige Rufnummer
callbacks-why-other = besondere Nummer

callbacks-call = Anrufen
callbacks-call-who = { $who } anrufen und übernehmen
callbacks-claim = Übernehmen
callbacks-claim-who = { $who } übernehmen
callbacks-release = Zurückgeben
callbacks-release-who = { $who } zurückgeben
callbacks-outcome = Was kam heraus?
callbacks-reached = Erreicht
callbacks-no-answer = Niemand da
callbacks-mailbox = Mailbox
callbacks-busy = Besetzt
callbacks-wrong-number = Falsche Nummer
callbacks-finish-how = Womit erledigt?
callbacks-solved = Geklärt
callbacks-appointment = Termin vereinbart
callbacks-forwarded = Weitergegeben
callbacks-cancelled = Will keinen Rückruf
callbacks-no-need = Nicht nötig
callbacks-spam = Werbung
callbacks-given-up = Aufgegeben
callbacks-give-up = Aufgeben
callbacks-snooze = Später
callbacks-snooze-hour = In 1 Stunde
callbacks-snooze-hours = In 4 Stunden
callbacks-snooze-day = Morgen um diese Zeit
callbacks-note = Notiz
callbacks-note-save = Notiz sichern
callbacks-number = Nummer, unter der zurückgerufen wird
callbacks-number-save = Nummer sichern
callbacks-allow = Nummer freigeben
callbacks-admit = In die Liste nehmen
callbacks-urgent = Dringend
callbacks-reopen = Wieder öffnen
callbacks-history = Verlauf
callbacks-messages = Nachrichten
callbacks-reading = Wird geladen …
callbacks-play = Nachricht vom { $at } abspielen
callbacks-pause = Anhalten

callbacks-said-claim = { $who } übernommen.
callbacks-said-attempt = Versuch notiert.
callbacks-said-done = Erledigt.
callbacks-said-snooze = Zurückgestellt.
callbacks-said-release = Zurückgegeben.
callbacks-said-note = Notiert.

callbacks-refused-gone = Diesen Rückruf gibt es nicht mehr.
callbacks-refused-claimed = Den hat schon jemand anderes. Nehmen Sie den nächsten.
callbacks-refused-personal = Der ist gerade für jemand anderen bestimmt.
callbacks-refused-leave = Diese Nummer muss erst freigegeben werden.
callbacks-refused-changed = Daran hat sich gerade etwas geändert. Sehen Sie noch einmal nach.
callbacks-refused-undo = Das lässt sich nicht mehr zurücknehmen.
callbacks-refused-input = Diese Eingabe geht so nicht.

callbacks-by-caller = Anrufer
callbacks-by-console = Kommandozeile
callbacks-by-clock = Uhr
callbacks-by-somebody = jemand
callback-event-created = Angelegt
callback-event-call = Weiterer Anruf
callback-event-claimed = Übernommen
callback-event-released = Zurückgegeben
callback-event-lease-ended = Von selbst zurückgegeben
callback-event-attempt = Versuch: { $result }
callback-event-note = Notiz: { $note }
callback-event-snoozed = Zurückgestellt
callback-event-done = Erledigt
callback-event-given-up = Aufgegeben
callback-event-reopened = Wieder geöffnet
callback-event-assigned = Zugeteilt
callback-event-urgent = Dringlichkeit geändert
callback-event-number = Nummer geändert
callback-event-allowed = Nummer freigegeben
callback-event-admitted = In die Liste genommen
callback-event-booked = Termin gebucht
callback-event-moved = Termin verlegt
callback-event-promise-told = Zugesagt: „{ $words }“
callback-event-promise-warned = Zusage läuft bald ab
callback-event-promise-kept = Zusage gehalten
callback-event-promise-tried = Zusage: rechtzeitig versucht
callback-event-promise-broken = Zusage gebrochen
callback-event-promise-withdrawn = Zusage gilt nicht mehr
callback-event-undone = Zurückgenommen
callback-event-other = { $kind }
