//! How often somebody may ask: one window per caller, in memory, on each server for itself.
//!
//! The table does not grow, whoever asks under how many names. It has sets of a few places each, and a caller's set is drawn by lot at every
//! start. Only when all places of a set are taken by others who asked within their windows does a newcomer share one, each time the same. So
//! nobody is counted for less than she asked, and nobody outside can choose to be in somebody's way.
//!
//! Two smaller things lie beside it, as bounded: what was good when it was last shown, and what has been told lately.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kyc_wire::ids::Micros;

/// Sets in each table.
const SETS: usize = 1 << 13;
/// Places in a set: with ten thousand callers at once, one in twenty thousand shares a window; with a thousand, none that will ever be seen.
const PLACES: usize = 8;
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
    caller: u64,
    began: Micros,
    seconds: u32,
    asked: u32,
}

impl Window {
    const EMPTY: Self = Self { caller: 0, began: Micros(0), seconds: 0, asked: 0 };

    const fn new(caller: u64, limit: Limit, now: Micros) -> Self {
        Self { caller, began: now, seconds: limit.seconds, asked: 0 }
    }

    /// Whole seconds until it ends; none when it has, or when the clock was set back to before it.
    fn left(self, now: Micros) -> Option<u32> {
        let age = now.0.saturating_sub(self.began.0).div_euclid(1_000_000);
        u32::try_from(age).ok().and_then(|age| self.seconds.checked_sub(age)).filter(|left| *left > 0)
    }

    /// The seconds to wait when there were more than so many.
    fn check(self, most: u32, now: Micros) -> Result<(), u32> {
        if self.asked <= most { Ok(()) } else { self.left(now).map_or(Ok(()), Err) }
    }
}

/// Counts per caller and window.
#[derive(Debug)]
pub struct Rates {
    lot: RandomState,
    windows: Mutex<Vec<[Window; PLACES]>>,
    good: Mutex<Vec<[u64; PLACES]>>,
    told: Mutex<(Window, BTreeSet<String>)>,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            lot: RandomState::new(),
            windows: Mutex::new(vec![[Window::EMPTY; PLACES]; SETS]),
            good: Mutex::new(vec![[0; PLACES]; SETS]),
            told: Mutex::new((Window::EMPTY, BTreeSet::new())),
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set_of<T>(table: &mut [[T; PLACES]], hash: u64) -> &mut [T; PLACES] {
    &mut table[usize::try_from(hash % SETS as u64).unwrap_or_default()]
}

/// The place that a caller shares while its set is full. Drawn from another part of the lot than the set itself.
fn shared_place(caller: u64) -> usize {
    usize::try_from(caller / SETS as u64 % PLACES as u64).unwrap_or_default()
}

/// The window of `caller` in its set: its own, or else a new one in a free place, or else always the same of another.
fn window_of(set: &mut [Window; PLACES], caller: u64, limit: Limit, now: Micros) -> &mut Window {
    let standing = |window: &Window| window.left(now).map(|_| window.asked);
    let own = set.iter().position(|window| window.caller == caller && standing(window).is_some());
    let free = || set.iter().position(|window| standing(window).is_none());
    let place = own.or_else(free).unwrap_or_else(|| shared_place(caller));
    let window = &mut set[place];
    if standing(window).is_none() {
        *window = Window::new(caller, limit, now);
    }
    window
}

impl Rates {
    /// Counts one request of `caller` at `door`; refuses with the seconds to wait when there were too many.
    pub fn ask(&self, (door, caller): (&str, &str), limit: Limit, now: Micros) -> Result<(), u32> {
        let hash = self.lot.hash_one((door, caller));
        let mut windows = held(&self.windows);
        let window = window_of(set_of(&mut windows, hash), hash, limit, now);
        window.asked = window.asked.saturating_add(1);
        window.check(limit.requests, now)
    }

    /// What [`ask`](Self::ask) would answer now, without counting.
    pub fn look(&self, (door, caller): (&str, &str), limit: Limit, now: Micros) -> Result<(), u32> {
        let hash = self.lot.hash_one((door, caller));
        let mut set = *set_of(&mut held(&self.windows), hash);
        window_of(&mut set, hash, limit, now).check(limit.requests.saturating_sub(1), now)
    }

    /// Remembers that this was good, until too much else falls into its set.
    pub fn remember(&self, what: (&str, &[u8])) {
        let hash = self.lot.hash_one(what);
        let mut good = held(&self.good);
        let set = set_of(&mut good, hash);
        let last = set.iter().position(|known| *known == hash).unwrap_or(PLACES - 1);
        set[..=last].rotate_right(1);
        set[0] = hash;
    }

    /// It is good no more.
    pub fn forget(&self, what: (&str, &[u8])) {
        let hash = self.lot.hash_one(what);
        for known in set_of(&mut held(&self.good), hash) {
            if *known == hash {
                *known = 0;
            }
        }
    }

    /// Whether it is known to have been good. Says nothing about whether it still is.
    pub fn remembers(&self, what: (&str, &[u8])) -> bool {
        let hash = self.lot.hash_one(what);
        set_of(&mut held(&self.good), hash).contains(&hash)
    }

    /// Whether this is worth telling: not told within the hour, and not too much told in it.
    pub fn is_worth_telling(&self, what: String, now: Micros) -> bool {
        let mut told = held(&self.told);
        if told.0.left(now).is_none() {
            *told = (Window::new(0, TOLD, now), BTreeSet::new());
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
    fn who_asks_too_often_is_in_nobody_elses_way() {
        let rates = Rates::default();
        let limit = Limit::a_minute(1);
        for name in 0..500 {
            let name = format!("often {name}");
            assert_eq!([0; 3].map(|_| rates.ask(("door", &name), limit, Micros(0)).is_ok()), [true, false, false]);
        }
        let others = (0..500).filter(|name| rates.ask(("door", &format!("other {name}")), limit, Micros(0)).is_ok());
        assert_eq!(others.count(), 500);
    }

    #[test]
    fn what_was_good_is_not_forgotten_for_a_thousand_others() {
        let rates = Rates::default();
        let names: Vec<String> = (0..1_000).map(|name| name.to_string()).collect();
        for name in &names {
            rates.remember(("token", name.as_bytes()));
        }
        assert!(names.iter().all(|name| rates.remembers(("token", name.as_bytes()))));
    }

    #[test]
    fn what_is_shown_again_outlives_what_is_not() {
        let rates = Rates::default();
        rates.remember(("token", b"shown again"));
        for name in 0..200_000_u32 {
            rates.remember(("token", &name.to_le_bytes()));
            rates.remember(("token", b"shown again"));
        }
        assert!(rates.remembers(("token", b"shown again")));
    }

    #[test]
    fn a_table_that_is_full_lets_nobody_ask_more_often() {
        let rates = Rates::default();
        let limit = Limit::a_minute(1);
        for name in 0..400_000_u32 {
            let _counted = rates.ask(("door", &name.to_string()), limit, Micros(0));
        }
        assert_eq!(rates.ask(("door", "one more"), limit, Micros(0)), Err(60));
        assert_eq!(rates.ask(("door", "one more"), limit, Micros(0).plus_seconds(60)), Ok(()));
        assert_eq!(rates.windows.lock().unwrap().len(), SETS, "any number of names takes no more room");
    }

    #[test]
    fn who_shares_a_window_in_a_full_table_asks_no_more_often_than_who_has_one() {
        let rates = Rates::default();
        let limit = Limit::a_minute(10);
        for name in 0..300_000_u32 {
            let _counted = rates.ask(("door", &name.to_string()), limit, Micros(0));
        }
        for name in 0..100 {
            let name = format!("one more {name}");
            let answers = (0..100).filter(|_| rates.ask(("door", &name), limit, Micros(0)).is_ok());
            assert!(answers.count() <= 10, "{name}");
            assert!(rates.look(("door", &name), limit, Micros(0)).is_err());
        }
    }

    #[test]
    fn in_a_full_set_newcomers_are_spread_over_all_windows() {
        let (limit, now) = (Limit::a_minute(10), Micros(0));
        let mut set = [Window::EMPTY; PLACES];
        for caller in 1..=PLACES as u64 {
            window_of(&mut set, caller * SETS as u64, limit, now).asked = 1;
        }
        for newcomer in 100..1_000 {
            // All callers of a set have the same rest by the number of sets.
            window_of(&mut set, newcomer * SETS as u64, limit, now).asked += 1;
        }
        assert!(set.iter().all(|window| (2..1_000).contains(&window.asked)), "{set:?}");
    }
}
