//! The names of colleagues, kept for a minute: every page shows some, and they hardly ever change.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kyc_wire::ids::{Micros, PersonId};

use crate::store::{Store, StoreError, TenantId};

/// A name is asked for again after this.
const FRESH_SECONDS: i64 = 60;
/// More people than a contact centre has.
const MOST: usize = 20_000;

/// Names by person.
pub type People = BTreeMap<PersonId, String>;

/// Names that were asked for lately.
#[derive(Default)]
pub struct Names(Mutex<HashMap<PersonId, (String, Micros)>>);

impl Names {
    /// The names of these people. Who is not known has none.
    pub async fn of(
        &self,
        ids: &BTreeSet<PersonId>,
        (store, tenant): (&dyn Store, &TenantId),
        now: Micros,
    ) -> Result<People, StoreError> {
        let mut people = self.fresh(ids, now);
        let missing: Vec<PersonId> = ids.iter().filter(|id| !people.contains_key(id)).copied().collect();
        if !missing.is_empty() {
            let found = store.glance(tenant).await?.list_people(&missing).await?;
            self.keep(&found, now);
            people.extend(found);
        }
        Ok(people)
    }

    fn fresh(&self, ids: &BTreeSet<PersonId>, now: Micros) -> People {
        let known = self.lock();
        let fresh = |id: &PersonId| {
            let (name, since) = known.get(id)?;
            (now.seconds_since(*since) < FRESH_SECONDS).then(|| (*id, name.clone()))
        };
        ids.iter().filter_map(fresh).collect()
    }

    fn keep(&self, found: &[(PersonId, String)], now: Micros) {
        let mut known = self.lock();
        if known.len() > MOST {
            known.clear();
        }
        known.extend(found.iter().map(|(id, name)| (*id, (name.clone(), now))));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PersonId, (String, Micros)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
