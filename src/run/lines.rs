//! Who answers which number: read from the database at start and on change, asked in memory at each
//! INVITE.

use std::collections::HashMap;
use std::sync::Arc;

use crate::call::Line;
use crate::hours::Overrides;
use crate::plan::Plan;
use crate::sip::Invite;
use crate::tenant::{Tenant, number_key};

/// A line and its owner.
#[derive(Debug)]
pub struct ServedLine {
    /// Who owns it.
    pub tenant: Tenant,
    /// How it answers.
    pub line: Line,
    /// What it answers with.
    pub plan: Plan,
    /// Opening hours set aside by hand.
    pub overrides: Arc<Overrides>,
}

/// All lines of this process.
#[derive(Debug, Default)]
pub struct Lines {
    by_number: HashMap<String, Arc<ServedLine>>,
    /// Takes every number: an installation for one business needs no list.
    fallback: Option<Arc<ServedLine>>,
}

impl Lines {
    /// Lines by number, and one for all others.
    pub fn new(by_number: HashMap<String, Arc<ServedLine>>, fallback: Option<Arc<ServedLine>>) -> Lines {
        Lines { by_number, fallback }
    }

    /// The line that was called: Request-URI, then P-Called-Party-ID, then To.
    pub fn serving(&self, invite: &Invite) -> Option<Arc<ServedLine>> {
        let tried = [Some(&invite.request_user), invite.called_party.as_ref(), Some(&invite.to_user)];
        let found = tried.into_iter().flatten().find_map(|user| self.by_number.get(&number_key(user)));
        found.or(self.fallback.as_ref()).cloned()
    }
}
