//! People whom a business knows by their numbers: important, not wanted, on lists. Rules of plans go by it.
//!
//! A number is in the one form of [`dialled`] and belongs to one contact of a tenant. A caller's number is no
//! proof of who calls: it may decide where a call goes, never what is told of the business or its people.

mod edit;
mod name;
mod number;
pub mod sheet;
pub mod store;
pub mod vcard;

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::clock::Utc;
pub(crate) use crate::ids::fold;
use crate::ids::{BadCursor, ContactId, Language, NameClipId};

pub use edit::{Dropped, Edit, EditKind, Follow, Merged, Split, UNDO_LIFE_MS, Undone};
pub use name::{NAME_SECONDS_MAX, NAME_TEXT_MAX, NAMES, NAMES_MS_MAX, NameClip, NameRefused, NewNameClip, name_file};
pub use number::number;

/// Contacts of a tenant.
pub const CONTACTS_MAX: u64 = 50_000;
/// Numbers of all contacts of a tenant: all are held in memory.
pub const ALL_NUMBERS_MAX: u64 = 100_000;
/// Lists of a tenant.
pub const ALL_LISTS_MAX: usize = 200;
/// Numbers of a contact.
pub const NUMBERS_MAX: usize = 20;
/// Lists that a contact is on.
pub const LISTS_MAX: usize = 20;
/// Characters of a name.
pub const NAME_MAX: usize = 120;
/// Characters of a note.
pub const NOTE_MAX: usize = 2_000;
/// Bytes of a list's name, as in plans.
pub const LIST_BYTES_MAX: usize = 64;
/// Mail addresses of a contact.
pub const MAIL_MAX: usize = 5;
/// Bytes of a mail address (RFC 5321 §4.5.3.1).
const MAIL_BYTES_MAX: usize = 254;
/// Characters that the order of a list goes by.
const SORT_MAX: usize = 40;

/// A contact as somebody writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// How they are called; may be empty.
    pub name: String,
    /// What is to be known of them; may have several lines.
    pub note: String,
    /// At least one; the first is the main one.
    pub numbers: Vec<String>,
    /// Names of lists.
    pub lists: Vec<String>,
    /// Important.
    pub vip: bool,
    /// Not wanted.
    pub blocked: bool,
    /// What they speak; none: not known.
    pub language: Option<Language>,
    /// Where invitations go.
    pub mail: Vec<String>,
}

/// What is not good about an [`Entry`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Bad {
    /// Nobody could be known by it.
    #[error("a contact has a number: write one like +493023125042")]
    NoNumber,
    /// Not a number.
    #[error("{0:?} is no number: write one like +493023125042")]
    Number(String),
    /// Behind a switchboard: no call ever shows it.
    #[error(
        "{0:?}: an extension behind a switchboard is in no caller's number: write the number that is dialled directly, \
         or the main number alone"
    )]
    Extension(String),
    /// No address that mail could be sent to.
    #[error("{0:?} is no mail address: write one like praxis@example.org")]
    Mail(String),
    /// More than [`MAIL_MAX`].
    #[error("a contact has {MAIL_MAX} mail addresses at most")]
    ManyMails,
    /// No name that a rule of a plan could have.
    #[error("{0:?} cannot name a list: letters, digits, - and _, {LIST_BYTES_MAX} at most")]
    List(String),
    /// Longer than [`NAME_MAX`].
    #[error("a name has {NAME_MAX} characters at most")]
    LongName,
    /// Longer than [`NOTE_MAX`].
    #[error("a note has {NOTE_MAX} characters at most")]
    LongNote,
    /// More than [`NUMBERS_MAX`].
    #[error("a contact has {NUMBERS_MAX} numbers at most")]
    ManyNumbers,
    /// More than [`LISTS_MAX`].
    #[error("a contact is on {LISTS_MAX} lists at most")]
    ManyLists,
}

impl Entry {
    /// In the form that is kept: numbers and lists in theirs, each once; one line of name.
    pub fn check(self) -> Result<Card, Bad> {
        let name = self.name.split(blank).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
        let note: String = self.note.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
        let note = note.trim().to_owned();
        if name.chars().count() > NAME_MAX {
            return Err(Bad::LongName);
        }
        if note.chars().count() > NOTE_MAX {
            return Err(Bad::LongNote);
        }
        let numbers = each_once(&self.numbers, NUMBERS_MAX, number)?.ok_or(Bad::ManyNumbers)?;
        let mut lists = each_once(&self.lists, LISTS_MAX, list_name)?.ok_or(Bad::ManyLists)?;
        let mail = each_once(&self.mail, MAIL_MAX, mail_address)?.ok_or(Bad::ManyMails)?;
        lists.sort();
        if numbers.is_empty() {
            return Err(Bad::NoNumber);
        }
        let Entry { vip, blocked, language, .. } = self;
        Ok(Card(Entry { name, note, numbers, lists, vip, blocked, language, mail }))
    }
}

/// None: more than `max`.
fn each_once(
    texts: &[String],
    max: usize,
    form: impl Fn(&str) -> Result<String, Bad>,
) -> Result<Option<Vec<String>>, Bad> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        let one = form(text)?;
        if found.contains(&one) {
            continue;
        }
        if found.len() >= max {
            return Ok(None);
        }
        found.push(one);
    }
    Ok(Some(found))
}

fn blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

/// The form of a mail address that is kept: plain ASCII, nothing that a header could be made of.
pub fn mail_address(text: &str) -> Result<String, Bad> {
    let bad = || Bad::Mail(text.chars().take(MAIL_BYTES_MAX / 4).collect());
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, domain) = text.split_once('@').ok_or_else(bad)?;
    // RFC 5321 §4.1.2, without quoted strings and addresses of machines.
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let label = |label: &str| {
        let inner = label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (1..=63).contains(&label.len()) && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let local_fits = local.len() <= 64 && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom));
    let good = text.len() <= MAIL_BYTES_MAX && local_fits && domain.contains('.') && domain.split('.').all(label);
    if good { Ok(format!("{local}@{}", domain.to_ascii_lowercase())) } else { Err(bad()) }
}

/// A list's name as plans write it: `Gute Kunden` is `gute-kunden`.
pub fn list_name(text: &str) -> Result<String, Bad> {
    let mut name = String::new();
    for word in text.split(blank).filter(|word| !word.is_empty()) {
        if !name.is_empty() {
            name.push('-');
        }
        for c in word.chars().flat_map(char::to_lowercase) {
            match c {
                'ä' => name.push_str("ae"),
                'ö' => name.push_str("oe"),
                'ü' => name.push_str("ue"),
                'ß' => name.push_str("ss"),
                c => name.push(c),
            }
        }
        if name.len() > LIST_BYTES_MAX {
            break;
        }
    }
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_';
    if name.is_empty() || name.len() > LIST_BYTES_MAX || !name.bytes().all(good) {
        return Err(Bad::List(text.chars().take(LIST_BYTES_MAX).collect()));
    }
    Ok(name)
}

/// A contact that was checked ([`Entry::check`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card(Entry);

impl std::ops::Deref for Card {
    type Target = Entry;
    fn deref(&self) -> &Entry {
        &self.0
    }
}

impl Card {
    /// To be changed, and checked again.
    pub fn entry(&self) -> Entry {
        self.0.clone()
    }

    /// How a list shows them: the name, else the main number.
    pub fn label(&self) -> &str {
        if self.name.is_empty() { self.numbers.first().map_or("", String::as_str) } else { &self.name }
    }

    /// What calls go by, as far as the card says it.
    pub fn standing(&self) -> Standing {
        let Entry { vip, blocked, language, .. } = self.0;
        Standing { vip, blocked, lists: self.lists.clone(), language, name_clip: None }
    }

    /// What it is sorted by.
    fn sort(&self) -> String {
        fold(self.label()).chars().take(SORT_MAX).collect()
    }

    /// What it is found by.
    fn sought(&self) -> String {
        let (numbers, lists, mail) = (self.numbers.join("\n"), self.lists.join("\n"), self.mail.join("\n"));
        format!("{}\n{numbers}\n{lists}\n{}\n{}", fold(&self.name), fold(&self.note), fold(&mail))
    }
}

/// A contact as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: ContactId,
    /// What it says.
    pub card: Card,
    /// When it was made.
    pub created_at: Utc,
    /// When it was changed last.
    pub changed_at: Utc,
    /// From 1, one more at each change.
    pub version: u64,
    /// How they are greeted by name.
    pub name_clip: Option<NameClip>,
}

/// Why a contact was not kept. Nothing was changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A number is another contact's.
    #[error("{number} belongs to {by}")]
    Taken {
        /// Which number.
        number: String,
        /// Whose, as lists show them.
        by: String,
    },
    /// Its numbers are several contacts': which one is meant?
    #[error("its numbers belong to {one} and to {other}: put them together first")]
    Several {
        /// As lists show them.
        one: String,
        /// As lists show them.
        other: String,
    },
    /// There is no room for more.
    #[error("there are {0} already: remove some first")]
    Full(&'static str),
    /// Together with what is kept it is not good.
    #[error(transparent)]
    Bad(#[from] Bad),
    /// There is no such contact.
    #[error("there is no such contact")]
    Gone,
    /// It is not as the writer last saw it.
    #[error("somebody else has changed {by} meanwhile: load it again, and see what differs")]
    Changed {
        /// As lists show it.
        by: String,
    },
    /// One contact twice, or none besides the one that stays.
    #[error("name two or more different contacts to be put together")]
    Alone,
    /// More than [`NUMBERS_MAX`] contacts cannot become one.
    #[error("{NUMBERS_MAX} contacts at most are put together at once")]
    Many,
    /// It cannot be undone any more.
    #[error("{by} has been changed since: it cannot be undone, change it by hand")]
    Since {
        /// As lists show it.
        by: String,
    },
    /// Not one of the contact's numbers.
    #[error("{0} is not a number of this contact")]
    NotIts(String),
    /// Nothing would be left.
    #[error("a contact keeps one number at least: leave one with it")]
    Whole,
    /// There is no such merge or split, or it is too long ago.
    #[error("there is nothing to undo here: merges and splits can be undone for 30 days")]
    NoEdit,
    /// It was undone before.
    #[error("this was undone already")]
    Undone,
}

/// What a call goes by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Standing {
    /// Important.
    pub vip: bool,
    /// Not wanted.
    pub blocked: bool,
    /// In order.
    pub lists: Vec<String>,
    /// What they speak.
    pub language: Option<Language>,
    /// How they are greeted by name: only where an owner has confirmed it, and nobody who is not wanted.
    pub name_clip: Option<NameClipId>,
}

/// All numbers of a tenant's contacts, for asking at each call. Few kinds of standing are shared by all, so
/// that a number takes some forty bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    kinds: Vec<Standing>,
    by_number: HashMap<Box<str>, u32>,
}

impl Known {
    /// How this number stands; none: it is nobody's.
    pub fn of(&self, number: &str) -> Option<&Standing> {
        self.kinds.get(usize::try_from(*self.by_number.get(number)?).ok()?)
    }

    /// Numbers.
    pub fn len(&self) -> usize {
        self.by_number.len()
    }

    /// Whether nobody is known.
    pub fn is_empty(&self) -> bool {
        self.by_number.is_empty()
    }

    /// How many different standings there are.
    pub fn kinds(&self) -> usize {
        self.kinds.len()
    }
}

impl FromIterator<(Box<str>, Standing)> for Known {
    fn from_iter<I: IntoIterator<Item = (Box<str>, Standing)>>(all: I) -> Known {
        let mut known = Known::default();
        let mut places: HashMap<Standing, u32> = HashMap::new();
        for (number, standing) in all {
            let next = u32::try_from(known.kinds.len()).unwrap_or(u32::MAX);
            let place = *places.entry(standing).or_insert_with_key(|standing| {
                known.kinds.push(standing.clone());
                next
            });
            known.by_number.insert(number, place);
        }
        known.by_number.shrink_to_fit();
        known
    }
}

/// Which contacts are listed, by name.
#[derive(Clone, Debug)]
pub struct Filter {
    /// After this one.
    pub after: Option<Place>,
    /// At most so many; the store has its own limit too.
    pub limit: u32,
    /// Part of a name, number, list or note; empty: all.
    pub search: String,
    /// On this list only.
    pub list: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Filter { after: None, limit: 50, search: String::new(), list: None }
    }
}

/// A place in the order of names: where a page ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    sort: String,
    id: ContactId,
}

/// As `next` of a page: hex, for it stands in addresses.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sort.bytes().try_for_each(|byte| write!(f, "{byte:02x}"))?;
        write!(f, "_{}", self.id)
    }
}

impl FromStr for Place {
    type Err = BadCursor;
    fn from_str(text: &str) -> Result<Self, BadCursor> {
        let (sort, id) = text.split_once('_').ok_or(BadCursor)?;
        let id = id.parse().map_err(|_| BadCursor)?;
        let digit = |b: &u8| char::from(*b).to_digit(16);
        let byte = |pair: &[u8]| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = sort.as_bytes().chunks(2).map(byte).collect();
        let sort = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).filter(|sort| !sort.contains('\0'));
        Ok(Place { sort: sort.ok_or(BadCursor)?, id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_named_as_in_plans() {
        for (typed, name) in [(" Gute  Kunden ", "gute-kunden"), ("Ärzte", "aerzte"), ("a_b-1", "a_b-1")] {
            assert_eq!(list_name(typed).as_deref(), Ok(name));
        }
        for bad in ["", " ", "a;b", "list:x", "名", &"a".repeat(65), &"a ".repeat(9999)] {
            assert!(list_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_entry_is_kept_in_one_form() {
        let numbers = vec!["030 23125042".to_owned(), "+49 30 23125042".to_owned()];
        let lists = vec!["Stamm".to_owned(), "ärzte".to_owned(), "stamm".to_owned()];
        let entry = Entry { name: " Haus\n Verwaltung\0 ".into(), numbers, lists, ..Entry::default() };
        let card = entry.clone().check().unwrap();
        assert_eq!((card.name.as_str(), &card.numbers[..]), ("Haus Verwaltung", &["+493023125042".to_owned()][..]));
        assert_eq!(card.lists, ["aerzte", "stamm"]);
        assert_eq!(card.entry().check(), Ok(card), "checked again it is the same");
        let with = |change: fn(&mut Entry)| {
            let mut changed = entry.clone();
            change(&mut changed);
            changed.check().unwrap_err()
        };
        assert_eq!(with(|e| e.numbers.clear()), Bad::NoNumber);
        assert_eq!(with(|e| e.name = "x".repeat(NAME_MAX + 1)), Bad::LongName);
        assert_eq!(with(|e| e.note = "x".repeat(NOTE_MAX + 1)), Bad::LongNote);
        assert_eq!(with(|e| e.numbers = (0..21).map(|n| format!("+4930231250{n:02}")).collect()), Bad::ManyNumbers);
        assert_eq!(with(|e| e.lists = (0..21).map(|n| format!("l{n}")).collect()), Bad::ManyLists);
    }

    #[test]
    fn a_place_comes_back_as_it_went() {
        let id = ContactId::new(Utc(1), [7; 10]);
        for sort in ["", "apfel", "名_\u{1f600}"] {
            let place = Place { sort: sort.to_owned(), id };
            assert_eq!(place.to_string().parse(), Ok(place));
        }
        for bad in ["", "_", "zz_", "ff_0199d2d1-3f00-7000-8000-000000000000", "é_0199d2d1-3f00-7000-8000-000000000000"]
        {
            assert!(bad.parse::<Place>().is_err(), "{bad}");
        }
    }

    #[test]
    fn who_stands_alike_shares() {
        let vip = Standing { vip: true, ..Standing::default() };
        let all = [("+491", vip.clone()), ("+492", Standing::default()), ("+493", vip.clone())];
        let known: Known = all.into_iter().map(|(number, standing)| (number.into(), standing)).collect();
        assert_eq!((known.len(), known.kinds()), (3, 2));
        assert_eq!((known.of("+493"), known.of("+494")), (Some(&vip), None));
    }
}
