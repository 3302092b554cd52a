//! How Firefox is started, and what it is told about cookies.

use serde_json::{Value, json};

use super::{Cookies, variable};

/// What the driver is asked for. `cookieBehavior` is Firefox's own switch: 0 allows all; 5, which it has unless somebody changes it, gives
/// every page of another site a jar for each site around it; 1 is "all cross-site cookies" among those to be blocked, ours too.
pub fn capabilities(cookies: Cookies) -> Value {
    let behavior = match cookies {
        Cookies::Allowed => 0,
        Cookies::Blocked => 5,
        Cookies::Refused => 1,
    };
    let preferences = json!({ "network.cookie.cookieBehavior": behavior, "intl.accept_languages": "en-US" });
    let mut options = json!({ "args": ["-headless", "-width", "1280", "-height", "900"], "prefs": preferences });
    if let Some(firefox) = variable("FIREFOX") {
        options["binary"] = json!(firefox);
    }
    json!({ "browserName": "firefox", "moz:firefoxOptions": options, "timeouts": { "script": 90_000 } })
}
