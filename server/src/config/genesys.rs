//! `[genesys]`: the contact centre whose conversations sessions belong to. Without the section nothing is asked of it and nothing told.

use std::collections::BTreeMap;
use std::time::Duration;

use kyc_wire::regions::Region;
use kyc_wire::session::Status;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::http::require_https;
use super::{Problems, SecretInput};
use crate::live::Live;
use crate::providers::bucket::Rate;

/// Where identity providers usually put an e-mail address: OpenID Connect Core 1.0 section 5.1, and AD FS and Entra ID by SAML.
const EMAIL_CLAIMS: [&str; 2] = ["email", "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"];

/// By what a person is found among the users of the contact centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserBy {
    /// The e-mail address, in whatever case.
    Email,
    /// The user's id.
    Id,
}

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GenesysSection {
    region: Option<String>,
    login_url: Option<Url>,
    api_url: Option<Url>,
    client_id: String,
    client_secret: SecretInput,
    #[serde(default = "yes")]
    check_agent: bool,
    #[serde(default = "email_claims")]
    user_claims: Vec<String>,
    #[serde(default = "by_email")]
    user_by: UserBy,
    #[serde(default)]
    pause_recording: bool,
    #[serde(default)]
    wrapup_codes: BTreeMap<Status, String>,
    #[serde(default = "requests_per_minute")]
    requests_per_minute: u32,
    #[serde(default = "burst")]
    burst: u32,
}

const fn yes() -> bool {
    true
}

fn email_claims() -> Vec<String> {
    EMAIL_CLAIMS.map(str::to_owned).to_vec()
}

const fn by_email() -> UserBy {
    UserBy::Email
}

// A token may make 300 calls a minute, over all servers that share the client.
const fn requests_per_minute() -> u32 {
    240
}

const fn burst() -> u32 {
    20
}

/// The contact centre, without problems.
#[derive(Clone, Debug)]
pub struct Genesys {
    /// Where its pages come from, where that is known: what frames the widget.
    pub apps_origin: Option<String>,
    /// Where tokens are given out.
    pub login_url: Url,
    /// Where it is asked.
    pub api_url: Url,
    /// Our client id there.
    pub client_id: String,
    /// By what we prove that.
    pub client_secret: Live<SecretString>,
    /// Whether an agent must be on the conversation whose session she opens.
    pub check_agent: bool,
    /// Where the identity provider says who somebody is there; the first that is found counts.
    pub user_claims: Vec<String>,
    /// What it says by that.
    pub user_by: UserBy,
    /// Whether recordings are paused while a value is shown in clear text.
    pub pause_recording: bool,
    /// The wrap-up code for a state, by its id.
    pub wrapup_codes: BTreeMap<Status, String>,
    /// How often it may be asked.
    pub rate: Rate,
}

impl Genesys {
    /// Takes over the secret of another, if it is of the same client at the same place: a secret goes nowhere but where it belongs.
    pub(super) fn adopt(&self, other: &Self) -> bool {
        let is_same = self.login_url == other.login_url && self.client_id == other.client_id;
        if is_same {
            self.client_secret.adopt(&other.client_secret);
        }
        is_same
    }
}

impl GenesysSection {
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Genesys> {
        let found = problems.len();
        let region = self.region.as_deref().and_then(|name| {
            let region = Region::find(name);
            if region.is_none() {
                problems.add(
                    "genesys.region",
                    "is none that is known, such as eu-central-1 or mypurecloud.de; a new one is given by login_url and api_url",
                );
            }
            region
        });
        let login_url = address("genesys.login_url", self.login_url, (region, "login"), problems);
        let api_url = address("genesys.api_url", self.api_url, (region, "api"), problems);
        if self.client_id.is_empty() || !self.client_id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
            problems.add("genesys.client_id", "must be the id of the OAuth client");
        }
        if self.check_agent && self.user_claims.is_empty() {
            problems.add("genesys.user_claims", "names no claim: nobody could be found among the agents");
        }
        if self.wrapup_codes.contains_key(&Status::Unknown) {
            problems.add("genesys.wrapup_codes", "names a state that there is not");
        }
        if self.wrapup_codes.values().any(|code| !is_opaque(code)) {
            problems.add("genesys.wrapup_codes", "a wrap-up code is named by its id");
        }
        if self.burst == 0 {
            problems.add("genesys.burst", "must be at least 1");
        }
        if !(1..=60_000).contains(&self.requests_per_minute) {
            problems.add("genesys.requests_per_minute", "must lie between 1 and 60000");
        }
        let secret = self.client_secret.read("genesys.client_secret", problems);
        (problems.len() == found).then_some(())?;
        Some(Genesys {
            apps_origin: region.map(|region| region.origin("apps")),
            login_url: login_url?,
            api_url: api_url?,
            client_id: self.client_id,
            client_secret: Live::new(secret?),
            check_agent: self.check_agent,
            user_claims: self.user_claims,
            user_by: self.user_by,
            pause_recording: self.pause_recording,
            wrapup_codes: self.wrapup_codes,
            rate: Rate { burst: self.burst, every: Duration::from_mins(1) / self.requests_per_minute },
        })
    }
}

fn is_opaque(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// The address that is given, or that of the region.
fn address(
    setting: &str,
    given: Option<Url>,
    (region, host): (Option<Region>, &str),
    problems: &mut Problems,
) -> Option<Url> {
    let url = given.or_else(|| Url::parse(&region?.origin(host)).ok());
    let Some(url) = url else {
        problems.add(setting, "is not known without genesys.region");
        return None;
    };
    require_https(setting, &url, problems);
    let is_plain = url.username().is_empty() && url.password().is_none() && url.path() == "/" && url.query().is_none();
    if !is_plain || url.fragment().is_some() {
        problems.add(setting, "must be an origin without path, such as https://api.mypurecloud.de");
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Genesys, String> {
        let section: GenesysSection = toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let mut problems = Problems::default();
        let read = section.validate(&mut problems);
        read.filter(|_| problems.is_empty()).ok_or_else(|| problems.to_string())
    }

    const SHORT: &str = "region = \"eu-central-1\"\nclient_id = \"our-client\"\nclient_secret = \"a-secret\"\n";

    #[test]
    fn a_short_section_is_enough_and_checks_agents() {
        let read = read(SHORT).unwrap();
        assert_eq!(read.login_url.as_str(), "https://login.mypurecloud.de/");
        assert_eq!(read.api_url.as_str(), "https://api.mypurecloud.de/");
        assert_eq!(read.apps_origin.as_deref(), Some("https://apps.mypurecloud.de"));
        assert!(read.check_agent && !read.pause_recording);
        assert!(!format!("{read:?}").contains("a-secret"));
    }

    #[test]
    fn a_region_that_is_not_known_is_given_by_its_addresses() {
        let text = SHORT.replace("eu-central-1", "eu-central-9");
        assert!(read(&text).unwrap_err().contains("genesys.region"));
        let there = "login_url = \"https://login.new.example\"\napi_url = \"https://api.new.example\"\n";
        let text = format!("{}{there}", SHORT.split_once('\n').unwrap().1);
        assert_eq!(read(&text).unwrap().apps_origin, None);
    }

    #[test]
    fn every_problem_is_named_with_its_setting() {
        for (more, setting) in [
            ("api_url = \"http://api.mypurecloud.de\"", "genesys.api_url"),
            ("api_url = \"https://api.mypurecloud.de/api/v2\"", "genesys.api_url"),
            ("login_url = \"https://user:pass@login.mypurecloud.de\"", "genesys.login_url"),
            ("user_claims = []", "genesys.user_claims"),
            ("wrapup_codes = { approved = \"KYC done!\" }", "genesys.wrapup_codes"),
            ("burst = 0", "genesys.burst"),
            ("requests_per_minute = 0", "genesys.requests_per_minute"),
            ("typo = 1", "typo"),
        ] {
            let said = read(&format!("{SHORT}{more}")).unwrap_err();
            assert!(said.contains(setting), "{more}: {said}");
        }
        let said = read("client_id = \"x\"\nclient_secret = \"y\"").unwrap_err();
        assert!(said.contains("genesys.login_url") && said.contains("genesys.api_url"), "{said}");
    }
}
