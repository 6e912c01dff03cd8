//! Contacts in memory: each tenant's are read again when they have changed, and only then.

use std::collections::HashMap;
use std::sync::Arc;

use anyhow::Result;

use crate::contact::{self, Known};
use crate::db::Db;
use crate::ids::TenantId;
use crate::tenant::Tenant;

/// The contacts of all tenants that have some.
#[derive(Clone, Default)]
pub(super) struct Contacts(HashMap<TenantId, Kept>);

#[derive(Clone)]
struct Kept {
    /// The tenant's counter when they were read.
    seq: i64,
    known: Arc<Known>,
}

impl Contacts {
    /// As they are now; those that are as they were stay the same in memory too.
    pub(super) async fn read(&self, db: &Db, tenants: &[Tenant]) -> Result<Contacts> {
        // Before the rows: what is written in between is read again.
        let counters = contact::store::changes(db).await?;
        let mut now = HashMap::new();
        for tenant in tenants {
            let Some(seq) = counters.get(&tenant.id()).copied() else { continue };
            let kept = match self.0.get(&tenant.id()).filter(|kept| kept.seq == seq) {
                Some(kept) => kept.clone(),
                None => Kept { seq, known: Arc::new(contact::store::all_for_lines(db, tenant).await?) },
            };
            now.insert(tenant.id(), kept);
        }
        Ok(Contacts(now))
    }

    /// A tenant's.
    pub(super) fn of(&self, tenant: TenantId) -> Arc<Known> {
        self.0.get(&tenant).map(|kept| Arc::clone(&kept.known)).unwrap_or_default()
    }

    /// Whose are not those of `before`.
    pub(super) fn changed_since(&self, before: &Contacts) -> Vec<TenantId> {
        let seq = |of: &Contacts, tenant| of.0.get(tenant).map(|kept| kept.seq);
        self.0.keys().filter(|tenant| seq(self, tenant) != seq(before, tenant)).copied().collect()
    }
}
