//! Reading the configuration again while the server runs (SIGHUP): new secrets without an interruption.
//!
//! A configuration with a problem changes nothing. What cannot change live is named, and waits for a restart.

use std::path::Path;

use crate::config::{Config, Problems, Replaced};
use crate::state::App;

/// Reads the file again and takes over the secrets that may change live.
pub fn reload(app: &App, path: &Path) -> Result<Replaced, Problems> {
    let outcome = Config::load(path).map(|new| app.config.adopt(&new));
    let code = if outcome.is_ok() { "ok" } else { "refused" };
    metrics::counter!("kyc_config_reloads_total", "outcome" => code).increment(1);
    match &outcome {
        Ok(replaced) => {
            tracing::info!(settings = replaced.settings.join(" "), "the configuration was read again");
            if !replaced.waiting.is_empty() {
                tracing::warn!(settings = replaced.waiting.join(" "), "changed, but in use only after a restart");
            }
        }
        Err(problems) => {
            tracing::error!(problems = %problems, "the new configuration cannot be used: nothing was changed");
        }
    }
    outcome
}
