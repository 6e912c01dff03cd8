//! What was decided, one case each.

use jiff::civil::{Weekday, date};

use super::*;

fn bar() -> Hours {
    hours(Draft {
        week: week(&["22:00-02:30"], &["22:00-04:00"], &["22:00-02:30"], &["22:00-02:30"]),
        ..Draft::default()
    })
}

#[test]
fn an_office_opens_and_closes() {
    let office = hours(office());
    assert_eq!(until(&office, local("2026-11-20T06:00")).as_deref(), Some("2026-11-20T07:30+01:00"));
    assert_eq!(until(&office, local("2026-11-19T07:30")).as_deref(), Some("2026-11-19T12:00+01:00"));
    assert!(!is_open(&office, local("2026-11-19T12:00")), "the end is not in it");
    assert_eq!(until(&office, local("2026-11-20T13:00")).as_deref(), Some("2026-11-23T07:30+01:00"), "the weekend");
    let by_second = Utc(local("2026-11-20T07:30").0 - 1);
    assert_eq!(until(&office, by_second).as_deref(), Some("2026-11-20T07:30+01:00"));
}

#[test]
fn spring_skips_an_hour() {
    // 2026-03-29: 02:00 becomes 03:00.
    let bar = bar();
    let night = local("2026-03-28T23:00");
    assert_eq!(until(&bar, night).as_deref(), Some("2026-03-29T03:00+02:00"), "02:30 is 03:00");
    let early = hours(Draft { week: week(&[], &[], &[], &["02:15-02:45"]), ..Draft::default() });
    assert_eq!(until(&early, night).as_deref(), Some("2026-04-05T02:15+02:00"), "never opens in the hour that is not");
    let parted = hours(Draft { week: week(&[], &[], &[], &["00:00-02:00", "03:00-05:00"]), ..Draft::default() });
    assert_eq!(until(&parted, local("2026-03-29T01:00")).as_deref(), Some("2026-03-29T05:00+02:00"), "no pause then");
}

#[test]
fn autumn_has_an_hour_twice() {
    // 2026-10-25: 03:00 summer time becomes 02:00; 02:30 is at 00:30Z and at 01:30Z.
    let bar = bar();
    assert_eq!(until(&bar, local("2026-10-24T23:00")).as_deref(), Some("2026-10-25T02:30+02:00"), "the first counts");
    assert!(!is_open(&bar, utc("2026-10-25T01:15Z")), "02:15 for the second time");
    let early = hours(Draft { week: week(&[], &[], &[], &["02:15-02:45"]), ..Draft::default() });
    assert_eq!(until(&early, utc("2026-10-25T00:20Z")).as_deref(), Some("2026-10-25T02:45+02:00"));
    assert!(!is_open(&early, utc("2026-10-25T01:20Z")), "not a second time");
    let night = hours(Draft { week: week(&[], &[], &["22:00-04:00"], &[]), ..Draft::default() });
    let open = local("2026-10-24T22:00")..local("2026-10-25T04:00");
    assert_eq!(until(&night, open.start).as_deref(), Some("2026-10-25T04:00+01:00"), "one stretch, without a hole");
    assert_eq!(opening_minutes(&night, Overrides::none(), &berlin(), open), 7 * 60, "seven hours");
}

#[test]
fn windows_belong_to_the_day_they_start_on() {
    let closed = Draft { closures: closures(&["2026-11-25"]), ..bar().parts().clone() };
    let bar = hours(closed);
    assert!(is_open(&bar, local("2026-11-25T01:00")), "the 24th's night");
    assert!(!is_open(&bar, local("2026-11-25T23:00")));
    assert!(!is_open(&bar, local("2026-11-26T01:00")), "the 25th's night");
}

#[test]
fn the_more_exact_entry_counts() {
    let source = |hours: &Hours, day| match hours.day(day).source {
        Source::Opening(at, _) => format!("opening {at}"),
        Source::Closure(at, _) => format!("closure {at}"),
        Source::Holiday(found) => found.de.to_owned(),
        Source::Week(day) => format!("{day:?}"),
    };
    let shop = hours(Draft {
        openings: vec![
            opening("2026-12-01..2026-12-31", &["08:00-20:00"]),
            opening("12-23..12-30", &["10:00-11:00"]),
            opening("12-30", &["09:00-12:00"]),
            opening("2026-12-28", &["14:00-15:00"]),
            opening("12-26", &["11:00-12:00"]),
            opening("2026-12-25", &["10:00-11:00"]),
        ],
        ..office()
    });
    assert_eq!(source(&shop, date(2026, 11, 30)), "Monday");
    assert_eq!(source(&shop, date(2026, 12, 23)), "opening 0", "a dated range before a yearly one");
    assert_eq!(source(&shop, date(2027, 12, 23)), "opening 1");
    assert_eq!(source(&shop, date(2026, 12, 24)), "closure 0", "a closure before a range");
    assert_eq!(source(&shop, date(2026, 12, 25)), "opening 5", "this very date before the holiday");
    assert_eq!(source(&shop, date(2027, 12, 25)), "Erster Weihnachtsfeiertag", "a holiday before a range");
    assert_eq!(source(&shop, date(2026, 12, 26)), "opening 4", "a yearly date before the holiday");
    assert_eq!(source(&shop, date(2026, 12, 28)), "opening 3", "this very date before the closure");
    assert_eq!(source(&shop, date(2026, 12, 30)), "closure 2", "a closure before a yearly date");
    assert_eq!(source(&shop, date(2027, 1, 6)), "closure 2", "a closure is named before a holiday");
    assert_eq!(source(&shop, date(2028, 1, 6)), "Heilige Drei Könige");
}

#[test]
fn half_days_cut_the_usual_windows() {
    let office = hours(Draft {
        closures: closures(&["12-24 from 12:00 Heiligabend", "2026-12-23 bis 14:30"]),
        holiday_windows: windows(&["10:00-11:00"]),
        ..office()
    });
    assert_eq!(office.windows_of(date(2026, 12, 24)), windows(&["07:30-12:00"]));
    assert_eq!(office.windows_of(date(2026, 12, 23)), windows(&["14:30-17:00"]));
    assert_eq!(office.windows_of(date(2026, 12, 25)), windows(&["10:00-11:00"]), "hours on holidays");
    let overrides = Overrides::none();
    let why = |at: &str| state(&office, overrides, &berlin(), local(at)).why;
    assert!(
        matches!(why("2026-12-24T15:00"), Why::Closure { index: 0, closure, .. } if closure.reason.as_deref() == Some("Heiligabend"))
    );
    assert!(matches!(why("2026-12-24T03:00"), Why::Outside { source: Source::Week(Weekday::Thursday), .. }));
    assert!(matches!(why("2026-12-23T09:00"), Why::Closure { index: 1, .. }));
    assert!(
        matches!(why("2026-12-25T09:00"), Why::Holiday { holiday, .. } if holiday.de == "Erster Weihnachtsfeiertag")
    );
    assert!(matches!(why("2026-12-25T10:30"), Why::Window { source: Source::Holiday(_), .. }));
}

fn by_hand(open: bool, from: &str, until: &str, set_at: &str) -> Override {
    let by = "page".to_owned();
    Override::new(open, local(from), local(until), local(set_at), None, by).expect("an override")
}

#[test]
fn overrides_end_by_themselves() {
    let office = hours(office());
    let closed = Overrides::new(vec![by_hand(false, "2026-11-19T10:00", "2026-11-23T08:00", "2026-11-19T10:00")]);
    let ask = |overrides: &Overrides, at: &str| {
        let found = state(&office, overrides, &berlin(), local(at));
        (found.open, matches!(found.why, Why::Override(_)), found.until.map(shown))
    };
    let end = |text: &str| Some(text.to_owned());
    assert_eq!(ask(&closed, "2026-11-19T09:59"), (true, false, end("2026-11-19T10:00+01:00")));
    assert_eq!(ask(&closed, "2026-11-20T10:00"), (false, true, end("2026-11-23T08:00+01:00")), "until Monday 8:00");
    assert_eq!(ask(&closed, "2026-11-23T08:00"), (true, false, end("2026-11-23T12:00+01:00")), "ends exactly");

    let open = Overrides::new(vec![by_hand(true, "2026-11-19T11:00", "2026-11-19T20:00", "2026-11-19T11:00")]);
    assert_eq!(
        ask(&open, "2026-11-19T08:00"),
        (true, false, end("2026-11-19T20:00+01:00")),
        "over noon and the evening"
    );
    assert_eq!(ask(&open, "2026-11-19T19:00"), (true, true, end("2026-11-19T20:00+01:00")));
    assert_eq!(ask(&open, "2026-11-19T20:00"), (false, false, end("2026-11-20T07:30+01:00")));
}

#[test]
fn the_override_set_last_counts() {
    let office = hours(office());
    let both = Overrides::new(vec![
        by_hand(true, "2026-11-19T18:00", "2026-11-19T19:00", "2026-11-19T09:00"),
        by_hand(false, "2026-11-19T08:00", "2026-11-19T22:00", "2026-11-19T08:00"),
    ]);
    let found = state(&office, &both, &berlin(), local("2026-11-19T10:00"));
    assert_eq!((found.open, found.until.map(shown)), (false, Some("2026-11-19T18:00+01:00".to_owned())));
    let found = state(&office, &both, &berlin(), local("2026-11-19T18:30"));
    assert_eq!((found.open, found.until.map(shown)), (true, Some("2026-11-19T19:00+01:00".to_owned())));
}

#[test]
fn bad_overrides_are_refused() {
    let make = |from, until, reason: Option<String>| {
        Override::new(true, Utc(from), Utc(until), Utc(0), reason, String::new()).map(|_| ())
    };
    assert_eq!(make(5, 5, None), Err(BadOverride::Inverted));
    assert_eq!(make(i64::MIN, i64::MAX, None), Err(BadOverride::TooLong));
    assert_eq!(make(0, 400 * 86_400_000, None), Ok(()));
    assert_eq!(make(0, 400 * 86_400_000 + 1, None), Err(BadOverride::TooLong));
    assert_eq!(make(0, 1, Some("ä".repeat(201))), Err(BadOverride::Reason));
}

#[test]
fn changes_are_found_within_400_days() {
    let at = local("2026-11-19T12:00");
    let once = |days: &str| hours(Draft { openings: vec![opening(days, &["12:00-13:00"])], ..Draft::default() });
    assert_eq!(until(&once("2027-12-24"), at).as_deref(), Some("2027-12-24T12:00+01:00"), "the 400th day");
    assert_eq!(until(&once("2027-12-25"), at), None, "the 401st");
    assert_eq!(until(&Hours::always(), at), None);
    assert!(is_open(&Hours::always(), at));
    assert_eq!(until(&Hours::default(), at), None);
    let pause = Draft { closures: closures(&["2027-12-24"]), ..Hours::always().parts().clone() };
    assert_eq!(until(&hours(pause), at).as_deref(), Some("2027-12-24T00:00+01:00"), "days that touch are one stretch");
}

#[test]
fn opening_time_is_counted_and_added() {
    let office = hours(office());
    let none = Overrides::none();
    let count = |from: &str, to: &str| opening_minutes(&office, none, &berlin(), local(from)..local(to));
    assert_eq!(count("2026-11-16T00:00", "2026-11-23T00:00"), 4 * 510 + 330);
    assert_eq!(count("2026-11-19T11:30", "2026-11-19T13:10"), 40);
    assert_eq!(count("2026-11-19T11:30", "2026-11-19T11:30"), 0);
    assert_eq!(count("2026-11-19T11:30", "2026-11-18T11:30"), 0);
    assert_eq!(count("2026-12-28T00:00", "2027-01-07T00:00"), 0);
    let after = |from: &str, minutes| after_opening_minutes(&office, none, &berlin(), local(from), minutes).map(shown);
    assert_eq!(after("2026-11-20T12:30", 60).as_deref(), Some("2026-11-23T08:00+01:00"));
    assert_eq!(
        after("2026-11-20T12:30", 30).as_deref(),
        Some("2026-11-20T13:00+01:00"),
        "at the end, not at Monday's start"
    );
    assert_eq!(after("2026-11-20T12:30", u64::MAX), None);
    assert_eq!(after("2026-11-20T12:30", 400 * 1440), None);
}

#[test]
fn what_contradicts_itself_is_named_with_its_place() {
    let problems = |draft: Draft| Hours::new(draft).map(|_| ()).expect_err("problems");
    let on = |day, at| Place::Week(day, at);
    use Weekday::{Monday, Sunday};
    let mut draft = Draft::default();
    draft.week[0] = windows(&["13:00-17:00", "08:00-13:30", "01:00-02:00"]);
    draft.week[6] = windows(&["22:00-01:30"]);
    assert_eq!(
        problems(draft),
        [Problem::Overlap(on(Monday, 0), on(Monday, 1)), Problem::Overlap(on(Sunday, 0), on(Monday, 2))]
    );
    let closed = |texts: &[&str]| Draft { closures: closures(texts), ..Draft::default() };
    assert_eq!(problems(closed(&["12-24", "12-24"])), [Problem::Twice(Place::Closure(0), Place::Closure(1))]);
    let both = Draft { openings: vec![opening("12-24", &["08:00-12:00"])], ..closed(&["12-25", "12-24"]) };
    assert_eq!(problems(both), [Problem::Contradiction(Place::Opening(0), Place::Closure(1))]);
    let empty = Draft { openings: vec![opening("12-24", &[])], ..Draft::default() };
    assert_eq!(problems(empty), [Problem::Empty(Place::Opening(0))]);
    let night = Draft { openings: vec![opening("12-20..12-24", &["22:00-02:00", "01:00-03:00"])], ..Draft::default() };
    let at = |n| Place::OpeningWindow(0, n);
    assert_eq!(problems(night), [Problem::Overlap(at(0), at(1))]);
    let nowhere = Draft { holiday_windows: windows(&["10:00-11:00"]), ..Draft::default() };
    assert_eq!(problems(nowhere), [Problem::NoRegion(Place::HolidayWindow(0))]);
    let many = Draft { closures: vec![closures(&["12-24"])[0].clone(); 401], ..Draft::default() };
    assert_eq!(problems(many), [Problem::TooMany(Place::Closure(400))]);
    let touching =
        Draft { week: week(&["08:00-12:00", "12:00-13:00", "22:00-08:00"], &[], &[], &[]), ..Draft::default() };
    assert!(Hours::new(touching).is_ok());
}
