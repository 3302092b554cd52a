//! `[auth]`: how long sign-ins last, and the identity providers with their role mapping.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use kyc_wire::me::Role;
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

pub use super::client_key::ClientKey;
use super::http::require_https;
use super::saml::{self, SamlIdp, SamlSection};
use super::{Problems, SecretInput};
use crate::live::Live;

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthSection {
    #[serde(default = "idle_minutes")]
    idle_minutes: u32,
    #[serde(default = "absolute_hours")]
    absolute_hours: u32,
    #[serde(default = "max_sign_ins")]
    max_sign_ins: usize,
    #[serde(default)]
    confirm_code: bool,
    #[serde(default)]
    idp: BTreeMap<String, IdpSection>,
}

fn idle_minutes() -> u32 {
    15
}

fn absolute_hours() -> u32 {
    10
}

fn max_sign_ins() -> usize {
    3
}

/// An identity provider, by what it speaks.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum IdpSection {
    Oidc(Box<OidcSection>),
    Saml(Box<SamlSection>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OidcSection {
    #[serde(default)]
    label: String,
    issuer: String,
    client_id: String,
    #[serde(default)]
    client_auth: ClientAuth,
    client_secret: Option<SecretInput>,
    client_key: Option<SecretInput>,
    #[serde(default)]
    client_key_id: String,
    #[serde(default)]
    ca_file: PathBuf,
    #[serde(default = "scopes")]
    scopes: Vec<String>,
    #[serde(default = "algorithms")]
    algorithms: Vec<Algorithm>,
    #[serde(default)]
    acr_values: Vec<String>,
    #[serde(default)]
    asks_acrs: bool,
    #[serde(default)]
    max_age_minutes: u32,
    #[serde(default)]
    userinfo: bool,
    roles: Vec<RoleRule>,
}

fn scopes() -> Vec<String> {
    vec!["profile".to_owned()]
}

fn algorithms() -> Vec<Algorithm> {
    vec![Algorithm::Rs256]
}

/// How we prove who we are at the token endpoint (OpenID Connect Core 1.0 section 9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuth {
    /// The secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// The secret in the body.
    ClientSecretPost,
    /// A statement signed by our key; there is no secret.
    PrivateKeyJwt,
}

/// By what we prove it.
#[derive(Clone, Debug)]
pub enum Credential {
    /// A secret that both sides know.
    Secret(SecretString),
    /// A key of which the identity provider knows the public half.
    Key(ClientKey),
}

/// Signature algorithms that may be allowed. `none` and the symmetric ones cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// ECDSA on P-256.
    Es256,
    /// Ed25519.
    EdDsa,
}

impl Algorithm {
    /// The algorithm as JOSE writes it (RFC 7518, RFC 8037).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// One line of the role mapping: whoever has `value` at `claim` has the role, in these queues.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRule {
    /// Path of the claim in the ID token, such as `roles` or `realm_access.roles`.
    pub claim: String,
    /// The value it must have, or hold in its list.
    pub value: String,
    /// The role.
    pub role: Role,
    /// The queues; `*` is every queue.
    #[serde(default)]
    pub queues: Vec<String>,
}

/// Sign-in.
#[derive(Debug)]
pub struct Auth {
    /// Seconds without real input after which a sign-in ends.
    pub idle_seconds: i64,
    /// Seconds after which it ends in any case.
    pub absolute_seconds: i64,
    /// Sign-ins one person may have at once.
    pub max_sign_ins: usize,
    /// Whether a code may stand for a popup that cannot be reached.
    pub confirm_code: bool,
    /// The identity providers, by name.
    pub idps: BTreeMap<String, Configured>,
}

/// One identity provider, by what it speaks.
#[derive(Clone, Debug)]
pub enum Configured {
    /// OpenID Connect.
    Oidc(Box<Idp>),
    /// SAML 2.0.
    Saml(Box<SamlIdp>),
}

impl Configured {
    /// Its name of itself.
    pub fn issuer(&self) -> &str {
        match self {
            Self::Oidc(idp) => &idp.issuer,
            Self::Saml(idp) => &idp.metadata.entity_id,
        }
    }

    /// What staff call it.
    pub fn label(&self) -> &str {
        match self {
            Self::Oidc(idp) => &idp.label,
            Self::Saml(idp) => &idp.label,
        }
    }

    /// The one that speaks OpenID Connect.
    pub fn oidc(&self) -> Option<&Idp> {
        match self {
            Self::Oidc(idp) => Some(idp),
            Self::Saml(_) => None,
        }
    }
}

/// One identity provider.
#[derive(Clone, Debug)]
pub struct Idp {
    /// What staff call it.
    pub label: String,
    /// Its issuer, exactly as it writes it.
    pub issuer: String,
    /// Our client id there.
    pub client_id: String,
    /// How we prove who we are there.
    pub client_auth: ClientAuth,
    /// By what.
    pub credential: Live<Credential>,
    /// Whom its certificate must come from; the machine's own roots of trust when empty.
    pub roots: Vec<reqwest::Certificate>,
    /// Scopes besides `openid`.
    pub scopes: Vec<String>,
    /// Allowed signature algorithms.
    pub algorithms: Vec<Algorithm>,
    /// Accepted ways of having proven who one is (`acr`); any when empty.
    pub acr_values: Vec<String>,
    /// Whether they are asked for as Microsoft Entra wants it, by the claim `acrs`.
    pub asks_acrs: bool,
    /// How long ago somebody may have proven who she is.
    pub max_age_seconds: Option<i64>,
    /// Whether its userinfo endpoint is asked for more claims.
    pub userinfo: bool,
    /// The role mapping.
    pub roles: Vec<RoleRule>,
}

impl Idp {
    /// Whether another configuration speaks of the same client at the same issuer: only then is its credential ours.
    pub fn is_same_client(&self, other: &Self) -> bool {
        self.issuer == other.issuer && self.client_id == other.client_id && self.client_auth == other.client_auth
    }
}

impl AuthSection {
    pub(super) fn validate(self, problems: &mut Problems) -> Option<Auth> {
        if !(1..=60).contains(&self.idle_minutes) {
            problems.add("auth.idle_minutes", "must lie between 1 and 60");
        }
        if !(1..=12).contains(&self.absolute_hours) {
            problems.add("auth.absolute_hours", "must lie between 1 and 12");
        }
        if !(1..=20).contains(&self.max_sign_ins) {
            problems.add("auth.max_sign_ins", "must lie between 1 and 20");
        }
        if self.idp.is_empty() {
            problems.add("auth.idp", "names no identity provider: nobody could sign in");
        }
        let count = self.idp.len();
        let idps: BTreeMap<String, Configured> = self
            .idp
            .into_iter()
            .filter_map(|(name, section)| Some((name.clone(), configured(&name, section, problems)?)))
            .collect();
        refuse_shared_issuers(&idps, problems);
        (idps.len() == count).then_some(Auth {
            idle_seconds: i64::from(self.idle_minutes) * 60,
            absolute_seconds: i64::from(self.absolute_hours) * 3600,
            max_sign_ins: self.max_sign_ins,
            confirm_code: self.confirm_code,
            idps,
        })
    }
}

/// Two clients of one issuer may be told two subjects for one human (OpenID Connect Core 1.0 section 8.1), who would then be two people
/// here, and could approve her own case.
fn refuse_shared_issuers(idps: &BTreeMap<String, Configured>, problems: &mut Problems) {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, idp) in idps {
        if let Some(first) = names.insert(idp.issuer(), name) {
            let what = format!("is the issuer of {first} too: one person could act as two");
            let setting = if idp.oidc().is_some() { "issuer" } else { "metadata_file" };
            problems.add(&format!("auth.idp.{name}.{setting}"), what);
        }
    }
}

/// The issuer stays as it is written: issuers are compared character by character (OpenID Connect Discovery 1.0 section 4.3, RFC 9207
/// section 2.4), and parsing would add or take a slash.
fn check_issuer(setting: &str, issuer: &str, problems: &mut Problems) {
    match Url::parse(issuer).ok().filter(|_| issuer.trim() == issuer) {
        None => problems.add(setting, "is no URL"),
        Some(url) => {
            require_https(setting, &url, problems);
            if issuer.contains(['?', '#']) {
                problems.add(setting, "must have neither query nor fragment");
            }
            if url.path().contains("/common/") {
                problems.add(setting, "must be the issuer of one tenant, not of all");
            }
        }
    }
}

/// Certificates of the bank's own authority. No path, none.
fn roots(setting: &str, file: &Path, problems: &mut Problems) -> Vec<reqwest::Certificate> {
    if file.as_os_str().is_empty() {
        return Vec::new();
    }
    let found = match std::fs::read(file) {
        Ok(pem) => reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default(),
        Err(error) => {
            problems.add(setting, format!("cannot read {}: {error}", file.display()));
            return Vec::new();
        }
    };
    if found.is_empty() {
        problems.add(setting, "holds no certificate in PEM (BEGIN CERTIFICATE)");
    }
    found
}

/// The id changes with the key: a reload names and takes both, or neither.
fn client_key(name: &str, key: SecretInput, id: &str, problems: &mut Problems) -> Option<ClientKey> {
    let setting = format!("auth.idp.{name}.client_key");
    let pem = key.read(&setting, problems)?;
    problems.saw(&format!("{setting}_id"), id.to_owned());
    let key = ClientKey::parse(&pem, id);
    key.map_err(|what| problems.add(&setting, what)).ok()
}

/// What staff call an identity provider: by its name in the configuration, if nothing else is said.
pub(super) fn label(name: &str, label: String, problems: &mut Problems) -> String {
    if label.is_empty() {
        return name.to_owned();
    }
    if label.chars().count() > 40 || label.trim() != label || label.chars().any(char::is_control) {
        problems.add(&format!("auth.idp.{name}.label"), "must have at most 40 characters, and no space around them");
    }
    label
}

fn configured(name: &str, section: IdpSection, problems: &mut Problems) -> Option<Configured> {
    match section {
        IdpSection::Oidc(section) => Some(Configured::Oidc(Box::new(idp(name, *section, problems)?))),
        IdpSection::Saml(section) => Some(Configured::Saml(Box::new(saml::idp(name, *section, problems)?))),
    }
}

fn idp(name: &str, section: OidcSection, problems: &mut Problems) -> Option<Idp> {
    let setting = |key: &str| format!("auth.idp.{name}.{key}");
    check_issuer(&setting("issuer"), &section.issuer, problems);
    if section.roles.is_empty() {
        problems.add(&setting("roles"), "maps no role: everybody would be refused");
    }
    if section.algorithms.is_empty() {
        problems.add(&setting("algorithms"), "allows none: nobody could sign in");
    }
    let roots = roots(&setting("ca_file"), &section.ca_file, problems);
    let secret = section.client_secret.map(|secret| secret.read(&setting("client_secret"), problems));
    let key = section.client_key.map(|key| client_key(name, key, &section.client_key_id, problems));
    let (credential, missing) = match section.client_auth {
        ClientAuth::PrivateKeyJwt => (key.map(|key| key.map(Credential::Key)), "client_key"),
        _ => (secret.map(|secret| secret.map(Credential::Secret)), "client_secret"),
    };
    if credential.is_none() {
        problems.add(&setting(missing), "is missing: auth.idp.*.client_auth asks for it");
    }
    Some(Idp {
        label: label(name, section.label, problems),
        issuer: section.issuer,
        client_id: section.client_id,
        client_auth: section.client_auth,
        credential: Live::new(credential??),
        roots,
        scopes: section.scopes,
        algorithms: section.algorithms,
        acr_values: section.acr_values,
        asks_acrs: section.asks_acrs,
        max_age_seconds: (section.max_age_minutes > 0).then(|| i64::from(section.max_age_minutes) * 60),
        userinfo: section.userinfo,
        roles: section.roles,
    })
}
