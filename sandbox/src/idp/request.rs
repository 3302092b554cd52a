//! An authorization request and what is wrong with it (OpenID Connect Core 1.0 section 3.1.2, RFC 7636, RFC 9700).

use std::collections::HashMap;

use time::OffsetDateTime;
use url::Url;

use super::{ACR_PASSWORD, ACR_SECURITY_KEY, IdpConfig, SignIn};

/// A request that may be answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) challenge: String,
    /// Whether the client asks for the address too.
    pub(super) wants_email: bool,
    pub(super) login_hint: Option<String>,
    pub(super) prompt: Option<Prompt>,
    max_age: Option<i64>,
    acr: &'static str,
    /// Who signs in without a page.
    pub(super) auto: Option<String>,
}

/// What the client wants the person to see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Nothing at all.
    None,
    /// To sign in again.
    Login,
    /// The choice of people.
    SelectAccount,
}

/// Why a request is refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The client or its address is wrong: nobody may be redirected.
    Page(&'static str),
    /// Told to the client at its address.
    Redirect {
        /// Where to.
        redirect_uri: String,
        /// The client's state, if it sent one.
        state: Option<String>,
        /// Code of OpenID Connect Core section 3.1.2.6 or RFC 6749 section 4.1.2.1.
        error: &'static str,
        /// In words.
        description: &'static str,
    },
}

type Params = HashMap<String, String>;

impl Request {
    /// Checks the pairs of a query.
    pub(super) fn parse(pairs: Vec<(String, String)>, config: &IdpConfig) -> Result<Self, Refusal> {
        let count = pairs.len();
        let params: Params = pairs.into_iter().collect();
        let redirect_uri = params.get("redirect_uri").cloned().unwrap_or_default();
        if params.get("client_id") != Some(&config.client_id) {
            return Err(Refusal::Page("This client is not known here."));
        }
        if !config.redirect_uris.contains(&redirect_uri) {
            return Err(Refusal::Page("This redirect address is not registered for the client."));
        }
        Self::check(&params, count, config).map_err(|(error, description)| Refusal::Redirect {
            redirect_uri,
            state: params.get("state").cloned(),
            error,
            description,
        })
    }

    fn check(params: &Params, count: usize, config: &IdpConfig) -> Result<Self, (&'static str, &'static str)> {
        let invalid = |description| ("invalid_request", description);
        let get = |name: &str| params.get(name).map(String::as_str).filter(|value| !value.is_empty());
        if count != params.len() {
            return Err(invalid("a parameter is given twice"));
        }
        if get("request").is_some() {
            return Err(("request_not_supported", "request objects are not supported"));
        }
        if get("request_uri").is_some() {
            return Err(("request_uri_not_supported", "request objects are not supported"));
        }
        if get("response_type") != Some("code") {
            return Err(("unsupported_response_type", "only the authorization code is supported"));
        }
        if get("response_mode").is_some_and(|mode| mode != "query") {
            return Err(invalid("only response_mode=query is supported"));
        }
        if !get("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "openid")) {
            return Err(("invalid_scope", "the scope openid is missing"));
        }
        if get("code_challenge_method") != Some("S256") {
            return Err(invalid("code_challenge_method must be S256"));
        }
        let challenge = get("code_challenge").filter(|text| is_challenge(text)).ok_or(invalid("no code_challenge"))?;
        Ok(Self {
            client_id: config.client_id.clone(),
            redirect_uri: params["redirect_uri"].clone(),
            state: get("state").ok_or(invalid("no state"))?.to_owned(),
            nonce: get("nonce").ok_or(invalid("no nonce"))?.to_owned(),
            challenge: challenge.to_owned(),
            wants_email: get("scope").is_some_and(|scope| scope.split(' ').any(|one| one == "email")),
            login_hint: get("login_hint").map(str::to_owned),
            prompt: get("prompt").map(Prompt::parse).transpose()?,
            max_age: get("max_age").map(str::parse).transpose().map_err(|_| invalid("max_age is not a number"))?,
            acr: wanted_acr(get("acr_values").unwrap_or_default()),
            auto: get("auto").filter(|_| config.allows_auto).map(str::to_owned),
        })
    }

    /// Whether an existing sign-in is not enough for this request.
    pub(super) fn needs_new_sign_in(&self, sign_in: &SignIn, now: OffsetDateTime) -> bool {
        let age = (now - sign_in.auth_time).whole_seconds();
        self.prompt == Some(Prompt::Login)
            || self.max_age.is_some_and(|max| age >= max)
            || (self.acr == ACR_SECURITY_KEY && sign_in.acr != ACR_SECURITY_KEY)
    }

    /// How strongly the person is to be authenticated.
    pub(super) const fn acr(&self) -> &'static str {
        self.acr
    }

    /// Scheme, host and port of the redirect address, for the page's form policy.
    pub(super) fn redirect_origin(&self) -> Option<String> {
        Url::parse(&self.redirect_uri).ok().map(|url| url.origin().ascii_serialization())
    }
}

impl Prompt {
    fn parse(text: &str) -> Result<Self, (&'static str, &'static str)> {
        match text {
            "none" => Ok(Self::None),
            "login" => Ok(Self::Login),
            "select_account" => Ok(Self::SelectAccount),
            _ => Err(("invalid_request", "unknown prompt")),
        }
    }
}

/// A client's address with an answer.
pub(super) fn answer(redirect_uri: &str, state: Option<&str>, issuer: &str, params: &[(&str, &str)]) -> String {
    let mut url = Url::parse(redirect_uri).expect("only registered addresses are answered");
    url.query_pairs_mut()
        .extend_pairs(params)
        .extend_pairs(state.map(|state| ("state", state)))
        .append_pair("iss", issuer);
    url.into()
}

/// The first of the values that we know; the weaker one when none is known (`acr_values` is voluntary).
fn wanted_acr(values: &str) -> &'static str {
    values
        .split(' ')
        .find_map(|value| [ACR_PASSWORD, ACR_SECURITY_KEY].into_iter().find(|&known| known == value))
        .unwrap_or(ACR_PASSWORD)
}

/// RFC 7636 section 4.2: base64url of 32 bytes.
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}
