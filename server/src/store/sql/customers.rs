//! How customers reach their page.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::customers::{Customers, StoredLink};

fn link(row: &AnyRow) -> Result<StoredLink, StoreError> {
    fn bytes<const N: usize>(row: &AnyRow, column: &'static str) -> Result<[u8; N], StoreError> {
        let bytes: Vec<u8> = row.try_get(column)?;
        bytes.try_into().map_err(|_| StoreError::Corrupt { table: "customer_link", column })
    }
    Ok(StoredLink {
        hash: bytes(row, "hash")?,
        session_id: id(row, "customer_link", "session_id")?,
        nonce: bytes(row, "nonce")?,
        issued_at: Micros(row.try_get("issued_at")?),
        expires_at: Micros(row.try_get("expires_at")?),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Micros),
    })
}

const COLUMNS: &str = "l.hash, l.session_id, l.nonce, l.issued_at, l.expires_at, l.revoked_at";

#[async_trait]
impl Customers for SqlTx {
    async fn insert_link(&mut self, link: &StoredLink) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO customer_link (tenant_id, hash, session_id, nonce, issued_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.tenant.as_str())
        .bind(&link.hash[..])
        .bind(link.session_id.to_string())
        .bind(&link.nonce[..])
        .bind(link.issued_at.0)
        .bind(link.expires_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_link(&mut self, hash: &[u8; 32]) -> Result<Option<StoredLink>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM customer_link l WHERE l.tenant_id = $1 AND l.hash = $2");
        let row = sqlx::query(&sql).bind(self.tenant.as_str()).bind(&hash[..]).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(link).transpose()
    }

    async fn find_latest_link(&mut self, session: SessionId) -> Result<Option<StoredLink>, StoreError> {
        // Somebody else may be about to issue one; whoever finds none now is the one to do it.
        self.alone(&format!("link\n{session}")).await?;
        let sql = format!(
            "SELECT {COLUMNS} FROM customer_link l WHERE l.tenant_id = $1 AND l.session_id = $2 \
             ORDER BY l.issued_at DESC, l.revoked_at IS NULL DESC LIMIT 1"
        );
        let row = sqlx::query(&sql)
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.as_ref().map(link).transpose()
    }

    async fn update_links_revoked(&mut self, session: SessionId, now: Micros) -> Result<u64, StoreError> {
        let sql = "UPDATE customer_link SET revoked_at = $3 \
                   WHERE tenant_id = $1 AND session_id = $2 AND revoked_at IS NULL AND expires_at > $3";
        let done = sqlx::query(sql).bind(self.tenant.as_str()).bind(session.to_string()).bind(now.0);
        Ok(done.execute(&mut *self.tx).await?.rows_affected())
    }

    async fn insert_visit(&mut self, hash: &[u8; 32], link: &[u8; 32], expires_at: Micros) -> Result<(), StoreError> {
        let sql = "INSERT INTO customer_visit (tenant_id, hash, link_hash, expires_at) VALUES ($1, $2, $3, $4)";
        let done = sqlx::query(sql).bind(self.tenant.as_str()).bind(&hash[..]).bind(&link[..]).bind(expires_at.0);
        done.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn find_visited_link(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<StoredLink>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM customer_visit v JOIN customer_link l ON l.tenant_id = v.tenant_id AND l.hash = v.link_hash \
             WHERE v.tenant_id = $1 AND v.hash = $2 AND v.expires_at > $3"
        );
        let found = sqlx::query(&sql).bind(self.tenant.as_str()).bind(&hash[..]).bind(now.0);
        found.fetch_optional(&mut *self.tx).await?.as_ref().map(link).transpose()
    }

    async fn delete_ended_links(&mut self, before: Micros) -> Result<u64, StoreError> {
        let visits = self.delete_before("customer_visit", "expires_at", before).await?;
        Ok(visits + self.delete_before("customer_link", "expires_at", before).await?)
    }
}
