//! A sign-in under way: how often to ask whether it is finished, and what it came to. The secrets stay in
//! [`crate::rendezvous`].

use kyc_wire::me::RefusalCode;

use crate::state::trouble::Trouble;

/// How long a sign-in may take, in milliseconds; the server forgets it then, too.
pub const LIMIT_MS: u32 = 5 * 60 * 1000;

/// How the sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Nobody has clicked yet.
    Idle,
    /// The browser refused to open the window.
    PopupBlocked,
    /// The window is open; the answer is awaited.
    Waiting {
        /// Whether the window looks closed: perhaps given up, perhaps only out of our sight after the identity
        /// provider's page switched its browsing-context group.
        looks_closed: bool,
    },
    /// Refused, by whom the code says.
    Refused(RefusalCode),
    /// Nothing came within the limit.
    TimedOut,
    /// Redeemed, and still nobody is signed in: the browser does not keep our cookie here.
    CookiesBlocked,
    /// The request itself failed.
    Failed(Trouble),
}

impl SignIn {
    /// Whether the button that starts a sign-in makes sense.
    pub fn can_start(&self) -> bool {
        !matches!(self, Self::Waiting { .. })
    }
}

/// Milliseconds to wait before asking the `n`th time (from 0): one second, growing to three.
pub const fn pause_ms(n: u32) -> u32 {
    let pause = 1_000 + n.saturating_mul(250);
    if pause > 3_000 { 3_000 } else { pause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_begins_after_a_second_and_backs_off_to_three() {
        assert_eq!(pause_ms(0), 1_000);
        assert_eq!(pause_ms(4), 2_000);
        assert_eq!(pause_ms(500), 3_000);
    }

    #[test]
    fn a_window_that_looks_closed_is_still_waited_for() {
        assert!(!SignIn::Waiting { looks_closed: true }.can_start());
        assert!(SignIn::PopupBlocked.can_start());
    }
}
