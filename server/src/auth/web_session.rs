//! The browser session behind the cookie, for `tower-sessions`: a random id that stands for one sign-in.
//!
//! The id is kept as a hash, so that reading the database is no way in. Saving only ever changes a row that exists: a request in flight
//! while somebody signs out cannot bring the session back.

use std::sync::Arc;

use async_trait::async_trait;
use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

use super::hashed;
use crate::clock::Clock;
use crate::store::{Store, StoreError, TenantId};

/// How often another id is tried when one is taken. With 128 random bits, once is already a sign of a broken generator.
const TRIES: usize = 3;

/// Browser sessions in our store.
#[derive(Clone)]
pub struct WebSessions {
    store: Arc<dyn Store>,
    tenant: TenantId,
    clock: Arc<dyn Clock>,
    lifetime_seconds: i64,
}

impl std::fmt::Debug for WebSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebSessions")
    }
}

impl WebSessions {
    /// Over this store. No browser session outlives `lifetime_seconds`; when the sign-in itself ends is decided by its own row.
    pub fn new(store: Arc<dyn Store>, tenant: TenantId, clock: Arc<dyn Clock>, lifetime_seconds: i64) -> Self {
        Self { store, tenant, clock, lifetime_seconds }
    }

    /// By our own clock: the library's expiry is by the machine's.
    fn expiry(&self) -> Micros {
        self.clock.now().plus_seconds(self.lifetime_seconds)
    }
}

fn key(id: Id) -> [u8; 32] {
    hashed(&id.0.to_be_bytes())
}

fn data(record: &Record) -> Result<String> {
    serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))
}

fn backend(error: impl std::error::Error) -> Error {
    Error::Backend(error.to_string())
}

#[async_trait]
impl SessionStore for WebSessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        for _ in 0..TRIES {
            let mut tx = self.store.begin(&self.tenant).await.map_err(backend)?;
            match tx.insert_web_session(&key(record.id), &data(record)?, self.expiry()).await {
                Ok(()) => return tx.commit().await.map_err(backend),
                Err(StoreError::Conflict) => record.id = Id::default(),
                Err(error) => return Err(backend(error)),
            }
        }
        Err(Error::Backend("no free session id".to_owned()))
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let mut tx = self.store.begin(&self.tenant).await.map_err(backend)?;
        tx.update_web_session(&key(record.id), &data(record)?, self.expiry()).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut tx = self.store.glance(&self.tenant).await.map_err(backend)?;
        let Some((json, expires_at)) = tx.find_web_session(&key(*id), self.clock.now()).await.map_err(backend)? else {
            return Ok(None);
        };
        let data = serde_json::from_str(&json).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at.0) * 1000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let mut tx = self.store.begin(&self.tenant).await.map_err(backend)?;
        tx.delete_web_session(&key(*id)).await.map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}
