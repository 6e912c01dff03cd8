//! What plans to start from say, in German and in English.

use crate::ids::Language;

/// What kind of business.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trade {
    /// An office of any kind.
    Office,
    /// Craftsmen who are called in emergencies.
    Plumber,
    /// A doctor's practice.
    Practice,
    /// Lawyers.
    Law,
    /// A hair salon.
    Salon,
    /// A restaurant.
    Restaurant,
    /// Who keeps other people's machines running.
    ItService,
    /// A shop that speaks two languages.
    Shop,
    /// Nothing but messages.
    MessageOnly,
    /// Nothing but an announcement.
    AnnouncementOnly,
}

/// All of them, with their names in German and in English: those of the files in `dialplans/`.
pub const TRADES: [(Trade, &str, &str); 10] = [
    (Trade::Office, "buero", "office"),
    (Trade::Plumber, "klempner", "plumber"),
    (Trade::Practice, "arztpraxis", "medical-practice"),
    (Trade::Law, "kanzlei", "law-office"),
    (Trade::Salon, "friseur", "hair-salon"),
    (Trade::Restaurant, "gasthaus", "restaurant"),
    (Trade::ItService, "systemhaus", "it-service"),
    (Trade::Shop, "zweisprachig", "bilingual"),
    (Trade::MessageOnly, "nur-nachricht", "message-only"),
    (Trade::AnnouncementOnly, "nur-ansage", "announcement-only"),
];

impl Trade {
    /// The trade of a name in either language, or of its number from 1.
    pub fn named(text: &str) -> Option<Trade> {
        let text = text.trim().to_lowercase().replace([' ', '_'], "-").replace('ü', "ue");
        let numbered = text.parse::<usize>().ok().and_then(|number| TRADES.get(number.checked_sub(1)?));
        let named = TRADES.iter().find(|(_, de, en)| *de == text || *en == text);
        numbered.or(named).map(|(trade, ..)| *trade)
    }

    /// Its name.
    pub fn name(self, language: Language) -> &'static str {
        let found = TRADES.iter().find(|(trade, ..)| *trade == self);
        found.map_or("", |(_, de, en)| if language == Language::De { de } else { en })
    }
}

/// A key of the menu, and the message to which it leads.
#[derive(Debug)]
pub(super) struct Choice {
    /// `message.NAME`.
    pub name: &'static str,
    /// In the menu; `_` is the key.
    pub offer: &'static str,
    /// Before the beep.
    pub says: &'static str,
    pub urgent: bool,
}

const fn choice(name: &'static str, offer: &'static str, says: &'static str, urgent: bool) -> Choice {
    Choice { name, offer, says, urgent }
}

/// Everything that is written in one language.
#[derive(Debug)]
pub(super) struct Words {
    pub language: Language,
    pub head: [&'static str; 2],
    pub number: &'static str,
    pub mail: &'static str,
    pub numbers: &'static str,
    // Names of steps and things.
    pub hours: &'static str,
    pub team: &'static str,
    pub team_name: &'static str,
    pub open: &'static str,
    pub closed: &'static str,
    pub menu: &'static str,
    pub info: &'static str,
    pub info_say: &'static str,
    pub general: &'static str,
    pub owner: &'static str,
    pub on_call: &'static str,
    pub choice: &'static str,
    // Comments.
    pub hours_about: &'static str,
    pub holidays: &'static str,
    pub eves_about: &'static str,
    pub eves_open: &'static str,
    pub ring_about: &'static str,
    pub open_about: &'static str,
    pub closed_about: &'static str,
    pub info_about: &'static str,
    pub general_about: &'static str,
    pub promise_about: &'static str,
    pub repeat_about: &'static str,
    pub owner_key: &'static str,
    pub owner_about: &'static str,
    pub on_call_about: &'static str,
    pub choice_about: &'static str,
    pub notify: &'static str,
    // What is said.
    pub eves: [(&'static str, &'static str); 2],
    pub hello: &'static str,
    pub moment: &'static str,
    pub nobody: &'static str,
    pub until: &'static str,
    pub open_until: &'static str,
    pub no_messages: &'static str,
    pub today: &'static str,
    pub otherwise: &'static str,
    pub stay: &'static str,
    pub hours_offer: &'static str,
    pub language_offer: &'static str,
    pub on_call_says: &'static str,
    pub general_says: &'static str,
    /// With a promise, and without one.
    pub promise: (&'static str, &'static str),
    pub urgent_promise: (&'static str, &'static str),
    pub keys: [&'static str; 3],
}

pub(super) fn words(language: Language) -> Words {
    match language {
        Language::De => german(),
        Language::En => english(),
    }
}

fn german() -> Words {
    Words {
        language: Language::De,
        head: [
            "Wie Anrufe beantwortet werden. Die Sprache: docs/plans.md; weitere Beispiele: dialplans/",
            "Prüfen: nightdesk check DATEI    Ausprobieren: nightdesk simulate --plan DATEI",
        ],
        number: "+493023125001",
        mail: "mail:buero@example.de",
        numbers: "nur nötig, wenn der Betrieb mehrere Leitungen hat",
        hours: "zeiten",
        team: "team",
        team_name: "Telefon",
        open: "say.offen",
        closed: "say.zu",
        menu: "menu.wahl",
        info: "info.zeiten",
        info_say: "say.zeiten",
        general: "message.anliegen",
        owner: "owner.zugang",
        on_call: "ring.notfall",
        choice: "language.sprache",
        hours_about: "Öffnungszeiten",
        holidays: "gesetzliche Feiertage",
        eves_about: "jedes Jahr; auch \"2027-08-02..2027-08-13 Urlaub\"",
        eves_open: "ohne das # am Anfang: dann geschlossen",
        ring_about: "zur Öffnungszeit klingelt es zuerst hier",
        open_about: "was während der Öffnungszeit zu hören ist",
        closed_about: "was sonst zu hören ist",
        info_about: "danach zurück zum Menü",
        general_about: "alles Übrige, auch wenn niemand drückt",
        promise_about: "Öffnungszeit bis zum Rückruf",
        repeat_about: "wer dranbleibt, hört es nicht noch einmal",
        owner_key: "der Eingang für Sie selbst",
        owner_about: "fragt die Geheimzahl",
        on_call_about: "angenommen ist erst mit der Eins",
        choice_about: "jede Sprache sagt sich selbst an",
        notify: "wer von jeder Nachricht erfährt",
        eves: [("12-24", "Heiligabend"), ("12-31", "Silvester")],
        hello: "Guten Tag, {business}.",
        moment: "Einen Augenblick bitte.",
        nobody: "Gerade kann niemand ans Telefon.",
        until: "Wir haben {until} geschlossen. Grund: {reason}.",
        open_until: "Wir haben {until} geöffnet.",
        no_messages: "An diesem Anschluss wird keine Nachricht aufgenommen.",
        today: "Unsere Öffnungszeit heute: {hours.today}.",
        otherwise: "Sonst",
        stay: "Für eine Nachricht bleiben Sie einfach dran.",
        hours_offer: "Unsere Öffnungszeiten nennt die _.",
        language_offer: "Für Deutsch drücken Sie die _.",
        on_call_says: "Wir rufen jetzt jemanden an. Das dauert höchstens eine halbe Minute.",
        general_says: "Bitte nennen Sie nach dem Signalton Ihren Namen und Ihr Anliegen.",
        promise: ("Wir rufen Sie {promise} zurück.", "Wir rufen Sie zurück."),
        urgent_promise: (
            "Wir hören das zuerst und rufen Sie {promise} zurück.",
            "Wir hören das zuerst und rufen Sie zurück.",
        ),
        keys: ["Eins", "Zwei", "Drei"],
    }
}

fn english() -> Words {
    Words {
        language: Language::En,
        head: [
            "How calls are answered. The language: docs/plans.md; more examples: dialplans/",
            "Check it: nightdesk check FILE    Try it: nightdesk simulate --plan FILE",
        ],
        number: "+442079460001",
        mail: "mail:office@example.com",
        numbers: "only needed if the business has several lines",
        hours: "times",
        team: "team",
        team_name: "Telephone",
        open: "say.open",
        closed: "say.closed",
        menu: "menu.choice",
        info: "info.hours",
        info_say: "say.hours",
        general: "message.concern",
        owner: "owner.entry",
        on_call: "ring.emergency",
        choice: "language.choice",
        hours_about: "opening hours",
        holidays: "public holidays",
        eves_about: "each year; \"2027-08-02..2027-08-13 our holiday\" works too",
        eves_open: "without the # in front: closed then",
        ring_about: "in opening hours it rings here first",
        open_about: "what is heard in opening hours",
        closed_about: "what is heard otherwise",
        info_about: "then back to the menu",
        general_about: "anything else, also if nobody presses a key",
        promise_about: "opening time until somebody calls back",
        repeat_about: "who stays does not hear it again",
        owner_key: "the way in for yourself",
        owner_about: "asks for the PIN",
        on_call_about: "accepted only with key one",
        choice_about: "each language announces itself",
        notify: "who is told of each message",
        eves: [("12-24", "Christmas Eve"), ("12-31", "New Year's Eve")],
        hello: "Hello, this is {business}.",
        moment: "One moment, please.",
        nobody: "Nobody can take your call right now.",
        until: "We are closed {until}. The reason is {reason}.",
        open_until: "We are open {until}.",
        no_messages: "No messages are taken on this line.",
        today: "Our opening hours today: {hours.today}.",
        otherwise: "Otherwise",
        stay: "To leave a message, just stay on the line.",
        hours_offer: "For our opening hours, press _.",
        language_offer: "For English, press _.",
        on_call_says: "We are calling somebody now. This takes half a minute at most.",
        general_says: "After the tone, please say your name and your question.",
        promise: ("We will call you back {promise}.", "We will call you back."),
        urgent_promise: (
            "We listen to this first and will call you back {promise}.",
            "We listen to this first and will call you back.",
        ),
        keys: ["one", "two", "three"],
    }
}

impl Words {
    /// The keys of a trade's menu; none where there is no menu.
    pub(super) fn choices(&self, trade: Trade) -> &'static [Choice] {
        let found = CHOICES.iter().find(|(of, ..)| *of == trade);
        found.map_or(&[], |(_, de, en)| if self.language == Language::De { de } else { en })
    }
}

/// The keys of each trade's menu, in German and in English.
const CHOICES: &[(Trade, &[Choice], &[Choice])] = &[
    (
        Trade::Office,
        &[choice(
            "auftrag",
            "Zu einem laufenden Auftrag drücken Sie die _.",
            "Bitte nennen Sie nach dem Signalton Ihren Namen und um welchen Auftrag es geht.",
            false,
        )],
        &[choice(
            "order",
            "About an order, press _.",
            "After the tone, please say your name and which order it is about.",
            false,
        )],
    ),
    (
        Trade::Plumber,
        &[choice(
            "notfall",
            "In einem Notfall drücken Sie die _.",
            "Bitte nennen Sie nach dem Signalton Namen, Adresse und was geschehen ist.",
            true,
        )],
        &[choice(
            "emergency",
            "In an emergency, press _.",
            "After the tone, please say your name, your address and what has happened.",
            true,
        )],
    ),
    (
        Trade::Practice,
        &[
            choice(
                "termin",
                "Für einen Termin drücken Sie die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, Ihr Geburtsdatum und wann Sie kommen können.",
                false,
            ),
            choice(
                "rezept",
                "Für ein Rezept oder eine Überweisung die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, Ihr Geburtsdatum und das Medikament.",
                false,
            ),
        ],
        &[
            choice(
                "appointment",
                "For an appointment, press _.",
                "After the tone, please say your name, your date of birth and when you can come.",
                false,
            ),
            choice(
                "prescription",
                "For a prescription or a referral, press _.",
                "After the tone, please say your name, your date of birth and the medicine.",
                false,
            ),
        ],
    ),
    (
        Trade::Law,
        &[
            choice(
                "frist",
                "Läuft heute oder morgen eine Frist ab, drücken Sie die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, das Aktenzeichen und wann die Frist abläuft.",
                true,
            ),
            choice(
                "anfrage",
                "Für eine neue Anfrage die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen und in einem Satz, worum es geht.",
                false,
            ),
        ],
        &[
            choice(
                "deadline",
                "If a deadline ends today or tomorrow, press _.",
                "After the tone, please say your name, the reference number and when the deadline ends.",
                true,
            ),
            choice(
                "enquiry",
                "For a new enquiry, press _.",
                "After the tone, please say your name and, in one sentence, what it is about.",
                false,
            ),
        ],
    ),
    (
        Trade::Salon,
        &[
            choice(
                "termin",
                "Für einen Termin drücken Sie die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, was wir machen dürfen und an welchem Tag.",
                false,
            ),
            choice(
                "absage",
                "Wenn Sie absagen oder verschieben möchten, die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen und den Termin.",
                true,
            ),
        ],
        &[
            choice(
                "appointment",
                "For an appointment, press _.",
                "After the tone, please say your name, what we may do for you and on which day.",
                false,
            ),
            choice(
                "cancel",
                "To cancel or move one, press _.",
                "After the tone, please say your name and which appointment it is.",
                true,
            ),
        ],
    ),
    (
        Trade::Restaurant,
        &[
            choice(
                "tisch",
                "Für einen Tisch drücken Sie die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, Tag, Uhrzeit und wie viele Sie sind.",
                false,
            ),
            choice(
                "absage",
                "Wenn Sie absagen oder später kommen, die _.",
                "Bitte nennen Sie nach dem Signalton Ihren Namen, den Tag und die Uhrzeit.",
                true,
            ),
        ],
        &[
            choice(
                "table",
                "To book a table, press _.",
                "After the tone, please say your name, the day, the time and how many you are.",
                false,
            ),
            choice(
                "cancel",
                "To cancel, or if you will be late, press _.",
                "After the tone, please say your name, the day and the time.",
                true,
            ),
        ],
    ),
    (
        Trade::ItService,
        &[choice(
            "stoerung",
            "Bei einer Störung drücken Sie die _.",
            "Bitte nennen Sie nach dem Signalton Firma, Rückrufnummer und was stillsteht.",
            true,
        )],
        &[choice(
            "outage",
            "For an outage, press _.",
            "After the tone, please say your company, your number and what has stopped.",
            true,
        )],
    ),
    (
        Trade::Shop,
        &[choice(
            "bestellung",
            "Zu einer Bestellung drücken Sie die _.",
            "Bitte nennen Sie nach dem Signalton Ihren Namen und die Nummer der Bestellung.",
            false,
        )],
        &[choice(
            "order",
            "About an order, press _.",
            "After the tone, please say your name and the number of your order.",
            false,
        )],
    ),
];
