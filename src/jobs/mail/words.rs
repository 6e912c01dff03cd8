//! What an invitation says, in German and English.

use jiff::Zoned;
use jiff::tz::TimeZone;

use super::{Invitation, Occasion, Unreadable};
use crate::ids::Language;

/// Longest name of a business in a mail, in characters.
const NAME_MAX: usize = 100;

const TAGE: [&str; 7] = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
const MONATE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What a mail says, in one language.
pub struct Words {
    /// Who calls.
    pub business: String,
    /// What stands in the calendar.
    pub title: String,
    pub subject: String,
    /// Which number is called.
    pub number: Option<String>,
    greeting: &'static str,
    /// What has happened.
    what: String,
    /// When it is; of a cancelled one when it would have been.
    when: String,
    end: &'static str,
}

impl Words {
    pub fn of(invitation: &Invitation) -> Result<Words, Unreadable> {
        let bad = |error: jiff::Error| Unreadable(error.to_string());
        let zone = TimeZone::get(&invitation.zone).map_err(bad)?;
        let local = |at| Ok(jiff::Timestamp::from_millisecond(at).map_err(bad)?.to_zoned(zone.clone()));
        let (start, end) = (local(invitation.start)?, local(invitation.end)?);
        let business = line(&invitation.business);
        // Who is not called needs no number.
        let number = invitation.number.as_deref().map(line).filter(|_| invitation.occasion != Occasion::Cancelled);
        Ok(match invitation.language {
            Language::De => german(invitation.occasion, business, number, &start, &end),
            Language::En => english(invitation.occasion, business, number, &start, &end),
        })
    }

    pub fn text(&self) -> String {
        let Words { greeting, what, when, end, business, .. } = self;
        let number = self.number.as_ref().map(|number| format!("{number}\n\n")).unwrap_or_default();
        format!("{greeting}\n\n{what}\n\n    {when}\n\n{number}{end}\n\n{business}\n")
    }

    pub fn html(&self, language: Language) -> String {
        let number = self.number.as_ref().map(|number| format!("<p>{}</p>\n", escaped(number))).unwrap_or_default();
        let [subject, what, when, business] =
            [&self.subject, &self.what, &self.when, &self.business].map(|text| escaped(text));
        let Words { greeting, end, .. } = self;
        format!(
            "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head><meta charset=\"utf-8\"><title>{subject}</title></head>\n\
             <body>\n<p>{greeting}</p>\n<p>{what}</p>\n<p><strong>{when}</strong></p>\n{number}<p>{end}</p>\n\
             <p>{business}</p>\n</body>\n</html>\n"
        )
    }
}

fn german(occasion: Occasion, business: String, number: Option<String>, start: &Zoned, end: &Zoned) -> Words {
    let (day, month) = names(start, TAGE, MONATE);
    let [from, to] = [start, end].map(|at| at.strftime("%-H:%M").to_string());
    // RFC 5545 has no word for it, people have.
    let clock = match start.strftime("%Z").to_string().as_str() {
        "CET" => "MEZ".to_owned(),
        "CEST" => "MESZ".to_owned(),
        other => other.to_owned(),
    };
    let (lead, what) = match occasion {
        Occasion::Booked => ("Rückruf", format!("Ihr Rückruf von {business} ist eingetragen. Wir rufen Sie an:")),
        Occasion::Moved => ("Rückruf verlegt", format!("Ihr Rückruf von {business} ist verlegt. Wir rufen Sie an:")),
        Occasion::Cancelled => {
            ("Rückruf abgesagt", format!("Ihr Rückruf von {business} ist abgesagt. Dieser Termin entfällt:"))
        }
    };
    Words {
        title: format!("Rückruf: {business}"),
        subject: format!("{lead}: {business}, {day}, {}, {from} Uhr", start.strftime("%-d.%-m.%Y")),
        greeting: "Guten Tag,",
        what,
        when: format!("{day}, {}. {month} {}, {from} bis {to} Uhr ({clock})", start.day(), start.year()),
        number: number.map(|number| format!("Unter dieser Nummer: {number}")),
        end: match occasion {
            Occasion::Cancelled => "Sie brauchen nichts weiter zu tun.",
            _ => "Bitte halten Sie Ihr Telefon bereit.",
        },
        business,
    }
}

fn english(occasion: Occasion, business: String, number: Option<String>, start: &Zoned, end: &Zoned) -> Words {
    let (day, month) = names(start, DAYS, MONTHS);
    let date = format!("{day}, {} {month} {}", start.day(), start.year());
    let [from, to] = [start, end].map(|at| at.strftime("%-I:%M %P").to_string());
    let (lead, what) = match occasion {
        Occasion::Booked => ("Callback", format!("Your callback from {business} is booked. We will call you:")),
        Occasion::Moved => {
            ("Callback moved", format!("Your callback from {business} has been moved. We will call you:"))
        }
        Occasion::Cancelled => (
            "Callback cancelled",
            format!("Your callback from {business} has been cancelled. Nobody will call you at this time:"),
        ),
    };
    Words {
        title: format!("Callback: {business}"),
        subject: format!("{lead}: {business}, {date}, {from}"),
        greeting: "Hello,",
        what,
        when: format!("{date}, {from} to {to} ({})", start.strftime("%Z")),
        number: number.map(|number| format!("On this number: {number}")),
        end: match occasion {
            Occasion::Cancelled => "There is nothing else for you to do.",
            _ => "Please keep your phone at hand.",
        },
        business,
    }
}

fn names(at: &Zoned, days: [&'static str; 7], months: [&'static str; 12]) -> (&'static str, &'static str) {
    let name = |names: &[&'static str], nth: i8| names.get(usize::try_from(nth).unwrap_or(0)).copied().unwrap_or("");
    (name(&days, at.weekday().to_monday_zero_offset()), name(&months, at.month() - 1))
}

/// In one line, without what is no text, and not too long.
pub fn line(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(NAME_MAX).collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
