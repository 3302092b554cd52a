//! What the widget and the desktop say to each other: every envelope as the public SDK sends it, and nothing believed that does not come
//! from the desktop's own window and origin as a plain object.

use kyc_sandbox::veriff::Outcome;
use serde_json::{Value, json};

use crate::support::{Browser, Stage};

/// Everything the widget has said so far, as the page of the desktop heard it.
async fn heard(browser: &Browser) -> Vec<Value> {
    browser.run("return window.heard ?? []").await.as_array().cloned().unwrap_or_default()
}

async fn count(browser: &Browser, action: &str) -> usize {
    heard(browser).await.iter().filter(|one| one["data"]["action"] == action).count()
}

async fn wait_for(browser: &Browser, action: &str, times: usize) {
    let script = format!("return (window.heard ?? []).filter(one => one.data.action === '{action}').length >= {times}");
    browser.wait_for(action, &script).await;
}

/// Sends a hook to the widget as the desktop does.
const HOOK: &str = "const app = document.querySelector('#frame iframe').contentWindow;
     const hook = name => app.postMessage({ purecloudEventType: 'appLifecycleHook', hook: name }, '*');";

async fn assert_all_are_as_the_sdk_sends_them(browser: &Browser, desk: &str) {
    let all = heard(browser).await;
    assert!(!all.is_empty());
    for one in all {
        assert_eq!(one["fault"], json!(""), "{one}");
        assert_eq!(one["origin"], json!(desk), "{one}");
        let said = one["data"].to_string();
        for personal in ["C-4F2A", "@", "Mira"] {
            assert!(!said.contains(personal), "{personal} was told to the desktop: {said}");
        }
    }
}

#[tokio::test]
async fn every_envelope_is_as_the_sdk_sends_it() {
    let stage = Stage::start().await;
    let session = stage.app.session().await;
    stage.app.claims(&session, 0).await;
    let conversation = stage.ring(&session);
    let browser = Browser::start().await;
    stage.desktop(&browser, &format!("conversation={conversation}&form=session")).await;
    browser.sign_in("mira", true).await;
    browser.wait_for_button("Get the link for the customer").await;
    browser.press("Menu").await;
    browser.press("Show the interaction in Genesys").await;
    browser.enter_desktop().await;
    wait_for(&browser, "showMyInteractionDetails", 1).await;
    wait_for(&browser, "setAttentionCount", 1).await;
    // A result comes while the agent looks elsewhere.
    browser.run(&format!("{HOOK} hook('blur')")).await;
    browser.enter_widget().await;
    browser.wait_for("the widget to have heard", "return !!document.querySelector('[data-blurred=true]')").await;
    browser.enter_desktop().await;
    stage.app.decide(&session, Outcome::Clean).await;
    wait_for(&browser, "showToast", 1).await;
    browser.run(&format!("{HOOK} hook('focus')")).await;
    browser.enter_widget().await;
    browser.press("Menu").await;
    browser.press("Open in a tab").await;
    browser.enter_desktop().await;
    wait_for(&browser, "openWindow", 1).await;
    browser.run(&format!("{HOOK} hook('stop')")).await;
    wait_for(&browser, "stopped", 1).await;
    assert_all_are_as_the_sdk_sends_them(&browser, stage.desk("").trim_end_matches('/')).await;
}

#[tokio::test]
async fn the_host_is_greeted_before_anybody_signs_in() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let browser = Browser::start().await;
    for form in ["session", "conversation", "unknown", "mismatch"] {
        browser.goto(&format!("{}/?conversation={conversation}&form={form}", stage.host.url())).await;
        wait_for(&browser, "bootstrapped", 1).await;
        browser.enter_widget().await;
        browser.see("Sign in").await;
    }
}

#[tokio::test]
async fn only_the_desktops_own_window_is_believed_and_only_a_plain_object() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let browser = Browser::start().await;
    browser.goto(&format!("{}/?conversation={conversation}&form=session", stage.host.url())).await;
    wait_for(&browser, "bootstrapped", 1).await;
    let refused = "
        app.postMessage(JSON.stringify({ purecloudEventType: 'appLifecycleHook', hook: 'stop' }), '*');
        app.postMessage(Object.assign([], { purecloudEventType: 'appLifecycleHook', hook: 'stop' }), '*');
        app.postMessage({ purecloudEventType: 'somethingElse', hook: 'stop' }, '*');
        app.postMessage({ purecloudEventType: 'appLifecycleHook', hook: ['stop'] }, '*');
        app.postMessage(null, '*');
        document.body.appendChild(document.createElement('iframe')).id = 'other';";
    browser.run(&format!("{HOOK} {refused}")).await;
    // Another frame of the same page: the right origin, and not the window that frames us.
    browser.enter_frame("other").await;
    let from_beside = "parent.document.querySelector('#frame iframe').contentWindow.postMessage(
        { purecloudEventType: 'appLifecycleHook', hook: 'stop' }, '*')";
    browser.run(from_beside).await;
    browser.enter_desktop().await;
    // What comes later is answered, so what came before was heard and not believed.
    let greeted = count(&browser, "bootstrapped").await;
    browser.run(&format!("{HOOK} hook('bootstrap')")).await;
    wait_for(&browser, "bootstrapped", greeted + 1).await;
    assert_eq!(count(&browser, "stopped").await, 0);
    browser.run(&format!("{HOOK} hook('stop')")).await;
    wait_for(&browser, "stopped", 1).await;
}

#[tokio::test]
async fn a_host_at_another_origin_than_it_says_is_neither_told_nor_believed() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    let browser = Browser::start().await;
    browser.goto(&format!("{}/?conversation={conversation}&form=session", stage.host.url())).await;
    wait_for(&browser, "bootstrapped", 1).await;
    for origin in ["https://apps.mypurecloud.de", "http://localhost:9"] {
        let launch = format!(
            "const frame = document.querySelector('#frame iframe'); const url = new URL(frame.src);
             url.searchParams.set('host_origin', '{origin}'); window.isLoaded = false;
             frame.addEventListener('load', () => {{ window.heard = []; window.isLoaded = true; }}); frame.src = url.href;"
        );
        browser.run(&launch).await;
        browser.wait_for("the widget", "return window.isLoaded").await;
        browser.run("window.heard = []").await;
        browser.enter_widget().await;
        browser.see("Sign in").await;
        browser.enter_desktop().await;
        browser.run(&format!("{HOOK} hook('bootstrap'); hook('stop')")).await;
        browser.enter_widget().await;
        browser.see("Sign in").await;
        browser.enter_desktop().await;
        assert!(heard(&browser).await.is_empty(), "{origin}");
    }
}

/// The desktop says that the agent has left, and not always that she is back: whoever works in the page sees what she asks for.
#[tokio::test]
async fn who_works_in_the_widget_looks_at_it_whatever_the_desktop_said_last() {
    let stage = Stage::with_policy("reveal_seconds = 120").await;
    let session = stage.app.session().await;
    stage.app.claims(&session, stage.other_birth_year()).await;
    stage.app.decide(&session, Outcome::Clean).await;
    let conversation = stage.ring(&session);
    let browser = Browser::start().await;
    stage.desktop(&browser, &format!("conversation={conversation}&form=session")).await;
    browser.sign_in("mira", true).await;
    browser.wait_for_button("Show both…").await;
    browser.enter_desktop().await;
    browser.run(&format!("{HOOK} hook('blur')")).await;
    browser.enter_widget().await;
    browser.wait_for("the widget to have heard", "return !!document.querySelector('[data-blurred=true]')").await;
    browser.press("Show both…").await;
    browser.press_number(1).await;
    browser.wait_for("the value", "return !!document.querySelector('.kyc-value__clear')").await;
}
