//! The access token: one for all calls, refreshed before it ends, by one caller at a time (RFC 6749 section 4.4).

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, USER_AGENT};
use kyc_wire::ids::Micros;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;

use super::payload::AccessToken;
use super::{Credentials, Settings};
use crate::clock::Clock;
use crate::providers::ProviderError;
use crate::providers::transport::{Answer, Transport};

/// A token is replaced so long before its end, or in the last tenth of its life if that is shorter: it must not end on its way.
const EARLY_SECONDS: i64 = 300;
/// Jumio's tokens live for an hour; a longer life is not believed.
const LONGEST_SECONDS: i64 = 3600;
/// Several calls may wait for one token, one after the other: each must get its turn before its own time is over.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A token that was given out.
#[derive(Debug)]
pub(super) struct Token {
    text: SecretString,
    of: Arc<Credentials>,
    refresh_at: Micros,
}

/// The token of one integration.
pub(super) struct Tokens {
    held: Mutex<Option<Arc<Token>>>,
    clock: Arc<dyn Clock>,
}

impl Token {
    /// The `Authorization` it makes.
    #[expect(clippy::disallowed_methods, reason = "the token goes into the header of the call")]
    pub(super) fn authorize(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(self.text.expose_secret())
    }
}

impl Tokens {
    /// Without a token yet.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { held: Mutex::new(None), clock }
    }

    /// A token that still counts. `refused` is one that Jumio does not take any more: unless somebody has replaced it meanwhile, it is
    /// replaced now. Who comes while another waits for one gets the same.
    pub(super) async fn get(
        &self,
        settings: &Settings,
        transport: &Transport,
        refused: Option<&Arc<Token>>,
    ) -> Result<Arc<Token>, ProviderError> {
        let mut held = self.held.lock().await;
        let credentials = settings.credentials.get();
        let counts = |token: &Arc<Token>| {
            let is_refused = refused.is_some_and(|refused| Arc::ptr_eq(refused, token));
            // A token ends with the secret it was given for.
            !is_refused && Arc::ptr_eq(&token.of, &credentials) && self.clock.now() < token.refresh_at
        };
        if let Some(token) = held.as_ref().filter(|token| counts(token)) {
            return Ok(Arc::clone(token));
        }
        // Whatever comes of it, the old one is gone.
        *held = None;
        let asked_at = self.clock.now();
        let answer = ask(settings, &credentials, transport).await.map_err(Box::new).map_err(ProviderError::NoToken)?;
        let token = Arc::new(read(&answer, credentials, asked_at)?);
        *held = Some(Arc::clone(&token));
        Ok(token)
    }
}

#[expect(clippy::disallowed_methods, reason = "the secret goes into the header of the call")]
async fn ask(settings: &Settings, credentials: &Credentials, transport: &Transport) -> Result<Answer, ProviderError> {
    let request = transport
        .client()
        .post(super::path(&settings.hosts.auth, &["oauth2", "token"]))
        .timeout(TIMEOUT)
        .header(USER_AGENT, &settings.user_agent)
        .header(ACCEPT, "application/json")
        .basic_auth(&credentials.client_id, Some(credentials.client_secret.expose_secret()))
        .form(&[("grant_type", "client_credentials")]);
    transport.call(request, super::error_code).await
}

fn read(answer: &Answer, of: Arc<Credentials>, asked_at: Micros) -> Result<Token, ProviderError> {
    let unreadable = |place| ProviderError::NoToken(Box::new(ProviderError::Unreadable(place)));
    let given: AccessToken = serde_json::from_slice(&answer.body).map_err(|_| unreadable("the token"))?;
    let is_bearer = given.token_type.text().is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
    let is_token = |text: &String| is_bearer && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    let text = given.access_token.filter(is_token);
    let seconds: i64 =
        given.expires_in.text().and_then(|text| text.parse().ok()).unwrap_or(0).clamp(0, LONGEST_SECONDS);
    Ok(Token {
        text: text.map(SecretString::from).ok_or_else(|| unreadable("access_token"))?,
        of,
        refresh_at: asked_at.plus_seconds(seconds - EARLY_SECONDS.min(seconds / 10)),
    })
}
