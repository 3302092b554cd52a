//! Dossiers. One statement of several parts; each row says in its first column which part it is of.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SessionId};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{SqlTx, id, personal, sessions};
use crate::domain::audit::Entry;
use crate::domain::session::Session;
use crate::store::StoreError;
use crate::store::dossier::{Dossier, Dossiers, Reader};
use crate::store::personal::{StoredField, StoredKey, StoredNote};

// The first part has a value in every column: from it the others' NULLs take their types.
const SQL: &str = "SELECT 'note' AS part, id AS a, author AS b, at AS n, sealed AS bytes FROM note WHERE tenant_id = $1 AND session_id = $2 \
    UNION ALL SELECT 'session', body, NULL, NULL, NULL FROM session WHERE tenant_id = $1 AND id = $2 \
    UNION ALL SELECT 'access', NULL, NULL, opened_at, NULL FROM session_access WHERE tenant_id = $1 AND session_id = $2 AND person_id = $5 AND sign_in_id = $6 AND opened_at >= $7 \
    UNION ALL SELECT 'field', origin, field, NULL, sealed FROM personal_field WHERE tenant_id = $1 AND session_id = $2 \
    UNION ALL SELECT 'key', master_key_id, NULL, NULL, wrapped FROM data_key WHERE tenant_id = $1 AND scope = $3 \
    UNION ALL SELECT 'entry', body, NULL, seq, NULL FROM (SELECT body, seq FROM audit_entry WHERE tenant_id = $1 AND session_id = $2 ORDER BY seq DESC LIMIT $4) AS latest \
    UNION ALL SELECT 'run', integration, provider_ref, run, NULL FROM provider_run WHERE tenant_id = $1 AND session_id = $2";

#[async_trait]
impl Dossiers for SqlTx {
    async fn find_dossier(
        &mut self,
        session: SessionId,
        scope: &str,
        reader: Reader,
        entries: u32,
    ) -> Result<Option<Dossier>, StoreError> {
        let rows = sqlx::query(SQL)
            .bind(self.tenant.as_str())
            .bind(session.to_string())
            .bind(scope)
            .bind(i64::from(entries))
            .bind(reader.person.to_string())
            .bind(reader.sign_in.to_string())
            .bind(reader.since.0)
            .fetch_all(&mut *self.tx)
            .await?;
        let (mut found, mut entries) = (Parts::default(), Vec::new());
        for row in &rows {
            match row.try_get::<&str, _>("part")? {
                "session" => found.session = Some(sessions::read(row, "a")?),
                "access" => found.was_opened = true,
                "field" => found.fields.push(personal::field(row, ("a", "b", "bytes"))?),
                "key" => found.key = Some(key(row)?),
                "note" => found.notes.push(note(row)?),
                "run" => found.runs.push((row.try_get("n")?, (row.try_get("a")?, row.try_get("b")?))),
                _ => entries.push((row.try_get::<i64, _>("n")?, entry(row)?)),
            }
        }
        let Parts { session: Some(session), was_opened, fields, key, mut notes, mut runs } = found else {
            return Ok(None);
        };
        // A union has no order.
        notes.sort_by_key(|note| (note.at, note.id));
        entries.sort_by_key(|(seq, _)| *seq);
        let entries = entries.into_iter().map(|(_, entry)| entry).collect();
        runs.sort_by_key(|(number, _)| (*number == i64::from(session.provider.counting()), *number));
        let run = runs.pop().map(|(_, run)| run);
        Ok(Some(Dossier { session, was_opened, fields, key, notes, entries, run }))
    }
}

#[derive(Default)]
struct Parts {
    session: Option<Session>,
    was_opened: bool,
    fields: Vec<StoredField>,
    key: Option<StoredKey>,
    notes: Vec<StoredNote>,
    runs: Vec<(i64, (String, String))>,
}

fn key(row: &AnyRow) -> Result<StoredKey, StoreError> {
    Ok(StoredKey { master_key_id: row.try_get("a")?, wrapped: row.try_get("bytes")? })
}

fn note(row: &AnyRow) -> Result<StoredNote, StoreError> {
    Ok(StoredNote {
        id: id(row, "note", "a")?,
        author: id(row, "note", "b")?,
        at: Micros(row.try_get("n")?),
        sealed: row.try_get("bytes")?,
    })
}

fn entry(row: &AnyRow) -> Result<Entry, StoreError> {
    serde_json::from_str(row.try_get("a")?).map_err(|_| StoreError::Corrupt { table: "audit_entry", column: "body" })
}
