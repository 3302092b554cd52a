//! Operating the server: backing up and restoring, looking for what is wrong, replacing secrets, stopping, measuring.

mod alerts;
mod backup;
mod doctor;
mod measures;
mod reload;
mod server_database;
mod stop;
mod traces;

use kyc_desk::config::Config;
use kyc_desk::state::App;
use kyc_desk::store::work::{JobKind, StoredEvent};
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp};
use kyc_wire::ids::{EventId, JobId, SessionId};

/// The configuration of an installation as an operator would write it, with some of it changed.
fn text(app: &TestApp, changes: &[(&str, &str)]) -> String {
    let values = [
        ("<database>", app.database.url.clone()),
        ("<issuer>", app.idp.issuer().to_owned()),
        ("<veriff>", app.veriff.base_url().trim_end_matches("/v1").to_owned()),
        ("<bank>", app.bank.events_url()),
    ];
    let template = include_str!("ops/kyc-desk.toml").to_owned();
    let text = values.iter().fold(template, |text, (name, value)| text.replace(name, value));
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in the configuration");
        text.replace(from, to)
    })
}

/// An installation on a file, whatever the other tests stand on.
async fn on_a_file() -> TestApp {
    TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await
}

fn config(app: &TestApp, changes: &[(&str, &str)]) -> Config {
    Config::parse(&text(app, changes)).unwrap()
}

/// Puts an event for the bank among what is to be done.
async fn plan_event(app: &App) -> EventId {
    let id = EventId::new(app.ids.next());
    let now = app.clock.now();
    let event = StoredEvent { id, session_id: SessionId::new(app.ids.next()), body: "{}".to_owned(), created_at: now };
    let mut tx = app.store.begin(&app.tenant).await.unwrap();
    tx.insert_event(&event).await.unwrap();
    let job = JobId::new(app.ids.next());
    tx.upsert_job((job, JobKind::DeliverEvent, &id.to_string()), now).await.unwrap();
    tx.commit().await.unwrap();
    id
}
