//! Plans: the text (TOML) that says how a business's calls are answered, checked before it counts.
//!
//! [`Plan::parse`] reads a text and gives a typed [`Plan`] or [`Finding`]s at their place, in German and
//! English, each with a stable code (docs/findings.md, made from [`CODES`]). It touches nothing: which
//! prompts, people and numbers exist besides the text is told by a [`CheckContext`].
//!
//! **What a text may say.** `[line]` with `numbers`, `language` (one or a list), `timezone`, `hours`, `open`,
//! `closed`, `on.DAY`; `[rule.x]` with `caller`, `called`, `when`, `to`, the first that matches counts;
//! steps `[menu.x]`, `[info.x]`, `[message.x]`, `[slots.x]`, `[oncall.x]`, `[ring.x]`, `[say.x]`,
//! `[language.x]`, `[owner.x]`, `[hangup.x]`; and what they point to: `[hours.x]`, `[person.x]`, `[rota.x]`,
//! `[calendar.x]`, `[prompt.x]`; and `[callbacks]`, what becomes of everything that needs a human. A target is the name of a step; `back` is the menu before.
//!
//! **Prompt or text.** A word of a–z, 0–9, dot, - and _ names a prompt; anything else is spoken, with
//! values such as `{until}` in braces. A sentence whose value is not known is left out: [`Template::known`].
//!
//! **What is proven.** Of a plan without errors: every target exists; every way ends in a message, a
//! callback, a human or spoken words unless the caller presses keys for ever; every prompt exists in each
//! language of the line; numbers are E.164, nobody else's, and none of those we call is a mailbox.

mod codes;
mod desk;
mod docs;
mod finding;
mod graph;
pub mod limits;
mod line;
mod model;
mod people;
mod read;
mod render;
mod say;
pub mod start;
mod steps;
mod suggest;
#[cfg(test)]
mod tests;
mod times;
mod value;

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use crate::ids::Language;
pub use codes::{CODES, Code, Info as CodeInfo};
pub use docs::findings_md;
pub use finding::{Finding, Lines, Place, Severity, Text};
pub use model::{
    Calendar, Callbacks, Callee, Caller, DayMatch, DayTarget, Hangup, HoursPart, Info, Kind, LanguageStep, Line, Menu,
    Message, Notify, Oncall, Owner, Parts, Person, Piece, Plan, PromptText, Ring, Rota, Rule, Say, SayStep, Shift,
    Slots, Step, StepId, Strategy, Target, Template, To, Turn, Value,
};
pub use render::render;

use read::{Fields, Reader, Thing, section_text, short};

/// Sections that are steps.
pub const STEP_KINDS: [&str; 10] =
    ["menu", "info", "message", "slots", "oncall", "ring", "say", "language", "owner", "hangup"];
const OTHER_SECTIONS: [&str; 8] = ["line", "callbacks", "rule", "hours", "person", "rota", "calendar", "prompt"];
/// Sections of which there is one, without a name.
const SINGLE: [&str; 2] = ["line", "callbacks"];

/// What exists besides the text.
#[derive(Clone, Debug, Default)]
pub struct CheckContext {
    /// Ids of the prompts that ship and of the owner's own, by language.
    pub prompts: HashMap<Language, HashSet<String>>,
    /// People that the tenant knows without the plan.
    pub people: HashSet<String>,
    /// Calendars that the tenant has without the plan.
    pub calendars: HashSet<String>,
    /// Contact lists of the tenant; none: not known, every name is taken.
    pub lists: Option<HashSet<String>>,
    /// Numbers of other tenants, E.164.
    pub foreign_numbers: HashSet<String>,
    /// Today at the business, to name closures that are over; none: not asked.
    pub today: Option<Date>,
}

/// A text after it was checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// There where no finding is an error.
    pub plan: Option<Plan>,
    /// In the order of the text.
    pub findings: Vec<Finding>,
}

impl Plan {
    /// Reads and checks a text. Never panics, whatever the text; linear in its length.
    pub fn parse(text: &str, ctx: &CheckContext) -> Checked {
        if text.len() > limits::TEXT_BYTES_MAX {
            let mut reader = Reader::new(text, ctx);
            let place = reader.place(limits::TEXT_BYTES_MAX..limits::TEXT_BYTES_MAX);
            reader.too_big(place, text.len(), limits::TEXT_BYTES_MAX, Text::from("Bytes"));
            return Checked { plan: None, findings: reader.finish() };
        }
        let table = parse_toml(text);
        let mut reader = Reader::new(text, ctx);
        let plan = match &table {
            Ok(table) => read_plan(&mut reader, table.get_ref()),
            Err(errors) => {
                for error in errors.iter().take(limits::SYNTAX_MAX) {
                    let place = reader.place(error.span().unwrap_or(text.len()..text.len()));
                    reader.report(Code::Syntax, place, &[docs::syntax(error.message())]);
                }
                None
            }
        };
        let plan = plan.filter(|_| !reader.failed());
        Checked { plan, findings: reader.finish() }
    }

    /// Like [`Plan::parse`], of a file's bytes.
    pub fn parse_bytes(bytes: &[u8], ctx: &CheckContext) -> Checked {
        match std::str::from_utf8(bytes) {
            Ok(text) => Plan::parse(text, ctx),
            Err(error) => {
                let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
                let text = String::from_utf8_lossy(valid);
                let place = Lines::new(&text).place(text.len()..text.len());
                Checked { plan: None, findings: vec![Finding::new(Code::NotText, place, &[])] }
            }
        }
    }
}

/// The table of a text, or what keeps it from being read.
fn parse_toml(text: &str) -> Result<Spanned<DeTable<'_>>, Vec<toml::de::Error>> {
    match DeTable::parse(text) {
        Ok(table) => Ok(table),
        Err(_) if text.len() <= limits::SYNTAX_BYTES_MAX => Err(DeTable::parse_recoverable(text).1),
        Err(first) => Err(vec![first]),
    }
}

/// A named section: `[menu.abend]`.
struct Named<'t> {
    section: &'t str,
    name: &'t str,
    fields: Fields<'t, 't>,
}

/// Reads a whole table. What cannot be read is a finding, and the rest is read all the same.
fn read_plan<'t>(reader: &mut Reader<'t>, table: &'t DeTable<'t>) -> Option<Plan> {
    let named = sections(reader, table);
    let line = line_fields(reader, table);
    let callbacks = single(reader, table, "callbacks");
    if let Some(fields) = &line {
        reader.line_head(fields);
    }
    name_all(reader, &named);
    let line = line.map(|fields| reader.line(&fields));
    if let Some(line) = &line {
        reader.own_numbers.clone_from(&line.numbers);
        line.home().clone_into(&mut reader.home);
    }
    let numbers: HashSet<String> = reader.own_numbers.iter().cloned().collect();
    let mut read = Read::default();
    for Named { section, name, fields } in &named {
        let key = (*name).to_owned();
        match *section {
            "rule" => read.rules.push(reader.rule(name, fields, &numbers)),
            "hours" => drop(read.hours.insert(key, reader.hours(fields, &[]))),
            "person" => drop(read.people.insert(key, reader.person(name, fields))),
            "rota" => drop(read.rotas.insert(key, reader.rota(fields))),
            "calendar" => drop(read.calendars.insert(key, reader.calendar(fields))),
            "prompt" => drop(read.prompts.insert(key, reader.prompt(fields))),
            kind => {
                let kind = reader.step(kind, fields);
                read.steps.push(Step { name: fields.path.clone(), place: fields.place, kind });
            }
        }
    }
    let usual = Callbacks::usual(&read.steps);
    read.callbacks = callbacks.map(|fields| reader.callbacks(&fields, &usual)).unwrap_or(usual);
    reader.shadowed(&read.rules);
    reader.ways(line.as_ref(), &read.rules, &read.callbacks, &read.steps);
    reader.callback_targets(&read.callbacks, &read.steps);
    reader.across(line.as_ref(), &read);
    reader.unused();
    let Read { rules, steps, hours, people, rotas, calendars, prompts, callbacks } = read;
    Some(Plan::new(Parts { line: line?, rules, steps, hours, people, rotas, calendars, prompts, callbacks }))
}

/// Everything but the line.
#[derive(Default)]
struct Read {
    rules: Vec<Rule>,
    steps: Vec<Step>,
    hours: HashMap<String, HoursPart>,
    people: HashMap<String, Person>,
    rotas: HashMap<String, Rota>,
    calendars: HashMap<String, Calendar>,
    prompts: HashMap<String, PromptText>,
    callbacks: Callbacks,
}

fn line_fields<'t>(reader: &mut Reader<'t>, table: &'t DeTable<'t>) -> Option<Fields<'t, 't>> {
    if !table.contains_key("line") {
        let start = reader.place(0..0);
        reader.report(Code::NoLine, start, &[]);
    }
    single(reader, table, "line")
}

/// A section without a name.
fn single<'t>(reader: &mut Reader<'t>, table: &'t DeTable<'t>, section: &str) -> Option<Fields<'t, 't>> {
    let (key, value) = table.get_key_value(section)?;
    let DeValue::Table(fields) = value.get_ref() else {
        reader.wrong_type(section, value, section_text());
        return None;
    };
    Some(Fields { path: section.to_owned(), place: reader.place(key.span()), table: fields })
}

/// All named sections, in the order of the text.
fn sections<'t>(reader: &mut Reader<'t>, table: &'t DeTable<'t>) -> Vec<Named<'t>> {
    let mut found = Vec::new();
    let root = Fields { path: String::new(), place: Place::default(), table };
    for (section, span, value) in root.entries() {
        if SINGLE.contains(&section) {
            continue;
        }
        let known = STEP_KINDS.iter().chain(&OTHER_SECTIONS).copied();
        if !known.clone().any(|known| known == section) {
            let place = reader.place(span);
            let all = known.clone().collect::<Vec<_>>().join(", ");
            reader.report_near(Code::UnknownSection, place, &[short(section).into(), all.into()], section, known);
            continue;
        }
        let DeValue::Table(names) = value.get_ref() else {
            reader.wrong_type(section, value, section_text());
            continue;
        };
        let inside = Fields { path: section.to_owned(), place: reader.place(span), table: names };
        found.extend(names_of(reader, section, &inside));
    }
    found.sort_by_key(|named: &Named<'_>| named.fields.place.start);
    limit_sections(reader, &mut found);
    found
}

fn names_of<'t>(reader: &mut Reader<'t>, section: &'t str, inside: &Fields<'t, 't>) -> Vec<Named<'t>> {
    let mut found = Vec::new();
    let mut nameless = false;
    for (name, span, value) in inside.entries() {
        let DeValue::Table(table) = value.get_ref() else {
            if !nameless {
                reader.report(Code::NoName, inside.place, &[section.into()]);
            }
            nameless = true;
            continue;
        };
        let place = reader.header(section, span);
        // Prompts are named like the prompts that ship, dots and all.
        let fine = section == "prompt" && value::is_prompt(name) || reader.name(name, place);
        if fine {
            found.push(Named { section, name, fields: Fields { path: format!("{section}.{name}"), place, table } });
        }
    }
    found
}

/// Drops what is too much of each kind, with a finding.
fn limit_sections(reader: &mut Reader<'_>, found: &mut Vec<Named<'_>>) {
    let mut count: HashMap<&str, usize> = HashMap::new();
    let mut over: Vec<(Place, &str, usize)> = Vec::new();
    found.retain(|named| {
        let (class, max) = match named.section {
            "rule" => ("rule", limits::RULES_MAX),
            "person" | "prompt" => (named.section, limits::PEOPLE_MAX),
            "hours" | "rota" | "calendar" => (named.section, limits::THINGS_MAX),
            _ => ("step", limits::STEPS_MAX),
        };
        let count = count.entry(class).or_default();
        *count += 1;
        if *count == max + 1 {
            over.push((named.fields.place, class, max));
        }
        *count <= max
    });
    for (place, class, max) in over {
        let is = count.get(class).copied().unwrap_or(max);
        let of = if class == "step" { Text::new("Schritten", "steps") } else { Text::from(format!("[{class}.…]")) };
        reader.too_big(place, is, max, of);
    }
}

/// Makes all names known before anything points to them.
fn name_all(reader: &mut Reader<'_>, named: &[Named<'_>]) {
    for Named { section, name, fields } in named {
        let thing = Thing::ALL.into_iter().find(|thing| thing.section() == *section);
        if let Some(thing) = thing {
            reader.names.things.insert((thing, (*name).to_owned()), fields.place);
        } else if *section != "rule" {
            let id = StepId(u32::try_from(reader.names.step_names.len()).unwrap_or(u32::MAX));
            reader.names.steps.insert(fields.path.clone(), id);
            reader.names.step_names.push(fields.path.clone());
        }
        if *section == "prompt" {
            let languages = Language::ALL.into_iter().filter(|language| fields.has(language.as_str())).collect();
            reader.names.prompts.insert((*name).to_owned(), languages);
        }
    }
}

impl Reader<'_> {
    /// What is only known when everything is read.
    fn across(&mut self, line: Option<&Line>, read: &Read) {
        let line_hours = line.and_then(|line| read.hours.get(line.hours.as_ref()?));
        let week = line_hours.map(week_minutes);
        let promised = |step: &Step| matches!(&step.kind, Kind::Message(message) if message.promise.is_some());
        let promises = read.steps.iter().any(promised);
        for step in &read.steps {
            let here = promised(step) || promises && !matches!(step.kind, Kind::Message(_));
            if step.kind.say().has(Value::Promise) && !here {
                self.report(Code::NeverKnown, step.kind.say().place, &[]);
            }
            match &step.kind {
                Kind::Message(message) => {
                    let minutes = message.promise.map(|promise| promise.as_secs() / 60);
                    if let (Some(minutes), Some(week), Some(promise)) = (minutes, week, message.promise)
                        && minutes > week
                    {
                        self.report(Code::Promise, step.place, &[value::show_duration(promise).into()]);
                    }
                }
                Kind::Oncall(oncall) if oncall.strategy != Strategy::Together => {
                    let Some(rota) = read.rotas.get(&oncall.rota) else { continue };
                    let most = rota.shifts.iter().map(|shift| shift.people.len()).max().unwrap_or(0);
                    let times = rota.people.len().max(most) * usize::from(oncall.rounds);
                    self.long_wait(step.place, oncall.each, times);
                }
                _ => {}
            }
        }
        let mut calendars: Vec<(&String, &Calendar)> = read.calendars.iter().collect();
        calendars.sort_unstable_by_key(|(name, _)| *name);
        for (name, calendar) in calendars {
            let other = || calendar.hours.as_ref().map_or(line_hours, |name| read.hours.get(name));
            if let Some(hours) = calendar.own.as_ref().or_else(other) {
                let path = format!("calendar.{name}");
                self.no_slot(path, calendar.place, calendar.length, longest_minutes(hours));
            }
        }
    }

    /// Sections that nothing points to.
    fn unused(&mut self) {
        let mut unused: Vec<(Place, String)> = self
            .names
            .things
            .iter()
            .filter(|(key, _)| !self.used.contains(key))
            .map(|((thing, name), place)| (*place, format!("{}.{name}", thing.section())))
            .collect();
        unused.sort();
        for (place, path) in unused {
            self.report(Code::Unused, place, &[path.into()]);
        }
    }
}

/// Minutes of the longest window; none where it is never open, which is a finding of its own.
fn longest_minutes(part: &HoursPart) -> u64 {
    let parts = part.hours.parts();
    let openings = parts.openings.iter().map(|opening| &opening.windows);
    let windows = parts.week.iter().chain(openings).chain([&parts.holiday_windows]).flatten();
    windows.map(|window| u64::from(window.minutes())).max().unwrap_or(u64::MAX / 60)
}

/// Minutes of opening time in the fullest week that comes: that of the weekdays, and all other openings.
fn week_minutes(part: &HoursPart) -> u64 {
    let parts = part.hours.parts();
    let week = parts.week.iter().flatten().map(|window| u64::from(window.minutes())).sum::<u64>();
    let others = parts.openings.iter().flat_map(|opening| &opening.windows).map(|window| u64::from(window.minutes()));
    week + others.sum::<u64>()
}
