//! How Chromium is started, and what only it can: its developer protocol, for the size and the colours of the screen.

use std::path::Path;

use fantoccini::Client;
use fantoccini::wd::WebDriverCompatibleCommand;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::{Cookies, variable};

/// What the driver is asked for. `cookie_controls_mode` 1 is Chromium's "block third-party cookies". With 2 as the rule for cookies only what the list names keeps any: our
/// own address and the identity provider's, where nobody frames them.
pub fn capabilities(cookies: Cookies) -> Value {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--lang=en-US",
        "--window-size=1280,900",
    ];
    let is_blocked = cookies != Cookies::Allowed;
    let mut preferences = json!({
        "profile.cookie_controls_mode": u8::from(is_blocked),
        "profile.block_third_party_cookies": is_blocked,
        "intl.accept_languages": "en-US",
    });
    if cookies == Cookies::Refused {
        preferences["profile.default_content_setting_values.cookies"] = json!(2);
        let alone = |host: &str| (format!("http://{host},http://{host}"), json!({ "setting": 1 }));
        preferences["profile.content_settings.exceptions.cookies"] =
            ["localhost", "127.0.0.1"].map(alone).into_iter().collect();
    }
    let mut options = json!({ "args": arguments, "prefs": preferences });
    if let Some(chrome) = variable("CHROME") {
        options["binary"] = json!(chrome);
    }
    json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": { "script": 90_000 } })
}

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

/// Brings the window to the front, so that keys reach it.
pub async fn to_front(page: &Client) {
    send(page, "Page.bringToFront", json!({})).await;
}

/// Runs a script before those of every page that is loaded from now on.
pub async fn on_every_page(page: &Client, script: &str) {
    send(page, "Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).await;
}

/// From now on the page's own scripts do not run; those of a test still do.
pub async fn without_scripts(page: &Client) {
    send(page, "Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
}

/// From now on what is downloaded goes into this folder.
pub async fn download_to(page: &Client, folder: &Path) {
    send(page, "Browser.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": folder })).await;
}

/// From now on nothing is taken from the cache.
pub async fn keep_nothing(page: &Client) {
    send(page, "Network.enable", json!({})).await;
    send(page, "Network.setCacheDisabled", json!({ "cacheDisabled": true })).await;
}
