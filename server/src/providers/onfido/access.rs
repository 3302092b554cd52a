//! How we prove to Onfido who we are: by an API token, or by an access token that OAuth2 client credentials are traded for. One integration has one
//! of the two.

use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use super::payload::AccessToken;
use crate::providers::lenient::Scalar;

/// What an integration proves itself by.
#[derive(Debug)]
pub enum Access {
    /// An API token from the dashboard.
    Token(SecretString),
    /// OAuth2 client credentials.
    Client {
        /// The client's id, which is a name and no secret.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
}

/// How long an access token counts whose lifetime Onfido does not tell.
const UNTOLD_LIFETIME: Duration = Duration::from_mins(5);
/// The longest that is believed.
const LONGEST_LIFETIME: Duration = Duration::from_hours(24);

/// The access token in use. One is asked for at a time, and the next before it ends.
#[derive(Debug, Default)]
pub(super) struct Bearer(Mutex<Option<Held>>);

#[derive(Debug)]
struct Held {
    header: HeaderValue,
    until: Instant,
}

impl Bearer {
    /// The header to send: the one in use, unless it is `stale` or about to end; else the one that `fetch` gives.
    pub(super) async fn header<E>(
        &self,
        stale: Option<&HeaderValue>,
        fetch: impl AsyncFnOnce() -> Result<AccessToken, E>,
        unreadable: impl FnOnce() -> E,
    ) -> Result<HeaderValue, E> {
        let mut held = self.0.lock().await;
        if let Some(known) = &*held
            && Instant::now() < known.until
            && stale.is_none_or(|stale| *stale != known.header)
        {
            return Ok(known.header.clone());
        }
        let begun = Instant::now();
        let token = fetch().await?;
        let header =
            token.access_token.text().and_then(|text| header(&format!("Bearer {text}"))).ok_or_else(unreadable)?;
        *held = Some(Held { header: header.clone(), until: begun + lifetime(&token.expires_in) });
        Ok(header)
    }
}

/// Four fifths of what Onfido says: the next one is there before this one ends.
fn lifetime(seconds: &Scalar) -> Duration {
    let told = seconds.text().and_then(|text| text.parse().ok()).map_or(UNTOLD_LIFETIME, Duration::from_secs);
    told.min(LONGEST_LIFETIME) / 5 * 4
}

/// The header of an API token.
#[expect(clippy::disallowed_methods, reason = "the token goes into the header and nowhere else")]
pub(super) fn token_header(token: &SecretString) -> Option<HeaderValue> {
    header(&format!("Token token={}", token.expose_secret()))
}

/// The form by which an access token is asked for. The vendor's own clients send these two fields and no `grant_type`.
#[expect(clippy::disallowed_methods, reason = "the secret goes into the form and nowhere else")]
pub(super) fn token_form(id: &str, secret: &SecretString) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", id).append_pair("client_secret", secret.expose_secret()).finish()
}

fn header(text: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::from_str(text).ok()?;
    header.set_sensitive(true);
    Some(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(text: &str, seconds: u64) -> AccessToken {
        serde_json::from_value(serde_json::json!({"access_token": text, "expires_in": seconds})).unwrap()
    }

    async fn ask(bearer: &Bearer, stale: Option<&HeaderValue>, next: &str) -> HeaderValue {
        bearer.header(stale, async || Ok::<_, ()>(token(next, 3600)), || ()).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn an_access_token_is_used_until_it_is_about_to_end_or_is_refused() {
        let bearer = Bearer::default();
        let first = ask(&bearer, None, "one").await;
        assert_eq!((&first, first.is_sensitive()), (&HeaderValue::from_static("Bearer one"), true));
        tokio::time::advance(Duration::from_secs(2879)).await;
        assert_eq!(ask(&bearer, None, "two").await, "Bearer one");
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(ask(&bearer, None, "two").await, "Bearer two", "before the hour is over");
        let refused = ask(&bearer, None, "-").await;
        assert_eq!(ask(&bearer, Some(&refused), "three").await, "Bearer three");
        assert_eq!(ask(&bearer, Some(&refused), "four").await, "Bearer three", "somebody else has asked already");
    }

    #[tokio::test]
    async fn what_is_no_token_is_not_kept() {
        let bearer = Bearer::default();
        for odd in ["", "two\nlines"] {
            assert!(bearer.header(None, async || Ok(token(odd, 60)), || "unreadable").await.is_err());
        }
        assert_eq!(ask(&bearer, None, "one").await, "Bearer one");
    }

    #[test]
    fn a_debug_print_shows_no_secret() {
        let access = Access::Client { id: "c".to_owned(), secret: SecretString::from("a-secret") };
        assert!(!format!("{access:?}").contains("a-secret"));
        assert!(!format!("{:?}", token_header(&SecretString::from("a-secret"))).contains("a-secret"));
    }
}
