//! Work to be done.

use async_trait::async_trait;
use kyc_wire::ids::{EventId, InboxId, JobId, Micros, SessionId};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use super::statement::Statement;
use super::{BATCH, SqlTx, id};
use crate::domain::idempotency::{Fingerprint, Key, Mark};
use crate::store::StoreError;
use crate::store::work::{DeadJob, Job, JobKind, StoredEvent, StoredToken, StoredWebhook, Unapplied, Work};

fn job(row: &AnyRow) -> Result<Job, StoreError> {
    Ok(Job {
        id: id(row, "job", "id")?,
        kind: kind(row)?,
        subject: row.try_get("subject")?,
        attempts: attempts(row)?,
        claimed_until: Micros(row.try_get("claimed_until")?),
    })
}

fn kind(row: &AnyRow) -> Result<JobKind, StoreError> {
    JobKind::parse(row.try_get("kind")?).ok_or(StoreError::Corrupt { table: "job", column: "kind" })
}

fn attempts(row: &AnyRow) -> Result<u32, StoreError> {
    let attempts: i64 = row.try_get("attempts")?;
    u32::try_from(attempts).map_err(|_| StoreError::Corrupt { table: "job", column: "attempts" })
}

fn bytes(row: &AnyRow, table: &'static str, column: &'static str) -> Result<[u8; 32], StoreError> {
    row.try_get::<Vec<u8>, _>(column)?.try_into().map_err(|_| StoreError::Corrupt { table, column })
}

fn mark(row: &AnyRow) -> Result<Mark, StoreError> {
    let has_session = row.try_get::<Option<&str>, _>("session_id")?.is_some();
    Ok(Mark {
        fingerprint: Fingerprint::from_bytes(bytes(row, "idempotency_mark", "fingerprint")?),
        session: if has_session { Some(id(row, "idempotency_mark", "session_id")?) } else { None },
        has_created: row.try_get::<i64, _>("has_created")? == 1,
    })
}

fn tag(row: &AnyRow) -> Result<Option<[u8; 32]>, StoreError> {
    let found: Option<Vec<u8>> = row.try_get("secret_tag")?;
    let corrupt = |_| StoreError::Corrupt { table: "client_token", column: "secret_tag" };
    found.map(|bytes| bytes.try_into().map_err(corrupt)).transpose()
}

/// A job as it was claimed. By kind and subject, which are its key: by its id alone every job would be looked at, however many wait.
const CLAIMED: &str = "tenant_id = $1 AND kind = $2 AND subject = $3 AND id = $4 AND claimed_until = $5";

impl SqlTx {
    /// A statement about a job as it was claimed: its first five values are [`CLAIMED`]'s.
    fn on_claimed<'q>(&self, sql: &'q str, job: &Job) -> Query<'q, Any, AnyArguments<'q>> {
        sqlx::query(sql)
            .bind(self.tenant.as_str().to_owned())
            .bind(job.kind.as_str())
            .bind(job.subject.clone())
            .bind(job.id.to_string())
            .bind(job.claimed_until.0)
    }
}

#[async_trait]
impl Work for SqlTx {
    async fn insert_webhooks(&mut self, webhooks: &[StoredWebhook]) -> Result<Vec<InboxId>, StoreError> {
        let mut statement = Statement::new(
            "INSERT INTO inbox (tenant_id, integration, dedupe_key, id, received_at, key_scope, sealed) VALUES ",
        );
        for (at, webhook) in webhooks.iter().enumerate() {
            statement.push(if at == 0 { "(" } else { ", (" }).bind(self.tenant.as_str().to_owned());
            statement.push(", ").bind(webhook.integration.clone());
            statement.push(", ").bind(webhook.dedupe_key.clone());
            statement.push(", ").bind(webhook.id.to_string());
            statement.push(", ").bind(webhook.received_at.0);
            statement.push(", ").bind(webhook.key_scope.clone());
            statement.push(", ").bind(webhook.sealed.clone()).push(")");
        }
        statement.push(" ON CONFLICT DO NOTHING");
        if let [only] = webhooks {
            // The database need not hand over a row before it commits.
            let is_new = statement.execute(&mut self.tx).await? == 1;
            return Ok(if is_new { vec![only.id] } else { Vec::new() });
        }
        statement.push(" RETURNING id");
        statement.fetch_all(&mut self.tx).await?.iter().map(|row| id(row, "inbox", "id")).collect()
    }

    async fn find_webhook(&mut self, inbox: InboxId) -> Result<Option<StoredWebhook>, StoreError> {
        let row = sqlx::query("SELECT * FROM inbox WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(inbox.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| {
            Ok(StoredWebhook {
                id: inbox,
                integration: row.try_get("integration")?,
                dedupe_key: row.try_get("dedupe_key")?,
                received_at: Micros(row.try_get("received_at")?),
                key_scope: row.try_get("key_scope")?,
                sealed: row.try_get("sealed")?,
            })
        })
        .transpose()
    }

    async fn update_webhook_applied(&mut self, inbox: InboxId, at: Micros) -> Result<(), StoreError> {
        sqlx::query("UPDATE inbox SET applied_at = $3, sealed = NULL WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(inbox.to_string())
            .bind(at.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn insert_event(&mut self, event: &StoredEvent) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO outbox (tenant_id, id, session_id, body, created_at, delivered_at) VALUES ($1, $2, $3, $4, $5, NULL)",
        )
        .bind(self.tenant.as_str())
        .bind(event.id.to_string())
        .bind(event.session_id.to_string())
        .bind(&event.body)
        .bind(event.created_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_event(&mut self, event: EventId) -> Result<Option<StoredEvent>, StoreError> {
        let row = sqlx::query("SELECT * FROM outbox WHERE tenant_id = $1 AND id = $2 AND delivered_at IS NULL")
            .bind(self.tenant.as_str())
            .bind(event.to_string())
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| {
            Ok(StoredEvent {
                id: event,
                session_id: id(&row, "outbox", "session_id")?,
                body: row.try_get("body")?,
                created_at: Micros(row.try_get("created_at")?),
            })
        })
        .transpose()
    }

    async fn list_events(&mut self, session: SessionId) -> Result<Vec<StoredEvent>, StoreError> {
        let rows = sqlx::query("SELECT id, body, created_at FROM outbox WHERE tenant_id = $1 AND session_id = $2")
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .fetch_all(&mut *self.tx)
            .await?;
        let event = |row: &AnyRow| {
            Ok(StoredEvent {
                id: id(row, "outbox", "id")?,
                session_id: session,
                body: row.try_get("body")?,
                created_at: Micros(row.try_get("created_at")?),
            })
        };
        rows.iter().map(event).collect()
    }

    async fn update_event_body(&mut self, event: EventId, body: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET body = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(event.to_string())
            .bind(body)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn update_event_delivered(&mut self, event: EventId, at: Micros) -> Result<(), StoreError> {
        sqlx::query("UPDATE outbox SET delivered_at = $3 WHERE tenant_id = $1 AND id = $2")
            .bind(self.tenant.as_str())
            .bind(event.to_string())
            .bind(at.0)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    async fn upsert_job(
        &mut self,
        (job, kind, subject): (JobId, JobKind, &str),
        run_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO job (tenant_id, kind, subject, id, run_at, attempts, claimed_until, is_dead) VALUES ($1, $2, $3, $4, $5, 0, 0, 0) \
             ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET id = excluded.id, run_at = excluded.run_at, attempts = 0, claimed_until = 0, is_dead = 0",
        )
        .bind(self.tenant.as_str())
        .bind(kind.as_str())
        .bind(subject)
        .bind(job.to_string())
        .bind(run_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn postpone_job(
        &mut self,
        (job, kind, subject): (JobId, JobKind, &str),
        run_at: Micros,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO job (tenant_id, kind, subject, id, run_at, attempts, claimed_until, is_dead) VALUES ($1, $2, $3, $4, $5, 0, 0, 0) \
             ON CONFLICT (tenant_id, kind, subject) DO UPDATE SET id = excluded.id, \
             run_at = CASE WHEN job.run_at > excluded.run_at THEN job.run_at ELSE excluded.run_at END, \
             attempts = 0, claimed_until = 0, is_dead = 0",
        )
        .bind(self.tenant.as_str())
        .bind(kind.as_str())
        .bind(subject)
        .bind(job.to_string())
        .bind(run_at.0)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn list_due_kinds(&mut self, now: Micros) -> Result<Vec<JobKind>, StoreError> {
        // One look into the index for each kind, however many jobs are due.
        let kinds = JobKind::ALL.map(|kind| {
            let kind = kind.as_str();
            format!(
                "SELECT '{kind}' AS kind WHERE EXISTS (SELECT 1 FROM job WHERE tenant_id = $1 AND is_dead = 0 AND kind = '{kind}' \
                 AND run_at <= $2 AND claimed_until <= $2)"
            )
        });
        let sql = kinds.join(" UNION ALL ");
        let rows = sqlx::query(&sql).bind(self.tenant.as_str()).bind(now.0).fetch_all(&mut *self.tx).await?;
        rows.iter().map(kind).collect()
    }

    async fn claim_jobs(
        &mut self,
        kind: JobKind,
        now: Micros,
        until: Micros,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError> {
        // Found once, however the update is planned: found again, what is locked by now would be passed over for more.
        let sql = format!(
            "WITH due AS MATERIALIZED (SELECT subject FROM job WHERE tenant_id = $1 AND is_dead = 0 AND kind = $2 AND run_at <= $3 \
             AND claimed_until <= $3 ORDER BY run_at LIMIT $5{}) \
             UPDATE job SET claimed_until = $4 WHERE tenant_id = $1 AND kind = $2 AND subject IN (SELECT subject FROM due) \
             RETURNING id, kind, subject, attempts, claimed_until",
            self.for_update_if_free()
        );
        let rows = sqlx::query(&sql)
            .bind(self.tenant.as_str())
            .bind(kind.as_str())
            .bind(now.0)
            .bind(until.0)
            .bind(i64::from(limit))
            .fetch_all(&mut *self.tx)
            .await?;
        let mut jobs: Vec<Job> = rows.iter().map(job).collect::<Result<_, _>>()?;
        // RETURNING has no order; ids have the one in which they were made.
        jobs.sort_by_key(|job| job.id);
        Ok(jobs)
    }

    async fn find_job(&mut self, kind: JobKind, subject: &str) -> Result<Option<(Job, Micros)>, StoreError> {
        let row = sqlx::query(
            "SELECT id, kind, subject, attempts, claimed_until, run_at FROM job WHERE tenant_id = $1 AND kind = $2 AND subject = $3",
        )
        .bind(self.tenant.as_str())
        .bind(kind.as_str())
        .bind(subject)
        .fetch_optional(&mut *self.tx)
        .await?;
        row.map(|row| Ok((job(&row)?, Micros(row.try_get("run_at")?)))).transpose()
    }

    async fn delete_job(&mut self, job: &Job) -> Result<bool, StoreError> {
        let sql = format!("DELETE FROM job WHERE {CLAIMED}");
        let deleted = self.on_claimed(&sql, job).execute(&mut *self.tx).await?;
        Ok(deleted.rows_affected() == 1)
    }

    async fn update_job_due(&mut self, job: &Job, run_at: Micros, attempts: u32) -> Result<(), StoreError> {
        let sql = format!("UPDATE job SET run_at = $6, attempts = $7, claimed_until = 0 WHERE {CLAIMED}");
        let update = self.on_claimed(&sql, job).bind(run_at.0).bind(i64::from(attempts));
        update.execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn update_job_dead(&mut self, job: &Job) -> Result<(), StoreError> {
        let sql = format!("UPDATE job SET is_dead = 1, attempts = attempts + 1, claimed_until = 0 WHERE {CLAIMED}");
        self.on_claimed(&sql, job).execute(&mut *self.tx).await?;
        Ok(())
    }

    async fn list_dead_jobs(&mut self, limit: u32) -> Result<Vec<DeadJob>, StoreError> {
        let rows = sqlx::query(
            "SELECT id, kind, subject, attempts, run_at FROM job WHERE tenant_id = $1 AND is_dead = 1 ORDER BY run_at LIMIT $2",
        )
        .bind(self.tenant.as_str())
        .bind(i64::from(limit))
        .fetch_all(&mut *self.tx)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(DeadJob {
                    id: id(row, "job", "id")?,
                    kind: kind(row)?,
                    subject: row.try_get("subject")?,
                    attempts: attempts(row)?,
                    run_at: Micros(row.try_get("run_at")?),
                })
            })
            .collect()
    }

    async fn update_jobs_revived(&mut self, job: Option<JobId>, run_at: Micros) -> Result<u64, StoreError> {
        let revived = sqlx::query(
            "UPDATE job SET is_dead = 0, attempts = 0, run_at = $2 WHERE tenant_id = $1 AND is_dead = 1 AND ($3 = '' OR id = $3)",
        )
        .bind(self.tenant.as_str())
        .bind(run_at.0)
        .bind(job.map(|job| job.to_string()).unwrap_or_default())
        .execute(&mut *self.tx)
        .await?;
        Ok(revived.rows_affected())
    }

    async fn find_next_due(&mut self) -> Result<Option<Micros>, StoreError> {
        let sql = "SELECT MIN(CASE WHEN run_at > claimed_until THEN run_at ELSE claimed_until END) AS due FROM job WHERE tenant_id = $1 AND is_dead = 0";
        let due: Option<i64> =
            sqlx::query(sql).bind(self.tenant.as_str()).fetch_one(&mut *self.tx).await?.try_get("due")?;
        Ok(due.map(Micros))
    }

    async fn insert_mark(
        &mut self,
        key: &Key,
        fingerprint: Fingerprint,
        at: Micros,
    ) -> Result<Option<Mark>, StoreError> {
        // The insertion is the question: it waits until whoever left the same mark has committed or failed.
        let inserted = sqlx::query(
            "INSERT INTO idempotency_mark (tenant_id, caller, method, path, key, fingerprint, at) VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT DO NOTHING",
        )
        .bind(self.tenant.as_str())
        .bind(&key.caller)
        .bind(&key.method)
        .bind(&key.path)
        .bind(&key.key)
        .bind(&fingerprint.as_bytes()[..])
        .bind(at.0)
        .execute(&mut *self.tx)
        .await?;
        if inserted.rows_affected() == 1 {
            return Ok(None);
        }
        let row = sqlx::query(
            "SELECT fingerprint, session_id, has_created FROM idempotency_mark \
             WHERE tenant_id = $1 AND caller = $2 AND method = $3 AND path = $4 AND key = $5",
        )
        .bind(self.tenant.as_str())
        .bind(&key.caller)
        .bind(&key.method)
        .bind(&key.path)
        .bind(&key.key)
        .fetch_optional(&mut *self.tx)
        .await?;
        // Gone in this moment, because its time was over.
        mark(&row.ok_or(StoreError::Conflict)?).map(Some)
    }

    async fn update_mark(&mut self, key: &Key, session: SessionId, has_created: bool) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE idempotency_mark SET session_id = $6, has_created = $7 \
             WHERE tenant_id = $1 AND caller = $2 AND method = $3 AND path = $4 AND key = $5",
        )
        .bind(self.tenant.as_str())
        .bind(&key.caller)
        .bind(&key.method)
        .bind(&key.path)
        .bind(&key.key)
        .bind(session.to_string())
        .bind(i64::from(has_created))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn delete_mark(&mut self, key: &Key) -> Result<(), StoreError> {
        sqlx::query(
            "DELETE FROM idempotency_mark WHERE tenant_id = $1 AND caller = $2 AND method = $3 AND path = $4 AND key = $5",
        )
        .bind(self.tenant.as_str())
        .bind(&key.caller)
        .bind(&key.method)
        .bind(&key.path)
        .bind(&key.key)
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn delete_stale(&mut self, before: Micros, now: Micros) -> Result<u64, StoreError> {
        let marks = self.delete_before("idempotency_mark", "at", before).await?;
        Ok(marks + self.delete_before("client_token", "expires_at", now).await?)
    }

    async fn delete_old_webhooks(&mut self, before: Micros) -> Result<Unapplied, StoreError> {
        let address = self.dialect.row_address();
        let sql = format!(
            "DELETE FROM inbox WHERE {address} IN (SELECT {address} FROM inbox \
             WHERE tenant_id = $1 AND applied_at IS NULL AND received_at <= $2 LIMIT $3) RETURNING id, integration"
        );
        let rows = sqlx::query(&sql).bind(self.tenant.as_str()).bind(before.0).bind(BATCH);
        let rows = rows.fetch_all(&mut *self.tx).await?;
        let webhook = |row: &AnyRow| Ok((id(row, "inbox", "id")?, row.try_get("integration")?));
        let webhooks: Vec<(InboxId, String)> = rows.iter().map(webhook).collect::<Result<_, StoreError>>()?;
        if webhooks.is_empty() {
            return Ok(Unapplied::default());
        }
        let mut jobs =
            Statement::new("UPDATE job SET is_dead = 1, claimed_until = 0 WHERE is_dead = 0 AND tenant_id = ");
        jobs.bind(self.tenant.as_str().to_owned()).push(" AND kind = ").bind(JobKind::ApplyWebhook.as_str().to_owned());
        jobs.push(" AND subject IN ").bind_list(webhooks.iter().map(|(id, _)| id.to_string()));
        let given_up = jobs.execute(&mut self.tx).await?;
        Ok(Unapplied { webhooks, given_up })
    }

    async fn delete_inbox_keys(&mut self, day: &str) -> Result<u64, StoreError> {
        let keys = sqlx::query("DELETE FROM data_key WHERE tenant_id = $1 AND scope >= 'inbox:' AND scope < $2");
        let keys = keys.bind(self.tenant.as_str()).bind(format!("inbox:{day}")).execute(&mut *self.tx).await?;
        Ok(keys.rows_affected())
    }

    async fn delete_done(&mut self, before: Micros) -> Result<u64, StoreError> {
        let events = self.delete_before("outbox", "delivered_at", before).await?;
        Ok(events + self.delete_before("inbox", "applied_at", before).await?)
    }

    async fn insert_token(&mut self, token: &StoredToken) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO client_token (tenant_id, hash, client_id, scopes, expires_at, secret_tag) VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(self.tenant.as_str())
        .bind(&token.hash[..])
        .bind(&token.client_id)
        .bind(&token.scopes)
        .bind(token.expires_at.0)
        .bind(token.secret_tag.as_ref().map(|tag| &tag[..]))
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn find_token(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<StoredToken>, StoreError> {
        let row = sqlx::query("SELECT * FROM client_token WHERE tenant_id = $1 AND hash = $2 AND expires_at > $3")
            .bind(self.tenant.as_str())
            .bind(&hash[..])
            .bind(now.0)
            .fetch_optional(&mut *self.tx)
            .await?;
        row.map(|row| {
            Ok(StoredToken {
                hash: bytes(&row, "client_token", "hash")?,
                client_id: row.try_get("client_id")?,
                scopes: row.try_get("scopes")?,
                secret_tag: tag(&row)?,
                expires_at: Micros(row.try_get("expires_at")?),
            })
        })
        .transpose()
    }
}
