//! How Chromium is started, and what it is told about cookies.

use std::process::Stdio;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::variable;

/// What becomes of cookies that a page of another site sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// All are kept.
    Allowed,
    /// Only partitioned ones are kept.
    Blocked,
    /// None is, partitioned or not.
    Refused,
}

/// The program that drives a browser, and the browser it started: a process group, so that both end with the test.
pub struct Driver {
    /// Where it listens.
    pub port: u16,
    process: Child,
    _folder: TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(leader) = self.process.id() {
            let kill = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{leader}")]).status();
            assert!(kill.is_ok_and(|status| status.success()), "the browser was left running");
        }
    }
}

/// Starts `ChromeDriver`.
pub async fn driver() -> Driver {
    let program = variable("CHROMEDRIVER").unwrap_or_else(|| "chromedriver".to_owned());
    // The port it finds free for IPv4 may be taken for IPv6; then it ends, and the next one finds another.
    for _ in 0..5 {
        if let Some(started) = started(&program).await {
            return started;
        }
    }
    panic!("{program} ends without a word about its port")
}

async fn started(program: &str) -> Option<Driver> {
    // What the browser leaves behind when it is killed goes with the test.
    let folder = tempfile::tempdir().unwrap();
    let mut process = Command::new(program)
        .arg("--port=0")
        .env("TMPDIR", folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}; `cargo xtask setup` installs it"));
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    while let Some(line) = lines.next_line().await.unwrap() {
        if let Some((_, port)) = line.split_once("successfully on port ") {
            let port = port.trim_end_matches('.').parse().unwrap();
            // Somebody must read the rest, or the driver waits for ever.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Some(Driver { port, process, _folder: folder });
        }
    }
    let _ = process.wait().await;
    None
}

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
    json!({ "browserName": "chrome", "goog:chromeOptions": options, "timeouts": { "script": 30_000 } })
}
