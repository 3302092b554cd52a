//! Where the database is.

use std::path::PathBuf;
use std::str::FromStr;

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::sqlite::SqliteConnectOptions;

use super::Problems;

/// The address of a database. That of `PostgreSQL` may hold a password, so it does not print.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// Embedded: a file, as `sqlite:/var/lib/kyc-desk/kyc.db`.
    Sqlite(String),
    /// A server, as `postgres://kyc@db.bank.example/kyc?sslmode=verify-full`.
    Postgres(SecretString),
}

impl DatabaseUrl {
    /// The file of an embedded one.
    pub fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(url) => {
                SqliteConnectOptions::from_str(url).ok().map(|options| options.get_filename().to_owned())
            }
            Self::Postgres(_) => None,
        }
    }
}

/// Reads the address. The problem never repeats it.
#[expect(clippy::disallowed_methods, reason = "the address is looked at, not shown")]
pub fn read(url: &SecretString, problems: &mut Problems) -> Option<DatabaseUrl> {
    let text = url.expose_secret();
    let read = if text.starts_with("sqlite:") {
        SqliteConnectOptions::from_str(text).map(|_| DatabaseUrl::Sqlite(text.to_owned()))
    } else if text.starts_with("postgres:") || text.starts_with("postgresql:") {
        PgConnectOptions::from_str(text).map(|options| {
            if !is_private(&options) {
                problems
                    .add("database.url", "must say sslmode=verify-full (or verify-ca, or require) for another machine");
            }
            DatabaseUrl::Postgres(url.clone())
        })
    } else {
        problems.add("database.url", "must begin with sqlite: or postgres:");
        return None;
    };
    read.map_err(|_| problems.add("database.url", "is not a complete address of a database")).ok()
}

/// Whether nobody on the way can read along: encrypted, or within this machine.
fn is_private(options: &PgConnectOptions) -> bool {
    let is_encrypted =
        matches!(options.get_ssl_mode(), PgSslMode::Require | PgSslMode::VerifyCa | PgSslMode::VerifyFull);
    let is_here = options.get_socket().is_some()
        || options.get_host().starts_with('/')
        || ["localhost", "127.0.0.1", "::1", "[::1]"].contains(&options.get_host());
    is_encrypted || is_here
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(url: &str) -> String {
        let mut problems = Problems::default();
        read(&SecretString::from(url.to_owned()), &mut problems);
        problems.to_string()
    }

    #[test]
    fn both_databases_are_known_and_no_other() {
        for url in [
            "sqlite:/var/lib/kyc-desk/kyc.db",
            "postgres://kyc@localhost/kyc",
            "postgresql://kyc@127.0.0.1:5433/kyc",
            "postgres:///kyc?host=/run/postgresql",
            "postgres://kyc:secret@db.bank.example/kyc?sslmode=verify-full&sslrootcert=/etc/ssl/bank.pem",
        ] {
            assert!(problems(url).contains(" 0 problem"), "{url}: {}", problems(url));
        }
        assert!(problems("mysql://kyc@localhost/kyc").contains("must begin with sqlite: or postgres:"));
    }

    #[test]
    fn another_machine_is_only_reached_encrypted_and_no_password_is_repeated() {
        for url in [
            "postgres://kyc:hunter2@db.bank.example/kyc",
            "postgres://kyc:hunter2@db.bank.example/kyc?sslmode=prefer",
            "postgres://kyc:hunter2@db.bank.example:port/kyc",
        ] {
            let found = problems(url);
            assert!(found.contains("database.url") && !found.contains("hunter2"), "{found}");
        }
    }
}
