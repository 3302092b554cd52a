//! The sign-in's idle clock: real input feeds it, at most once a minute; shortly before it ends the person is told.

use kyc_wire::ids::Micros;
use kyc_wire::me::Me;

/// Seconds between two reports of activity.
const THROTTLE_SECONDS: i64 = 60;
/// Seconds before the end at which the person is warned.
const WARN_SECONDS: i64 = 120;

/// When the sign-in ends, and when activity was last reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Idle {
    quiet_until: Micros,
    absolute_until: Micros,
    reported: Option<Micros>,
}

/// What to say about the sign-in's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Nothing: it is far away.
    Far,
    /// It ends soon unless something is done.
    Idle {
        /// Seconds left.
        left: i64,
    },
    /// It ends soon whatever is done.
    Absolute {
        /// Seconds left.
        left: i64,
    },
    /// It is over.
    Over,
}

impl Idle {
    /// Takes the server's word.
    pub fn of(me: &Me) -> Self {
        Self { quiet_until: me.idle_deadline, absolute_until: me.absolute_deadline, reported: None }
    }

    /// Takes newer deadlines and keeps the throttle.
    pub fn refresh(&mut self, me: &Me) {
        self.quiet_until = me.idle_deadline;
        self.absolute_until = me.absolute_deadline;
    }

    /// Real input at `now`: whether to report it.
    pub fn touch(&mut self, now: Micros) -> bool {
        let is_due = self.reported.is_none_or(|last| now.seconds_since(last) >= THROTTLE_SECONDS);
        if is_due {
            self.reported = Some(now);
        }
        is_due
    }

    /// How near the end is at `now`.
    pub fn ending(&self, now: Micros) -> Ending {
        let (idle, absolute) = (self.quiet_until.seconds_since(now), self.absolute_until.seconds_since(now));
        match (idle.min(absolute), absolute <= idle) {
            (..=0, _) => Ending::Over,
            (left @ ..=WARN_SECONDS, true) => Ending::Absolute { left },
            (left @ ..=WARN_SECONDS, false) => Ending::Idle { left },
            _ => Ending::Far,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(idle_s: i64, absolute_s: i64) -> Idle {
        let at = |s| Micros(0).plus_seconds(s);
        Idle { quiet_until: at(idle_s), absolute_until: at(absolute_s), reported: None }
    }

    #[test]
    fn input_is_reported_at_most_once_a_minute() {
        let mut idle = idle(900, 9_000);
        assert!(idle.touch(Micros(0)));
        assert!(!idle.touch(Micros(0).plus_seconds(59)));
        assert!(idle.touch(Micros(0).plus_seconds(60)));
    }

    #[test]
    fn two_minutes_before_the_end_the_person_is_told_which_end_it_is() {
        assert_eq!(idle(900, 9_000).ending(Micros(0)), Ending::Far);
        assert_eq!(idle(120, 9_000).ending(Micros(0)), Ending::Idle { left: 120 });
        assert_eq!(idle(900, 30).ending(Micros(0)), Ending::Absolute { left: 30 });
        assert_eq!(idle(0, 30).ending(Micros(0)), Ending::Over);
    }
}
