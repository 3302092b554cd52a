//! Two servers on one PostgreSQL database serve one floor.

use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt;
use kyc_sandbox::veriff::Outcome;
use kyc_tests::database::Kind;
use kyc_tests::{Caller, Setup, TestApp, all_at_once};
use serde_json::{Value, json};
use tower::ServiceExt;

async fn two() -> (TestApp, TestApp) {
    let first = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let second = first.beside().await;
    (first, second)
}

/// An open event stream.
pub struct Stream(Body);

impl Stream {
    /// Opens it.
    pub async fn open(app: &TestApp, by: &Caller<'_>) -> Self {
        let request = by.desk_request("GET", "/api/events").body(Body::empty()).unwrap();
        let mut stream = Self(app.desk.clone().oneshot(request).await.unwrap().into_body());
        assert!(stream.next().await.unwrap().contains(r#""event":"hello""#));
        stream
    }

    /// What it says next; none when it has ended.
    pub async fn next(&mut self) -> Option<String> {
        let frame = tokio::time::timeout(Duration::from_mins(2), self.0.frame()).await.expect("nothing was heard");
        frame.map(|frame| String::from_utf8_lossy(&frame.unwrap().into_data().unwrap()).into_owned())
    }

    /// Waits for an event that says this.
    pub async fn until(&mut self, words: &str) -> String {
        loop {
            let event = self.next().await.unwrap_or_else(|| panic!("the stream ended before {words}"));
            if event.contains(words) {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn a_decision_on_one_is_seen_on_the_other() {
    let (first, second) = two().await;
    let id = first.verified_session().await;
    let (mira, jo) = (first.staff("mira").await, second.staff("jo").await);
    let mut stream = Stream::open(&second, &jo).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    stream.until(&id).await;
    mira.tick_off(&id).await;
    let proposed = mira.act(&id, "propose", json!({ "reason": null })).await;
    stream.until(&format!(r#""version":{}"#, proposed["version"])).await;
    let mut back = Stream::open(&first, &mira).await;
    let approved = jo.act(&id, "approve", json!({})).await;
    back.until(&format!(r#""version":{}"#, approved["version"])).await;
    assert_eq!(mira.open(&id).await["status"], "approved");
}

#[tokio::test]
async fn signing_out_at_one_closes_the_streams_at_the_other() {
    let (first, second) = two().await;
    let mira = first.staff("mira").await;
    let mut stream = Stream::open(&second, &mira.at(&second)).await;
    assert_eq!(mira.post("/auth/logout", &json!({})).await.status, 200);
    stream.until("signed_out").await;
    assert!(stream.next().await.is_none());
    assert_eq!(mira.at(&second).get("/api/me").await.status, 401);
}

#[tokio::test]
async fn of_a_hundred_decisions_over_both_one_takes_effect() {
    let (first, second) = two().await;
    let mira = first.staff("mira").await;
    let id = first.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    let body = json!({ "expected_version": mira.open(&id).await["version"], "reason": null });
    let path = format!("/api/sessions/{id}/propose");
    let both = [mira.at(&first), mira.at(&second)];
    let answers = all_at_once((0..100).map(|at| both[at % 2].post_until_answered(&path, &body))).await;
    let done = answers.iter().filter(|answer| answer.status == 200).count();
    let told = answers.iter().filter(|answer| answer.status == 409 && answer.code() == "stale_version").count();
    assert_eq!((done, told), (1, 99), "{:?}", answers.iter().find(|answer| ![200, 409].contains(&answer.status)));
    first.audit_log().await;
}

#[tokio::test]
async fn next_hands_out_each_session_once_over_both() {
    let (first, second) = two().await;
    let mut waiting = Vec::new();
    for _ in 0..6 {
        waiting.push(first.verified_session().await);
    }
    let (mira, tomas) = (first.staff("mira").await, second.staff("tomas").await);
    let callers = [mira.at(&first), mira.at(&second), tomas.at(&first), tomas.at(&second)];
    let nothing = json!({});
    let answers = all_at_once((0..12).map(|at| callers[at % 4].post("/api/sessions/next", &nothing))).await;
    assert!(answers.iter().all(|answer| answer.status == 200), "{answers:?}");
    let taken: Vec<Value> =
        answers.iter().map(|answer| answer.json()["id"].clone()).filter(|id| !id.is_null()).collect();
    let mut ids: Vec<&str> = taken.iter().map(|id| id.as_str().unwrap()).collect();
    ids.sort_unstable();
    waiting.sort_unstable();
    assert_eq!(ids, waiting, "each was handed out, and none twice");
}

#[tokio::test]
async fn a_lease_holds_at_both() {
    let (first, second) = two().await;
    let id = first.verified_session().await;
    let (mira, tomas) = (first.staff("mira").await, second.staff("tomas").await);
    mira.act(&id, "take", json!({ "reason": null })).await;
    let refused = tomas.try_act(&id, "take", json!({ "reason": null })).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "held_by_colleague"));
    let renewals = (0..20).map(|_| async { mira.post(&format!("/api/sessions/{id}/renew"), &json!({})).await });
    let over = async { tomas.act(&id, "take", json!({ "reason": "shift_change" })).await };
    let (renewed, _) = tokio::join!(all_at_once(renewals), over);
    assert!(renewed.iter().all(|answer| [204, 409].contains(&answer.status)), "{renewed:?}");
    assert_eq!(tomas.open(&id).await["is_mine"], true, "no renewal under way took it back");
}

#[tokio::test]
async fn work_is_done_once() {
    let (first, second) = two().await;
    let id = first.session().await;
    assert_eq!(first.claims(&id, 0).await.status, 204);
    let session = first.veriff.sessions_of(&id).last().unwrap().clone();
    first.veriff.event(&session, kyc_sandbox::veriff::Step::Submitted).await.unwrap();
    first.veriff.decide(&session, Outcome::Clean).await.unwrap();
    first.veriff.settle().await;
    tokio::join!(first.work(), second.work(), first.work(), second.work());
    let jo = first.staff("jo").await;
    assert_eq!(jo.open(&id).await["status"], "agent_verification");
    let mut told: Vec<String> = first.bank.events().iter().map(|event| event.body.clone()).collect();
    let all = told.len();
    told.sort();
    told.dedup();
    assert_eq!(told.len(), all, "the bank is told each thing once");
    let log = first.audit_log().await;
    let results = log.lines().filter(|line| line.contains(&id) && line.contains("result_applied")).count();
    assert_eq!(results, 1, "{log}");
}

#[tokio::test]
async fn equal_requests_at_both_act_once() {
    let (first, second) = two().await;
    let flow = first.flow().await;
    let id = first.session().await;
    let path = format!("/flow/v1/sessions/{id}/attempts");
    let both = [flow.at(&first), flow.at(&second)];
    let body = json!({});
    let sent = (0..20).map(|at| both[at % 2].post_edge_keyed(&path, Some(&id), "conv-1-attempt-1", &body));
    let answers = all_at_once(sent).await;
    for answer in &answers {
        assert_eq!((answer.status, answer.json()["attempt"].as_u64()), (200, Some(1)), "{}", answer.text);
    }
}

#[tokio::test]
async fn when_one_ends_in_the_middle_the_other_finishes() {
    let (first, second) = two().await;
    let id = first.verified_session().await;
    let cookie = {
        let mira = first.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.act(&id, "mark", json!({ "item": "face_matches", "mark": "passed" })).await;
        mira.cookie.clone().unwrap()
    };
    first.leave();
    let mira = second.guest().with_cookie(&cookie);
    mira.tick_off(&id).await;
    let proposed = mira.act(&id, "propose", json!({ "reason": null })).await;
    assert_eq!(proposed["status"], "final_approval");
    let jo = second.staff("jo").await;
    assert_eq!(jo.act(&id, "approve", json!({})).await["status"], "approved");
    second.work().await;
    let told = second.bank.events();
    assert!(told.iter().any(|event| event.body.contains(r#""status":"approved""#)), "{told:?}");
    let key = second.app.config.audit.0.verifying_key();
    let log = second.audit_log().await;
    kyc_desk::domain::audit::export::verify(log.as_bytes(), &key, None).unwrap();
}
