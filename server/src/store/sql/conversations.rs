//! What is kept about conversations.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId};
use sqlx::Row;

use super::SqlTx;
use crate::store::StoreError;
use crate::store::conversations::{Conversations, StoredAttributes};

#[async_trait]
impl Conversations for SqlTx {
    async fn upsert_genesys_user(&mut self, person: PersonId, hash: Option<&[u8; 32]>) -> Result<(), StoreError> {
        let sql = match hash {
            Some(_) => {
                "INSERT INTO genesys_user (tenant_id, person_id, user_hash) VALUES ($1, $2, $3) \
                 ON CONFLICT (tenant_id, person_id) DO UPDATE SET user_hash = excluded.user_hash"
            }
            None => "DELETE FROM genesys_user WHERE tenant_id = $1 AND person_id = $2",
        };
        let query = sqlx::query(sql).bind(self.tenant.as_str()).bind(person.to_string());
        let query = if let Some(hash) = hash { query.bind(&hash[..]) } else { query };
        query.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn find_genesys_user(&mut self, person: PersonId) -> Result<Option<[u8; 32]>, StoreError> {
        let row = sqlx::query("SELECT user_hash FROM genesys_user WHERE tenant_id = $1 AND person_id = $2")
            .bind(self.tenant.as_str())
            .bind(person.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        let corrupt = |_| StoreError::Corrupt { table: "genesys_user", column: "user_hash" };
        row.map(|row| row.try_get::<Vec<u8>, _>("user_hash")?.try_into().map_err(corrupt)).transpose()
    }

    async fn upsert_on_conversation(
        &mut self,
        conversation_id: &str,
        person: PersonId,
        at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO on_conversation (tenant_id, conversation_id, person_id, seen_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, conversation_id, person_id) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(self.tenant.as_str())
        .bind(conversation_id)
        .bind(person.to_string())
        .bind(at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_on_conversation(&mut self, conversation_id: &str, person: PersonId) -> Result<bool, StoreError> {
        let row = sqlx::query(
            "SELECT 1 FROM on_conversation WHERE tenant_id = $1 AND conversation_id = $2 AND person_id = $3",
        )
        .bind(self.tenant.as_str())
        .bind(conversation_id)
        .bind(person.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.is_some())
    }

    async fn upsert_attributes(
        &mut self,
        session: SessionId,
        (conversation_id, body): (&str, &str),
        at: Micros,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "INSERT INTO genesys_outbox (tenant_id, session_id, conversation_id, body, revision, delivered, changed_at, delivered_at) \
             VALUES ($1, $2, $3, $4, 1, 0, $5, NULL) \
             ON CONFLICT (tenant_id, session_id) DO UPDATE SET body = excluded.body, conversation_id = excluded.conversation_id, \
             revision = genesys_outbox.revision + 1, changed_at = excluded.changed_at, delivered_at = NULL \
             WHERE genesys_outbox.body <> excluded.body OR genesys_outbox.conversation_id <> excluded.conversation_id",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .bind(conversation_id)
        .bind(body)
        .bind(at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn find_attributes(&mut self, session: SessionId) -> Result<Option<StoredAttributes>, StoreError> {
        let row = sqlx::query(
            "SELECT conversation_id, body, revision, delivered FROM genesys_outbox WHERE tenant_id = $1 AND session_id = $2",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| {
            Ok(StoredAttributes {
                conversation_id: row.try_get("conversation_id")?,
                body: row.try_get("body")?,
                revision: row.try_get("revision")?,
                delivered: row.try_get("delivered")?,
            })
        })
        .transpose()
    }

    async fn delete_attributes(&mut self, session: SessionId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM genesys_outbox WHERE tenant_id = $1 AND session_id = $2")
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn delete_conversation(&mut self, conversation_id: &str) -> Result<(), StoreError> {
        // Of two sessions that leave it at once, the second finds that the first has.
        self.alone(&format!("leaving\n{conversation_id}")).await?;
        for (table, column) in
            [("on_conversation", "conversation_id"), ("job", "kind = 'resume_recording' AND subject")]
        {
            let sql = format!(
                "DELETE FROM {table} WHERE tenant_id = $1 AND {column} = $2 \
                 AND NOT EXISTS (SELECT 1 FROM session WHERE tenant_id = $1 AND conversation_id = $2)"
            );
            let deleted = sqlx::query(&sql).bind(self.tenant.as_str()).bind(conversation_id);
            deleted.execute(&mut *self.tx).await?;
        }
        Ok(())
    }

    async fn update_attributes_delivered(
        &mut self,
        session: SessionId,
        revision: i64,
        at: Micros,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE genesys_outbox SET delivered = $3, delivered_at = $4 WHERE tenant_id = $1 AND session_id = $2 AND revision = $3",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .bind(revision)
        .bind(at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn delete_conversations(&mut self, before: Micros) -> Result<u64, StoreError> {
        let people = self.delete_before("on_conversation", "seen_at", before).await?;
        Ok(people + self.delete_before("genesys_outbox", "delivered_at", before).await?)
    }
}
