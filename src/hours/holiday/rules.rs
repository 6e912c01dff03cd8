//! The days themselves: what makes a date a holiday.

use jiff::civil::{Date, Weekday};

use super::Holiday;
use super::easter::easter;

/// One holiday of the law, with the years in which it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    when: When,
    name: Holiday,
    first: i16,
    last: i16,
}

/// How a year gives the date.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Month and day.
    On(i8, i8),
    /// Month and day, where it falls on one of these weekdays.
    OnA(i8, i8, &'static [Weekday]),
    /// Days after Easter Sunday.
    Easter(i16),
    /// The first such weekday on or after month and day; never over the end of a month.
    From(i8, i8, Weekday),
    /// Glarus: the first Thursday in April; in Holy Week, a week later.
    Naefels,
}

impl Rule {
    const fn new(when: When, de: &'static str, en: &'static str) -> Rule {
        Rule { when, name: Holiday { de, en }, first: i16::MIN, last: i16::MAX }
    }

    const fn on(month: i8, day: i8, de: &'static str, en: &'static str) -> Rule {
        Rule::new(When::On(month, day), de, en)
    }

    const fn easter(days: i16, de: &'static str, en: &'static str) -> Rule {
        Rule::new(When::Easter(days), de, en)
    }

    pub(super) const fn since(self, first: i16) -> Rule {
        Rule { first, ..self }
    }

    const fn only(self, year: i16) -> Rule {
        Rule { first: year, last: year, ..self }
    }

    /// The holiday, if `date` is it, which is `easter` days after Easter Sunday of its year.
    pub(super) fn holiday(&self, date: Date, easter: i16) -> Option<Holiday> {
        let (month, day) = (date.month(), date.day());
        let matches = match self.when {
            When::On(m, d) => (m, d) == (month, day),
            When::OnA(m, d, weekdays) => (m, d) == (month, day) && weekdays.contains(&date.weekday()),
            When::Easter(days) => easter == days,
            When::From(m, d, weekday) => month == m && (d..d + 7).contains(&day) && date.weekday() == weekday,
            When::Naefels => naefels(date, easter),
        };
        (matches && (self.first..=self.last).contains(&date.year())).then_some(self.name)
    }
}

/// How many days `date` is after Easter Sunday of its year.
pub(super) fn after_easter(date: Date) -> i16 {
    date.day_of_year() - easter(date.year()).day_of_year()
}

fn naefels(date: Date, easter: i16) -> bool {
    let thursday = date.month() == 4 && date.weekday() == Weekday::Thursday;
    // Maundy Thursday is three days before Easter.
    match date.day() {
        1..=7 => thursday && easter != -3,
        8..=14 => thursday && easter == 4,
        _ => false,
    }
}

use Weekday::{Friday, Monday, Sunday, Thursday, Tuesday, Wednesday};

pub(super) const NEW_YEAR: Rule = Rule::on(1, 1, "Neujahr", "New Year's Day");
pub(super) const BERCHTOLD: Rule = Rule::on(1, 2, "Berchtoldstag", "Saint Berchtold's Day");
pub(super) const EPIPHANY: Rule = Rule::on(1, 6, "Heilige Drei Könige", "Epiphany");
pub(super) const WOMEN: Rule = Rule::on(3, 8, "Internationaler Frauentag", "International Women's Day");
pub(super) const JOSEPH: Rule = Rule::on(3, 19, "Josefstag", "Saint Joseph's Day");
pub(super) const GOOD_FRIDAY: Rule = Rule::easter(-2, "Karfreitag", "Good Friday");
pub(super) const EASTER_SUNDAY: Rule = Rule::easter(0, "Ostersonntag", "Easter Sunday");
pub(super) const EASTER_MONDAY: Rule = Rule::easter(1, "Ostermontag", "Easter Monday");
pub(super) const LABOUR: Rule = Rule::on(5, 1, "Tag der Arbeit", "Labour Day");
pub(super) const ASCENSION: Rule = Rule::easter(39, "Christi Himmelfahrt", "Ascension Day");
pub(super) const WHIT_SUNDAY: Rule = Rule::easter(49, "Pfingstsonntag", "Whit Sunday");
pub(super) const WHIT_MONDAY: Rule = Rule::easter(50, "Pfingstmontag", "Whit Monday");
pub(super) const CORPUS_CHRISTI: Rule = Rule::easter(60, "Fronleichnam", "Corpus Christi");
pub(super) const ASSUMPTION: Rule = Rule::on(8, 15, "Mariä Himmelfahrt", "Assumption Day");
pub(super) const REFORMATION: Rule = Rule::on(10, 31, "Reformationstag", "Reformation Day");
pub(super) const ALL_SAINTS: Rule = Rule::on(11, 1, "Allerheiligen", "All Saints' Day");
pub(super) const CONCEPTION: Rule = Rule::on(12, 8, "Mariä Empfängnis", "Immaculate Conception");

// Germany.
pub(super) const UNITY: Rule = Rule::on(10, 3, "Tag der Deutschen Einheit", "German Unity Day");
pub(super) const CHRISTMAS_1: Rule = Rule::on(12, 25, "Erster Weihnachtsfeiertag", "Christmas Day");
pub(super) const CHRISTMAS_2: Rule = Rule::on(12, 26, "Zweiter Weihnachtsfeiertag", "Second Day of Christmas");
/// Wednesday before 23 November. SächsSFG § 1.
pub(super) const REPENTANCE: Rule =
    Rule::new(When::From(11, 16, Wednesday), "Buß- und Bettag", "Day of Repentance and Prayer");
/// ThürFGtG § 2, since 2019.
pub(super) const CHILDREN: Rule = Rule::on(9, 20, "Weltkindertag", "World Children's Day").since(2019);
/// Only in the city of Augsburg. BayFTG Art. 1 (2).
pub(super) const PEACE: Rule = Rule::on(8, 8, "Augsburger Hohes Friedensfest", "Augsburg Peace Festival");
/// Berlin, once.
pub(super) const LIBERATION_80: Rule =
    Rule::on(5, 8, "Achtzigster Jahrestag der Befreiung", "Eightieth anniversary of the Liberation").only(2025);
/// Berlin, once.
pub(super) const UPRISING_75: Rule = Rule::on(
    6,
    17,
    "Fünfundsiebzigster Jahrestag des Aufstandes vom siebzehnten Juni",
    "Seventy-fifth anniversary of the Uprising of 1953",
)
.only(2028);

// Austria. ARG § 7 (2); Good Friday is none since 2019.
pub(super) const STATE: Rule = Rule::on(5, 1, "Staatsfeiertag", "National Holiday");
pub(super) const NATIONAL_AT: Rule = Rule::on(10, 26, "Nationalfeiertag", "Austrian National Day");
pub(super) const CHRISTMAS_AT: Rule = Rule::on(12, 25, "Christtag", "Christmas Day");
pub(super) const STEPHEN_AT: Rule = Rule::on(12, 26, "Stefanitag", "Saint Stephen's Day");

// Switzerland.
pub(super) const ASCENSION_CH: Rule = Rule::easter(39, "Auffahrt", "Ascension Day");
pub(super) const NATIONAL_CH: Rule = Rule::on(8, 1, "Bundesfeiertag", "Swiss National Day");
pub(super) const CHRISTMAS_CH: Rule = Rule::on(12, 25, "Weihnachten", "Christmas Day");
pub(super) const STEPHEN: Rule = Rule::on(12, 26, "Stephanstag", "Saint Stephen's Day");
/// Appenzell and Uri: not where it would make three days of rest in a row (AI Ruhetagsgesetz Art. 2 b).
pub(super) const STEPHEN_NO_THIRD: Rule =
    Rule::new(When::OnA(12, 26, &[Monday, Wednesday, Thursday, Friday, Sunday]), "Stephanstag", "Saint Stephen's Day");
/// Neuchâtel: only after a Sunday.
pub(super) const BERCHTOLD_MONDAY: Rule =
    Rule::new(When::OnA(1, 2, &[Monday]), "Berchtoldstag", "Saint Berchtold's Day");
/// Neuchâtel: only after a Sunday.
pub(super) const STEPHEN_MONDAY: Rule = Rule::new(When::OnA(12, 26, &[Monday]), "Stephanstag", "Saint Stephen's Day");
pub(super) const NAEFELS: Rule = Rule::new(When::Naefels, "Näfelser Fahrt", "Battle of Näfels Day");
pub(super) const REPUBLIC_NE: Rule =
    Rule::on(3, 1, "Jahrestag der Ausrufung der Republik", "Republic Day of Neuchâtel");
pub(super) const INDEPENDENCE_JU: Rule = Rule::on(6, 23, "Fest der Unabhängigkeit", "Independence Day of the Jura");
pub(super) const PETER_PAUL: Rule = Rule::on(6, 29, "Peter und Paul", "Saints Peter and Paul");
/// Thursday after the first Sunday in September.
pub(super) const FAST_GE: Rule = Rule::new(When::From(9, 5, Thursday), "Genfer Bettag", "Genevan Fast");
/// Monday after the third Sunday in September.
pub(super) const FAST_MONDAY: Rule = Rule::new(When::From(9, 16, Monday), "Bettagsmontag", "Federal Fast Monday");
pub(super) const NICHOLAS: Rule = Rule::on(9, 25, "Bruder Klaus", "Saint Nicholas of Flüe");
pub(super) const RESTORATION_GE: Rule =
    Rule::on(12, 31, "Wiederherstellung der Republik", "Restoration of the Republic");

// England and Wales: Banking and Financial Dealings Act 1971, schedule 1. Where 25 or 26 December or 1 January is
// on a weekend, the day itself stays one of rest and the next free weekday is one in its place.
pub(super) const BOXING: Rule = Rule::on(12, 26, "Zweiter Weihnachtsfeiertag", "Boxing Day");
pub(super) const NEW_YEAR_MON_2: Rule = substitute(1, 2, Monday, "Ersatztag für Neujahr", "New Year's Day substitute");
pub(super) const NEW_YEAR_MON_3: Rule = substitute(1, 3, Monday, "Ersatztag für Neujahr", "New Year's Day substitute");
pub(super) const EARLY_MAY: Rule = Rule::new(When::From(5, 1, Monday), "Mai-Feiertag", "Early May bank holiday");
pub(super) const SPRING: Rule = Rule::new(When::From(5, 25, Monday), "Frühlings-Feiertag", "Spring bank holiday");
pub(super) const SUMMER: Rule = Rule::new(When::From(8, 25, Monday), "Sommer-Feiertag", "Summer bank holiday");
pub(super) const CHRISTMAS_MON_27: Rule =
    substitute(12, 27, Monday, "Ersatztag für den ersten Weihnachtsfeiertag", "Christmas Day substitute");
pub(super) const CHRISTMAS_TUE_27: Rule =
    substitute(12, 27, Tuesday, "Ersatztag für den ersten Weihnachtsfeiertag", "Christmas Day substitute");
pub(super) const BOXING_MON_28: Rule =
    substitute(12, 28, Monday, "Ersatztag für den zweiten Weihnachtsfeiertag", "Boxing Day substitute");
pub(super) const BOXING_TUE_28: Rule =
    substitute(12, 28, Tuesday, "Ersatztag für den zweiten Weihnachtsfeiertag", "Boxing Day substitute");

const fn substitute(month: i8, day: i8, weekday: Weekday, de: &'static str, en: &'static str) -> Rule {
    const MONDAY: &[Weekday] = &[Monday];
    const TUESDAY: &[Weekday] = &[Tuesday];
    let only = if matches!(weekday, Monday) { MONDAY } else { TUESDAY };
    Rule::new(When::OnA(month, day, only), de, en)
}
