//! What holds for a call before its first word: the plan, what was set by hand, and who calls.

use std::sync::Arc;
use std::time::Duration;

use crate::hours::{Hours, Overrides};
use crate::ids::{Language, NameClipId};
use crate::plan::Plan;

/// What holds for all calls of a line. Cheap to clone: running calls keep theirs when another comes.
#[derive(Clone, Debug)]
pub struct Setting {
    /// How calls are answered.
    pub plan: Plan,
    /// What was set by hand: open or closed until a moment.
    pub overrides: Arc<Overrides>,
    /// `{business}` where the plan gives no name.
    pub business: Arc<str>,
    /// How long before the longest message the caller is warned.
    pub warning: Duration,
}

impl Setting {
    /// A plan with nothing set by hand.
    pub fn of(plan: Plan, business: &str) -> Setting {
        let warning = Duration::from_secs(20);
        Setting { plan, overrides: Arc::default(), business: business.into(), warning }
    }

    /// The name that callers hear.
    pub fn business(&self) -> &str {
        self.plan.line.business.as_deref().unwrap_or(&self.business)
    }

    /// The hours of the line; none: always open, unless closed by hand.
    pub(super) fn hours(&self) -> Option<&Hours> {
        let all_day = || (!self.overrides.all().is_empty()).then(|| &*ALWAYS);
        self.plan.line_hours().map(|part| &part.hours).or_else(all_day)
    }
}

static ALWAYS: std::sync::LazyLock<Hours> = std::sync::LazyLock::new(Hours::always);

/// Who calls which number, and what the business knows of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visitor {
    /// The caller's number, E.164 where it can be told; none: withheld.
    pub caller: Option<String>,
    /// The network vouches for the number: how things stand may be told to who calls from it.
    pub trusted: bool,
    /// The number that was called, E.164 where it can be told.
    pub called: String,
    /// What the business keeps of them; none: no contact.
    pub contact: Option<Contact>,
}

/// A contact, as far as a call depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contact {
    /// Important.
    pub vip: bool,
    /// Not wanted.
    pub blocked: bool,
    /// The lists on which it is.
    pub lists: Vec<String>,
    /// What they speak.
    pub language: Option<Language>,
    /// How they are greeted by name.
    pub name_clip: Option<NameClipId>,
}

impl Visitor {
    /// The recorded name that may be said to who calls: never to a number that anybody could have written there.
    pub(super) fn name_to_say(&self) -> Option<NameClipId> {
        let contact = self.contact.as_ref().filter(|contact| !contact.blocked)?;
        contact.name_clip.filter(|_| self.trusted && self.caller.is_some())
    }
}
