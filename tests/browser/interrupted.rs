//! The customer's page while the server cannot answer, or nobody can be reached: it stays as it is and goes on by itself.

use kyc_desk::casework::link;
use kyc_desk::domain::audit::Actor;
use kyc_sandbox::veriff::{Call, Fault};
use kyc_tests::{TestApp, new_session};

use crate::customer::browser;

/// The first looks for news fail, each in another way; the page counts them and says when they were.
const FAILS: &str = "
    const answer = window.fetch;
    const page = '<!doctype html><title>x</title><main><h1>Something went wrong</h1></main>';
    const html = (status, more) => new Response(page, { status, headers: { 'Content-Type': 'text/html', ...more } });
    const faults = [
        () => Promise.resolve(html(503, { 'Retry-After': '4' })),
        () => Promise.resolve(html(429, {})),
        () => Promise.reject(new TypeError('the line is cut')),
    ];
    window.looks = [];
    window.fetch = (to, ...more) => {
        if (to !== '/c') return answer(to, ...more);
        window.looks.push(performance.now());
        const fault = faults.shift();
        return fault ? fault() : answer(to, ...more);
    };";

#[tokio::test]
async fn a_look_that_fails_leaves_the_page_and_is_repeated_later_and_later() {
    let (app, browser) = (TestApp::start().await, browser().await);
    browser.on_every_page(FAILS).await;
    let id = app.new_id();
    app.veriff.fail_next_call(1, Call::Create, Fault::RateLimited { retry_after: Some(30) });
    app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &new_session(&id)).await;
    app.work().await;
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    let session = tx.find_session(id.parse().unwrap()).await.unwrap().unwrap();
    let link = link::offer(&app.app, &mut *tx, &session, Actor::System).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    browser.goto(&link.url).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("is being prepared.").await;
    for looks in 1..=3 {
        browser.wait_for("the next look", &format!("return window.looks.length >= {looks}")).await;
        let stays = "return document.querySelector('main').textContent.includes('is being prepared.')";
        browser.wait_for("the page as it was", stays).await;
    }
    let waits = "const at = window.looks; return at[1] - at[0] >= 3900 && at[2] - at[1] >= 3900;";
    browser.wait_for("waiting as long as the server asked, and longer each time", waits).await;
    app.advance(60);
    app.work().await;
    browser.see("Check your document and face").await;
}
