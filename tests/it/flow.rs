//! The flow API: what a flow is told, whatever it reports and however often, and that the server's counts and clocks are the ones that
//! count.

mod clocks;
mod conversations;
mod storms;

use std::borrow::Borrow;

use kyc_tests::{Answer, Caller, TestApp, new_session};
use serde_json::{Value, json};

use crate::customer::Visitor;

/// The guide's sentence for a poor picture.
const POOR: &str = "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area.";
/// The guide's sentence for a browser without video.
const NO_VIDEO: &str =
    "Your browser does not support video verification. Please use our mobile app or upload documents.";

/// A flow that drives one session.
pub struct Flow<'a> {
    app: &'a TestApp,
    caller: Caller<'a>,
    id: String,
}

impl<'a> Flow<'a> {
    /// With a session of its own, whose provider was started.
    pub async fn start(app: &'a TestApp) -> Self {
        Self { app, caller: app.flow().await, id: app.session().await }
    }

    /// With a session that differs in these fields.
    pub async fn with(app: &'a TestApp, more: Value) -> Self {
        let (caller, id) = (app.flow().await, app.new_id());
        let mut new = new_session(&id);
        if let Value::Object(more) = more {
            new.as_object_mut().unwrap().extend(more);
        }
        let made = caller.post_edge("/flow/v1/sessions", Some(&id), &new).await;
        assert_eq!(made.status, 201, "{}", made.text);
        app.work().await;
        Self { app, caller, id }
    }

    /// So much later: its token is another one by then.
    pub async fn later(&mut self, seconds: u64) {
        self.app.advance(seconds);
        let token = self.app.guest().token("flow", "flow-secret").await;
        self.caller = self.app.guest().with_token(token);
    }

    fn path(&self, door: &str) -> String {
        format!("/flow/v1/sessions/{}/{door}", self.id)
    }

    /// Sends it, and gives the answer whatever it is.
    pub async fn send(&self, door: &str, body: impl Borrow<Value>) -> Answer {
        self.caller.post_edge(&self.path(door), Some(&self.id), body.borrow()).await
    }

    /// Sends what must be taken.
    pub async fn tell(&self, door: &str, body: impl Borrow<Value>) -> Value {
        let answer = self.send(door, body).await;
        assert_eq!(answer.status, 200, "{door}: {}", answer.text);
        answer.json()
    }

    /// What to do as things stand.
    pub async fn ask(&self) -> Value {
        let answer = self.caller.get_edge(self.path("").trim_end_matches('/'), Some(&self.id)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// An attempt of this score, after the wait that was asked for.
    pub async fn shows(&self, score: f64) -> Value {
        let wait = self.ask().await["wait_seconds"].as_u64().unwrap();
        self.app.advance(wait);
        let attempt = self.tell("attempts", json!({})).await["attempt"].clone();
        self.tell("quality", json!({ "attempt": attempt, "score": score, "frame_height": 720 })).await
    }
}

fn told(answer: &Value) -> (&str, &str) {
    (answer["action"].as_str().unwrap(), answer["message_code"].as_str().unwrap())
}

#[tokio::test]
async fn every_answer_has_the_same_flat_fields() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let mut answers = vec![flow.ask().await];
    let conversation = format!("conv-{}", flow.id);
    for (door, body) in [
        ("attempts", json!({ "attempt": 1 })),
        ("quality", json!({ "attempt": 1, "score": 0.5 })),
        ("heartbeat", json!({})),
        ("resume", json!({ "conversation_id": conversation, "customer_id": "C-4F2A-0093" })),
        ("escalate", json!({ "cause": "customer_asked" })),
        ("end", json!({ "is_abandoned": false })),
    ] {
        answers.push(flow.tell(door, body).await);
    }
    let names = |answer: &Value| answer.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    for answer in &answers {
        assert_eq!(names(answer), names(&answers[0]), "{answer}");
        assert!(answer.as_object().unwrap().values().all(|value| !value.is_object() && !value.is_array()), "{answer}");
        assert!(answer.as_object().unwrap().values().all(|value| !value.is_null()), "{answer}");
    }
}

#[tokio::test]
async fn a_new_session_comes_with_the_customers_link_at_once_and_keeps_it() {
    let app = TestApp::start().await;
    let (caller, id) = (app.flow().await, app.new_id());
    // Nothing was done yet but to write the session down.
    let create =
        async || caller.post_edge_keyed("/flow/v1/sessions", Some(&id), "conv-1-create-1", &new_session(&id)).await;
    let made = create().await;
    let answer = made.json();
    assert_eq!((made.status, told(&answer)), (201, ("continue", "open_link")), "{answer}");
    let link = answer["capture_url"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("{}c/", app.app.config.http.edge_url)), "{answer}");
    assert_eq!((answer["attempt"].as_u64(), answer["retries_left"].as_u64()), (Some(0), Some(2)));
    assert!(app.veriff.sessions_of(&id).is_empty(), "no provider was started");
    assert_eq!(create().await.json()["capture_url"], link.as_str());
    app.work().await;
    let flow = Flow { app: &app, caller, id };
    for answer in [flow.ask().await, flow.shows(0.9).await, flow.shows(0.1).await] {
        assert_eq!(answer["capture_url"], link.as_str(), "{answer}");
    }
    let entries = app.audit_log().await.lines().filter(|line| line.contains("link_issued")).count();
    assert_eq!(entries, 1);
}

#[tokio::test]
async fn who_is_back_in_another_conversation_is_told_of_her_link_again() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let link = flow.shows(0.1).await["capture_url"].as_str().unwrap().to_owned();
    Visitor::by_link(&app, &link).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    let back = json!({ "conversation_id": "conv-again", "customer_id": "C-4F2A-0093" });
    let answer = flow.tell("resume", back.clone()).await;
    assert_eq!(told(&answer), ("retry", "open_link"), "{answer}");
    app.decide(&flow.id, kyc_sandbox::veriff::Outcome::Clean).await;
    assert_ne!(told(&flow.tell("resume", back).await).1, "open_link", "there is nothing left for her to do");
}

#[tokio::test]
async fn three_poor_pictures_lead_to_a_person_in_the_words_of_the_guide() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    for left in [2, 1] {
        let answer = flow.shows(0.79).await;
        assert_eq!(told(&answer), ("retry", "poor_picture"));
        assert_eq!(answer["message"], POOR);
        assert_eq!((answer["wait_seconds"].as_u64(), answer["retries_left"].as_u64()), (Some(10), Some(left)));
    }
    let last = flow.shows(0.79).await;
    assert_eq!(told(&last), ("route_to_agent", "agent_takes_over"));
    assert!(last["error_ref"].as_str().unwrap().starts_with("E-"), "{last}");
    assert_eq!((last["status"].as_str(), last["session_id"].as_str()), (Some("agent_verification"), Some(&*flow.id)));
    let log = app.audit_log().await;
    assert!(log.contains("flow:score-790:height-720"), "the log says what was measured: {log}");
}

#[tokio::test]
async fn what_is_good_enough_goes_on_and_the_guides_threshold_is_the_line() {
    let app = TestApp::start().await;
    assert_eq!(Flow::start(&app).await.shows(0.8).await["action"], "continue");
    assert_eq!(Flow::start(&app).await.shows(0.799).await["action"], "retry");
}

#[tokio::test]
async fn a_mean_opinion_score_is_converted_as_documented() {
    let app = TestApp::start().await;
    for (mos, action) in [(5.0, "continue"), (4.2, "continue"), (4.19, "retry"), (1.0, "retry")] {
        let flow = Flow::start(&app).await;
        flow.tell("attempts", json!({})).await;
        let answer = flow.tell("quality", json!({ "attempt": 1, "mos": mos, "loss": 0.02 })).await;
        assert_eq!(answer["action"], action, "{mos}");
    }
}

#[tokio::test]
async fn a_report_that_says_nothing_or_the_impossible_is_refused() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("attempts", json!({})).await;
    for body in [
        json!({ "attempt": 1 }),
        json!({ "attempt": 1, "frame_height": 0 }),
        json!({ "score": 0.9 }),
        json!({ "attempt": 1, "score": 1.01 }),
        json!({ "attempt": 1, "score": -0.01 }),
        json!({ "attempt": 1, "mos": 0.99 }),
        json!({ "attempt": 1, "mos": 5.01 }),
        json!({ "attempt": 1, "score": 0.9, "mos": 4.6 }),
        json!({ "attempt": 1, "score": 0.9, "loss": 1.5 }),
        json!({ "attempt": 0, "score": 0.9 }),
        json!({ "attempt": 2, "score": 0.9 }),
    ] {
        let refused = flow.send("quality", &body).await;
        assert_eq!((refused.status, refused.code().as_str()), (422, "invalid"), "{body}");
    }
    assert_eq!(flow.send("attempts", json!({ "attempt": 0 })).await.code(), "invalid");
    assert_eq!(flow.ask().await["action"], "continue");
}

#[tokio::test]
async fn below_480_lines_it_goes_on_by_voice_and_upload() {
    let app = TestApp::start().await;
    for (lines, action) in [(480, "continue"), (479, "fallback_audio_upload")] {
        let flow = Flow::start(&app).await;
        flow.tell("attempts", json!({})).await;
        let answer = flow.tell("quality", json!({ "attempt": 1, "score": 0.95, "frame_height": lines })).await;
        assert_eq!(answer["action"], action, "{lines}");
        assert!(!answer["capture_url"].as_str().unwrap().is_empty(), "{answer}");
        if lines < 480 {
            assert_eq!(answer["message_code"], "continue_by_audio");
            assert_eq!(flow.tell("attempts", json!({})).await["action"], action, "video is over");
        }
    }
}

#[tokio::test]
async fn a_browser_without_video_gets_the_guides_other_sentence_and_loses_no_attempt() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let answer = flow.tell("quality", json!({ "supports_video": false, "reporter": "customer_page" })).await;
    assert_eq!(told(&answer), ("mobile_app", "no_video"));
    assert_eq!(answer["message"], NO_VIDEO);
    assert_eq!((answer["attempt"].as_u64(), answer["capture_url"] != ""), (Some(0), true), "{answer}");
}

#[tokio::test]
async fn a_customer_reads_her_own_language() {
    let app = TestApp::start().await;
    for (language, begins) in [("de", "Wir haben"), ("de_AT", "Wir haben"), ("fr-FR", "We are"), ("en", "We are")] {
        let flow = Flow::with(&app, json!({ "language": language })).await;
        let answer = flow.shows(0.1).await;
        assert!(answer["message"].as_str().unwrap().starts_with(begins), "{language}: {answer}");
    }
    let (flow, id) = (app.flow().await, app.new_id());
    let mut new = new_session(&id);
    new["language"] = json!("{{Message.Language}}");
    assert_eq!(flow.post_edge("/flow/v1/sessions", Some(&id), &new).await.code(), "invalid");
}

#[tokio::test]
async fn a_flow_that_spins_does_not_use_up_the_attempts() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.shows(0.1).await;
    let (path, id) = (flow.path("attempts"), flow.id.clone());
    let early =
        async || flow.caller.post_edge_keyed(&path, Some(&id), "conv-1-attempt-2", &json!({ "attempt": 2 })).await;
    for left in [10, 7, 4, 1] {
        let answer = early().await.json();
        assert_eq!((told(&answer).0, answer["wait_seconds"].as_u64()), ("retry", Some(left)));
        assert_eq!(answer["attempt"], 1, "it has not begun");
        app.advance(3);
    }
    let begun = early().await.json();
    assert_eq!((told(&begun).0, begun["attempt"].as_u64()), ("continue", Some(2)), "the same request begins it now");
    assert_eq!(early().await.json()["attempt"], 2, "and once only");
}

#[tokio::test]
async fn repeating_anything_changes_nothing() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let conversation = format!("conv-{}", flow.id);
    for (door, body) in [
        ("attempts", json!({ "attempt": 1 })),
        ("quality", json!({ "attempt": 1, "score": 0.5 })),
        ("heartbeat", json!({})),
        ("resume", json!({ "conversation_id": conversation, "customer_id": "C-4F2A-0093" })),
        ("end", json!({ "is_abandoned": false })),
        ("escalate", json!({ "cause": "flow_failed" })),
    ] {
        let key = format!("conv-1-{door}-1");
        let path = flow.path(door);
        let first = flow.caller.post_edge_keyed(&path, Some(&flow.id), &key, &body).await.json();
        let same = flow.caller.post_edge_keyed(&path, Some(&flow.id), &key, &body).await.json();
        assert_eq!(same, first, "{door} with the same key");
        assert_eq!(flow.tell(door, body).await, first, "{door} with another key");
    }
}

#[tokio::test]
async fn a_report_that_comes_too_late_is_answered_and_changes_nothing() {
    let app = TestApp::start().await;
    let (flow, mira) = (Flow::start(&app).await, app.staff("mira").await);
    flow.tell("attempts", json!({})).await;
    mira.act(&flow.id, "take", json!({ "reason": null })).await;
    mira.act(&flow.id, "reject", json!({ "reason": "customer_refuses" })).await;
    let over = flow.ask().await;
    assert_eq!(
        (over["is_final"].as_bool(), over["action"].as_str(), over["capture_url"].as_str()),
        (Some(true), Some("continue"), Some(""))
    );
    for (door, body) in [
        ("quality", json!({ "attempt": 1, "score": 0.1 })),
        ("attempts", json!({})),
        ("heartbeat", json!({})),
        ("escalate", json!({ "cause": "no_reply" })),
        ("end", json!({ "is_abandoned": true })),
    ] {
        assert_eq!(flow.tell(door, body).await, over, "{door}");
    }
}

#[tokio::test]
async fn a_flow_may_hand_over_by_itself_and_says_why() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let answer = flow.tell("escalate", json!({ "cause": "customer_asked" })).await;
    assert_eq!((told(&answer).0, answer["status"].as_str()), ("route_to_agent", Some("agent_verification")));
    let reference = answer["error_ref"].as_str().unwrap();
    assert!(app.audit_log().await.contains(&format!("customer_asked:{reference}")));
    assert_eq!(flow.send("escalate", json!({ "cause": "because" })).await.code(), "bad_request");
}

#[tokio::test]
async fn the_agents_key_for_a_poor_picture_is_a_report_that_the_flow_hears() {
    let app = TestApp::start().await;
    let (flow, mira) = (Flow::start(&app).await, app.staff("mira").await);
    flow.tell("attempts", json!({})).await;
    let early = mira.try_act(&flow.id, "poor-picture", json!({})).await;
    assert_eq!(early.code(), "not_holder");
    mira.act(&flow.id, "take", json!({ "reason": null })).await;
    mira.act(&flow.id, "poor-picture", json!({})).await;
    let answer = flow.ask().await;
    assert_eq!(told(&answer), ("retry", "poor_picture"));
    mira.act(&flow.id, "poor-picture", json!({})).await;
    assert_eq!(flow.ask().await["retries_left"], 2, "pressing twice is one report");
    for _ in 0..2 {
        app.advance(10);
        mira.act(&flow.id, "poor-picture", json!({})).await;
    }
    assert_eq!(flow.ask().await["action"], "route_to_agent");
    app.advance(10);
    let seen = mira.act(&flow.id, "poor-picture", json!({})).await;
    assert_eq!(seen["channel"], "audio_upload", "she has the customer on the line: it goes on by voice");
    assert_eq!(mira.try_act(&flow.id, "poor-picture", json!({})).await.code(), "invalid_transition");
}
