//! Logouts that identity providers have told of.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SignInId};

use super::StoreError;

/// A logout that an identity provider has told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdpLogout {
    /// The configured identity provider.
    pub idp: String,
    /// Its issuer.
    pub issuer: String,
    /// Its id of the logout: each counts once.
    pub id: String,
    /// Who.
    pub subject: Option<String>,
    /// In which session there; every one when none is named.
    pub session: Option<String>,
    /// When.
    pub issued_at: Micros,
    /// When it may be forgotten.
    pub expires_at: Micros,
}

/// Stores logouts, and finds what they end.
#[async_trait]
pub trait IdpLogouts: Send {
    /// Remembers a logout; false when it was told before. Until the transaction is over, nobody is vouched for by the same issuer.
    async fn insert_idp_logout(&mut self, logout: &IdpLogout) -> Result<bool, StoreError>;

    /// When somebody (issuer, subject, session there) was signed out at `since` or later, if she was. Until the transaction is over, no
    /// logout of the same issuer is remembered.
    async fn find_idp_logout(
        &mut self,
        by: (&str, &str, Option<&str>),
        since: Micros,
    ) -> Result<Option<Micros>, StoreError>;

    /// The sign-ins that a logout speaks of and that have not ended. A sign-in whose session there is not known is meant too, when its
    /// person is named.
    async fn list_sign_ins_of_idp(&mut self, logout: &IdpLogout, now: Micros) -> Result<Vec<SignInId>, StoreError>;

    /// Authenticated → refused, for those that a logout speaks of. Gives how many.
    async fn update_txns_ended(&mut self, logout: &IdpLogout, now: Micros) -> Result<u64, StoreError>;
}
