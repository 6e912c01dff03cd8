//! Callbacks and figures as JSON, and figures in lines.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::time::Duration;

use serde_json::{Map, Value, json};

use nightdesk::callback::figures::{AGES, Answer, Figures, Wait};
use nightdesk::callback::{Callback, Outcome, State, Whole};
use nightdesk::clock::Utc;

use super::when;

/// One entry.
pub fn callback(callback: &Callback, now: Utc) -> Value {
    let state = callback.state.at(now);
    let until = match state {
        State::Claimed { until, .. } | State::Snoozed { until } => Some(until),
        _ => None,
    };
    let over = match state {
        State::Over(over) => Some(over),
        _ => None,
    };
    let slot = callback.slot.as_ref();
    let slot =
        slot.map(|slot| json!({"calendar": slot.calendar, "start": slot.start.rfc3339(), "end": slot.end.rfc3339()}));
    let leave = callback.leave.as_ref();
    let leave = leave.map(|leave| json!({"why": leave.why, "by": leave.by.map(|by| by.to_string())}));
    let assigned = callback.assigned;
    let assigned = assigned.map(|assigned| json!({"to": assigned.to.to_string(), "until": assigned.until.rfc3339()}));
    json!({
        "id": callback.id.to_string(), "state": state.as_str(),
        "holder": state.holder().map(|person| person.to_string()), "until": when(until),
        "outcome": over.and_then(|over| over.outcome).map(Outcome::as_str), "over_at": when(over.map(|over| over.at)),
        "contact": callback.contact.map(|contact| contact.to_string()), "caller": callback.caller,
        "given": callback.given, "number": callback.number, "leave": leave, "name": callback.name,
        "matter": callback.matter, "step": callback.step, "called": callback.called,
        "language": callback.language.as_str(), "urgent": callback.urgent, "held": callback.held,
        "assigned": assigned, "slot": slot, "created_at": callback.created_at.rfc3339(),
        "opened_at": callback.opened_at.rfc3339(), "last_at": callback.last_at.rfc3339(), "calls": callback.calls,
        "attempts": callback.attempts, "tried_at": when(callback.tried_at), "promised": when(callback.promised),
        "broken_since": when(callback.broken), "overdue": callback.overdue(now), "note": callback.note,
        "give_up_proposed": callback.proposed_to_give_up(), "version": callback.version,
    })
}

/// One entry with all that belongs to it.
pub fn whole(whole: &Whole, now: Utc) -> Value {
    let mut told = callback(&whole.callback, now);
    let calls = whole.calls.iter().map(|call| {
        let message = call.message.map(|message| message.to_string());
        json!({"call": call.call.to_string(), "kind": call.kind.as_str(), "at": call.at.rfc3339(), "message": message})
    });
    let promises = whole.promises.iter().map(|promise| {
        json!({
            "kind": promise.kind.as_str(), "words": promise.words, "language": promise.language.as_str(),
            "told_at": promise.told_at.rfc3339(), "latest_at": promise.latest_at.rfc3339(),
            "slot_start": when(promise.start), "state": promise.state.as_str(), "settled_at": when(promise.settled_at),
            "warned_at": when(promise.warned_at),
        })
    });
    let attempts = whole.attempts.iter().map(|attempt| {
        let person = attempt.person.map(|person| person.to_string());
        json!({
            "at": attempt.at.rfc3339(), "person": person, "result": attempt.result.as_str(), "note": attempt.note,
            "first": attempt.first,
        })
    });
    let events = whole.events.iter().map(|event| {
        json!({
            "seq": event.seq, "at": event.at.rfc3339(), "kind": event.kind.as_str(), "by": event.by.to_string(),
            "detail": event.detail,
        })
    });
    if let Some(map) = told.as_object_mut() {
        map.insert("call_list".to_owned(), calls.collect());
        map.insert("promises".to_owned(), promises.collect());
        map.insert("attempt_list".to_owned(), attempts.collect());
        map.insert("timeline".to_owned(), events.collect());
    }
    told
}

/// Figures for programs: times in seconds.
pub fn figures(figures: &Figures, from: Utc, to: Utc) -> Value {
    let promises = figures.promises;
    let groups = |all: Vec<(String, &Answer)>| -> Map<String, Value> {
        all.into_iter().map(|(key, group)| (key, answer(group))).collect()
    };
    let ages = ages().zip(figures.open_by_age).map(|(age, open)| json!({"under": age, "open": open}));
    json!({
        "from": from.rfc3339(), "to": to.rfc3339(), "cut": figures.cut,
        "promises": {
            "kept": promises.kept, "tried": promises.tried, "broken": promises.broken,
            "withdrawn": promises.withdrawn, "running": promises.running,
            "kept_percent": promises.percent(promises.kept), "tried_percent": promises.percent(promises.tried),
            "broken_percent": promises.percent(promises.broken),
        },
        "answer": answer(&figures.answer),
        "by_matter": groups(keyed(&figures.by_matter)), "by_hour": groups(keyed(&figures.by_hour)),
        "first_tries": figures.first_tries, "first_reached": figures.first_reached,
        "open_by_age": ages.collect::<Vec<_>>(),
    })
}

fn keyed<K: Display>(groups: &BTreeMap<K, Answer>) -> Vec<(String, &Answer)> {
    groups.iter().map(|(key, group)| (key.to_string(), group)).collect()
}

/// The end of each group of ages in hours; none: no end.
fn ages() -> impl Iterator<Item = Option<String>> {
    AGES.iter().map(|age| Some(span(*age))).chain([None])
}

fn answer(answer: &Answer) -> Value {
    let wait = |wait: Option<Wait>| wait.map(|wait| json!({"seconds": wait.time.as_secs(), "at_least": wait.at_least}));
    json!({
        "answered": answer.answered, "waiting": answer.waiting, "closed": answer.closed,
        "median": wait(answer.median), "p90": wait(answer.p90),
    })
}

/// Figures for people.
pub fn figures_lines(figures: &Figures) -> String {
    let promises = figures.promises;
    let part = |of: u32| promises.percent(of).map_or_else(|| "–".to_owned(), |percent| format!("{percent:.1} %"));
    let mut lines = vec![
        format!(
            "promises       kept {} ({}), tried {} ({}), broken {} ({}), withdrawn {}, running {}",
            promises.kept,
            part(promises.kept),
            promises.tried,
            part(promises.tried),
            promises.broken,
            part(promises.broken),
            promises.withdrawn,
            promises.running
        ),
        format!("first try      {}", waits(&figures.answer)),
        format!("reached at it  {} of {}", figures.first_reached, figures.first_tries),
    ];
    for (matter, group) in &figures.by_matter {
        let matter = if matter.is_empty() { "(no matter)" } else { matter };
        lines.push(format!("  {matter:<12} {}", waits(group)));
    }
    for (hour, group) in &figures.by_hour {
        lines.push(format!("  {hour:02}:00        {}", waits(group)));
    }
    let open = ages().zip(figures.open_by_age);
    let open = open.map(|(age, n)| format!("{} {n}", age.map_or_else(|| "older".to_owned(), |age| format!("< {age}"))));
    lines.push(format!("open now       {}", open.collect::<Vec<_>>().join(", ")));
    if figures.cut {
        lines.push("there is more than was read: ask for a shorter time".to_owned());
    }
    lines.join("\n")
}

fn waits(answer: &Answer) -> String {
    let wait = |wait: Option<Wait>| match wait {
        Some(Wait { time, at_least: true }) => format!("≥ {}", span(time)),
        Some(Wait { time, .. }) => span(time),
        None => "–".to_owned(),
    };
    format!(
        "median {}, p90 {} ({} answered, {} waiting, {} closed without one)",
        wait(answer.median),
        wait(answer.p90),
        answer.answered,
        answer.waiting,
        answer.closed
    )
}

/// `2 h 05 min`, without seconds.
fn span(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes:02} min"),
    }
}
