//! A value whose reveal asks who it is: the agent confirms it in the small window, and goes on where she was.

use kyc_sandbox::veriff::Outcome;
use serde_json::json;

use crate::photos::uploaded;
use crate::support::{Browser, Stage};

const POLICY: &str = "reveal_seconds = 60\nstep_up = { reveal = { acr_values = [\"urn:sandbox:acr:security-key\"] } }";
const HEADING: &str = "Your bank wants you to confirm first that it is you.";

async fn typed(agent: &Browser) -> String {
    agent.run("return document.getElementById('kyc-note').value").await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn an_agent_confirms_who_she_is_and_the_value_appears_with_all_that_was_typed() {
    let stage = Stage::with_policy(POLICY).await;
    let session = stage.app.session().await;
    assert_eq!(stage.app.claims(&session, stage.other_birth_year()).await.status, 204);
    stage.app.decide(&session, Outcome::Clean).await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.run("window.sameLoad = true").await;
    agent.press("Notes").await;
    agent.press("Write a note").await;
    agent.keys("Asks twice").await;

    agent.press("Show both…").await;
    agent.press_number(1).await;
    agent.see(HEADING).await;
    agent.until_focused("Confirm it is you").await;
    agent.picture("step-up-asked").await;

    // Somebody else at her desk: nothing is shown, and she can try again.
    agent.sign_in_by("Confirm it is you", "tomas").await;
    agent.enter_widget().await;
    agent.see("Somebody else signed in in the window.").await;
    agent.picture("step-up-other").await;
    assert_eq!(agent.run("return !!document.querySelector('.kyc-value__clear')").await, json!(false));

    agent.sign_in_by("Start again", "mira").await;
    agent.enter_widget().await;
    agent.wait_for("the value in clear", "return !!document.querySelector('.kyc-value__clear')").await;
    agent.wait_for("the question to be gone", "return !document.querySelector('.kyc-trouble')").await;
    agent.picture("step-up-shown").await;
    assert_eq!(typed(&agent).await, "Asks twice");
    assert_eq!(agent.run("return window.sameLoad === true").await, json!(true), "the widget was loaded again");

    // The proof was for these values and for once.
    let log = stage.app.audit_log().await;
    let count = |action: &str| log.matches(&format!("\"{action}\"")).count();
    assert_eq!((count("step_up_requested"), count("step_up_failed"), count("step_up_succeeded")), (2, 1, 1));
}

#[tokio::test]
async fn photos_appear_once_she_has_confirmed_who_she_is() {
    let stage = Stage::with_policy(POLICY).await;
    let session = uploaded(&stage).await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.press("Look at the photos…").await;
    agent.press_number(1).await;
    agent.see(HEADING).await;
    assert_eq!(agent.run("return document.querySelectorAll('.kyc-photo').length").await, json!(0));
    agent.sign_in_by("Confirm it is you", "mira").await;
    agent.enter_widget().await;
    agent.wait_for("both photos", "return document.querySelectorAll('.kyc-photo').length === 2").await;
    agent.wait_for("the question to be gone", "return !document.querySelector('.kyc-trouble')").await;
    agent.picture("step-up-photos").await;
    let log = stage.app.audit_log().await;
    let seen = log.lines().filter(|line| line.contains("document_viewed") && !line.contains("refused")).count();
    assert_eq!(seen, 2);
}
