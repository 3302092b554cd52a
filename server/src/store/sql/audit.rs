//! The audit chain.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::SqlTx;
use crate::domain::audit::chain::Head;
use crate::domain::audit::{AuditError, AuditSink, Entry, NewEntry};
use crate::store::StoreError;
use crate::store::audit::{AuditLog, StoredEntry};

const TABLE: &str = "audit_entry";
/// Entries of one session among which a recent one is looked for.
const RECENT: u32 = 100;

fn hash(row: &AnyRow) -> Result<[u8; 32], StoreError> {
    row.try_get::<Vec<u8>, _>("hash")?.try_into().map_err(|_| StoreError::Corrupt { table: TABLE, column: "hash" })
}

fn to_i64(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

impl SqlTx {
    /// The end of the chain, to be gone on from by this transaction alone.
    async fn lock_head(&mut self) -> Result<Head, StoreError> {
        if self.must_lock() {
            let empty = Head::empty(self.tenant.as_str().to_owned());
            sqlx::query("INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, 0, $2) ON CONFLICT DO NOTHING")
                .bind(self.tenant.as_str())
                .bind(&empty.hash[..])
                .execute(&mut *self.tx)
                .await?;
            sqlx::query("SELECT 1 FROM audit_head WHERE tenant_id = $1 FOR UPDATE")
                .bind(self.tenant.as_str())
                .fetch_one(&mut *self.tx)
                .await?;
        }
        self.find_head().await
    }

    async fn append(&mut self, new: NewEntry) -> Result<u64, StoreError> {
        let head = self.lock_head().await?;
        let session = new.session.map(|id| id.to_string());
        let (json, next) = head.append(new, self.clock.now());
        sqlx::query("INSERT INTO audit_entry (tenant_id, seq, session_id, body, hash) VALUES ($1, $2, $3, $4, $5)")
            .bind(self.tenant.as_str())
            .bind(to_i64(next.seq))
            .bind(session)
            .bind(json)
            .bind(&next.hash[..])
            .execute(&mut *self.tx)
            .await?;
        sqlx::query(
            "INSERT INTO audit_head (tenant_id, seq, hash) VALUES ($1, $2, $3) \
             ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash",
        )
        .bind(self.tenant.as_str())
        .bind(to_i64(next.seq))
        .bind(&next.hash[..])
        .execute(&mut *self.tx)
        .await?;
        Ok(next.seq)
    }
}

#[async_trait]
impl AuditSink for SqlTx {
    async fn record(&mut self, entry: NewEntry) -> Result<u64, AuditError> {
        self.append(entry).await.map_err(|error| AuditError(Box::new(error)))
    }

    async fn find_recorded(&mut self, entry: &NewEntry) -> Result<Option<Micros>, AuditError> {
        let Some(session) = entry.session else { return Ok(None) };
        let last = self.list_session_entries(session, RECENT).await.map_err(|error| AuditError(Box::new(error)))?;
        Ok(last.iter().rev().find(|known| known.says_the_same_as(entry)).map(|known| known.at))
    }
}

#[async_trait]
impl AuditLog for SqlTx {
    async fn find_head(&mut self) -> Result<Head, StoreError> {
        let row = sqlx::query("SELECT seq, hash FROM audit_head WHERE tenant_id = $1")
            .bind(self.tenant.as_str())
            .fetch_optional(&mut *self.tx)
            .await?;
        let tenant = self.tenant.as_str().to_owned();
        row.map_or(Ok(Head::empty(tenant.clone())), |row| {
            let seq = u64::try_from(row.try_get::<i64, _>("seq")?)
                .map_err(|_| StoreError::Corrupt { table: "audit_head", column: "seq" })?;
            Ok(Head { tenant, seq, hash: hash(&row)? })
        })
    }

    async fn find_head_at(&mut self, seq: u64) -> Result<Option<Head>, StoreError> {
        let tenant = self.tenant.as_str().to_owned();
        if seq == 0 {
            return Ok(Some(Head::empty(tenant)));
        }
        let row = sqlx::query("SELECT hash FROM audit_entry WHERE tenant_id = $1 AND seq = $2")
            .bind(&tenant)
            .bind(to_i64(seq))
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| Ok(Head { tenant, seq, hash: hash(&row)? })).transpose()
    }

    async fn list_entries(&mut self, after: u64, limit: u32) -> Result<Vec<StoredEntry>, StoreError> {
        let rows =
            sqlx::query("SELECT body, hash FROM audit_entry WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3")
                .bind(self.tenant.as_str())
                .bind(to_i64(after))
                .bind(i64::from(limit))
                .fetch_all(&mut *self.tx)
                .await?;
        rows.iter().map(|row| Ok(StoredEntry { json: row.try_get("body")?, hash: hash(row)? })).collect()
    }

    async fn list_session_entries(&mut self, session: SessionId, limit: u32) -> Result<Vec<Entry>, StoreError> {
        let sql = "SELECT body FROM audit_entry WHERE tenant_id = $1 AND session_id = $2 ORDER BY seq DESC LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .bind(i64::from(limit))
            .fetch_all(&mut *self.tx)
            .await?;
        let corrupt = |_| StoreError::Corrupt { table: TABLE, column: "body" };
        rows.iter().rev().map(|row| serde_json::from_str(row.try_get("body")?).map_err(corrupt)).collect()
    }
}
