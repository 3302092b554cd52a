//! How long it takes until an agent sees something, with nothing in the browser's cache. A measurement: `cargo xtask bench` runs it.

use axum::Router;
use axum::http::header;
use axum::response::Html;
use axum::routing::get;
use tokio::net::TcpListener;

use crate::support::{Browser, Stage};

const LOADS: usize = 9;
/// A page is there when the browser has painted the first masked value.
const WATCH: &str = "new MutationObserver((_, observer) => {
    if (!document.querySelector('.kyc-value__masked')) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => { window.shownAfter = performance.now(); }));
}).observe(document, { childList: true, subtree: true });";
/// What the page has come to, without what brought it there.
const STILL: &str = "const page = document.documentElement.cloneNode(true);
    page.querySelectorAll('script, link:not([rel=stylesheet])').forEach((element) => element.remove());
    return '<!doctype html>' + page.outerHTML;";

async fn shown_after(browser: &Browser, url: &str) -> f64 {
    browser.goto(url).await;
    browser.wait_for("a masked value", "return window.shownAfter !== undefined").await;
    browser.run("return window.shownAfter").await.as_f64().unwrap()
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// The page as it has become, with its style sheet, sent as they are.
async fn still(page: String, style: String, path: String) -> String {
    let style = ([(header::CONTENT_TYPE, "text/css")], style);
    let routes = Router::new().route("/", get(async move || Html(page))).route(&path, get(async move || style));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

#[tokio::test]
#[ignore = "a measurement, for cargo xtask bench"]
async fn from_nothing_to_masked_results() {
    let stage = Stage::start().await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    let ours = stage.desk(&format!("/s/{session}"));
    agent.goto(&ours).await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
    let page = agent.run(STILL).await.as_str().unwrap().to_owned();
    let path = agent.run("return new URL(document.querySelector('link[rel=stylesheet]').href).pathname").await;
    let path = path.as_str().unwrap().to_owned();
    let style = reqwest::get(stage.desk(&path)).await.unwrap().text().await.unwrap();
    let floor = still(page, style, path).await;
    agent.on_every_page(WATCH).await;
    agent.keep_nothing().await;
    let (mut times, mut floors) = (Vec::new(), Vec::new());
    for _ in 0..LOADS {
        floors.push(shown_after(&agent, &floor).await);
        times.push(shown_after(&agent, &ours).await);
    }
    let (time, floor) = (median(times), median(floors));
    let verdict = if time <= 2.5 * floor { "met" } else { "**not met**" };
    println!("### From nothing to masked results in Chromium, against a still page with the same content\n");
    println!("| | milliseconds | floor | ratio | bar | |\n| --- | --- | --- | --- | --- | --- |");
    println!("| median of {LOADS} loads | {time:.0} | {floor:.0} | {:.2} | ≤ 2.50 | {verdict} |", time / floor);
}
