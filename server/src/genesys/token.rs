//! Our token: got by client credentials, kept until shortly before it ends, and got anew when the secret is replaced.

use std::time::Duration;

use kyc_wire::ids::Micros;
use reqwest::RequestBuilder;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::auth::hashed;
use crate::clock::Clock;
use crate::config::genesys::Genesys as Settings;
use crate::providers::{ProviderError, Transport};

/// A token that ends within this time is not used any more; the server that it is shown to has a clock of its own.
const MARGIN_SECONDS: i64 = 60;
/// After a failure it is not asked again for so long, where that can wait: many wrong secrets may lock a client.
const PAUSE_SECONDS: i64 = 30;
/// A token without an end is believed for this long.
const UNKNOWN_SECONDS: i64 = 300;
/// However long it is said to last, it is got anew after this.
const LONGEST_SECONDS: i64 = 48 * 3600;

/// A token, to be shown and never to be printed.
#[derive(Clone)]
pub(super) struct Token {
    value: SecretString,
    generation: u64,
}

impl Token {
    /// Puts it on a request.
    #[expect(clippy::disallowed_methods, reason = "it is sent to whom it is for, and nowhere else")]
    pub(super) fn put_on(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(self.value.expose_secret())
    }
}

struct Held {
    token: Token,
    /// When it is time for another.
    renew_at: Micros,
    /// When it is not taken any more.
    ends_at: Micros,
    /// The secret it was got by.
    by: [u8; 32],
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<(Micros, [u8; 32], u16)>,
    generation: u64,
}

/// The one token we have.
#[derive(Default)]
pub(super) struct Tokens(Mutex<State>);

#[derive(Deserialize)]
struct Answer {
    access_token: SecretString,
    expires_in: Option<i64>,
}

impl Tokens {
    /// A token that is taken. Of many who need one at once, one asks.
    pub(super) async fn get(
        &self,
        settings: &Settings,
        transport: &Transport,
        clock: &dyn Clock,
    ) -> Result<Token, ProviderError> {
        let secret = settings.client_secret.get();
        let by = hash(&secret);
        let mut state = self.0.lock().await;
        let now = clock.now();
        let usable = state.held.as_ref().filter(|held| held.by == by && now < held.ends_at);
        if let Some(held) = usable.filter(|held| now < held.renew_at) {
            return Ok(held.token.clone());
        }
        let spare = usable.map(|held| held.token.clone());
        if let Some((at, refused, status)) = state.refused
            && refused == by
            && now.seconds_since(at) < PAUSE_SECONDS
        {
            return spare.ok_or(ProviderError::Refused { status, code: None });
        }
        match fetch(settings, transport, &secret).await {
            Ok(answer) => Ok(state.keep(answer, by, now)),
            Err(error) => {
                if let ProviderError::Refused { status, .. } = error {
                    state.refused = Some((now, by, status));
                }
                // It was only to be renewed early: the one there is still counts, and the next try waits a little.
                if let Some(held) = &mut state.held {
                    held.renew_at = now.plus_seconds(PAUSE_SECONDS);
                }
                spare.ok_or(error)
            }
        }
    }

    /// Forgets a token that was refused, unless it has been replaced already.
    pub(super) async fn forget(&self, token: &Token) {
        let mut state = self.0.lock().await;
        if state.held.as_ref().is_some_and(|held| held.token.generation == token.generation) {
            state.held = None;
        }
    }
}

impl State {
    fn keep(&mut self, answer: Answer, by: [u8; 32], now: Micros) -> Token {
        let lasts = answer.expires_in.unwrap_or(UNKNOWN_SECONDS).clamp(0, LONGEST_SECONDS);
        self.generation += 1;
        self.refused = None;
        let token = Token { value: answer.access_token, generation: self.generation };
        let ends_at = now.plus_seconds((lasts - MARGIN_SECONDS).max(lasts / 2));
        // A tenth before its end at the latest, so that a login host that is down for a while holds up nobody.
        let renew_at = now.plus_seconds((lasts - lasts / 10).min(lasts - MARGIN_SECONDS).max(lasts / 2));
        self.held = Some(Held { token: token.clone(), renew_at, ends_at, by });
        token
    }
}

#[expect(clippy::disallowed_methods, reason = "only its hash is kept, to notice that it was replaced")]
fn hash(secret: &SecretString) -> [u8; 32] {
    hashed(secret.expose_secret().as_bytes())
}

/// RFC 6749 section 4.4, with the client in the `Authorization` header.
#[expect(clippy::disallowed_methods, reason = "it is sent to the login host, and nowhere else")]
async fn fetch(settings: &Settings, transport: &Transport, secret: &SecretString) -> Result<Answer, ProviderError> {
    let mut url = settings.login_url.clone();
    url.set_path("/oauth/token");
    let request = transport
        .client()
        .post(url)
        .timeout(Duration::from_secs(10))
        .basic_auth(&settings.client_id, Some(secret.expose_secret()))
        .form(&[("grant_type", "client_credentials")]);
    let answer = transport.call(request, super::error_code).await?;
    serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the token"))
}
