//! What is wrong with a plan, and where: for the terminal, the page and scripts.

use serde::Serialize;

use super::codes::Code;

/// The same sentence in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Text {
    /// German.
    pub de: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A sentence in both languages.
    pub fn new(de: impl Into<String>, en: impl Into<String>) -> Text {
        Text { de: de.into(), en: en.into() }
    }

    /// In one language.
    pub fn get(&self, language: super::Language) -> &str {
        match language {
            super::Language::De => &self.de,
            super::Language::En => &self.en,
        }
    }
}

/// Names, numbers and what was written are the same in both languages.
impl From<&str> for Text {
    fn from(text: &str) -> Text {
        Text::new(text, text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Text {
        Text { de: text.clone(), en: text }
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The plan does not count.
    Error,
    /// The plan counts; somebody should look.
    Warning,
}

/// A place in the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Place {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Line of the first byte, from 1.
    pub line: usize,
    /// Column of the first byte in characters, from 1.
    pub column: usize,
}

/// Something to be said about a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Stable, `P101`; docs/findings.md says more about each.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What is wrong.
    pub message: Text,
    /// What stands at the place; may be empty.
    pub label: Text,
    /// What to do.
    pub help: Option<Text>,
}

impl Finding {
    /// `code` at `place`, its `{0}`, `{1}`… filled from `args`.
    pub fn new(code: Code, place: Place, args: &[Text]) -> Finding {
        let info = code.info();
        let filled =
            |de: &str, en: &str| Text { de: fill(de, args, |text| &text.de), en: fill(en, args, |text| &text.en) };
        let help = (!info.help.0.is_empty()).then(|| filled(info.help.0, info.help.1));
        Finding {
            code: info.id,
            severity: info.severity,
            place,
            message: filled(info.message.0, info.message.1),
            label: filled(info.label.0, info.label.1),
            help,
        }
    }

    /// With another help.
    pub fn help(mut self, help: Text) -> Finding {
        self.help = Some(help);
        self
    }

    /// With the name that was probably meant, where there is one.
    pub fn meant(self, name: Option<&str>) -> Finding {
        match name {
            Some(name) => {
                let help = Text::new(format!("meinten Sie „{name}“?"), format!("did you mean \"{name}\"?"));
                self.help(help)
            }
            None => self,
        }
    }
}

/// What was written may hold braces itself: the template is read once, from left to right.
fn fill(template: &str, args: &[Text], language: impl Fn(&Text) -> &String) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, hole) = rest.split_at(at);
        filled.push_str(before);
        let index = hole.get(1..2).and_then(|digit| digit.parse::<usize>().ok());
        match (index, hole.get(2..3)) {
            (Some(index), Some("}")) => {
                filled.push_str(args.get(index).map_or("", |text| language(text)));
                rest = hole.get(3..).unwrap_or_default();
            }
            _ => {
                filled.push('{');
                rest = hole.get(1..).unwrap_or_default();
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Where each line of a text begins, so that a place is found without reading it all again.
#[derive(Debug)]
pub struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Of `text`.
    pub fn new(text: &'t str) -> Lines<'t> {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { text, starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of a span. A span that is not in the text, or cuts a character, is moved into it.
    pub fn place(&self, span: std::ops::Range<usize>) -> Place {
        let start = self.boundary(span.start);
        let end = self.boundary(span.end.max(start));
        let line = self.starts.partition_point(|first| *first <= start).max(1);
        let first = self.starts.get(line - 1).copied().unwrap_or(0);
        // A line of a megabyte would make every finding in it cost a megabyte.
        let column = if start - first > COLUMN_MAX {
            COLUMN_MAX
        } else {
            self.text.get(first..start).map_or(0, |before| before.chars().count()) + 1
        };
        Place { start, end, line, column }
    }

    /// A line, from 1, without its end.
    pub fn line(&self, line: usize) -> &'t str {
        let Some(first) = line.checked_sub(1).and_then(|index| self.starts.get(index).copied()) else { return "" };
        let end = self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(first..end).unwrap_or_default().trim_end_matches(['\n', '\r'])
    }

    /// Characters between the ends of a place.
    pub(super) fn length(&self, place: Place) -> usize {
        self.text.get(place.start..place.end).map_or(0, |text| text.chars().take(COLUMN_MAX).count())
    }

    fn boundary(&self, at: usize) -> usize {
        let at = at.min(self.text.len());
        (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

/// Columns beyond it are not counted.
const COLUMN_MAX: usize = 10_000;
