//! Codes that stand for a panel which waits to be signed in.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, TxnId};

use super::StoreError;

/// A code that was given out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfirmCode {
    /// The sign-in under way that it stands for.
    pub txn: TxnId,
    /// What it begins with, by which it is found; the rest is the secret.
    pub selector: String,
    /// SHA-256 of the whole code.
    pub hash: [u8; 32],
    /// SHA-256 of the code and the network that it was given to.
    pub network_hash: [u8; 32],
    /// The browser that it was given to, in words.
    pub browser: String,
    /// When it was given out.
    pub opened_at: Micros,
    /// How often it may still be tried.
    pub tries_left: i64,
    /// When it is void.
    pub expires_at: Micros,
}

/// Stores codes.
#[async_trait]
pub trait ConfirmCodes: Send {
    /// Keeps a code; false when another one that is kept begins alike.
    async fn insert_confirm_code(&mut self, code: &ConfirmCode) -> Result<bool, StoreError>;

    /// Takes one of the tries that a code has left, and gives the code; none when there is no such code, or no more.
    async fn update_confirm_code_tried(
        &mut self,
        selector: &str,
        now: Micros,
    ) -> Result<Option<ConfirmCode>, StoreError>;

    /// Forgets a code; false when somebody was faster.
    async fn delete_confirm_code(&mut self, txn: TxnId) -> Result<bool, StoreError>;

    /// Replaces the ticket of a sign-in that nobody has begun; false when there is none.
    async fn update_txn_ticket(&mut self, txn: TxnId, ticket: &[u8; 32], now: Micros) -> Result<bool, StoreError>;
}
