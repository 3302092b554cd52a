//! Checking a database as a whole: its pages, and its audit chains from the first entry to the head.

use std::path::Path;

use sqlx::Row;
use sqlx::sqlite::SqliteConnection;

use super::UpkeepError;
use crate::domain::audit::chain::{Head, hash};

/// Entries read at once.
const PAGE: i64 = 1000;

/// The chain of one tenant, checked.
pub type Chain = Head;

/// Fails unless `SQLite` finds its own file in order.
pub async fn integrity(connection: &mut SqliteConnection, path: &Path) -> Result<(), UpkeepError> {
    let said: String = sqlx::query("PRAGMA integrity_check").fetch_one(connection).await?.try_get(0)?;
    if said == "ok" { Ok(()) } else { Err(UpkeepError::bad(path, format!("the file is damaged: {said}"))) }
}

/// The heads as they are written down in one of the databases of a connection.
pub async fn heads(
    connection: &mut SqliteConnection,
    path: &Path,
    of: &'static str,
) -> Result<Vec<Chain>, UpkeepError> {
    let sql = format!("SELECT tenant_id, seq, hash FROM {of}.audit_head ORDER BY tenant_id");
    let rows = sqlx::query(&sql).fetch_all(connection);
    let read = |row: &sqlx::sqlite::SqliteRow| {
        let seq = u64::try_from(row.try_get::<i64, _>("seq")?).unwrap_or_default();
        let hash = <[u8; 32]>::try_from(row.try_get::<&[u8], _>("hash")?);
        let hash = hash.map_err(|_| UpkeepError::bad(path, "a head of the audit log is unreadable"))?;
        Ok(Head { tenant: row.try_get("tenant_id")?, seq, hash })
    };
    rows.await?.iter().map(read).collect()
}

/// Follows every chain from its beginning and compares its end with the head that is written down.
pub async fn chains(connection: &mut SqliteConnection, path: &Path) -> Result<Vec<Chain>, UpkeepError> {
    let heads = heads(connection, path, "main").await?;
    for head in &heads {
        let end = follow(connection, path, &head.tenant).await?;
        if end != *head {
            let what = format!("the audit log ends at entry {} and its head speaks of entry {}", end.seq, head.seq);
            return Err(UpkeepError::bad(path, what));
        }
    }
    Ok(heads)
}

async fn follow(connection: &mut SqliteConnection, path: &Path, tenant: &str) -> Result<Head, UpkeepError> {
    let sql = "SELECT seq, body, hash FROM audit_entry WHERE tenant_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let mut head = Head::empty(tenant.to_owned());
    loop {
        let after = i64::try_from(head.seq).unwrap_or(i64::MAX);
        let rows = sqlx::query(sql).bind(tenant).bind(after).bind(PAGE).fetch_all(&mut *connection).await?;
        if rows.is_empty() {
            return Ok(head);
        }
        for row in rows {
            let next = hash(&head.hash, row.try_get("body")?);
            let seq = u64::try_from(row.try_get::<i64, _>("seq")?).unwrap_or_default();
            if seq != head.seq + 1 || row.try_get::<&[u8], _>("hash")? != next {
                return Err(UpkeepError::bad(
                    path,
                    format!("entry {} of the audit log is missing or altered", head.seq + 1),
                ));
            }
            head = Head { tenant: head.tenant, seq, hash: next };
        }
    }
}
