//! Assertions of identity providers that have been shown.

use async_trait::async_trait;
use kyc_wire::ids::Micros;

use super::SqlTx;
use crate::store::StoreError;
use crate::store::assertions::Assertions;

#[async_trait]
impl Assertions for SqlTx {
    async fn insert_assertion(
        &mut self,
        issuer: &str,
        id_hash: &[u8; 32],
        expires_at: Micros,
    ) -> Result<bool, StoreError> {
        let inserted = sqlx::query(
            "INSERT INTO assertion (tenant_id, issuer, id_hash, expires_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(issuer)
        .bind(&id_hash[..])
        .bind(expires_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }
}
