//! What is wrong with the parts of opening hours, seen together.

use jiff::civil::Weekday;

use super::days::Days;
use super::schedule::{Draft, ENTRIES_MAX, Place, Problem, WINDOWS_MAX, at_weekday};
use super::window::{DAY, Window};

/// Everything that is wrong: limits first, then the week, openings, closures, holidays.
pub(super) fn problems(draft: &Draft) -> Vec<Problem> {
    let mut found = limits(draft);
    if found.is_empty() {
        week(draft, &mut found);
        openings(draft, &mut found);
        closures(draft, &mut found);
        holidays(draft, &mut found);
    }
    found
}

/// Beyond these nothing is compared: comparing takes time for every pair.
fn limits(draft: &Draft) -> Vec<Problem> {
    let weekdays = Weekday::Monday.cycle_forward().take(7);
    let too_many = |windows: &[Window]| windows.len() > WINDOWS_MAX;
    let week = weekdays.filter(|day| too_many(at_weekday(&draft.week, *day)));
    let mut places: Vec<Place> = week.map(|day| Place::Week(day, WINDOWS_MAX)).collect();
    let long = draft.openings.iter().enumerate().filter(|(_, o)| too_many(&o.windows));
    places.extend(long.map(|(at, _)| Place::OpeningWindow(at, WINDOWS_MAX)));
    places.extend(too_many(&draft.holiday_windows).then_some(Place::HolidayWindow(WINDOWS_MAX)));
    places.extend((draft.openings.len() > ENTRIES_MAX).then_some(Place::Opening(ENTRIES_MAX)));
    places.extend((draft.closures.len() > ENTRIES_MAX).then_some(Place::Closure(ENTRIES_MAX)));
    places.into_iter().map(Problem::TooMany).collect()
}

fn week(draft: &Draft, found: &mut Vec<Problem>) {
    for day in Weekday::Monday.cycle_forward().take(7) {
        let today = at_weekday(&draft.week, day);
        overlaps(today, |at| Place::Week(day, at), found);
        let next = day.next();
        let place = |at| Place::Week(day, at);
        spills(today, place, at_weekday(&draft.week, next), |at| Place::Week(next, at), found);
    }
}

fn openings(draft: &Draft, found: &mut Vec<Problem>) {
    for (index, opening) in draft.openings.iter().enumerate() {
        if opening.windows.is_empty() {
            found.push(Problem::Empty(Place::Opening(index)));
        }
        let place = |at| Place::OpeningWindow(index, at);
        overlaps(&opening.windows, place, found);
        // In a range the next day has the same windows.
        if matches!(opening.days, Days::Range(..) | Days::YearlyRange(..)) {
            spills(&opening.windows, place, &opening.windows, place, found);
        }
        if let Some(twice) = draft.openings.iter().take(index).position(|o| o.days == opening.days) {
            found.push(Problem::Twice(Place::Opening(twice), Place::Opening(index)));
        }
    }
}

fn closures(draft: &Draft, found: &mut Vec<Problem>) {
    for (index, closure) in draft.closures.iter().enumerate() {
        let place = Place::Closure(index);
        if let Some(open) = draft.openings.iter().position(|o| o.days == closure.days) {
            found.push(Problem::Contradiction(Place::Opening(open), place));
        }
        let same = |c: &super::Closure| (c.days, c.part) == (closure.days, closure.part);
        if let Some(twice) = draft.closures.iter().take(index).position(same) {
            found.push(Problem::Twice(Place::Closure(twice), place));
        }
    }
}

fn holidays(draft: &Draft, found: &mut Vec<Problem>) {
    if draft.holidays.is_none() && !draft.holiday_windows.is_empty() {
        found.push(Problem::NoRegion(Place::HolidayWindow(0)));
    }
    overlaps(&draft.holiday_windows, Place::HolidayWindow, found);
}

/// Windows of one day that share time: each with the one before it that lasts longest.
fn overlaps(windows: &[Window], place: impl Fn(usize) -> Place, found: &mut Vec<Problem>) {
    let mut sorted: Vec<(usize, (u16, u16))> = windows.iter().map(|w| w.span()).enumerate().collect();
    sorted.sort_by_key(|(_, span)| *span);
    let mut longest: Option<(usize, u16)> = None;
    for (at, (from, to)) in sorted {
        if let Some((before, _)) = longest.filter(|(_, end)| from < *end) {
            found.push(Problem::Overlap(place(before.min(at)), place(before.max(at))));
        }
        if longest.is_none_or(|(_, end)| end < to) {
            longest = Some((at, to));
        }
    }
}

/// Windows that last into the next day, into one of its windows.
fn spills(
    today: &[Window],
    place: impl Fn(usize) -> Place,
    next: &[Window],
    next_place: impl Fn(usize) -> Place,
    found: &mut Vec<Problem>,
) {
    for (at, (_, to)) in today.iter().map(|w| w.span()).enumerate() {
        for (other, (from, _)) in next.iter().map(|w| w.span()).enumerate() {
            if to > DAY + from {
                found.push(Problem::Overlap(place(at), next_place(other)));
            }
        }
    }
}
