//! What is said: prompts, text that is spoken, and values.
//!
//! A word of a–z, 0–9, dot, - and _ (`begruessung-abend`) names a prompt. Anything with a blank, a capital
//! letter or a punctuation mark is spoken. `{until}` in it is a value.

use toml::Spanned;
use toml::de::DeValue;

use super::codes::Code;
use super::finding::{Place, Text};
use super::limits;
use super::model::{Piece, PromptText, Say, Value};
use super::read::{Fields, Reader, Thing, short};
use super::value::is_prompt;
use crate::ids::Language;

/// Values by their names, and whether they need opening hours.
const VALUES: [(&str, Value, bool); 6] = [
    ("business", Value::Business, false),
    ("caller", Value::Caller, false),
    ("until", Value::Until, true),
    ("promise", Value::Promise, true),
    ("hours.today", Value::HoursToday, true),
    ("reason", Value::Reason, true),
];

/// Whether a text in one language is enough.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tongue {
    /// Each language of the line wants its own.
    Each,
    /// All hear the same: the choice of a language.
    Any,
}

impl<'t> Reader<'t> {
    /// `say = …`; `needed`: a step that says nothing is a finding.
    pub(super) fn say(&mut self, fields: &Fields<'t, 't>, needed: bool, tongue: Tongue) -> Say {
        let Some(value) = fields.get("say") else {
            if needed {
                self.missing(fields, "say", "say = \"…\"");
            }
            return Say { pieces: Vec::new(), place: fields.place };
        };
        let place = self.place(value.span());
        let languages = self.languages.clone();
        let pieces = match value.get_ref() {
            DeValue::Table(_) => {
                let Some(by_language) = self.table(fields, "say") else { return Say::default() };
                self.by_language(&by_language, true)
            }
            _ => {
                let pieces = self.pieces("say", value, &languages, true);
                let spoken = pieces.iter().any(|piece| matches!(piece, Piece::Text(_)));
                if let [_, other, ..] = languages.as_slice()
                    && spoken
                    && tongue == Tongue::Each
                {
                    self.report(Code::OneLanguage, place, &[language_name(*other)]);
                }
                languages.iter().map(|language| (*language, pieces.clone())).collect()
            }
        };
        Say { pieces, place }
    }

    /// `[prompt.x]`: text in each language that it is given in.
    pub(super) fn prompt(&mut self, fields: &Fields<'t, 't>) -> PromptText {
        let pieces = self.by_language(fields, false);
        if fields.table.is_empty() {
            self.report(Code::SaysNothing, fields.place, &[]);
        }
        PromptText { pieces, place: fields.place }
    }

    /// `de = …`, `en = …`; `all`: each language of the line must be there.
    fn by_language(&mut self, fields: &Fields<'t, 't>, all: bool) -> Vec<(Language, Vec<Piece>)> {
        self.known(fields, &["de", "en"]);
        let mut said = Vec::new();
        for language in Language::ALL {
            if let Some(value) = fields.get(language.as_str()) {
                // What is not spoken on this line need not be sayable on it.
                let ours = if self.languages.contains(&language) { &[language][..] } else { &[] };
                said.push((language, self.pieces(language.as_str(), value, ours, all)));
            } else if all && self.languages.contains(&language) {
                self.report(Code::LanguageMissing, fields.place, &[language_name(language), language.as_str().into()]);
            }
        }
        said
    }

    /// Pieces of a text or a list. `prompts`: words may name prompts.
    fn pieces(
        &mut self,
        key: &str,
        value: &'t Spanned<DeValue<'t>>,
        languages: &[Language],
        prompts: bool,
    ) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (text, place) in self.as_list(key, value, limits::PIECES_MAX) {
            if prompts && is_prompt(text) {
                self.refer_prompt(text, place, languages);
                pieces.push(Piece::Prompt(text.to_owned()));
                continue;
            }
            let length = text.chars().count();
            if length > limits::SPOKEN_MAX {
                self.too_big(place, length, limits::SPOKEN_MAX, Text::new("Zeichen", "characters"));
                continue;
            }
            self.text_pieces(text, place, &mut pieces);
        }
        pieces
    }

    fn text_pieces(&mut self, text: &str, place: Place, pieces: &mut Vec<Piece>) {
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, hole) = rest.split_at(at);
            push_text(before, pieces);
            let inside = hole.strip_prefix('{').and_then(|inside| inside.split_once('}'));
            let Some((name, after)) = inside.filter(|(name, _)| !name.contains('{')) else {
                self.report(Code::Brace, place, &[]);
                return;
            };
            if let Some(value) = self.value(name.trim(), place) {
                pieces.push(Piece::Value(value));
            }
            rest = after;
        }
        push_text(rest, pieces);
    }

    fn value(&mut self, name: &str, place: Place) -> Option<Value> {
        let Some((_, value, timed)) = VALUES.iter().find(|(known, ..)| *known == name) else {
            let all = VALUES.iter().map(|(known, ..)| format!("{{{known}}}")).collect::<Vec<_>>().join(", ");
            let args = [short(name).into(), all.into()];
            self.report_near(Code::NoValue, place, &args, name, VALUES.iter().map(|(known, ..)| *known));
            return None;
        };
        if *timed && !self.has_hours {
            self.report(Code::NoHours, place, &[format!("{{{name}}}").into()]);
        }
        Some(value.clone())
    }

    fn refer_prompt(&mut self, id: &str, place: Place, languages: &[Language]) {
        let own = self.names.prompts.get(id).cloned().unwrap_or_default();
        self.used.insert((Thing::Prompt, id.to_owned()));
        let recorded = |language: &Language| self.ctx.prompts.get(language).is_some_and(|ids| ids.contains(id));
        let exists = |language: &Language| own.contains(language) || recorded(language);
        if !Language::ALL.iter().any(exists) {
            if self.is_full() {
                self.report(Code::NoPrompt, place, &[id.into()]);
                return;
            }
            let ctx = self.ctx;
            let mut names: Vec<&str> = ctx.prompts.values().flatten().map(String::as_str).collect();
            let own: Vec<String> = self.names.prompts.keys().cloned().collect();
            names.extend(own.iter().map(String::as_str));
            names.sort_unstable();
            names.dedup();
            self.report_near(Code::NoPrompt, place, &[id.into()], id, names.into_iter());
            return;
        }
        let missing: Vec<Language> = languages.iter().copied().filter(|language| !exists(language)).collect();
        for language in missing {
            let args = [id.into(), language_name(language), language.as_str().into()];
            self.report(Code::NoPromptIn, place, &args);
        }
    }
}

fn push_text(text: &str, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(text.to_owned()));
    }
}

/// As a sentence names it.
pub(super) fn language_name(language: Language) -> Text {
    match language {
        Language::De => Text::new("Deutsch", "German"),
        Language::En => Text::new("Englisch", "English"),
    }
}
