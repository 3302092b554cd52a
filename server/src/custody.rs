//! Keeping what is known about customers: data keys per session, sealed fields, and comparing claim and document without showing either.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::{
    Address, Agreement, BirthDate, DocumentNumber, Email, Field, FullName, Kind, Masked, MaskedValue, Phone,
    RevealedValue,
};
use kyc_wire::session::{FieldComparison, Origin};

use crate::pii::vault::{DataKey, KeyScope, Sealed, Unsealable, Vault, VaultError, WrappedKey};
use crate::pii::{Grant, GrantRefused, Pii};
use crate::store::personal::{StoredField, StoredKey};
use crate::store::{Store, StoreError, TenantId, Tx};

/// What goes wrong with sealed values.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// The database failed.
    #[error("storing failed")]
    Store(#[from] StoreError),
    /// The key is not to be had.
    #[error("the key is not to be had")]
    Vault(#[from] VaultError),
    /// A value does not open.
    #[error("a value does not open")]
    Unsealable(#[from] Unsealable),
    /// The proof does not cover the value.
    #[error("the grant does not cover it")]
    Grant(#[from] GrantRefused),
}

/// The data key of a scope, made when there is none.
pub async fn key(tx: &mut dyn Tx, vault: &Vault, tenant: &TenantId, scope: &KeyScope) -> Result<DataKey, CustodyError> {
    if let Some(key) = existing_key(tx, vault, tenant, scope).await? {
        return Ok(key);
    }
    let (wrapped, key) = vault.new_key(tenant.as_str(), scope).await?;
    tx.insert_key(&scope.code(), &StoredKey { master_key_id: wrapped.master_key_id, wrapped: wrapped.bytes }).await?;
    Ok(key)
}

/// The key of the day for webhooks, kept while the day lasts: of what comes in hundreds a second, each would ask for it.
#[derive(Default)]
pub struct InboxKey(Mutex<Option<(String, Arc<DataKey>)>>);

impl InboxKey {
    /// The key of this day, made when there is none.
    pub async fn of(
        &self,
        day: &str,
        (store, vault, tenant): (&dyn Store, &Vault, &TenantId),
    ) -> Result<Arc<DataKey>, CustodyError> {
        if let Some((of_day, key)) = &*self.lock()
            && of_day == day
        {
            return Ok(Arc::clone(key));
        }
        // Another server makes the same one, or waits for this commit; nothing is sealed under a key that could be lost.
        let mut tx = store.begin(tenant).await?;
        let made = Arc::new(key(&mut *tx, vault, tenant, &KeyScope::InboxDay(day.to_owned())).await?);
        tx.commit().await?;
        *self.lock() = Some((day.to_owned(), Arc::clone(&made)));
        Ok(made)
    }

    fn lock(&self) -> MutexGuard<'_, Option<(String, Arc<DataKey>)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The data key of a scope, if there is one.
pub async fn existing_key(
    tx: &mut dyn Tx,
    vault: &Vault,
    tenant: &TenantId,
    scope: &KeyScope,
) -> Result<Option<DataKey>, CustodyError> {
    let Some(stored) = tx.find_key(&scope.code()).await? else { return Ok(None) };
    opened_key(stored, vault, tenant, scope).await.map(Some)
}

/// A stored data key, opened.
pub async fn opened_key(
    stored: StoredKey,
    vault: &Vault,
    tenant: &TenantId,
    scope: &KeyScope,
) -> Result<DataKey, CustodyError> {
    let wrapped = WrappedKey { master_key_id: stored.master_key_id, bytes: stored.wrapped };
    Ok(vault.open_key(&wrapped, tenant.as_str(), scope).await?)
}

/// A value of any kind that is kept, opened for masking and comparing.
#[derive(Debug)]
pub enum Held {
    /// A name.
    FullName(Pii<FullName>),
    /// A date of birth.
    BirthDate(Pii<BirthDate>),
    /// The number of a document.
    DocumentNumber(Pii<DocumentNumber>),
    /// An address.
    Address(Pii<Address>),
    /// An e-mail address.
    Email(Pii<Email>),
    /// A telephone number.
    Phone(Pii<Phone>),
}

macro_rules! each {
    ($held:expr, $value:ident => $do:expr) => {
        match $held {
            Held::FullName($value) => $do,
            Held::BirthDate($value) => $do,
            Held::DocumentNumber($value) => $do,
            Held::Address($value) => $do,
            Held::Email($value) => $do,
            Held::Phone($value) => $do,
        }
    };
}

const fn kind_of<K: Kind>(_: &Pii<K>) -> Field {
    K::FIELD
}

impl Held {
    /// Which field it is.
    pub const fn field(&self) -> Field {
        each!(self, value => kind_of(value))
    }

    /// As it may be shown.
    pub fn mask(&self) -> MaskedValue {
        fn masked<K: Kind>(value: &Pii<K>) -> MaskedValue
        where
            MaskedValue: From<Masked<K>>,
        {
            value.mask().into()
        }
        each!(self, value => masked(value))
    }

    /// For one person's eyes, against a proof.
    pub fn reveal(
        &self,
        grant: &Grant,
        session: SessionId,
        seconds: u32,
        now: Micros,
    ) -> Result<RevealedValue, GrantRefused> {
        each!(self, value => value.reveal(grant, session, seconds, now))
    }

    fn compare(&self, document: &Self) -> Option<Agreement> {
        Some(match (self, document) {
            (Self::FullName(a), Self::FullName(b)) => a.compare(b),
            (Self::BirthDate(a), Self::BirthDate(b)) => a.compare(b),
            (Self::DocumentNumber(a), Self::DocumentNumber(b)) => a.compare(b),
            (Self::Address(a), Self::Address(b)) => a.compare(b),
            (Self::Email(a), Self::Email(b)) => a.compare(b),
            (Self::Phone(a), Self::Phone(b)) => a.compare(b),
            _ => return None,
        })
    }

    fn seal(&self, key: &DataKey, origin: Origin) -> StoredField {
        let sealed = each!(self, value => key.seal(value, origin.as_str()).into_stored());
        StoredField { origin, field: self.field(), sealed }
    }

    fn open(key: &DataKey, stored: StoredField) -> Result<Option<Self>, Unsealable> {
        let column = stored.origin.as_str();
        let sealed = stored.sealed;
        Ok(Some(match stored.field {
            Field::FullName => Self::FullName(key.open(&Sealed::from_stored(sealed), column)?),
            Field::BirthDate => Self::BirthDate(key.open(&Sealed::from_stored(sealed), column)?),
            Field::DocumentNumber => Self::DocumentNumber(key.open(&Sealed::from_stored(sealed), column)?),
            Field::Address => Self::Address(key.open(&Sealed::from_stored(sealed), column)?),
            Field::Email => Self::Email(key.open(&Sealed::from_stored(sealed), column)?),
            Field::Phone => Self::Phone(key.open(&Sealed::from_stored(sealed), column)?),
            Field::IpAddress | Field::CardNumber => return Ok(None),
        }))
    }
}

/// Everything kept about one session's customer, opened.
#[derive(Debug, Default)]
pub struct Holdings {
    /// What she claimed.
    pub claims: Vec<Held>,
    /// What the document says.
    pub document: Vec<Held>,
}

impl Holdings {
    /// One value.
    pub fn find(&self, origin: Origin, field: Field) -> Option<&Held> {
        let list = match origin {
            Origin::Claim => &self.claims,
            Origin::Document => &self.document,
        };
        list.iter().find(|held| held.field() == field)
    }

    /// Fields in which claim and document differ.
    pub fn mismatches(&self) -> BTreeSet<Field> {
        let differs = |claim: &&Held| {
            let document = self.find(Origin::Document, claim.field());
            matches!(document.and_then(|document| claim.compare(document)), Some(Agreement::Differs { .. }))
        };
        self.claims.iter().filter(differs).map(Held::field).collect()
    }

    /// Claim against document, masked; what differs comes first.
    pub fn comparisons(&self) -> Vec<FieldComparison> {
        let mut list: Vec<FieldComparison> = Field::ALL.iter().filter_map(|field| self.comparison(*field)).collect();
        list.sort_by_key(|comparison| !matches!(comparison.agreement, Agreement::Differs { .. }));
        list
    }

    fn comparison(&self, field: Field) -> Option<FieldComparison> {
        let (claim, document) = (self.find(Origin::Claim, field), self.find(Origin::Document, field));
        let agreement = match (claim, document) {
            (None, None) => return None,
            (Some(_), None) => Agreement::OnlyClaimed,
            (None, Some(_)) => Agreement::OnlyOnDocument,
            (Some(claim), Some(document)) => claim.compare(document)?,
        };
        Some(FieldComparison { field, claim: claim.map(Held::mask), document: document.map(Held::mask), agreement })
    }
}

/// Opens everything kept about one session's customer.
pub async fn holdings(
    tx: &mut dyn Tx,
    vault: &Vault,
    tenant: &TenantId,
    session: SessionId,
) -> Result<Holdings, CustodyError> {
    let stored = tx.list_fields(session).await?;
    if stored.is_empty() {
        return Ok(Holdings::default());
    }
    let scope = KeyScope::Session(session);
    let Some(key) = existing_key(tx, vault, tenant, &scope).await? else { return Err(Unsealable.into()) };
    opened(&key, stored)
}

/// Stored values, opened.
pub fn opened(key: &DataKey, stored: Vec<StoredField>) -> Result<Holdings, CustodyError> {
    let mut holdings = Holdings::default();
    for field in stored {
        let origin = field.origin;
        if let Some(held) = Held::open(key, field)? {
            match origin {
                Origin::Claim => holdings.claims.push(held),
                Origin::Document => holdings.document.push(held),
            }
        }
    }
    Ok(holdings)
}

/// Replaces what is kept of one origin.
pub async fn keep(
    tx: &mut dyn Tx,
    key: &DataKey,
    session: SessionId,
    origin: Origin,
    values: &[Held],
) -> Result<(), CustodyError> {
    tx.delete_fields(session, origin).await?;
    for value in values {
        tx.upsert_field(session, &value.seal(key, origin)).await?;
    }
    Ok(())
}
