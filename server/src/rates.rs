//! How often somebody may ask: one window per caller, in memory, on each server for itself.
//!
//! The table does not grow, whoever asks under how many names: two callers who fall into one place of it share a window. Nobody outside can
//! choose to share one with somebody else, because the places are drawn by lot at every start.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use kyc_wire::ids::Micros;

/// Places in the table: a megabyte of them.
const PLACES: usize = 1 << 16;

/// How many requests in how many seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests.
    pub requests: u32,
    /// Seconds.
    pub seconds: u32,
}

impl Limit {
    /// This many in a minute.
    pub const fn a_minute(requests: u32) -> Self {
        Self { requests, seconds: 60 }
    }
}

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Micros,
    asked: u32,
}

/// Counts per caller and window.
#[derive(Debug)]
pub struct Rates {
    lot: RandomState,
    windows: Mutex<Vec<Window>>,
}

impl Default for Rates {
    fn default() -> Self {
        let empty = Window { began: Micros(i64::MIN), asked: 0 };
        Self { lot: RandomState::new(), windows: Mutex::new(vec![empty; PLACES]) }
    }
}

impl Rates {
    /// Counts one request of `caller` at `door`; refuses with the seconds to wait when there were too many.
    pub fn ask(&self, (door, caller): (&str, &str), limit: Limit, now: Micros) -> Result<(), u32> {
        let place = self.lot.hash_one((door, caller)) % PLACES as u64;
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let window = &mut windows[usize::try_from(place).unwrap_or_default()];
        let age = now.0.saturating_sub(window.began.0) / 1_000_000;
        // A clock that was set back begins a new window too.
        if age < 0 || age >= i64::from(limit.seconds) {
            *window = Window { began: now, asked: 0 };
        }
        window.asked = window.asked.saturating_add(1);
        if window.asked <= limit.requests {
            return Ok(());
        }
        let left = i64::from(limit.seconds) - now.0.saturating_sub(window.began.0) / 1_000_000;
        Err(u32::try_from(left).unwrap_or(1).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_fills_says_how_long_and_empties() {
        let rates = Rates::default();
        let at = |seconds| Micros(0).plus_seconds(seconds);
        let limit = Limit { requests: 2, seconds: 10 };
        let ask = |caller, seconds| rates.ask(("door", caller), limit, at(seconds));
        assert_eq!([ask("a", 0), ask("a", 1), ask("a", 4)], [Ok(()), Ok(()), Err(6)]);
        assert_eq!([ask("b", 9), ask("a", 9), ask("a", 10)], [Ok(()), Err(1), Ok(())]);
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let rates = Rates::default();
        let limit = Limit::a_minute(1);
        assert_eq!(rates.ask(("door", "a"), limit, Micros(0).plus_seconds(1_000)), Ok(()));
        assert_eq!(rates.ask(("door", "a"), limit, Micros(0)), Ok(()));
    }

    #[test]
    fn any_number_of_names_takes_no_more_room() {
        let rates = Rates::default();
        for name in 0..200_000_u32 {
            let _counted = rates.ask(("door", &name.to_string()), Limit::a_minute(1), Micros(0));
        }
        assert_eq!(rates.windows.lock().unwrap().len(), PLACES);
    }
}
