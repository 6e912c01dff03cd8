//! Rules that a plan gives; their numbers are those of a plan that says nothing.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan;

/// What a plan's `[callbacks]` says; kept with each entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rules {
    /// A call without a message is an entry too.
    pub missed: bool,
    /// A further call within this joins the open entry.
    #[serde(with = "seconds")]
    pub join: Duration,
    /// A call so soon after it was done opens it again.
    #[serde(with = "seconds")]
    pub reopen: Duration,
    /// Open entries of one party; further matters join the newest.
    pub open_max: u32,
    /// New entries of callers who are no contacts within 24 hours; more are held back.
    pub strangers_max: u32,
    /// So long before a promise breaks it is warned.
    #[serde(with = "seconds")]
    pub warn: Duration,
    /// A claim without activity returns after this.
    #[serde(with = "seconds")]
    pub lease: Duration,
    /// An entry for one person falls to all after this.
    #[serde(with = "seconds")]
    pub personal: Duration,
    /// When to try again after nobody was reached; the last repeats.
    #[serde(with = "many_seconds")]
    pub retry: Vec<Duration>,
    /// After so many tries it is proposed to give up.
    pub tries: u32,
}

impl Default for Rules {
    fn default() -> Self {
        let (minutes, hours) = (Duration::from_mins, Duration::from_hours);
        Rules {
            missed: true,
            join: hours(14 * 24),
            reopen: hours(24),
            open_max: 3,
            strangers_max: 20,
            warn: minutes(30),
            lease: minutes(15),
            personal: hours(4),
            retry: vec![minutes(15), hours(2), hours(24)],
            tries: 6,
        }
    }
}

impl From<&plan::Callbacks> for Rules {
    fn from(of: &plan::Callbacks) -> Rules {
        Rules {
            missed: of.missed,
            join: of.join,
            reopen: of.reopen,
            open_max: of.open.into(),
            strangers_max: of.strangers.into(),
            warn: of.warn,
            lease: of.lease,
            personal: of.personal,
            retry: of.retry.clone(),
            tries: of.tries.into(),
        }
    }
}

/// Durations of rules as JSON: whole seconds.
mod seconds {
    use super::{Deserialize, Duration};

    pub fn serialize<S: serde::Serializer>(span: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(span.as_secs())
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

mod many_seconds {
    use super::{Deserialize, Duration};

    pub fn serialize<S: serde::Serializer>(spans: &[Duration], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(spans.iter().map(Duration::as_secs))
    }

    pub fn deserialize<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<Duration>, D::Error> {
        Ok(Vec::<u64>::deserialize(from)?.into_iter().map(Duration::from_secs).collect())
    }
}
