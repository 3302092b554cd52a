//! How long to wait before the next try. Pure functions: the random source and the time are handed in.
//!
//! Full jitter: any delay between nothing and the cap of this try is as likely as any other, which spreads the tries of many
//! sessions best (Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015).

use std::time::{Duration, UNIX_EPOCH};

use kyc_wire::ids::Micros;

use crate::clock::{Rng, random};

/// Cap of the first delay.
pub const BASE: Duration = Duration::from_millis(500);

/// No delay of ours is longer than this.
pub const CAP: Duration = Duration::from_secs(30);

/// No delay that a provider asks for is honoured beyond this: a mistyped date must not silence a queue for a day.
pub const LONGEST_RETRY_AFTER: Duration = Duration::from_mins(15);

/// The cap of the delay after `failures` failed tries (1 for the first): 0.5 s, 1 s, 2 s … 30 s.
pub fn ceiling(failures: u32) -> Duration {
    let factor = 1_u32.checked_shl(failures.saturating_sub(1)).unwrap_or(u32::MAX);
    BASE.saturating_mul(factor).min(CAP)
}

/// The delay after `failures` failed tries: uniform between nothing and [`ceiling`], but never shorter than what the provider
/// asked for.
pub fn delay(failures: u32, asked: Option<Duration>, rng: &dyn Rng) -> Duration {
    let choices = ceiling(failures).as_micros() + 1;
    // The high half of a product with a random number (Lemire 2019); its bias, 30 million in 2^64, is nothing here.
    let chosen = (u128::from(u64::from_le_bytes(random(rng))) * choices) >> 64;
    let jitter = Duration::from_micros(u64::try_from(chosen).unwrap_or_default());
    // The jitter comes on top: everybody who was told "10" must not come back at the same instant.
    asked.map_or(jitter, |asked| asked.min(LONGEST_RETRY_AFTER) + jitter)
}

/// What a `Retry-After` header said (RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// So long from now.
    In(Duration),
    /// At this time.
    At(Micros),
}

impl RetryAfter {
    /// Reads the header: seconds, or a date in any of the three forms of RFC 9110 section 5.6.7. None when it is neither.
    pub fn parse(value: &str) -> Option<Self> {
        let value = value.trim();
        if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(Self::In(value.parse().map_or(Duration::MAX, Duration::from_secs)));
        }
        let since_epoch = httpdate::parse_http_date(value).ok()?.duration_since(UNIX_EPOCH).ok()?;
        i64::try_from(since_epoch.as_micros()).ok().map(|micros| Self::At(Micros(micros)))
    }

    /// How long that is from `now`; nothing when the time is past.
    pub fn wait(self, now: Micros) -> Duration {
        match self {
            Self::In(wait) => wait,
            Self::At(time) => Duration::from_micros(u64::try_from(time.0.saturating_sub(now.0)).unwrap_or(0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn the_ceiling_doubles_up_to_its_cap() {
        let seen: Vec<u128> = [1, 2, 3, 6, 7, 40, u32::MAX].map(|n| ceiling(n).as_millis()).to_vec();
        assert_eq!(seen, [500, 1_000, 2_000, 16_000, 30_000, 30_000, 30_000]);
        assert_eq!(ceiling(0), BASE);
    }

    #[test]
    fn delays_fill_the_whole_range_below_the_ceiling() {
        let rng = SeededRng::new(7);
        let delays: Vec<Duration> = (0..2_000).map(|_| delay(3, None, &rng)).collect();
        assert!(delays.iter().all(|d| *d <= Duration::from_secs(2)));
        assert!(delays.iter().any(|d| *d < Duration::from_millis(100)));
        assert!(delays.iter().any(|d| *d > Duration::from_millis(1_900)));
    }

    #[test]
    fn what_the_provider_asks_for_is_the_least_but_has_a_limit() {
        let rng = SeededRng::new(7);
        let asked = Duration::from_mins(1);
        let wait = delay(1, Some(asked), &rng);
        assert!((asked..=asked + BASE).contains(&wait));
        let wait = delay(1, Some(Duration::MAX), &rng);
        assert!(wait <= LONGEST_RETRY_AFTER + BASE);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date_in_three_forms() {
        let date = Some(RetryAfter::At(Micros(784_111_777_000_000)));
        assert_eq!(RetryAfter::parse("120"), Some(RetryAfter::In(Duration::from_mins(2))));
        assert_eq!(RetryAfter::parse(" 0 "), Some(RetryAfter::In(Duration::ZERO)));
        assert_eq!(RetryAfter::parse("Sun, 06 Nov 1994 08:49:37 GMT"), date);
        assert_eq!(RetryAfter::parse("Sunday, 06-Nov-94 08:49:37 GMT"), date);
        assert_eq!(RetryAfter::parse("Sun Nov  6 08:49:37 1994"), date);
        for nonsense in ["", "-1", "1.5", "soon", "Sun, 99 Nov 1994 08:49:37 GMT"] {
            assert_eq!(RetryAfter::parse(nonsense), None, "{nonsense:?}");
        }
    }

    #[test]
    fn a_date_in_the_past_is_no_wait() {
        let at = RetryAfter::At(Micros(1_000_000));
        assert_eq!(at.wait(Micros(5_000_000)), Duration::ZERO);
        assert_eq!(at.wait(Micros(400_000)), Duration::from_millis(600));
    }

    #[test]
    fn more_seconds_than_fit_are_a_long_wait_and_no_failure() {
        assert_eq!(RetryAfter::parse("99999999999999999999999"), Some(RetryAfter::In(Duration::MAX)));
    }
}
