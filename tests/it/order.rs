//! The state that webhooks lead to depends on which there are, and not on their order, nor on how often each comes.

use kyc_sandbox::onfido::Outcome;
use kyc_tests::TestApp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

use crate::jobs::signed;
use crate::onfido::{session, start};

/// Where a case is that the provider has decided on.
const AGENT: &str = "agent_verification";

/// What must be the same: everything that staff see of the case but its version and times of arrival.
async fn essence(app: &TestApp, id: &str) -> Value {
    let seen = app.staff("mira").await.open(id).await;
    let checks: Vec<Value> = seen["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| json!([check["group"], check["outcome"], check["provider_code"], check["at"]]))
        .collect();
    json!([
        seen["status"],
        seen["flag"],
        seen["document"],
        checks,
        seen["fields"],
        seen["attention"],
        seen["provider_view"]["phase"]
    ])
}

/// Onfido decides twice; its webhooks come in this order, each so often.
async fn in_order(integration: &str, outcomes: [Outcome; 2], order: &[usize]) -> Value {
    let app = start(integration).await;
    let id = session(&app, integration).await;
    let run = app.onfido.runs_of(&id).remove(0);
    app.onfido.hold_webhooks();
    app.onfido.decide(&run, outcomes[0]).await.unwrap();
    app.advance(5);
    app.onfido.decide(&run, outcomes[1]).await.unwrap();
    app.onfido.release_webhooks(|places| {
        let count = places.len();
        places.sort_by_key(|place| order.iter().position(|at| at % count == *place).unwrap_or(count));
    });
    app.onfido.settle().await;
    app.work().await;
    let bodies = app.onfido.deliveries();
    for again in order {
        app.onfido.replay(&bodies[again % bodies.len()].body).await;
        app.work().await;
    }
    essence(&app, &id).await
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Whether any order leads to where the usual one does, which is this status.
fn in_any_order(status: &str, orders: impl Strategy<Value = Vec<usize>>, end: &impl AsyncFn(&[usize]) -> Value) {
    let usual = runtime().block_on(end(&[]));
    assert_eq!(usual[0], status, "{usual}");
    let mut runner = TestRunner::new(Config { cases: 8, failure_persistence: None, ..Config::default() });
    let same = |order: Vec<usize>| {
        prop_assert_eq!(&runtime().block_on(end(&order)), &usual);
        Ok(())
    };
    runner.run(&orders, same).unwrap();
}

#[test]
fn the_order_and_number_of_a_runs_webhooks_do_not_matter() {
    let orders = proptest::collection::vec(0..16_usize, 0..8);
    in_any_order(AGENT, orders, &async |order| in_order("onfido-eu", [Outcome::Doubts, Outcome::Clear], order).await);
}

#[test]
fn the_order_and_number_of_a_checks_webhooks_do_not_matter() {
    let orders = proptest::collection::vec(0..16_usize, 0..8);
    in_any_order(AGENT, orders, &async |order| {
        in_order("onfido-classic", [Outcome::Clear, Outcome::Screen], order).await
    });
}

/// Veriff's event that a capture of a session was handed in.
fn handed_in(capture: &str, session: &str, ours: &str) -> Value {
    json!({
        "id": session, "attemptId": capture, "feature": "selfid", "code": 7002, "action": "submitted", "vendorData": ours,
    })
}

/// A decision from a fixture about a session, at this second; by default about the fixture's capture.
fn decided(name: &str, second: u32, capture: Option<&str>, (session, ours): (&str, &str)) -> Value {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/veriff");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
    let mut body: Value = serde_json::from_str(&text).unwrap();
    body["verification"]["id"] = json!(session);
    body["verification"]["vendorData"] = json!(ours);
    body["verification"]["decisionTime"] = json!(format!("2026-11-23T09:00:{second:02}.000Z"));
    if let Some(capture) = capture {
        body["verification"]["attemptId"] = json!(capture);
    }
    body
}

/// Two captures that were handed in and were not good enough; and perhaps a third, on which nothing was decided yet.
fn captures(session: &str, ours: &str, is_third_in: bool) -> Vec<Value> {
    let at = (session, ours);
    let mut all = vec![
        handed_in("first", session, ours),
        decided("resubmission", 1, Some("first"), at),
        handed_in("second", session, ours),
        decided("resubmission", 2, Some("second"), at),
    ];
    all.extend(is_third_in.then(|| handed_in("third", session, ours)));
    all
}

/// Veriff's messages about one session: an event, and six decisions of different times, of which the last counts. The first three and the
/// fifth say what was read, each something else; the others bring no values.
fn messages(session: &str, ours: &str) -> Vec<Value> {
    let decision = |(name, second): (&str, u32)| {
        let mut body = decided(name, second, None, (session, ours));
        if matches!(second, 4 | 6) {
            (body["verification"]["person"], body["verification"]["document"]) = (Value::Null, Value::Null);
        } else {
            body["verification"]["document"]["number"] = json!(format!("XB00000{second:02}"));
            body["verification"]["person"]["dateOfBirth"] = json!(format!("198{second}-02-11"));
        }
        body
    };
    let event = handed_in(session, session, ours);
    let decisions =
        [("resubmission", 1), ("approved", 2), ("declined", 3), ("review", 4), ("declined", 5), ("review", 6)];
    std::iter::once(event).chain(decisions.map(decision)).collect()
}

/// Each of Veriff's messages in this order, some of them more than once, and then whatever is missing.
async fn pushed(order: &[usize], messages: impl FnOnce(&str, &str) -> Vec<Value>) -> Value {
    let app = TestApp::start().await;
    let id = app.session().await;
    assert_eq!(app.claims(&id, 0).await.status, 204);
    let messages = messages(&app.veriff.sessions_of(&id)[0], &id);
    let missing = (0..messages.len()).filter(|at| !order.iter().any(|known| known % messages.len() == *at));
    for at in order.iter().copied().chain(missing) {
        assert_eq!(signed(&app, &messages[at % messages.len()]).await, 200);
        app.work().await;
    }
    essence(&app, &id).await
}

#[test]
fn the_order_and_number_of_pushed_decisions_do_not_matter() {
    let orders = proptest::collection::vec(0..7_usize, 0..12);
    in_any_order(AGENT, orders, &async |order| pushed(order, messages).await);
}

#[test]
fn the_order_and_number_of_messages_about_captures_do_not_matter() {
    let orders = || proptest::collection::vec(0..5_usize, 0..10);
    in_any_order("created", orders(), &async |order| pushed(order, |run, ours| captures(run, ours, false)).await);
    let with_third = async |order: &[usize]| pushed(order, |run, ours| captures(run, ours, true)).await;
    in_any_order("document_submitted", orders(), &with_third);
}
