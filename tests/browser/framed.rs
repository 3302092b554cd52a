//! The widget in the agent's desktop: framed by another site.

use kyc_sandbox::veriff::Outcome;
use serde_json::json;

use crate::support::{Browser, Stage};

#[tokio::test]
async fn in_the_frame_only_a_partitioned_cookie_is_kept() {
    let stage = Stage::start().await;
    let browser = Browser::start().await;
    stage.desktop(&browser, "form=nothing").await;
    browser.see("Sign in").await;
    let set = |name: &str, more: &str| {
        format!(
            "document.cookie = '{name}=1; Secure; SameSite=None; Path=/{more}'; return document.cookie.includes('{name}=1')"
        )
    };
    assert_eq!(browser.run(&set("shared", "")).await, json!(false), "third-party cookies are not blocked");
    assert_eq!(browser.run(&set("partitioned", "; Partitioned")).await, json!(true));
}

#[tokio::test]
async fn an_agent_decides_and_sees_the_approval_without_loading_again() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let (agent, supervisor) = (Browser::start().await, Browser::start().await);

    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.run("window.sameLoad = true").await;
    tick_off(&agent).await;
    agent.press("Send to final approval").await;
    agent.see("A second person looks at it").await;
    agent.press("Send to final approval").await;
    agent.see("Waiting for a second person").await;

    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.press_row(&session).await;
    supervisor.press("Approve").await;
    supervisor.see("Your name stands next to the agent's").await;
    supervisor.press("Approve").await;
    supervisor.see("The customer is verified.").await;

    agent.see("The customer is verified.").await;
    assert_eq!(agent.run("return window.sameLoad === true").await, json!(true), "the widget was loaded again");
    assert_eq!(stage.app.staff("jo").await.open(&session).await["status"], "approved");
}

/// Presses "In order" on every line of the checklist.
pub async fn tick_off(agent: &Browser) {
    let lines = agent.count("In order").await;
    assert!(lines > 0, "there is no checklist");
    for done in 1..=lines {
        agent.press_open_line().await;
        agent.see(&format!("{done} of {lines}")).await;
    }
}

#[tokio::test]
async fn a_value_is_revealed_with_a_reason_and_vanishes_by_itself() {
    let stage = Stage::with_policy("reveal_seconds = 15").await;
    let session = stage.app.session().await;
    assert_eq!(stage.app.claims(&session, stage.other_birth_year()).await.status, 204);
    stage.app.decide(&session, Outcome::Clean).await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.see("Birth year").await;
    let on_document = stage.app.veriff.identities()[stage.other_birth_year()].birth_date.clone();
    let year = &on_document[..4];
    agent.press("Show both…").await;
    agent.see("Why do you need to see it?").await;
    agent.press_number(1).await;
    let is_shown = format!(
        "return [...document.querySelectorAll('.kyc-value__clear')].some(one => one.innerText.includes('{year}'))"
    );
    agent.wait_for("the year on the document", &is_shown).await;
    agent.wait_for("the value to vanish", "return !document.querySelector('.kyc-value__clear')").await;
    assert!(stage.app.audit_log().await.contains("revealed"));
}

#[tokio::test]
async fn a_result_arrives_by_itself() {
    let stage = Stage::start().await;
    let session = stage.app.session().await;
    stage.app.claims(&session, 0).await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.wait_for_button("Get the link for the customer").await;
    stage.app.decide(&session, Outcome::Clean).await;
    agent.see("Nothing stands out").await;
}

#[tokio::test]
async fn a_lost_line_is_said_and_mended_by_itself() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    stage.line.cut();
    agent.see("Not live. Trying to reconnect").await;
    let path = format!("/api/sessions/{session}/notes");
    assert_eq!(stage.app.staff("jo").await.post(&path, &json!({ "text": "Call back at noon" })).await.status, 200);
    stage.line.mend();
    agent.see_no("Not live.").await;
    agent.wait_for("what was missed", "return document.body.textContent.includes('Call back at noon')").await;
}

#[tokio::test]
async fn signing_out_ends_it_for_good() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in("mira", true).await;
    agent.until_hers().await;
    agent.press("Menu").await;
    agent.press("Sign out").await;
    agent.see("You are signed out").await;
    let answer = "fetch('/api/me', {headers: {'X-KycDesk-CSRF': '1'}}).then(answer => arguments[0](answer.status))";
    assert_eq!(agent.run_async(answer).await, json!(401));
}
