//! The event stream: ids and versions only; views refetch.

use serde::{Deserialize, Serialize};

use crate::ids::SessionId;

/// One event of `/api/events`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum StreamEvent {
    /// The stream is live; what was missed before must be refetched.
    Hello,
    /// A session changed.
    Changed {
        /// Which.
        session_id: SessionId,
        /// Its version now.
        version: u64,
    },
    /// The sign-in has ended; the stream closes.
    SignedOut,
    /// Something that this widget does not know yet.
    #[serde(other)]
    Unknown,
}
