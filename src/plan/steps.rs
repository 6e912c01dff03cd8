//! The steps: what each section of a step may say.

use std::time::Duration;

use toml::de::DeValue;

use super::codes::Code;
use super::finding::{Place, Text};
use super::limits;
use super::model::{
    Callee, Hangup, Info, Kind, LanguageStep, Menu, Message, Notify, Oncall, Owner, Ring, SayStep, Slots, Strategy,
    Target, To,
};
use super::read::{Fields, NOWHERE, Reader, Thing, section_text, short};
use super::say::Tongue;
use super::value::{is_key, is_name};

pub(super) const MENU: &[&str] = &["say", "key", "repeat", "wait", "gap", "invalid", "silence", "barge-in"];
pub(super) const INFO: &[&str] = &["say", "goto", "barge-in"];
pub(super) const MESSAGE: &[&str] =
    &["say", "key", "max", "silence", "wait", "min", "priority", "notify", "promise", "matter", "goto"];
pub(super) const SLOTS: &[&str] = &["say", "calendar", "offer", "asap", "reason", "matter", "none", "else", "goto"];
pub(super) const ONCALL: &[&str] = &["say", "rota", "confirm", "each", "rounds", "strategy", "else"];
pub(super) const RING: &[&str] = &["say", "call", "strategy", "for", "confirm", "else"];
pub(super) const SAY: &[&str] = &["say", "goto", "barge-in"];
pub(super) const LANGUAGE: &[&str] = &["say", "key", "repeat", "wait", "silence", "goto"];
pub(super) const OWNER: &[&str] = &["say"];
pub(super) const HANGUP: &[&str] = &["say"];

const STRATEGIES: [(&str, Strategy); 3] =
    [("together", Strategy::Together), ("in-turn", Strategy::InTurn), ("random", Strategy::Random)];

/// The sentence that says why somebody wants to be called.
const REASON: Duration = Duration::from_secs(20);
/// How long a caller waits gladly while people are rung.
const WAIT_MAX: Duration = Duration::from_secs(5 * 60);

impl<'t> Reader<'t> {
    /// `[kind.name]`.
    pub(super) fn step(&mut self, kind: &str, fields: &Fields<'t, 't>) -> Kind {
        match kind {
            "menu" => Kind::Menu(self.menu(fields)),
            "info" => Kind::Info(self.info(fields)),
            "message" => Kind::Message(self.message(fields)),
            "slots" => Kind::Slots(self.slots(fields)),
            "oncall" => Kind::Oncall(self.oncall(fields)),
            "ring" => Kind::Ring(self.ring(fields)),
            "say" => Kind::Say(self.say_step(fields)),
            "language" => Kind::Language(self.language_step(fields)),
            "owner" => {
                self.known(fields, OWNER);
                Kind::Owner(Owner { say: self.say(fields, false, Tongue::Each) })
            }
            _ => {
                self.known(fields, HANGUP);
                Kind::Hangup(Hangup { say: self.say(fields, false, Tongue::Each) })
            }
        }
    }

    fn menu(&mut self, fields: &Fields<'t, 't>) -> Menu {
        self.known(fields, MENU);
        let say = self.say(fields, true, Tongue::Each);
        if !fields.has("key") {
            self.report(Code::NoKeys, fields.place, &[fields.path.as_str().into()]);
        }
        let keys = self.key_targets(fields);
        if !fields.has("silence") {
            self.report(Code::NoSilence, fields.place, &[fields.path.as_str().into()]);
        }
        Menu {
            say,
            keys,
            repeat: self.small(fields, "repeat", 0..=9).unwrap_or(2),
            wait: self.duration(fields, "wait", 1..=60).unwrap_or(Duration::from_secs(6)),
            gap: self.duration(fields, "gap", 1..=10).unwrap_or(Duration::from_secs(2)),
            invalid: self.target(fields, "invalid", true),
            silence: self.target(fields, "silence", false),
            barge_in: self.bool(fields, "barge-in").unwrap_or(true),
        }
    }

    /// `key.1 = "message.a"`, in the order of the text.
    fn key_targets(&mut self, fields: &Fields<'t, 't>) -> Vec<(String, Target)> {
        let mut keys = Vec::new();
        for (key, place, value) in self.keys(fields) {
            if let Some(target) = self.as_target(key, value, true) {
                keys.push((key.to_owned(), target, place));
            }
        }
        self.waiting_keys(&keys);
        keys.into_iter().map(|(key, target, _)| (key, target)).collect()
    }

    /// Keys before the beep; `#` is not among them.
    fn message_keys(&mut self, fields: &Fields<'t, 't>) -> Vec<(String, Target)> {
        let taken: Vec<Place> = match fields.get("key").map(toml::Spanned::get_ref) {
            Some(toml::de::DeValue::Table(table)) => {
                table.keys().filter(|key| key.get_ref().contains('#')).map(|key| self.place(key.span())).collect()
            }
            _ => Vec::new(),
        };
        for place in taken {
            self.report(Code::KeyTaken, place, &["#".into()]);
        }
        self.key_targets(fields)
    }

    /// `key.1 = …`, in the order of the text.
    fn keys(&mut self, fields: &Fields<'t, 't>) -> Vec<(&'t str, Place, &'t toml::Spanned<toml::de::DeValue<'t>>)> {
        let Some(value) = fields.get("key") else { return Vec::new() };
        let toml::de::DeValue::Table(table) = value.get_ref() else {
            self.wrong_type("key", value, section_text());
            return Vec::new();
        };
        let keys = Fields { path: String::new(), place: fields.place, table };
        if table.is_empty() {
            self.report(Code::NoKeys, fields.place, &[fields.path.as_str().into()]);
        }
        if table.len() > limits::KEYS_MAX {
            self.too_big(fields.place, table.len(), limits::KEYS_MAX, Text::new("Tasten", "keys"));
        }
        let mut found = Vec::new();
        for (key, span, value) in keys.entries().into_iter().take(limits::KEYS_MAX) {
            let place = self.place(span);
            if is_key(key) {
                found.push((key, place, value));
            } else {
                self.report(Code::BadKey, place, &[short(key).into()]);
            }
        }
        found
    }

    fn waiting_keys(&mut self, keys: &[(String, Target, Place)]) {
        let mut sorted: Vec<(&String, Place)> = keys.iter().map(|(key, _, place)| (key, *place)).collect();
        sorted.sort_unstable();
        // In the order of the alphabet a longer choice follows what it begins with.
        for pair in sorted.windows(2) {
            if let [(short, place), (long, _)] = pair
                && long.starts_with(short.as_str())
            {
                self.report(Code::KeyWaits, *place, &[short.as_str().into(), long.as_str().into()]);
            }
        }
    }

    fn info(&mut self, fields: &Fields<'t, 't>) -> Info {
        self.known(fields, INFO);
        let goto = if fields.has("goto") {
            self.target(fields, "goto", true).unwrap_or(NOWHERE)
        } else {
            Target { to: To::Back, place: fields.place }
        };
        let say = self.say(fields, true, Tongue::Each);
        Info { say, goto, barge_in: self.bool(fields, "barge-in").unwrap_or(true) }
    }

    fn say_step(&mut self, fields: &Fields<'t, 't>) -> SayStep {
        self.known(fields, SAY);
        let say = self.say(fields, true, Tongue::Each);
        let goto = self.target(fields, "goto", true);
        SayStep { say, goto, barge_in: self.bool(fields, "barge-in").unwrap_or(true) }
    }

    fn message(&mut self, fields: &Fields<'t, 't>) -> Message {
        self.known(fields, MESSAGE);
        let seconds = Duration::from_secs;
        let urgent = self.choice(fields, "priority", &[("normal", false), ("urgent", true)]);
        Message {
            say: self.say(fields, false, Tongue::Each),
            keys: self.message_keys(fields),
            max: self.duration(fields, "max", 10..=1_800).unwrap_or(seconds(300)),
            silence: self.duration(fields, "silence", 3..=60).unwrap_or(seconds(8)),
            wait: self.duration(fields, "wait", 5..=60).unwrap_or(seconds(15)),
            min: self.duration(fields, "min", 0..=10).unwrap_or(seconds(1)),
            urgent: urgent.unwrap_or(false),
            notify: self.notify(fields),
            promise: self.promise(fields),
            matter: self.matter(fields),
            goto: self.target(fields, "goto", true),
        }
    }

    fn promise(&mut self, fields: &Fields<'t, 't>) -> Option<Duration> {
        let promise = self.duration(fields, "promise", 900..=14 * 86_400)?;
        if !self.has_hours {
            let place = fields.get("promise").map_or(fields.place, |value| self.place(value.span()));
            self.report(Code::NoHours, place, &["promise".into()]);
        }
        Some(promise)
    }

    fn notify(&mut self, fields: &Fields<'t, 't>) -> Vec<Notify> {
        let mut notify = Vec::new();
        for (text, place) in self.list(fields, "notify", limits::NOTIFY_MAX) {
            let (kind, address) = text.split_once(':').unwrap_or((text, ""));
            let found = match kind {
                "mail" if is_mail(address) => Some(Notify::Mail(address.to_owned())),
                "push" if is_name(address) => {
                    self.push(address, place);
                    Some(Notify::Push(address.to_owned()))
                }
                "webhook" if is_web(address) => Some(Notify::Webhook(address.to_owned())),
                _ => None,
            };
            match found {
                Some(found) if notify.contains(&found) => self.report(Code::Twice, place, &[short(text).into()]),
                Some(found) => notify.push(found),
                None => self.report(Code::BadNotify, place, &[short(text).into()]),
            }
        }
        notify
    }

    /// Pushes go to those on duty, or to one person.
    fn push(&mut self, name: &str, place: Place) {
        let rota = (Thing::Rota, name.to_owned());
        let thing = if self.names.things.contains_key(&rota) { Thing::Rota } else { Thing::Person };
        self.refer(thing, name, place);
    }

    fn slots(&mut self, fields: &Fields<'t, 't>) -> Slots {
        self.known(fields, SLOTS);
        let calendar = self.need_name(fields, "calendar", Thing::Calendar);
        let none = if fields.has("none") { "none" } else { "else" };
        let otherwise = if fields.has("else") { "else" } else { "none" };
        if !fields.has("none") && !fields.has("else") {
            self.missing(fields, "none", "none = \"message.NAME\"");
        }
        Slots {
            say: self.say(fields, false, Tongue::Each),
            calendar,
            offer: self.small(fields, "offer", 1..=9).unwrap_or(3),
            asap: self.bool(fields, "asap").unwrap_or(true),
            reason: self.reason(fields),
            matter: self.matter(fields),
            goto: self.target(fields, "goto", true),
            none: self.target(fields, none, false).unwrap_or(NOWHERE),
            otherwise: self.target(fields, otherwise, false).unwrap_or(NOWHERE),
        }
    }

    /// `reason = "20s"`; `false` or `"off"`: nothing is asked.
    fn reason(&mut self, fields: &Fields<'t, 't>) -> Option<Duration> {
        let off = match fields.get("reason").map(toml::Spanned::get_ref) {
            None => return Some(REASON),
            Some(DeValue::Boolean(asked)) if *asked => return Some(REASON),
            Some(DeValue::Boolean(_)) => true,
            Some(DeValue::String(text)) => text == "off",
            Some(_) => false,
        };
        if off { None } else { self.duration(fields, "reason", 5..=120).or(Some(REASON)) }
    }

    /// `matter = "heizung"`.
    fn matter(&mut self, fields: &Fields<'t, 't>) -> Option<String> {
        let (text, place) = self.str(fields, "matter")?;
        let length = text.chars().count();
        if length > limits::MATTER_MAX {
            self.too_big(place, length, limits::MATTER_MAX, Text::new("Zeichen", "characters"));
        }
        Some(text.trim().to_owned())
    }

    /// The name of a thing that must be given.
    fn need_name(&mut self, fields: &Fields<'t, 't>, key: &str, thing: Thing) -> String {
        if !fields.has(key) {
            self.missing(fields, key, &format!("{key} = \"NAME\""));
        }
        let Some((name, place)) = self.str(fields, key) else { return String::new() };
        self.refer(thing, name, place);
        name.to_owned()
    }

    fn oncall(&mut self, fields: &Fields<'t, 't>) -> Oncall {
        self.known(fields, ONCALL);
        if !fields.has("confirm") {
            self.report(Code::NoConfirm, fields.place, &[fields.path.as_str().into()]);
        }
        Oncall {
            say: self.say(fields, false, Tongue::Each),
            rota: self.need_name(fields, "rota", Thing::Rota),
            confirm: self.confirm(fields),
            each: self.duration(fields, "each", 5..=120).unwrap_or(Duration::from_secs(25)),
            rounds: self.small(fields, "rounds", 1..=10).unwrap_or(1),
            strategy: self.choice(fields, "strategy", &STRATEGIES).unwrap_or(Strategy::InTurn),
            otherwise: self.need_target(fields, "else"),
        }
    }

    fn ring(&mut self, fields: &Fields<'t, 't>) -> Ring {
        self.known(fields, RING);
        if !fields.has("call") {
            self.missing(fields, "call", "call = [\"NAME\"]");
        }
        let mut call = Vec::new();
        for (text, place) in self.list(fields, "call", limits::CALL_MAX) {
            let callee = if text.starts_with(['+', '0']) {
                self.number(text, place).map(|number| {
                    self.callable(&number, place, false, false);
                    Callee::Number(number)
                })
            } else {
                self.refer(Thing::Person, text, place).then(|| Callee::Person(text.to_owned()))
            };
            match callee {
                Some(callee) if call.contains(&callee) => self.report(Code::Twice, place, &[short(text).into()]),
                Some(callee) => call.push(callee),
                None => {}
            }
        }
        let strategy = self.choice(fields, "strategy", &STRATEGIES).unwrap_or(Strategy::Together);
        let time = self.duration(fields, "for", 5..=180).unwrap_or(Duration::from_secs(25));
        self.long_wait(fields.place, time, if strategy == Strategy::Together { 1 } else { call.len() });
        Ring {
            say: self.say(fields, false, Tongue::Each),
            call,
            strategy,
            time,
            confirm: self.confirm(fields),
            otherwise: self.need_target(fields, "else"),
        }
    }

    /// Somebody waits while others are rung, one after the other.
    pub(super) fn long_wait(&mut self, place: Place, each: Duration, times: usize) {
        let all = each.saturating_mul(u32::try_from(times).unwrap_or(u32::MAX));
        if all > WAIT_MAX {
            self.report(Code::LongWait, place, &[super::value::show_duration(all).into()]);
        }
    }

    fn confirm(&mut self, fields: &Fields<'t, 't>) -> Option<char> {
        let (text, place) = self.str(fields, "confirm")?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(key), None) if is_key(text) => Some(key),
            _ => {
                self.report(Code::BadKey, place, &[short(text).into()]);
                None
            }
        }
    }

    fn language_step(&mut self, fields: &Fields<'t, 't>) -> LanguageStep {
        self.known(fields, LANGUAGE);
        let say = self.say(fields, true, Tongue::Any);
        if !fields.has("key") {
            self.report(Code::NoKeys, fields.place, &[fields.path.as_str().into()]);
        }
        let mut keys = Vec::new();
        for (key, _, value) in self.keys(fields) {
            let Some((text, place)) = self.as_str(key, value) else { continue };
            keys.extend(self.spoken(text, place).map(|language| (key.to_owned(), language)));
        }
        let silence = self.str(fields, "silence").and_then(|(text, place)| self.spoken(text, place));
        let first = self.languages.first().copied().unwrap_or(super::Language::De);
        LanguageStep {
            say,
            keys,
            repeat: self.small(fields, "repeat", 0..=9).unwrap_or(1),
            wait: self.duration(fields, "wait", 1..=60).unwrap_or(Duration::from_secs(5)),
            silence: silence.unwrap_or(first),
            goto: self.need_target(fields, "goto"),
        }
    }

    /// A language that is spoken on this line.
    fn spoken(&mut self, text: &str, place: Place) -> Option<super::Language> {
        let language = self.language(text, place)?;
        if !self.languages.contains(&language) {
            self.report(Code::NotOurLanguage, place, &[super::say::language_name(language)]);
        }
        Some(language)
    }
}

/// Enough of an address to send something to (RFC 5321 §4.1.2 allows more, but no business uses it).
fn is_mail(text: &str) -> bool {
    let fine = |c: char| c.is_alphanumeric() || "._%+-".contains(c);
    text.len() <= 254
        && text.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && user.chars().all(fine)
                && host.contains('.')
                && host.split('.').all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || c == '-'))
        })
}

fn is_web(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    text.len() <= 1_000
        && rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        && text.chars().all(|c| !c.is_whitespace() && !c.is_control())
}
