//! What is done to the database as a whole: bringing it up to date, backing it up while the server runs, and restoring it.
//!
//! No SQL here is about a single row: what belongs to an aggregate is the store's. `PostgreSQL` has tools of its own for backing up
//! ([`UpkeepError::Server`] names them).

mod check;
mod copy;
mod purge;
mod schema;

use std::path::{Path, PathBuf};

pub use check::Chain;
pub use copy::{Backup, Restored, backup, restore};
pub use purge::purge;
pub use schema::{Schema, connect, migrate, schema};

/// What goes wrong.
#[derive(Debug, thiserror::Error)]
pub enum UpkeepError {
    /// The database failed.
    #[error("the database failed")]
    Driver(#[from] sqlx::Error),
    /// A migration failed.
    #[error("the database could not be brought up to date")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A file cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing is overwritten.
    #[error("{} exists already; nothing is overwritten", .0.display())]
    Exists(PathBuf),
    /// There is no such file.
    #[error("there is no {}", .0.display())]
    Missing(PathBuf),
    /// What was read is not what it should be.
    #[error("{path}: {what}", path = path.display())]
    Bad {
        /// In which file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// A later release wrote it, and this program would misread it.
    #[error("its schema {0} is of a later release than this program; use that one")]
    Later(i64),
    /// It can be read only.
    #[error("it takes no changes: a replica, or set to read only")]
    ReadOnly,
    /// A server database is backed up by its own tools.
    #[error(
        "PostgreSQL is backed up by its own tools, data first and keys after it:\n  \
         pg_dump --format=custom --exclude-table-data=data_key --file=desk.dump \"$DATABASE_URL\"\n  \
         pg_dump --format=custom --data-only --table=data_key --file=keys.dump \"$DATABASE_URL\"\n\
         and restored into an empty database in the same order:\n  \
         pg_restore --exit-on-error --single-transaction --dbname=\"$DATABASE_URL\" desk.dump\n  \
         pg_restore --exit-on-error --single-transaction --dbname=\"$DATABASE_URL\" keys.dump"
    )]
    Server,
}

impl UpkeepError {
    fn bad(path: &Path, what: impl Into<String>) -> Self {
        Self::Bad { path: path.to_owned(), what: what.into() }
    }

    fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}
