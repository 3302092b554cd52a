//! Backing up while the server runs, and restoring: really, down to a sealed value.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kyc_desk::clock::SeededRng;
use kyc_desk::config::database::DatabaseUrl;
use kyc_desk::custody;
use kyc_desk::state::App;
use kyc_desk::upkeep::{Restored, UpkeepError, backup, migrate, restore, schema};
use kyc_tests::TestApp;
use kyc_tests::database::{Database, Kind};
use kyc_wire::masked::Field;
use kyc_wire::session::Origin;
use sqlx::SqlitePool;

use super::{config, on_a_file};

struct Copies {
    data: PathBuf,
    keys: PathBuf,
}

async fn backed_up(app: &TestApp, name: &str) -> Copies {
    let file = |kind: &str| app.directory.path().join(format!("{name}.{kind}"));
    let copies = Copies { data: file("data"), keys: file("keys") };
    let done = backup(&app.app.config.database, &copies.data, &copies.keys).await.unwrap();
    let head = app.app.store.read(&app.app.tenant).await.unwrap().find_head().await.unwrap();
    assert_eq!(done.chains, [head], "nothing happens meanwhile");
    copies
}

fn database(file: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(format!("sqlite:{}", file.display()))
}

async fn pool(file: &Path) -> SqlitePool {
    SqlitePool::connect(&format!("sqlite:{}", file.display())).await.unwrap()
}

async fn restored(app: &TestApp, to: &Path, copies: &Copies) -> Result<Restored, UpkeepError> {
    let done = restore(&database(to), &copies.data, &copies.keys).await;
    assert_eq!(done.is_ok(), to.exists(), "nothing is left of what failed");
    assert!(!app.directory.path().join("nothing").exists());
    done
}

/// A server on a restored database.
async fn server_on(app: &TestApp, file: &Path) -> Arc<App> {
    let ours = app.directory.path().join("kyc.db").display().to_string();
    let config = config(app, &[(&ours, &file.display().to_string())]);
    kyc_desk::build(config, Arc::new(app.clock.clone()), Arc::new(SeededRng::new(8))).await.unwrap()
}

async fn masked_name(app: &App, id: &str) -> Option<String> {
    let mut tx = app.store.read(&app.tenant).await.unwrap();
    let holdings = custody::holdings(&mut *tx, &app.vault, &app.tenant, id.parse().unwrap()).await.ok()?;
    let name = holdings.find(Origin::Claim, Field::FullName)?.mask();
    Some(serde_json::to_string(&name).unwrap())
}

#[tokio::test]
async fn a_restored_server_reads_what_was_sealed_and_goes_on_with_the_audit_log() {
    let app = on_a_file().await;
    let id = app.verified_session().await;
    let copies = backed_up(&app, "one").await;
    app.session().await;
    let to = app.directory.path().join("restored.db");
    let done = restored(&app, &to, &copies).await.unwrap();
    assert!(done.keys >= 1 && done.keyless_sessions == 0, "{done:?}");
    assert_eq!(done.schema, schema(&app.app.config.database).await.unwrap().version());
    let server = server_on(&app, &to).await;
    let name = masked_name(&server, &id).await;
    assert!(name.is_some() && name == masked_name(&app.app, &id).await);
    let before = server.store.read(&server.tenant).await.unwrap().find_head().await.unwrap();
    assert_eq!(done.chains, std::slice::from_ref(&before));
    let mut tx = server.store.begin(&server.tenant).await.unwrap();
    let entry = kyc_desk::domain::audit::NewEntry::done(
        kyc_desk::domain::audit::Actor::System,
        kyc_desk::domain::audit::Action::AuditExported,
    );
    tx.record(entry).await.unwrap();
    tx.commit().await.unwrap();
    let after = server.store.read(&server.tenant).await.unwrap().find_head().await.unwrap();
    assert_eq!(after.seq, before.seq + 1);
    let refused = sqlx::query("DELETE FROM audit_entry").execute(&pool(&to).await).await.unwrap_err().to_string();
    assert!(refused.contains("append-only"), "the guards are restored too: {refused}");
}

#[tokio::test]
async fn the_copy_of_the_data_holds_no_key_and_nobody_else_can_read_either() {
    let app = on_a_file().await;
    app.verified_session().await;
    let copies = backed_up(&app, "one").await;
    let wrapped: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT wrapped FROM data_key").fetch_all(&pool(&copies.keys).await).await.unwrap();
    let data = std::fs::read(&copies.data).unwrap();
    assert!(!wrapped.is_empty());
    for (key,) in wrapped {
        assert!(!data.windows(key.len()).any(|window| window == key), "a wrapped key is in the copy of the data");
    }
    for file in [&copies.data, &copies.keys] {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn nobody_else_on_the_machine_can_read_the_database() {
    let app = on_a_file().await;
    for file in ["kyc.db", "kyc.db-wal"] {
        let mode = app.directory.path().join(file).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[tokio::test]
async fn nothing_is_overwritten() {
    let app = on_a_file().await;
    app.session().await;
    let copies = backed_up(&app, "one").await;
    let before = std::fs::read(&copies.data).unwrap();
    let other = app.directory.path().join("other.keys");
    let refused = backup(&app.app.config.database, &copies.data, &other).await.unwrap_err();
    assert!(matches!(refused, UpkeepError::Exists(path) if path == copies.data));
    let fresh = app.directory.path().join("fresh.data");
    let refused = backup(&app.app.config.database, &fresh, &copies.keys).await.unwrap_err();
    assert!(matches!(refused, UpkeepError::Exists(_)) && !fresh.exists());
    let refused = restore(&app.app.config.database, &copies.data, &copies.keys).await.unwrap_err();
    assert!(matches!(refused, UpkeepError::Exists(_)));
    assert_eq!(std::fs::read(&copies.data).unwrap(), before);
}

#[tokio::test]
async fn what_was_erased_since_stays_erased_with_later_keys() {
    let app = on_a_file().await;
    let id = app.verified_session().await;
    let data = backed_up(&app, "one").await.data;
    let ours = pool(&app.directory.path().join("kyc.db")).await;
    sqlx::query("DELETE FROM data_key WHERE scope = $1").bind(format!("session:{id}")).execute(&ours).await.unwrap();
    let keys = backed_up(&app, "two").await.keys;
    let to = app.directory.path().join("restored.db");
    let done = restored(&app, &to, &Copies { data, keys }).await.unwrap();
    assert_eq!(done.keyless_sessions, 1);
    assert_eq!(masked_name(&*server_on(&app, &to).await, &id).await, None);
}

#[tokio::test]
async fn a_backup_that_was_tampered_with_is_refused() {
    let app = on_a_file().await;
    app.verified_session().await;
    let to = app.directory.path().join("restored.db");
    for (name, sql, says) in [
        ("altered", "UPDATE audit_entry SET body = replace(body, 'session', 'lession') WHERE seq = 2", "entry 2"),
        ("dropped", "DELETE FROM audit_entry WHERE seq = 3", "entry 3"),
        ("truncated", "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry)", "its head speaks of"),
        ("later", "INSERT INTO _sqlx_migrations VALUES (9001, 'x', 0, 1, x'00', 0)", "later release"),
    ] {
        let copies = backed_up(&app, name).await;
        let file = pool(&copies.data).await;
        for trigger in ["audit_entry_is_never_changed", "audit_entry_is_never_deleted"] {
            sqlx::query(&format!("DROP TRIGGER {trigger}")).execute(&file).await.unwrap();
        }
        sqlx::query(sql).execute(&file).await.unwrap();
        file.close().await;
        let refused = restored(&app, &to, &copies).await.unwrap_err().to_string();
        assert!(refused.contains(says), "{name}: {refused}");
    }
    let copies = backed_up(&app, "swapped").await;
    let swapped = Copies { data: copies.keys, keys: copies.data };
    assert!(restored(&app, &to, &swapped).await.is_err());
    let missing = Copies { data: app.directory.path().join("nothing"), keys: swapped.data };
    assert!(matches!(restored(&app, &to, &missing).await.unwrap_err(), UpkeepError::Missing(_)));
}

#[tokio::test]
async fn migrating_says_what_it_did() {
    let directory = tempfile::tempdir().unwrap();
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let url = Database::fresh(kind, &directory).await.url;
        let url = match kind {
            Kind::Sqlite => DatabaseUrl::Sqlite(url),
            Kind::Postgres => DatabaseUrl::Postgres(url.into()),
        };
        let missing = schema(&url).await.unwrap().missing;
        assert!(!missing.is_empty() && missing[0] == (1, "session".to_owned()), "{missing:?}");
        assert_eq!(migrate(&url).await.unwrap(), missing);
        assert_eq!(migrate(&url).await.unwrap(), []);
        assert_eq!(schema(&url).await.unwrap().version(), missing.last().unwrap().0);
    }
}

#[tokio::test]
async fn a_server_database_is_left_to_its_own_tools() {
    let url = DatabaseUrl::Postgres("postgres://kyc@localhost/kyc".into());
    let refused = backup(&url, Path::new("/nowhere"), Path::new("/nowhere")).await.unwrap_err().to_string();
    assert!(refused.contains("pg_dump --format=custom --exclude-table-data=data_key"), "{refused}");
}
