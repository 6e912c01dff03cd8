//! What somebody set by hand for a while: it ends by itself.

use std::time::Duration;

use crate::clock::Utc;

/// The longest an override may last.
pub const OVERRIDE_MAX: Duration = Duration::from_secs(400 * 24 * 3600);
/// Characters of a spoken reason at most.
pub const REASON_MAX: usize = 200;

/// Open or closed by hand, from a moment until right before another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    open: bool,
    from: Utc,
    until: Utc,
    set_at: Utc,
    reason: Option<String>,
    by: String,
}

/// Not an override.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadOverride {
    /// It ends at or before its start.
    #[error("it would end before it starts")]
    Inverted,
    /// Longer than [`OVERRIDE_MAX`].
    #[error("400 days are the longest: for good, change the hours")]
    TooLong,
    /// A reason longer than [`REASON_MAX`].
    #[error("the reason is too long to be spoken: 200 characters at most")]
    Reason,
}

impl Override {
    /// Checked: ends after it starts, within [`OVERRIDE_MAX`]. `by` is who set it at `set_at`, by name.
    pub fn new(
        open: bool,
        from: Utc,
        until: Utc,
        set_at: Utc,
        reason: Option<String>,
        by: String,
    ) -> Result<Override, BadOverride> {
        if until <= from {
            return Err(BadOverride::Inverted);
        }
        if u128::from(until.0.abs_diff(from.0)) > OVERRIDE_MAX.as_millis() {
            return Err(BadOverride::TooLong);
        }
        if reason.as_ref().is_some_and(|r| r.chars().count() > REASON_MAX) {
            return Err(BadOverride::Reason);
        }
        Ok(Override { open, from, until, set_at, reason, by })
    }

    /// Open, or closed.
    pub fn open(&self) -> bool {
        self.open
    }

    /// First moment.
    pub fn from(&self) -> Utc {
        self.from
    }

    /// First moment after it.
    pub fn until(&self) -> Utc {
        self.until
    }

    /// When it was set: of several that hold at once, the one set last counts.
    pub fn set_at(&self) -> Utc {
        self.set_at
    }

    /// Spoken to callers.
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    /// Who set it.
    pub fn by(&self) -> &str {
        &self.by
    }

    fn holds(&self, at: Utc) -> bool {
        self.from <= at && at < self.until
    }
}

/// All overrides of one line, of any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(Vec<Override>);

impl Overrides {
    /// None at all, for as long as is needed.
    pub fn none() -> &'static Overrides {
        static NONE: Overrides = Overrides(Vec::new());
        &NONE
    }

    /// In any order; of two set at the same moment the later in the list counts.
    pub fn new(mut all: Vec<Override>) -> Overrides {
        all.sort_by_key(|o| o.set_at);
        Overrides(all)
    }

    /// In the order in which they were set.
    pub fn all(&self) -> &[Override] {
        &self.0
    }

    /// The one that counts at `at`: the last set of those that hold.
    pub fn at(&self, at: Utc) -> Option<&Override> {
        self.0.iter().rev().find(|o| o.holds(at))
    }

    /// The first moment after `at` at which one starts or ends.
    pub(super) fn edge_after(&self, at: Utc) -> Option<Utc> {
        self.0.iter().flat_map(|o| [o.from, o.until]).filter(|edge| *edge > at).min()
    }
}
