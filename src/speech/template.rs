//! Owners' sentences with values in them.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Manner, Say, speakable};

/// What every line offers to its sentences.
pub const PLACEHOLDERS: [&str; 6] = ["business", "caller", "hours.today", "promise", "reason", "until"];
/// Bytes of a template at most.
pub const TEMPLATE_MAX: usize = 4_000;

/// What is wrong with a template; `at` is the place in its text, in bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// There is no such value.
    #[error("there is no value {{{name}}}: use one of {}", listed(known))]
    Unknown {
        /// As it was written.
        name: String,
        /// Where, with its braces.
        at: Range<usize>,
        /// Those that there are.
        known: Vec<String>,
    },
    /// A brace that is never closed.
    #[error("the brace at {at} is not closed: write {{name}}, or leave the brace out")]
    NotClosed {
        /// Where it is.
        at: usize,
    },
    /// A brace that closes nothing.
    #[error("the brace at {at} closes nothing: write {{name}}, or leave the brace out")]
    NotOpened {
        /// Where it is.
        at: usize,
    },
    /// More than [`TEMPLATE_MAX`] bytes.
    #[error("the text has {len} bytes, {TEMPLATE_MAX} are the most: make two of it")]
    TooLong {
        /// How many it has.
        len: usize,
    },
}

fn listed(known: &[String]) -> String {
    let names: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
    if names.is_empty() { "none, this text takes no values".to_owned() } else { names.join(", ") }
}

/// What the placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Say>);

impl Values {
    /// None yet.
    pub fn new() -> Values {
        Values::default()
    }

    /// And this one.
    #[must_use]
    pub fn with(mut self, name: &str, value: Say) -> Values {
        self.0.insert(name.to_owned(), value);
        self
    }
}

/// The sentence in words: values said, the owner's own words made speakable. `manner`: a
/// [`super::Language`] or a whole [`Manner`].
pub fn render(template: &str, values: &Values, manner: impl Into<Manner>) -> Result<String, TemplateError> {
    let manner = manner.into();
    let mut text = String::new();
    for part in parts(template)? {
        match part {
            Part::Text(own) => text.push_str(own),
            Part::Name(name, at) => match values.0.get(name) {
                Some(value) => text.push_str(&value.in_words(manner)),
                None => return Err(unknown(name, at, values.0.keys().cloned())),
            },
        }
    }
    // Words are left as they are, so one pass over the whole keeps what belongs together.
    Ok(speakable(&text, manner.language))
}

/// The names that `template` uses, where all of them are among `known`: what a checker asks before a call.
pub fn placeholders<'a>(template: &'a str, known: &[&str]) -> Result<Vec<&'a str>, TemplateError> {
    let mut names = Vec::new();
    for part in parts(template)? {
        if let Part::Name(name, at) = part {
            if !known.contains(&name) {
                return Err(unknown(name, at, known.iter().map(|name| (*name).to_owned())));
            }
            names.push(name);
        }
    }
    Ok(names)
}

fn unknown(name: &str, at: Range<usize>, known: impl Iterator<Item = String>) -> TemplateError {
    TemplateError::Unknown { name: name.chars().take(40).collect(), at, known: known.collect() }
}

enum Part<'a> {
    Text(&'a str),
    Name(&'a str, Range<usize>),
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    if template.len() > TEMPLATE_MAX {
        return Err(TemplateError::TooLong { len: template.len() });
    }
    let mut parts = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let at = template.len() - rest.len();
        let Some((own, after)) = rest.split_once('{') else {
            parts.push(Part::Text(rest));
            rest = "";
            no_closing(parts.last(), at)?;
            continue;
        };
        parts.push(Part::Text(own));
        no_closing(parts.last(), at)?;
        let open = at + own.len();
        match after.split_once('}') {
            Some((name, after)) if !name.contains('{') => {
                parts.push(Part::Name(name.trim(), open..open + name.len() + 2));
                rest = after;
            }
            _ => return Err(TemplateError::NotClosed { at: open }),
        }
    }
    Ok(parts)
}

fn no_closing(part: Option<&Part<'_>>, start: usize) -> Result<(), TemplateError> {
    match part {
        Some(Part::Text(own)) => own.find('}').map_or(Ok(()), |at| Err(TemplateError::NotOpened { at: start + at })),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    fn values() -> Values {
        Values::new()
            .with("business", Say::Text("Müller & Söhne GmbH".to_owned()))
            .with("caller", Say::Phone("+49711123456".to_owned()))
    }

    #[test]
    fn values_stand_in_the_sentence() {
        let said = render("Willkommen bei {business}. Sie rufen von { caller } an.", &values(), Language::De);
        let wanted = "Willkommen bei Müller und Söhne G m b H. \
                      Sie rufen von null sieben eins eins, eins zwei, drei vier, fünf sechs an.";
        assert_eq!(said.as_deref(), Ok(wanted));
    }

    #[test]
    fn a_value_is_never_a_template() {
        let values = Values::new().with("business", Say::Text("{caller} <genfile file=x> 3".to_owned()));
        assert_eq!(render("{business}", &values, Language::En).as_deref(), Ok("caller three"));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let error = render("Bei {busines} sind", &values(), Language::De).unwrap_err();
        assert_eq!(error.to_string(), "there is no value {busines}: use one of {business}, {caller}");
        let TemplateError::Unknown { at, .. } = error else { panic!("{error}") };
        assert_eq!(at, 4..13);
        for (template, wanted) in [
            ("ä {business", TemplateError::NotClosed { at: 3 }),
            ("{business {caller}", TemplateError::NotClosed { at: 0 }),
            ("{business} }", TemplateError::NotOpened { at: 11 }),
            ("a } {business}", TemplateError::NotOpened { at: 2 }),
        ] {
            assert_eq!(placeholders(template, &PLACEHOLDERS), Err(wanted), "{template}");
        }
        assert_eq!(placeholders("{until}, {hours.today}", &PLACEHOLDERS), Ok(vec!["until", "hours.today"]));
        assert!(placeholders(&"x".repeat(TEMPLATE_MAX + 1), &PLACEHOLDERS).is_err());
    }
}
