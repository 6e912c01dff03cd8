//! A plan to start from: what `nightdesk init` asks, made into a commented text that checks clean.

mod place;
#[cfg(test)]
mod tests;
mod week;
mod words;

use crate::hours::{ClockTime, Region, Window};
use crate::ids::Language;

pub use place::{country, number, region};
pub use week::{BadWeek, Week, week, week_text};
pub use words::{TRADES, Trade};

use words::{Choice, Words, words};

/// Characters of the name of a business.
pub const BUSINESS_MAX: usize = 80;

/// Characters of a week that is said to callers: half a minute.
const WEEK_SPOKEN_MAX: usize = 300;

/// What holds on 24 and 31 December.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eves {
    /// Closed.
    Closed,
    /// Like any other day.
    Open,
    /// Closed from this time on.
    Until(ClockTime),
}

/// What is known of a business.
#[derive(Clone, Debug)]
pub struct Start {
    /// As it is spoken; see [`business`].
    pub business: String,
    /// Whose holidays.
    pub region: Region,
    /// Opening hours, as [`week`] gives them.
    pub week: Week,
    /// 24 and 31 December.
    pub eves: Eves,
    /// What kind of business.
    pub trade: Trade,
    /// In which the plan speaks and explains itself.
    pub language: Language,
    /// Rings in opening hours before anything else is said, E.164.
    pub phone: Option<String>,
}

/// A name as it can be spoken; none where there is nothing to say. Signs that are not shown are dropped.
pub fn business(text: &str) -> Option<String> {
    let shown: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let name: String = shown.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(BUSINESS_MAX).collect();
    name.contains(char::is_alphanumeric).then_some(name)
}

impl Start {
    /// The text of the plan: at most 60 lines, commented.
    pub fn text(&self) -> String {
        let (words, mut plan) = (words(self.language), Written::default());
        plan.comment(words.head[0]);
        plan.comment(words.head[1]);
        self.line(&words, &mut plan);
        self.hours(&words, &mut plan);
        match self.trade {
            Trade::AnnouncementOnly => self.announcement(&words, &mut plan),
            Trade::MessageOnly => self.message(&words, &mut plan),
            Trade::Shop => self.two_languages(&words, &mut plan),
            _ => self.menu(&words, &mut plan),
        }
        if self.rings() {
            plan.section(&format!("person.{}", words.team), "");
            plan.field("name", words.team_name);
            plan.field("phone", self.phone.as_deref().unwrap_or_default());
        }
        plan.0
    }

    /// Somebody is rung: there is a number, and the trade has a use for it.
    fn rings(&self) -> bool {
        self.phone.is_some() && !matches!(self.trade, Trade::AnnouncementOnly | Trade::MessageOnly)
    }

    fn line(&self, words: &Words, plan: &mut Written) {
        let (open, closed) = match self.trade {
            Trade::AnnouncementOnly => (words.open.to_owned(), words.closed.to_owned()),
            Trade::MessageOnly => (words.general.to_owned(), words.general.to_owned()),
            Trade::Shop if self.rings() => (format!("ring.{}", words.team), words.choice.to_owned()),
            Trade::Shop => (words.choice.to_owned(), words.choice.to_owned()),
            _ if self.rings() => (format!("ring.{}", words.team), words.closed.to_owned()),
            _ => (words.open.to_owned(), words.closed.to_owned()),
        };
        let country = country(self.region);
        plan.section("line", "");
        plan.field("business", &self.business);
        plan.noted("# numbers ", &format!("[{}]", quoted(words.number)), words.numbers);
        if self.trade == Trade::Shop {
            let other = if self.language == Language::De { "en" } else { "de" };
            plan.raw("language", &format!("[{}, {}]", quoted(self.language.as_str()), quoted(other)));
        } else {
            plan.field("language", self.language.as_str());
        }
        plan.field("timezone", country.timezone);
        plan.field("hours", words.hours);
        plan.field("open", &open);
        plan.field("closed", &closed);
    }

    fn hours(&self, words: &Words, plan: &mut Written) {
        plan.section(&format!("hours.{}", words.hours), words.hours_about);
        for (days, windows) in grouped(&self.week) {
            let windows: Vec<String> = windows.iter().map(|window| quoted(&window.to_string())).collect();
            plan.raw(&key_of(&days), &format!("[{}]", windows.join(", ")));
        }
        plan.noted("holidays", &quoted(self.region.code()), words.holidays);
        let closed = words.eves.map(|(day, reason)| match self.eves {
            Eves::Until(time) => quoted(&format!("{day} from {time} {reason}")),
            Eves::Closed | Eves::Open => quoted(&format!("{day} {reason}")),
        });
        let closed = format!("[{}]", closed.join(", "));
        match self.eves {
            Eves::Open => plan.noted("# closed", &closed, words.eves_open),
            Eves::Closed | Eves::Until(_) => plan.noted("closed", &closed, words.eves_about),
        }
    }

    /// What is said first while it is open.
    fn opening(&self, words: &Words, plan: &mut Written) {
        let urgent = self.urgent_numbers(words);
        if self.rings() {
            plan.section(&format!("ring.{}", words.team), words.ring_about);
            plan.field("say", &format!("{}{urgent} {}", words.hello, words.moment));
            plan.raw("call", &format!("[{}]", quoted(words.team)));
            plan.field("else", words.menu);
        } else {
            plan.section(words.open, words.open_about);
            plan.field("say", &format!("{}{urgent} {}", words.hello, words.nobody));
            plan.field("goto", words.menu);
        }
        plan.section(words.closed, words.closed_about);
        let closed = [format!("{}{urgent}", words.hello), words.until.to_owned()];
        plan.raw("say", &format!("[{}]", closed.map(|text| quoted(&text)).join(", ")));
        plan.field("goto", words.menu);
    }

    /// What everybody must hear of a doctor first.
    fn urgent_numbers(&self, words: &Words) -> String {
        if self.trade != Trade::Practice {
            return String::new();
        }
        let country = country(self.region);
        let text = if words.language == Language::De { country.urgent.0 } else { country.urgent.1 };
        format!(" {text}")
    }

    fn menu(&self, words: &Words, plan: &mut Written) {
        self.opening(words, plan);
        let choices = words.choices(self.trade);
        let on_call = self.rings() && matches!(self.trade, Trade::Plumber | Trade::ItService);
        let info = choices.len() < 2 && !on_call;
        let mut said: Vec<String> =
            choices.iter().zip(words.keys).map(|(choice, key)| choice.offer.replace('_', key)).collect();
        said.extend(info.then(|| words.hours_offer.replace('_', words.keys.get(choices.len()).copied().unwrap_or(""))));
        said.push(words.stay.to_owned());
        plan.section(words.menu, "");
        plan.field("say", &said.join(" "));
        for (key, choice) in (1..).zip(choices) {
            let target = if on_call && choice.urgent { words.on_call.to_owned() } else { step(choice) };
            plan.field(&format!("key.{key}"), &target);
        }
        if info {
            plan.field(&format!("key.{}", choices.len() + 1), words.info);
        }
        plan.noted("repeat", "0", words.repeat_about);
        plan.field("silence", words.general);
        if info {
            plan.section(words.info, words.info_about);
            plan.field("say", &self.spoken_hours(words));
        }
        if on_call && let Some(urgent) = choices.iter().find(|choice| choice.urgent) {
            plan.section(words.on_call, words.on_call_about);
            plan.field("say", words.on_call_says);
            plan.raw("call", &format!("[{}]", quoted(words.team)));
            plan.field("confirm", "1");
            plan.field("else", &step(urgent));
        }
        for choice in choices {
            plan.section(&step(choice), "");
            self.promised(words, choice.says, choice.urgent, plan);
        }
        plan.section(words.general, words.general_about);
        self.promised(words, words.general_says, false, plan);
        self.entry(words, plan);
    }

    /// The words before a beep, with a promise as far as the opening hours allow one.
    fn promised(&self, words: &Words, says: &str, urgent: bool, plan: &mut Written) {
        let promise = self.promise(urgent);
        let (promised, plain) = if urgent { words.urgent_promise } else { words.promise };
        plan.field("say", &format!("{says} {}", if promise.is_some() { promised } else { plain }));
        self.promise_field(words, promise, plan);
        if urgent {
            plan.field("priority", "urgent");
        }
    }

    fn promise_field(&self, words: &Words, promise: Option<&str>, plan: &mut Written) {
        if let Some(promise) = promise {
            plan.noted("promise", &quoted(promise), words.promise_about);
        }
    }

    /// Opening time until somebody calls back: never more than a week has.
    fn promise(&self, urgent: bool) -> Option<&'static str> {
        let week: u32 = self.week.iter().flatten().map(|window| u32::from(window.minutes())).sum();
        let wanted: &[(u32, &str)] = &[(240, "4h"), (60, "1h"), (15, "15m")];
        let wanted = wanted.get(usize::from(urgent)..).unwrap_or_default();
        wanted.iter().find(|(minutes, _)| *minutes <= week).map(|(_, text)| *text)
    }

    /// The owner's way in, and who is told.
    fn entry(&self, words: &Words, plan: &mut Written) {
        plan.noted("key.\"*\"", &quoted(words.owner), words.owner_key);
        plan.noted("# notify", &format!("[{}]", quoted(words.mail)), words.notify);
        plan.section(words.owner, words.owner_about);
    }

    fn message(&self, words: &Words, plan: &mut Written) {
        plan.section(words.general, words.general_about);
        self.promised(words, &format!("{} {}", words.hello, words.general_says), false, plan);
        self.entry(words, plan);
    }

    fn announcement(&self, words: &Words, plan: &mut Written) {
        plan.section(words.open, words.open_about);
        plan.field("say", &format!("{} {}", words.hello, words.open_until));
        plan.field("goto", words.info_say);
        plan.section(words.closed, words.closed_about);
        plan.field("say", &format!("{} {}", words.hello, words.until));
        plan.field("goto", words.info_say);
        plan.section(words.info_say, "");
        plan.field("say", &format!("{} {}", self.spoken_hours(words), words.no_messages));
    }

    fn two_languages(&self, first: &Words, plan: &mut Written) {
        let second = words(if self.language == Language::De { Language::En } else { Language::De });
        let say = |plan: &mut Written, text: &dyn Fn(&Words) -> String| {
            for words in [first, &second] {
                plan.field(&format!("say.{}", words.language.as_str()), &text(words));
            }
        };
        if self.rings() {
            plan.section(&format!("ring.{}", first.team), first.ring_about);
            say(plan, &|words| format!("{} {}", words.hello, words.moment));
            plan.raw("call", &format!("[{}]", quoted(first.team)));
            plan.field("else", first.choice);
        }
        plan.section(first.choice, first.choice_about);
        let offer = |words: &Words| {
            let key = if words.language == self.language { words.keys[0] } else { words.keys[1] };
            words.language_offer.replace('_', key)
        };
        plan.field(&format!("say.{}", self.language.as_str()), &format!("{} {}", first.hello, offer(first)));
        plan.field(&format!("say.{}", second.language.as_str()), &offer(&second));
        plan.field("key.1", self.language.as_str());
        plan.field("key.2", second.language.as_str());
        plan.field("goto", first.menu);
        let choices = (first.choices(self.trade).first(), second.choices(self.trade).first());
        let (Some(order), Some(other)) = choices else { return };
        let choice = |words: &Words| if words.language == self.language { order } else { other };
        plan.section(first.menu, "");
        say(plan, &|words| {
            format!("{} {} {}", words.nobody, choice(words).offer.replace('_', words.keys[0]), words.stay)
        });
        plan.field("key.1", &step(order));
        plan.noted("repeat", "0", first.repeat_about);
        plan.field("silence", first.general);
        let promise = self.promise(false);
        let promised = |words: &Words| if promise.is_some() { words.promise.0 } else { words.promise.1 };
        plan.section(&step(order), "");
        say(plan, &|words| format!("{} {}", choice(words).says, promised(words)));
        self.promise_field(first, promise, plan);
        plan.section(first.general, first.general_about);
        say(plan, &|words| format!("{} {}", words.general_says, promised(words)));
        self.promise_field(first, promise, plan);
        self.entry(first, plan);
    }

    /// "Heute: … Sonst von Montag bis Freitag …", or only today where the week is too long to be listened to.
    fn spoken_hours(&self, words: &Words) -> String {
        let week = week::spoken(&self.week, words.language);
        let brief = week.chars().count() <= WEEK_SPOKEN_MAX;
        if brief { format!("{} {} {week}", words.today, words.otherwise) } else { words.today.to_owned() }
    }
}

fn step(choice: &Choice) -> String {
    format!("message.{}", choice.name)
}

/// Days in a row with the same windows: first and last, 0 is Monday.
type Days = (usize, usize);

/// Days that are open, those in a row with the same windows together.
fn grouped(week: &Week) -> Vec<(Days, &[Window])> {
    let mut groups: Vec<(Days, &[Window])> = Vec::new();
    for (day, windows) in week.iter().enumerate().filter(|(_, windows)| !windows.is_empty()) {
        match groups.last_mut() {
            Some(((_, last), of)) if *last + 1 == day && *of == windows.as_slice() => *last = day,
            _ => groups.push(((day, day), windows)),
        }
    }
    groups
}

/// As a plan names them.
fn key_of((first, last): &Days) -> String {
    let name = |day: usize| super::times::WEEKDAYS.get(day).copied().unwrap_or_default();
    if first == last { name(*first).to_owned() } else { format!("{}-{}", name(*first), name(*last)) }
}

fn quoted(text: &str) -> String {
    toml::Value::from(text).to_string()
}

/// The text while it is written.
#[derive(Default)]
struct Written(String);

impl Written {
    fn comment(&mut self, text: &str) {
        self.0.push_str(&format!("# {text}\n"));
    }

    fn section(&mut self, name: &str, about: &str) {
        let head = format!("[{name}]");
        let line = if about.is_empty() { head } else { format!("{head:<40} # {about}") };
        self.0.push_str(&format!("\n{line}\n"));
    }

    fn field(&mut self, key: &str, text: &str) {
        self.raw(key, &quoted(text));
    }

    fn noted(&mut self, key: &str, value: &str, about: &str) {
        let field = format!("{key:<8} = {value}");
        self.0.push_str(&format!("{field:<40} # {about}\n"));
    }

    fn raw(&mut self, key: &str, value: &str) {
        self.0.push_str(&format!("{key:<8} = {value}\n"));
    }
}
