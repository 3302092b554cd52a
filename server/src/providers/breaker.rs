//! A circuit breaker: whether a provider may be called at all. A pure state machine; the time is handed in.
//!
//! Closed while calls work; open after a run of outages, when nothing is called; half open after a pause, when exactly one call
//! finds out. Refusals and rate limits are answers of a living provider and do not count: see
//! [`ProviderError::is_outage`](super::ProviderError::is_outage).

use std::time::Duration;

use kyc_wire::ids::Micros;

/// When a breaker opens and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Outages in a row that open it; at least 1.
    pub failures: u32,
    /// How long it stays open the first time; doubles with every failed probe.
    pub pause: Duration,
    /// The longest pause.
    pub longest_pause: Duration,
    /// After this a probe that never reported back counts as failed.
    pub probe_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            failures: 5,
            pause: Duration::from_secs(10),
            longest_pause: Duration::from_mins(2),
            probe_timeout: Duration::from_mins(1),
        }
    }
}

/// What the breaker says to a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go.
    Call,
    /// Go, and report back whatever happens: others wait for this one.
    Probe,
    /// Not now; ask again after this time.
    Wait(Duration),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed { failures: u32 },
    Open { until: Micros, pause: Duration },
    HalfOpen { probe_until: Micros, pause: Duration },
}

/// The breaker of one provider tenant.
#[derive(Clone, Debug)]
pub struct Breaker {
    limits: Limits,
    state: State,
}

impl Breaker {
    /// A closed breaker.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, state: State::Closed { failures: 0 } }
    }

    /// Asks to make a call.
    pub fn ask(&mut self, now: Micros) -> Verdict {
        match self.state {
            State::Closed { .. } => Verdict::Call,
            State::Open { until, .. } if now < until => Verdict::Wait(between(now, until)),
            State::HalfOpen { probe_until, .. } if now < probe_until => Verdict::Wait(between(now, probe_until)),
            State::Open { pause, .. } | State::HalfOpen { pause, .. } => {
                self.state = State::HalfOpen { probe_until: after(now, self.limits.probe_timeout), pause };
                Verdict::Probe
            }
        }
    }

    /// A call was answered, be it with a refusal. Answers to calls made before it opened do not close it.
    pub fn answered(&mut self) {
        if !matches!(self.state, State::Open { .. }) {
            self.state = State::Closed { failures: 0 };
        }
    }

    /// A call ended in an outage.
    pub fn failed(&mut self, now: Micros) {
        self.state = match self.state {
            State::Closed { failures } if failures.saturating_add(1) < self.limits.failures => {
                State::Closed { failures: failures + 1 }
            }
            State::Closed { .. } => State::Open { until: after(now, self.limits.pause), pause: self.limits.pause },
            State::HalfOpen { pause, .. } => {
                let pause = pause.saturating_mul(2).min(self.limits.longest_pause);
                State::Open { until: after(now, pause), pause }
            }
            open @ State::Open { .. } => open,
        };
    }

    /// Takes a verdict back that led to no call: the next one that asks may probe.
    pub fn abandoned(&mut self) {
        if let State::HalfOpen { pause, .. } = self.state {
            self.state = State::Open { until: Micros(i64::MIN), pause };
        }
    }

    /// Whether calls go through; what the widget shows as "cannot be reached" when not.
    pub const fn is_closed(&self) -> bool {
        matches!(self.state, State::Closed { .. })
    }
}

fn after(now: Micros, wait: Duration) -> Micros {
    Micros(now.0.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)))
}

fn between(now: Micros, then: Micros) -> Duration {
    Duration::from_micros(u64::try_from(then.0.saturating_sub(now.0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Micros = Micros(1_000_000_000);

    fn opened() -> Breaker {
        let mut breaker = Breaker::new(Limits::default());
        (0..5).for_each(|_| breaker.failed(START));
        breaker
    }

    #[test]
    fn it_opens_after_a_run_of_outages_only() {
        let mut breaker = Breaker::new(Limits::default());
        (0..4).for_each(|_| breaker.failed(START));
        breaker.answered();
        (0..4).for_each(|_| breaker.failed(START));
        assert_eq!(breaker.ask(START), Verdict::Call);
        breaker.failed(START);
        assert!(!breaker.is_closed());
        assert_eq!(breaker.ask(START), Verdict::Wait(Duration::from_secs(10)));
    }

    #[test]
    fn after_the_pause_exactly_one_call_probes() {
        let mut breaker = opened();
        let later = START.plus_seconds(10);
        assert_eq!(breaker.ask(later), Verdict::Probe);
        assert_eq!(breaker.ask(later), Verdict::Wait(Duration::from_mins(1)));
        breaker.answered();
        assert_eq!(breaker.ask(later), Verdict::Call);
    }

    #[test]
    fn every_failed_probe_doubles_the_pause_up_to_a_limit() {
        let mut breaker = opened();
        let mut now = START.plus_seconds(10);
        for expected in [20, 40, 80, 120, 120] {
            assert_eq!(breaker.ask(now), Verdict::Probe);
            breaker.failed(now);
            assert_eq!(breaker.ask(now), Verdict::Wait(Duration::from_secs(expected)));
            now = now.plus_seconds(i64::try_from(expected).unwrap());
        }
    }

    #[test]
    fn a_probe_that_never_reports_back_does_not_block_for_ever() {
        let mut breaker = opened();
        let probe = START.plus_seconds(10);
        assert_eq!(breaker.ask(probe), Verdict::Probe);
        assert_eq!(breaker.ask(probe.plus_seconds(59)), Verdict::Wait(Duration::from_secs(1)));
        assert_eq!(breaker.ask(probe.plus_seconds(60)), Verdict::Probe);
    }

    #[test]
    fn a_late_answer_to_an_old_call_does_not_close_it() {
        let mut breaker = opened();
        breaker.answered();
        assert!(!breaker.is_closed());
        breaker.failed(START.plus_seconds(5));
        assert_eq!(breaker.ask(START.plus_seconds(10)), Verdict::Probe);
    }
}
