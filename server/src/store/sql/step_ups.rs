//! What somebody has proven anew who she is for.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SignInId};
use kyc_wire::session::Act;
use sqlx::Row;

use super::SqlTx;
use crate::store::StoreError;
use crate::store::step_ups::StepUps;

#[async_trait]
impl StepUps for SqlTx {
    async fn upsert_step_up(
        &mut self,
        by: SignInId,
        (act, object): (Act, &str),
        expires_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO step_up_grant (tenant_id, sign_in_id, act, object, expires_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, sign_in_id, act, object) DO UPDATE SET expires_at = excluded.expires_at \
             WHERE step_up_grant.expires_at < excluded.expires_at",
        )
        .bind(self.tenant.as_str())
        .bind(by.to_string())
        .bind(act.as_str())
        .bind(object)
        .bind(expires_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn delete_step_up(
        &mut self,
        by: SignInId,
        (act, object): (Act, &str),
        now: Micros,
    ) -> Result<Option<Micros>, StoreError> {
        let taken = sqlx::query(
            "DELETE FROM step_up_grant WHERE tenant_id = $1 AND sign_in_id = $2 AND act = $3 AND object = $4 AND expires_at > $5 \
             RETURNING expires_at",
        )
        .bind(self.tenant.as_str())
        .bind(by.to_string())
        .bind(act.as_str())
        .bind(object)
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        taken.map(|row| Ok(Micros(row.try_get("expires_at")?))).transpose()
    }
}
