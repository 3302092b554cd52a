//! People who sign in, their sign-ins, and sign-ins under way.

use async_trait::async_trait;

/// Stores people and sign-ins.
#[async_trait]
pub trait SignIns: Send {}
