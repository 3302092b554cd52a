//! An administrator ends somebody's sign-in: her widget says so at once, and keeps what she typed.

use serde_json::json;

use crate::support::{Browser, Stage};

#[tokio::test]
async fn whose_sign_in_is_ended_learns_at_once_and_loses_nothing() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let (agent, administrator) = (Browser::start().await, Browser::start().await);
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.run("window.sameLoad = true").await;
    agent.press("Notes").await;
    agent.press("Write a note").await;
    agent.keys("Asks twice").await;

    administrator.goto(&stage.desk("/sign-ins")).await;
    administrator.sign_in("ravi", false).await;
    administrator.see("2 people are signed in.").await;
    administrator.press("End the sign-in of Mira Lindqvist…").await;
    administrator.press("End it now").await;
    administrator.see("1 person is signed in.").await;

    agent.see("You are signed out").await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.press("Notes").await;
    let typed = agent.run("return document.getElementById('kyc-note').value").await;
    assert_eq!((typed, agent.run("return window.sameLoad").await), (json!("Asks twice"), json!(true)));
}
