//! Why a call goes where it goes, told to owners: with the entry of the plan that says so.

use jiff::civil::{Date, Weekday};

use super::route::{Route, Why, local};
use super::setting::Setting;
use crate::hours::{self, Closure, Override, Source, State};
use crate::ids::Language;
use crate::plan::{DayMatch, HoursPart, Place, Text};
use crate::speech;

impl Route<'_> {
    /// Why, in one sentence without a full stop.
    pub fn explained(&self, setting: &Setting) -> Text {
        match self.why {
            Why::Rule(rule) => {
                let name = &rule.name;
                Text::new(format!("die Regel rule.{name} passt"), format!("rule.{name} matches"))
            }
            Why::Day(day) => {
                let key = match &day.when {
                    DayMatch::Days(days) => format!("\"{days}\""),
                    DayMatch::Weekdays(days) => days.iter().map(|day| short(*day)).collect::<Vec<_>>().join(","),
                    DayMatch::Holidays => "holidays".to_owned(),
                };
                Text::new(format!("heute gilt line.on.{key}"), format!("line.on.{key} is about today"))
            }
            Why::Always => {
                Text::new("immer offen: line.hours nennt keine Zeiten", "always open: line.hours names none")
            }
            Why::Hours(state) => because(&state, setting),
        }
    }

    /// The place of the plan that decides: a rule, a day, windows, a closure; none: it was set by hand.
    pub fn decided_at(&self, setting: &Setting) -> Option<Place> {
        match self.why {
            Why::Rule(rule) => Some(rule.place),
            Why::Day(day) => Some(day.target.place),
            Why::Always => Some(setting.plan.line.place),
            Why::Hours(state) => place_of(&state, setting.plan.line_hours()?),
        }
    }
}

/// Why it is open or closed: "closed because 12-24 in hours.buero.closed".
pub fn because(state: &State<'_>, setting: &Setting) -> Text {
    let hours = format!("hours.{}", setting.plan.line.hours.as_deref().unwrap_or("-"));
    let reason = match state.why {
        hours::Why::Window { date, window, source } => {
            let day = Text::new(weekday_de(date), weekday_en(date));
            let of = of_source(source, date, &hours);
            Text::new(format!("{} {window} {}", day.de, of.de), format!("{} {window} {}", day.en, of.en))
        }
        hours::Why::Outside { date, source } => outside(date, source, &hours, setting),
        hours::Why::Closure { closure, .. } => closed_by(closure, &hours),
        hours::Why::Holiday { holiday, .. } => {
            let region = setting.plan.line_hours().and_then(|part| part.hours.parts().holidays);
            let code = region.map(hours::Region::code).unwrap_or_default();
            Text::new(
                format!("{} ist Feiertag ({code} in {hours}.holidays)", holiday.de),
                format!("{} is a public holiday ({code} in {hours}.holidays)", holiday.en),
            )
        }
        hours::Why::Override(by_hand) => by_hand_until(by_hand, setting),
    };
    let (de, en) = if state.open { ("offen", "open") } else { ("geschlossen", "closed") };
    Text::new(format!("{de}: {}", reason.de), format!("{en}: {}", reason.en))
}

fn place_of(state: &State<'_>, part: &HoursPart) -> Option<Place> {
    let week = |day: Weekday| {
        let at = usize::try_from(day.to_monday_zero_offset()).ok()?;
        part.week.get(at).copied().flatten()
    };
    let source = |source: Source<'_>| match source {
        Source::Week(day) => week(day),
        Source::Opening(at, _) => part.openings.get(at).copied(),
        Source::Closure(at, _) => part.closures.get(at).copied(),
        Source::Holiday(_) => part.holidays,
    };
    match state.why {
        hours::Why::Window { source: of, .. } | hours::Why::Outside { source: of, .. } => {
            source(of).or(Some(part.place))
        }
        hours::Why::Closure { index, .. } => part.closures.get(index).copied(),
        hours::Why::Holiday { .. } => part.holidays,
        hours::Why::Override(_) => None,
    }
}

fn of_source(source: Source<'_>, date: Date, hours: &str) -> Text {
    match source {
        Source::Week(_) => Text::new(format!("in {hours}"), format!("in {hours}")),
        Source::Opening(_, opening) => Text::from(format!("({} in {hours})", opening.days)),
        Source::Holiday(holiday) => Text::new(
            format!("am Feiertag {} ({hours})", holiday.de),
            format!("on the holiday {} ({hours})", holiday.en),
        ),
        Source::Closure(_, closure) => Text::new(format!("am {date}, {closure}"), format!("on {date}, {closure}")),
    }
}

fn outside(date: Date, source: Source<'_>, hours: &str, setting: &Setting) -> Text {
    if let Source::Closure(_, closure) = source {
        return closed_by(closure, hours);
    }
    let windows = setting.hours().map(|hours| hours.windows_of(date)).unwrap_or_default();
    let listed = windows.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let of = of_source(source, date, hours);
    if windows.is_empty() {
        return Text::new(
            format!("{} hat keine Zeiten {}", weekday_de(date), of.de),
            format!("{} has no windows {}", weekday_en(date), of.en),
        );
    }
    Text::new(
        format!("außerhalb von {listed} am {} {}", weekday_de(date), of.de),
        format!("outside {listed} on {} {}", weekday_en(date), of.en),
    )
}

fn closed_by(closure: &Closure, hours: &str) -> Text {
    Text::new(format!("{closure} steht in {hours}.closed"), format!("{closure} is in {hours}.closed"))
}

fn by_hand_until(by_hand: &Override, setting: &Setting) -> Text {
    let until = local(by_hand.until(), &setting.plan.line.zone).strftime("%Y-%m-%d %H:%M");
    let by = by_hand.by();
    Text::new(format!("von Hand durch {by}, bis {until}"), format!("by hand of {by}, until {until}"))
}

fn weekday_de(date: Date) -> String {
    speech::Say::Weekday(date.weekday()).in_words(Language::De)
}

fn weekday_en(date: Date) -> String {
    speech::Say::Weekday(date.weekday()).in_words(Language::En)
}

/// As plans write it.
fn short(day: Weekday) -> String {
    speech::Say::Weekday(day).in_words(Language::En).to_lowercase().chars().take(3).collect()
}
