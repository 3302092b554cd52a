//! The sign-in window and whoever opens it.

use serde_json::json;

use crate::support::{Browser, Stage};

#[tokio::test]
async fn a_page_of_another_site_hears_nothing_from_the_window_and_cannot_make_it_begin() {
    let stage = Stage::start().await;
    let guest = stage.app.guest();
    let (_, _, ticket) = guest.open_txn().await;
    let browser = Browser::start().await;
    browser.goto(&stage.host.url()).await;
    let open = format!(
        "window.said = []; addEventListener('message', message => message.source === popup && said.push(message.data)); \
         window.popup = open('{}', '_blank', 'popup')",
        stage.desk("/auth/popup")
    );
    let here = browser.here().await;
    browser.open_tab(async || drop(browser.run(&open).await)).await;
    // It begins as an empty page, and that one is ready too.
    let is_ready = "return location.pathname === '/auth/popup' && document.readyState === 'complete'";
    browser.wait_for("the window to be ready", is_ready).await;
    // Behind the page's own listener: when this one has heard it, the other has too.
    browser.run("window.told = 0; addEventListener('message', () => window.told++)").await;
    let window = browser.here().await;
    browser.enter(&here).await;
    browser.run(&format!("popup.postMessage({{ kyc: 'ticket', ticket: '{ticket}' }}, '*')")).await;
    browser.enter(&window).await;
    browser.wait_for("the message", "return window.told === 1").await;
    assert_eq!(browser.address().await, stage.desk("/auth/popup"));
    let asked = "return performance.getEntriesByType('resource').some(one => one.name.endsWith('/begin'))";
    assert_eq!(browser.run(asked).await, json!(false), "nothing was sent with the stranger's ticket");
    browser.enter(&here).await;
    assert_eq!(browser.run("return window.said").await, json!([]));
    let (_, location) = guest.begin(&ticket).await;
    assert!(location.starts_with(stage.app.idp.issuer()), "and the ticket is still good");
}
