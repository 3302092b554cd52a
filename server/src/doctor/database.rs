//! The database and its disk, and whether the master keys open what lies in it.

use std::path::Path;
use std::sync::Arc;

use sqlx::{AnyConnection, Connection, Executor, Row};

use super::outside::seconds;
use super::{Finding, limited};
use crate::clock::{Clock, Rng};
use crate::config::Config;
use crate::config::database::DatabaseUrl;
use crate::pii::vault::{KeyScope, Vault, VaultError, WrappedKey};
use crate::upkeep::{self, UpkeepError};

/// Free space below which somebody should look, and below which nothing can be promised.
const LITTLE: u64 = 2 << 30;
const TOO_LITTLE: u64 = 200 << 20;

/// One data key for each master key that ever wrapped one here.
const SAMPLES: &str = "SELECT tenant_id, scope, master_key_id, wrapped FROM data_key AS key WHERE scope = \
     (SELECT min(scope) FROM data_key WHERE master_key_id = key.master_key_id)";

/// What was found, and by how many seconds this machine is ahead of a server database.
pub(super) async fn examine(config: &Config, clock: &dyn Clock, rng: &Arc<dyn Rng>) -> (Vec<Finding>, Option<i64>) {
    let url = &config.database;
    let mut apart = None;
    let mut findings = Vec::new();
    findings.extend(url.file().map(|file| disk(&file)));
    findings.push(limited("database", database(url, clock, &mut apart)).await);
    if url.file().is_none_or(|file| file.is_file()) {
        findings.push(limited("master key", master_key(config, rng)).await);
    }
    (findings, apart)
}

async fn database(url: &DatabaseUrl, clock: &dyn Clock, apart: &mut Option<i64>) -> Finding {
    let subject = "database";
    match is_writable(url, clock, apart).await {
        Ok(()) => {}
        Err(UpkeepError::Missing(file)) => {
            let advice =
                "the first `kyc-desk serve` or `migrate` creates it; if there should be one, look at database.url";
            return Finding::warning(subject, format!("{} is not there yet", file.display()), advice);
        }
        Err(error) => {
            let advice = "see that it runs and can be reached, and that our user may write (the file and its folder, or \
                          the server's main node)";
            return Finding::bad(subject, format!("cannot be written: {}", cause(&error)), advice);
        }
    }
    match upkeep::schema(url).await {
        Err(error @ UpkeepError::Later(_)) => {
            Finding::bad(subject, error.to_string(), "start the later release, or restore the backup from before it")
        }
        Err(error) => Finding::bad(subject, cause(&error), "restore a backup"),
        Ok(schema) if !schema.missing.is_empty() => Finding::warning(
            subject,
            format!("schema {}, {} migration(s) behind", schema.version(), schema.missing.len()),
            "back up, then `kyc-desk migrate`; `serve` does it by itself too",
        ),
        Ok(schema) => Finding::good(subject, format!("can be written, schema {}", schema.version())),
    }
}

fn cause(error: &UpkeepError) -> String {
    std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string)
}

/// Takes the lock for writing and gives it back, or asks the server whether it would take a change: shows that it can be written without
/// writing.
async fn is_writable(url: &DatabaseUrl, clock: &dyn Clock, apart: &mut Option<i64>) -> Result<(), UpkeepError> {
    let mut connection = upkeep::connect(url).await?;
    match url {
        DatabaseUrl::Sqlite(_) => {
            connection.execute("PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE; ROLLBACK").await?;
        }
        DatabaseUrl::Postgres(_) => {
            let sql = "SELECT current_setting('transaction_read_only') AS read_only, \
                       CAST(floor(EXTRACT(EPOCH FROM clock_timestamp())) AS BIGINT) AS time";
            let row = sqlx::query(sql).fetch_one(&mut connection).await?;
            *apart = Some(seconds(clock) - row.try_get::<i64, _>("time")?);
            if row.try_get::<&str, _>("read_only")? == "on" {
                return Err(UpkeepError::ReadOnly);
            }
        }
    }
    Ok(connection.close().await?)
}

fn disk(file: &Path) -> Finding {
    let subject = "disk";
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let advice = "make room: when the disk is full nothing is accepted any more, and nothing is lost";
    match rustix::fs::statvfs(folder) {
        Err(error) => Finding::bad(
            subject,
            format!("{} cannot be looked at: {error}", folder.display()),
            "create the folder of database.url and give it to the server's user",
        ),
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let text = format!("{} MB free at {}", free >> 20, folder.display());
            match free {
                ..TOO_LITTLE => Finding::bad(subject, text, advice),
                TOO_LITTLE..LITTLE => Finding::warning(subject, text, advice),
                LITTLE.. => Finding::good(subject, text),
            }
        }
    }
}

/// Opens one data key for each master key that ever wrapped one here.
async fn master_key(config: &Config, rng: &Arc<dyn Rng>) -> Finding {
    let subject = "master key";
    let advice = "put the master key that wrapped it into privacy.master_key or privacy.old_master_keys, under its id; \
                  without it what it sealed cannot be read";
    let vault = match crate::vault(config, rng) {
        Ok(vault) => vault,
        Err(error) => return Finding::bad(subject, error.to_string(), "make a new privacy.master_key"),
    };
    let samples = match samples(&config.database).await {
        Ok(samples) => samples,
        Err(error) => return Finding::bad(subject, cause(&error), "look at what is said about the database"),
    };
    let number = samples.len();
    for (tenant, scope, wrapped) in samples {
        if let Err(error) = opens(&vault, &tenant, &scope, &wrapped).await {
            let found = format!("a data key wrapped by {:?} does not open: {error}", wrapped.master_key_id);
            return Finding::bad(subject, found, advice);
        }
    }
    match number {
        0 => Finding::good(subject, "can be used; nothing is sealed yet"),
        _ => Finding::good(subject, format!("opens data keys of {number} master key(s)")),
    }
}

async fn opens(vault: &Vault, tenant: &str, scope: &str, wrapped: &WrappedKey) -> Result<(), VaultError> {
    let scope = KeyScope::parse(scope).ok_or(crate::pii::vault::Unsealable)?;
    vault.open_key(wrapped, tenant, &scope).await.map(drop)
}

async fn samples(url: &DatabaseUrl) -> Result<Vec<(String, String, WrappedKey)>, UpkeepError> {
    if upkeep::schema(url).await?.applied.is_empty() {
        return Ok(Vec::new());
    }
    let mut connection: AnyConnection = upkeep::connect(url).await?;
    let rows = sqlx::query(SAMPLES).fetch_all(&mut connection).await?;
    connection.close().await?;
    rows.iter()
        .map(|row| {
            let wrapped = WrappedKey { master_key_id: row.try_get("master_key_id")?, bytes: row.try_get("wrapped")? };
            Ok((row.try_get("tenant_id")?, row.try_get("scope")?, wrapped))
        })
        .collect()
}
