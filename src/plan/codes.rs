//! Every finding there is: its code, its words and why it is one. docs/findings.md is made from this table.

use super::finding::Severity::{self, Error, Warning};

/// German, English.
type Both = (&'static str, &'static str);

/// One code.
#[derive(Debug)]
pub struct Info {
    /// Which.
    pub code: Code,
    /// As people and scripts know it; never given to another meaning.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, with holes `{0}`…
    pub message: Both,
    /// What stands at the place.
    pub label: Both,
    /// What to do, where a finding does not know better.
    pub help: Both,
    /// Why it is a finding: for the documentation.
    pub about: Both,
}

impl Code {
    /// Its row of the table.
    pub fn info(self) -> &'static Info {
        // The table is in the order of the codes; a test holds it so.
        CODES.get(self as usize).unwrap_or(&CODES[0])
    }
}

macro_rules! codes {
    ($($code:ident $id:literal $severity:ident
        $message:tt $label:tt $help:tt $about:tt)+) => {
        /// What a finding is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the table says it, for people too")]
        pub enum Code { $($code),+ }

        /// All of them, in their order.
        pub static CODES: [Info; [$(Code::$code),+].len()] = [$(Info {
            code: Code::$code, id: $id, severity: $severity,
            message: $message, label: $label, help: $help, about: $about,
        }),+];
    };
}

const NONE: Both = ("", "");

codes! {
    Syntax "P001" Error
        ("das ist kein lesbares TOML: {0}", "this is not readable TOML: {0}")
        ("hier", "here")
        NONE
        ("Ein Plan ist ein Text in TOML (toml.io). Hier kann er nicht gelesen werden; solange das so ist, wird nichts Weiteres geprüft.",
         "A plan is a text in TOML (toml.io). It cannot be read here; as long as this is so, nothing else is checked.")
    NotText "P002" Error
        ("das ist kein Text in UTF-8", "this is not text in UTF-8")
        ("ab hier", "from here on")
        ("speichern Sie die Datei als UTF-8", "save the file as UTF-8")
        ("Die Datei ist keine Textdatei, oder in einer alten Kodierung gespeichert.",
         "The file is no text file, or was saved in an old encoding.")
    TooBig "P003" Error
        ("zu viel: {0} von höchstens {1} {2}", "too much: {0} of at most {1} {2}")
        ("hier wird die Grenze überschritten", "here the limit is passed")
        NONE
        ("Alles hat eine Grenze, damit kein Plan die Leitung aufhalten kann: 2 MiB Text, 10 000 Schritte, 200 Tasten eines Menüs, 1 000 Nummern, 200 Regeln, 1 000 Personen.",
         "Everything has a limit, so that no plan can hold up the line: 2 MiB of text, 10,000 steps, 200 keys of a menu, 1,000 numbers, 200 rules, 1,000 people.")
    More "P004" Warning
        ("{0} weitere Befunde", "{0} more findings")
        NONE
        ("beheben Sie zuerst die gezeigten", "fix those shown first")
        ("Es werden höchstens 100 Befunde gezeigt.", "At most 100 findings are shown.")
    UnknownSection "P010" Error
        ("den Abschnitt [{0}] gibt es nicht", "there is no section [{0}]")
        ("unbekannter Abschnitt", "unknown section")
        ("Abschnitte sind: {1}", "sections are: {1}")
        ("Ein Plan besteht aus [line] und Abschnitten wie [menu.NAME].",
         "A plan is made of [line] and sections such as [menu.NAME].")
    UnknownKey "P011" Error
        ("„{0}“ gibt es in [{1}] nicht", "there is no \"{0}\" in [{1}]")
        ("unbekannt", "unknown")
        ("hier gibt es: {2}", "there are: {2}")
        ("Ein falsch geschriebener Schlüssel würde sonst still nicht gelten.",
         "Otherwise a misspelt key would silently not count.")
    WrongType "P012" Error
        ("„{0}“ braucht {1}; hier steht {2}", "\"{0}\" needs {1}, not {2}")
        ("hier steht {2}", "this is {2}")
        NONE
        ("Jeder Wert hat seine Art: Text in Anführungszeichen, Zahl, true oder false, Liste, Abschnitt.",
         "Each value has its kind: text in quotes, number, true or false, list, section.")
    Missing "P013" Error
        ("[{0}] braucht „{1}“", "[{0}] needs \"{1}\"")
        ("hier fehlt es", "it is missing here")
        ("zum Beispiel: {2}", "for example: {2}")
        ("Ohne diese Angabe wäre offen, was der Anrufer hört.",
         "Without it, it would be open what the caller hears.")
    BadName "P014" Error
        ("„{0}“ ist kein Name", "\"{0}\" is not a name")
        ("Name", "name")
        ("Namen bestehen aus a–z, 0–9, - und _, höchstens 64 Zeichen", "names are made of a–z, 0–9, - and _, at most 64 characters")
        ("Namen stehen in Adressen und Dateinamen; darum sind sie schlicht.",
         "Names appear in addresses and file names; that is why they are plain.")
    NoName "P015" Error
        ("[{0}] braucht einen Namen", "[{0}] needs a name")
        ("ohne Namen", "without a name")
        ("schreiben Sie [{0}.NAME]", "write [{0}.NAME]")
        ("Schritte und Vorlagen haben Namen, damit man auf sie verweisen kann.",
         "Steps and definitions have names, so that others can point to them.")
    NoLine "P016" Error
        ("der Plan hat kein [line]", "the plan has no [line]")
        NONE
        ("beginnen Sie mit [line]: numbers, language, timezone, open", "begin with [line]: numbers, language, timezone, open")
        ("[line] sagt, welche Nummern gemeint sind und wohin ihre Anrufe gehen.",
         "[line] says which numbers are meant and where their calls go.")
    Empty "P017" Error
        ("„{0}“ ist leer", "\"{0}\" is empty")
        ("nichts", "nothing")
        NONE
        ("Eine leere Liste oder ein leerer Text ist fast immer ein Versehen.",
         "An empty list or text is nearly always a slip.")
    BadDuration "P020" Error
        ("„{0}“ ist keine Dauer", "\"{0}\" is not a duration")
        ("Dauer", "duration")
        ("schreiben Sie zum Beispiel \"25s\", \"3m\", \"1h30m\" oder \"14d\"", "write for example \"25s\", \"3m\", \"1h30m\" or \"14d\"")
        ("Dauern haben immer eine Einheit: ms, s, m, h, d.", "Durations always have a unit: ms, s, m, h, d.")
    DurationRange "P021" Error
        ("{0} ist zu kurz oder zu lang", "{0} is too short or too long")
        ("zwischen {1} und {2}", "between {1} and {2}")
        NONE
        ("Jede Dauer hat sinnvolle Grenzen.", "Every duration has sensible limits.")
    BadNumber "P022" Error
        ("„{0}“ ist keine Rufnummer in internationaler Form", "\"{0}\" is not a number in international form")
        ("Rufnummer", "telephone number")
        ("schreiben Sie +, Landeskennzahl und Nummer ohne 0 und ohne Zwischenräume: \"+49711123456\"", "write +, country code and number without 0 and without blanks: \"+49711123456\"")
        ("Nummern werden in einer Form verglichen (E.164): + und 7 bis 15 Ziffern.",
         "Numbers are compared in one form (E.164): + and 7 to 15 digits.")
    BadLanguage "P023" Error
        ("„{0}“ ist keine Sprache, die gesprochen wird", "\"{0}\" is not a language that is spoken")
        ("Sprache", "language")
        ("\"de\" oder \"en\"", "\"de\" or \"en\"")
        ("Gesprochen werden Deutsch (de) und Englisch (en).", "German (de) and English (en) are spoken.")
    BadTimezone "P024" Error
        ("die Zeitzone „{0}“ gibt es nicht", "there is no time zone \"{0}\"")
        ("Zeitzone", "time zone")
        ("zum Beispiel \"Europe/Berlin\"", "for example \"Europe/Berlin\"")
        ("Zeitzonen heißen wie in der IANA-Datenbank.", "Time zones are named as in the IANA database.")
    BadKey "P025" Error
        ("„{0}“ kann man am Telefon nicht drücken", "\"{0}\" cannot be pressed on a telephone")
        ("Taste", "key")
        ("Tasten sind 0 bis 9, \"*\" und \"#\"; bis zu 6 hintereinander sind eine Durchwahl", "keys are 0 to 9, \"*\" and \"#\"; up to 6 in a row are direct dialling")
        ("Sterne und Rauten stehen in Anführungszeichen: key.\"*\".", "Stars and hashes stand in quotes: key.\"*\".")
    OutOfRange "P026" Error
        ("{0} ist {1}; erlaubt sind {2} bis {3}", "{0} is {1}; {2} to {3} are allowed")
        ("{2} bis {3}", "{2} to {3}")
        NONE
        ("Jede Zahl hat sinnvolle Grenzen.", "Every number has sensible limits.")
    NotAChoice "P027" Error
        ("„{0}“ ist keine der Möglichkeiten", "\"{0}\" is not one of the choices")
        ("unbekannt", "unknown")
        ("möglich sind: {1}", "choices are: {1}")
        ("Hier gibt es nur bestimmte Wörter.", "Only certain words are known here.")
    BadNotify "P028" Error
        ("an „{0}“ kann nichts gemeldet werden", "nothing can be sent to \"{0}\"")
        ("Adresse", "address")
        ("\"mail:buero@example.de\", \"push:NAME\" oder \"webhook:https://…\"", "\"mail:office@example.com\", \"push:NAME\" or \"webhook:https://…\"")
        ("Eine Meldung geht an eine Mailadresse, an das Telefon einer Person oder eines Dienstplans, oder an eine Webadresse.",
         "A notice goes to a mail address, to the phone of a person or rota, or to a web address.")
    BadCaller "P029" Error
        ("„{0}“ beschreibt keinen Anrufer", "\"{0}\" does not describe a caller")
        ("Anrufer", "caller")
        ("möglich sind: contact, unknown, vip, blocked, withheld, list:NAME, country:AT, +49711123456, +49711*", "choices are: contact, unknown, vip, blocked, withheld, list:NAME, country:AT, +49711123456, +49711*")
        ("Eine Regel erkennt Anrufer an ihrer Nummer oder daran, was über sie bekannt ist.",
         "A rule knows callers by their number or by what is known about them.")
    BadTarget "P030" Error
        ("„{0}“ ist kein Ziel", "\"{0}\" is not a target")
        ("wohin der Anruf gehen soll", "where the call should go")
        ("Ziele heißen wie ihr Abschnitt: \"message.NAME\"", "targets are named like their section: \"message.NAME\"")
        ("Ein Ziel ist die Art eines Schrittes, ein Punkt und sein Name.",
         "A target is the kind of a step, a dot and its name.")
    Twice "P031" Error
        ("„{0}“ steht hier zweimal", "\"{0}\" is here twice")
        ("zum zweiten Mal", "the second time")
        NONE
        ("Doppelte Angaben sind meist ein Versehen beim Abschreiben.", "Doubled entries mostly are slips of copying.")
    ForeignTenant "P032" Error
        ("die Nummer {0} gehört zu einem anderen Betrieb", "the number {0} belongs to another business")
        ("Nummer", "number")
        ("prüfen Sie die Nummer, oder geben Sie sie dort zuerst frei", "check the number, or release it there first")
        ("Eine Nummer erreicht genau einen Betrieb.", "A number reaches exactly one business.")
    NotOurNumber "P033" Error
        ("{0} ist keine Nummer dieser Leitung", "{0} is not a number of this line")
        ("angerufene Nummer", "called number")
        ("tragen Sie sie in [line] bei numbers ein", "add it to numbers in [line]")
        ("Die Regel könnte nie zutreffen.", "The rule could never match.")
    NotOurLanguage "P034" Error
        ("{0} wird auf dieser Leitung nicht gesprochen", "{0} is not spoken on this line")
        ("Sprache", "language")
        ("tragen Sie sie in [line] ein: language = [\"de\", \"en\"]", "add it in [line]: language = [\"de\", \"en\"]")
        ("Für diese Sprache wäre nicht geprüft, ob alles gesprochen werden kann.",
         "It would not be checked that everything can be spoken in it.")
    BadTurn "P035" Error
        ("„{0}“ ist kein Wechsel", "\"{0}\" is not a change of shift")
        ("Wechsel", "change")
        ("\"daily 08:00\", \"weekly mon 08:00\" oder \"monthly 1 08:00\"", "\"daily 08:00\", \"weekly mon 08:00\" or \"monthly 1 08:00\"")
        ("So sagt ein Dienstplan, wann der Nächste an der Reihe ist.", "This is how a rota says when it is the next one's turn.")
    KeyTaken "P036" Error
        ("„{0}“ führt hier schon zum Signalton", "\"{0}\" already leads to the beep here")
        ("Taste", "key")
        ("nehmen Sie 0 bis 9 oder \"*\"", "take 0 to 9 or \"*\"")
        ("Mit der Rautetaste überspringt der Anrufer die Ansage vor einer Nachricht.", "With the hash key callers skip what is said before a message.")
    BadAllow "P037" Error
        ("„{0}“ ist weder eine Rufnummer noch der Anfang von einer", "\"{0}\" is neither a number nor the beginning of one")
        ("Rufnummer oder Vorwahl", "number or prefix")
        ("schreiben Sie + und Ziffern: \"+43\" für ein ganzes Land, \"+41791234567\" für eine Nummer", "write + and digits: \"+43\" for a whole country, \"+41791234567\" for one number")
        ("Zurückgerufen wird ohne Weiteres nur im Inland, und nie bei Sondernummern. Was darüber hinaus erlaubt ist, steht unter allow; ein Land öffnet seine Sondernummern nicht.",
         "Only numbers of the home country are called back without asking, and never premium ones. What else is allowed stands under allow; a country does not open its premium numbers.")
    NoTarget "P101" Error
        ("das Ziel „{0}“ gibt es nicht", "target \"{0}\" does not exist")
        ("wohin der Anruf gehen soll", "where the call should go")
        ("legen Sie [{0}] an", "add [{0}]")
        ("Ein Anruf, der hierhin käme, wüsste nicht weiter.", "A call that came here would not know where to go.")
    NoThing "P102" Error
        ("[{0}.{1}] gibt es nicht", "[{0}.{1}] does not exist")
        ("gibt es nicht", "does not exist")
        ("legen Sie [{0}.{1}] an", "add [{0}.{1}]")
        ("Öffnungszeiten, Dienstpläne, Personen und Kalender stehen im Plan, oder sind beim Betrieb schon bekannt.",
         "Hours, rotas, people and calendars stand in the plan, or are already known to the business.")
    NoPrompt "P103" Error
        ("die Ansage „{0}“ gibt es nicht", "prompt \"{0}\" does not exist")
        ("was gesagt werden soll", "what should be said")
        ("nehmen Sie sie auf, oder schreiben Sie [prompt.{0}]; gesprochener Text hat ein Leerzeichen oder Satzzeichen", "record it, or write [prompt.{0}]; text to be spoken has a blank or a punctuation mark")
        ("Ein Wort aus a–z, 0–9, Punkt, - und _ ist der Name einer Ansage; alles andere wird gesprochen.",
         "A word of a–z, 0–9, dot, - and _ names a prompt; anything else is spoken.")
    NoPromptIn "P104" Error
        ("die Ansage „{0}“ gibt es nicht auf {1}", "prompt \"{0}\" does not exist in {1}")
        ("was gesagt werden soll", "what should be said")
        ("nehmen Sie sie auch in dieser Sprache auf, oder schreiben Sie [prompt.{0}] mit {2} = \"…\"", "record it in this language too, or write [prompt.{0}] with {2} = \"…\"")
        ("Jede Ansage muss es in jeder Sprache der Leitung geben, sonst hörte ein Anrufer nichts.",
         "Every prompt must exist in each language of the line, or a caller would hear nothing.")
    NoValue "P105" Error
        ("den Wert {{0}} gibt es nicht", "there is no value {{0}}")
        ("Wert", "value")
        ("Werte sind: {1}", "values are: {1}")
        ("In gesprochenem Text stehen Werte in geschweiften Klammern.", "In spoken text, values stand in braces.")
    Brace "P106" Error
        ("eine geschweifte Klammer ohne Gegenstück", "a brace without its partner")
        ("in diesem Text", "in this text")
        ("Werte heißen zum Beispiel {until}", "values look like {until}")
        ("Klammern werden nicht gesprochen; sie umschließen Werte.", "Braces are not spoken; they enclose values.")
    NoList "P107" Warning
        ("die Liste „{0}“ gibt es nicht", "there is no list \"{0}\"")
        ("Liste von Kontakten", "list of contacts")
        ("setzen Sie einen Kontakt auf die Liste: nightdesk contact set NUMMER --list {0}", "put a contact on it: nightdesk contact set NUMBER --list {0}")
        ("Eine Liste gibt es, sobald ein Kontakt darauf steht; bis dahin trifft die Regel nie zu.",
         "There is a list once a contact is on it; until then the rule never matches.")
    Unreached "P201" Warning
        ("„{0}“ wird nie erreicht", "\"{0}\" is never reached")
        ("kein Anruf kommt hierher", "no call comes here")
        ("löschen Sie den Schritt, oder verweisen Sie auf ihn", "delete the step, or point to it")
        ("Meist fehlt eine Taste oder ein else. Schritte, die nur von hier erreicht werden, werden nicht einzeln genannt.",
         "Mostly a key or an else is missing. Steps that are reached only from here are not named one by one.")
    Loop "P202" Error
        ("wer nichts tut, kommt immer wieder zu „{0}“ zurück", "a caller who does nothing comes back to \"{0}\" for ever")
        ("hier schließt sich der Kreis", "here the circle closes")
        ("führen Sie einen dieser Wege zu einer Nachricht oder einem Ende", "lead one of these ways to a message or an end")
        ("Ohne Tastendruck des Anrufers muss jeder Weg enden: sonst spräche die Anlage ohne Ende mit einer stummen Leitung.",
         "Without a key of the caller each way must end: otherwise the service would talk to a silent line for ever.")
    SaysNothing "P203" Error
        ("hier ist nichts zu hören", "nothing is to be heard here")
        ("leer", "empty")
        ("schreiben Sie, was gesagt werden soll", "write what should be said")
        ("Stille hält jeder Anrufer für eine gestörte Leitung.", "Every caller takes silence for a broken line.")
    NoKeys "P204" Error
        ("[{0}] hat keine Tasten", "[{0}] has no keys")
        ("keine Wahl", "no choice")
        ("zum Beispiel: key.1 = \"message.NAME\"", "for example: key.1 = \"message.NAME\"")
        ("Ein Menü ohne Wahl ist eine Ansage: [say.NAME].", "A menu without a choice is an announcement: [say.NAME].")
    NoSilence "P205" Warning
        ("wer in [{0}] nichts drückt, wird verabschiedet", "whoever presses nothing in [{0}] is sent away")
        ("ohne silence", "without silence")
        ("zum Beispiel: silence = \"message.NAME\"", "for example: silence = \"message.NAME\"")
        ("Nicht jeder kann oder will Tasten drücken. Wer schweigt, sollte wenigstens eine Nachricht hinterlassen können.",
         "Not everybody can or wants to press keys. Those who stay silent should at least be able to leave a message.")
    KeyWaits "P206" Warning
        ("nach „{0}“ wird gewartet, ob es eine längere Wahl wird", "after \"{0}\" there is a wait for a longer choice")
        ("beginnt wie {1}", "begins like {1}")
        ("geben Sie der Durchwahl eine andere erste Ziffer", "give direct dialling another first digit")
        ("Eine kurze Taste, mit der eine längere Durchwahl beginnt, gilt erst nach einer Pause.",
         "A short key that begins a longer one only counts after a pause.")
    NoHours "P207" Error
        ("„{0}“ braucht Öffnungszeiten", "\"{0}\" needs opening hours")
        ("ohne hours", "without hours")
        ("schreiben Sie hours = \"NAME\" in [line] und [hours.NAME]", "write hours = \"NAME\" in [line] and [hours.NAME]")
        ("Ohne Öffnungszeiten ist nie geschlossen, und es gibt keine Zeit, die gesagt oder versprochen werden könnte.",
         "Without opening hours it is never closed, and there is no time that could be said or promised.")
    RuleShadowed "P208" Warning
        ("die Regel „{0}“ trifft nie zu: „{1}“ kommt ihr zuvor", "rule \"{0}\" never matches: \"{1}\" comes first")
        ("kommt nie an die Reihe", "never has its turn")
        ("stellen Sie die engere Regel vor die weitere", "put the narrower rule before the wider one")
        ("Die erste Regel, die zutrifft, gilt.", "The first rule that matches counts.")
    OneLanguage "P209" Warning
        ("dieser Text wird allen gesprochen, auch auf {0}", "this text is spoken to everybody, in {0} too")
        ("in einer Sprache", "in one language")
        ("schreiben Sie say.de = \"…\" und say.en = \"…\"", "write say.de = \"…\" and say.en = \"…\"")
        ("Auf einer Leitung mit zwei Sprachen braucht ein gesprochener Text beide.",
         "On a line with two languages a spoken text needs both.")
    Unused "P210" Warning
        ("[{0}] wird nirgends gebraucht", "[{0}] is used nowhere")
        ("ohne Wirkung", "without effect")
        ("löschen Sie den Abschnitt, oder verweisen Sie auf ihn", "delete the section, or point to it")
        ("Was niemand braucht, wird vergessen und stimmt irgendwann nicht mehr.", "What nobody uses is forgotten and one day no longer true.")
    NoBack "P211" Error
        ("vor „{0}“ kommt kein Menü, zu dem es zurückgehen könnte", "no menu comes before \"{0}\" to which it could go back")
        ("wohin zurück?", "back to where?")
        ("schreiben Sie, wohin es weitergeht: goto = \"message.NAME\"", "write where it goes on: goto = \"message.NAME\"")
        ("„back“ führt zu dem Menü, aus dem der Anrufer kam.", "\"back\" leads to the menu from which the caller came.")
    LanguageMissing "P212" Error
        ("hier fehlt {0}", "{0} is missing here")
        ("nicht in jeder Sprache", "not in each language")
        ("schreiben Sie auch {1} = \"…\"", "write {1} = \"…\" too")
        ("Wer diese Sprache gewählt hat, hörte hier nichts.", "Whoever chose this language would hear nothing here.")
    MaybeSilent "P213" Warning
        ("hier ist manchmal nichts zu hören: {0} ist nicht immer bekannt", "sometimes nothing is heard here: {0} is not always known")
        ("nur Sätze mit solchen Werten", "only sentences with such values")
        ("fügen Sie einen Satz ohne {0} hinzu", "add a sentence without {0}")
        ("Ein Satz mit einem Wert, der gerade nicht bekannt ist, wird weggelassen: {caller} ist unterdrückt, {reason} nicht angegeben, {until} nicht absehbar, {promise} nicht möglich.",
         "A sentence with a value that is not known just now is left out: {caller} is withheld, {reason} not given, {until} not in sight, {promise} not possible.")
    NeverKnown "P214" Warning
        ("{promise} ist hier nie bekannt", "{promise} is never known here")
        ("der Satz damit wird immer weggelassen", "the sentence with it is always left out")
        ("schreiben Sie in den Schritt der Nachricht: promise = \"4h\"", "write in the step of the message: promise = \"4h\"")
        ("Bis wann zurückgerufen wird, ist in einer Nachricht mit promise bekannt, und im selben Anruf danach.",
         "By when somebody calls back is known in a message with promise, and after it in the same call.")
    UntilBoth "P215" Warning
        ("{until} wird hier gesagt, ob offen ist oder geschlossen", "{until} is said here whether it is open or closed")
        ("beide kommen hierher", "both come here")
        ("sagen Sie es in einem Schritt, der nur zu einer der Zeiten erreicht wird, oder nehmen Sie {hours.today}", "say it in a step that is reached at one of the times only, or take {hours.today}")
        ("{until} ist das Ende dessen, was gerade ist: „geschlossen {until}“ wäre falsch, solange offen ist.",
         "{until} is the end of what is now: \"closed {until}\" would be wrong while it is open.")
    WrongStep "P216" Error
        ("[{0}] passt hier nicht: gebraucht wird {1}", "[{0}] does not fit here: what is needed is {1}")
        ("die falsche Art von Schritt", "the wrong kind of step")
        NONE
        ("Wer wieder anruft, solange etwas offen ist, kann eine Nachricht hinzufügen (message) oder mit der Null einen Menschen erreichen (human).",
         "Whoever rings again while something is open can add a message (message) or reach a human with the key 0 (human).")
    HoursTwice "P217" Error
        ("[{0}] hat hours und eigene Zeiten", "[{0}] has hours and windows of its own")
        ("das eine oder das andere", "one or the other")
        ("löschen Sie hours, oder die Zeiten und Ausnahmen in diesem Abschnitt", "delete hours, or the windows and exceptions in this section")
        ("Sonst wäre offen, welche Zeiten gelten.", "Otherwise it would be open which times count.")
    BadTime "P301" Error
        ("„{0}“ ist keine Zeit von–bis", "\"{0}\" is not a time from–to")
        ("Zeit", "time")
        ("schreiben Sie zum Beispiel \"07:30-12:00\"", "write for example \"07:30-12:00\"")
        ("Zeiten sind Ortszeit mit zwei Ziffern für Stunde und Minute, 00:00 bis 24:00.",
         "Times are local with two digits for hour and minute, 00:00 to 24:00.")
    BadDate "P302" Error
        ("„{0}“ ist kein Datum", "\"{0}\" is not a date")
        ("Datum", "date")
        ("\"12-24\" (jedes Jahr), \"2026-12-24\" oder \"2026-12-28..2027-01-06\"", "\"12-24\" (every year), \"2026-12-24\" or \"2026-12-28..2027-01-06\"")
        ("Ein Datum ist Monat-Tag, Jahr-Monat-Tag, oder von..bis.", "A date is month-day, year-month-day, or from..to.")
    BadDays "P303" Error
        ("„{0}“ ist kein Wochentag", "\"{0}\" is not a weekday")
        ("Tage", "days")
        ("mon, tue, wed, thu, fri, sat, sun, oder von–bis: mon-thu", "mon, tue, wed, thu, fri, sat, sun, or from–to: mon-thu")
        ("Wochentage sind englisch abgekürzt, einzeln oder von–bis.", "Weekdays are abbreviated, single or from–to.")
    DayTwice "P304" Error
        ("für {0} gibt es schon Zeiten", "there already are times for {0}")
        ("noch einmal {0}", "{0} again")
        ("nennen Sie jeden Tag nur einmal", "name each day only once")
        ("Sonst wäre offen, welche Zeiten gelten.", "Otherwise it would be open which times count.")
    Overlap "P305" Error
        ("„{0}“ überschneidet „{1}“", "\"{0}\" overlaps \"{1}\"")
        ("überschneidet sich", "overlaps")
        ("fassen Sie die Zeiten zusammen", "join the times")
        ("Überschneidungen sind meist Tippfehler.", "Overlaps mostly are typing errors.")
    Inverted "P306" Error
        ("„{0}“ endet, wo oder bevor es beginnt", "\"{0}\" ends where or before it begins")
        ("verkehrt herum", "the wrong way round")
        NONE
        ("Das Ende liegt nach dem Anfang.", "The end is after the beginning.")
    BadHolidays "P307" Error
        ("Feiertage für „{0}“ sind nicht bekannt", "holidays of \"{0}\" are not known")
        ("Feiertage", "holidays")
        ("zum Beispiel \"DE-BW\", \"AT\", \"CH-ZH\" oder \"GB-ENG\"", "for example \"DE-BW\", \"AT\", \"CH-ZH\" or \"GB-ENG\"")
        ("Bekannt sind die deutschen Länder, Österreich, die Schweiz und England.",
         "The German Länder, Austria, Switzerland and England are known.")
    NeverOpen "P308" Warning
        ("[{0}] ist nie offen", "[{0}] is never open")
        ("keine Zeiten", "no times")
        ("zum Beispiel: mon-fri = [\"08:00-17:00\"]", "for example: mon-fri = [\"08:00-17:00\"]")
        ("Jeder Anruf hörte, dass geschlossen ist.", "Every call would hear that it is closed.")
    Past "P309" Warning
        ("„{0}“ ist vorbei", "\"{0}\" is over")
        ("vergangen", "past")
        ("löschen Sie es, oder nennen Sie das nächste Jahr", "delete it, or name the next year")
        ("Vergangene Tage haben keine Wirkung mehr.", "Days in the past no longer have an effect.")
    HoursRule "P310" Error
        ("diese Öffnungszeiten gelten nicht: {0}", "these opening hours do not hold: {0}")
        ("hier", "here")
        NONE
        ("Die Regeln der Öffnungszeiten lassen das nicht zu.", "The rules of opening hours do not allow it.")
    Promise "P311" Error
        ("das kann nicht versprochen werden: {0} Öffnungszeit gibt es in keiner Woche", "this cannot be promised: no week has {0} of opening time")
        ("Versprechen", "promise")
        ("versprechen Sie weniger, oder öffnen Sie länger", "promise less, or open longer")
        ("Ein Rückruf wird innerhalb der Öffnungszeiten versprochen; zugesagt wird nur, was eingehalten werden kann.",
         "A callback is promised within opening hours; only what can be kept is promised.")
    NoSlot "P312" Warning
        ("in den Zeiten von [{0}] ist nirgends Platz für {1}", "the hours of [{0}] have no room for {1} anywhere")
        ("kein Termin passt", "no slot fits")
        ("verkürzen Sie length, oder öffnen Sie länger am Stück", "make length shorter, or open longer at a stretch")
        ("Ein Termin liegt ganz in einem Zeitfenster; so würde nie einer angeboten.",
         "A slot lies within one window; like this none would ever be offered.")
    Mailbox "P401" Error
        ("{0} ist eine Mobilbox", "{0} is a mobile mailbox")
        ("eine Mobilbox nimmt immer ab", "a mailbox always answers")
        ("nehmen Sie die Nummer des Telefons, ohne die Ziffern {1} nach der Vorwahl", "take the number of the telephone, without the digits {1} after the prefix")
        ("Mobilboxen haben Nummern mit eingefügten Ziffern (0171-13…, 0172-50…, 0176-33…, 0177-99…). Der Notruf läge auf dem Band.",
         "Mobile mailboxes have numbers with inserted digits (0171-13…, 0172-50…, 0176-33…, 0177-99…). The emergency would lie on tape.")
    Premium "P402" Error
        ("{0} ist eine Sondernummer, die viel kosten kann", "{0} is a premium number that may cost a lot")
        ("Sondernummer", "premium number")
        ("wenn es sein soll: allow = [\"premium\"] bei der Person", "if it must be: allow = [\"premium\"] at the person")
        ("Anrufe zu Mehrwertnummern sind ein beliebter Betrug.", "Calls to premium numbers are a popular fraud.")
    Foreign "P403" Error
        ("{0} ist eine Nummer im Ausland", "{0} is a number abroad")
        ("Ausland", "abroad")
        ("wenn es sein soll: allow = [\"foreign\"] bei der Person", "if it must be: allow = [\"foreign\"] at the person")
        ("Weiterleitungen ins Ausland kosten; sie geschehen nur auf ausdrücklichen Wunsch.",
         "Forwarding abroad costs; it only happens when explicitly wished.")
    RosterGap "P404" Warning
        ("niemand hat Dienst: {0}", "nobody is on call: {0}")
        ("Lücke", "gap")
        ("wenn es so sein soll: gaps = true", "if it is meant: gaps = true")
        ("Geprüft wird die gewöhnliche Woche, und wo heute bekannt ist, jeder Tag der nächsten vier Wochen, Feiertage und Ausnahmen eingeschlossen. In der Lücke geht der Anruf sofort zu else.",
         "Checked are the usual week, and where today is known, each day of the next four weeks with holidays and exceptions. In the gap a call goes to else at once.")
    OwnNumber "P405" Error
        ("{0} ist die Nummer dieser Leitung", "{0} is the number of this line")
        ("riefe sich selbst an", "would call itself")
        ("nehmen Sie das Telefon der Person", "take the person's telephone")
        ("Die Anlage nähme ihren eigenen Anruf an.", "The service would answer its own call.")
    LongWait "P406" Warning
        ("ein Anrufer wartet hier bis zu {0}", "a caller waits here up to {0}")
        ("lange", "long")
        ("rufen Sie alle zugleich: strategy = \"together\", oder kürzer", "call all at once: strategy = \"together\", or for a shorter time")
        ("Länger als fünf Minuten wartet niemand gern; vorher sollte der Anruf zu else gehen.",
         "Nobody likes to wait longer than five minutes; the call should go to else before.")
    NoConfirm "P407" Warning
        ("[{0}] gilt als angenommen, sobald jemand oder etwas abnimmt", "[{0}] counts as accepted as soon as somebody or something answers")
        ("ohne confirm", "without confirm")
        ("zum Beispiel: confirm = \"1\"", "for example: confirm = \"1\"")
        ("Nur mit einer Taste nimmt sicher ein Mensch an und keine Mailbox.",
         "Only with a key it is surely a human who accepts, and no mailbox.")
}
