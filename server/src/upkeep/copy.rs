//! Backing up and restoring `SQLite`, with the wrapped data keys in a file of their own.
//!
//! Erasing a customer means deleting her wrapped key. A copy that held the keys too would bring her back, so the copy never holds them, not
//! even for a moment: it is written row by row in one transaction of its own, which sees one state of the database while the server goes
//! on. `VACUUM INTO` would have been shorter, and would have put the keys onto the backup's disk first.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection, Executor, Row};

use super::check::{self, Chain};
use super::{UpkeepError, schema};
use crate::config::database::DatabaseUrl;

/// The table that is kept apart.
const KEYS: &str = "data_key";

/// What was backed up.
#[derive(Debug)]
pub struct Backup {
    /// The ends of the audit chains in it.
    pub chains: Vec<Chain>,
    /// Wrapped keys in the file of the keys.
    pub keys: i64,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The ends of its audit chains.
    pub chains: Vec<Chain>,
    /// The number of its last migration.
    pub schema: i64,
    /// Wrapped keys in it.
    pub keys: i64,
    /// Sessions with sealed values and without key: erased before the keys were backed up, or the keys are older than the backup.
    pub keyless_sessions: i64,
}

/// Copies the database to `file` and its wrapped keys to `keys`; neither may exist. Both are on disk and checked when this returns; when
/// it fails, neither is there.
pub async fn backup(from: &DatabaseUrl, file: &Path, keys: &Path) -> Result<Backup, UpkeepError> {
    let source = existing(&from.file().ok_or(UpkeepError::Server)?)?;
    let (data, apart) = (New::create(file)?, New::create(keys)?);
    let mut copy = open(file, true).await?;
    attach(&mut copy, &source, "source").await?;
    attach(&mut copy, keys, "apart").await?;
    let mut tx = copy.begin().await?;
    let expected = copy_all(&mut tx, |table| table != KEYS).await?;
    tx.execute("CREATE TABLE apart.data_key AS SELECT * FROM source.data_key").await?;
    tx.commit().await?;
    copy.close().await?;
    data.sync()?;
    apart.sync()?;
    let keys = checked_keys(keys).await?;
    let mut copy = open(file, false).await?;
    check::integrity(&mut copy, file).await?;
    let chains = check::chains(&mut copy, file).await?;
    copy.close().await?;
    if chains != expected {
        return Err(UpkeepError::bad(file, "the audit log of the copy does not end where the database's did"));
    }
    data.keep();
    apart.keep();
    Ok(Backup { chains, keys })
}

/// Joins a backup and keys into the new database `to`, which must not exist. Checks the backup before and the result after; when it
/// fails, nothing is left at `to`.
pub async fn restore(to: &DatabaseUrl, file: &Path, keys: &Path) -> Result<Restored, UpkeepError> {
    let to = &to.file().ok_or(UpkeepError::Server)?;
    let (source, apart) = (existing(file)?, existing(keys)?);
    check_backup(&source).await?;
    let number = checked_keys(&apart).await?;
    let target = New::create(to)?;
    let mut database = open(to, true).await?;
    attach(&mut database, &source, "source").await?;
    attach(&mut database, &apart, "apart").await?;
    let mut tx = database.begin().await?;
    let expected = copy_all(&mut tx, |_| true).await?;
    tx.execute("INSERT INTO main.data_key SELECT * FROM apart.data_key").await?;
    tx.commit().await?;
    database.close().await?;
    target.sync()?;
    let mut database = open(to, false).await?;
    check::integrity(&mut database, to).await?;
    let chains = check::chains(&mut database, to).await?;
    let version = schema::applied_in_file(&mut database).await?.last().copied().unwrap_or_default();
    let keyless_sessions = count(&mut database, KEYLESS).await?;
    database.close().await?;
    if chains != expected {
        return Err(UpkeepError::bad(to, "the audit log of the copy does not end where the backup's did"));
    }
    target.keep();
    Ok(Restored { chains, schema: version, keys: number, keyless_sessions })
}

const KEYLESS: &str = "SELECT count(DISTINCT tenant_id || session_id) FROM personal_field AS field WHERE NOT EXISTS \
     (SELECT 1 FROM data_key WHERE tenant_id = field.tenant_id AND scope = 'session:' || field.session_id)";

async fn check_backup(file: &Path) -> Result<(), UpkeepError> {
    let mut backup = open(file, false).await?;
    check::integrity(&mut backup, file).await?;
    let applied = schema::applied_in_file(&mut backup).await?;
    if applied.is_empty() {
        return Err(UpkeepError::bad(file, "this is no backup of a KYC Desk"));
    }
    schema::refuse_later(&applied)?;
    check::chains(&mut backup, file).await?;
    Ok(backup.close().await?)
}

async fn checked_keys(path: &Path) -> Result<i64, UpkeepError> {
    let mut keys = open(path, false).await?;
    check::integrity(&mut keys, path).await?;
    let is_there = count(&mut keys, "SELECT count(*) FROM sqlite_master WHERE name = 'data_key'").await?;
    if is_there == 0 {
        return Err(UpkeepError::bad(path, "this is no file of wrapped keys"));
    }
    let number = count(&mut keys, "SELECT count(*) FROM data_key").await?;
    keys.close().await?;
    Ok(number)
}

async fn count(connection: &mut SqliteConnection, sql: &'static str) -> Result<i64, UpkeepError> {
    Ok(sqlx::query(sql).fetch_one(connection).await?.try_get(0)?)
}

/// Copies schema and rows of `source`; rows only of the tables that are `wanted`. Gives the heads of the audit chains it saw.
async fn copy_all(tx: &mut SqliteConnection, wanted: fn(&str) -> bool) -> Result<Vec<Chain>, UpkeepError> {
    let sql = "SELECT type, name, sql FROM source.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' \
               ORDER BY CASE type WHEN 'table' THEN 0 WHEN 'index' THEN 1 ELSE 2 END";
    // Tables first, then what hangs on them: the triggers that guard the audit log must not see its rows arrive.
    for row in sqlx::query(sql).fetch_all(&mut *tx).await? {
        let (kind, name): (String, String) = (row.try_get("type")?, row.try_get("name")?);
        tx.execute(row.try_get::<&str, _>("sql")?).await?;
        if kind == "table" && wanted(&name) {
            let name = name.replace('"', "\"\"");
            tx.execute(format!("INSERT INTO main.\"{name}\" SELECT * FROM source.\"{name}\"").as_str()).await?;
        }
    }
    check::heads(tx, Path::new("the database"), "source").await
}

async fn open(path: &Path, is_writable: bool) -> Result<SqliteConnection, UpkeepError> {
    let options = SqliteConnectOptions::new().filename(path).foreign_keys(false).read_only(!is_writable);
    // One file that can be carried away, without a log beside it.
    let options = if is_writable { options.journal_mode(SqliteJournalMode::Delete) } else { options };
    Ok(options.connect().await?)
}

async fn attach(connection: &mut SqliteConnection, path: &Path, name: &'static str) -> Result<(), UpkeepError> {
    let path = path.to_str().ok_or_else(|| UpkeepError::bad(path, "the path is no text"))?;
    let sql = format!("ATTACH DATABASE $1 AS {name}");
    sqlx::query(&sql).bind(path).execute(connection).await?;
    Ok(())
}

/// `SQLite` would create what it is told to attach.
fn existing(path: &Path) -> Result<PathBuf, UpkeepError> {
    if path.is_file() { Ok(path.to_owned()) } else { Err(UpkeepError::Missing(path.to_owned())) }
}

/// A file of ours, readable by nobody else, that is removed again unless it is kept.
struct New {
    path: PathBuf,
    is_kept: bool,
}

impl New {
    fn create(path: &Path) -> Result<Self, UpkeepError> {
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
            Ok(_) => Ok(Self { path: path.to_owned(), is_kept: false }),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(UpkeepError::Exists(path.to_owned()))
            }
            Err(error) => Err(UpkeepError::file(path, error)),
        }
    }

    /// The file and its name are on disk.
    fn sync(&self) -> Result<(), UpkeepError> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        for path in [&self.path, folder] {
            let file = File::open(path).map_err(|error| UpkeepError::file(path, error))?;
            file.sync_all().map_err(|error| UpkeepError::file(path, error))?;
        }
        Ok(())
    }

    fn keep(mut self) {
        self.is_kept = true;
    }
}

impl Drop for New {
    fn drop(&mut self) {
        if !self.is_kept {
            // What cannot be removed either is incomplete; `restore` refuses it.
            drop(std::fs::remove_file(&self.path));
        }
    }
}
