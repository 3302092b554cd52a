//! Logouts that identity providers have told of.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SignInId};
use sqlx::Row;

use super::sign_ins::json;
use super::statement::Statement;
use super::{SqlTx, id};
use crate::store::StoreError;
use crate::store::idp_logouts::{IdpLogout, IdpLogouts};
use crate::store::sign_ins::{SignIns, Vouched};

impl SqlTx {
    /// Vouching for somebody and remembering that she was signed out wait for each other.
    async fn alone_with_idp(&mut self, issuer: &str) -> Result<(), StoreError> {
        self.alone(&format!("identity provider\n{issuer}")).await
    }

    /// Whom a logout names.
    async fn named_by(&mut self, logout: &IdpLogout) -> Result<Option<PersonId>, StoreError> {
        let Some(subject) = &logout.subject else { return Ok(None) };
        self.find_person(&logout.issuer, subject).await
    }
}

/// Whether a logout speaks of somebody. `named` is whom it names.
fn speaks_of(logout: &IdpLogout, named: Option<PersonId>, vouched: &Vouched) -> bool {
    let is_person = logout.subject.is_none() || named == Some(vouched.person);
    let is_session = match (&logout.session, &vouched.idp_session) {
        (None, _) => true,
        (Some(ended), Some(ours)) => ended == ours,
        (Some(_), None) => logout.subject.is_some(),
    };
    is_person && is_session
}

#[async_trait]
impl IdpLogouts for SqlTx {
    async fn insert_idp_logout(&mut self, logout: &IdpLogout) -> Result<bool, StoreError> {
        self.alone_with_idp(&logout.issuer).await?;
        let inserted = sqlx::query(
            "INSERT INTO idp_logout (tenant_id, issuer, id, subject, idp_session, issued_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(&logout.issuer)
        .bind(&logout.id)
        .bind(&logout.subject)
        .bind(&logout.session)
        .bind(logout.issued_at.0)
        .bind(logout.expires_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(inserted.rows_affected() == 1)
    }

    async fn find_idp_logout(
        &mut self,
        (issuer, subject, session): (&str, &str, Option<&str>),
        since: Micros,
    ) -> Result<Option<Micros>, StoreError> {
        self.alone_with_idp(issuer).await?;
        let mut query = Statement::new("SELECT issued_at FROM idp_logout WHERE tenant_id = ");
        query.bind(self.tenant.as_str().to_owned()).push(" AND issuer = ").bind(issuer.to_owned());
        query
            .push(" AND issued_at >= ")
            .bind(since.0)
            .push(" AND (subject IS NULL OR subject = ")
            .bind(subject.to_owned());
        match session {
            Some(session) => query.push(") AND (idp_session IS NULL OR idp_session = ").bind(session.to_owned()),
            // Without a session of hers, a logout that names somebody else's alone is not hers.
            None => query.push(") AND (subject IS NOT NULL"),
        };
        query.push(") ORDER BY issued_at DESC LIMIT 1");
        let row = query.fetch_optional(&mut self.tx).await?;
        row.map(|row| Ok(Micros(row.try_get("issued_at")?))).transpose()
    }

    async fn list_sign_ins_of_idp(&mut self, logout: &IdpLogout, now: Micros) -> Result<Vec<SignInId>, StoreError> {
        let mut query = Statement::new(
            "SELECT s.id FROM sign_in s JOIN person p ON p.tenant_id = s.tenant_id AND p.id = s.person_id WHERE s.tenant_id = ",
        );
        query.bind(self.tenant.as_str().to_owned()).push(" AND p.issuer = ").bind(logout.issuer.clone());
        query.push(" AND s.revoked_at IS NULL AND s.absolute_deadline > ").bind(now.0);
        if let Some(subject) = &logout.subject {
            query.push(" AND p.subject = ").bind(subject.clone());
        }
        if let Some(session) = &logout.session {
            query.push(" AND (s.idp_session = ").bind(session.clone());
            query.push(if logout.subject.is_some() { " OR s.idp_session IS NULL)" } else { ")" });
        }
        query.push(" ORDER BY s.id");
        query.fetch_all(&mut self.tx).await?.iter().map(|row| id(row, "sign_in", "id")).collect()
    }

    async fn update_txns_ended(&mut self, logout: &IdpLogout, now: Micros) -> Result<u64, StoreError> {
        let named = self.named_by(logout).await?;
        let sql = format!(
            "SELECT id, result FROM sign_in_txn WHERE tenant_id = $1 AND idp = $2 AND state = 'authenticated' AND expires_at > $3{}",
            self.for_update()
        );
        let query = sqlx::query(&sql).bind(self.tenant.as_str()).bind(&logout.idp).bind(now.0);
        let mut ended = 0;
        for row in query.fetch_all(&mut *self.tx).await? {
            if speaks_of(logout, named, &json(&row, "result")?) {
                let sql = "UPDATE sign_in_txn SET state = 'refused', refused_code = 'refused', result = NULL WHERE tenant_id = $1 AND id = $2";
                let query = sqlx::query(sql).bind(self.tenant.as_str()).bind(row.try_get::<String, _>("id")?);
                ended += query.execute(&mut *self.tx).await?.rows_affected();
            }
        }
        Ok(ended)
    }
}
