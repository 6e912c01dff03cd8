//! Who answers which number: read from the database at start and on change, asked in memory at each
//! INVITE.

use std::collections::HashMap;
use std::sync::Arc;

use crate::call::{self, Line};
use crate::contact::{Known, Standing};
use crate::flow::{self, Visitor};
use crate::sip::Invite;
use crate::tenant::{Tenant, number_key};

/// A line and its owner.
#[derive(Debug)]
pub struct ServedLine {
    /// Who owns it.
    pub tenant: Tenant,
    /// How it answers.
    pub line: Line,
    /// Whom the owner knows.
    pub contacts: Arc<Known>,
    /// The trunk lets nobody write a From that is not theirs.
    pub from_is_checked: bool,
}

impl ServedLine {
    /// Who calls this line, as far as the INVITE says it; `called` is the number that was found to be ours.
    pub fn visitor(&self, invite: &Invite, called: String) -> Visitor {
        call::visitor(invite, called, self.from_is_checked, |number| self.contacts.of(number).map(contact))
    }
}

/// How calls see a contact.
pub fn contact(standing: &Standing) -> flow::Contact {
    let Standing { vip, blocked, ref lists, language, name_clip } = *standing;
    flow::Contact { vip, blocked, lists: lists.clone(), language, name_clip }
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

    /// The line of a number, in any form; the one for all others where nobody has it.
    pub fn of(&self, number: &str) -> Option<Arc<ServedLine>> {
        self.by_number.get(&number_key(number)).or(self.fallback.as_ref()).cloned()
    }

    /// The line that was called, and by which number: Request-URI, then P-Called-Party-ID, then To.
    pub fn serving(&self, invite: &Invite) -> Option<(Arc<ServedLine>, String)> {
        let tried = [Some(&invite.request_user), invite.called_party.as_ref(), Some(&invite.to_user)];
        let keys = tried.into_iter().flatten().map(|user| number_key(user));
        let found = keys.clone().find_map(|key| Some((Arc::clone(self.by_number.get(&key)?), key)));
        found.or_else(|| Some((Arc::clone(self.fallback.as_ref()?), keys.clone().next()?)))
    }
}
