//! Time, chance and ids, handed in so that tests move time by hand and repeat what happened.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kyc_wire::ids::Micros;
use rand::rngs::{StdRng, SysRng};
use rand::{Rng as _, SeedableRng, TryRng as _};
use time::OffsetDateTime;
use uuid::Uuid;

/// What time it is.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> Micros;

    /// Now, for libraries that want a date and time.
    fn date_time(&self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.now().0) * 1000).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> Micros {
        Micros(i64::try_from(OffsetDateTime::now_utc().unix_timestamp_nanos() / 1000).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is moved.
#[derive(Clone, Debug)]
pub struct FixedClock(Arc<AtomicI64>);

impl FixedClock {
    /// A clock that shows `now`.
    pub fn at(now: Micros) -> Self {
        Self(Arc::new(AtomicI64::new(now.0)))
    }

    /// Sets it.
    pub fn set(&self, now: Micros) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves it on.
    pub fn advance(&self, by: std::time::Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Micros {
        Micros(self.0.load(Ordering::SeqCst))
    }
}

/// Chance.
pub trait Rng: Send + Sync {
    /// Fills `bytes` with unpredictable ones.
    fn fill(&self, bytes: &mut [u8]);
}

/// Fills an array with unpredictable bytes.
pub fn random<const N: usize>(rng: &dyn Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill(&mut bytes);
    bytes
}

/// The operating system's generator.
#[derive(Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) {
        SysRng.try_fill_bytes(bytes).expect("the operating system gives random bytes, or nothing here is safe");
    }
}

/// A generator that repeats itself: for tests only.
#[derive(Debug)]
pub struct SeededRng(Mutex<StdRng>);

impl SeededRng {
    /// A generator that begins at `seed`.
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill_bytes(bytes);
    }
}

/// Mints ids: `UUIDv7` (RFC 9562 section 5.7), so that rows of one time lie together. Each is later than the one before, by a counter of 12
/// bits in place of `rand_a` (section 6.2, method 1); 62 bits of chance are left.
pub struct Ids {
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// Millisecond and counter of the last one.
    last: Mutex<(u64, u16)>,
}

/// Most that the counter counts; then the millisecond runs ahead.
const MOST_IN_A_MILLISECOND: u16 = 0xFFF;

impl Ids {
    /// Ids by this clock and this chance.
    pub fn new(clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        Self { clock, rng, last: Mutex::default() }
    }

    /// A new id that sorts behind all that were made here before.
    pub fn next(&self) -> Uuid {
        let millis = u64::try_from(self.clock.now().0 / 1000).unwrap_or(0);
        let mut bytes: [u8; 10] = random(&*self.rng);
        let (millis, count) = {
            let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
            *last = match *last {
                // Begun in the lower half, so that there is room to count.
                (before, _) if before < millis => (millis, u16::from_be_bytes([bytes[0], bytes[1]]) & 0x7FF),
                (before, MOST_IN_A_MILLISECOND) => (before + 1, 0),
                (before, count) => (before, count + 1),
            };
            *last
        };
        bytes[..2].copy_from_slice(&count.to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    /// An id that tells nothing, not even when it was made: `UUIDv4`.
    pub fn opaque(&self) -> Uuid {
        uuid::Builder::from_random_bytes(random(&*self.rng)).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_differ_and_are_of_version_7() {
        let ids = Ids::new(Arc::new(FixedClock::at(Micros(1_800_000_000_000_000))), Arc::new(SeededRng::new(1)));
        let (a, b) = (ids.next(), ids.next());
        assert_ne!(a, b);
        assert_eq!((a.get_version_num(), ids.opaque().get_version_num()), (7, 4));
    }

    #[test]
    fn each_id_sorts_behind_the_one_before_also_when_the_clock_stands_or_is_set_back() {
        let clock = FixedClock::at(Micros(1_800_000_000_000_000));
        let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededRng::new(1)));
        let mut before = ids.next();
        for turn in 0..20_000 {
            match turn % 5_000 {
                1 => clock.set(Micros(1_800_000_000_000_000 - turn * 1_000_000)),
                2 => clock.set(Micros(1_800_000_000_000_000 + turn * 1_000)),
                _ => {}
            }
            let id = ids.next();
            assert!(id > before && id.get_version_num() == 7, "{turn}: {before} {id}");
            before = id;
        }
    }

    #[test]
    fn a_fixed_clock_moves_only_by_hand() {
        let clock = FixedClock::at(Micros(5));
        clock.clone().advance(std::time::Duration::from_micros(7));
        assert_eq!(clock.now(), Micros(12));
    }
}
