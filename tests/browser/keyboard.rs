//! A whole case by keyboard alone.

use crate::support::{Browser, Stage};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
/// Asked by its id: the heading of a sheet has the same words.
const CONFIRMS: &str = "return document.activeElement?.id === 'kyc-confirm'";

#[tokio::test]
async fn a_case_is_decided_and_approved_without_a_mouse() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let (agent, supervisor) = (Browser::start().await, Browser::start().await);
    agent.goto(&stage.desk(&format!("/?session_id={session}&customer_id=C-4F2A-0093"))).await;
    agent.sign_in_by_keyboard("mira").await;
    agent.until_hers().await;
    let lines = agent.count("In order").await;
    for line in 1..=lines {
        agent.keys(&line.to_string()).await;
        agent.see(&format!("{line} of {lines}")).await;
    }
    // The letter alone decides nothing.
    agent.keys("a").await;
    agent.see("A second person looks at it").await;
    agent.keys(ESCAPE).await;
    agent.see_no("A second person looks at it").await;
    agent.keys("a").await;
    agent.see("A second person looks at it").await;
    agent.wait_for("the focus on the button", CONFIRMS).await;
    agent.keys(ENTER).await;
    agent.see("Waiting for a second person").await;

    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in_by_keyboard("jo").await;
    supervisor.wait_for_row(&session).await;
    supervisor.keys("j").await;
    supervisor.keys(ENTER).await;
    supervisor.wait_for_button("Approve").await;
    supervisor.keys("a").await;
    supervisor.see("Your name stands next to the agent's").await;
    supervisor.wait_for("the focus on the button", CONFIRMS).await;
    supervisor.keys(ENTER).await;
    supervisor.see("The customer is verified.").await;
}

#[tokio::test]
async fn a_reason_is_picked_with_its_number_and_letters_type_in_a_note() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk(&format!("/?session_id={session}&customer_id=C-4F2A-0093"))).await;
    agent.sign_in_by_keyboard("mira").await;
    agent.until_hers().await;
    agent.keys("n").await;
    agent.wait_for("the note's field", "return document.activeElement?.id === 'kyc-note'").await;
    agent.keys("eddie said a").await;
    assert_eq!(agent.run("return document.activeElement.value").await, "eddie said a");
    agent.keys(ESCAPE).await;
    agent.keys(TAB).await;
    agent.keys("e").await;
    agent.wait_for("the sheet to have the focus", "return document.activeElement?.id === 'kyc-sheet'").await;
    agent.keys("1").await;
    agent.wait_for("the focus on the button", CONFIRMS).await;
    agent.keys(ENTER).await;
    agent.see("A supervisor is called.").await;
}

#[tokio::test]
async fn the_keys_are_listed_and_can_be_switched_off() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk(&format!("/?session_id={session}&customer_id=C-4F2A-0093"))).await;
    agent.sign_in_by_keyboard("mira").await;
    agent.until_hers().await;
    agent.keys("?").await;
    agent.see("Keyboard shortcuts").await;
    agent.keys(ESCAPE).await;
    agent.see_no("Keyboard shortcuts").await;
    agent.press("Menu").await;
    agent.press("Single-key shortcuts").await;
    agent.keys(ESCAPE).await;
    agent.keys("?").await;
    agent.keys("e").await;
    assert!(!agent.text().await.contains("Keyboard shortcuts"));
    assert!(!agent.text().await.contains("supervisors' list"));
}
