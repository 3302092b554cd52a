//! The supervisors' page.

use serde_json::json;

use crate::support::{Browser, Stage};

#[tokio::test]
async fn a_search_outlives_a_sign_in_and_is_nobody_elses() {
    let stage = Stage::start().await;
    stage.app.verified_session().await;
    let page = Browser::start().await;
    page.goto(&stage.desk("/review")).await;
    page.sign_in("jo", false).await;
    page.see("Choose a session").await;
    page.press("Search").await;
    page.keys("C-4F2A").await;
    page.press("Menu").await;
    page.press("Sign out").await;
    page.see("What you typed is kept.").await;
    page.sign_in("jo", false).await;
    page.see("Choose a session").await;
    let typed = "return document.getElementById('kyc-search').value";
    assert_eq!(page.run(typed).await, json!("C-4F2A"));
    page.press("Menu").await;
    page.press("Sign out").await;
    page.see("What you typed is kept.").await;
    page.sign_in_as_another("sanna").await;
    page.see("Choose a session").await;
    assert_eq!(page.run(typed).await, json!(""));
}

#[tokio::test]
async fn it_is_not_for_agents() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/review")).await;
    agent.sign_in("mira", false).await;
    agent.see("This page is for supervisors and auditors").await;
    assert!(!agent.text().await.contains(&session[..8]));
    let answer = "fetch('/api/floor').then(answer => arguments[0](answer.status))";
    assert_eq!(agent.run_async(answer).await, json!(404));
}

#[tokio::test]
async fn an_escalated_case_is_found_understood_and_cleared() {
    let stage = Stage::start().await;
    let (quiet, session) = (stage.app.verified_session().await, stage.app.verified_session().await);
    let mira = stage.app.staff("mira").await;
    mira.act(&session, "take", json!({ "reason": null })).await;
    mira.reveal(&session, "birth_date", "document", "compare_with_document").await;
    let reason = mira.reason_for("escalate").await;
    mira.act(&session, "escalate", json!({ "reason": reason })).await;
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_view("Flagged").await;
    supervisor.press_row(&session).await;
    assert!(!supervisor.text().await.contains(&quiet[..8]), "the view also lists what nobody flagged");
    supervisor.see("Mira Lindqvist").await;
    supervisor.press("Clear the flag").await;
    supervisor.see("It is recorded that you looked.").await;
    supervisor.press("Clear the flag").await;
    supervisor.see("The flag is cleared.").await;
}

#[tokio::test]
async fn a_search_by_customer_finds_a_past_session() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_view("Everything").await;
    supervisor.wait_for_row(&session).await;
    supervisor.press("Search").await;
    supervisor.keys("C-0000\u{e007}").await;
    supervisor.see("Nothing found.").await;
    supervisor.keys("\u{e003}\u{e003}\u{e003}\u{e003}\u{e003}\u{e003}C-4F2A-0093\u{e007}").await;
    supervisor.wait_for_row(&session).await;
}
