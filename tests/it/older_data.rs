//! What an earlier release has stored is understood by this one.

use std::path::Path;

use kyc_desk::clock::FixedClock;
use kyc_desk::store::postgres::PostgresStore;
use kyc_desk::store::sign_ins::Person;
use kyc_desk::store::sqlite::SqliteStore;
use kyc_desk::store::{Store, TenantId};
use kyc_tests::database::{Database, Kind};
use kyc_wire::ids::{Micros, PersonId};
use serde_json::{Value, json};
use sqlx::migrate::Migrator;
use sqlx::{AnyPool, Row};
use std::sync::Arc;
use tempfile::TempDir;

const NOW: Micros = Micros(1_795_424_400_000_000);
const FIRST: &str = "0198c5a0-0000-7000-8000-000000000001";
const AGAIN: &str = "0198c5a0-0000-7000-8000-000000000002";
const OTHER: &str = "0198c5a0-0000-7000-8000-000000000003";

/// A database as it was after the migration of this number, with connections to it.
async fn as_of(number: u32, kind: Kind, directory: &TempDir) -> (Database, AnyPool) {
    let database = Database::fresh(kind, directory).await;
    let (name, url) = match kind {
        Kind::Sqlite => ("sqlite", format!("{}?mode=rwc", database.url)),
        Kind::Postgres => ("postgres", database.url.clone()),
    };
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/migrations").join(name);
    let then = directory.path().join("migrations");
    std::fs::create_dir(&then).unwrap();
    for file in std::fs::read_dir(all).unwrap().map(|file| file.unwrap()) {
        let name = file.file_name().into_string().unwrap();
        if name[..4].parse::<u32>().unwrap() <= number {
            std::fs::copy(file.path(), then.join(name)).unwrap();
        }
    }
    sqlx::any::install_default_drivers();
    let pool = AnyPool::connect(&url).await.unwrap();
    Migrator::new(then).await.unwrap().run(&pool).await.unwrap();
    (database, pool)
}

async fn open(database: &Database) -> Box<dyn Store> {
    let clock = Arc::new(FixedClock::at(NOW));
    match database.kind {
        Kind::Sqlite => Box::new(SqliteStore::open(&database.url, clock).await.unwrap()),
        Kind::Postgres => Box::new(PostgresStore::open(&database.url.clone().into(), clock).await.unwrap()),
    }
}

/// One person under two names of her identity provider, and another, with a case of hers under the second name.
async fn keep_one_person_twice(pool: &AnyPool) {
    for (id, idp, subject) in [(FIRST, "bank", "s-1"), (AGAIN, "corporate", "s-1"), (OTHER, "bank", "s-2")] {
        let sql = "INSERT INTO person (tenant_id, id, idp, issuer, subject, name) VALUES ('default', $1, $2, 'https://idp.example', $3, 'Mira')";
        sqlx::query(sql).bind(id).bind(idp).bind(subject).execute(pool).await.unwrap();
    }
    let body = format!(r#"{{"involved":["{OTHER}","{AGAIN}"],"last_holder":"{AGAIN}"}}"#);
    let sql = "INSERT INTO session (tenant_id, id, version, status, queue, customer_id, created_at, state_since, is_final, is_flagged, \
               is_connected, is_provider_down, holder, lease_until, body) \
               VALUES ('default', 'session-1', 1, 'final_approval', 'retail-de', 'C-1', 1, 1, 0, 0, 0, 0, $1, 1, $2)";
    sqlx::query(sql).bind(AGAIN).bind(body).execute(pool).await.unwrap();
    for (person, n) in [(AGAIN, 1), (OTHER, 2)] {
        let sql = "INSERT INTO session_involved (tenant_id, session_id, person_id) VALUES ('default', 'session-1', $1)";
        sqlx::query(sql).bind(person).execute(pool).await.unwrap();
        let sql = "INSERT INTO sign_in (tenant_id, id, person_id, idp, roles, queues, created_at, last_activity_at, absolute_deadline) \
                   VALUES ('default', $1, $2, 'corporate', '[]', '[]', 1, 1, 1)";
        sqlx::query(sql).bind(format!("sign-in-{n}")).bind(person).execute(pool).await.unwrap();
        let sql = "INSERT INTO note (tenant_id, session_id, id, author, at, sealed) VALUES ('default', 'session-1', $1, $2, 1, $3)";
        sqlx::query(sql).bind(format!("note-{n}")).bind(person).bind(&b"x"[..]).execute(pool).await.unwrap();
    }
}

async fn column(pool: &AnyPool, sql: &str) -> Vec<String> {
    sqlx::query(sql).fetch_all(pool).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn a_person_who_was_kept_twice_is_one(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let (database, pool) = as_of(3, kind, &directory).await;
    keep_one_person_twice(&pool).await;
    let store = open(&database).await;
    assert_eq!(column(&pool, "SELECT holder FROM session").await, [FIRST]);
    let body = format!(r#"{{"involved":["{OTHER}","{FIRST}"],"last_holder":"{FIRST}"}}"#);
    assert_eq!(column(&pool, "SELECT body FROM session").await, [body]);
    assert_eq!(column(&pool, "SELECT person_id FROM sign_in ORDER BY id").await, [FIRST, OTHER]);
    assert_eq!(column(&pool, "SELECT author FROM note ORDER BY id").await, [FIRST, OTHER]);
    let involved = column(&pool, "SELECT person_id FROM session_involved ORDER BY person_id").await;
    assert!(involved.contains(&FIRST.to_owned()) && involved.contains(&OTHER.to_owned()), "{involved:?}");
    let mut tx = store.begin(&TenantId::default()).await.unwrap();
    for idp in ["bank", "corporate", "another"] {
        let person = Person {
            id: PersonId::new(uuid::Uuid::from_u128(9)),
            idp: idp.to_owned(),
            issuer: "https://idp.example".to_owned(),
            subject: "s-1".to_owned(),
            name: "Mira Lindqvist".to_owned(),
        };
        assert_eq!(tx.upsert_person(&person).await.unwrap().to_string(), FIRST, "by {idp}");
    }
    let ids = [FIRST, AGAIN].map(|id| id.parse().unwrap());
    assert_eq!(tx.list_people(&ids).await.unwrap().len(), 2, "older entries still find her name");
}

#[tokio::test]
async fn a_person_who_was_kept_twice_is_one_on_sqlite() {
    a_person_who_was_kept_twice_is_one(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_person_who_was_kept_twice_is_one_on_postgres() {
    a_person_who_was_kept_twice_is_one(Kind::Postgres).await;
}

/// A session that has forgotten its conversation by what an earlier release did, and one that has not.
async fn keep_what_names_conversations(pool: &AnyPool) {
    for (id, conversation) in [("forgotten", None), ("known", Some("conv-known"))] {
        let sql = "INSERT INTO session (tenant_id, id, version, status, queue, customer_id, conversation_id, created_at, state_since, is_final, \
                   is_flagged, is_connected, is_provider_down, lease_until, body) \
                   VALUES ('default', $1, 1, 'rejected', 'retail-de', 'C-1', $2, 1, 1, 1, 0, 0, 0, 1, '{}')";
        sqlx::query(sql).bind(id).bind(conversation).execute(pool).await.unwrap();
        let conversation = format!("conv-{id}");
        let sql = "INSERT INTO genesys_outbox VALUES ('default', $1, $2, '{}', 1, 0, 1, NULL)";
        sqlx::query(sql).bind(id).bind(&conversation).execute(pool).await.unwrap();
        let sql = "INSERT INTO job VALUES ('default', 'resume_recording', $1, $2, 1, 0, 0, 1)";
        sqlx::query(sql).bind(&conversation).bind(id).execute(pool).await.unwrap();
        let sql = "INSERT INTO outbox VALUES ('default', $1, $2, $3, 1, NULL)";
        let body = format!(r#"{{"type":"session.created","conversation_id":"{conversation}"}}"#);
        sqlx::query(sql).bind(format!("event-{id}")).bind(id).bind(body).execute(pool).await.unwrap();
    }
}

async fn a_conversation_that_was_forgotten_is_forgotten_everywhere(kind: Kind) {
    let directory = tempfile::tempdir().unwrap();
    let (database, pool) = as_of(18, kind, &directory).await;
    keep_what_names_conversations(&pool).await;
    drop(open(&database).await);
    assert_eq!(column(&pool, "SELECT conversation_id FROM genesys_outbox").await, ["conv-known"]);
    assert_eq!(column(&pool, "SELECT subject FROM job").await, ["conv-known"]);
    let events = column(&pool, "SELECT body FROM outbox ORDER BY id").await;
    assert_eq!(serde_json::from_str::<Value>(&events[0]).unwrap(), json!({ "type": "session.created" }), "{events:?}");
    assert!(events[1].contains("conv-known"), "{events:?}");
}

#[tokio::test]
async fn a_conversation_that_was_forgotten_is_forgotten_everywhere_on_sqlite() {
    a_conversation_that_was_forgotten_is_forgotten_everywhere(Kind::Sqlite).await;
}

#[tokio::test]
async fn a_conversation_that_was_forgotten_is_forgotten_everywhere_on_postgres() {
    a_conversation_that_was_forgotten_is_forgotten_everywhere(Kind::Postgres).await;
}
