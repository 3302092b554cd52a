//! What somebody should have acted on by now: it says so, and there is a view of it.

use kyc_tests::{Caller, Setup, TestApp};
use serde_json::json;

async fn listed(by: &Caller<'_>) -> Vec<String> {
    let page = by.get("/api/sessions?view=overdue").await.json();
    page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn counted(by: &Caller<'_>) -> u64 {
    let floor = by.get("/api/floor").await.json();
    let counts = floor["counts"].as_array().unwrap();
    counts.iter().find(|count| count["view"] == "overdue").unwrap()["count"].as_u64().unwrap()
}

#[tokio::test]
async fn a_case_is_overdue_when_its_time_for_staff_is_over() {
    let policy = "agent_due_seconds = 60\napproval_due_seconds = 200\nlease_seconds = 60";
    let app = TestApp::with(Setup { policy, ..Setup::default() }).await;
    let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
    let proposed = app.proposed_session(&mira).await;
    let waiting = app.verified_session().await;
    let due_at = jo.open(&waiting).await["due_at"].as_i64().unwrap();
    app.advance(59);
    assert_eq!((listed(&jo).await.len(), counted(&jo).await), (0, 0));
    app.advance(1);
    assert!(kyc_desk::clock::Clock::now(&app.clock).0 >= due_at);
    assert_eq!((listed(&jo).await, counted(&jo).await), (vec![waiting.clone()], 1));
    mira.act(&waiting, "take", json!({ "reason": null })).await;
    assert_eq!((listed(&jo).await.len(), counted(&jo).await), (0, 0), "who works on it is not hurried");
    assert!(jo.open(&waiting).await["due_at"].is_null());
    app.advance(140);
    assert_eq!(listed(&jo).await.len(), 2);
    assert_eq!(jo.get("/api/sessions?view=overdue&status=final_approval").await.json()["items"][0]["id"], proposed);
    assert_eq!(counted(&app.staff("sanna").await).await, 2);
    app.staff("ines").await.act(&proposed, "approve", json!({})).await;
    assert_eq!(listed(&jo).await, [waiting.as_str()]);
}
