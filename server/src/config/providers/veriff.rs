//! An integration with Veriff.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{
    Integration, Settings, burst, check_address, console, keys, rate, requests_per_minute, slow_after_seconds,
};
use crate::config::secret::fingerprint;
use crate::config::{Problems, SecretInput};
use crate::live::Live;
use crate::providers::veriff::{self, Credentials};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VeriffSection {
    base_url: Url,
    api_key: String,
    shared_secrets: Vec<SecretInput>,
    #[serde(default = "console_url")]
    console_url: String,
    #[serde(default = "console_hosts")]
    console_hosts: Vec<String>,
    #[serde(default)]
    pub(super) is_default: bool,
    #[serde(default = "requests_per_minute")]
    requests_per_minute: u32,
    #[serde(default = "burst")]
    burst: u32,
    #[serde(default = "slow_after_seconds")]
    slow_after_seconds: u32,
    #[serde(default)]
    fetch_images: bool,
}

fn console_url() -> String {
    "https://station.veriff.com/verifications/{id}".to_owned()
}

fn console_hosts() -> Vec<String> {
    vec!["station.veriff.com".to_owned()]
}

impl VeriffSection {
    /// The integration, without problems.
    pub(super) fn validate(self, name: &str, problems: &mut Problems) -> Option<Integration> {
        let setting = |key: &str| format!("providers.{name}.{key}");
        check_address(&setting("base_url"), &self.base_url, problems);
        if self.base_url.path().trim_end_matches('/').ends_with("/v1") {
            problems.add(&setting("base_url"), "must be given without /v1, which is added");
        }
        let is_key = !self.api_key.is_empty() && self.api_key.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_key {
            problems.add(&setting("api_key"), "must be the integration's API key from Veriff's portal");
        }
        problems.saw(&setting("api_key"), fingerprint(&self.api_key.clone().into()));
        let console = console(name, &self.console_url, &self.console_hosts, problems);
        let rate = rate(name, (self.requests_per_minute, self.burst), problems);
        let keys = keys(&setting("shared_secrets"), self.shared_secrets, problems);
        Some(Integration {
            settings: Settings::Veriff(Box::new(veriff::Settings {
                name: name.to_owned(),
                base_url: self.base_url,
                credentials: Live::new(Credentials { api_key: self.api_key, keys: keys? }),
                console: console?,
            })),
            rate: rate?,
            slow_after: Duration::from_secs(self.slow_after_seconds.into()),
            fetch_images: self.fetch_images,
        })
    }
}
