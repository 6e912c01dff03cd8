//! Until the plan has them.

use std::time::Duration;

use crate::plan::{Plan, Slots, Target};

pub(super) struct Callbacks {
    pub again: bool,
    pub message: Option<Target>,
    pub human: Option<Target>,
}

pub(super) fn callbacks(_plan: &Plan) -> Callbacks {
    Callbacks { again: true, message: None, human: None }
}

pub(super) fn asap(_slots: &Slots) -> bool {
    true
}

pub(super) fn reason(_slots: &Slots) -> Option<Duration> {
    Some(Duration::from_secs(20))
}

pub(super) fn goto(_slots: &Slots) -> Option<Target> {
    None
}

pub(super) fn policy(_plan: &Plan) -> crate::dial::Policy {
    crate::dial::Policy { home: "49".to_owned(), allow: Vec::new() }
}
