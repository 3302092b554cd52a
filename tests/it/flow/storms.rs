//! The guide's third edge case: the provider answers 429. The flow does not notice; requests wait in the queue and are sent when they may be.

use kyc_sandbox::veriff::{Call, Fault};
use kyc_tests::{TestApp, all_at_once, new_session};

#[tokio::test]
async fn a_storm_of_429_keeps_no_flow_waiting_and_loses_no_session() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    app.veriff.fail_next_call(40, Call::Create, Fault::RateLimited { retry_after: Some(5) });
    let ids: Vec<String> = (0..20).map(|_| app.new_id()).collect();
    let flow = &flow;
    let open = |id| async move { flow.post_edge("/flow/v1/sessions", Some(id), &new_session(id)).await };
    let made = all_at_once(ids.iter().map(|id| open(id.as_str()))).await;
    assert!(made.iter().all(|answer| answer.status == 201 && answer.json()["action"] == "continue"), "{made:?}");
    app.work().await;
    let started = |id: &&String| !app.veriff.sessions_of(id).is_empty();
    assert_eq!(ids.iter().filter(started).count(), 0, "the provider takes nothing now");
    for _ in 0..60 {
        app.advance(30);
        app.work().await;
    }
    assert_eq!(ids.iter().filter(started).count(), 20, "all were started in the end");
    assert!(ids.iter().all(|id| app.veriff.sessions_of(id).len() == 1), "and each once");
}
