//! How far the database's schema is, and bringing it to where this program needs it.

use secrecy::ExposeSecret;
use sqlx::any::AnyConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AnyConnection, ConnectOptions, Executor, Row};

use super::UpkeepError;
use crate::config::database::DatabaseUrl;
use crate::store::postgres::UNLIMITED;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

const APPLIED: &str = "SELECT version FROM _sqlx_migrations WHERE success ORDER BY version";

/// Migrations, by number: those the database has, and those this program knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Applied, in order.
    pub applied: Vec<i64>,
    /// Known and not applied, with their names.
    pub missing: Vec<(i64, String)>,
}

impl Schema {
    /// The number of the last one applied; 0 for an empty database.
    pub fn version(&self) -> i64 {
        self.applied.last().copied().unwrap_or_default()
    }
}

const fn known(url: &DatabaseUrl) -> &'static Migrator {
    match url {
        DatabaseUrl::Sqlite(_) => &SQLITE,
        DatabaseUrl::Postgres(_) => &POSTGRES,
    }
}

/// Connects without creating or changing anything.
pub async fn connect(url: &DatabaseUrl) -> Result<AnyConnection, UpkeepError> {
    if let Some(file) = url.file().filter(|file| !file.is_file()) {
        return Err(UpkeepError::Missing(file));
    }
    Ok(options(url, "")?.connect().await?)
}

#[expect(clippy::disallowed_methods, reason = "the address may hold a password, and is connected to")]
fn options(url: &DatabaseUrl, mode: &str) -> Result<AnyConnectOptions, sqlx::Error> {
    sqlx::any::install_default_drivers();
    match url {
        DatabaseUrl::Sqlite(url) => format!("{url}{mode}").parse(),
        DatabaseUrl::Postgres(url) => url.expose_secret().parse(),
    }
}

/// How far the schema is. A file that is not there yet is an empty database; one of a later release is an error.
pub async fn schema(url: &DatabaseUrl) -> Result<Schema, UpkeepError> {
    let applied = match connect(url).await {
        Err(UpkeepError::Missing(_)) => Vec::new(),
        connection => applied(url, &mut connection?).await?,
    };
    refuse_later(&applied)?;
    let missing = known(url).iter().filter(|known| !applied.contains(&known.version));
    let missing = missing.map(|known| (known.version, known.description.to_string())).collect();
    Ok(Schema { applied, missing })
}

async fn applied(url: &DatabaseUrl, connection: &mut AnyConnection) -> Result<Vec<i64>, UpkeepError> {
    let sql = match url {
        DatabaseUrl::Sqlite(_) => "SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'",
        DatabaseUrl::Postgres(_) => "SELECT 1 FROM information_schema.tables WHERE table_name = '_sqlx_migrations'",
    };
    if sqlx::query(sql).fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(APPLIED).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// The same of a file that is a copy.
pub(super) async fn applied_in_file(connection: &mut SqliteConnection) -> Result<Vec<i64>, UpkeepError> {
    let is_there = sqlx::query("SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations'");
    if is_there.fetch_optional(&mut *connection).await?.is_none() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query(APPLIED).fetch_all(connection).await?;
    Ok(rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

/// Both databases have the same numbers.
pub(super) fn refuse_later(applied: &[i64]) -> Result<(), UpkeepError> {
    let later = applied.iter().find(|version| !SQLITE.version_exists(**version));
    later.map_or(Ok(()), |version| Err(UpkeepError::Later(*version)))
}

/// Applies what is missing; creates an embedded database if need be. Gives what was applied.
pub async fn migrate(url: &DatabaseUrl) -> Result<Vec<(i64, String)>, UpkeepError> {
    let before = schema(url).await?;
    let has_more = matches!(url, DatabaseUrl::Sqlite(url) if url.contains('?'));
    let mut connection = options(url, if has_more { "&mode=rwc" } else { "?mode=rwc" })?.connect().await?;
    if let DatabaseUrl::Postgres(_) = url {
        connection.execute(UNLIMITED).await?;
    }
    known(url).run(&mut connection).await?;
    Ok(before.missing)
}
