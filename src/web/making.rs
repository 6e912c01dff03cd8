//! How many prompts are made at once: each holds a file of some megabytes, and a child works on it.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use super::problem::Problem;
use crate::ids::TenantId;

/// Of all tenants.
const MAKING_MAX: usize = 4;

/// Who is making one: one at a time of each tenant, so that none takes all.
#[derive(Debug, Default)]
pub(super) struct Making(Mutex<HashSet<TenantId>>);

/// One of them; counted while it lives.
#[derive(Debug)]
pub(super) struct Place {
    making: Arc<Making>,
    tenant: TenantId,
}

impl Making {
    pub(super) fn place(self: &Arc<Self>, tenant: TenantId) -> Result<Place, Problem> {
        let mut making = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if making.len() >= MAKING_MAX || !making.insert(tenant) {
            return Err(Problem::busy());
        }
        Ok(Place { making: Arc::clone(self), tenant })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.making.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.tenant);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Utc;

    #[test]
    fn one_tenant_has_one_place_and_all_have_four() {
        let making = Arc::new(Making::default());
        let tenant = |n| TenantId::new(Utc(0), [n; 10]);
        let first = making.place(tenant(0)).unwrap();
        assert!(making.place(tenant(0)).is_err());
        let others: Vec<Place> = (1..4).map(|n| making.place(tenant(n)).unwrap()).collect();
        assert!(making.place(tenant(9)).is_err());
        drop((first, others));
        assert!(making.0.lock().unwrap().is_empty());
        making.place(tenant(0)).unwrap();
    }
}
