//! The configuration: one TOML file, read once, turned into final types, with every problem reported at once.
//!
//! Only this module reads files and the environment. It refuses to start anything on a configuration that has a problem.

pub mod auth;
mod client_key;
pub mod customer;
pub mod database;
pub mod documents;
pub mod example;
pub mod genesys;
mod http;
pub mod parts;
mod privacy;
mod problems;
pub mod providers;
mod replace;
pub mod saml;
mod secret;
pub mod telemetry;

use std::collections::BTreeMap;
use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use self::database::DatabaseUrl;

pub use http::{Http, HttpSection};
pub use privacy::{AuditKey, Privacy, PrivacySection};
pub use problems::{Fingerprints, Problems};
pub use replace::Replaced;
pub use secret::SecretInput;

use crate::domain::policy::{PROVABLE, Policy};
use crate::live::Live;

/// What a client of the flow or bank API may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Scope {
    /// The flow API.
    #[serde(rename = "flow")]
    Flow,
    /// Handing over what applicants claimed.
    #[serde(rename = "claims:write")]
    ClaimsWrite,
    /// Holding what would be deleted.
    #[serde(rename = "holds:write")]
    HoldsWrite,
}

impl Scope {
    /// The scope as OAuth writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::ClaimsWrite => "claims:write",
            Self::HoldsWrite => "holds:write",
        }
    }
}

/// A client that gets tokens by client credentials.
#[derive(Debug)]
pub struct Client {
    /// Its secrets: the one in use, then earlier ones that still count.
    pub secrets: Vec<SecretString>,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Where the bank is told of outcomes.
#[derive(Debug)]
pub struct BankEvents {
    /// Its endpoint.
    pub url: Url,
    /// The secret of Standard Webhooks (`whsec_` and base64).
    pub secret: Live<SecretString>,
}

/// A configuration without problems. What is [`Live`] in it may be replaced while the server runs.
pub struct Config {
    /// Addresses and pages.
    pub http: Http,
    /// The database.
    pub database: DatabaseUrl,
    /// Where photos lie.
    pub documents: documents::Documents,
    /// Keys and masking rules.
    pub privacy: Privacy,
    /// Signs the head of the audit chain.
    pub audit: AuditKey,
    /// Sign-in.
    pub auth: auth::Auth,
    /// Provider integrations, by name; the first is the default.
    pub providers: Vec<(String, providers::Integration)>,
    /// Clients of the flow and bank APIs, by id.
    pub clients: Live<BTreeMap<String, Client>>,
    /// The customer's page.
    pub customer: customer::Customer,
    /// Where the bank is told of outcomes.
    pub bank: Option<BankEvents>,
    /// The contact centre, if it is asked and told anything.
    pub genesys: Option<genesys::Genesys>,
    /// Where traces go, if anywhere.
    pub telemetry: Option<telemetry::Telemetry>,
    /// The rules of the business.
    pub policy: Policy,
    /// The bank's time zone: decides what "today" is.
    pub time_zone: jiff::tz::TimeZone,
    /// The fingerprints of the secrets in use.
    pub secrets: Live<Fingerprints>,
    /// What a reload leaves as it is: a hash per section.
    fixed: BTreeMap<String, [u8; 32]>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClientSection {
    secret: SecretInput,
    #[serde(default)]
    old_secrets: Vec<SecretInput>,
    scopes: Vec<Scope>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BankSection {
    event_url: Url,
    event_secret: SecretInput,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseSection {
    url: SecretInput,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "utc")]
    time_zone: String,
    http: HttpSection,
    database: DatabaseSection,
    #[serde(default)]
    documents: documents::DocumentsSection,
    privacy: PrivacySection,
    auth: auth::AuthSection,
    #[serde(default)]
    providers: providers::ProvidersSection,
    #[serde(default)]
    clients: BTreeMap<String, ClientSection>,
    #[serde(default)]
    customer: customer::CustomerSection,
    bank: Option<BankSection>,
    genesys: Option<genesys::GenesysSection>,
    telemetry: Option<telemetry::TelemetrySection>,
    #[serde(default)]
    policy: Policy,
}

fn utc() -> String {
    "UTC".to_owned()
}

impl Config {
    /// Reads a file.
    pub fn load(path: &Path) -> Result<Self, Problems> {
        Self::parse(&text(path)?)
    }

    /// Reads a configuration from text, and reports everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return Err(syntax(text, &error)),
        };
        let mut problems = Problems::default();
        let config = file.validate(&mut problems);
        match config {
            Some(config) if problems.is_empty() => {
                Ok(Self { secrets: Live::new(problems.into_secrets()), fixed: replace::fixed(text), ..config })
            }
            _ => Err(problems),
        }
    }
}

fn text(path: &Path) -> Result<String, Problems> {
    std::fs::read_to_string(path).map_err(|error| problem(&path.display().to_string(), error.to_string()))
}

/// The place and the message, without the line itself: it may hold a secret.
fn syntax(text: &str, error: &toml::de::Error) -> Problems {
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].lines().count().max(1));
    problem(&format!("line {line}"), without_values(error.message()))
}

/// What serde says about a value, without the value: it may be a secret that was written in the wrong place or the wrong way.
fn without_values(message: &str) -> String {
    let expected = message.rsplit_once(", expected ").map(|(_, expected)| format!(", expected {expected}"));
    for (what, shown) in [("invalid type: ", true), ("invalid value: ", true), ("unknown variant ", false)] {
        if let Some(rest) = message.strip_prefix(what) {
            let kind = rest.split([' ', ',']).next().filter(|_| shown).unwrap_or_default();
            return format!("{what}{kind}{}", expected.unwrap_or_default());
        }
    }
    // Whatever else is said in quotes: every other piece.
    message.split('"').step_by(2).collect::<Vec<_>>().join("…")
}

fn problem(setting: &str, what: String) -> Problems {
    let mut problems = Problems::default();
    problems.add(setting, what);
    problems
}

impl File {
    fn validate(self, problems: &mut Problems) -> Option<Config> {
        let http = self.http.validate(problems);
        let database = self.database.read(problems);
        let documents = self.documents.validate(database.as_ref(), problems);
        let (privacy, audit) = self.privacy.validate(problems);
        let auth = self.auth.validate(problems);
        let providers = self.providers.validate(problems);
        retention(&self.policy, providers.as_deref().unwrap_or_default(), problems);
        providers::check_edge(providers.as_deref().unwrap_or_default(), &http.edge_url, problems);
        let clients = clients(self.clients, problems);
        let bank = self.bank.map(|section| bank(section, problems));
        let has_genesys = self.genesys.is_some();
        let genesys = self.genesys.and_then(|section| section.validate(problems));
        let customer = self.customer.validate(problems);
        let telemetry = self.telemetry.map(|section| section.validate(problems));
        policy(&self.policy, problems);
        let time_zone = jiff::tz::TimeZone::get(&self.time_zone);
        if time_zone.is_err() {
            problems.add("time_zone", "not an IANA time zone such as Europe/Berlin");
        }
        Some(Config {
            http,
            database: database?,
            documents: documents?,
            privacy: privacy?,
            audit: audit?,
            auth: auth?,
            providers: providers?,
            clients: Live::new(clients),
            customer,
            bank: bank.flatten(),
            genesys: if has_genesys { Some(genesys?) } else { None },
            telemetry,
            policy: self.policy,
            time_zone: time_zone.ok()?,
            secrets: Live::new(Fingerprints::new()),
            fixed: BTreeMap::new(),
        })
    }
}

fn clients(sections: BTreeMap<String, ClientSection>, problems: &mut Problems) -> BTreeMap<String, Client> {
    sections
        .into_iter()
        .filter_map(|(id, section)| {
            let setting = format!("clients.{id}");
            if section.scopes.is_empty() {
                problems.add(&format!("{setting}.scopes"), "names no scope");
            }
            let mut secrets = vec![section.secret.read(&format!("{setting}.secret"), problems)?];
            for (index, old) in section.old_secrets.into_iter().enumerate() {
                secrets.push(old.read(&format!("{setting}.old_secrets[{index}]"), problems)?);
            }
            Some((id, Client { secrets, scopes: section.scopes }))
        })
        .collect()
}

fn bank(section: BankSection, problems: &mut Problems) -> Option<BankEvents> {
    http::require_https("bank.event_url", &section.event_url, problems);
    let secret = section.event_secret.read("bank.event_secret", problems)?;
    if let Err(what) = crate::events::signing_key(&secret) {
        problems.add("bank.event_secret", what);
    }
    Some(BankEvents { url: section.event_url, secret: Live::new(secret) })
}

fn retention(policy: &Policy, providers: &[(String, providers::Integration)], problems: &mut Problems) {
    let retention = &policy.retention;
    if retention.results_days < retention.documents_days {
        let why = "must not be less than documents_days: the keys of the photos go with the results";
        problems.add("policy.retention.results_days", why);
    }
    for (setting, days) in [
        ("documents_days", retention.documents_days),
        ("interaction_days", retention.interaction_days),
        ("results_days", retention.results_days),
    ] {
        if !(1..=36_500).contains(&days) {
            problems.add(&format!("policy.retention.{setting}"), "must lie between 1 and 36500");
        }
    }
    for name in &retention.kept_by {
        if providers.iter().all(|(known, _)| known != name) {
            problems.add("policy.retention.kept_by", format!("names {name:?}, which is no integration"));
        }
    }
}

fn policy(policy: &Policy, problems: &mut Problems) {
    if !(0.0..=1.0).contains(&policy.quality_threshold) {
        problems.add("policy.quality_threshold", "must lie between 0 and 1");
    }
    if policy.attempts == 0 {
        problems.add("policy.attempts", "must be at least 1");
    }
    if !(30..=3600).contains(&policy.lease_seconds) {
        problems.add("policy.lease_seconds", "must lie between 30 and 3600");
    }
    if !(5..=120).contains(&policy.reveal_seconds) {
        problems.add("policy.reveal_seconds", "must lie between 5 and 120");
    }
    // A call is silent for longer than whoever beats, and known to be before all of the customer's part is over.
    if !(policy.lost_after_seconds..policy.process_seconds).contains(&policy.call_silent_seconds) {
        problems.add(
            "policy.call_silent_seconds",
            "must be at least policy.lost_after_seconds and less than policy.process_seconds",
        );
    }
    proofs(policy, problems);
    reasons(policy, problems);
    let mut codes: Vec<&str> = policy.checklist.iter().map(|line| line.code.as_str()).collect();
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) {
        problems.add("policy.checklist", "two lines have the same code");
    }
}

fn proofs(policy: &Policy, problems: &mut Problems) {
    for (act, proof) in &policy.step_up {
        let setting = format!("policy.step_up.{}", act.as_str());
        if !PROVABLE.contains(act) {
            problems.add(&setting, "is no act that a proof can be asked for");
        }
        // They are sent in a header and, parted by spaces, to the identity provider.
        let is_plain =
            |acr: &String| !acr.is_empty() && acr.bytes().all(|b| b.is_ascii_graphic() && !b"\"\\".contains(&b));
        if !proof.acr_values.iter().all(is_plain) {
            problems.add(&format!("{setting}.acr_values"), "must be words of printable ASCII without quotes");
        }
    }
}

fn reasons(policy: &Policy, problems: &mut Problems) {
    for (index, reason) in policy.reasons.iter().enumerate() {
        if !reason.label.has_english() {
            problems.add(&format!("policy.reasons[{index}].label"), "has no English text");
        }
        if reason.customer_text.as_ref().is_some_and(|text| !text.has_english()) {
            problems.add(&format!("policy.reasons[{index}].customer_text"), "has no English text");
        }
        if reason.acts.is_empty() {
            problems.add(&format!("policy.reasons[{index}].acts"), "names no act");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALID: &str = include_str!("../../../deploy/demo.toml");

    #[test]
    fn a_secret_that_is_written_the_wrong_way_is_not_repeated() {
        assert!(Config::parse(VALID).is_ok());
        for setting in
            ["master_key", "audit_key", "client_secret", "api_key", "shared_secrets", "secret", "event_secret"]
        {
            for wrong in [
                "7130717307",
                "[[\"Sesame-9031\"]]",
                "{ fil = \"Sesame-9031\" }",
                "\"Sesame-9031",
                "true",
                "\"Sesame-9031\" x",
            ] {
                let line = VALID.lines().find(|line| line.starts_with(&format!("{setting} ="))).unwrap();
                let problems = Config::parse(&VALID.replacen(line, &format!("{setting} = {wrong}"), 1)).err().unwrap();
                let said = problems.to_string();
                assert!(!said.contains("Sesame") && !said.contains("7130717307"), "{setting} = {wrong}: {said}");
            }
        }
        let line = VALID.lines().find(|line| line.starts_with("shared_secrets")).unwrap();
        let problems = Config::parse(&VALID.replacen(line, "shared_secrets = \"Sesame-9031\"", 1)).err().unwrap();
        assert!(problems.to_string().contains("expected a sequence"), "it says what is wrong: {problems}");
        assert!(!problems.to_string().contains("Sesame"), "{problems}");
    }
}
