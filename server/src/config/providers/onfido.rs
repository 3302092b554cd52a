//! An integration with Onfido.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{
    Integration, Settings, burst, check_address, console, keys, rate, requests_per_minute, slow_after_seconds,
};
use crate::config::{Problems, SecretInput};
use crate::live::Live;
use crate::providers::onfido::{self, Access, Credentials, Product};

/// Reports that can be ordered for a classic check (the vendor's `OpenAPI` document, `report_name`).
const REPORTS: [&str; 21] = [
    "document",
    "document_video",
    "document_video_with_address_information",
    "document_with_address_information",
    "document_with_driving_licence_information",
    "document_with_driver_verification",
    "facial_similarity_photo",
    "facial_similarity_photo_fully_auto",
    "facial_similarity_video",
    "facial_similarity_motion",
    "known_faces",
    "identity_enhanced",
    "watchlist_aml",
    "watchlist_enhanced",
    "watchlist_standard",
    "watchlist_peps_only",
    "watchlist_sanctions_only",
    "proof_of_address",
    "us_driving_licence",
    "device_intelligence",
    "india_pan",
];

/// Where the API is.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Region {
    Eu,
    Us,
    Ca,
}

impl Region {
    fn host(self) -> Url {
        let host = match self {
            Self::Eu => "https://api.eu.onfido.com",
            Self::Us => "https://api.us.onfido.com",
            Self::Ca => "https://api.ca.onfido.com",
        };
        Url::parse(host).expect("written above")
    }
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OnfidoSection {
    region: Option<Region>,
    base_url: Option<Url>,
    api_token: Option<SecretInput>,
    oauth_client_id: Option<String>,
    oauth_client_secret: Option<SecretInput>,
    webhook_tokens: Vec<SecretInput>,
    workflow_id: Option<String>,
    #[serde(default = "report_tasks")]
    report_tasks: Vec<String>,
    #[serde(default)]
    report_names: Vec<String>,
    console_url: Option<String>,
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

/// Of these names the vendor's own tests show `document_check`; no list is published.
fn report_tasks() -> Vec<String> {
    let parts = ["check", "report", "similarity", "known_faces", "watchlist", "identity", "proof_of_address", "device"];
    parts.map(str::to_owned).to_vec()
}

fn console_hosts() -> Vec<String> {
    vec!["dashboard.onfido.com".to_owned()]
}

impl OnfidoSection {
    /// The integration, without problems.
    pub(super) fn validate(self, name: &str, problems: &mut Problems) -> Option<Integration> {
        let setting = |key: &str| format!("providers.{name}.{key}");
        let base_url = address(&setting, (self.region, self.base_url), problems);
        let product = product(&setting, self.workflow_id, (self.report_tasks, self.report_names), problems);
        let template = self.console_url.unwrap_or_else(|| console_url(product.as_ref()).to_owned());
        let console = console(name, &template, &self.console_hosts, problems);
        let rate = rate(name, (self.requests_per_minute, self.burst), problems);
        let access = access(&setting, self.api_token, (self.oauth_client_id, self.oauth_client_secret), problems);
        let webhook_tokens = keys(&setting("webhook_tokens"), self.webhook_tokens, problems);
        Some(Integration {
            settings: Settings::Onfido(Box::new(onfido::Settings {
                name: name.to_owned(),
                base_url: base_url?,
                credentials: Live::new(Credentials { access: access?, webhook_tokens: webhook_tokens? }),
                product: product?,
                console: console?,
            })),
            rate: rate?,
            slow_after: Duration::from_secs(self.slow_after_seconds.into()),
            fetch_images: self.fetch_images,
        })
    }
}

const fn console_url(product: Option<&Product>) -> &'static str {
    match product {
        Some(Product::Checks { .. }) => "https://dashboard.onfido.com/checks/{id}",
        _ => "https://dashboard.onfido.com/results/{id}",
    }
}

fn address(
    setting: &impl Fn(&str) -> String,
    given: (Option<Region>, Option<Url>),
    problems: &mut Problems,
) -> Option<Url> {
    match given {
        (Some(region), None) => Some(region.host()),
        (None, Some(url)) => {
            check_address(&setting("base_url"), &url, problems);
            if url.path().trim_end_matches('/').ends_with("/v3.6") {
                problems.add(&setting("base_url"), "must be given without /v3.6, which is added");
            }
            Some(url)
        }
        _ => {
            problems.add(&setting("region"), "must be eu, us or ca; or base_url is given in its place");
            None
        }
    }
}

fn product(
    setting: &impl Fn(&str) -> String,
    workflow: Option<String>,
    (tasks, reports): (Vec<String>, Vec<String>),
    problems: &mut Problems,
) -> Option<Product> {
    let is_name = |text: &String| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    };
    match (workflow, reports.is_empty()) {
        (Some(id), true) => {
            if uuid::Uuid::parse_str(&id).is_err() {
                problems.add(&setting("workflow_id"), "must be the workflow's id, a UUID, from Onfido's Studio");
            }
            if tasks.is_empty() || !tasks.iter().all(is_name) {
                problems.add(&setting("report_tasks"), "must be parts of names of tasks, in lower-case letters and _");
            }
            Some(Product::Workflow { id, report_tasks: tasks })
        }
        (None, false) => {
            for unknown in reports.iter().filter(|name| !REPORTS.contains(&name.as_str())) {
                problems.add(&setting("report_names"), format!("{unknown:?} is no report of API v3.6"));
            }
            Some(Product::Checks { report_names: reports })
        }
        _ => {
            problems.add(&setting("workflow_id"), "must be given, or report_names for classic checks: one of the two");
            None
        }
    }
}

fn access(
    setting: &impl Fn(&str) -> String,
    token: Option<SecretInput>,
    client: (Option<String>, Option<SecretInput>),
    problems: &mut Problems,
) -> Option<Access> {
    match (token, client) {
        (Some(token), (None, None)) => Some(Access::Token(token.read(&setting("api_token"), problems)?)),
        (None, (Some(id), Some(secret))) => {
            let secret = secret.read(&setting("oauth_client_secret"), problems)?;
            if id.is_empty() {
                problems.add(&setting("oauth_client_id"), "must not be empty");
            }
            problems.saw(&setting("oauth_client_id"), crate::config::secret::fingerprint(&id.clone().into()));
            Some(Access::Client { id, secret })
        }
        _ => {
            let what = "must be given, or oauth_client_id with oauth_client_secret: one of the two";
            problems.add(&setting("api_token"), what);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    const WORKFLOW: &str = "workflow_id = \"c0ffee00-1111-4a11-8a11-000000000003\"";

    fn section(lines: &[&str]) -> String {
        let fixed = ["[providers.o]", "kind = \"onfido\"", "webhook_tokens = [\"a-token\"]"];
        [&fixed[..], lines].concat().join("\n")
    }

    fn settings(lines: &[&str]) -> onfido::Settings {
        let (_, integration) = read(&section(lines)).unwrap().remove(0);
        let Settings::Onfido(settings) = integration.settings else { panic!("another provider") };
        *settings
    }

    #[test]
    fn a_region_a_token_and_a_workflow_are_enough() {
        for (region, host) in [
            ("eu", "https://api.eu.onfido.com/"),
            ("us", "https://api.us.onfido.com/"),
            ("ca", "https://api.ca.onfido.com/"),
        ] {
            let found = settings(&[&format!("region = \"{region}\""), "api_token = \"a-secret\"", WORKFLOW]);
            assert_eq!(found.base_url.as_str(), host);
            assert!(matches!(found.product, Product::Workflow { .. }));
            assert!(!format!("{found:?}").contains("a-secret") && !format!("{found:?}").contains("a-token"));
        }
    }

    #[test]
    fn classic_checks_have_reports_and_their_own_page_in_the_dashboard() {
        let lines =
            ["region = \"eu\"", "api_token = \"x\"", "report_names = [\"document\", \"facial_similarity_photo\"]"];
        let found = settings(&lines);
        let reference = crate::providers::ProviderRef::parse("c-1").unwrap();
        assert_eq!(found.console.session(&reference).unwrap().as_str(), "https://dashboard.onfido.com/checks/c-1");
    }

    #[test]
    fn oauth2_takes_the_place_of_the_token() {
        let client = ["oauth_client_id = \"kyc\"", "oauth_client_secret = \"a-secret\""];
        let found = settings(&["region = \"eu\"", WORKFLOW, client[0], client[1]]);
        assert!(matches!(found.credentials.get().access, Access::Client { .. }));
    }

    #[test]
    fn every_problem_is_named_with_its_setting() {
        let (eu, token) = ("region = \"eu\"", "api_token = \"x\"");
        for (lines, setting) in [
            (&[token, WORKFLOW][..], "providers.o.region"),
            (&[eu, "base_url = \"https://x.example\"", token, WORKFLOW], "providers.o.region"),
            (&["base_url = \"http://api.eu.onfido.com\"", token, WORKFLOW], "providers.o.base_url"),
            (&["base_url = \"https://api.eu.onfido.com/v3.6\"", token, WORKFLOW], "providers.o.base_url"),
            (&[eu, WORKFLOW], "providers.o.api_token"),
            (&[eu, WORKFLOW, token, "oauth_client_id = \"x\""], "providers.o.api_token"),
            (&[eu, WORKFLOW, "oauth_client_id = \"x\""], "providers.o.api_token"),
            (&[eu, token], "providers.o.workflow_id"),
            (&[eu, token, WORKFLOW, "report_names = [\"document\"]"], "providers.o.workflow_id"),
            (&[eu, token, "workflow_id = \"my workflow\""], "providers.o.workflow_id"),
            (&[eu, token, WORKFLOW, "report_tasks = []"], "providers.o.report_tasks"),
            (&[eu, token, "report_names = [\"passport\"]"], "providers.o.report_names"),
            (&[eu, token, WORKFLOW, "console_url = \"https://evil.example/{id}\""], "providers.o.console_url"),
            (&[eu, token, WORKFLOW, "burst = 0"], "providers.o.burst"),
        ] {
            let problem = read(&section(lines)).unwrap_err();
            assert!(problem.contains(setting), "{lines:?}: {problem}");
        }
        let unsigned = section(&[eu, token, WORKFLOW]).replace("[\"a-token\"]", "[]");
        assert!(read(&unsigned).unwrap_err().contains("providers.o.webhook_tokens"));
    }
}
