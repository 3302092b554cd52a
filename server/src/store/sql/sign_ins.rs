//! Sign-ins.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SignInId, TxnId};
use kyc_wire::me::RefusalCode;
use kyc_wire::sign_ins::Browser;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::statement::Statement;
use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::sign_ins::{Person, Purpose, SignIn, SignIns, Txn, TxnProgress, Vouched};

fn hash(row: &AnyRow, column: &'static str) -> Result<[u8; 32], StoreError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StoreError::Corrupt { table: "sign_in_txn", column })
}

pub(super) fn json<T: DeserializeOwned>(row: &AnyRow, column: &'static str) -> Result<T, StoreError> {
    serde_json::from_str(row.try_get(column)?).map_err(|_| StoreError::Corrupt { table: "sign_in", column })
}

fn text<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn txn(row: &AnyRow) -> Result<Txn, StoreError> {
    Ok(Txn {
        id: id(row, "sign_in_txn", "id")?,
        idp: row.try_get("idp")?,
        purpose: purpose(row)?,
        challenge: hash(row, "challenge")?,
        ticket_hash: hash(row, "ticket_hash")?,
        expires_at: Micros(row.try_get("expires_at")?),
    })
}

/// None is what a release that knew no other has written: to sign in.
fn purpose(row: &AnyRow) -> Result<Purpose, StoreError> {
    let corrupt = |_| StoreError::Corrupt { table: "sign_in_txn", column: "purpose" };
    let json: Option<String> = row.try_get("purpose")?;
    json.map_or(Ok(Purpose::SignIn), |json| serde_json::from_str(&json).map_err(corrupt))
}

fn progress(row: &AnyRow) -> Result<TxnProgress, StoreError> {
    Ok(match row.try_get::<&str, _>("state")? {
        "pending" => TxnProgress::Pending,
        "begun" => TxnProgress::Begun,
        "authenticated" => TxnProgress::Authenticated(json(row, "result")?),
        "redeemed" => TxnProgress::Redeemed,
        _ => {
            let code: String = row.try_get("refused_code")?;
            let code = serde_json::from_value(code.into()).unwrap_or(RefusalCode::Unknown);
            TxnProgress::Refused(code)
        }
    })
}

fn sign_in(row: &AnyRow) -> Result<(SignIn, String), StoreError> {
    let vouched = Vouched {
        person: id(row, "sign_in", "person_id")?,
        idp_session: row.try_get("idp_session")?,
        session_ends_at: None,
        auth_time: row.try_get("auth_time")?,
        acr: row.try_get("acr")?,
        roles: json(row, "roles")?,
        queues: json(row, "queues")?,
        // None is what a release that did not ask has written.
        browser: row.try_get::<Option<&str>, _>("browser")?.map(Browser::of_code).unwrap_or_default(),
        id_token: row.try_get("id_token")?,
    };
    let sign_in = SignIn {
        id: id(row, "sign_in", "id")?,
        idp: row.try_get("idp")?,
        vouched,
        created_at: Micros(row.try_get("created_at")?),
        last_activity_at: Micros(row.try_get("last_activity_at")?),
        absolute_deadline: Micros(row.try_get("absolute_deadline")?),
    };
    Ok((sign_in, row.try_get("name")?))
}

#[async_trait]
impl SignIns for SqlTx {
    async fn upsert_person(&mut self, person: &Person) -> Result<PersonId, StoreError> {
        let row = sqlx::query(
            "INSERT INTO person (tenant_id, id, idp, issuer, subject, name) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant_id, issuer, subject) WHERE same_as IS NULL DO UPDATE SET name = excluded.name RETURNING id",
        )
        .bind(self.tenant.as_str())
        .bind(person.id.to_string())
        .bind(&person.idp)
        .bind(&person.issuer)
        .bind(&person.subject)
        .bind(&person.name)
        .fetch_one(&mut *self.tx)
        .await?;
        id(&row, "person", "id")
    }

    async fn find_person(&mut self, issuer: &str, subject: &str) -> Result<Option<PersonId>, StoreError> {
        let sql = "SELECT id FROM person WHERE tenant_id = $1 AND issuer = $2 AND subject = $3 AND same_as IS NULL";
        let query = sqlx::query(sql).bind(self.tenant.as_str()).bind(issuer).bind(subject);
        query.fetch_optional(&mut *self.tx).await?.map(|row| id(&row, "person", "id")).transpose()
    }

    async fn list_people(&mut self, ids: &[PersonId]) -> Result<Vec<(PersonId, String)>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut query = Statement::new("SELECT id, name FROM person WHERE tenant_id = ");
        query.bind(self.tenant.as_str().to_owned()).push(" AND id IN ").bind_list(ids.iter().map(PersonId::to_string));
        let rows = query.fetch_all(&mut self.tx).await?;
        rows.iter().map(|row| Ok((id(row, "person", "id")?, row.try_get("name")?))).collect()
    }

    async fn insert_txn(&mut self, txn: &Txn) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO sign_in_txn (tenant_id, id, idp, challenge, ticket_hash, login_hash, state, refused_code, result, expires_at, purpose) \
             VALUES ($1, $2, $3, $4, $5, NULL, 'pending', NULL, NULL, $6, $7)",
        )
        .bind(self.tenant.as_str())
        .bind(txn.id.to_string())
        .bind(&txn.idp)
        .bind(&txn.challenge[..])
        .bind(&txn.ticket_hash[..])
        .bind(txn.expires_at.0)
        .bind((txn.purpose != Purpose::SignIn).then(|| text(&txn.purpose)))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_txn(&mut self, txn_id: TxnId, now: Micros) -> Result<Option<(Txn, TxnProgress)>, StoreError> {
        let row = sqlx::query("SELECT * FROM sign_in_txn WHERE tenant_id = $1 AND id = $2 AND expires_at > $3")
            .bind(self.tenant.as_str())
            .bind(txn_id.to_string())
            .bind(now.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| Ok((txn(&row)?, progress(&row)?))).transpose()
    }

    async fn update_txn_begun(
        &mut self,
        ticket: &[u8; 32],
        login: &[u8; 32],
        now: Micros,
    ) -> Result<Option<Txn>, StoreError> {
        let row = sqlx::query(
            "UPDATE sign_in_txn SET state = 'begun', login_hash = $3 \
             WHERE tenant_id = $1 AND ticket_hash = $2 AND state = 'pending' AND expires_at > $4 RETURNING *",
        )
        .bind(self.tenant.as_str())
        .bind(&ticket[..])
        .bind(&login[..])
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.as_ref().map(txn).transpose()
    }

    async fn find_txn_begun(&mut self, login: &[u8; 32], now: Micros) -> Result<Option<Txn>, StoreError> {
        let row = sqlx::query(
            "SELECT * FROM sign_in_txn WHERE tenant_id = $1 AND login_hash = $2 AND state = 'begun' AND expires_at > $3",
        )
        .bind(self.tenant.as_str())
        .bind(&login[..])
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.as_ref().map(txn).transpose()
    }

    async fn update_txn_authenticated(&mut self, txn: TxnId, vouched: &Vouched) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in_txn SET state = 'authenticated', result = $3 WHERE tenant_id = $1 AND id = $2 AND state = 'begun'",
        )
        .bind(self.tenant.as_str())
        .bind(txn.to_string())
        .bind(text(vouched))
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn update_txn_refused(&mut self, txn: TxnId, code: &str) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE sign_in_txn SET state = 'refused', refused_code = $3 WHERE tenant_id = $1 AND id = $2 AND state IN ('pending', 'begun')",
        )
        .bind(self.tenant.as_str())
        .bind(txn.to_string())
        .bind(code)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn update_txn_redeemed(&mut self, txn: TxnId) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in_txn SET state = 'redeemed', result = NULL WHERE tenant_id = $1 AND id = $2 AND state = 'authenticated'",
        )
        .bind(self.tenant.as_str())
        .bind(txn.to_string())
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn delete_txn(&mut self, txn: TxnId) -> Result<bool, StoreError> {
        let deleted = sqlx::query("DELETE FROM sign_in_txn WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(txn.to_string())
            .execute(&mut *self.tx)
            .await?;
        Ok(deleted.rows_affected() == 1)
    }

    async fn insert_sign_in(&mut self, sign_in: &SignIn) -> Result<(), StoreError> {
        // Whoever counts them next counts this one too.
        self.alone(&format!("sign-ins\n{}", sign_in.vouched.person)).await?;
        sqlx::query(
            "INSERT INTO sign_in (tenant_id, id, person_id, idp, idp_session, auth_time, acr, roles, queues, created_at, last_activity_at, absolute_deadline, revoked_at, revoked_reason, browser, id_token) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, NULL, NULL, $13, $14)",
        )
        .bind(self.tenant.as_str())
        .bind(sign_in.id.to_string())
        .bind(sign_in.vouched.person.to_string())
        .bind(&sign_in.idp)
        .bind(&sign_in.vouched.idp_session)
        .bind(sign_in.vouched.auth_time)
        .bind(&sign_in.vouched.acr)
        .bind(text(&sign_in.vouched.roles))
        .bind(text(&sign_in.vouched.queues))
        .bind(sign_in.created_at.0)
        .bind(sign_in.last_activity_at.0)
        .bind(sign_in.absolute_deadline.0)
        .bind(sign_in.vouched.browser.as_str())
        .bind(&sign_in.vouched.id_token)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_live_sign_in(
        &mut self,
        sign_in_id: SignInId,
        active_since: Micros,
        now: Micros,
    ) -> Result<Option<(SignIn, String)>, StoreError> {
        let row = sqlx::query(
            "SELECT s.*, p.name FROM sign_in s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id \
             WHERE s.tenant_id = $1 AND s.id = $2 AND s.revoked_at IS NULL AND s.last_activity_at > $3 AND s.absolute_deadline > $4",
        )
        .bind(self.tenant.as_str())
        .bind(sign_in_id.to_string())
        .bind(active_since.0)
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.as_ref().map(sign_in).transpose()
    }

    async fn list_live_sign_ins(
        &mut self,
        person: PersonId,
        active_since: Micros,
        now: Micros,
    ) -> Result<Vec<SignInId>, StoreError> {
        let rows = sqlx::query(
            "SELECT id FROM sign_in WHERE tenant_id = $1 AND person_id = $2 AND revoked_at IS NULL AND last_activity_at > $3 \
             AND absolute_deadline > $4 ORDER BY created_at DESC, id DESC",
        )
        .bind(self.tenant.as_str())
        .bind(person.to_string())
        .bind(active_since.0)
        .bind(now.0)
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(|row| id(row, "sign_in", "id")).collect()
    }

    async fn list_sign_ins(
        &mut self,
        active_since: Micros,
        now: Micros,
        limit: usize,
    ) -> Result<Vec<(SignIn, String)>, StoreError> {
        let rows = sqlx::query(
            "SELECT s.*, p.name FROM sign_in s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id \
             WHERE s.tenant_id = $1 AND s.revoked_at IS NULL AND s.last_activity_at > $2 AND s.absolute_deadline > $3 \
             ORDER BY s.last_activity_at DESC, s.id DESC LIMIT $4",
        )
        .bind(self.tenant.as_str())
        .bind(active_since.0)
        .bind(now.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter().map(sign_in).collect()
    }

    async fn update_sign_in_activity(
        &mut self,
        sign_in: SignInId,
        at: Micros,
        active_since: Micros,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in SET last_activity_at = $3 \
             WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL AND last_activity_at > $4 AND absolute_deadline > $3",
        )
        .bind(self.tenant.as_str())
        .bind(sign_in.to_string())
        .bind(at.0)
        .bind(active_since.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn update_sign_in_vouched(&mut self, sign_in: SignInId, vouched: &Vouched) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in SET idp_session = COALESCE($3, idp_session), auth_time = $4, acr = $5, roles = $6, queues = $7, \
             absolute_deadline = CASE WHEN absolute_deadline > $8 THEN $8 ELSE absolute_deadline END, id_token = COALESCE($9, id_token) \
             WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.tenant.as_str())
        .bind(sign_in.to_string())
        .bind(&vouched.idp_session)
        .bind(vouched.auth_time)
        .bind(&vouched.acr)
        .bind(text(&vouched.roles))
        .bind(text(&vouched.queues))
        .bind(vouched.session_ends_at.map_or(i64::MAX, |end| end.0))
        .bind(&vouched.id_token)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn update_sign_in_revoked(
        &mut self,
        sign_in: SignInId,
        at: Micros,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "UPDATE sign_in SET revoked_at = $3, revoked_reason = $4, id_token = NULL WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(self.tenant.as_str())
        .bind(sign_in.to_string())
        .bind(at.0)
        .bind(reason)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn insert_web_session(&mut self, hash: &[u8; 32], data: &str, expires_at: Micros) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO web_session (tenant_id, hash, data, expires_at) VALUES ($1, $2, $3, $4)")
            .bind(self.tenant.as_str())
            .bind(&hash[..])
            .bind(data)
            .bind(expires_at.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn update_web_session(&mut self, hash: &[u8; 32], data: &str, expires_at: Micros) -> Result<(), StoreError> {
        sqlx::query("UPDATE web_session SET data = $3, expires_at = $4 WHERE tenant_id = $1 AND hash = $2")
            .bind(self.tenant.as_str())
            .bind(&hash[..])
            .bind(data)
            .bind(expires_at.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn find_web_session(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<(String, Micros)>, StoreError> {
        let row = sqlx::query(
            "SELECT data, expires_at FROM web_session WHERE tenant_id = $1 AND hash = $2 AND expires_at > $3",
        )
        .bind(self.tenant.as_str())
        .bind(&hash[..])
        .bind(now.0)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| Ok((row.try_get("data")?, Micros(row.try_get("expires_at")?)))).transpose()
    }

    async fn delete_web_session(&mut self, hash: &[u8; 32]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM web_session WHERE tenant_id = $1 AND hash = $2")
            .bind(self.tenant.as_str())
            .bind(&hash[..])
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn delete_ended(&mut self, now: Micros, before: Micros) -> Result<u64, StoreError> {
        let sign_ins = self.delete_before("sign_in", "absolute_deadline", before).await?;
        let sessions = self.delete_before("web_session", "expires_at", now).await?;
        let logouts = self.delete_before("idp_logout", "expires_at", now).await?;
        let assertions = self.delete_before("assertion", "expires_at", now).await?;
        let proofs = self.delete_before("step_up_grant", "expires_at", now).await?;
        let txns = self.delete_before("sign_in_txn", "expires_at", now).await?;
        let codes = self.delete_before("confirm_code", "expires_at", now).await?;
        Ok(sign_ins + sessions + logouts + assertions + proofs + txns + codes)
    }
}
