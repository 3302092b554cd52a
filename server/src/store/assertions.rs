//! Assertions of identity providers that have been shown, each of which counts once.

use async_trait::async_trait;
use kyc_wire::ids::Micros;

use super::StoreError;

/// Remembers what was shown.
#[async_trait]
pub trait Assertions: Send {
    /// Remembers an assertion of an issuer by the hash of its id until it could not count anyway; false when it was shown before.
    async fn insert_assertion(
        &mut self,
        issuer: &str,
        id_hash: &[u8; 32],
        expires_at: Micros,
    ) -> Result<bool, StoreError>;
}
