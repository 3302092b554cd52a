//! The guide's second edge case: every clock is the server's. 300 s to connect, 600 s in all, a heartbeat every 15 s that is missed after 45,
//! and a day to come back.

use axum::body::Body;
use axum::http::Request;
use kyc_sandbox::veriff::Outcome;
use kyc_tests::{Setup, TestApp};
use serde_json::json;

use super::{Flow, told};

/// The customer is there for so long, with a sign of life every 15 seconds.
async fn stays(app: &TestApp, flow: &Flow<'_>, seconds: u64) {
    for _ in 0..seconds / 15 {
        app.advance(15);
        flow.tell("heartbeat", json!({})).await;
    }
}

#[tokio::test]
async fn who_does_not_connect_within_five_minutes_is_met_by_a_person() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    app.advance(299);
    assert_eq!(flow.ask().await["action"], "continue");
    app.advance(1);
    let answer = flow.ask().await;
    assert_eq!(told(&answer), ("route_to_agent", "agent_takes_over"));
    assert!(answer["error_ref"].as_str().unwrap().ends_with("-connect"), "{answer}");
    assert!(!answer["capture_url"].as_str().unwrap().is_empty(), "the link stays good: nobody is dropped");
    assert_eq!(flow.tell("heartbeat", json!({})).await["action"], "continue", "she came after all");
}

#[tokio::test]
async fn ten_minutes_in_all_and_then_a_person() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    stays(&app, &flow, 585).await;
    assert_eq!(flow.ask().await["status"], "created");
    app.advance(15);
    let answer = flow.tell("quality", json!({ "attempt": 1, "score": 0.9 })).await;
    assert_eq!((answer["status"].as_str(), told(&answer).0), (Some("expired"), "route_to_agent"));
    assert!(answer["error_ref"].as_str().unwrap().ends_with("-expired"), "{answer}");
}

#[tokio::test]
async fn the_ten_minutes_stand_still_while_she_is_away() {
    let app = TestApp::start().await;
    let mut flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    stays(&app, &flow, 540).await;
    flow.later(3600).await;
    flow.tell("heartbeat", json!({})).await;
    stays(&app, &flow, 45).await;
    app.advance(14);
    assert_eq!(flow.ask().await["status"], "created", "an hour away is not counted");
    app.advance(1);
    assert_eq!(flow.ask().await["status"], "expired");
}

#[tokio::test]
async fn the_ten_minutes_end_where_the_agents_part_begins() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    app.decide(&flow.id, Outcome::Clean).await;
    stays(&app, &flow, 1800).await;
    let answer = flow.ask().await;
    assert_eq!((answer["status"].as_str(), told(&answer).0), (Some("agent_verification"), "route_to_agent"));
    assert_eq!(answer["error_ref"], "", "nothing failed");
}

#[tokio::test]
async fn a_heartbeat_is_missed_after_45_seconds() {
    let app = TestApp::start().await;
    let (flow, mira) = (Flow::start(&app).await, app.staff("mira").await);
    flow.tell("heartbeat", json!({})).await;
    app.advance(44);
    app.work().await;
    assert_eq!(mira.open(&flow.id).await["presence"]["presence"], "connected");
    app.advance(1);
    app.work().await;
    assert_eq!(mira.open(&flow.id).await["presence"]["presence"], "lost");
}

/// What staff see of her connection.
async fn presence(app: &TestApp, id: &str) -> serde_json::Value {
    app.work().await;
    app.staff("mira").await.open(id).await["presence"]["presence"].clone()
}

#[tokio::test]
async fn a_call_for_which_nobody_beats_goes_on_until_its_end_is_told() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("attempts", json!({ "attempt": 1 })).await;
    assert_eq!(presence(&app, &flow.id).await, "not_connected", "the flow's invitation is no sign of her");
    flow.tell("quality", json!({ "attempt": 1, "score": 0.9, "frame_height": 720 })).await;
    app.advance(299);
    assert_eq!(presence(&app, &flow.id).await, "connected");
    flow.tell("end", json!({ "is_abandoned": false })).await;
    assert_eq!(presence(&app, &flow.id).await, "lost");
}

#[tokio::test]
async fn a_call_that_drops_silently_is_lost_after_five_minutes_and_resumed_within_a_day() {
    let app = TestApp::start().await;
    let mut flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({ "until_end": true })).await;
    app.advance(300);
    assert_eq!(presence(&app, &flow.id).await, "lost");
    flow.later(23 * 3600).await;
    let back = json!({ "conversation_id": "conv-next-day", "customer_id": "C-4F2A-0093" });
    assert_eq!(flow.tell("resume", back).await["status"], "created");
    assert_eq!(presence(&app, &flow.id).await, "connected");
}

#[tokio::test]
async fn whoever_beats_says_nothing_else() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let refused = flow.send("heartbeat", json!({ "until": "tomorrow" })).await;
    assert_eq!((refused.status, refused.code().as_str()), (400, "bad_request"));
    flow.tell("heartbeat", json!({ "until_end": false })).await;
    flow.tell("heartbeat", json!({})).await;
    app.advance(45);
    assert_eq!(presence(&app, &flow.id).await, "lost");
}

#[tokio::test]
async fn where_a_fresh_call_is_wanted_a_gap_gives_no_attempt_back_and_starts_no_run() {
    let app = TestApp::with(Setup { policy: "resume = \"precall_only\"", ..Setup::default() }).await;
    let flow = Flow::start(&app).await;
    for attempt in 1..=3 {
        app.advance(60);
        assert_eq!(flow.tell("attempts", json!({ "attempt": attempt })).await["attempt"], attempt);
        flow.tell("quality", json!({ "attempt": attempt, "score": 0.5 })).await;
    }
    app.work().await;
    assert_eq!(flow.ask().await["action"], "route_to_agent", "three attempts, whatever lies between them");
    assert_eq!(app.veriff.sessions_of(&flow.id).len(), 1, "one run is paid");

    let flow = Flow::start(&app).await;
    flow.tell("attempts", json!({ "attempt": 1 })).await;
    flow.tell("quality", json!({ "attempt": 1, "score": 0.5 })).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    app.advance(60);
    let back = json!({ "conversation_id": "conv-second", "customer_id": "C-4F2A-0093" });
    assert_eq!(flow.tell("resume", back).await["attempt"], 0, "the next call begins afresh");
    app.work().await;
    assert_eq!(app.veriff.sessions_of(&flow.id).len(), 2);
}

#[tokio::test]
async fn who_comes_back_within_a_day_goes_on_with_the_same_session() {
    let app = TestApp::start().await;
    let mut flow = Flow::start(&app).await;
    flow.shows(0.5).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    flow.later(24 * 3600 - 1).await;
    let back = json!({ "conversation_id": "conv-next-day", "customer_id": "C-4F2A-0093" });
    let answer = flow.tell("resume", back).await;
    assert_eq!((answer["session_id"].as_str(), answer["attempt"].as_u64()), (Some(&*flow.id), Some(1)));
    assert_eq!(answer["status"], "created");
}

#[tokio::test]
async fn after_a_day_it_is_over_and_the_flow_is_told() {
    let app = TestApp::start().await;
    let mut flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    flow.later(24 * 3600).await;
    let back = json!({ "conversation_id": "conv-next-day", "customer_id": "C-4F2A-0093" });
    let answer = flow.tell("resume", back).await;
    assert_eq!((answer["is_final"].as_bool(), told(&answer).0), (Some(true), "route_to_agent"));
    assert!(answer["error_ref"].as_str().unwrap().ends_with("-expired"), "{answer}");
}

/// The guide's edge case 2: whatever the customer's device thinks the time is.
#[tokio::test]
async fn a_clock_that_is_wrong_on_the_customers_device_moves_nothing() {
    let app = TestApp::start().await;
    for date in ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 2099 23:59:59 GMT"] {
        let flow = Flow::start(&app).await;
        let send = async |door: &str, body: serde_json::Value| {
            let request = Request::post(flow.path(door))
                .header("date", date)
                .header("x-session-id", &flow.id)
                .header("idempotency-key", kyc_tests::fresh_key())
                .header("content-type", "application/json")
                .body(Body::from(body.to_string()));
            let mut request = request.unwrap();
            flow.caller.identify(&mut request);
            flow.caller.send(&app.edge, request).await.json()
        };
        assert_eq!(send("heartbeat", json!({})).await["status"], "created");
        send("attempts", json!({})).await;
        assert_eq!(send("quality", json!({ "attempt": 1, "score": 0.5 })).await["wait_seconds"], 10, "{date}");
        app.advance(44);
        let answer = flow.ask().await;
        assert_eq!((answer["status"].as_str(), answer["wait_seconds"].as_u64()), (Some("created"), Some(0)), "{date}");
    }
}
