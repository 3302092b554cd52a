//! What somebody has proven anew who she is for.

use async_trait::async_trait;
use kyc_wire::ids::{Micros, SignInId};
use kyc_wire::session::Act;

use super::StoreError;

/// Stores proofs until their act, and each is taken once.
#[async_trait]
pub trait StepUps: Send {
    /// Keeps a proof for an act on an object. Of two, the one that lasts longer counts.
    async fn upsert_step_up(&mut self, by: SignInId, on: (Act, &str), expires_at: Micros) -> Result<(), StoreError>;

    /// Takes it, and gives until when it would have lasted; nothing when there is none, or no more.
    async fn delete_step_up(
        &mut self,
        by: SignInId,
        on: (Act, &str),
        now: Micros,
    ) -> Result<Option<Micros>, StoreError>;
}
