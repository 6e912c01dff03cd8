//! Reading the spanned table: every value is typed, every slip becomes a finding at its place.

use std::collections::{HashMap, HashSet};
use std::ops::{Range, RangeInclusive};
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::codes::Code;
use super::finding::{Finding, Lines, Place, Text};
use super::model::{StepId, Target, To};
use super::{CheckContext, limits, value};
use crate::ids::Language;

/// What can be pointed to besides steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Thing {
    Hours,
    Rota,
    Person,
    Calendar,
    Prompt,
}

impl Thing {
    pub(super) const ALL: [Thing; 5] = [Thing::Hours, Thing::Rota, Thing::Person, Thing::Calendar, Thing::Prompt];

    /// As sections are named.
    pub(super) fn section(self) -> &'static str {
        match self {
            Thing::Hours => "hours",
            Thing::Rota => "rota",
            Thing::Person => "person",
            Thing::Calendar => "calendar",
            Thing::Prompt => "prompt",
        }
    }
}

/// Names that the plan gives, known before anything that points to them is read.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) steps: HashMap<String, StepId>,
    /// In the order of the text, for suggestions.
    pub(super) step_names: Vec<String>,
    pub(super) things: HashMap<(Thing, String), Place>,
    /// Languages of each `[prompt.x]`.
    pub(super) prompts: HashMap<String, Vec<Language>>,
}

/// One reading of a plan.
pub(super) struct Reader<'t> {
    pub(super) text: &'t str,
    pub(super) lines: Lines<'t>,
    pub(super) ctx: &'t CheckContext,
    pub(super) names: Names,
    pub(super) used: HashSet<(Thing, String)>,
    pub(super) languages: Vec<Language>,
    /// The line has opening hours.
    pub(super) has_hours: bool,
    /// Of the line.
    pub(super) own_numbers: Vec<String>,
    /// Country code in which the line is: numbers of others are abroad.
    pub(super) home: String,
    findings: Vec<Finding>,
    /// Findings that were not kept: [`limits::FINDINGS_MAX`].
    dropped: usize,
    failed: bool,
    /// Comparisons of names that may still be made: a long plan full of slips must not cost seconds.
    comparisons: usize,
}

/// A table and how it is called.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a, 't> {
    /// `menu.abend`.
    pub(super) path: String,
    /// Its header.
    pub(super) place: Place,
    pub(super) table: &'a DeTable<'t>,
}

/// A key with its value.
pub(super) type Entry<'a> = (&'a str, Range<usize>, &'a Spanned<DeValue<'a>>);

impl<'a> Fields<'a, 'a> {
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn get(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(key)
    }

    /// In the order of the text: the table itself is in the order of the alphabet.
    pub(super) fn entries(&self) -> Vec<Entry<'a>> {
        let mut entries: Vec<Entry<'a>> =
            self.table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
        entries.sort_by_key(|(_, span, _)| span.start);
        entries
    }
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str, ctx: &'t CheckContext) -> Reader<'t> {
        Reader {
            text,
            lines: Lines::new(text),
            ctx,
            names: Names::default(),
            used: HashSet::new(),
            languages: vec![Language::De],
            has_hours: false,
            own_numbers: Vec::new(),
            home: "49".to_owned(),
            findings: Vec::new(),
            dropped: 0,
            failed: false,
            comparisons: limits::COMPARISONS_MAX,
        }
    }

    /// Keeps a finding, or counts it where there are too many.
    pub(super) fn find(&mut self, finding: Finding) {
        self.failed |= finding.severity == super::Severity::Error;
        if self.findings.len() < limits::FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.dropped += 1;
        }
    }

    pub(super) fn report(&mut self, code: Code, place: Place, args: &[Text]) {
        self.find(Finding::new(code, place, args));
    }

    /// A finding with the nearest of `names` to `written` as its suggestion.
    pub(super) fn report_near<'n>(
        &mut self,
        code: Code,
        place: Place,
        args: &[Text],
        written: &str,
        names: impl Iterator<Item = &'n str>,
    ) {
        if self.is_full() {
            self.report(code, place, args);
            return;
        }
        let meant = super::suggest::nearest(written, names, &mut self.comparisons);
        self.find(Finding::new(code, place, args).meant(meant));
    }

    /// No further finding is shown, so none is worth a search.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= limits::FINDINGS_MAX
    }

    /// The plan does not count.
    pub(super) fn failed(&self) -> bool {
        self.failed
    }

    /// All findings, in the order of the text.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        self.findings.sort_by(|a, b| (a.place.start, a.code).cmp(&(b.place.start, b.code)));
        self.findings.dedup();
        if self.dropped > 0 {
            let end = self.lines.place(self.text.len()..self.text.len());
            self.findings.push(Finding::new(Code::More, end, &[self.dropped.to_string().into()]));
        }
        self.findings
    }

    pub(super) fn place(&self, span: Range<usize>) -> Place {
        self.lines.place(span)
    }

    /// The place of `menu.abend` in `[menu.abend]`, of which the parser gives the last part.
    pub(super) fn header(&self, section: &str, span: Range<usize>) -> Place {
        let before = self.text.get(..span.start).unwrap_or_default();
        let longer = before.strip_suffix('.').is_some_and(|before| before.ends_with(section));
        let start = if longer { span.start - section.len() - 1 } else { span.start };
        self.place(start..span.end)
    }

    /// Reports every key that is not among `known`.
    pub(super) fn known(&mut self, fields: &Fields<'t, 't>, known: &[&str]) {
        for (key, span, _) in fields.entries() {
            if !known.contains(&key) {
                self.unknown_key(fields, key, span, known);
            }
        }
    }

    pub(super) fn unknown_key(&mut self, fields: &Fields<'t, 't>, key: &str, span: Range<usize>, known: &[&str]) {
        let args = [short(key).into(), fields.path.as_str().into(), known.join(", ").into()];
        let place = self.place(span);
        self.report_near(Code::UnknownKey, place, &args, key, known.iter().copied());
    }

    pub(super) fn wrong_type(&mut self, key: &str, value: &Spanned<DeValue<'_>>, needs: Text) {
        let place = self.place(value.span());
        let args = [short(key).into(), needs, kind_of(value.get_ref())];
        self.report(Code::WrongType, place, &args);
    }

    pub(super) fn missing(&mut self, fields: &Fields<'t, 't>, key: &str, example: &str) {
        let args = [fields.path.as_str().into(), key.into(), example.into()];
        self.report(Code::Missing, fields.place, &args);
    }

    /// A section inside a section: `[line.on]`, `key.1 = …`.
    pub(super) fn table(&mut self, fields: &Fields<'t, 't>, key: &str) -> Option<Fields<'t, 't>> {
        let (name, value) = fields.table.get_key_value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                let path = format!("{}.{key}", fields.path);
                Some(Fields { path, place: self.place(name.span()), table })
            }
            _ => {
                self.wrong_type(key, value, section_text());
                None
            }
        }
    }

    pub(super) fn str(&mut self, fields: &Fields<'t, 't>, key: &str) -> Option<(&'t str, Place)> {
        let value = fields.get(key)?;
        self.as_str(key, value)
    }

    pub(super) fn as_str(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>) -> Option<(&'t str, Place)> {
        let place = self.place(value.span());
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.report(Code::Empty, place, &[short(key).into()]);
                None
            }
            DeValue::String(text) => Some((text, place)),
            _ => {
                self.wrong_type(key, value, Text::new("Text in Anführungszeichen", "text in quotes"));
                None
            }
        }
    }

    /// A text or a list of texts. Absent is empty.
    pub(super) fn list(&mut self, fields: &Fields<'t, 't>, key: &str, max: usize) -> Vec<(&'t str, Place)> {
        fields.get(key).map(|value| self.as_list(key, value, max)).unwrap_or_default()
    }

    pub(super) fn as_list(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>, max: usize) -> Vec<(&'t str, Place)> {
        match value.get_ref() {
            DeValue::String(_) => self.as_str(key, value).into_iter().collect(),
            DeValue::Array(items) => {
                let place = self.place(value.span());
                if items.is_empty() {
                    self.report(Code::Empty, place, &[short(key).into()]);
                }
                if items.len() > max {
                    self.too_big(place, items.len(), max, Text::new("Einträgen", "entries"));
                }
                items.iter().take(max).filter_map(|item| self.as_str(key, item)).collect()
            }
            _ => {
                self.wrong_type(key, value, Text::new("Text oder eine Liste von Texten", "text or a list of texts"));
                Vec::new()
            }
        }
    }

    pub(super) fn too_big(&mut self, place: Place, is: usize, max: usize, of: Text) {
        self.report(Code::TooBig, place, &[is.to_string().into(), max.to_string().into(), of]);
    }

    pub(super) fn bool(&mut self, fields: &Fields<'t, 't>, key: &str) -> Option<bool> {
        let value = fields.get(key)?;
        match value.get_ref() {
            DeValue::Boolean(yes) => Some(*yes),
            _ => {
                self.wrong_type(key, value, Text::new("true oder false", "true or false"));
                None
            }
        }
    }

    pub(super) fn int(&mut self, fields: &Fields<'t, 't>, key: &str, range: RangeInclusive<i64>) -> Option<i64> {
        let value = fields.get(key)?;
        let DeValue::Integer(number) = value.get_ref() else {
            self.wrong_type(key, value, Text::new("eine ganze Zahl", "a whole number"));
            return None;
        };
        let number = i64::from_str_radix(number.as_str(), number.radix()).unwrap_or(i64::MAX);
        if !range.contains(&number) {
            let place = self.place(value.span());
            let written = self.text.get(value.span()).map(short).unwrap_or_default();
            let (from, to) = (range.start().to_string(), range.end().to_string());
            self.report(Code::OutOfRange, place, &[key.into(), written.into(), from.into(), to.into()]);
            return None;
        }
        Some(number)
    }

    pub(super) fn small(&mut self, fields: &Fields<'t, 't>, key: &str, range: RangeInclusive<i64>) -> Option<u8> {
        self.int(fields, key, range).and_then(|number| u8::try_from(number).ok())
    }

    /// A duration in whole `range` of seconds.
    pub(super) fn duration(
        &mut self,
        fields: &Fields<'t, 't>,
        key: &str,
        range: RangeInclusive<u64>,
    ) -> Option<Duration> {
        if let Some(value) = fields.get(key).filter(|value| !value.get_ref().is_str()) {
            self.wrong_type(
                key,
                value,
                Text::new("eine Dauer wie \"25s\" oder \"3m\"", "a duration such as \"25s\" or \"3m\""),
            );
            return None;
        }
        let (text, place) = self.str(fields, key)?;
        let Some(duration) = value::duration(text) else {
            self.report(Code::BadDuration, place, &[short(text).into()]);
            return None;
        };
        let (min, max) = (Duration::from_secs(*range.start()), Duration::from_secs(*range.end()));
        if duration < min || duration > max {
            let args = [short(text), value::show_duration(min), value::show_duration(max)].map(Text::from);
            self.report(Code::DurationRange, place, &args);
            return None;
        }
        Some(duration)
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&mut self, fields: &Fields<'t, 't>, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let (text, place) = self.str(fields, key)?;
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let names = choices.iter().map(|(name, _)| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
            let args = [short(text).into(), names.into()];
            self.report_near(Code::NotAChoice, place, &args, text, choices.iter().map(|(name, _)| *name));
        }
        found
    }

    /// A telephone number as the owner writes it, or a finding with the form that it should have.
    pub(super) fn number(&mut self, text: &str, place: Place) -> Option<String> {
        if value::is_e164(text) {
            return Some(text.to_owned());
        }
        let finding = Finding::new(Code::BadNumber, place, &[short(text).into()]);
        let meant = crate::ids::dialled(text);
        let finding = if value::is_e164(&meant) { finding.meant(Some(&meant)) } else { finding };
        self.find(finding);
        None
    }

    pub(super) fn language(&mut self, text: &str, place: Place) -> Option<Language> {
        let found = Language::ALL.into_iter().find(|language| language.as_str() == text);
        if found.is_none() {
            self.report(Code::BadLanguage, place, &[short(text).into()]);
        }
        found
    }

    /// A name that is given: plain, and not too long.
    pub(super) fn name(&mut self, name: &str, place: Place) -> bool {
        let plain = value::is_name(name);
        if !plain {
            self.report(Code::BadName, place, &[short(name).into()]);
        }
        plain
    }

    /// Points to a thing; whether it exists.
    pub(super) fn refer(&mut self, thing: Thing, name: &str, place: Place) -> bool {
        let key = (thing, name.to_owned());
        let outside = match thing {
            Thing::Person => self.ctx.people.contains(name),
            Thing::Calendar => self.ctx.calendars.contains(name),
            Thing::Hours | Thing::Rota | Thing::Prompt => false,
        };
        if self.names.things.contains_key(&key) {
            self.used.insert(key);
            return true;
        }
        if outside {
            return true;
        }
        let args = [thing.section().into(), short(name).into()];
        if self.is_full() {
            self.report(Code::NoThing, place, &args);
            return false;
        }
        let mut names: Vec<String> =
            self.names.things.keys().filter(|(of, _)| *of == thing).map(|(_, n)| n.clone()).collect();
        match thing {
            Thing::Person => names.extend(self.ctx.people.iter().cloned()),
            Thing::Calendar => names.extend(self.ctx.calendars.iter().cloned()),
            _ => {}
        }
        names.sort();
        self.report_near(Code::NoThing, place, &args, name, names.iter().map(String::as_str));
        false
    }

    /// Where the call goes on: `message.x`, and `back` where that makes sense.
    pub(super) fn target(&mut self, fields: &Fields<'t, 't>, key: &str, back: bool) -> Option<Target> {
        let value = fields.get(key)?;
        self.as_target(key, value, back)
    }

    /// A target that must be there. One that cannot be read becomes [`NOWHERE`]: the plan does not count then.
    pub(super) fn need_target(&mut self, fields: &Fields<'t, 't>, key: &str) -> Target {
        if !fields.has(key) {
            self.missing(fields, key, &format!("{key} = \"message.NAME\""));
        }
        self.target(fields, key, false).unwrap_or(NOWHERE)
    }

    pub(super) fn as_target(&mut self, key: &str, value: &'t Spanned<DeValue<'t>>, back: bool) -> Option<Target> {
        let (text, place) = self.as_str(key, value)?;
        if text == "back" && back {
            return Some(Target { to: To::Back, place });
        }
        if let Some(id) = self.names.steps.get(text) {
            return Some(Target { to: To::Step(*id), place });
        }
        let shaped =
            text.split_once('.').is_some_and(|(kind, name)| super::STEP_KINDS.contains(&kind) && value::is_name(name));
        let code = if shaped || text.contains('.') { Code::NoTarget } else { Code::BadTarget };
        if self.is_full() {
            self.report(code, place, &[short(text).into()]);
            return None;
        }
        let names = std::mem::take(&mut self.names.step_names);
        // Who writes only the name, or only the kind wrong, means the step of this name.
        let same_name = names.iter().find(|name| {
            let last = name.split_once('.').map(|(_, name)| name);
            last == Some(text) || (last.is_some() && last == text.split_once('.').map(|(_, name)| name))
        });
        let meant = super::suggest::nearest(text, names.iter().map(String::as_str), &mut self.comparisons);
        let meant = meant.or(same_name.map(String::as_str)).map(str::to_owned);
        self.names.step_names = names;
        self.find(Finding::new(code, place, &[short(text).into()]).meant(meant.as_deref()));
        None
    }
}

/// Stands for a target that could not be read.
pub(super) const NOWHERE: Target = Target { to: To::Back, place: Place { start: 0, end: 0, line: 0, column: 0 } };

/// Whether a target could be read.
pub(super) fn is_somewhere(target: &Target) -> bool {
    target.place.line > 0
}

/// What was written, as far as a finding shows it.
pub(super) fn short(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    if text.chars().count() <= limits::SHOWN_MAX {
        text.chars().map(clean).collect()
    } else {
        text.chars().take(limits::SHOWN_MAX).map(clean).chain(['…']).collect()
    }
}

pub(super) fn section_text() -> Text {
    Text::new("einen Abschnitt", "a section")
}

fn kind_of(value: &DeValue<'_>) -> Text {
    match value {
        DeValue::String(_) => Text::new("Text", "text"),
        DeValue::Integer(_) => Text::new("eine ganze Zahl", "a whole number"),
        DeValue::Float(_) => Text::new("eine Kommazahl", "a decimal number"),
        DeValue::Boolean(_) => Text::new("true oder false", "true or false"),
        DeValue::Datetime(_) => Text::new("ein Zeitpunkt ohne Anführungszeichen", "a time without quotes"),
        DeValue::Array(_) => Text::new("eine Liste", "a list"),
        DeValue::Table(_) => Text::new("ein Abschnitt", "a section"),
    }
}
