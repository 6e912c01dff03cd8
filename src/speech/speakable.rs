//! Owners' text for a voice: what it would misread is written out, what it would execute is dropped.
//!
//! The voice's program is old and runs markup (`<genfile …>` writes files), so what is let through is a
//! list of what is allowed, never of what is not: letters of the language and [`MARKS`].

mod letters;
mod numeric;
mod short;

use super::{Language, Manner, digits};
use short::Match;

/// Characters of a text that are read; what comes after is dropped.
pub const TEXT_MAX: usize = 10_000;
/// Marks that a voice makes pauses and a melody of.
const MARKS: [char; 6] = ['.', ',', '!', '?', '\'', '-'];
/// What parts two words.
const GAP: char = ' ';

/// Only what a voice reads as it is meant: words, spaces and a few marks. What this room gives is so.
pub fn is_spoken(text: &str, language: Language) -> bool {
    text.chars().all(|c| c == GAP || MARKS.contains(&c) || letters::is_of(c, language))
}

/// `text` in words. Numbers, dates, times, amounts, telephone numbers, addresses of mail and web, and the
/// usual abbreviations are written out; markup, control characters, emoji and foreign scripts are dropped,
/// foreign Latin letters become their nearest. Text in words already stays as it is.
pub fn speakable(text: &str, language: Language) -> String {
    let text = letters::clean(text, language);
    let mut reader = Reader { tokens: text.split_whitespace().collect(), at: 0, language, out: Out::default() };
    while reader.at < reader.tokens.len() {
        let before = reader.at;
        reader.step();
        reader.at = reader.at.max(before + 1);
    }
    reader.out.finish()
}

/// One pass over the words.
struct Reader<'a> {
    tokens: Vec<&'a str>,
    at: usize,
    language: Language,
    out: Out,
}

/// A word with what stands around it.
struct Token<'a> {
    /// The word without marks at its ends.
    core: &'a str,
    /// The marks after it.
    trail: &'a str,
    /// It opens a bracket.
    opens: bool,
}

impl<'a> Token<'a> {
    fn of(token: &'a str) -> Token<'a> {
        let core = token.trim_start_matches(['(', '\'', '.', ',', ';', ':', '!', '?', ')', '=']);
        let inner = core.trim_end_matches([')', '\'', '.', ',', ';', ':', '!', '?', '(', '=']);
        let trail = if core.is_empty() { token } else { core.get(inner.len()..).unwrap_or_default() };
        let lead = token.get(..token.len() - core.len()).unwrap_or_default();
        Token { core: inner, trail, opens: lead.contains('(') }
    }
}

impl<'a> Reader<'a> {
    fn token(&self, ahead: usize) -> &'a str {
        self.tokens.get(self.at + ahead).copied().unwrap_or_default()
    }

    fn before(&self) -> &'a str {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).copied().unwrap_or_default()
    }

    fn step(&mut self) {
        let taken = self.telephone();
        if taken > 0 {
            self.at += taken;
            return;
        }
        if let Some((words, taken)) = self.weekdays() {
            self.out.words(&words);
            let trail = Token::of(self.token(taken - 1)).trail.trim_start_matches('.');
            let hours = self.token(taken).starts_with(|c: char| c.is_ascii_digit());
            self.out.marks(if hours { trail.trim_start_matches(':') } else { trail });
            self.at += taken;
            return;
        }
        if let Some(Match { words, tokens, trail }) =
            short::find(self.tokens.get(self.at..).unwrap_or(&[]), self.language)
        {
            self.out.words(words);
            self.out.marks(trail);
            self.at += tokens;
            return;
        }
        let token = Token::of(self.token(0));
        if token.opens {
            self.out.pause();
        }
        if token.core.is_empty() || !token.core.contains(|c: char| c.is_alphanumeric()) {
            self.symbol(token.core);
            self.out.marks(token.trail);
            self.at += 1;
        } else if token.core.contains(|c: char| c.is_ascii_digit()) {
            self.number(&token);
        } else {
            self.plain(&token);
            self.at += 1;
        }
    }

    /// A telephone number over several words: a plus or a zero, at least six digits, no letters.
    fn telephone(&mut self) -> usize {
        let first = self.token(0).trim_start_matches('(');
        let starts = first.starts_with(['+', '0']) && first.contains(|c: char| c.is_ascii_digit());
        let whole = |token: &str| {
            let end = token.trim_end_matches(['.', ',', ';', ':', '!', '?']);
            let fits = !end.is_empty() && end.chars().all(|c| c.is_ascii_digit() || "+-/()".contains(c));
            (fits, end.len() < token.len())
        };
        let (mut taken, mut text) = (0, String::new());
        while starts && taken < 12 {
            let (fits, ends) = whole(self.token(taken));
            if !fits {
                break;
            }
            text.push_str(self.token(taken));
            text.push(GAP);
            taken += 1;
            if ends {
                break;
            }
        }
        // A time or an amount may follow: "0711 12 34 56 8-12 Uhr" cannot be told, "… 9:30" can.
        let enough = text.chars().filter(char::is_ascii_digit).count() >= 6;
        if !enough || numeric::is_date(text.trim()) {
            return 0;
        }
        let trail = Token::of(self.token(taken - 1)).trail;
        self.out.pause();
        self.out.words(&digits::phone(&text, Manner::from(self.language)));
        self.out.marks(if trail.is_empty() { "," } else { trail });
        taken
    }

    /// "Mo", "Mo-Fr", "Mo - Fr": only where hours or another day stand beside them.
    fn weekdays(&self) -> Option<(String, usize)> {
        let bare = |token: &'a str| token.trim_matches(['(', ')', '.', ',', ':', ';', '!', '?']);
        let day = |token: &str| short::weekday(token.trim_matches('.'), self.language);
        let to = match self.language {
            Language::De => "bis",
            Language::En => "to",
        };
        let first = bare(self.token(0));
        if let Some((from, until)) = first.split_once('-') {
            return Some((format!("{} {to} {}", day(from)?, day(until)?), 1));
        }
        let from = day(first)?;
        if self.token(1) == "-"
            && let Some(until) = day(bare(self.token(2)))
        {
            return Some((format!("{from} {to} {until}"), 3));
        }
        let next = self.token(1);
        let beside = next.starts_with(|c: char| c.is_ascii_digit()) || day(bare(next)).is_some();
        let joined = ["+", "&", "und", "and", "bis", "to", "/"].contains(&next) && day(bare(self.token(2))).is_some();
        let joins = ["+", "&", "und", "and", "bis", "to", "/"].contains(&self.before());
        let second = joins && self.at >= 2 && self.tokens.get(self.at - 2).is_some_and(|t| day(bare(t)).is_some());
        let headed = self.token(0).ends_with(':');
        (beside || joined || second || headed).then(|| (from.to_owned(), 1))
    }

    fn number(&mut self, token: &Token<'a>) {
        let next = Token::of(self.token(1));
        let around = numeric::Around {
            language: self.language,
            before: self.before(),
            next: next.core,
            dot: token.trail.starts_with('.') && !self.token(1).is_empty(),
        };
        let read = numeric::read(token.core, &around);
        self.out.words(&read.words);
        let last = if read.next_taken { &next } else { token };
        self.at += if read.next_taken { 2 } else { 1 };
        // The stop of "a.m." and "Min." ends no sentence.
        let unit = last.core.rsplit('/').next().unwrap_or_default();
        let short =
            (read.next_taken && unit.contains('.')) || ["Min", "Std", "Sek", "min", "mins", "hr"].contains(&unit);
        let trail = if short || read.dot_taken { last.trail.trim_start_matches('.') } else { last.trail };
        self.out.marks(trail);
    }

    /// A mark that stands alone.
    fn symbol(&mut self, symbol: &str) {
        if symbol.starts_with(['-', '/']) {
            let numbers = [self.before(), self.token(1)].iter().all(|t| t.contains(|c: char| c.is_ascii_digit()));
            match (numbers && symbol == "-", self.language) {
                (true, Language::De) => self.out.words("bis"),
                (true, Language::En) => self.out.words("to"),
                (false, _) => self.out.pause(),
            }
            return;
        }
        // "**" and "##" are somebody's markup.
        let mut signs = symbol.chars();
        if let (Some(sign), None) = (signs.next(), signs.next()) {
            self.out.words(letters::sign(sign, self.language));
        }
    }

    fn plain(&mut self, token: &Token<'a>) {
        let mut trail = token.trail;
        if self.language == Language::De
            && trail.starts_with('.')
            && let Some(stem) = token.core.strip_suffix("str").or(token.core.strip_suffix("Str"))
            && !stem.is_empty()
        {
            let street = if token.core.ends_with("Str") { "Straße" } else { "straße" };
            self.out.words(&letters::words(&format!("{stem}{street}"), self.language));
            trail = trail.get(1..).unwrap_or_default();
        } else {
            self.out.words(&letters::words(token.core, self.language));
        }
        self.out.marks(trail);
    }
}

/// The text so far.
#[derive(Default)]
struct Out {
    text: String,
}

impl Out {
    fn words(&mut self, words: &str) {
        for word in words.split_whitespace() {
            if matches!(word, "," | ".") {
                self.pause();
                continue;
            }
            if !self.text.is_empty() {
                self.text.push(GAP);
            }
            self.text.push_str(word);
        }
    }

    /// A comma, where nothing stands already.
    fn pause(&mut self) {
        self.mark(',');
    }

    /// The strongest of the marks after a word.
    fn marks(&mut self, trail: &str) {
        let strongest = ['!', '?', '.'].into_iter().find(|mark| trail.contains(*mark));
        match strongest {
            Some(mark) => self.mark(mark),
            None if trail.contains([',', ';', ':', ')', '(']) => self.mark(','),
            None => {}
        }
    }

    fn mark(&mut self, mark: char) {
        match self.text.chars().next_back() {
            None => {}
            Some(',') if mark != ',' => {
                self.text.pop();
                self.text.push(mark);
            }
            Some(last) if [',', '.', '!', '?'].contains(&last) => {}
            Some(_) => self.text.push(mark),
        }
    }

    fn finish(mut self) -> String {
        if self.text.ends_with(',') {
            self.text.pop();
        }
        self.text
    }
}
