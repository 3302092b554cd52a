//! `[providers.<name>]`: one integration per table, each with a provider, its address, its keys and its limits. What a provider's section
//! says beyond that is in a file of its own.

mod jumio;
mod onfido;
mod veriff;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use self::jumio::JumioSection;
use self::onfido::OnfidoSection;
use self::veriff::VeriffSection;
use super::http::require_https;
use super::{Problems, SecretInput};
use crate::clock::Clock;
use crate::providers::bucket::Rate;
use crate::providers::{self, ConsoleLink, Keys, Provider, Transport};

/// The section as it is written: integrations by name.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub struct ProvidersSection(BTreeMap<String, IntegrationSection>);

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum IntegrationSection {
    Onfido(Box<OnfidoSection>),
    Veriff(VeriffSection),
    Jumio(Box<JumioSection>),
}

fn requests_per_minute() -> u32 {
    60
}

fn burst() -> u32 {
    10
}

fn slow_after_seconds() -> u32 {
    120
}

/// One integration, without problems.
#[derive(Clone, Debug)]
pub struct Integration {
    /// What its client needs.
    pub settings: Settings,
    /// How often it may be called.
    pub rate: Rate,
    /// How long after the customer handed everything in an answer counts as late.
    pub slow_after: Duration,
    /// Whether the pictures of a result are fetched and kept. Off where nobody asked for them: they are the most that can be known of a face.
    pub fetch_images: bool,
}

/// What a client needs, by provider.
#[derive(Clone, Debug)]
pub enum Settings {
    /// Onfido.
    Onfido(Box<providers::onfido::Settings>),
    /// Veriff.
    Veriff(Box<providers::veriff::Settings>),
    /// Jumio.
    Jumio(Box<providers::jumio::Settings>),
}

impl Settings {
    /// Takes over the credentials of another, if it is the same provider at the same address: a key goes nowhere but where it belongs.
    pub(super) fn adopt(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Veriff(ours), Self::Veriff(theirs)) if ours.base_url == theirs.base_url => {
                ours.credentials.adopt(&theirs.credentials);
                true
            }
            (Self::Jumio(ours), Self::Jumio(theirs)) if ours.hosts == theirs.hosts => {
                ours.credentials.adopt(&theirs.credentials);
                true
            }
            (Self::Onfido(ours), Self::Onfido(theirs)) if ours.base_url == theirs.base_url => {
                ours.credentials.adopt(&theirs.credentials);
                true
            }
            _ => false,
        }
    }

    /// How often the provider may be asked to delete something. Veriff takes five an hour (its API documentation, "Delete session"), and
    /// says by 429 when a day's ten are used up.
    pub const fn deletes_every(&self) -> Duration {
        match self {
            Self::Veriff(_) => Duration::from_mins(12),
            Self::Onfido(_) | Self::Jumio(_) => Duration::from_secs(2),
        }
    }

    /// Where the provider is.
    pub const fn base_url(&self) -> &Url {
        match self {
            Self::Onfido(settings) => &settings.base_url,
            Self::Veriff(settings) => &settings.base_url,
            Self::Jumio(settings) => &settings.hosts.account,
        }
    }

    /// The client. Those that hold something with an end, such as a token, read the clock.
    pub fn client(self, transport: Transport, clock: Arc<dyn Clock>) -> Box<dyn Provider> {
        match self {
            Self::Onfido(settings) => Box::new(providers::onfido::Onfido::new(*settings, transport)),
            Self::Veriff(settings) => Box::new(providers::veriff::Veriff::new(*settings, transport)),
            Self::Jumio(settings) => Box::new(providers::jumio::Jumio::new(*settings, transport, clock)),
        }
    }
}

impl ProvidersSection {
    /// The integrations by name, the default one first.
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Vec<(String, Integration)>> {
        let found = problems.len();
        self.check_names(problems);
        let mut sections: Vec<_> = self.0.into_iter().collect();
        sections.sort_by_key(|(_, section)| !section.is_default());
        let read = |(name, section): (String, IntegrationSection)| {
            let integration = section.validate(&name, problems)?;
            Some((name, integration))
        };
        let integrations: Vec<_> = sections.into_iter().filter_map(read).collect();
        (problems.len() == found).then_some(integrations)
    }

    fn check_names(&self, problems: &mut Problems) {
        for name in self.0.keys() {
            // The name is a segment of the webhook's path and a value in rows and metrics.
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if !(1..=32).contains(&name.len()) || !name.bytes().all(is_letter) {
                problems.add(
                    &format!("providers.{name}"),
                    "the name must have 1 to 32 lower-case letters, digits or dashes",
                );
            }
        }
        let defaults = self.0.values().filter(|section| section.is_default()).count();
        if defaults > 1 || (self.0.len() > 1 && defaults == 0) {
            problems.add("providers", "exactly one of several integrations must say is_default = true");
        }
    }
}

/// Whether each of these can reach us at this address, if it must.
pub(super) fn check_edge(integrations: &[(String, Integration)], edge_url: &Url, problems: &mut Problems) {
    for (name, integration) in integrations {
        match &integration.settings {
            Settings::Jumio(settings) => jumio::check_callback(name, settings, edge_url, problems),
            Settings::Onfido(_) | Settings::Veriff(_) => {}
        }
    }
}

impl IntegrationSection {
    const fn is_default(&self) -> bool {
        match self {
            Self::Onfido(section) => section.is_default,
            Self::Veriff(section) => section.is_default,
            Self::Jumio(section) => section.is_default,
        }
    }

    fn validate(self, name: &str, problems: &mut Problems) -> Option<Integration> {
        match self {
            Self::Onfido(section) => section.validate(name, problems),
            Self::Veriff(section) => section.validate(name, problems),
            Self::Jumio(section) => section.validate(name, problems),
        }
    }
}

fn check_address(setting: &str, url: &Url, problems: &mut Problems) {
    require_https(setting, url, problems);
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        problems.add(setting, "must be a plain address, without user, query or fragment");
    }
}

fn console(name: &str, template: &str, hosts: &[String], problems: &mut Problems) -> Option<ConsoleLink> {
    let refuse = |refused: providers::ConsoleLinkRefused| {
        problems.add(&format!("providers.{name}.console_url"), refused.to_string());
    };
    ConsoleLink::new(template, hosts).map_err(refuse).ok()
}

fn keys(setting: &str, secrets: Vec<SecretInput>, problems: &mut Problems) -> Option<Keys> {
    let count = secrets.len();
    let read = |(index, secret): (usize, SecretInput)| secret.read(&format!("{setting}[{index}]"), problems);
    let secrets: Vec<_> = secrets.into_iter().enumerate().filter_map(read).collect();
    if count == 0 {
        problems.add(setting, "names no secret: without one anybody could send results");
    }
    // An unreadable secret is a problem of its own already; half a list would refuse genuine webhooks.
    if secrets.len() == count { Keys::new(secrets) } else { None }
}

fn rate(name: &str, (per_minute, burst): (u32, u32), problems: &mut Problems) -> Option<Rate> {
    if burst == 0 {
        problems.add(&format!("providers.{name}.burst"), "must be at least 1");
    }
    if !(1..=60_000).contains(&per_minute) {
        problems.add(&format!("providers.{name}.requests_per_minute"), "must lie between 1 and 60000");
        return None;
    }
    Some(Rate { burst, every: Duration::from_mins(1) / per_minute })
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn read(text: &str) -> Result<Vec<(String, Integration)>, String> {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            providers: ProvidersSection,
        }
        let file: File = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut problems = Problems::default();
        let integrations = file.providers.validate(&mut problems);
        integrations.filter(|_| problems.is_empty()).ok_or_else(|| problems.to_string())
    }

    fn veriff(name: &str, more: &str) -> String {
        let fixed = "kind = \"veriff\"\napi_key = \"our-own-demo-key\"\nshared_secrets = [\"a-secret\"]";
        let base = if more.contains("base_url") { "" } else { "base_url = \"https://stationapi.veriff.com\"" };
        format!("[providers.{name}]\n{fixed}\n{base}\n{more}\n")
    }

    #[test]
    fn a_short_section_is_enough() {
        let integrations = read(&veriff("veriff-de", "")).unwrap();
        let (name, integration) = &integrations[0];
        assert_eq!(name, "veriff-de");
        assert_eq!(integration.rate, Rate { burst: 10, every: Duration::from_secs(1) });
        assert_eq!(integration.slow_after, Duration::from_mins(2));
        assert!(!integration.fetch_images);
        assert!(read(&veriff("v", "fetch_images = true")).unwrap()[0].1.fetch_images);
        assert!(!format!("{integration:?}").contains("a-secret"));
    }

    #[test]
    fn no_provider_at_all_is_no_problem_of_this_section() {
        assert!(read("").unwrap().is_empty());
    }

    #[test]
    fn the_default_integration_comes_first() {
        let text = [veriff("aaa", ""), veriff("zzz", "is_default = true")].concat();
        let names: Vec<String> = read(&text).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["zzz", "aaa"]);
        assert!(read(&[veriff("aaa", ""), veriff("zzz", "")].concat()).unwrap_err().contains("is_default"));
        let both = [veriff("aaa", "is_default = true"), veriff("zzz", "is_default = true")].concat();
        assert!(read(&both).unwrap_err().contains("is_default"));
    }

    #[test]
    fn every_problem_is_named_with_its_setting() {
        for (more, setting) in [
            ("base_url = \"http://stationapi.veriff.com\"", "providers.v.base_url"),
            ("base_url = \"https://stationapi.veriff.com/v1/\"", "providers.v.base_url"),
            ("base_url = \"https://user:pass@stationapi.veriff.com\"", "providers.v.base_url"),
            ("console_url = \"https://evil.example/{id}\"", "providers.v.console_url"),
            ("console_url = \"https://station.veriff.com/\"", "providers.v.console_url"),
            ("burst = 0", "providers.v.burst"),
            ("requests_per_minute = 0", "providers.v.requests_per_minute"),
            ("typo = 1", "typo"),
        ] {
            let problem = read(&veriff("v", more)).unwrap_err();
            assert!(problem.contains(setting), "{more}: {problem}");
        }
    }

    #[test]
    fn secrets_may_not_be_missing_empty_or_unreadable() {
        for (secrets, setting) in [
            ("[]", "providers.v.shared_secrets:"),
            ("[\"good\", \"\"]", "providers.v.shared_secrets[1]:"),
            ("[{ file = \"/nowhere/at/all\" }]", "providers.v.shared_secrets[0]:"),
        ] {
            let text = veriff("v", "").replace("[\"a-secret\"]", secrets);
            let problem = read(&text).unwrap_err();
            assert!(problem.contains(setting), "{secrets}: {problem}");
            assert!(!problem.contains("good"));
        }
    }

    #[test]
    fn a_stand_in_on_this_machine_may_speak_plain_http() {
        for base in ["http://127.0.0.1:7400/veriff", "http://localhost:7400", "http://[::1]:7400"] {
            assert!(read(&veriff("v", &format!("base_url = \"{base}\""))).is_ok(), "{base}");
        }
    }

    #[test]
    fn a_name_that_does_not_fit_a_path_is_refused() {
        assert!(read(&veriff("\"Veriff DE\"", "")).unwrap_err().contains("lower-case"));
    }
}
