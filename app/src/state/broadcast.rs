//! What the widgets of one browser partition tell each other. Ids and versions only: a sibling fetches for itself.

use kyc_wire::stream::StreamEvent;
use serde::Serialize;

use crate::read::{self, Read, Value, field, tag};

/// Name of the channel.
pub const CHANNEL: &str = "kyc-desk";
/// Name of the lock whose holder keeps the one event stream.
pub const LOCK: &str = "kyc-stream";

/// One message between siblings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Broadcast {
    /// A sibling signed in: the cookie is there for all of us.
    SignedIn,
    /// A sibling signed out.
    SignedOut,
    /// The holder of the stream passes an event on.
    Event {
        /// The event.
        event: StreamEvent,
    },
    /// The holder of the stream says whether it is alive.
    Live {
        /// Whether it is.
        is_live: bool,
    },
    /// A newcomer asks the holder how the stream stands.
    Ask,
}

impl Broadcast {
    /// As it crosses the channel.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("plain enums serialise")
    }

    /// Reads a message; anything else on the channel is ignored.
    pub fn read(text: &str) -> Option<Self> {
        read::read(text)
    }
}

impl Read for Broadcast {
    fn read(from: &Value) -> Option<Self> {
        Some(match tag(from, "kind")? {
            "signed_in" => Self::SignedIn,
            "signed_out" => Self::SignedOut,
            "event" => Self::Event { event: field(from, "event")? },
            "live" => Self::Live { is_live: field(from, "is_live")? },
            "ask" => Self::Ask,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_reaches_a_sibling_unchanged() {
        let session_id = kyc_wire::ids::SessionId::new(uuid::Uuid::from_u128(7));
        let message = Broadcast::Event { event: StreamEvent::Changed { session_id, version: 3 } };
        assert_eq!(Broadcast::read(&message.to_text()), Some(message));
    }

    #[test]
    fn what_is_not_ours_is_ignored() {
        assert_eq!(Broadcast::read("{}"), None);
        assert_eq!(Broadcast::read(r#"{"kind":"later"}"#), None);
    }
}
