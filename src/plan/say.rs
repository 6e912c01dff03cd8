//! What is said: prompts, text that is spoken, and values.
//!
//! A word of a–z, 0–9, dot, - and _ (`begruessung-abend`) names a prompt. Anything with a blank, a capital
//! letter or a punctuation mark is spoken. `{until}` in it is a value.

use toml::Spanned;
use toml::de::DeValue;

use super::codes::Code;
use super::finding::{Place, Text};
use super::limits;
use super::model::{Piece, PromptText, Say, Template, Value};
use super::read::{Fields, Reader, Thing, short};
use super::value::is_prompt;
use crate::ids::Language;

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
                let spoken = pieces.iter().any(|piece| matches!(piece, Piece::Text(own) if has_words(&own.text)));
                if let [_, other, ..] = languages.as_slice()
                    && spoken
                    && tongue == Tongue::Each
                {
                    self.report(Code::OneLanguage, place, &[language_name(*other)]);
                }
                languages.iter().map(|language| (*language, pieces.clone())).collect()
            }
        };
        if needed && let Some(value) = pieces.iter().find_map(|(_, pieces)| maybe_silent(pieces)) {
            self.report(Code::MaybeSilent, place, &[format!("{{{}}}", value.name()).into()]);
        }
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
            pieces.extend(self.template(text, place).map(Piece::Text));
        }
        pieces
    }

    fn template(&mut self, text: &str, place: Place) -> Option<Template> {
        let mut values = Vec::new();
        let mut parts = text.split('{');
        let own = parts.next().unwrap_or_default();
        let mut whole = !own.contains('}');
        for part in parts {
            let Some((name, own)) = part.split_once('}') else {
                whole = false;
                break;
            };
            whole &= !own.contains('}');
            values.extend(self.value(name.trim(), place));
        }
        if !whole {
            self.report(Code::Brace, place, &[]);
        } else if !has_words(text) && values.is_empty() {
            self.report(Code::SaysNothing, place, &[]);
        }
        whole.then(|| Template { text: text.to_owned(), values })
    }

    fn value(&mut self, name: &str, place: Place) -> Option<Value> {
        let names = Value::ALL.map(Value::name);
        let Some(value) = Value::ALL.into_iter().find(|value| value.name() == name) else {
            let all = names.map(|known| format!("{{{known}}}")).join(", ");
            let args = [short(name).into(), all.into()];
            self.report_near(Code::NoValue, place, &args, name, names.into_iter());
            return None;
        };
        if value.needs_hours() && !self.has_hours {
            self.report(Code::NoHours, place, &[format!("{{{name}}}").into()]);
        }
        Some(value)
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

/// A value without which none of these pieces says anything.
fn maybe_silent(pieces: &[Piece]) -> Option<Value> {
    let said = |piece: &Piece| match piece {
        Piece::Prompt(_) => true,
        Piece::Text(text) => text.is_always_said(),
    };
    if pieces.iter().any(said) {
        return None;
    }
    let mut texts = pieces.iter().filter_map(|piece| match piece {
        Piece::Text(text) => Some(text),
        Piece::Prompt(_) => None,
    });
    texts.find_map(|text| text.values.iter().copied().find(|value| value.may_be_unknown()))
}

/// Whether a text holds words besides its values.
fn has_words(text: &str) -> bool {
    text.split('{').enumerate().any(|(at, part)| {
        let own = if at == 0 { part } else { part.split_once('}').map_or("", |(_, own)| own) };
        own.contains(char::is_alphanumeric)
    })
}

/// As a sentence names it.
pub(super) fn language_name(language: Language) -> Text {
    match language {
        Language::De => Text::new("Deutsch", "German"),
        Language::En => Text::new("Englisch", "English"),
    }
}
