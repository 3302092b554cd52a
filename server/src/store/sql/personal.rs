//! What is known about customers.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::masked::Field;
use kyc_wire::session::Origin;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::personal::{Erased, Personal, StoredField, StoredKey, StoredNote, StoredRun};

/// A field, from the columns with its origin, its name and its envelope.
pub(super) fn field(row: &AnyRow, at: (&str, &str, &str)) -> Result<StoredField, StoreError> {
    let corrupt = |column| StoreError::Corrupt { table: "personal_field", column };
    let origin = match row.try_get::<&str, _>(at.0)? {
        "claim" => Origin::Claim,
        "document" => Origin::Document,
        _ => return Err(corrupt("origin")),
    };
    let name: &str = row.try_get(at.1)?;
    let field = Field::ALL.iter().copied().find(|f| f.as_str() == name).ok_or(corrupt("field"))?;
    Ok(StoredField { origin, field, sealed: row.try_get(at.2)? })
}

fn run(row: &AnyRow) -> Result<StoredRun, StoreError> {
    Ok(StoredRun {
        integration: row.try_get("integration")?,
        provider_ref: row.try_get("provider_ref")?,
        provider_names: row.try_get("provider_names")?,
        session_id: id(row, "provider_run", "session_id")?,
        run: u32::try_from(row.try_get::<i64, _>("run")?)
            .map_err(|_| StoreError::Corrupt { table: "provider_run", column: "run" })?,
        capture_url: row.try_get("capture_url")?,
        started_at: Micros(row.try_get("started_at")?),
    })
}

impl SqlTx {
    async fn key(&mut self, scope: &str) -> Result<Option<StoredKey>, StoreError> {
        let row = sqlx::query("SELECT master_key_id, wrapped FROM data_key WHERE tenant_id = $1 AND scope = $2")
            .bind(self.tenant.as_str())
            .bind(scope)
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| Ok(StoredKey { master_key_id: row.try_get("master_key_id")?, wrapped: row.try_get("wrapped")? }))
            .transpose()
    }
}

#[async_trait]
impl Personal for SqlTx {
    async fn find_key(&mut self, scope: &str) -> Result<Option<StoredKey>, StoreError> {
        if let Some(found) = self.key(scope).await? {
            return Ok(Some(found));
        }
        // Somebody else may be about to keep one; whoever finds none now is the one to make it.
        self.alone(&format!("key\n{scope}")).await?;
        self.key(scope).await
    }

    async fn insert_key(&mut self, scope: &str, key: &StoredKey) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO data_key (tenant_id, scope, master_key_id, wrapped) VALUES ($1, $2, $3, $4)")
            .bind(self.tenant.as_str())
            .bind(scope)
            .bind(&key.master_key_id)
            .bind(&key.wrapped)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn upsert_field(&mut self, session: SessionId, field: &StoredField) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO personal_field (tenant_id, session_id, origin, field, sealed) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, session_id, origin, field) DO UPDATE SET sealed = excluded.sealed",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .bind(field.origin.as_str())
        .bind(field.field.as_str())
        .bind(&field.sealed)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn list_fields(&mut self, session: SessionId) -> Result<Vec<StoredField>, StoreError> {
        let sql = "SELECT origin, field, sealed FROM personal_field WHERE tenant_id = $1 AND session_id = $2";
        let rows =
            sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string()).fetch_all(&mut *self.tx).await?;
        rows.iter().map(|row| field(row, ("origin", "field", "sealed"))).collect()
    }

    async fn delete_fields(&mut self, session: SessionId, origin: Origin) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM personal_field WHERE tenant_id = $1 AND session_id = $2 AND origin = $3")
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .bind(origin.as_str())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn insert_note(&mut self, session: SessionId, note: &StoredNote) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO note (tenant_id, session_id, id, author, at, sealed) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .bind(note.id.to_string())
            .bind(note.author.to_string())
            .bind(note.at.0)
            .bind(&note.sealed)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn list_notes(&mut self, session: SessionId) -> Result<Vec<StoredNote>, StoreError> {
        let sql = "SELECT id, author, at, sealed FROM note WHERE tenant_id = $1 AND session_id = $2 ORDER BY at, id";
        let rows =
            sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string()).fetch_all(&mut *self.tx).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredNote {
                    id: id(row, "note", "id")?,
                    author: id(row, "note", "author")?,
                    at: Micros(row.try_get("at")?),
                    sealed: row.try_get("sealed")?,
                })
            })
            .collect()
    }

    async fn insert_run(&mut self, run: &StoredRun) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO provider_run (tenant_id, integration, provider_ref, session_id, run, capture_url, started_at, provider_names) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(self.tenant.as_str())
        .bind(&run.integration)
        .bind(&run.provider_ref)
        .bind(run.session_id.to_string())
        .bind(i64::from(run.run))
        .bind(&run.capture_url)
        .bind(run.started_at.0)
        .bind(&run.provider_names)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_run(&mut self, integration: &str, provider_ref: &str) -> Result<Option<StoredRun>, StoreError> {
        let sql = "SELECT * FROM provider_run WHERE tenant_id = $1 AND integration = $2 AND provider_ref = $3";
        let row = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(integration)
            .bind(provider_ref)
            .fetch_optional(&mut *self.tx)
            .await?;
        row.as_ref().map(run).transpose()
    }

    async fn list_runs(&mut self, session: SessionId) -> Result<Vec<StoredRun>, StoreError> {
        let sql = "SELECT * FROM provider_run WHERE tenant_id = $1 AND session_id = $2 ORDER BY run";
        let rows =
            sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string()).fetch_all(&mut *self.tx).await?;
        rows.iter().map(run).collect()
    }

    async fn delete_personal(&mut self, session: SessionId, scope: &str) -> Result<Erased, StoreError> {
        let of_session = async |tx: &mut Self, sql: &str| {
            let done = sqlx::query(sql).bind(tx.tenant.as_str()).bind(session.to_string());
            Ok::<_, StoreError>(done.execute(&mut *tx.tx).await?.rows_affected())
        };
        let fields = of_session(self, "DELETE FROM personal_field WHERE tenant_id = $1 AND session_id = $2").await?;
        let notes = of_session(self, "DELETE FROM note WHERE tenant_id = $1 AND session_id = $2").await?;
        of_session(self, "DELETE FROM customer_link WHERE tenant_id = $1 AND session_id = $2").await?;
        // The run stays, so that what the provider still sends is known to be ours; its link goes.
        let runs = sqlx::query("UPDATE provider_run SET capture_url = $3 WHERE tenant_id = $1 AND session_id = $2");
        let runs = runs.bind(self.tenant.as_str()).bind(session.to_string()).bind(Vec::new());
        runs.execute(&mut *self.tx).await?;
        let key = sqlx::query("DELETE FROM data_key WHERE tenant_id = $1 AND scope = $2");
        key.bind(self.tenant.as_str()).bind(scope).execute(&mut *self.tx).await?;
        Ok(Erased { fields, notes })
    }

    async fn find_latest_run(&mut self, session: SessionId) -> Result<Option<StoredRun>, StoreError> {
        let sql = "SELECT * FROM provider_run WHERE tenant_id = $1 AND session_id = $2 ORDER BY run DESC LIMIT 1";
        let row =
            sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string()).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(run).transpose()
    }
}
