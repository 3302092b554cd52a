//! The event stream: whether it is alive, when to try again, and what an event asks for.

use kyc_wire::ids::SessionId;
use kyc_wire::stream::StreamEvent;

/// Whether what is on the screen follows the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Live {
    /// Not known yet; said to nobody for the first seconds.
    #[default]
    Connecting,
    /// Events arrive.
    Following,
    /// The stream is lost; it is being tried again.
    Lost,
}

/// What an event asks a view of one session to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    None,
    /// Read the session again.
    Refetch,
    /// Leave: nobody is signed in any more.
    SignedOut,
}

/// What `event` means for the session shown, of which `version` is on the screen. Older news than what is shown is no news.
pub fn effect(event: &StreamEvent, shown: SessionId, version: Option<u64>) -> Effect {
    match event {
        StreamEvent::Hello => Effect::Refetch,
        StreamEvent::Changed { session_id, version: new } if *session_id == shown => match version {
            Some(version) if *new <= version => Effect::None,
            _ => Effect::Refetch,
        },
        StreamEvent::SignedOut => Effect::SignedOut,
        StreamEvent::Changed { .. } | StreamEvent::Unknown => Effect::None,
    }
}

/// Milliseconds before the `n`th attempt (from 0) to open the stream again: exponential to half a minute, spread by
/// `chance` (0 to 1) so that a restarted server is not met by every widget in the same second.
pub fn pause_ms(n: u32, chance: f64) -> u32 {
    let ceiling = 1_000_u32.saturating_mul(1 << n.min(5)).min(30_000);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 30,000")]
    let spread = (f64::from(ceiling) * chance.clamp(0.0, 1.0)) as u32;
    500 + spread
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> SessionId {
        SessionId::new(uuid::Uuid::from_u128(n))
    }

    #[test]
    fn only_newer_news_about_the_session_shown_is_read_again() {
        let changed = |n, version| StreamEvent::Changed { session_id: id(n), version };
        assert_eq!(effect(&changed(1, 5), id(1), Some(4)), Effect::Refetch);
        assert_eq!(effect(&changed(1, 4), id(1), Some(4)), Effect::None);
        assert_eq!(effect(&changed(2, 9), id(1), Some(4)), Effect::None);
        assert_eq!(effect(&changed(1, 1), id(1), None), Effect::Refetch);
    }

    #[test]
    fn a_stream_that_comes_back_reads_everything_again() {
        assert_eq!(effect(&StreamEvent::Hello, id(1), Some(4)), Effect::Refetch);
        assert_eq!(effect(&StreamEvent::SignedOut, id(1), Some(4)), Effect::SignedOut);
        assert_eq!(effect(&StreamEvent::Unknown, id(1), Some(4)), Effect::None);
    }

    #[test]
    fn attempts_back_off_to_half_a_minute_and_are_spread() {
        assert_eq!(pause_ms(0, 0.0), 500);
        assert_eq!(pause_ms(2, 1.0), 4_500);
        assert_eq!(pause_ms(40, 1.0), 30_500);
    }
}
