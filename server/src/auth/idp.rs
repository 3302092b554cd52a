//! What any identity provider must prove, whatever it speaks: who somebody is, since when, how, and in which session there.

use kyc_wire::ids::Micros;
use serde_json::Value;
use url::Url;

use super::demand::Demand;
use super::oidc::{Callback, Oidc};
use super::saml::{Posted, Saml};
use crate::config::auth::RoleRule;

/// Why a sign-in at the identity provider failed. Codes only: no token and no message ever gets into it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdpError {
    /// The identity provider cannot be reached, or answers with something else.
    #[error("the identity provider cannot be reached ({0})")]
    Unreachable(&'static str),
    /// What it sent does not hold.
    #[error("the identity provider's answer was refused ({0})")]
    Refused(&'static str),
}

impl IdpError {
    /// The code, for the audit log.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unreachable(code) | Self::Refused(code) => code,
        }
    }
}

/// What the identity provider vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The issuer.
    pub issuer: String,
    /// Its id of the person.
    pub subject: String,
    /// The name it gives.
    pub name: String,
    /// Its session.
    pub session: Option<String>,
    /// When that ends, if it says so: what began by it here ends then too.
    pub session_ends_at: Option<Micros>,
    /// When it vouched for her, seconds since 1970.
    pub issued_at: i64,
    /// When she proved who she is, seconds since 1970.
    pub auth_time: Option<i64>,
    /// How.
    pub acr: Option<String>,
    /// Every way in which she did: some protocols name several.
    pub reached: Vec<String>,
    /// All claims, for the role mapping.
    pub claims: Value,
    /// What proved it, where that could be shown a second time.
    pub once: Option<Once>,
    /// What names her session there when it is to be ended from here; none where that cannot be asked.
    pub id_token: Option<IdToken>,
}

/// The token by which an identity provider knows the session that it is asked to end. It gets into no log.
#[derive(Clone, PartialEq, Eq)]
pub struct IdToken(String);

impl std::fmt::Debug for IdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IdToken")
    }
}

impl IdToken {
    /// A token, as it came.
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// To be sealed, or sent to whom it came from.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Something that counts once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Its id.
    pub id: String,
    /// Until when it would count, if it had not.
    pub expires_at: Micros,
}

/// What comes back from an identity provider, by way of the popup.
#[derive(Clone, Debug)]
pub enum Returned {
    /// The query of the callback (OpenID Connect).
    Code(Callback),
    /// The form that is posted (SAML).
    Response(Posted),
}

/// One configured identity provider.
pub enum IdentityProvider {
    /// By OpenID Connect.
    Oidc(Box<Oidc>),
    /// By SAML 2.0.
    Saml(Box<Saml>),
}

impl IdentityProvider {
    /// Its name of itself, under which its people are known.
    pub fn issuer(&self) -> &str {
        match self {
            Self::Oidc(oidc) => &oidc.config().issuer,
            Self::Saml(saml) => saml.issuer(),
        }
    }

    /// The role mapping.
    pub fn roles(&self) -> &[RoleRule] {
        match self {
            Self::Oidc(oidc) => &oidc.config().roles,
            Self::Saml(saml) => &saml.config().roles,
        }
    }

    /// Whether it sends the browser back by a form of its own site, with which a `Lax` cookie does not come along.
    pub const fn posts_back(&self) -> bool {
        matches!(self, Self::Saml(_))
    }

    /// Where to send the popup whose cookie holds this handle, and what is to be proven there.
    pub async fn begin(&self, handle: &str, demand: Option<&Demand>) -> Result<Url, IdpError> {
        match self {
            Self::Oidc(oidc) => oidc.begin(handle, demand).await,
            Self::Saml(saml) => saml.begin(handle, demand),
        }
    }

    /// Checks what came back against the handle of the browser it came from, and gives who it is. The popup was opened at `begun_at`.
    ///
    /// Whether a demand was met is for the caller to judge, by [`Demand::check`], once she knows whose proof it is.
    pub async fn finish(
        &self,
        (handle, returned): (&str, &Returned),
        demand: Option<&Demand>,
        begun_at: Micros,
    ) -> Result<Identity, IdpError> {
        match (self, returned) {
            (Self::Oidc(oidc), Returned::Code(callback)) => oidc.finish(handle, callback, demand).await,
            (Self::Saml(saml), Returned::Response(posted)) => saml.finish((handle, posted), demand, begun_at),
            _ => Err(IdpError::Refused("another_protocol")),
        }
    }

    /// Whether it can be asked to end a session, as far as is known without waiting for it.
    pub async fn can_end_sessions(&self) -> bool {
        match self {
            Self::Oidc(oidc) => oidc.can_end_sessions().await,
            Self::Saml(_) => false,
        }
    }

    /// Where to send the popup to end the session that this token names.
    pub async fn end_session(&self, handle: &str, token: &IdToken) -> Result<Url, IdpError> {
        match self {
            Self::Oidc(oidc) => oidc.end_session(handle, token).await,
            Self::Saml(_) => Err(IdpError::Refused("another_protocol")),
        }
    }

    /// Whether what came back answers what this browser asked.
    pub fn has_left(&self, handle: &str, state: Option<&str>) -> Result<(), IdpError> {
        match self {
            Self::Oidc(_) => super::oidc::has_left(handle, state),
            Self::Saml(_) => Err(IdpError::Refused("another_protocol")),
        }
    }
}
