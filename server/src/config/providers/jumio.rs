//! An integration with Jumio.

use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::{Integration, Settings, check_address, console, keys, rate, requests_per_minute, slow_after_seconds};
use crate::config::http::is_loopback;
use crate::config::secret::fingerprint;
use crate::config::{Problems, SecretInput};
use crate::live::Live;
use crate::providers::jumio::{self, Credentials, Hosts, Region, Source};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JumioSection {
    region: String,
    hosts: Option<HostsSection>,
    company: String,
    workflow_key: u32,
    client_id: String,
    client_secret: SecretInput,
    callback_keys: Vec<SecretInput>,
    callback_sources: Option<Vec<String>>,
    #[serde(default = "link_minutes")]
    link_minutes: u32,
    #[serde(default)]
    console_url: String,
    #[serde(default)]
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HostsSection {
    auth: Url,
    account: Url,
    retrieval: Url,
    status: Url,
}

/// As long as an interrupted session may be resumed.
fn link_minutes() -> u32 {
    24 * 60
}

/// Jumio takes five starts in five seconds (docs.jumio.com, "Rate Limits").
fn burst() -> u32 {
    5
}

impl JumioSection {
    /// The integration, without problems.
    pub(super) fn validate(self, name: &str, problems: &mut Problems) -> Option<Integration> {
        let setting = |key: &str| format!("providers.{name}.{key}");
        let region = region(&setting("region"), &self.region, problems);
        let hosts = self.hosts(name, region?, problems)?;
        self.check_names(name, problems);
        let sources = sources(&setting("callback_sources"), self.callback_sources, region?, problems);
        let is_linked = !self.console_url.is_empty();
        let console = is_linked.then(|| console(name, &self.console_url, &self.console_hosts, problems));
        let rate = rate(name, (self.requests_per_minute, self.burst), problems);
        problems.saw(&setting("client_id"), fingerprint(&self.client_id.clone().into()));
        let client_secret = self.client_secret.read(&setting("client_secret"), problems);
        let keys = keys(&setting("callback_keys"), self.callback_keys, problems);
        if keys.as_ref().is_some_and(|keys| keys.shortest() < 32) {
            problems.add(&setting("callback_keys"), "are yours to choose: at least 32 characters each, by chance");
        }
        Some(Integration {
            settings: Settings::Jumio(Box::new(jumio::Settings {
                name: name.to_owned(),
                hosts,
                user_agent: format!("{} KYC-Desk/{}", self.company.trim(), env!("CARGO_PKG_VERSION")),
                workflow_key: self.workflow_key,
                link_minutes: self.link_minutes,
                sources: sources?,
                credentials: Live::new(Credentials {
                    client_id: self.client_id,
                    client_secret: client_secret?,
                    keys: keys?,
                }),
                console: console.flatten(),
            })),
            rate: rate?,
            slow_after: Duration::from_secs(self.slow_after_seconds.into()),
            fetch_images: self.fetch_images,
        })
    }

    fn check_names(&self, name: &str, problems: &mut Problems) {
        let setting = |key: &str| format!("providers.{name}.{key}");
        let is_plain = |text: &str| text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let company = self.company.trim();
        if !(2..=64).contains(&company.len()) || !is_plain(company) {
            problems.add(
                &setting("company"),
                "must name your company in 2 to 64 letters (ASCII): Jumio demands it of every call",
            );
        }
        // A colon would end the id and begin the secret (RFC 7617 section 2).
        if self.client_id.is_empty() || !is_plain(&self.client_id) || self.client_id.contains([':', ' ']) {
            problems.add(&setting("client_id"), "must be the id of an OAuth2 client from Jumio's portal");
        }
        if !(5..=86_400).contains(&self.link_minutes) {
            problems.add(&setting("link_minutes"), "must lie between 5 and 86400");
        }
    }

    fn hosts(&self, name: &str, region: Region, problems: &mut Problems) -> Option<Hosts> {
        let Some(hosts) = &self.hosts else {
            let host = |part: &str| format!("https://{part}.{}.jumio.ai", region.as_str()).parse().ok();
            return Some(Hosts {
                auth: host("auth")?,
                account: host("account")?,
                retrieval: host("retrieval")?,
                status: host("status")?,
            });
        };
        let all = [
            ("auth", &hosts.auth),
            ("account", &hosts.account),
            ("retrieval", &hosts.retrieval),
            ("status", &hosts.status),
        ];
        for (part, url) in all {
            check_address(&format!("providers.{name}.hosts.{part}"), url, problems);
        }
        let [auth, account, retrieval, status] = all.map(|(_, url)| url.clone());
        Some(Hosts { auth, account, retrieval, status })
    }
}

fn region(setting: &str, name: &str, problems: &mut Problems) -> Option<Region> {
    let found = Region::ALL.into_iter().find(|region| region.as_str() == name);
    if found.is_none() {
        problems.add(setting, "must be amer-1, emea-1 or apac-1");
    }
    found
}

fn sources(
    setting: &str,
    configured: Option<Vec<String>>,
    region: Region,
    problems: &mut Problems,
) -> Option<Vec<Source>> {
    let Some(configured) = configured else { return Some(region.sources()) };
    if configured.is_empty() {
        problems.add(setting, "names no address: every callback would be refused");
    }
    let mut read = |text: &String| {
        text.parse().map_err(|error: jumio::NoSource| problems.add(setting, format!("{text} {error}"))).ok()
    };
    let sources: Vec<Source> = configured.iter().filter_map(&mut read).collect();
    (sources.len() == configured.len()).then_some(sources)
}

/// Jumio calls back to https on a name, without a port. On one's own machine a stand-in is less particular.
pub(super) fn check_callback(name: &str, settings: &jumio::Settings, edge_url: &Url, problems: &mut Problems) {
    let is_fine = edge_url.scheme() == "https" && edge_url.domain().is_some() && edge_url.port().is_none();
    if !is_fine && !is_loopback(&settings.hosts.account) {
        let what = format!("providers.{name} needs https on a host name without a port: Jumio calls back to no other");
        problems.add("http.edge_url", what);
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::read;
    use super::*;

    fn section(more: &str) -> String {
        let mut text = "[providers.j]\nkind = \"jumio\"\nregion = \"emea-1\"\ncompany = \"Example Bank\"\nworkflow_key = 10164\n\
             client_id = \"client-1\"\nclient_secret = \"a-secret\"\ncallback_keys = [\"0123456789abcdef0123456789abcdef\"]\n"
            .to_owned();
        for line in more.lines() {
            let (name, _) = line.split_once(" =").unwrap();
            let kept = text.lines().filter(|old| !old.starts_with(&format!("{name} =")));
            text = kept.chain([line, ""]).collect::<Vec<_>>().join("\n");
        }
        text
    }

    fn settings(more: &str) -> jumio::Settings {
        match read(&section(more)).unwrap().remove(0).1.settings {
            Settings::Jumio(settings) => *settings,
            Settings::Onfido(_) | Settings::Veriff(_) => panic!("it is Jumio"),
        }
    }

    #[test]
    fn a_short_section_is_enough_and_shows_no_secret() {
        let integration = read(&section("")).unwrap().remove(0).1;
        assert_eq!((integration.rate.burst, integration.rate.every), (5, Duration::from_secs(1)));
        assert!(!format!("{integration:?}").contains("a-secret"));
        let settings = settings("");
        assert_eq!(settings.hosts.account.as_str(), "https://account.emea-1.jumio.ai/");
        assert_eq!(settings.user_agent, format!("Example Bank KYC-Desk/{}", env!("CARGO_PKG_VERSION")));
        assert_eq!((settings.sources, settings.link_minutes), (Region::Emea.sources(), 1440));
    }

    #[test]
    fn each_region_has_its_hosts_and_its_addresses() {
        for region in Region::ALL {
            let settings = settings(&format!("region = \"{}\"", region.as_str()));
            assert_eq!(settings.hosts.auth.host_str(), Some(&*format!("auth.{}.jumio.ai", region.as_str())));
            assert_eq!(settings.sources, region.sources());
        }
        let own = "hosts = { auth = \"http://127.0.0.1:1/auth\", account = \"http://127.0.0.1:1\", retrieval = \"http://127.0.0.1:1\", status = \"http://127.0.0.1:1\" }";
        assert_eq!(settings(own).hosts.auth.as_str(), "http://127.0.0.1:1/auth");
    }

    #[test]
    fn every_problem_is_named_with_its_setting() {
        for (line, setting) in [
            ("region = \"eu\"", "providers.j.region"),
            ("company = \"\"", "providers.j.company"),
            ("company = \"B\u{e4}nk\"", "providers.j.company"),
            ("client_id = \"a:b\"", "providers.j.client_id"),
            ("client_secret = \"\"", "providers.j.client_secret"),
            ("callback_keys = []", "providers.j.callback_keys"),
            ("callback_keys = [\"short\"]", "providers.j.callback_keys"),
            ("callback_sources = []", "providers.j.callback_sources"),
            ("callback_sources = [\"callback.emea-1.jumio.ai\"]", "providers.j.callback_sources"),
            ("link_minutes = 4", "providers.j.link_minutes"),
            ("console_url = \"https://evil.example/{id}\"", "providers.j.console_url"),
            ("burst = 0", "providers.j.burst"),
            (
                "hosts = { auth = \"http://elsewhere.example\", account = \"https://a.example\", retrieval = \"https://a.example\", status = \"https://a.example\" }",
                "providers.j.hosts.auth",
            ),
            ("typo = 1", "typo"),
        ] {
            let problem = read(&section(line)).unwrap_err();
            assert!(problem.contains(setting), "{line}: {problem}");
        }
    }

    #[test]
    fn jumio_is_given_only_an_address_that_it_calls_back() {
        let settings = settings("");
        for (edge, is_fine) in [
            ("https://edge.bank.example", true),
            ("http://edge.bank.example", false),
            ("https://edge.bank.example:8443", false),
            ("https://192.0.2.1", false),
            ("http://localhost:7311", false),
        ] {
            let mut problems = Problems::default();
            check_callback("j", &settings, &edge.parse().unwrap(), &mut problems);
            assert_eq!(problems.is_empty(), is_fine, "{edge}");
        }
    }
}
