//! What only Chromium can: its developer protocol, for the size and the colours of the screen.

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// A command of the developer protocol, sent through the driver.
#[derive(Debug)]
struct Command {
    name: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(json!({ "cmd": self.name, "params": self.params }).to_string()))
    }
}

async fn send(page: &Client, name: &'static str, params: Value) {
    page.issue_cmd(Command { name, params }).await.unwrap();
}

/// A screen of this size in CSS pixels.
pub async fn screen(page: &Client, width: u32, height: u32) {
    let params = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    send(page, "Emulation.setDeviceMetricsOverride", params).await;
}

/// Light or dark, and without movement, so that pictures are alike.
pub async fn appearance(page: &Client, scheme: &str) {
    let features = json!([
        { "name": "prefers-color-scheme", "value": scheme },
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    send(page, "Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

/// Runs a script before those of every page that is loaded from now on.
pub async fn on_every_page(page: &Client, script: &str) {
    send(page, "Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}

/// From now on the page's own scripts do not run; those of a test still do.
pub async fn without_scripts(page: &Client) {
    send(page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
}

/// From now on nothing is taken from the cache.
pub async fn keep_nothing(page: &Client) {
    send(page, "Network.enable", json!({})).await;
    send(page, "Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
}
