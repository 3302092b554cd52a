//! How often somebody may ask: one window per caller, in memory, on each server for itself.
//!
//! The table does not grow, whoever asks under how many names: two callers who fall into one place of it share a window. Nobody outside can
//! choose to share one with somebody else, because the places are drawn by lot at every start.
//!
//! Two smaller things lie beside it, as bounded: what was good when it was last shown, and what has been told lately.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kyc_wire::ids::Micros;

/// Places in the table: a megabyte of them.
const PLACES: usize = 1 << 16;
/// For how long what was told once is not told again, and how much is told in that time.
const TOLD: Limit = Limit { requests: 60, seconds: 3600 };

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

impl Window {
    const EMPTY: Self = Self { began: Micros(i64::MIN), asked: 0 };

    /// The window that this moment belongs to. A clock that was set back begins a new one too.
    fn at(self, now: Micros, limit: Limit) -> Self {
        let age = now.0.saturating_sub(self.began.0) / 1_000_000;
        if age < 0 || age >= i64::from(limit.seconds) { Self { began: now, asked: 0 } } else { self }
    }

    /// The seconds to wait when there were more than so many.
    fn check(self, most: u32, now: Micros, limit: Limit) -> Result<(), u32> {
        if self.asked <= most {
            return Ok(());
        }
        let left = i64::from(limit.seconds) - now.0.saturating_sub(self.began.0) / 1_000_000;
        Err(u32::try_from(left).unwrap_or(1).max(1))
    }
}

/// Counts per caller and window.
#[derive(Debug)]
pub struct Rates {
    lot: RandomState,
    windows: Mutex<Vec<Window>>,
    good: Mutex<Vec<u64>>,
    told: Mutex<(Window, BTreeSet<String>)>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            lot: RandomState::new(),
            windows: Mutex::new(vec![Window::EMPTY; PLACES]),
            good: Mutex::new(vec![0; PLACES]),
            told: Mutex::new((Window::EMPTY, BTreeSet::new())),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn place(hash: u64) -> usize {
    usize::try_from(hash % PLACES as u64).unwrap_or_default()
}

impl Rates {
    /// Counts one request of `caller` at `door`; refuses with the seconds to wait when there were too many.
    pub fn ask(&self, (door, caller): (&str, &str), limit: Limit, now: Micros) -> Result<(), u32> {
        let window = &mut held(&self.windows)[place(self.lot.hash_one((door, caller)))];
        *window = window.at(now, limit);
        window.asked = window.asked.saturating_add(1);
        window.check(limit.requests, now, limit)
    }

    /// What [`ask`](Self::ask) would answer now, without counting.
    pub fn look(&self, (door, caller): (&str, &str), limit: Limit, now: Micros) -> Result<(), u32> {
        let window = held(&self.windows)[place(self.lot.hash_one((door, caller)))].at(now, limit);
        window.check(limit.requests.saturating_sub(1), now, limit)
    }

    /// Remembers that this was good, until something else falls into its place.
    pub fn remember(&self, what: (&str, &[u8])) {
        let hash = self.lot.hash_one(what);
        held(&self.good)[place(hash)] = hash;
    }

    /// It is good no more.
    pub fn forget(&self, what: (&str, &[u8])) {
        let hash = self.lot.hash_one(what);
        let good = &mut held(&self.good)[place(hash)];
        if *good == hash {
            *good = 0;
        }
    }

    /// Whether it is known to have been good. Says nothing about whether it still is.
    pub fn remembers(&self, what: (&str, &[u8])) -> bool {
        let hash = self.lot.hash_one(what);
        held(&self.good)[place(hash)] == hash
    }

    /// Whether this is worth telling: not told within the hour, and not too much told in it.
    pub fn is_worth_telling(&self, what: String, now: Micros) -> bool {
        let mut told = held(&self.told);
        let window = told.0.at(now, TOLD);
        if window.began != told.0.began {
            *told = (window, BTreeSet::new());
        }
        told.1.len() < TOLD.requests as usize && told.1.insert(what)
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
    fn looking_counts_nothing_and_says_what_asking_would() {
        let rates = Rates::default();
        let limit = Limit { requests: 1, seconds: 10 };
        let look = |seconds| rates.look(("door", "a"), limit, Micros(0).plus_seconds(seconds));
        assert_eq!([look(0), look(0)], [Ok(()), Ok(())]);
        assert_eq!(rates.ask(("door", "a"), limit, Micros(0)), Ok(()));
        assert_eq!([look(0), look(4), look(10)], [Err(10), Err(6), Ok(())]);
    }

    #[test]
    fn what_was_good_is_remembered_at_its_own_door_until_it_is_not() {
        let rates = Rates::default();
        rates.remember(("token", b"a"));
        assert!(rates.remembers(("token", b"a")));
        assert!(!rates.remembers(("cookie", b"a")) && !rates.remembers(("token", b"b")));
        rates.forget(("token", b"a"));
        assert!(!rates.remembers(("token", b"a")));
    }

    #[test]
    fn nothing_is_told_twice_in_an_hour_nor_too_much() {
        let rates = Rates::default();
        let is_told = |what: u32, seconds| rates.is_worth_telling(what.to_string(), Micros(0).plus_seconds(seconds));
        assert_eq!([is_told(0, 0), is_told(0, 3599), is_told(0, 3600)], [true, false, true]);
        assert_eq!((0..1000).filter(|what| is_told(*what, 3601)).count(), 59);
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
