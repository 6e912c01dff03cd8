//! Opening hours as people type them: "Mo-Fr 8-12, 13-17; Sa 9-12", "mon-fri 9am-5pm".

use jiff::civil::Weekday;

use crate::hours::{self, ClockTime, Draft, Hours, Place, Problem, Window};
use crate::ids::Language;
use crate::plan::Text;
use crate::plan::people::day_index;

/// Windows of Monday to Sunday.
pub type Week = [Vec<Window>; 7];

/// Characters that are typed at most.
const TYPED_MAX: usize = 400;

/// What is wrong with opening hours that were typed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.en)]
pub struct BadWeek(
    /// What to do about it, in both languages.
    pub Text,
);

fn bad(de: impl Into<String>, en: impl Into<String>) -> BadWeek {
    BadWeek(Text::new(de, en))
}

/// The week that was typed. Days come before their times; what is named later is added, and "zu" or "closed" takes
/// a day out again.
pub fn week(text: &str) -> Result<Week, BadWeek> {
    if text.chars().count() > TYPED_MAX {
        return Err(bad("Das ist zu lang.", "That is too long."));
    }
    let tokens = tokens(text)?;
    let mut rest = tokens.as_slice();
    let mut week = Week::default();
    while !rest.is_empty() {
        if let [Token::Comma, after @ ..] = rest {
            rest = after;
            continue;
        }
        let (days, after) = days(rest)?;
        let (windows, after) = times(after)?;
        for day in days {
            let Some(of) = week.get_mut(day_index(day)) else { continue };
            match &windows {
                Some(windows) => of.extend(windows),
                None => of.clear(),
            }
        }
        rest = after;
    }
    checked(week)
}

fn checked(week: Week) -> Result<Week, BadWeek> {
    if week.iter().all(Vec::is_empty) {
        return Err(bad(
            "So ist nie geöffnet. Zum Beispiel: Mo-Fr 8-12, 13-17; Sa 9-12",
            "Like this it is never open. For example: mon-fri 9-17; sat 9-12",
        ));
    }
    let draft = Draft { week, ..Draft::default() };
    match Hours::new(draft) {
        Ok(hours) => Ok(hours.parts().week.clone()),
        Err(problems) => Err(match problems.first() {
            Some(Problem::Overlap(Place::Week(day, _), _)) => {
                let (de, en) = day_name(*day);
                bad(format!("Am {de} überschneiden sich Zeiten."), format!("Times overlap on {en}."))
            }
            _ => bad("Das sind zu viele Zeiten.", "Those are too many times."),
        }),
    }
}

/// The same as it can be typed again: `mon-fri 08:00-12:00, 13:00-17:00; sat 09:00-12:00`, in either language.
pub fn week_text(week: &Week, language: Language) -> String {
    let name = |day: usize| {
        let names = match language {
            Language::De => ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"],
            Language::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        };
        names.get(day).copied().unwrap_or_default()
    };
    let groups = super::grouped(week).into_iter().map(|((first, last), windows)| {
        let windows: Vec<String> = windows.iter().map(Window::to_string).collect();
        let days = if first == last { name(first).to_owned() } else { format!("{}-{}", name(first), name(last)) };
        format!("{days} {}", windows.join(", "))
    });
    groups.collect::<Vec<_>>().join("; ")
}

/// The week in sentences, numbers as a voice takes them.
pub(super) fn spoken(week: &Week, language: Language) -> String {
    let day = |at: usize| {
        let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
        let named = days.into_iter().chain([Weekday::Saturday, Weekday::Sunday]).nth(at).map_or(("", ""), day_name);
        if language == Language::De { named.0 } else { named.1 }
    };
    let (to, and) = if language == Language::De { ("bis", " und ") } else { ("to", " and ") };
    let sentences = super::grouped(week).into_iter().map(|((first, last), windows)| {
        let days = if first == last { day(first).to_owned() } else { format!("{} {to} {}", day(first), day(last)) };
        let windows: Vec<String> = windows.iter().map(|window| spoken_window(*window, language)).collect();
        format!("{days} {}.", windows.join(and))
    });
    sentences.collect::<Vec<_>>().join(" ")
}

fn spoken_window(window: Window, language: Language) -> String {
    let (from, to) = (window.from().minutes(), window.to().minutes());
    match language {
        Language::De => {
            let time =
                |m: u16| if m.is_multiple_of(60) { format!("{}", m / 60) } else { format!("{}:{:02}", m / 60, m % 60) };
            format!("von {} bis {} Uhr", time(from), time(to))
        }
        Language::En => {
            let time = |m: u16| {
                let half = if (m / 60) % 24 < 12 { "am" } else { "pm" };
                let hour = (m / 60 + 11) % 12 + 1;
                match m {
                    720 => "noon".to_owned(),
                    0 | 1440 => "midnight".to_owned(),
                    _ if m.is_multiple_of(60) => format!("{hour}{half}"),
                    _ => format!("{hour}:{:02}{half}", m % 60),
                }
            };
            format!("from {} to {}", time(from), time(to))
        }
    }
}

fn day_name(day: Weekday) -> (&'static str, &'static str) {
    crate::plan::times::DAY_NAMES.get(day_index(day)).copied().unwrap_or_default()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    Day(Weekday),
    Daily,
    /// Hour and minute, and whether it was said to be after noon.
    Time(u8, u8, Option<bool>),
    Dash,
    /// Also every other sign that separates.
    Comma,
    Closed,
}

fn tokens(text: &str) -> Result<Vec<Token>, BadWeek> {
    let text = text.to_lowercase();
    let mut tokens = Vec::new();
    let mut rest = text.as_str();
    while let Some(c) = rest.chars().next() {
        let class = |c: char| (c.is_alphabetic(), c.is_ascii_digit());
        let end = rest.find(|other| class(other) != class(c)).unwrap_or(rest.len());
        if c.is_ascii_digit() {
            let (time, after) = time(rest)?;
            tokens.push(time);
            rest = after;
        } else if c.is_alphabetic() {
            let (word, after) = rest.split_at(end);
            self::word(word, after, &mut tokens)?;
            rest = after;
        } else {
            match c {
                '-' | '–' | '—' | '−' => tokens.push(Token::Dash),
                ',' | ';' | '&' | '+' | '/' | '|' => tokens.push(Token::Comma),
                _ if c.is_whitespace() || ".:()'’".contains(c) => {}
                _ => {
                    return Err(bad(
                        format!("Das Zeichen {c:?} passt hier nicht."),
                        format!("{c:?} has no place here."),
                    ));
                }
            }
            rest = rest.get(c.len_utf8()..).unwrap_or_default();
        }
    }
    Ok(tokens)
}

fn word(word: &str, after: &str, tokens: &mut Vec<Token>) -> Result<(), BadWeek> {
    let known = match word {
        "bis" | "to" | "until" | "till" | "through" => Some(Token::Dash),
        "und" | "and" | "sowie" => Some(Token::Comma),
        "zu" | "geschlossen" | "closed" | "ruhetag" => Some(Token::Closed),
        "täglich" | "taeglich" | "daily" => Some(Token::Daily),
        "mittag" | "noon" => Some(Token::Time(12, 0, None)),
        "mitternacht" | "midnight" => Some(Token::Time(24, 0, None)),
        "tues" => Some(Token::Day(Weekday::Tuesday)),
        "thur" | "thurs" => Some(Token::Day(Weekday::Thursday)),
        "sonnabend" => Some(Token::Day(Weekday::Saturday)),
        "uhr" | "von" | "from" | "h" | "o" | "clock" | "immer" | "open" => return Ok(()),
        _ => None,
    };
    if let Some(token) = known {
        tokens.push(token);
        return Ok(());
    }
    if matches!(word, "am" | "pm") {
        // "am Samstag" is German.
        let day = after.trim_start().chars().next().is_some_and(char::is_alphabetic);
        match tokens.last_mut() {
            Some(Token::Time(_, _, half @ None)) if word == "pm" || !day => *half = Some(word == "pm"),
            _ if word == "am" => {}
            _ => return Err(bad("„pm“ steht hinter einer Zeit.", "\"pm\" stands after a time.")),
        }
        return Ok(());
    }
    let days = hours::weekdays(word).or_else(|_| hours::weekdays(word.strip_suffix('s').unwrap_or(word)));
    let Ok([day]) = days.as_deref() else {
        let word: String = word.chars().take(30).collect();
        return Err(bad(
            format!("„{word}“ ist kein Tag und keine Zeit. Zum Beispiel: Mo-Fr 8-12, 13-17; Sa 9-12"),
            format!("\"{word}\" is neither a day nor a time. For example: mon-fri 9-17; sat 9-12"),
        ));
    };
    tokens.push(Token::Day(*day));
    Ok(())
}

/// `8`, `08`, `8:30`, `8.30`, `0830`.
fn time(text: &str) -> Result<(Token, &str), BadWeek> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (hour, after) = text.split_at(digits);
    let (hour, minute, after) = if digits == 4 {
        let (hour, minute) = hour.split_at(2);
        (hour, minute, after)
    } else {
        let behind = after.strip_prefix([':', '.']).unwrap_or_default();
        let minutes = behind.len() - behind.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if minutes == 2 {
            let (minute, after) = behind.split_at(2);
            (hour, minute, after)
        } else {
            (hour, "00", after)
        }
    };
    let valid = (1..=2).contains(&hour.len());
    let time = hour.parse().ok().zip(minute.parse().ok()).filter(|(h, m)| valid && ClockTime::new(*h, *m).is_some());
    match time {
        Some((hour, minute)) => Ok((Token::Time(hour, minute, None), after)),
        None => {
            let shown: String = text.chars().take_while(|c| c.is_ascii_digit() || ":.".contains(*c)).take(10).collect();
            let (de, en) = (format!("„{shown}“ ist keine Uhrzeit."), format!("\"{shown}\" is not a time of day."));
            Err(bad(de, en))
        }
    }
}

/// `Mo`, `Mo-Fr`, `Mo, Di, Do-Fr`, `täglich`.
fn days(mut rest: &[Token]) -> Result<(Vec<Weekday>, &[Token]), BadWeek> {
    let mut days = Vec::new();
    loop {
        match rest {
            [Token::Daily, after @ ..] => {
                days.extend(Weekday::Monday.cycle_forward().take(7));
                rest = after;
            }
            [Token::Day(first), Token::Dash, Token::Day(last), after @ ..] => {
                days.extend(first.cycle_forward().take(7).take_while(|day| day != last));
                days.push(*last);
                rest = after;
            }
            [Token::Day(day), after @ ..] => {
                days.push(*day);
                rest = after;
            }
            // A comma may also stand between the days and their times.
            [Token::Comma, after @ ..] if !days.is_empty() => rest = after,
            _ if days.is_empty() => {
                return Err(bad(
                    "Nennen Sie zuerst die Tage, dann die Zeiten: Mo-Fr 8-17",
                    "Name the days first, then the times: mon-fri 9-17",
                ));
            }
            _ => return Ok((days, rest)),
        }
    }
}

/// `8-12, 13-17`, or none for a day that is closed.
fn times(mut rest: &[Token]) -> Result<(Option<Vec<Window>>, &[Token]), BadWeek> {
    if let [Token::Closed, after @ ..] = rest {
        return Ok((None, after));
    }
    let mut windows = Vec::new();
    loop {
        match rest {
            [Token::Time(h, m, half), Token::Dash, Token::Time(to_h, to_m, to_half), after @ ..] => {
                windows.push(window((*h, *m, *half), (*to_h, *to_m, *to_half))?);
                rest = after;
            }
            [Token::Comma, after @ ..] if matches!(after, [Token::Time(..), ..]) => rest = after,
            [Token::Time(h, m, _), ..] => {
                return Err(bad(
                    format!("Von {h}:{m:02} bis wann? Zum Beispiel: 8-12"),
                    format!("From {h}:{m:02} until when? For example: 9-17"),
                ));
            }
            _ if windows.is_empty() => {
                return Err(bad(
                    "Da fehlen Zeiten. Zum Beispiel: Mo-Fr 8-17",
                    "Times are missing. For example: mon-fri 9-17",
                ));
            }
            _ => return Ok((Some(windows), rest)),
        }
    }
}

fn window(from: (u8, u8, Option<bool>), to: (u8, u8, Option<bool>)) -> Result<Window, BadWeek> {
    let clock = |(hour, minute, half): (u8, u8, Option<bool>)| match half {
        Some(_) if !(1..=12).contains(&hour) => None,
        Some(true) => ClockTime::new(hour % 12 + 12, minute),
        Some(false) => ClockTime::new(hour % 12, minute),
        None => ClockTime::new(hour, minute),
    };
    let end = clock(to);
    // "1-5pm" is the afternoon, "9-5pm" is not.
    let afternoon =
        clock((from.0, from.1, Some(true))).filter(|_| from.2.is_none() && to.2 == Some(true) && from.0 < 12);
    let start = afternoon.filter(|start| end.is_some_and(|end| *start < end)).or_else(|| clock(from));
    let shown = format!("{}:{:02}-{}:{:02}", from.0, from.1, to.0, to.1);
    let window = start.zip(end).and_then(|(start, end)| Window::new(start, end).ok());
    window.ok_or_else(|| {
        bad(
            format!("{shown} geht nicht: das Ende liegt nicht hinter dem Anfang."),
            format!("{shown} is not possible: the end is not after the beginning."),
        )
    })
}
