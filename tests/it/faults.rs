//! Faults: a server that is killed at any point, a database that is full, closed, read-only or slow. Nothing that was acknowledged is lost,
//! nothing happens twice, the audit chain stays whole, meanwhile callers are told, and it recovers by itself.

mod process;

use std::time::Duration;

use kyc_desk::store::work::StoredWebhook;
use kyc_sandbox::veriff::{Outcome, Step};
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp, World, all_at_once};
use kyc_wire::ids::InboxId;
use serde_json::{Value, json};
use sqlx::Executor;

use crate::jobs;
use process::{Agent, Process};

/// Cases that are worked on while servers die.
const CASES: usize = 6;
/// Servers that die.
const DEATHS: u32 = 8;
/// Longer than a job may be claimed: the next server takes over what the dead one had begun.
const BETWEEN: Duration = Duration::from_secs(130);

const LONG_SIGN_IN: &str = "[auth]\nidle_minutes = 60";

/// One case from the customer's capture to the second approval, as somebody does it who tries again until she is answered. Every request
/// keeps its key until then.
async fn work_on(agent: &Agent, world: &World, id: &str) {
    let session = world.veriff.sessions_of(id).last().unwrap().clone();
    world.veriff.event(&session, Step::Submitted).await.unwrap();
    world.veriff.decide(&session, Outcome::Clean).await.unwrap();
    agent.until(id, |session| session["status"] == "agent_verification").await;
    agent.act(id, "take", json!({ "reason": null })).await;
    let lines: Vec<Value> = agent.open(id).await["checklist"].as_array().unwrap().clone();
    for line in lines {
        agent.act(id, "mark", json!({ "item": line["code"], "mark": "passed" })).await;
    }
    let seen = agent.reveal(id, "birth_date").await;
    assert!(seen["text"].is_string(), "{seen}");
    agent.act(id, "propose", json!({ "reason": null })).await;
}

async fn whatever_dies(kind: Kind) {
    let setup = Setup { database: kind, more: LONG_SIGN_IN, policy: "lease_seconds = 3600", ..Setup::default() };
    let app = TestApp::with(setup).await;
    app.veriff.reconfigure(|config| config.retry_delays = vec![Duration::from_millis(20); 5_000]);
    let mut ids = Vec::new();
    for _ in 0..CASES {
        let id = app.session().await;
        assert_eq!(app.claims(&id, 0).await.status, 204);
        ids.push(id);
    }
    let cookie = app.staff("mira").await.cookie.clone().unwrap();
    let world = app.leave();
    let ports = process::Ports::free().await;
    world.veriff.set_webhook_url(&ports.webhook());
    let agent = Agent::new(&ports, cookie);

    let working = all_at_once(ids.iter().map(|id| work_on(&agent, &world, id)));
    let dying = async {
        for death in 0..DEATHS {
            let server = Process::start(&world, &ports).await;
            // A little further into the work each time, so that it dies at ever other places.
            tokio::time::sleep(Duration::from_millis(u64::from(death) * 23 % 120 + 15)).await;
            server.kill().await;
            world.clock.advance(BETWEEN);
        }
        Process::start(&world, &ports).await
    };
    let (_, server) = tokio::join!(working, dying);
    for id in &ids {
        agent.until(id, |session| session["status"] == "final_approval").await;
    }
    server.until_told(&world, CASES).await;
    server.kill().await;
    nothing_is_lost_or_doubled(&world, &ids).await;
}

/// What the log, read by a server that comes after all of them, must say.
async fn nothing_is_lost_or_doubled(world: &World, ids: &[String]) {
    let app = TestApp::on(world.clone()).await;
    let log = app.audit_log().await;
    let key = app.app.config.audit.0.verifying_key();
    kyc_desk::domain::audit::export::verify(log.as_bytes(), &key, None).unwrap();
    let done = |id: &str, action: &str| {
        let says = |line: &&str| line.contains(id) && line.contains(&format!(r#""action":"{action}","#));
        log.lines().filter(says).filter(|line| line.contains(r#""outcome":"ok""#)).count()
    };
    for id in ids {
        assert_eq!(done(id, "result_applied"), 1, "{id}");
        assert_eq!(done(id, "lease_taken"), 1, "{id}");
        assert_eq!(done(id, "checklist_marked"), 5, "{id}");
        assert_eq!(done(id, "proposed"), 1, "{id}");
        // One that was carried out and not answered is asked for again when its time is over: that is another one.
        assert!(done(id, "field_revealed") >= 1, "{id}");
    }
    let mut told: Vec<(String, String)> = Vec::new();
    for event in world.bank.events() {
        let body: Value = serde_json::from_str(&event.body).unwrap();
        told.push((format!("{} {} {}", body["session_id"], body["status"], body["version"]), body["id"].to_string()));
    }
    told.sort();
    told.dedup();
    let mut changes: Vec<&String> = told.iter().map(|(change, _)| change).collect();
    changes.dedup();
    assert_eq!(changes.len(), told.len(), "one change is one event, however often it was sent: {told:?}");
    let proposed = changes.iter().filter(|change| change.contains("final_approval")).count();
    assert_eq!(proposed, ids.len(), "the bank was told of every one: {told:?}");
}

#[tokio::test]
async fn servers_that_are_killed_lose_and_double_nothing_on_sqlite() {
    whatever_dies(Kind::Sqlite).await;
}

#[tokio::test]
async fn servers_that_are_killed_lose_and_double_nothing_on_postgres() {
    whatever_dies(Kind::Postgres).await;
}

/// What must hold while nothing can be written, and afterwards.
async fn refused_meanwhile(app: &TestApp, id: &str, breaking: impl AsyncFnOnce(), mending: impl AsyncFnOnce()) {
    let mira = app.staff("mira").await;
    mira.act(id, "take", json!({ "reason": null })).await;
    let before = mira.open(id).await;
    let body = json!({ "expected_version": before["version"], "item": "face_matches", "mark": "passed" });
    breaking().await;
    let path = format!("/api/sessions/{id}/mark");
    let refused = mira.post(&path, &body).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "unavailable"), "{}", refused.text);
    assert!(!refused.text.to_lowercase().contains("sql"), "the cause is not for the caller: {}", refused.text);
    let revealed = mira.reveal(id, "birth_date", "claim", "ask_the_customer").await;
    assert_eq!(revealed.status, 503, "no entry, no clear text: {}", revealed.text);
    mending().await;
    let after = mira.open(id).await;
    assert_eq!(after["version"], before["version"], "nothing happened");
    assert_eq!(mira.post(&path, &body).await.status, 200, "and it goes on by itself");
}

#[tokio::test]
async fn an_entry_that_cannot_be_written_stops_everything() {
    for kind in [Kind::Sqlite, Kind::Postgres] {
        let app = TestApp::with(Setup { database: kind, ..Setup::default() }).await;
        let id = app.verified_session().await;
        let database = &app.database;
        refused_meanwhile(&app, &id, async || database.refuse_entries().await, async || database.take_entries().await)
            .await;
    }
}

#[tokio::test]
async fn a_database_that_turns_read_only_is_said_and_mended_by_itself() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let id = app.verified_session().await;
    let database = &app.database;
    let set = |words: &'static str| async move {
        database.tell_server(&format!("ALTER DATABASE {{name}} SET default_transaction_read_only = {words}")).await;
        database.end_connections().await;
    };
    let run = app.veriff.sessions_of(&id).remove(0);
    let body = json!({ "id": run, "attemptId": app.new_id(), "feature": "selfid", "code": 7999, "action": "changed", "vendorData": id });
    let breaking = async || {
        set("on").await;
        assert_eq!(jobs::signed(&app, &body).await, 503, "what was not kept is not taken: the provider sends it again");
    };
    refused_meanwhile(&app, &id, breaking, async || set("off").await).await;
    assert_eq!(jobs::signed(&app, &body).await, 200);
}

#[tokio::test]
async fn a_database_that_is_gone_is_said_and_mended_by_itself() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let id = app.verified_session().await;
    let database = &app.database;
    let allow = |words: &'static str| async move {
        database.tell_server(&format!("ALTER DATABASE {{name}} WITH ALLOW_CONNECTIONS {words}")).await;
        database.end_connections().await;
    };
    let mira = app.staff("mira").await;
    allow("false").await;
    let answer = mira.get(&format!("/api/sessions/{id}")).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "{}", answer.text);
    let flow = app.flow().await;
    let answer = flow.get_edge(&format!("/flow/v1/sessions/{id}"), Some(&id)).await;
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "{}", answer.text);
    allow("true").await;
    assert_eq!(mira.get(&format!("/api/sessions/{id}")).await.status, 200);
}

#[tokio::test]
async fn a_connection_that_has_ended_meanwhile_is_nobodys_trouble() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let (store, tenant) = (&app.app.store, &app.app.tenant);
    for round in 0..3 {
        let webhook = StoredWebhook {
            id: InboxId::new(app.app.ids.next()),
            integration: "veriff-de".to_owned(),
            dedupe_key: round.to_string(),
            received_at: kyc_desk::clock::Clock::now(&app.clock),
            key_scope: "2026-11-23".to_owned(),
            sealed: None,
        };
        store.begin(tenant).await.unwrap().commit().await.unwrap();
        app.database.end_connections().await;
        store.begin(tenant).await.expect("a transaction begins on another").commit().await.unwrap();
        app.database.end_connections().await;
        store.read(tenant).await.expect("so does one that reads").commit().await.unwrap();
        app.database.end_connections().await;
        let nobody = kyc_wire::ids::PersonId::new(app.app.ids.next());
        assert_eq!(store.glance(tenant).await.unwrap().list_people(&[nobody]).await.unwrap(), []);
        for is_new in [true, false] {
            app.database.end_connections().await;
            let kept = store.keep_webhooks(tenant, std::slice::from_ref(&webhook)).await;
            assert_eq!(kept.expect("a webhook is kept on another"), if is_new { vec![webhook.id] } else { vec![] });
        }
    }
}

#[tokio::test]
async fn a_row_that_somebody_holds_for_too_long_does_not_hold_up_the_others() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let (held, free) = (app.verified_session().await, app.verified_session().await);
    let mira = app.staff("mira").await;
    let raw = app.database.raw().await;
    let mut tx = raw.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM session WHERE id = $1 FOR UPDATE").bind(&held).fetch_one(&mut *tx).await.unwrap();
    let waiting = mira.try_act(&held, "take", json!({ "reason": null }));
    let going_on = mira.act(&free, "take", json!({ "reason": null }));
    let (waited, _) = tokio::join!(waiting, going_on);
    assert_eq!((waited.status, waited.code().as_str()), (503, "unavailable"), "{}", waited.text);
    tx.rollback().await.unwrap();
    mira.act(&held, "take", json!({ "reason": null })).await;
}

#[tokio::test]
async fn a_full_disk_is_said_and_what_was_there_before_stays() {
    let app = TestApp::with(Setup { database: Kind::Sqlite, more: LONG_SIGN_IN, ..Setup::default() }).await;
    let id = app.verified_session().await;
    let cookie = {
        let mira = app.staff("mira").await;
        // Looking at it for the first time in a while is written down; looking again is not.
        mira.open(&id).await;
        mira.cookie.clone().unwrap()
    };
    let world = app.leave();
    let ports = process::Ports::free().await;
    let agent = Agent::new(&ports, cookie);
    let full = Process::start_on_a_full_disk(&world, &ports).await;
    let before = agent.open(&id).await;
    let refused = agent.try_until_refused(&id).await;
    assert_eq!((refused.0, refused.1["code"].as_str()), (503, Some("unavailable")), "{refused:?}");
    assert_eq!(agent.open(&id).await["status"], before["status"], "reading goes on");
    full.kill().await;
    let server = Process::start(&world, &ports).await;
    agent.act(&id, "take", json!({ "reason": null })).await;
    server.kill().await;
    let log = TestApp::on(world).await;
    let key = log.app.config.audit.0.verifying_key();
    kyc_desk::domain::audit::export::verify(log.audit_log().await.as_bytes(), &key, None).unwrap();
}

#[tokio::test]
async fn a_sign_in_that_could_not_be_written_ends_no_other() {
    let app = TestApp::with(Setup { database: Kind::Sqlite, ..Setup::default() }).await;
    let oldest = app.staff("mira").await;
    for _ in 0..2 {
        app.advance(1);
        app.staff("mira").await;
    }
    app.advance(1);
    let refuse = "CREATE TRIGGER disk_is_full BEFORE INSERT ON audit_entry WHEN NEW.body LIKE '%sign_in_succeeded%' \
                  BEGIN SELECT RAISE(ABORT, 'disk is full'); END";
    let mut heard = app.app.events.subscribe();
    let newest = app.guest();
    let (verifier, txn, ticket) = newest.open_txn().await;
    let (cookie, location) = newest.begin(&ticket).await;
    let callback = newest.at_idp(&location, "mira").await;
    newest.callback(&callback, Some(&cookie)).await;
    app.database.raw().await.execute(refuse).await.unwrap();
    assert_eq!(newest.redeem(&txn, &verifier).await.status, 503);
    assert!(heard.try_recv().is_err(), "nobody is told that hers has ended");
    assert_eq!(oldest.get("/api/me").await.status, 200);
    app.database.take_entries().await;
    assert_eq!(newest.redeem(&txn, &verifier).await.status, 200);
    assert!(heard.try_recv().is_ok(), "and now somebody is");
    assert_eq!(oldest.get("/api/me").await.status, 401);
}
