//! Every way in which the widget can be opened has a screen of its own.

use serde_json::json;

use crate::support::{Browser, Stage};

/// Opens the widget on the desktop in one of the host's forms and signs Mira in.
async fn launched(stage: &Stage, conversation: &str, form: &str) -> Browser {
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form={form}")).await;
    agent.sign_in("mira", true).await;
    agent
}

#[tokio::test]
async fn with_a_conversation_it_finds_the_session() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let agent = launched(&stage, &conversation, "conversation").await;
    agent.until_hers().await;
    let address = agent.address().await;
    assert!(address.contains(&format!("/s/{session}")) && !address.contains("conversation_id"), "{address}");
    assert!(address.contains("host_origin="), "a reload would lose the host: {address}");
}

#[tokio::test]
async fn a_conversation_without_a_session_can_start_one() {
    let stage = Stage::start().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/?conversation_id=conv-new-7")).await;
    agent.sign_in("mira", false).await;
    agent.see("No verification for this conversation yet").await;
    agent.press("Customer id").await;
    agent.keys("C-9001").await;
    // While it is sent, the focus stays where it is.
    let hold = "const fetched = window.fetched = window.fetch;
         window.fetch = (what, ...more) => new Promise(go => window.go = go).then(() => fetched(what, ...more))";
    agent.run(hold).await;
    agent.press("Start verification").await;
    agent.see("Sending…").await;
    assert_eq!(agent.run("return document.activeElement.id").await, json!("kyc-primary"));
    agent.run("window.fetch = window.fetched; window.go()").await;
    agent.until_hers().await;
    agent.press("Get the link for the customer").await;
    agent.see("Waiting for the customer's document").await;
}

#[tokio::test]
async fn variables_left_unreplaced_are_explained() {
    let stage = Stage::start().await;
    let agent = launched(&stage, "", "literal").await;
    agent.see("Genesys did not fill in this address").await;
    agent.see("conversation_id").await;
}

#[tokio::test]
async fn with_nothing_it_shows_her_own_sessions() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let agent = launched(&stage, &conversation, "nothing").await;
    agent.see("You hold no session right now.").await;
    agent.see("1 session waits for an agent").await;
    agent.press("Take the next customer").await;
    agent.until_hers().await;
}

#[tokio::test]
async fn another_customers_id_opens_nothing_and_is_recorded() {
    let stage = Stage::start().await;
    let (session, other) = (stage.app.verified_session().await, stage.app.session().await);
    let conversation = stage.ring_with(&[&session, &other]);
    let agent = launched(&stage, &conversation, "mismatch").await;
    agent.see("This link mixes two cases").await;
    assert!(!agent.text().await.contains("Document"), "something of the session is shown");
    assert!(stage.app.audit_log().await.contains("customer_mismatch"));
}

#[tokio::test]
async fn an_unknown_session_is_no_session() {
    let stage = Stage::start().await;
    let session = stage.app.session().await;
    let conversation = stage.ring(&session);
    let agent = launched(&stage, &conversation, "unknown").await;
    agent.see("There is no such session for you").await;
}

#[tokio::test]
async fn a_damaged_id_is_said_to_be_damaged() {
    let stage = Stage::start().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/?session_id=not-an-id&customer_id=C-1")).await;
    agent.sign_in("mira", false).await;
    agent.see("This address does not name a session").await;
}

#[tokio::test]
async fn a_verification_that_came_to_nothing_is_begun_anew_for_the_same_customer() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let mira = stage.app.staff("mira").await;
    let taken = mira.act(&session, "take", json!({ "reason": null })).await;
    mira.act(&session, "could-not-verify", json!({ "reason": mira.reason_for("could_not_verify").await })).await;
    let conversation = stage.ring(&session);
    let agent = launched(&stage, &conversation, "conversation").await;
    agent.see("Ended for technical reasons").await;
    agent.wait_for("the form", "return !!document.getElementById('kyc-customer')").await;
    let filled_in = agent.run("return document.getElementById('kyc-customer').value").await;
    assert_eq!(filled_in, taken["customer_id"]);
    let primary = agent.run("return document.querySelectorAll('.kyc-button--primary').length").await;
    assert_eq!(primary, json!(1), "there is one next step");
    agent.see("Start another verification for this customer").await;
    agent.press("Start verification").await;
    agent.until_hers().await;
    assert!(!agent.address().await.contains(&session), "the old one is still open");
}
