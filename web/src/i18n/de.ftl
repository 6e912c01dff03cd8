### Was die Seite sagt. en.ftl hat dieselben Schlüssel; `npm run check` prüft beide.

app-name = Nightdesk

## Anmelden

login-asking = Einen Augenblick …
login-out-title = Sie sind nicht angemeldet
login-out-text = Nightdesk kennt keine Passwörter. Sie melden sich mit einem Link an, der einmal gilt.
login-used-title = Dieser Link gilt nicht mehr
login-used-text = Ein Anmelde-Link gilt nur einmal und nur kurze Zeit. Dieser wurde schon benutzt, oder er ist abgelaufen.
login-how = So bekommen Sie einen neuen Link
login-how-text = Rufen Sie auf dem Rechner, auf dem Nightdesk läuft, diesen Befehl auf und öffnen Sie den Link, den er ausgibt:
login-how-ask = Betreut jemand anderes Nightdesk für Sie? Dann bitten Sie dort um einen neuen Link.
login-failed-title = Nightdesk ist nicht zu erreichen
login-failed-text = Prüfen Sie die Verbindung und versuchen Sie es noch einmal. Ein Anmelde-Link bleibt dabei gültig.
login-refused-title = Die Anmeldung ging gerade nicht
login-too-many-text = Es gab zu viele Anmeldeversuche. Warten Sie eine Minute; Ihr Link bleibt so lange gültig.
unknown-title = Diese Seite gibt es nicht
unknown-text = Vielleicht ist die Adresse unvollständig.
unknown-back = Zu den Nachrichten
retry = Noch einmal versuchen

## Kopf

menu = Menü
menu-signed-in = Angemeldet als { $name }
menu-language = Sprache
office-title = Büro
callbacks-title = Rückrufe
menu-sign-out = Abmelden
skip-to-list = Zu den Nachrichten springen
footer = Die Nacht ist besetzt.

## Liste

list-title = Nachrichten
list-summary = { $new ->
    [0] { $total ->
        [0] Keine Nachrichten
        [one] Eine Nachricht, gehört
       *[other] { $total } Nachrichten, alle gehört
    }
    [one] Eine neue Nachricht
   *[other] { $new } neue Nachrichten
}
filter-label = Welche Nachrichten
filter-all = Alle
filter-new = Neu
day-today = Heute
day-yesterday = Gestern
list-loading = Nachrichten werden geladen …
list-more = Ältere anzeigen
list-more-loading = Wird geladen …
list-waiting = { $count ->
    [one] 1 neue anzeigen
   *[other] { $count } neue anzeigen
}
empty-title = Noch ist es still
empty-text = Sobald jemand anruft und eine Nachricht hinterlässt, steht sie hier, ohne dass Sie neu laden.
empty-new-title = Alles gehört
empty-new-text = Es wartet keine neue Nachricht auf Sie.
failed-title = Die Nachrichten ließen sich nicht laden
failed-offline = Es besteht keine Verbindung zu Nightdesk. Es ist nichts verloren: Anrufe werden weiter angenommen, wo Nightdesk läuft.
failed-server = Nightdesk hat einen Fehler gemeldet ({ $code }). Versuchen Sie es gleich noch einmal.
line-down = Verbindung unterbrochen. Die Liste ist vielleicht nicht aktuell.
line-retry = Jetzt verbinden

## Zeile

caller-withheld = Nummer unterdrückt
row-new = Neu
row-urgent = Dringend
row-damaged = Beschädigt
row-length = Länge { $length }
row-length-words = { $seconds ->
    [one] eine Sekunde
   *[other] { $seconds } Sekunden
}
row-play = Nachricht von { $who } abspielen
row-pause = Anhalten
row-call = Zurückrufen
row-call-who = { $who } zurückrufen
row-heard = Gehört
row-heard-label = Gehört: Nachricht von { $who }
row-delete = Löschen
row-delete-label = Nachricht von { $who } löschen
row-details = Einzelheiten

## Aufgeklappt

detail-seek = Stelle in der Nachricht
detail-position = { $at } von { $length } Sekunden
detail-speed = Tempo
detail-speed-value = { $rate }×
detail-download = Herunterladen
detail-damaged = Die Aufnahme ist beschädigt und vielleicht nicht vollständig. Was da ist, lässt sich abspielen und herunterladen.
detail-broken = Die Aufnahme lässt sich hier nicht abspielen. Laden Sie sie herunter oder versuchen Sie es noch einmal.
detail-transcript = Abschrift
detail-transcript-hint = Automatisch erstellt, kann Fehler enthalten.
detail-called = Angerufen
detail-from = Von
detail-at = Am
detail-length = Länge
detail-timeline = Verlauf des Anrufs
detail-timeline-loading = Verlauf wird geladen …

## Rückgängig

undo-deleted = { $count ->
    [one] Nachricht gelöscht
   *[other] { $count } Nachrichten gelöscht
}
undo-place = Rückgängig und Hinweise
undo = Rückgängig
dismiss = Schließen
refused-offline = Das ging nicht: keine Verbindung zu Nightdesk. Versuchen Sie es noch einmal, sobald sie wieder besteht.
refused-gone = Das ging nicht: Diese Nachricht gibt es nicht mehr.
refused-server = Das ging nicht: Nightdesk hat einen Fehler gemeldet ({ $code }). Versuchen Sie es noch einmal.

## Für Vorleseprogramme

announce-new = Neue Nachricht von { $who }
announce-deleted = Nachricht von { $who } gelöscht. Zehn Sekunden lang rückgängig zu machen.
announce-restored = Nachricht von { $who } ist wieder da.

## Verlauf

event-incoming = Anruf kommt an
event-answered = Nightdesk hebt ab
event-refused = Anruf kam nicht zustande: { $reason }
event-played = Ansage „{ $prompt }“ gehört
event-played-partly = Ansage „{ $prompt }“ zum Teil gehört
event-prompt-missing = Ansage „{ $prompt }“ fehlt und wurde ausgelassen
event-key = Taste { $key }
event-recording = Aufnahme beginnt
event-recorded = Aufnahme von { $length } beendet: { $end }
event-saved = Nachricht gespeichert, { $length } zu hören
event-missed = Nichts gesprochen: verpasster Anruf
event-urgent = Als dringend markiert
event-replayed = Hört die eigene Nachricht noch einmal
event-not-kept = Die Aufnahme konnte nicht gespeichert werden
event-dead = Es kommt kein Ton mehr
event-pin-asked = Die Geheimzahl wird erfragt
event-pin-right = Die Geheimzahl stimmt
event-pin-wrong = Falsche Geheimzahl
event-pin-locked = Geheimzahl gesperrt: zu viele Fehlversuche
event-hours-opened = Von Hand geöffnet
event-hours-closed = Von Hand geschlossen
event-hours-lifted = Von Hand Eingestelltes aufgehoben
event-prompt-kept = Neue Ansage übernommen: { $prompt }
event-prompt-restored = Frühere Fassung der Ansage: { $prompt }
event-not-changed = Nichts geändert: es war nicht möglich
event-hang-up = Nightdesk legt auf: { $cause }
event-ended = Ende: { $cause }
event-left-open = Unterbrochen; beim nächsten Start fertiggestellt
prompt-greeting = Begrüßung
prompt-beep = Signalton
prompt-record-warning = Gleich ist die Zeit um
prompt-saved = Gespeichert
prompt-review-menu = Auswahl nach der Nachricht
prompt-marked-urgent = Als dringend markiert
prompt-kept-so-far = Bisheriges ist gespeichert
prompt-nothing-heard = Es war nichts zu hören
prompt-goodbye = Auf Wiederhören
prompt-leave-message = Bitte um eine Nachricht
prompt-error-invalid = Taste ohne Belegung
prompt-record-again = Noch einmal sprechen
prompt-record-more = Mehr sagen
prompt-not-kept = Konnte nicht gespeichert werden
prompt-not-kept-withheld = Konnte nicht gespeichert werden, Nummer unbekannt
prompt-already-urgent = Schon als dringend markiert
prompt-no-service = Kein Dienst
record-end-key = Taste gedrückt
record-end-silence = Stille
record-end-max = Höchstdauer erreicht
record-end-stopped = Anruf zu Ende
hang-up-done = alles gesagt
hang-up-silent = keine Eingabe
hang-up-not-kept = Aufnahme nicht möglich
call-end-bye = aufgelegt
call-end-cancelled = vor dem Abheben aufgelegt
call-end-local = von Nightdesk beendet
call-end-no-ack = Gegenseite hat nicht bestätigt
call-end-session-expired = Gegenseite antwortet nicht mehr
call-end-refused = abgelehnt
call-end-transport = Leitung unterbrochen

## Ansagen

prompts-title = Ansagen
prompts-back = Zurück zu den Nachrichten
prompts-summary = { $own ->
    [0] Alle, wie sie mitgeliefert sind
    [one] Eine eigene
   *[other] { $own } eigene
}
prompts-language = Sprache der Ansagen
prompts-german = Deutsch
prompts-english = Englisch
prompts-loading = Ansagen werden geladen …
prompts-hint = Das hören Anrufer. Jede Ansage können Sie ersetzen: selbst sprechen, eine Datei hochladen oder einen Text sprechen lassen.
prompt-own = Eigene
prompt-play = Ansage „{ $prompt }“ abspielen
prompt-no-transcript = Ohne Text
prompt-nothing-heard-now = Hier hören Anrufer gerade nichts.
prompt-broken = Die Ansage lässt sich hier nicht abspielen.
prompt-replace = Neu machen
prompt-way-record = Aufnehmen
prompt-way-file = Datei
prompt-way-type = Tippen
prompt-record-hint = Sprechen Sie nah am Mikrofon, in einem ruhigen Raum. Stille am Anfang und Ende wird entfernt, die Lautstärke angeglichen.
prompt-record-start = Aufnahme beginnen
prompt-record-stop = Fertig gesprochen
prompt-record-hear = Anhören, { $length }
prompt-record-anew = Noch einmal
prompt-record-denied = Diese Seite darf das Mikrofon nicht benutzen. Erlauben Sie es in den Einstellungen des Browsers.
prompt-record-absent = Hier lässt sich nicht aufnehmen: Es fehlt ein Mikrofon, oder die Seite ist nicht mit https geöffnet. Laden Sie stattdessen eine Datei hoch.
prompt-file = Audiodatei (WAV, MP3, FLAC, OGG, M4A, AIFF, CAF)
prompt-transcript = Was darin gesagt wird (freiwillig)
prompt-text = Text, der gesprochen werden soll
prompt-say = Sprechen lassen und übernehmen
prompt-use = Übernehmen
prompt-making = Die Ansage wird vorbereitet …
prompt-history = Fassungen
prompt-version = Fassung { $number }
prompt-current = Hören Anrufer
prompt-shipped = Mitgeliefert
prompt-source-upload = hochgeladen
prompt-source-text = getippt
prompt-source-phone = am Telefon gesprochen
prompt-restore = Wieder nehmen
prompt-restore-label = Fassung { $number } wieder nehmen
prompt-reset-label = Mitgelieferte Ansage wieder nehmen
prompt-hear-version = „{ $prompt }“, Fassung { $number } abspielen
prompt-hear-shipped = „{ $prompt }“, mitgelieferte Ansage abspielen
prompt-refused-not-audio = Diese Datei lässt sich nicht lesen. Speichern Sie sie als WAV, MP3, FLAC, OGG (Vorbis), M4A (AAC), AIFF oder CAF.
prompt-refused-too-large = Die Datei ist zu groß: höchstens 20 MB.
prompt-refused-too-long = Das ist zu lang: Eine Ansage dauert höchstens drei Minuten.
prompt-refused-silent = Darin ist nichts zu hören. Prüfen Sie das Mikrofon und nehmen Sie noch einmal auf.
prompt-refused-overdriven = Die Aufnahme ist übersteuert. Stellen Sie das Mikrofon leiser und nehmen Sie noch einmal auf.
prompt-refused-form = Diese Form passt nicht. Speichern Sie die Aufnahme in Mono oder Stereo mit 16, 44,1 oder 48 kHz.
prompt-refused-no-text = In diesem Text ist nichts zu sprechen.
prompt-refused-text-too-long = Der Text ist zu lang: höchstens 1000 Zeichen.
prompt-refused-too-much = So viele eigene Ansagen haben keinen Platz. Kürzen Sie eine, oder nehmen Sie eine mitgelieferte wieder.
prompt-refused-busy = Es wird gerade schon eine Ansage vorbereitet. Versuchen Sie es gleich noch einmal.
prompt-refused-no-room = Der Speicher ist voll. Was da ist, bleibt und wird weiter gehört.
prompt-refused-only-owner = Das darf nur, wem das Geschäft gehört.
prompt-refused-gone = Diese Fassung gibt es nicht mehr.
announce-prompt-set = Anrufer hören jetzt die neue Ansage „{ $prompt }“.
announce-prompt-reset = Anrufer hören wieder die mitgelieferte Ansage „{ $prompt }“.
