### Was die Seite im Büro sagt; wird erst mit ihm geladen.

office-back = Zurück zu den Nachrichten
office-opening = Öffnung
office-call = Probeanruf
office-plan = Plan
office-pin = PIN
office-loading = Wird geladen …
office-line-down = Verbindung unterbrochen. Was hier steht, ist vielleicht nicht aktuell.
office-only-owner = Das darf nur, wem das Büro gehört. Bitten Sie die Inhaberin oder den Inhaber.
office-in-files = Hier sind Pläne Dateien; geändert werden sie dort.
cancel = Abbrechen

when-today = heute, { $time }
when-tomorrow = morgen, { $time }
when-day = { $day }, { $time }

## Öffnung

opening-open = Offen
opening-closed = Geschlossen
opening-until = bis { $until }
opening-from-until = von { $from } bis { $until }
opening-always = auf Weiteres
opening-why-hours = Nach den Öffnungszeiten.
opening-why-outside = Außerhalb der Öffnungszeiten.
opening-why-closure = Im Plan geschlossen.
opening-why-closure-named = Im Plan geschlossen: { $detail }.
opening-why-holiday = Feiertag: { $detail }.
opening-why-override = Von Hand gesetzt.
opening-why-override-named = Von Hand gesetzt: { $detail }.
opening-close = Schließen bis …
opening-close-longer = Geschlossen lassen bis …
opening-open-now = Öffnen bis …
opening-open-longer = Offen lassen bis …
opening-do-close = Schließen
opening-do-open = Öffnen
opening-standing = Von Hand gesetzt
opening-lift = Aufheben
opening-lifted = Aufgehoben. Es gilt wieder der Plan.
opening-set-open = Offen bis { $until }.
opening-set-closed = Geschlossen bis { $until }.
opening-by = { $author }, { $at }
opening-reason-given = Grund: { $reason }
opening-reason = Grund (wenn Sie möchten)
opening-reason-hint = Anrufer hören ihn, wo der Plan einen Grund nennt. Zum Beispiel: Betriebsausflug.
opening-bad-time = Dieser Zeitpunkt geht nicht. Er muss in der Zukunft liegen und höchstens 400 Tage entfernt sein.
opening-too-many = Es ist schon zu viel von Hand gesetzt. Heben Sie etwas davon auf.
until-legend-close = Geschlossen bis
until-legend-open = Offen bis
until-next-opening = Nächste Öffnung
until-evening = Heute Abend
until-midnight = Mitternacht
until-tomorrow = Morgen früh
until-own = Anderer Zeitpunkt
until-own-label = Tag und Uhrzeit
until-too-early = Dieser Zeitpunkt ist schon vorbei.
week-title = Die nächsten sieben Tage
week-hint = Was Anrufer erreichen, nach der Uhr von { $timezone }.
week-open = offen
week-closed = geschlossen
week-why = warum?

## Plan

plan-line = Zeile { $line }
plan-text = Text des Plans
plan-checking = Wird geprüft …
plan-good = Der Text ist in Ordnung.
plan-found = { $errors ->
    [0] Keine Fehler
    [one] Ein Fehler
   *[other] { $errors } Fehler
}, { $warnings ->
    [0] keine Hinweise
    [one] ein Hinweis
   *[other] { $warnings } Hinweise
}.
plan-findings = Fehler und Hinweise
plan-error = Fehler
plan-warning = Hinweis
plan-not-good = Der Text hat Fehler; es wurde nichts geändert.
plan-changed = Jemand anderes war schneller. Ihr Text ist noch da; sehen Sie oben, was sich geändert hat.
plan-is-file = Dieser Plan ist die Datei { $file } und wird dort geändert. Hier können Sie ihn lesen und ausprobieren.
plan-not-owner = Ändern darf den Plan nur, wem das Büro gehört. Sie können ihn lesen und ausprobieren.
plan-standard-hint = Noch gibt es keinen eigenen Plan: Anrufe folgen diesem mitgelieferten. Ändern Sie ihn, und er wird Ihrer.
plan-held-back = Dieser Text zählt nicht, denn er hat Fehler. Anrufe folgen weiter der letzten guten Fassung.
plan-overtaken-title = Jemand anderes war schneller
plan-overtaken = Inzwischen gilt Fassung { $revision } von { $author }. Ihr Text ist noch da.
plan-overtaken-theirs = Was dort geändert wurde
plan-keep-mine = Mit meinem Text weiter
plan-take-theirs = Meinen Text verwerfen
plan-show-changes = Änderungen ansehen
plan-discard = Verwerfen
plan-review = Das ändert sich
plan-note = Wozu? (wenn Sie möchten)
plan-note-example = Neue Öffnungszeiten
plan-save = So übernehmen
plan-write-on = Weiter schreiben
plan-save-errors = Erst wenn kein Fehler mehr da ist, kann der Text gelten.
plan-saved = Fassung { $revision } gilt ab dem nächsten Anruf.
plan-rolled-back = Fassung { $revision } gilt wieder, ab dem nächsten Anruf.
diff-gone = Entfernt:
diff-new = Neu:
diff-gap = Ausgelassen
diff-same = Da ist kein Unterschied.
history-title = Frühere Fassungen
history-revision = Fassung { $revision }
history-restores = Fassung { $revision }: wieder Fassung { $restores }
history-current = gilt
history-standard = Mitgelieferter Plan
history-standard-hint = Was galt, bevor es einen eigenen gab
history-compare = Womit vergleichen
history-then = Was sich damals änderte
history-now = Unterschied zu heute
history-diff = Unterschied von Fassung { $revision }
history-back = Fassung { $revision } wieder nehmen
history-back-standard = Mitgelieferten Plan wieder nehmen

## Probeanruf

probe-title = Was hört, wer anruft?
probe-hint = Nightdesk spielt den Anruf durch, ohne dass ein Telefon klingelt.
probe-at = Wann
probe-at-now = Ohne Angabe: jetzt.
probe-now = Jetzt
probe-who = Wer ruft an
probe-mine = Ich
probe-withheld = Unterdrückt
probe-other = Eine Nummer
probe-my-number = Meine Nummer
probe-number = Nummer
probe-no-number = Ohne Nummer wird unterdrückt angerufen.
probe-draft = Mit dem Text, den ich gerade schreibe
probe-keys = Tasten
probe-pressed = Gedrückt:
probe-none = nichts
probe-press = Taste { $key }
probe-wait = 2 s warten
probe-wait-out = Abwarten
probe-rub = Letzte Taste löschen
probe-told = Verlauf des Probeanrufs
probe-rings = ruft { $caller } an.
probe-rings-withheld = ruft jemand ohne Nummer an.
heard-by-route = beginnt hier
heard-by-keys = gewählt
heard-by-silence = keine Taste
heard-by-invalid = falsche Tasten
heard-by-done = danach
heard-by-otherwise = niemand frei
heard-by-back = zurück
heard-presses = Drückt { $key }
heard-silent = { $seconds } s Stille
heard-speaks = Spricht { $seconds } s
heard-kept = Nachricht gespeichert
heard-kept-urgent = Dringende Nachricht gespeichert
heard-ends-caller = Legt auf
heard-ends = Nightdesk legt auf
heard-pin = Gibt die PIN ein
heard-opens = Öffnet von Hand bis { $until }
heard-closes = Schließt von Hand bis { $until }
heard-lifts = Hebt auf, was von Hand gesetzt ist
heard-keeps-prompt = Ersetzt die Ansage { $prompt }
heard-restores-prompt = Nimmt die frühere Fassung der Ansage { $prompt }
heard-books = Rückruf gebucht für { $at } { $number }
heard-moves = Rückruf verlegt auf { $at } { $number }
heard-notes = Rückruf vorgemerkt bis { $at } { $number }
heard-cancels = Rückruf abgesagt
heard-promised = Zugesagt bis { $at }
heard-prompt = Ansage { $prompt }

## PIN

pin-title = PIN für das Telefon
pin-hint = Mit ihr hören Sie von jedem Telefon aus Ihre Nachrichten und öffnen oder schließen, wo der Plan einen Zugang hat.
pin-none = Es ist keine PIN gesetzt; der Zugang am Telefon ist zu.
pin-set = Eine PIN ist gesetzt, seit { $at }.
pin-locked = Gesperrt nach zu vielen falschen Versuchen, seit { $at }.
pin-wrong = { $wrong ->
    [one] Ein falscher Versuch
   *[other] { $wrong } falsche Versuche
} seit dem letzten richtigen.
pin-unlock = Wieder zulassen
pin-unlocked = Die PIN kann wieder versucht werden.
pin-first = PIN
pin-new = Neue PIN
pin-rule = 6 bis 12 Ziffern, keine Reihen oder Jahreszahlen.
pin-show = Ziffern zeigen
pin-save = PIN setzen
pin-is-set = Die neue PIN gilt.
pin-shape = Eine PIN hat 6 bis 12 Ziffern und sonst nichts.
pin-too-easy = Diese PIN ist zu leicht zu erraten. Nehmen Sie eine andere.
