//! A sign-in under way: how often to ask whether it is finished, and what it came to. The secrets stay in
//! [`crate::rendezvous`].

use kyc_wire::me::RefusalCode;

use crate::state::trouble::Trouble;

/// How long a sign-in may take, in milliseconds; the server forgets it then, too.
pub const LIMIT_MS: u32 = 5 * 60 * 1000;

/// How many times in a row the window looks closed before that is mentioned; it may only be out of our sight.
const GRACE_POLLS: u32 = 3;
/// After so many milliseconds in a sandboxed window something is wrong in it, or somebody types slowly.
const SANDBOX_PATIENCE_MS: u32 = 8_000;

/// How the sign-in stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// Nobody has clicked yet.
    Idle,
    /// The browser refused to open the window.
    PopupBlocked,
    /// The window is open, and neither it nor we can say a word to the other: the page around us keeps its windows apart (COOP
    /// `same-origin`).
    OutOfReach,
    /// The window is open; the answer is awaited.
    Waiting(Sign),
    /// The window is out of our reach, and its agent is to type this code into it; the answer is awaited.
    ByCode(String),
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
        !matches!(self, Self::Waiting(_) | Self::ByCode(_))
    }
}

/// A code as people read it: in two halves.
pub fn in_halves(code: &str) -> String {
    match code.split_at_checked(code.len() / 2) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

/// What the window lets us guess while we wait for it. Nothing of it ends the wait: each may be wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sign {
    /// All is well.
    #[default]
    None,
    /// It looks closed: perhaps given up, perhaps only out of our sight after the identity provider's page switched its browsing-context
    /// group.
    LooksClosed,
    /// It has our frame's sandbox, and nothing has come back: a page that keeps its windows apart does not load in it.
    Sandboxed,
}

/// Reads the window's signs, once for each time that we ask whether the sign-in is finished.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signs {
    closed_polls: u32,
}

impl Signs {
    /// What is known about the window after `waited_ms` milliseconds.
    pub const fn read(&mut self, is_sandboxed: bool, is_closed: bool, waited_ms: u32) -> Sign {
        self.closed_polls = if is_closed { self.closed_polls.saturating_add(1) } else { 0 };
        let looks_closed = self.closed_polls > GRACE_POLLS;
        if is_sandboxed && (looks_closed || waited_ms >= SANDBOX_PATIENCE_MS) {
            Sign::Sandboxed
        } else if looks_closed {
            Sign::LooksClosed
        } else {
            Sign::None
        }
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
        assert!(!SignIn::Waiting(Sign::LooksClosed).can_start());
        assert!(SignIn::PopupBlocked.can_start() && SignIn::OutOfReach.can_start());
    }

    #[test]
    fn a_code_is_read_in_two_halves() {
        assert_eq!(in_halves("AB3D4FG7"), "AB3D 4FG7");
        assert!(!SignIn::ByCode("AB3D4FG7".to_owned()).can_start());
    }

    #[test]
    fn a_window_looks_closed_when_it_does_four_times_in_a_row() {
        let mut signs = Signs::default();
        for _ in 0..2 {
            for _ in 0..3 {
                assert_eq!(signs.read(false, true, 60_000), Sign::None);
            }
            assert_eq!(signs.read(false, false, 60_000), Sign::None, "it was only out of sight");
        }
        for expected in [Sign::None, Sign::None, Sign::None, Sign::LooksClosed] {
            assert_eq!(signs.read(false, true, 60_000), expected);
        }
    }

    #[test]
    fn a_sandboxed_window_is_suspect_when_it_looks_closed_or_takes_long() {
        let mut signs = Signs::default();
        assert_eq!(signs.read(true, false, 7_999), Sign::None);
        assert_eq!(signs.read(true, false, 8_000), Sign::Sandboxed);
        let polls = [0, 1, 2, 3].map(|_| signs.read(true, true, 5_000));
        assert_eq!(polls, [Sign::None, Sign::None, Sign::None, Sign::Sandboxed]);
        assert_eq!(signs.read(false, false, 60_000), Sign::None, "an ordinary window may take its time");
    }
}
