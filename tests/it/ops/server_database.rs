//! What holds for a database on a server only.

use std::sync::Arc;

use kyc_desk::config::database::DatabaseUrl;
use kyc_desk::store::Store;
use kyc_desk::store::postgres::PostgresStore;
use kyc_desk::upkeep;
use kyc_tests::database::{Database, Kind};
use kyc_tests::{Setup, TestApp};
use sqlx::Executor;

/// From now on no table and no index is made under a limit of time.
const REFUSE_LIMITS: &str = "CREATE FUNCTION refuse_limits() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
     IF current_setting('statement_timeout') <> '0' OR current_setting('lock_timeout') <> '0' \
     THEN RAISE EXCEPTION 'it would be cancelled'; END IF; END $$; \
     CREATE EVENT TRIGGER refuse_limits ON ddl_command_start EXECUTE FUNCTION refuse_limits()";

async fn fresh() -> Database {
    Database::fresh(Kind::Postgres, &tempfile::tempdir().unwrap()).await
}

async fn opened(url: &str) -> PostgresStore {
    let clock = Arc::new(kyc_desk::clock::SystemClock);
    PostgresStore::open(&url.to_owned().into(), clock).await.unwrap()
}

#[tokio::test]
async fn a_migration_takes_as_long_as_it_takes() {
    for is_served in [false, true] {
        let database = fresh().await;
        database.raw().await.execute(REFUSE_LIMITS).await.unwrap();
        database.tell_server("ALTER DATABASE {name} SET statement_timeout = '10s'").await;
        if is_served {
            opened(&database.url).await;
        } else {
            upkeep::migrate(&DatabaseUrl::Postgres(database.url.into())).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_statement_of_a_running_server_is_limited() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let sleeping = "CREATE FUNCTION sleep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         RAISE EXCEPTION 'limits: % %', current_setting('statement_timeout'), current_setting('lock_timeout'); END $$; \
         CREATE TRIGGER sleep BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION sleep()";
    app.database.raw().await.execute(sleeping).await.unwrap();
    let body = include_str!("../../fixtures/veriff/event_started.json").parse().unwrap();
    assert_eq!(crate::jobs::signed(&app, &body).await, 503);
    assert!(kyc_tests::captured().contains("limits: 15s 5s"));
}

#[tokio::test]
async fn every_option_of_the_address_counts() {
    let database = fresh().await;
    database.raw().await.execute("CREATE SCHEMA desk").await.unwrap();
    let store = opened(&format!("{}?options=-c%20search_path%3Ddesk", database.url)).await;
    assert!(store.find_time().await.unwrap().is_some());
    let sql = "SELECT CAST(table_schema AS TEXT) FROM information_schema.tables WHERE table_name = 'session'";
    let schema: String = sqlx::query_scalar(sql).fetch_one(&database.raw().await).await.unwrap();
    assert_eq!(schema, "desk");
}
