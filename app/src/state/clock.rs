//! Clocks: the server's time carried on by the browser's monotonic clock, and how spans are written.

use kyc_wire::ids::Micros;
use kyc_wire::session::Clocks;

/// The server's time at a moment of the browser's monotonic clock (`performance.now`, milliseconds). The browser's wall
/// clock is never asked: it may be wrong, and a session must not look late because of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ServerClock {
    server: i64,
    local_ms: f64,
}

impl ServerClock {
    /// Takes the server's word at `local_ms`.
    pub const fn set(now: Micros, local_ms: f64) -> Self {
        Self { server: now.0, local_ms }
    }

    /// The server's time at `local_ms`.
    pub fn at(self, local_ms: f64) -> Micros {
        #[expect(clippy::cast_possible_truncation, reason = "a page lives far less than 2^63 microseconds")]
        let passed = ((local_ms - self.local_ms).max(0.0) * 1000.0) as i64;
        Micros(self.server.saturating_add(passed))
    }
}

/// How the customer's part of the session stands for time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProcessClock {
    /// Seconds left; 0 when used up.
    pub left: i64,
    /// Whether it runs.
    pub is_running: bool,
    /// Whether action is needed soon: less than a fifth is left and it runs.
    pub is_tight: bool,
}

/// The customer's clock at `now`, carried on from the server's last word.
pub fn process(clocks: &Clocks, now: Micros) -> ProcessClock {
    let passed = if clocks.is_process_running { now.seconds_since(clocks.now).max(0) } else { 0 };
    let limit = i64::from(clocks.process_limit_seconds);
    let left = (limit - i64::from(clocks.process_used_seconds) - passed).clamp(0, limit.max(0));
    ProcessClock {
        left,
        is_running: clocks.is_process_running,
        is_tight: clocks.is_process_running && left * 5 < limit,
    }
}

/// For how many seconds something has been overdue at `now`; none before.
pub fn late(due_at: Option<Micros>, now: Micros) -> Option<i64> {
    due_at.map(|due_at| now.seconds_since(due_at)).filter(|late| *late > 0)
}

/// `9:41`, or `1:02:03` from an hour on.
pub fn digits(seconds: i64) -> String {
    let seconds = seconds.max(0);
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{rest:02}") } else { format!("{minutes}:{rest:02}") }
}

/// A span in its largest fitting unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Less than a minute and a half.
    Seconds(i64),
    /// Less than an hour and a half.
    Minutes(i64),
    /// Less than two days.
    Hours(i64),
    /// Anything longer.
    Days(i64),
}

/// Chooses the unit in which people would say it.
pub fn span(seconds: i64) -> Span {
    match seconds.max(0) {
        s @ 0..90 => Span::Seconds(s),
        s @ 90..5_400 => Span::Minutes((s + 30) / 60),
        s @ 5_400..172_800 => Span::Hours((s + 1_800) / 3_600),
        s => Span::Days((s + 43_200) / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clocks(used: u32, is_running: bool) -> Clocks {
        Clocks {
            now: Micros(0),
            process_used_seconds: used,
            process_limit_seconds: 600,
            is_process_running: is_running,
            connect_by: None,
            resume_by: None,
            lease_until: None,
            retention: vec![],
        }
    }

    #[test]
    fn a_running_clock_goes_on_between_two_answers() {
        let clock = process(&clocks(100, true), Micros(0).plus_seconds(19));
        assert_eq!((clock.left, clock.is_running, clock.is_tight), (481, true, false));
    }

    #[test]
    fn a_stopped_clock_stands_still_and_never_warns() {
        let clock = process(&clocks(590, false), Micros(0).plus_seconds(500));
        assert_eq!((clock.left, clock.is_tight), (10, false));
    }

    #[test]
    fn the_last_fifth_is_tight_and_nothing_goes_below_zero() {
        assert!(process(&clocks(481, true), Micros(0)).is_tight);
        assert_eq!(process(&clocks(599, true), Micros(0).plus_seconds(50)).left, 0);
    }

    #[test]
    fn the_servers_time_is_carried_on_by_the_monotonic_clock() {
        let clock = ServerClock::set(Micros(5_000_000), 1_000.0);
        assert_eq!(clock.at(2_500.0), Micros(6_500_000));
        assert_eq!(clock.at(0.0), Micros(5_000_000));
    }

    #[test]
    fn spans_are_written_as_people_say_them() {
        assert_eq!(digits(581), "9:41");
        assert_eq!(digits(3_723), "1:02:03");
        assert_eq!(span(89), Span::Seconds(89));
        assert_eq!(span(100), Span::Minutes(2));
        assert_eq!(span(7_200), Span::Hours(2));
        assert_eq!(span(2_592_000), Span::Days(30));
    }

    #[test]
    fn what_is_due_is_late_from_then_on() {
        let due_at = Some(Micros(60_000_000));
        assert_eq!(late(None, Micros(61_000_000)), None);
        assert_eq!(late(due_at, Micros(60_000_000)), None);
        assert_eq!(late(due_at, Micros(63_000_000)), Some(3));
    }
}
