//! A tenant is one business. [`Tenant`] is also the scope that every store function asks for: it can
//! only be made by [`store`], from a dialled number, a signed-in person, or the start of the program.

pub mod store;

use crate::clock::Utc;
use crate::ids::{TenantId, dialled};

pub use crate::ids::{BadLanguage, Language};

/// One business, and the right to see what is its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    id: TenantId,
    name: String,
    language: Language,
    timezone: String,
    created_at: Utc,
}

impl Tenant {
    /// Its id.
    pub fn id(&self) -> TenantId {
        self.id
    }

    /// Its name, as people read it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its callers are spoken to in.
    pub fn language(&self) -> Language {
        self.language
    }

    /// IANA name, such as `Europe/Berlin`.
    pub fn timezone(&self) -> &str {
        &self.timezone
    }

    /// When it was made.
    pub fn created_at(&self) -> Utc {
        self.created_at
    }

    /// As rows name it.
    pub(crate) fn key(&self) -> String {
        self.id.to_string()
    }
}

/// What a tenant is made from.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// As people read it.
    pub name: String,
    /// What its callers are spoken to in.
    pub language: Language,
    /// IANA name.
    pub timezone: String,
}

/// A dialled number as rows hold it: in the one form of [`dialled`], a SIP user that is no number in
/// lower case.
pub fn number_key(text: &str) -> String {
    dialled(text).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(number_key(" +49 (711) 123-456"), "+49711123456");
        assert_eq!(number_key("Info.Line"), "info.line");
        assert_eq!(number_key("+"), "+");
    }
}
