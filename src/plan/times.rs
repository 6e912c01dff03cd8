//! `[hours.x]`: the texts of opening hours, read by the room `hours`; its errors become findings at their place.

use toml::Spanned;
use toml::de::DeValue;

use super::codes::Code;
use super::finding::{Finding, Place, Text};
use super::limits;
use super::model::HoursPart;
use super::people::day_index;
use super::read::{Fields, Reader, short};
use crate::hours::{
    BadClosure, BadDays, BadWindow, Closure, Days, Draft, Hours, Opening, Place as Entry, Problem, Region, Window,
    weekdays,
};

pub(super) const KEYS: &[&str] = &["holidays", "on-holidays", "closed"];
/// Keys of one section of hours: days of the calendar, the week, and the rest.
const KEYS_MAX: usize = crate::hours::ENTRIES_MAX + 20;
pub(super) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
pub(super) const DAY_NAMES: [(&str, &str); 7] = [
    ("Montag", "Monday"),
    ("Dienstag", "Tuesday"),
    ("Mittwoch", "Wednesday"),
    ("Donnerstag", "Thursday"),
    ("Freitag", "Friday"),
    ("Samstag", "Saturday"),
    ("Sonntag", "Sunday"),
];

/// Opening hours while they are read, with the place of each entry.
#[derive(Default)]
struct Reading {
    draft: Draft,
    week: [Option<Place>; 7],
    week_windows: [Vec<Place>; 7],
    openings: Vec<(Place, Vec<Place>)>,
    closures: Vec<Place>,
    holidays: Option<Place>,
    holiday_windows: Vec<Place>,
}

impl<'t> Reader<'t> {
    /// A section of opening hours; `also` are keys that somebody else reads.
    pub(super) fn hours(&mut self, fields: &Fields<'t, 't>, also: &[&str]) -> HoursPart {
        let mut reading = Reading::default();
        if fields.table.len() > KEYS_MAX {
            self.too_big(fields.place, fields.table.len(), KEYS_MAX, Text::new("Einträgen", "entries"));
        }
        for (key, span, value) in fields.entries().into_iter().take(KEYS_MAX) {
            let place = self.place(span.clone());
            if also.contains(&key) {
                continue;
            }
            match key {
                "holidays" => {
                    reading.holidays = Some(place);
                    reading.draft.holidays = self.region(key, value);
                }
                "on-holidays" => {
                    (reading.draft.holiday_windows, reading.holiday_windows) = self.windows(key, value);
                }
                "closed" => self.closures(key, value, &mut reading),
                _ => self.day_windows(fields, (key, span, value), &mut reading),
            }
        }
        self.built(fields, reading)
    }

    fn region(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>) -> Option<Region> {
        let (text, place) = self.as_str(key, value)?;
        let region = text.parse().ok();
        if region.is_none() {
            let names = Region::all().map(Region::code);
            self.report_near(Code::BadHolidays, place, &[short(text).into()], text, names);
        }
        region
    }

    /// `mon-thu = […]` or `"12-24" = […]`.
    fn day_windows(
        &mut self,
        fields: &Fields<'t, 't>,
        (key, span, value): super::read::Entry<'t>,
        reading: &mut Reading,
    ) {
        let place = self.place(span.clone());
        if let Ok(days) = weekdays(key) {
            let (windows, places) = self.windows(key, value);
            for index in days.into_iter().map(day_index) {
                let (Some(day), Some(week), Some(of)) = (
                    reading.week.get_mut(index),
                    reading.draft.week.get_mut(index),
                    reading.week_windows.get_mut(index),
                ) else {
                    continue;
                };
                if day.is_some() {
                    let name = DAY_NAMES.get(index).map_or(Text::default(), |(de, en)| Text::new(*de, *en));
                    self.report(Code::DayTwice, place, &[name]);
                    continue;
                }
                *day = Some(place);
                week.clone_from(&windows);
                of.clone_from(&places);
            }
            return;
        }
        match key.parse::<Days>() {
            Ok(days) => {
                self.is_past(&days, key, place);
                let (windows, places) = self.windows(key, value);
                if !windows.is_empty() {
                    reading.draft.openings.push(Opening { days, windows });
                    reading.openings.push((place, places));
                }
            }
            Err(problem) if key.starts_with(|c: char| c.is_ascii_digit()) => self.bad_days(key, place, problem),
            Err(_) => {
                let known = if self.is_full() { Vec::new() } else { day_keys() };
                self.bad_day_key(fields, key, span, known);
            }
        }
    }

    fn bad_day_key(&mut self, fields: &Fields<'t, 't>, key: &str, span: std::ops::Range<usize>, known: Vec<String>) {
        let first = key.split('-').next().unwrap_or_default();
        if key.contains('-') && weekdays(first).is_ok() {
            let place = self.place(span);
            self.report_near(Code::BadDays, place, &[short(key).into()], key, known.iter().map(String::as_str));
        } else {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let listed = "mon–sun, mon-fri, \"12-24\", holidays, on-holidays, closed";
            let args = [short(key).into(), fields.path.as_str().into(), listed.into()];
            let place = self.place(span);
            self.report_near(Code::UnknownKey, place, &args, key, known.into_iter());
        }
    }

    fn windows(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>) -> (Vec<Window>, Vec<Place>) {
        let mut windows = Vec::new();
        let mut places = Vec::new();
        for (text, place) in self.as_list(key, value, crate::hours::WINDOWS_MAX) {
            match text.parse::<Window>() {
                Ok(window) => {
                    windows.push(window);
                    places.push(place);
                }
                Err(BadWindow::Form) => self.report(Code::BadTime, place, &[short(text).into()]),
                Err(BadWindow::Empty) => self.report(Code::Inverted, place, &[short(text).into()]),
                Err(BadWindow::Inverted(meant)) => {
                    let finding = Finding::new(Code::Inverted, place, &[short(text).into()]);
                    self.find(finding.meant(Some(&meant.to_string())));
                }
            }
        }
        (windows, places)
    }

    fn closures(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>, reading: &mut Reading) {
        for (text, place) in self.as_list(key, value, crate::hours::ENTRIES_MAX) {
            match text.parse::<Closure>() {
                Ok(closure) => {
                    self.is_past(&closure.days, text, place);
                    reading.draft.closures.push(closure);
                    reading.closures.push(place);
                }
                Err(BadClosure::Days(problem)) => self.bad_days(text, place, problem),
                Err(BadClosure::Time(_)) => self.report(Code::BadTime, place, &[short(text).into()]),
                Err(BadClosure::Reason) => {
                    let of = Text::new("Zeichen", "characters");
                    self.too_big(place, text.chars().count(), crate::hours::REASON_MAX, of);
                }
            }
        }
    }

    pub(super) fn is_past(&mut self, days: &Days, text: &str, place: Place) {
        let last = match days {
            Days::Date(date) | Days::Range(_, date) => *date,
            Days::Yearly(_) | Days::YearlyRange(..) => return,
        };
        if self.ctx.today.is_some_and(|today| last < today) {
            self.report(Code::Past, place, &[short(text).into()]);
        }
    }

    /// A date that is none: the help says which rule it breaks.
    pub(super) fn bad_days(&mut self, text: &str, place: Place, problem: BadDays) {
        let code = if problem == BadDays::Inverted { Code::Inverted } else { Code::BadDate };
        let finding = Finding::new(code, place, &[short(text).into()]);
        let finding = match problem {
            BadDays::Form | BadDays::Inverted => finding,
            BadDays::NoSuchDay => {
                finding.help(Text::new("diesen Tag gibt es in keinem Kalender", "no calendar has this day"))
            }
            BadDays::Mixed => finding.help(Text::new(
                "geben Sie beiden Enden ein Jahr oder keinem",
                "give both ends of the range a year, or neither",
            )),
            BadDays::Year => {
                finding.help(Text::new("bekannt sind die Jahre 2000 bis 2199", "years from 2000 to 2199 are known"))
            }
        };
        self.find(finding);
    }

    fn built(&mut self, fields: &Fields<'t, 't>, reading: Reading) -> HoursPart {
        let never = reading.draft.week.iter().all(Vec::is_empty) && reading.draft.openings.is_empty();
        if never && reading.week.iter().all(Option::is_none) && reading.openings.is_empty() {
            self.report(Code::NeverOpen, fields.place, &[fields.path.as_str().into()]);
        }
        let hours = Hours::new(reading.draft.clone()).unwrap_or_else(|problems| {
            for problem in problems.into_iter().take(limits::FINDINGS_MAX) {
                self.problem(fields.place, &reading, problem);
            }
            Hours::default()
        });
        HoursPart {
            hours,
            place: fields.place,
            week: reading.week,
            openings: reading.openings.into_iter().map(|(place, _)| place).collect(),
            closures: reading.closures,
            holidays: reading.holidays,
        }
    }

    fn problem(&mut self, header: Place, reading: &Reading, problem: Problem) {
        let at = |entry: Entry| reading.place(entry).unwrap_or(header);
        let written = |place: Place| {
            let text = self.text.get(place.start..place.end).unwrap_or_default();
            Text::from(short(text.trim_matches('"')))
        };
        match problem {
            Problem::Overlap(first, second) => {
                let (first, second) = (at(first), at(second));
                let args = [written(second), written(first)];
                self.report(Code::Overlap, second, &args);
            }
            Problem::Twice(first, second) | Problem::Contradiction(first, second) => {
                let place = at(first).max(at(second));
                let args = [written(place)];
                self.report(Code::DayTwice, place, &args);
            }
            Problem::Empty(entry) => {
                let args = [written(at(entry))];
                self.report(Code::Empty, at(entry), &args);
            }
            Problem::NoRegion(entry) => {
                let text = Text::new("holidays fehlt", "holidays is missing");
                self.report(Code::HoursRule, at(entry), &[text]);
            }
            Problem::TooMany(entry) => {
                let max = crate::hours::ENTRIES_MAX;
                self.too_big(at(entry), max + 1, max, Text::new("Einträgen", "entries"));
            }
        }
    }
}

impl Reading {
    fn place(&self, entry: Entry) -> Option<Place> {
        match entry {
            Entry::Week(day, window) => self.week_windows.get(day_index(day))?.get(window).copied(),
            Entry::Opening(index) => self.openings.get(index).map(|(place, _)| *place),
            Entry::OpeningWindow(index, window) => self.openings.get(index)?.1.get(window).copied(),
            Entry::Closure(index) => self.closures.get(index).copied(),
            Entry::HolidayWindow(index) => self.holiday_windows.get(index).copied(),
        }
    }
}

/// Every key of hours and days that could have been meant.
pub(super) fn day_keys() -> Vec<String> {
    let ranges = WEEKDAYS.iter().flat_map(|first| WEEKDAYS.iter().map(move |last| format!("{first}-{last}")));
    let german = ["montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "daily"];
    let single = KEYS.iter().chain(&WEEKDAYS).chain(&german).map(|name| (*name).to_owned());
    single.chain(ranges).collect()
}
