//! Revealed values: each is shown for a few seconds and then forgotten by itself. Nothing else in the widget holds clear text.

use core::fmt;

use kyc_wire::ids::Micros;
use kyc_wire::masked::Field;
use kyc_wire::session::Origin;

/// One value in clear text, until its time is up.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which field.
    pub field: Field,
    /// Of the claim or of the document.
    pub origin: Origin,
    /// The clear text.
    pub text: String,
    /// When it was shown.
    pub since: Micros,
    /// When it vanishes.
    pub until: Micros,
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Shown({:?}, {:?})", self.field, self.origin)
    }
}

impl Shown {
    /// Seconds left at `now`, rounded up so that the last second is not shown as 0.
    pub fn seconds_left(&self, now: Micros) -> i64 {
        self.until.seconds_since(Micros(now.0 - 999_999)).max(0)
    }

    /// How much of its time is left at `now`, in percent.
    pub fn percent_left(&self, now: Micros) -> i64 {
        let (whole, left) = (self.until.0 - self.since.0, self.until.0 - now.0);
        if whole <= 0 { 0 } else { (left.saturating_mul(100) / whole).clamp(0, 100) }
    }
}

/// All values shown in clear text now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reveals(Vec<Shown>);

impl Reveals {
    /// Shows a value for `seconds` from `now`; a second reveal of the same field replaces the first.
    pub fn show(&mut self, (field, origin): (Field, Origin), text: String, now: Micros, seconds: u32) {
        self.hide(field, origin);
        self.0.push(Shown { field, origin, text, since: now, until: now.plus_seconds(i64::from(seconds)) });
    }

    /// The value of this field, if it is shown.
    pub fn get(&self, field: Field, origin: Origin) -> Option<&Shown> {
        self.0.iter().find(|shown| shown.field == field && shown.origin == origin)
    }

    /// Whether nothing is shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets one value.
    pub fn hide(&mut self, field: Field, origin: Origin) {
        self.0.retain(|shown| shown.field != field || shown.origin != origin);
    }

    /// Forgets everything: the page is left, hidden, or signed out.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Forgets what has had its time at `now`; whether anything went.
    pub fn tick(&mut self, now: Micros) -> bool {
        let before = self.0.len();
        self.0.retain(|shown| shown.until > now);
        self.0.len() != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: (Field, Origin) = (Field::BirthDate, Origin::Claim);

    fn at(seconds: i64) -> Micros {
        Micros(0).plus_seconds(seconds)
    }

    #[test]
    fn a_revealed_value_vanishes_by_itself() {
        let mut reveals = Reveals::default();
        reveals.show(KEY, "1976-05-04".into(), at(0), 20);
        assert!(!reveals.tick(at(19)));
        assert!(reveals.get(KEY.0, KEY.1).is_some());
        assert!(reveals.tick(at(20)));
        assert!(reveals.is_empty());
    }

    #[test]
    fn the_ring_runs_down_with_the_seconds() {
        let mut reveals = Reveals::default();
        reveals.show(KEY, "x".into(), at(0), 20);
        let shown = reveals.get(KEY.0, KEY.1).unwrap();
        assert_eq!((shown.seconds_left(at(5)), shown.percent_left(at(5))), (15, 75));
        assert_eq!(shown.seconds_left(Micros(19_500_000)), 1);
        assert_eq!((shown.seconds_left(at(30)), shown.percent_left(at(30))), (0, 0));
    }

    #[test]
    fn claim_and_document_are_revealed_apart() {
        let mut reveals = Reveals::default();
        reveals.show(KEY, "x".into(), at(0), 20);
        assert!(reveals.get(Field::BirthDate, Origin::Document).is_none());
    }

    #[test]
    fn a_debug_line_never_holds_the_value() {
        let mut reveals = Reveals::default();
        reveals.show(KEY, "1976-05-04".into(), at(0), 20);
        assert!(!format!("{reveals:?}").contains("1976"));
    }
}
