//! `[person.x]`, `[rota.x]`: who is called, and when.

use std::borrow::Cow;

use jiff::civil::{Date, Weekday};

use super::codes::Code;
use super::finding::{Finding, Place, Text};
use super::limits;
use super::model::{Person, Rota, Shift, Turn};
use super::read::{Fields, Reader, Thing, short};
use super::value::{country_code, is_premium, mailbox};
use crate::hours::{self, ClockTime, Hours};
use crate::ids::Language;

pub(super) const PERSON: &[&str] = &["name", "phone", "mail", "allow"];
pub(super) const ROTA: &[&str] = &["people", "turn", "shift", "gaps"];

/// Minutes of a day.
const DAY: u32 = 24 * 60;
/// Days for which a roster is looked through.
const DAYS_AHEAD: u32 = 28;
/// How many gaps of a roster are named.
const GAPS_SHOWN: usize = 3;

impl<'t> Reader<'t> {
    /// `[person.x]`.
    pub(super) fn person(&mut self, name: &str, fields: &Fields<'t, 't>) -> Person {
        self.known(fields, PERSON);
        let shown = self.str(fields, "name").map_or(name, |(text, _)| text).to_owned();
        let (mut premium, mut foreign) = (false, false);
        for (text, place) in self.list(fields, "allow", 2) {
            match text {
                "premium" => premium = true,
                "foreign" => foreign = true,
                _ => {
                    let args = [short(text).into(), "\"foreign\", \"premium\"".into()];
                    self.report_near(Code::NotAChoice, place, &args, text, ["foreign", "premium"].into_iter());
                }
            }
        }
        if !fields.has("phone") {
            self.missing(fields, "phone", "phone = \"+4915112345678\"");
        }
        let phone = self.str(fields, "phone").and_then(|(text, place)| {
            let number = self.number(text, place)?;
            self.callable(&number, place, premium, foreign);
            Some(number)
        });
        Person { name: shown, phone, place: fields.place }
    }

    /// A number that we would call ourselves.
    pub(super) fn callable(&mut self, number: &str, place: Place, premium: bool, foreign: bool) {
        if let Some((infix, without)) = mailbox(number) {
            let finding = Finding::new(Code::Mailbox, place, &[number.into(), infix.into()]);
            // Shorter than any German mobile number: it is not what was meant.
            let meant = (without.len() >= "+4917112345678".len()).then_some(without.as_str());
            self.find(finding.meant(meant));
        }
        if is_premium(number) && !premium {
            self.report(Code::Premium, place, &[number.into()]);
        }
        if self.own_numbers.iter().any(|own| own == number) {
            self.report(Code::OwnNumber, place, &[number.into()]);
        }
        if country_code(number) != self.home && !foreign {
            self.report(Code::Foreign, place, &[number.into()]);
        }
    }

    /// `[rota.x]`.
    pub(super) fn rota(&mut self, fields: &Fields<'t, 't>) -> Rota {
        self.known(fields, ROTA);
        let people = self.crew(fields);
        let turn = self.str(fields, "turn").and_then(|(text, place)| {
            let turn = turn(text);
            if turn.is_none() {
                self.report(Code::BadTurn, place, &[short(text).into()]);
            }
            turn
        });
        let shifts = self.shifts(fields);
        if people.is_empty() && !fields.has("people") && !fields.has("shift") {
            self.missing(fields, "people", "people = [\"NAME\"]");
        }
        let intended = self.bool(fields, "gaps").unwrap_or(false);
        // Those who take turns are there whenever no shift is.
        if people.is_empty() && !shifts.is_empty() && !intended {
            self.gaps(fields.place, &shifts);
        }
        Rota { people, turn, shifts, gaps: intended, place: fields.place }
    }

    fn crew(&mut self, fields: &Fields<'t, 't>) -> Vec<String> {
        let mut people: Vec<String> = Vec::new();
        for (name, place) in self.list(fields, "people", limits::CALL_MAX) {
            if !self.refer(Thing::Person, name, place) {
                continue;
            }
            if people.iter().any(|known| known == name) {
                self.report(Code::Twice, place, &[name.into()]);
            } else {
                people.push(name.to_owned());
            }
        }
        people
    }

    fn shifts(&mut self, fields: &Fields<'t, 't>) -> Vec<Shift> {
        let Some(table) = fields.has("shift").then(|| self.table(fields, "shift")).flatten() else {
            return Vec::new();
        };
        if table.table.len() > limits::SHIFTS_MAX {
            self.too_big(table.place, table.table.len(), limits::SHIFTS_MAX, Text::new("Schichten", "shifts"));
        }
        let mut shifts = Vec::new();
        for (name, span, _) in table.entries().into_iter().take(limits::SHIFTS_MAX) {
            let place = self.place(span);
            let Some(shift) = self.table(&table, name).filter(|_| self.name(name, place)) else { continue };
            let people = self.crew(&shift);
            if !shift.has("people") {
                self.missing(&shift, "people", "people = [\"NAME\"]");
            }
            let hours = self.hours(&shift, &["people"]).hours;
            shifts.push(Shift { name: name.to_owned(), people, hours });
        }
        shifts
    }

    /// Times without anybody: of the usual week, or else of the next four weeks, where today is known.
    fn gaps(&mut self, place: Place, shifts: &[Shift]) {
        let mut gaps = gaps(shifts.iter().flat_map(usual_duty).collect(), DAY * 7);
        // One over the week's end is one gap.
        if let (Some((0, _)), Some((start, end)), true) = (gaps.first(), gaps.last(), gaps.len() > 1)
            && *end == DAY * 7
        {
            let start = *start;
            gaps.pop();
            if let Some(first) = gaps.first_mut() {
                first.0 = start;
            }
        }
        if !gaps.is_empty() {
            self.gap(place, &gaps, |minute, language| minute_name(minute % (DAY * 7), language));
        } else if let Some(today) = self.ctx.today {
            let duty = shifts.iter().flat_map(|shift| duty_from(shift, today)).collect();
            let gaps = self::gaps(duty, DAY * DAYS_AHEAD);
            self.gap(place, &gaps, |minute, language| moment_name(today, minute, language));
        }
    }

    fn gap(&mut self, place: Place, gaps: &[Stretch], name: impl Fn(u32, Language) -> String) {
        if gaps.is_empty() {
            return;
        }
        let text = |language: Language| {
            let first = gaps.iter().take(GAPS_SHOWN);
            let named = first.map(|(from, to)| format!("{}–{}", name(*from, language), name(*to, language)));
            let more = if gaps.len() > GAPS_SHOWN { " …" } else { "" };
            format!("{}{more}", named.collect::<Vec<_>>().join(", "))
        };
        let text = Text::new(text(Language::De), text(Language::En));
        self.find(Finding::new(Code::RosterGap, place, &[text]));
    }
}

/// `daily 08:00`, `weekly mon 08:00`, `monthly 1 08:00`.
fn turn(text: &str) -> Option<Turn> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let time = |text: &str| text.parse::<ClockTime>().ok().filter(|time| *time != ClockTime::MIDNIGHT);
    match words.as_slice() {
        ["daily", at] => Some(Turn::Daily(time(at)?)),
        ["weekly", day, at] => match hours::weekdays(day).ok()?.as_slice() {
            [day] => Some(Turn::Weekly(*day, time(at)?)),
            _ => None,
        },
        // No month lacks these days.
        ["monthly", day, at] => {
            let day = day.parse().ok().filter(|day| (1..=28).contains(day))?;
            Some(Turn::Monthly(day, time(at)?))
        }
        _ => None,
    }
}

/// Minutes since an agreed midnight: from, to.
type Stretch = (u32, u32);

/// The duty of a shift with people in the usual week, since Monday's first midnight.
fn usual_duty(shift: &Shift) -> Vec<Stretch> {
    let mut duty = Vec::new();
    for (midnight, windows) in (0..).step_by(DAY as usize).zip(on_duty(shift).parts().week.iter()) {
        for window in windows {
            let start = midnight + u32::from(window.from().minutes());
            let end = start + u32::from(window.minutes());
            duty.push((start, end.min(DAY * 7)));
            // A night from Sunday to Monday is the week's first morning.
            duty.push((0, end.saturating_sub(DAY * 7)));
        }
    }
    duty
}

/// The duty of a shift with people in the next four weeks, since the midnight with which `today` begins.
fn duty_from(shift: &Shift, today: Date) -> Vec<Stretch> {
    let mut duty = Vec::new();
    let dates = std::iter::successors(today.yesterday().ok(), |date| date.tomorrow().ok());
    for (midnight, date) in (0..=DAYS_AHEAD).map(|day| day * DAY).zip(dates) {
        for window in on_duty(shift).day(date).open() {
            let start = midnight + u32::from(window.from().minutes());
            let end = start + u32::from(window.minutes());
            duty.push((start.saturating_sub(DAY), end.saturating_sub(DAY).min(DAYS_AHEAD * DAY)));
        }
    }
    duty
}

/// When a shift is: never without people.
fn on_duty(shift: &Shift) -> Cow<'_, Hours> {
    if shift.people.is_empty() { Cow::Owned(Hours::default()) } else { Cow::Borrowed(&shift.hours) }
}

/// What no duty covers of the first `length` minutes.
fn gaps(mut duty: Vec<Stretch>, length: u32) -> Vec<Stretch> {
    duty.sort_unstable();
    let mut gaps = Vec::new();
    let mut covered = 0;
    for (from, to) in duty.into_iter().chain([(length, length)]) {
        if from > covered {
            gaps.push((covered, from));
        }
        covered = covered.max(to);
    }
    gaps
}

/// "Mo 08:00".
fn minute_name(minute: u32, language: Language) -> String {
    let days = match language {
        Language::De => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
        Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    let day = days.get((minute / DAY) as usize).copied().unwrap_or_default();
    format!("{day} {:02}:{:02}", minute / 60 % 24, minute % 60)
}

/// "Do 2026-12-24 08:00", `minute` minutes after the midnight with which `today` begins.
fn moment_name(today: Date, minute: u32, language: Language) -> String {
    let date = today.saturating_add(jiff::Span::new().days(i64::from(minute / DAY)));
    let weekday = u32::try_from(day_index(date.weekday())).unwrap_or(0);
    let named = minute_name(weekday * DAY + minute % DAY, language);
    let (day, time) = named.split_once(' ').unwrap_or_default();
    format!("{day} {date} {time}")
}

/// Monday is 0.
pub(super) fn day_index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or(0)
}
