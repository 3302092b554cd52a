//! Ending a session at the identity provider (OpenID Connect RP-Initiated Logout 1.0).

use subtle::ConstantTimeEq;
use url::Url;

use super::{Oidc, OidcError};
use crate::auth::derived;
use crate::auth::idp::IdToken;

/// A token that makes the address longer than servers take is left out: the identity provider then asks her.
const MAX_TOKEN: usize = 6 * 1024;
const STATE: &str = "leave";

impl Oidc {
    /// Whether it has an address for it.
    pub async fn can_end_sessions(&self) -> bool {
        self.provider.known().await.is_ok_and(|known| known.ends_sessions_at().is_some())
    }

    /// Where to send the popup (section 2): whose session, for whom, and where to come back to.
    pub async fn end_session(&self, handle: &str, token: &IdToken) -> Result<Url, OidcError> {
        let known = self.provider.known().await?;
        let mut url = known.ends_sessions_at().ok_or(OidcError::Refused("no_end_session_endpoint"))?.clone();
        let mut query = url.query_pairs_mut();
        if token.as_str().len() <= MAX_TOKEN {
            query.append_pair("id_token_hint", token.as_str());
        }
        query
            .append_pair("client_id", &self.config.client_id)
            .append_pair("post_logout_redirect_uri", self.left.as_str())
            .append_pair("state", &derived(handle, STATE));
        drop(query);
        Ok(url)
    }
}

/// Whether what came back answers what this browser asked (section 3): it repeats our state.
pub fn has_left(handle: &str, state: Option<&str>) -> Result<(), OidcError> {
    let state = state.ok_or(OidcError::Refused("state_missing"))?;
    let is_ours = bool::from(state.as_bytes().ct_eq(derived(handle, STATE).as_bytes()));
    if is_ours { Ok(()) } else { Err(OidcError::Refused("state_mismatch")) }
}
