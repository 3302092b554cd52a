//! Sessions.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, PersonId, SessionId, SignInId};
use kyc_wire::list::{Sort, View};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::SqlTx;
use super::statement::Statement;
use crate::domain::names::ConversationId;
use crate::domain::session::{Connection, RunPhase, Session};
use crate::store::StoreError;
use crate::store::sessions::{Cursor, Filter, Queues, Sessions};

/// Counting stops here: "1,000 and more" says enough.
const COUNT_LIMIT: i64 = 1000;

fn body(session: &Session) -> String {
    serde_json::to_string(session).expect("a session is plain data")
}

fn from_body(row: &AnyRow) -> Result<Session, StoreError> {
    read(row, "body")
}

/// A session from the column that holds all of it.
pub(super) fn read(row: &AnyRow, column: &str) -> Result<Session, StoreError> {
    let body: &str = row.try_get(column)?;
    serde_json::from_str(body).map_err(|_| StoreError::Corrupt { table: "session", column: "body" })
}

/// The conversation, as the column has it: empty where it is forgotten, so that nobody is found on it and nobody is handed the session.
fn conversation(session: &Session) -> Option<&str> {
    let is_forgotten = session.is_of_forgotten_conversation();
    session.conversation_id.as_ref().map(ConversationId::as_str).or_else(|| is_forgotten.then_some(""))
}

fn provider_waiting_since(session: &Session) -> Option<i64> {
    matches!(session.provider.phase, RunPhase::Starting | RunPhase::Processing).then_some(session.provider.since.0)
}

impl SqlTx {
    async fn insert_involved(&mut self, session: &Session) -> Result<(), StoreError> {
        if session.involved.is_empty() {
            return Ok(());
        }
        let mut insertion = Statement::new("INSERT INTO session_involved (tenant_id, session_id, person_id) VALUES ");
        for (at, person) in session.involved.iter().enumerate() {
            let row = [self.tenant.as_str().to_owned(), session.id.to_string(), person.to_string()];
            insertion.push(if at == 0 { "" } else { ", " }).bind_list(row);
        }
        insertion.push(" ON CONFLICT DO NOTHING");
        insertion.execute(&mut self.tx).await?;
        Ok(())
    }

    async fn find_one(&mut self, sql: &str, key: &str) -> Result<Option<Session>, StoreError> {
        let sql = format!("{sql}{}", self.for_update());
        let row = sqlx::query(&sql).bind(self.tenant.as_str()).bind(key).fetch_optional(&mut *self.tx).await?;
        row.as_ref().map(from_body).transpose()
    }

    fn filtered(&self, select: &str, filter: &Filter) -> Statement {
        let mut query = Statement::new(select);
        query.push(" FROM session s WHERE s.tenant_id = ").bind(self.tenant.as_str().to_owned());
        view(&mut query, filter);
        if let Some(status) = filter.status {
            query.push(" AND s.status = ").bind(status.as_str());
        }
        queues(&mut query, &filter.queues);
        if let Some(q) = &filter.q {
            query.push(" AND (s.customer_id = ").bind(q.clone());
            query.push(" OR s.conversation_id = ").bind(q.clone());
            query.push(" OR (s.id >= ").bind(q.to_lowercase());
            query.push(" AND s.id < ").bind(format!("{}~", q.to_lowercase())).push("))");
        }
        query
    }
}

fn queues(query: &mut Statement, queues: &Queues) {
    let Queues::Only(names) = queues else { return };
    query.push(" AND s.queue IN ").bind_list(names.iter().cloned());
}

fn view(query: &mut Statement, filter: &Filter) {
    match filter.view {
        View::NeedsMyApproval => {
            query.push(" AND s.status = 'final_approval' AND NOT EXISTS (SELECT 1 FROM session_involved i WHERE i.tenant_id = s.tenant_id AND i.session_id = s.id AND i.person_id = ");
            query.bind(filter.person.to_string()).push(")");
        }
        View::Flagged => {
            query.push(" AND s.is_flagged = 1");
        }
        View::Live => {
            query.push(" AND s.is_final = 0 AND s.is_connected = 1");
        }
        View::Waiting => {
            query.push(" AND s.status = 'agent_verification' AND s.is_flagged = 0 AND s.lease_until <= ");
            query.bind(filter.now.0);
            query.push(" AND s.state_since <= ").bind(filter.waiting_before.0);
        }
        View::Overdue => {
            // Flagged or not: said so that the index of states is walked to the time and no further.
            query.push(" AND ((s.status = 'agent_verification' AND s.is_flagged IN (0, 1) AND s.state_since <= ");
            query.bind(filter.waiting_before.0);
            query.push(" AND s.lease_until <= ").bind(filter.now.0);
            query.push(") OR (s.status = 'final_approval' AND s.is_flagged IN (0, 1) AND s.state_since <= ");
            query.bind(filter.approval_before.0).push("))");
        }
        View::ProviderTrouble => {
            query.push(" AND s.is_final = 0 AND (s.is_provider_down = 1 OR s.provider_waiting_since <= ");
            query.bind(filter.slow_before.0).push(")");
        }
        View::RejectedToday => {
            query.push(" AND s.status = 'rejected' AND s.state_since >= ").bind(filter.midnight.0);
        }
        View::Mine => {
            query.push(" AND s.is_final = 0 AND s.lease_until > ").bind(filter.now.0);
            query.push(" AND s.holder = ").bind(filter.person.to_string());
        }
        View::Open => {
            query.push(" AND s.is_final = 0");
        }
        View::All => {}
    }
}

fn order(query: &mut Statement, sort: Sort, cursor: Option<&Cursor>) {
    let (columns, by, after) = match sort {
        Sort::Urgency => ("(-s.is_flagged, s.state_since, s.id)", "s.is_flagged DESC, s.state_since, s.id", ">"),
        Sort::Newest => ("(0, s.created_at, s.id)", "s.created_at DESC, s.id DESC", "<"),
        Sort::Oldest => ("(0, s.created_at, s.id)", "s.created_at, s.id", ">"),
    };
    if let Some(cursor) = cursor {
        let flag = if sort == Sort::Urgency { -i64::from(cursor.is_flagged) } else { 0 };
        query.push(&format!(" AND {columns} {after} (")).bind(flag).push(", ");
        query.bind(cursor.at.0).push(", ").bind(cursor.id.to_string()).push(")");
    }
    query.push(&format!(" ORDER BY {by}"));
}

#[async_trait]
impl Sessions for SqlTx {
    async fn insert_session(&mut self, session: &Session, wakes_at: Option<Micros>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO session (tenant_id, id, version, status, queue, customer_id, conversation_id, created_at, state_since, is_final, is_flagged, is_connected, is_provider_down, provider_waiting_since, holder, lease_until, wakes_at, body) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, 0, 0, 0, NULL, NULL, 0, $10, $11)",
        )
        .bind(self.tenant.as_str())
        .bind(session.id.to_string())
        .bind(i64::try_from(session.version).unwrap_or(i64::MAX))
        .bind(session.status().as_str())
        .bind(session.queue.as_str())
        .bind(session.customer_id.as_str())
        .bind(conversation(session))
        .bind(session.created_at.0)
        .bind(session.state_since.0)
        .bind(wakes_at.map(|at| at.0))
        .bind(body(session))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_session(&mut self, id: SessionId) -> Result<Option<Session>, StoreError> {
        self.find_one("SELECT body FROM session WHERE tenant_id = $1 AND id = $2", &id.to_string()).await
    }

    async fn list_sessions_of_conversation(
        &mut self,
        conversation_id: &str,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        self.alone(&format!("conversation\n{conversation_id}")).await?;
        let sql = format!(
            "SELECT body FROM session WHERE tenant_id = $1 AND conversation_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3{}",
            self.for_update()
        );
        let rows = sqlx::query(&sql)
            .bind(self.tenant.as_str())
            .bind(conversation_id)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(from_body).collect()
    }

    async fn find_next_waiting(
        &mut self,
        among: &Queues,
        on_conversation: Option<PersonId>,
        now: Micros,
    ) -> Result<Option<Session>, StoreError> {
        let mut query = Statement::new("SELECT s.body FROM session s WHERE s.tenant_id = ");
        query
            .bind(self.tenant.as_str().to_owned())
            .push(" AND s.status = 'agent_verification' AND s.is_flagged = 0 AND s.lease_until <= ");
        query.bind(now.0);
        queues(&mut query, among);
        if let Some(person) = on_conversation {
            query.push(
                " AND (s.conversation_id IS NULL OR EXISTS (SELECT 1 FROM on_conversation o WHERE o.tenant_id = s.tenant_id \
                 AND o.conversation_id = s.conversation_id AND o.person_id = ",
            );
            query.bind(person.to_string()).push("))");
        }
        query.push(" ORDER BY s.state_since, s.id LIMIT 1").push(self.for_update_if_free());
        let row = query.fetch_optional(&mut self.tx).await?;
        row.as_ref().map(from_body).transpose()
    }

    async fn list_sessions(
        &mut self,
        filter: &Filter,
        (sort, cursor): (Sort, Option<&Cursor>),
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let mut query = self.filtered("SELECT s.body", filter);
        order(&mut query, sort, cursor);
        query.push(" LIMIT ").bind(i64::from(limit));
        query.fetch_all(&mut self.tx).await?.iter().map(from_body).collect()
    }

    async fn count_sessions(&mut self, filter: &Filter) -> Result<u32, StoreError> {
        let mut query = self.filtered("SELECT COUNT(*) AS n FROM (SELECT 1", filter);
        query.push(" LIMIT ").bind(COUNT_LIMIT).push(") AS found");
        let row = query.fetch_optional(&mut self.tx).await?;
        let count: i64 = row.map_or(Ok(0), |row| row.try_get("n"))?;
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }

    async fn list_waking(&mut self, is_final: bool, now: Micros, limit: u32) -> Result<Vec<SessionId>, StoreError> {
        let sql = "SELECT id FROM session WHERE tenant_id = $1 AND wakes_at <= $2 AND is_final = $4 ORDER BY wakes_at LIMIT $3";
        let rows = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(now.0)
            .bind(i64::from(limit))
            .bind(i64::from(is_final))
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(|row| super::id(row, "session", "id")).collect()
    }

    async fn list_ended(
        &mut self,
        by: Micros,
        after: Option<SessionId>,
        limit: u32,
    ) -> Result<Vec<Session>, StoreError> {
        let sql = "SELECT body FROM session WHERE tenant_id = $1 AND id > $2 AND is_final = 1 AND state_since <= $3 \
                   ORDER BY id LIMIT $4";
        let rows = sqlx::query(sql)
            .bind(self.tenant.as_str())
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(by.0)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.tx)
            .await?;
        rows.iter().map(from_body).collect()
    }

    async fn update_session(
        &mut self,
        session: &Session,
        version: u64,
        wakes_at: Option<Micros>,
    ) -> Result<(), StoreError> {
        let changed = sqlx::query(
            "UPDATE session SET version = $4, status = $5, state_since = $6, is_final = $7, is_flagged = $8, is_connected = $9, \
             is_provider_down = $10, provider_waiting_since = $11, holder = $12, lease_until = $13, wakes_at = $14, body = $15, \
             conversation_id = $16 \
             WHERE tenant_id = $1 AND id = $2 AND version = $3",
        )
        .bind(self.tenant.as_str())
        .bind(session.id.to_string())
        .bind(i64::try_from(version).unwrap_or(i64::MAX))
        .bind(i64::try_from(session.version).unwrap_or(i64::MAX))
        .bind(session.status().as_str())
        .bind(session.state_since.0)
        .bind(i64::from(session.state.is_final()))
        .bind(i64::from(session.flag.is_some()))
        .bind(i64::from(matches!(session.connection, Connection::Connected { .. })))
        .bind(i64::from(session.provider.phase == RunPhase::Down))
        .bind(provider_waiting_since(session))
        .bind(session.lease.map(|lease| lease.holder.to_string()))
        .bind(session.lease.map_or(0, |lease| lease.until.0))
        .bind(wakes_at.map(|at| at.0))
        .bind(body(session))
        .bind(conversation(session))
        .execute(&mut *self.tx)
        .await?;
        if changed.rows_affected() != 1 {
            return Err(StoreError::Conflict);
        }
        self.insert_involved(session).await
    }

    async fn note_access(
        &mut self,
        session: SessionId,
        (person, sign_in): (PersonId, SignInId),
        at: Micros,
        since: Micros,
    ) -> Result<bool, StoreError> {
        let changed = sqlx::query(
            "INSERT INTO session_access (tenant_id, session_id, person_id, sign_in_id, opened_at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (tenant_id, session_id, person_id, sign_in_id) DO UPDATE SET opened_at = excluded.opened_at \
             WHERE session_access.opened_at < $6",
        )
        .bind(self.tenant.as_str())
        .bind(session.to_string())
        .bind(person.to_string())
        .bind(sign_in.to_string())
        .bind(at.0)
        .bind(since.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(changed.rows_affected() == 1)
    }

    async fn delete_accesses(&mut self, before: Micros) -> Result<u64, StoreError> {
        self.delete_before("session_access", "opened_at", before).await
    }
}
