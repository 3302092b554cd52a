//! The main story over HTTP, and its refusals.

use axum::body::Body;
use kyc_sandbox::veriff::Outcome;
use serde_json::json;

use kyc_tests::{Setup, TestApp, all_at_once, fresh_key, new_session};

#[tokio::test]
async fn an_agent_decides_a_supervisor_approves_and_the_bank_is_told() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    let jo = app.staff("jo").await;
    let waiting = jo.get("/api/sessions?view=needs_my_approval").await.json();
    assert_eq!(waiting["items"][0]["id"], id.as_str());
    let approved = jo.act(&id, "approve", json!({})).await;
    assert_eq!(approved["status"], "approved");
    assert_eq!(mira.open(&id).await["status"], "approved");
    app.work().await;
    let told: Vec<_> = app.bank.events().iter().map(|event| event.json["status"].clone()).collect();
    assert_eq!(told, ["created", "document_submitted", "agent_verification", "final_approval", "approved"]);
    assert!(app.bank.refused().is_empty(), "every event was signed");
}

#[tokio::test]
async fn the_bank_is_told_of_a_session_before_anything_happens_in_it() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let mut new = new_session("");
    new["conversation_id"] = json!("conv-1");
    let made = flow.post_edge("/flow/v1/sessions", None, &new).await;
    assert_eq!(made.status, 201, "an empty id is none: {}", made.text);
    let id = made.json()["session_id"].as_str().unwrap().to_owned();
    app.work().await;
    let told = app.bank.events().remove(0).json;
    let kind = (told["type"].as_str(), told["status"].as_str(), told["version"].as_u64());
    assert_eq!(kind, (Some("session.created"), Some("created"), Some(1)));
    assert_eq!(told["session_id"], id.as_str());
    assert_eq!((told["customer_id"].as_str(), told["conversation_id"].as_str()), (Some("C-4F2A-0093"), Some("conv-1")));
    let names: Vec<&String> = told.as_object().unwrap().keys().collect();
    assert_eq!(names.len(), 8, "ids and codes, and nothing else: {names:?}");
    assert_eq!(app.claims(&id, 0).await.status, 204, "with that id the bank hands over what was claimed");
    app.decide(&id, Outcome::Clean).await;
    let later = app.bank.events().pop().unwrap().json;
    assert_eq!(later["type"], "session.status_changed");
    assert_eq!(later["conversation_id"], serde_json::Value::Null);
    new["session_id"] = json!("no-id");
    assert_eq!(flow.post_edge("/flow/v1/sessions", None, &new).await.status, 400);
}

#[tokio::test]
async fn what_the_agent_sees_is_masked_and_differences_come_first() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.claims(&id, 1).await;
    app.decide(&id, Outcome::OtherBirthYear).await;
    let seen = app.staff("mira").await.open(&id).await;
    assert_eq!(seen["status"], "agent_verification");
    let first = &seen["fields"][0];
    assert_eq!(first["field"], "birth_date");
    assert_eq!(first["agreement"], json!({ "agreement": "differs", "difference": "year" }));
    assert_eq!(first["claim"]["text"], "1986-••-••");
    assert!(seen["attention"].as_array().unwrap().iter().any(|a| a["kind"] == "mismatch" && a["of"] == "birth_date"));
    assert!(
        seen["checks"].as_array().unwrap().iter().all(|check| !check["explanation"]["en"].as_str().unwrap().is_empty())
    );
}

#[tokio::test]
async fn nobody_approves_her_own_case() {
    let app = TestApp::start().await;
    let jo = app.staff("jo").await;
    let id = app.verified_session().await;
    jo.act(&id, "take", json!({ "reason": null })).await;
    jo.tick_off(&id).await;
    jo.act(&id, "propose", json!({ "reason": null })).await;
    let refused = jo.try_act(&id, "approve", json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "own_case"));
    let again = app.staff("jo").await.try_act(&id, "approve", json!({})).await;
    assert_eq!(again.code(), "own_case", "another tab is the same person");
    app.staff("ines").await.act(&id, "approve", json!({})).await;
}

#[tokio::test]
async fn of_a_hundred_parallel_decisions_one_takes_effect_and_the_others_are_told_why() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    let version = mira.open(&id).await["version"].clone();
    let path = format!("/api/sessions/{id}/propose");
    let body = json!({ "expected_version": version, "reason": null });
    let all = (0..100).map(|_| mira.post_until_answered(&path, &body));
    let answers = all_at_once(all).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    let told = answers.iter().filter(|answer| answer.status == 409 && answer.code() == "stale_version").count();
    assert_eq!((done, told), (1, 99));
    let log = app.audit_log().await;
    let proposed = log.lines().filter(|line| line.contains(r#""action":"proposed""#));
    assert_eq!(proposed.clone().filter(|line| line.contains(r#""outcome":"ok""#)).count(), 1);
    assert_eq!(proposed.filter(|line| line.contains("stale_version")).count(), 99);
}

#[tokio::test]
async fn a_reveal_shows_one_field_for_a_reason_and_leaves_a_trace() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    let before = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await;
    assert_eq!(before.code(), "not_holder");
    mira.act(&id, "take", json!({ "reason": null })).await;
    assert_eq!(mira.reveal(&id, "full_name", "claim", "curiosity").await.code(), "invalid");
    let shown = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.json();
    assert_eq!(shown["text"], "Toomas Proovik");
    assert_eq!(shown["seconds"], 20);
    let timeline = mira.open(&id).await["timeline"].clone();
    let last = timeline.as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["action"].as_str(), last["fields"][0].as_str()), (Some("field_revealed"), Some("full_name")));
}

#[tokio::test]
async fn a_session_of_another_queue_does_not_exist() {
    let app = TestApp::start().await;
    let id = app.new_id();
    let mut new = new_session(&id);
    new["queue"] = json!("business-de");
    app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &new).await;
    let mira = app.staff("mira").await;
    assert_eq!(mira.get(&format!("/api/sessions/{id}")).await.status, 404);
    assert_eq!(
        mira.post(&format!("/api/sessions/{id}/take"), &json!({ "expected_version": 1, "reason": null })).await.status,
        404
    );
    assert_eq!(app.staff("jo").await.open(&id).await["id"], id.as_str());
    assert!(app.audit_log().await.contains("access_refused"));
}

#[tokio::test]
async fn a_customer_who_does_not_belong_to_the_session_is_refused_and_recorded() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let refused = mira.get(&format!("/api/sessions/{id}?customer_id=C-0000")).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "customer_mismatch"));
    assert_eq!(mira.get(&format!("/api/sessions/{id}?customer_id=C-4F2A-0093")).await.status, 200);
    assert!(app.audit_log().await.contains("hint_mismatch"));
}

#[tokio::test]
async fn opening_a_session_is_written_down_once_in_a_quarter_of_an_hour() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    for _ in 0..3 {
        mira.open(&id).await;
    }
    app.advance(14 * 60);
    mira.post("/api/me/activity", &json!({})).await;
    app.advance(61);
    mira.open(&id).await;
    let log = app.audit_log().await;
    assert_eq!(log.matches("session_opened").count(), 2);
}

#[tokio::test]
async fn a_colleague_who_has_another_name_is_shown_with_it_a_minute_later() {
    let app = TestApp::start().await;
    let (id, mira) = (app.verified_session().await, app.staff("mira").await);
    mira.act(&id, "take", json!({ "reason": null })).await;
    let name = async || mira.open(&id).await["holder"]["name"].as_str().unwrap().to_owned();
    let before = name().await;
    let renamed = "UPDATE person SET name = 'Mira Neuhaus' WHERE name = $1";
    let done = sqlx::query(renamed).bind(&before).execute(&app.database.raw().await).await.unwrap();
    assert_eq!(done.rows_affected(), 1);
    app.advance(60);
    assert_eq!(name().await, "Mira Neuhaus");
}

#[tokio::test]
async fn next_hands_out_each_waiting_session_once() {
    let app = TestApp::start().await;
    let (first, second) = (app.verified_session().await, {
        app.advance(1);
        app.verified_session().await
    });
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let (a, b) = tokio::join!(async { mira.post("/api/sessions/next", &json!({})).await.json() }, async {
        tomas.post("/api/sessions/next", &json!({})).await.json()
    });
    let mut handed = [a["id"].as_str().unwrap().to_owned(), b["id"].as_str().unwrap().to_owned()];
    handed.sort();
    let mut all = [first, second];
    all.sort();
    assert_eq!(handed, all);
    assert_eq!(mira.post("/api/sessions/next", &json!({})).await.text, "null");
}

#[tokio::test]
async fn a_flow_that_asks_for_a_fourth_attempt_is_told_to_route_to_an_agent() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let id = app.session().await;
    let path = format!("/flow/v1/sessions/{id}");
    let mut told = Vec::new();
    for attempt in 1..=3 {
        flow.post_edge(&format!("{path}/attempts"), Some(&id), &json!({})).await;
        let quality = json!({ "attempt": attempt, "score": 0.5, "frame_height": 720 });
        let answer = flow.post_edge(&format!("{path}/quality"), Some(&id), &quality).await.json();
        told.push((answer["action"].clone(), answer["wait_seconds"].clone()));
        app.advance(10);
    }
    assert_eq!(told, [(json!("retry"), json!(10)), (json!("retry"), json!(10)), (json!("route_to_agent"), json!(0))]);
    let fourth = flow.post_edge(&format!("{path}/attempts"), Some(&id), &json!({})).await.json();
    assert_eq!((fourth["action"].as_str(), fourth["attempt"].as_u64()), (Some("route_to_agent"), Some(3)));
    assert!(fourth["error_ref"].as_str().unwrap().starts_with("E-"));
}

#[tokio::test]
async fn a_repeated_request_acts_once_and_another_body_is_refused() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let id = app.new_id();
    let key = fresh_key();
    let first = flow.post_edge_keyed("/flow/v1/sessions", Some(&id), &key, &new_session(&id)).await;
    let again = flow.post_edge_keyed("/flow/v1/sessions", Some(&id), &key, &new_session(&id)).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json()["session_id"], again.json()["session_id"]);
    let other_id = app.new_id();
    let other = flow.post_edge_keyed("/flow/v1/sessions", Some(&other_id), &key, &new_session(&other_id)).await;
    assert_eq!((other.status, other.code().as_str()), (422, "idempotency_key_reused"));
    let taken = flow.post_edge("/flow/v1/sessions", Some(&id), &new_session(&id)).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "already_exists"));
}

#[tokio::test]
async fn a_session_that_nobody_resumes_expires_and_the_bank_is_told() {
    let app = TestApp::start().await;
    let id = app.session().await;
    app.advance(300);
    app.work().await;
    app.advance(24 * 3600);
    app.work().await;
    let seen = app.staff("mira").await.open(&id).await;
    assert_eq!(seen["status"], "expired");
    assert_eq!(app.bank.events().last().unwrap().json["status"], "expired");
}

#[tokio::test]
async fn the_policy_never_needs_no_second_person() {
    let app = TestApp::with(Setup { policy: "final_approval = \"never\"", ..Setup::default() }).await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    assert_eq!(mira.act(&id, "propose", json!({ "reason": null })).await["status"], "approved");
}

#[tokio::test]
async fn a_flow_that_failed_is_made_up_for_by_the_agent() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let path = "/api/conversations/conv-77/session";
    assert_eq!(mira.get(path).await.status, 404);
    let started = mira.post(path, &json!({ "customer_id": "C-77", "queue": "retail-de" })).await;
    assert_eq!(started.status, 201, "{}", started.text);
    assert_eq!(started.json()["is_mine"], true);
    assert_eq!(mira.get(path).await.json()["id"], started.json()["id"]);
    let foreign = mira
        .post("/api/conversations/conv-78/session", &json!({ "customer_id": "C-78", "queue": "business-de" }))
        .await;
    assert_eq!(foreign.code(), "invalid");
}

#[tokio::test]
async fn a_change_reaches_the_open_stream_and_sign_out_closes_it() {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let request = mira.desk_request("GET", "/api/events").body(Body::empty()).unwrap();
    let mut stream = app.desk.clone().oneshot(request).await.unwrap().into_body();
    let mut next = async || {
        let frame = tokio::time::timeout(std::time::Duration::from_mins(2), stream.frame()).await.unwrap();
        frame.map(|frame| String::from_utf8_lossy(&frame.unwrap().into_data().unwrap()).into_owned())
    };
    assert!(next().await.unwrap().contains(r#""event":"hello""#));
    let id = app.session().await;
    assert!(next().await.unwrap().contains(&id));
    assert_eq!(mira.post("/auth/logout", &json!({})).await.status, 200);
    loop {
        match next().await {
            Some(text) if text.contains("signed_out") => break,
            Some(_) => {}
            None => panic!("the stream closed without a word"),
        }
    }
    assert!(next().await.is_none(), "the stream is closed");
    assert_eq!(mira.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn what_is_out_of_the_agents_hands_exists_only_for_who_had_it() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = app.proposed_session(&mira).await;
    let path = format!("/api/sessions/{id}");
    assert_eq!(mira.get(&path).await.status, 200, "who decided sees what became of it");
    assert_eq!(tomas.get(&path).await.status, 404);
    assert_eq!(app.staff("jo").await.get(&path).await.status, 200);
    assert_eq!(app.staff("sanna").await.get(&path).await.status, 200);
}

#[tokio::test]
async fn a_session_that_cannot_be_read_does_not_keep_the_others_asleep() {
    let app = TestApp::start().await;
    let (broken, sound) = (app.session().await, app.session().await);
    let pool = app.database.raw().await;
    sqlx::query("UPDATE session SET body = '{}' WHERE id = $1").bind(&broken).execute(&pool).await.unwrap();
    app.advance(300);
    app.work().await;
    app.advance(24 * 3600);
    app.work().await;
    assert_eq!(app.staff("jo").await.open(&sound).await["status"], "expired");
}
