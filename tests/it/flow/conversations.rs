//! A session and the conversations it is carried on in: one at a time.

use kyc_tests::{Setup, TestApp};
use serde_json::{Value, json};

use super::{Flow, told};

fn back_in(conversation: &str) -> Value {
    json!({ "conversation_id": conversation, "customer_id": "C-4F2A-0093" })
}

async fn session_of(app: &TestApp, conversation: &str) -> Value {
    app.staff("mira").await.get(&format!("/api/conversations/{conversation}/session")).await.json()["id"].clone()
}

#[tokio::test]
async fn a_second_conversation_is_refused_while_the_customer_is_in_the_first() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    let refused = flow.send("resume", back_in("conv-second")).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "other_conversation"));
    assert_eq!(session_of(&app, "conv-second").await, Value::Null);
    assert!(app.audit_log().await.contains("other_conversation"), "the attempt is written down");
}

#[tokio::test]
async fn a_second_conversation_goes_on_once_the_first_has_ended() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    assert_eq!(told(&flow.tell("resume", back_in("conv-second")).await).0, "continue");
    assert_eq!(session_of(&app, "conv-second").await, flow.id.as_str(), "the agent of the second call finds it");
    assert_eq!(session_of(&app, &format!("conv-{}", flow.id)).await, Value::Null);
}

#[tokio::test]
async fn the_end_of_the_first_conversation_ends_nothing_once_she_is_in_the_second() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let first = format!("conv-{}", flow.id);
    flow.tell("heartbeat", json!({})).await;
    app.advance(45);
    flow.tell("resume", back_in("conv-second")).await;
    let of =
        |conversation: &str, is_abandoned| json!({ "is_abandoned": is_abandoned, "conversation_id": conversation });
    let told = flow.tell("end", of(&first, true)).await;
    assert_eq!((told["is_final"].as_bool(), told["status"].as_str()), (Some(false), Some("created")));
    let sees = async || app.staff("mira").await.open(&flow.id).await["presence"]["presence"].clone();
    assert_eq!(sees().await, "connected");
    flow.tell("end", of("conv-second", false)).await;
    assert_eq!(sees().await, "lost");
    let other = flow.send("end", of("not an id", false)).await;
    assert_eq!((other.status, other.code().as_str()), (422, "invalid"));
}

#[tokio::test]
async fn who_is_lost_may_call_again_without_an_end_of_the_first() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    app.advance(45);
    flow.tell("resume", back_in("conv-second")).await;
    assert_eq!(session_of(&app, "conv-second").await, flow.id.as_str());
}

#[tokio::test]
async fn where_the_policy_says_so_a_session_belongs_to_its_conversation_for_ever() {
    let app = TestApp::with(Setup { policy: "second_conversation = \"refuse\"", ..Setup::default() }).await;
    let flow = Flow::start(&app).await;
    flow.tell("heartbeat", json!({})).await;
    flow.tell("end", json!({ "is_abandoned": false })).await;
    assert_eq!(flow.send("resume", back_in("conv-second")).await.code(), "other_conversation");
    flow.tell("resume", back_in(&format!("conv-{}", flow.id))).await;
}

#[tokio::test]
async fn another_customer_does_not_go_on_with_it() {
    let app = TestApp::start().await;
    let flow = Flow::start(&app).await;
    let body = json!({ "conversation_id": "conv-second", "customer_id": "C-0000" });
    let refused = flow.send("resume", body).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "customer_mismatch"));
    assert!(app.audit_log().await.contains("hint_mismatch"));
    assert_eq!(session_of(&app, "conv-second").await, Value::Null);
}
