//! The widget in a tab of its own, from a screen-pop address.

use serde_json::json;

use crate::framed::tick_off;
use crate::support::{Browser, Stage};

#[tokio::test]
async fn a_screen_pop_opens_the_session_and_leaves_no_ids_of_the_launch_in_the_address() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk(&format!("/?session_id={session}&customer_id=C-4F2A-0093"))).await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
    assert_eq!(agent.address().await, stage.desk(&format!("/s/{session}")));
    agent.goto(&agent.address().await).await;
    agent.until_hers().await;
    tick_off(&agent).await;
    agent.press("Send to final approval").await;
    agent.press("Send to final approval").await;
    agent.see("Waiting for a second person").await;
}

#[tokio::test]
async fn the_desktops_link_opens_the_same_session_in_a_tab() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    agent.goto(&format!("{}/?conversation={conversation}&form=nothing", stage.host.url())).await;
    agent.see("Interaction 0").await;
    agent.open_tab(async || agent.press("Screen pop in a new tab").await).await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
}

#[tokio::test]
async fn nothing_is_kept_in_the_browsers_storage() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk(&format!("/?session_id={session}&customer_id=C-4F2A-0093"))).await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
    let kept = "Promise.all([indexedDB.databases(), caches.keys()]).then(([bases, caches]) => \
                arguments[0](localStorage.length + sessionStorage.length + bases.length + caches.length + document.cookie.length))";
    assert_eq!(agent.run_async(kept).await, json!(0));
}
