//! What is known about a customer goes when its time is over, everywhere, and not before; and leaves a certificate.

use axum::body::Body;
use kyc_desk::store::work::JobKind;
use kyc_desk::upkeep;
use kyc_sandbox::veriff::{Call, Fault, Outcome};
use kyc_tests::{Answer, Caller, Setup, TestApp};
use kyc_wire::ids::JobId;
use serde_json::{Value, json};

const DAY: u64 = 24 * 3600;

/// A case with everything that can be known about a customer, refused in the end.
async fn refused_case(app: &TestApp) -> String {
    let id = app.session().await;
    if let Some(centre) = &app.genesys {
        centre.begin(&format!("conv-{id}"), &[&centre.user("mira")]);
    }
    app.claims(&id, 3).await;
    app.decide(&id, Outcome::OtherBirthYear).await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.post(&format!("/api/sessions/{id}/notes"), &json!({ "text": "looks younger" })).await;
    let reason = mira.reason_for("reject").await;
    mira.act(&id, "reject", json!({ "reason": reason })).await;
    app.work().await;
    id
}

/// The bank's system with a token of today.
async fn bank(app: &TestApp) -> Caller<'_> {
    app.guest().with_token(app.guest().token("bank", "bank-secret").await)
}

async fn hold(by: &Caller<'_>, id: &str, body: &Value) -> Answer {
    by.put_edge(&format!("/bank/v1/sessions/{id}/hold"), body).await
}

async fn lift(by: &Caller<'_>, app: &TestApp, id: &str) -> Answer {
    let request = by.edge_request("DELETE", &format!("/bank/v1/sessions/{id}/hold"), None).body(Body::empty());
    by.send(&app.edge, request.unwrap()).await
}

/// Rows about a session in the tables that hold what is sealed.
async fn kept(app: &TestApp, id: &str) -> i64 {
    let pool = app.database.raw().await;
    let mut count = 0;
    for (table, column, key) in [
        ("personal_field", "session_id", id.to_owned()),
        ("note", "session_id", id.to_owned()),
        ("customer_link", "session_id", id.to_owned()),
        ("data_key", "scope", format!("session:{id}")),
    ] {
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} = $1");
        count += sqlx::query_scalar::<_, i64>(&sql).bind(key).fetch_one(&pool).await.unwrap();
    }
    count
}

fn deletions(app: &TestApp) -> usize {
    app.veriff.requests().iter().filter(|request| request.method == "DELETE").count()
}

async fn entries(app: &TestApp, id: &str, action: &str) -> Vec<Value> {
    let log = app.audit_log().await;
    let entries = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let entries = entries.map(|line| line["entry"].clone());
    entries.filter(|entry| entry["action"] == action && entry["session"] == id).collect()
}

#[tokio::test]
async fn everything_about_a_customer_goes_when_its_time_is_over_here_and_at_the_provider() {
    let app = TestApp::start().await;
    let id = refused_case(&app).await;
    let full = kept(&app, &id).await;
    assert!(full >= 9, "{full} rows: there is something to delete");
    app.advance(90 * DAY - 1);
    app.work().await;
    assert_eq!((kept(&app, &id).await, deletions(&app)), (full, 0), "a second too soon");
    let seen = app.staff("jo").await.open(&id).await;
    assert!(seen["clocks"]["retention"].as_array().unwrap().iter().any(|clock| clock["class"] == "results"));
    app.advance(1);
    app.work().await;
    app.work().await;
    assert_eq!((kept(&app, &id).await, deletions(&app)), (0, 1));
    let certificate = entries(&app, &id, "purged").await;
    let details: Vec<_> = certificate.iter().map(|entry| entry["detail"].as_str().unwrap().to_owned()).collect();
    let fields = details[2].strip_prefix("results:fields-").unwrap().split(':').next().unwrap();
    assert!(fields.parse::<u32>().unwrap() >= 6, "{details:?}");
    assert_eq!(details[0], "documents:photos-0:backups-30d");
    assert_eq!(details[1], "interaction:conversation:backups-30d");
    assert!(details[2].ends_with(":notes-1:runs-1:backups-30d"), "{details:?}");
    assert_eq!(entries(&app, &id, "provider_purged").await[0]["detail"], "veriff-de:run-1");

    let jo = app.staff("jo").await;
    let seen = jo.open(&id).await;
    assert_eq!((&seen["status"], &seen["fields"], &seen["notes"]), (&json!("rejected"), &json!([]), &json!([])));
    assert_eq!((&seen["clocks"]["retention"], &seen["document"]["valid_until"]), (&json!([]), &Value::Null));
    assert!(!seen["offers"].as_array().unwrap().iter().any(|offer| offer["act"] == "reopen"), "{}", seen["offers"]);
    assert_eq!(jo.try_act(&id, "reopen", json!({ "reason": "new_information" })).await.code(), "invalid_transition");
    let claims = app.veriff.identities()[3].claims();
    let late = bank(&app).await.put_edge(&format!("/bank/v1/sessions/{id}/claims"), &claims).await;
    assert_eq!(late.status, 409, "{}", late.text);
    assert_eq!(kept(&app, &id).await, 0, "nothing is kept anew");
}

#[tokio::test]
async fn which_conversation_it_was_is_forgotten_with_the_interaction_and_nothing_else_is() {
    let app = TestApp::start().await;
    let id = refused_case(&app).await;
    let full = kept(&app, &id).await;
    let jo = async || app.staff("jo").await.get(&format!("/api/conversations/conv-{id}/session")).await;
    app.advance(30 * DAY - 1);
    app.work().await;
    assert_eq!(jo().await.json()["id"], id, "a second too soon");
    app.advance(1);
    app.work().await;
    assert_eq!(jo().await.status, 404);
    let pool = app.database.raw().await;
    for table in ["session", "genesys_outbox", "on_conversation"] {
        let sql = format!("SELECT count(*) FROM {table} WHERE conversation_id = $1");
        let rows: i64 = sqlx::query_scalar(&sql).bind(format!("conv-{id}")).fetch_one(&pool).await.unwrap();
        assert_eq!(rows, 0, "{table}");
    }
    assert_eq!(naming(&app, &id).await, [""; 0]);
    let seen = app.staff("jo").await.open(&id).await;
    assert_eq!((&seen["status"], kept(&app, &id).await), (&json!("rejected"), full));
}

/// Where the conversation of a session is named.
async fn naming(app: &TestApp, id: &str) -> Vec<&'static str> {
    let pool = app.database.raw().await;
    let mut found = Vec::new();
    for (place, sql) in [
        ("session.conversation_id", "SELECT count(*) FROM session WHERE conversation_id = $1"),
        ("session.body", "SELECT count(*) FROM session WHERE body LIKE '%' || $1 || '%'"),
        ("genesys_outbox", "SELECT count(*) FROM genesys_outbox WHERE conversation_id = $1"),
        ("on_conversation", "SELECT count(*) FROM on_conversation WHERE conversation_id = $1"),
        ("outbox.body", "SELECT count(*) FROM outbox WHERE body LIKE '%' || $1 || '%'"),
        ("job.subject", "SELECT count(*) FROM job WHERE subject = $1"),
        ("audit_entry.body", "SELECT count(*) FROM audit_entry WHERE body LIKE '%' || $1 || '%'"),
    ] {
        let rows: i64 = sqlx::query_scalar(sql).bind(format!("conv-{id}")).fetch_one(&pool).await.unwrap();
        found.extend((rows > 0).then_some(place));
    }
    found
}

/// The certificate says that it is forgotten which conversation it was: so it is, also where it could not be told and where the bank did not
/// hear of it.
#[tokio::test]
async fn which_conversation_it_was_is_forgotten_everywhere_also_where_it_could_not_be_told() {
    for is_taken in [true, false] {
        let setup = Setup {
            more: "[policy.retention]\ninteraction_days = 1",
            genesys: Some("pause_recording = true"),
            ..Setup::default()
        };
        let app = TestApp::with(setup).await;
        if !is_taken {
            app.bank.fail_next(1_000);
        }
        let id = refused_case(&app).await;
        let other = refused_case(&app).await;
        let mira = app.staff("mira").await;
        assert_eq!(mira.get(&format!("/api/sessions/{id}")).await.status, 200);
        let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
        let later = app.app.clock.now().plus_seconds(3600);
        let job = (JobId::new(app.app.ids.next()), JobKind::ResumeRecording, &*format!("conv-{id}"));
        tx.postpone_job(job, later).await.unwrap();
        if !is_taken {
            let said = "{\"kyc_status\":\"something else\"}";
            tx.upsert_attributes(id.parse().unwrap(), (&format!("conv-{id}"), said), later).await.unwrap();
        }
        tx.commit().await.unwrap();
        app.contact_centre().be_down(!is_taken);
        assert_eq!(naming(&app, &id).await.len(), 6, "everywhere but in the log");
        app.advance(DAY - 1);
        app.work().await;
        assert!(!naming(&app, &id).await.is_empty(), "a second too soon");
        app.advance(1);
        app.work().await;
        assert_eq!(naming(&app, &id).await, [""; 0], "told: {is_taken}");
        assert_eq!(naming(&app, &other).await, [""; 0]);
        assert_eq!(entries(&app, &id, "purged").await.len(), 1);
        if !is_taken {
            app.bank.fail_next(0);
            app.advance(3600);
            app.work().await;
        }
        assert!(app.audit_log().await.contains("interaction:conversation"));
    }
}

/// Another session of the same conversation is not over: who is on its line is still known.
#[tokio::test]
async fn who_is_on_a_conversation_is_known_for_as_long_as_a_session_of_it_is() {
    let more = "[policy.retention]\ninteraction_days = 1";
    let app = TestApp::with(Setup { more, genesys: Some(""), ..Setup::default() }).await;
    let id = refused_case(&app).await;
    let session = crate::customer::session_of(&app, &id).await;
    let newer = app.new_id();
    let mut body = kyc_tests::new_session(&newer);
    body["conversation_id"] = json!(session.conversation_id.unwrap().as_str());
    app.advance(DAY - 60);
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&newer), &body).await.status, 201);
    app.advance(60);
    app.work().await;
    assert_eq!(
        naming(&app, &id).await,
        ["session.conversation_id", "session.body", "genesys_outbox", "on_conversation", "outbox.body"]
    );
    let pool = app.database.raw().await;
    let hers = "SELECT count(*) FROM genesys_outbox WHERE session_id = $1";
    assert_eq!(sqlx::query_scalar::<_, i64>(hers).bind(&id).fetch_one(&pool).await.unwrap(), 0);
}

#[tokio::test]
async fn what_a_provider_still_says_about_a_customer_who_is_gone_is_taken_and_not_kept() {
    let app = TestApp::start().await;
    let id = refused_case(&app).await;
    let session = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.hold_webhooks();
    app.veriff.decide(&session, Outcome::Clean).await.unwrap();
    app.advance(90 * DAY);
    app.work().await;
    app.veriff.release_webhooks();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(kept(&app, &id).await, 0);
    assert!(app.veriff.deliveries().iter().all(|delivery| delivery.status == Some(200)));
}

#[tokio::test]
async fn a_provider_that_is_down_deletes_later() {
    let app = TestApp::start().await;
    refused_case(&app).await;
    app.veriff.fail_next_call(3, Call::Delete, Fault::Status(503));
    app.advance(90 * DAY);
    for _ in 0..8 {
        app.work().await;
        app.advance(1200);
    }
    assert_eq!(deletions(&app), 4, "three that failed, one that did not");
    let log = app.audit_log().await;
    assert_eq!(log.matches("provider_purged").count(), 1);
}

/// Veriff takes few deletions: what it says to them must not hold up a customer who waits for her link.
#[tokio::test]
async fn a_provider_that_wants_to_delete_more_slowly_starts_as_fast_as_ever() {
    let app = TestApp::start().await;
    refused_case(&app).await;
    app.veriff.fail_next_call(1, Call::Delete, Fault::RateLimited { retry_after: Some(3600) });
    app.advance(90 * DAY);
    app.work().await;
    app.work().await;
    assert_eq!(deletions(&app), 1);
    let id = app.new_id();
    let flow = app.guest().with_token(app.guest().token("flow", "flow-secret").await);
    assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await.status, 201);
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&id).len(), 1, "she has her link");
}

#[tokio::test]
async fn a_provider_that_forgets_by_itself_is_not_asked() {
    let policy = "[policy.retention]\nkept_by = [\"veriff-de\"]\nresults_days = 30";
    let app = TestApp::with(Setup { more: policy, ..Setup::default() }).await;
    let id = refused_case(&app).await;
    app.advance(30 * DAY);
    app.work().await;
    app.work().await;
    assert_eq!((kept(&app, &id).await, deletions(&app)), (0, 0));
}

#[tokio::test]
async fn what_the_bank_holds_stays_until_then_or_until_it_lets_go() {
    let app = TestApp::start().await;
    let (held, let_go) = (refused_case(&app).await, refused_case(&app).await);
    let by_then = bank(&app).await;
    let until = "2027-09-01T00:00:00Z";
    for id in [&held, &let_go] {
        assert_eq!(hold(&by_then, id, &json!({ "reason": "case-17", "until": until })).await.status, 204);
    }
    let placed = entries(&app, &held, "hold_placed").await;
    assert!(placed[0]["detail"].as_str().unwrap().starts_with("case-17:until-"), "{placed:?}");
    app.advance(91 * DAY);
    app.work().await;
    assert!(kept(&app, &held).await > 0 && kept(&app, &let_go).await > 0);
    let seen = app.staff("jo").await.open(&held).await;
    assert_eq!(seen["clocks"]["retention"][0]["is_held"], true);
    assert_eq!(lift(&bank(&app).await, &app, &let_go).await.status, 204);
    app.work().await;
    assert!(kept(&app, &held).await > 0);
    assert_eq!(kept(&app, &let_go).await, 0);
    app.advance(365 * DAY);
    app.work().await;
    assert_eq!(kept(&app, &held).await, 0, "a hold ends by itself");
    let late = json!({ "reason": "case-17", "until": "2031-01-01T00:00:00Z" });
    assert_eq!(hold(&bank(&app).await, &held, &late).await.status, 409);
}

#[tokio::test]
async fn a_hold_says_why_in_a_code_and_until_when() {
    let app = TestApp::start().await;
    let id = refused_case(&app).await;
    let bank = app.bank_system().await;
    for (body, setting) in [
        (json!({ "reason": "Mrs Proovik asked", "until": "2031-01-01T00:00:00Z" }), "reason"),
        (json!({ "reason": "", "until": "2031-01-01T00:00:00Z" }), "reason"),
        (json!({ "reason": "case-17", "until": "next year" }), "until"),
        (json!({ "reason": "case-17", "until": "2001-01-01T00:00:00Z" }), "until"),
    ] {
        let refused = hold(&bank, &id, &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid"), "{body}");
        assert!(refused.text.contains(setting) && !refused.text.contains("Proovik"), "{}", refused.text);
    }
    let good = json!({ "reason": "case-17", "until": "2031-01-01T00:00:00Z" });
    assert_eq!(hold(&bank, &app.new_id(), &good).await.status, 404);
    assert_eq!(hold(&app.flow().await, &id, &good).await.status, 403);
    assert_eq!(lift(&app.flow().await, &app, &id).await.status, 403);
}

#[tokio::test]
async fn an_operator_sees_what_is_due_before_it_goes_and_shorter_times_reach_what_ended_before() {
    let policy = "[policy.retention]\ndocuments_days = 30\nresults_days = 90";
    let app = TestApp::with(Setup { more: policy, ..Setup::default() }).await;
    let id = refused_case(&app).await;
    app.advance(10 * DAY);
    app.work().await;
    let due = async |app: &TestApp, is_dry| {
        let mut found = Vec::new();
        let done =
            upkeep::purge(&app.app, is_dry, |session, class| found.push((session.id.to_string(), class.as_str())));
        assert!(done.await.is_ok());
        found
    };
    assert_eq!(due(&app, true).await, []);
    let mut world = app.leave();
    world.reword("documents_days = 30\nresults_days = 90", "documents_days = 5\nresults_days = 10");
    let app = TestApp::on(world).await;
    let both = [(id.clone(), "documents"), (id.clone(), "results")];
    assert_eq!(due(&app, true).await, both);
    assert!(kept(&app, &id).await > 0, "only a look");
    assert_eq!(due(&app, false).await, both);
    assert_eq!(kept(&app, &id).await, 0);
    assert_eq!(due(&app, false).await, []);
}
