//! Codes that stand for a panel which waits to be signed in.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, TxnId};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::confirm_codes::{ConfirmCode, ConfirmCodes};

fn hash(row: &AnyRow, column: &'static str) -> Result<[u8; 32], StoreError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StoreError::Corrupt { table: "confirm_code", column })
}

fn code(row: &AnyRow) -> Result<ConfirmCode, StoreError> {
    Ok(ConfirmCode {
        txn: id(row, "confirm_code", "txn_id")?,
        selector: row.try_get("selector")?,
        hash: hash(row, "hash")?,
        network_hash: hash(row, "network_hash")?,
        browser: row.try_get("browser")?,
        opened_at: Micros(row.try_get("opened_at")?),
        tries_left: row.try_get("tries_left")?,
        expires_at: Micros(row.try_get("expires_at")?),
    })
}

#[async_trait]
impl ConfirmCodes for SqlTx {
    async fn insert_confirm_code(&mut self, code: &ConfirmCode) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO confirm_code (tenant_id, txn_id, selector, hash, network_hash, browser, opened_at, tries_left, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(code.txn.to_string())
        .bind(&code.selector)
        .bind(&code.hash[..])
        .bind(&code.network_hash[..])
        .bind(&code.browser)
        .bind(code.opened_at.0)
        .bind(code.tries_left)
        .bind(code.expires_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn update_confirm_code_tried(
        &mut self,
        selector: &str,
        now: Micros,
    ) -> Result<Option<ConfirmCode>, StoreError> {
        let row = sqlx::query(
            "UPDATE confirm_code SET tries_left = tries_left - 1 \
             WHERE tenant_id = $1 AND selector = $2 AND tries_left > 0 AND expires_at > $3 RETURNING *",
        )
        .bind(self.tenant.as_str())
        .bind(selector)
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.as_ref().map(code).transpose()
    }

    async fn delete_confirm_code(&mut self, txn: TxnId) -> Result<bool, StoreError> {
        let deleted = sqlx::query("DELETE FROM confirm_code WHERE tenant_id = $1 AND txn_id = $2")
            .bind(self.tenant.as_str())
            .bind(txn.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(deleted.rows_affected() == 1)
    }

    async fn update_txn_ticket(&mut self, txn: TxnId, ticket: &[u8; 32], now: Micros) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in_txn SET ticket_hash = $3 \
             WHERE tenant_id = $1 AND id = $2 AND state = 'pending' AND expires_at > $4",
        )
        .bind(self.tenant.as_str())
        .bind(txn.to_string())
        .bind(&ticket[..])
        .bind(now.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }
}
