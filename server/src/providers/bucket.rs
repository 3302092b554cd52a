//! A token bucket: how often a provider may be called. A pure state machine; the time is handed in.
//!
//! Kept as one number, the time at which the bucket will be full again (the "generic cell rate algorithm", ITU-T I.371): no
//! fractions of tokens, no drift, no timer.

use std::time::Duration;

use kyc_wire::ids::Micros;

/// What a provider allows: so many calls at once, and one more every so often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Calls that may go out at once after a pause; at least 1.
    pub burst: u32,
    /// Time in which one call more becomes possible.
    pub every: Duration,
}

/// How many calls one provider tenant may still take.
#[derive(Clone, Debug)]
pub struct Bucket {
    every: i64,
    capacity: i64,
    full_at: Micros,
}

impl Bucket {
    /// A full bucket.
    pub fn new(rate: Rate) -> Self {
        let every = micros(rate.every);
        Self { every, capacity: every.saturating_mul(rate.burst.max(1).into()), full_at: Micros(i64::MIN) }
    }

    /// Takes one token, or says how long until there is one. A clock that steps back never gives more than a full bucket.
    pub fn take(&mut self, now: Micros) -> Result<(), Duration> {
        self.take_leaving(now, 0)
    }

    /// As [`Self::take`], but leaves half of the burst for others.
    pub fn take_from_upper_half(&mut self, now: Micros) -> Result<(), Duration> {
        let burst = self.capacity.checked_div(self.every).unwrap_or(1);
        self.take_leaving(now, (burst / 2).saturating_mul(self.every))
    }

    fn take_leaving(&mut self, now: Micros, rest: i64) -> Result<(), Duration> {
        let full_at = self.full_at.0.max(now.0).saturating_add(self.every);
        let missing = full_at.saturating_sub(now.0).saturating_sub(self.capacity.saturating_sub(rest));
        match u64::try_from(missing) {
            Ok(missing) if missing > 0 => Err(Duration::from_micros(missing)),
            _ => {
                self.full_at = Micros(full_at);
                Ok(())
            }
        }
    }

    /// Empties the bucket, after the provider said "too many" (429): others share its limit.
    pub fn drain(&mut self, now: Micros) {
        self.full_at = Micros(self.full_at.0.max(now.0.saturating_add(self.capacity)));
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn bucket() -> Bucket {
        Bucket::new(Rate { burst: 3, every: Duration::from_secs(1) })
    }

    #[test]
    fn a_burst_goes_out_at_once_and_then_one_call_per_interval() {
        let (mut bucket, now) = (bucket(), Micros(10 * SECOND));
        assert_eq!([bucket.take(now), bucket.take(now), bucket.take(now)], [Ok(()); 3]);
        assert_eq!(bucket.take(now), Err(Duration::from_secs(1)));
        assert_eq!(bucket.take(Micros(10 * SECOND + 400_000)), Err(Duration::from_millis(600)));
        assert_eq!(bucket.take(Micros(11 * SECOND)), Ok(()));
        assert_eq!(bucket.take(Micros(11 * SECOND)), Err(Duration::from_secs(1)));
    }

    #[test]
    fn a_long_pause_fills_it_up_and_no_further() {
        let mut bucket = bucket();
        assert_eq!(bucket.take(Micros(0)), Ok(()));
        let later = Micros(3_600 * SECOND);
        assert_eq!((0..10).filter(|_| bucket.take(later).is_ok()).count(), 3);
    }

    #[test]
    fn over_a_minute_the_rate_holds() {
        let mut bucket = bucket();
        let taken = (0..6_000).filter(|tick| bucket.take(Micros(tick * 10_000)).is_ok()).count();
        assert_eq!(taken, 3 + 59);
    }

    #[test]
    fn a_refused_take_costs_nothing() {
        let mut bucket = bucket();
        let now = Micros(0);
        (0..3).for_each(|_| bucket.take(now).unwrap());
        (0..100).for_each(|_| assert!(bucket.take(now).is_err()));
        assert_eq!(bucket.take(Micros(SECOND)), Ok(()));
    }

    #[test]
    fn a_drained_bucket_waits_for_its_next_token() {
        let mut bucket = bucket();
        bucket.drain(Micros(0));
        assert_eq!(bucket.take(Micros(0)), Err(Duration::from_secs(1)));
        assert_eq!(bucket.take(Micros(SECOND)), Ok(()));
    }

    #[test]
    fn a_clock_that_steps_back_gives_no_extra_calls() {
        let mut bucket = bucket();
        let now = Micros(100 * SECOND);
        (0..3).for_each(|_| bucket.take(now).unwrap());
        assert!(bucket.take(Micros(50 * SECOND)).is_err());
    }
}
