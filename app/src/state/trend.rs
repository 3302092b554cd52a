//! The last hour of one number, as far as this page has seen it: one sample a minute, drawn as a tiny line.

use kyc_wire::ids::Micros;

/// Minutes that are kept.
const KEPT: usize = 60;
/// Width and height of the drawing.
const SIZE: (usize, u32) = (60, 16);

/// Samples, one a minute, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trend {
    samples: Vec<(i64, u32)>,
}

impl Trend {
    /// Notes a number; a second one in the same minute replaces the first.
    pub fn note(&mut self, now: Micros, number: u32) {
        let minute = now.0.div_euclid(60_000_000);
        self.samples.retain(|(at, _)| *at != minute);
        self.samples.push((minute, number));
        let excess = self.samples.len().saturating_sub(KEPT);
        self.samples.drain(..excess);
    }

    /// The points of an SVG polyline, `60` by `16`; nothing until there are two samples.
    pub fn points(&self) -> Option<String> {
        if self.samples.len() < 2 {
            return None;
        }
        let most = self.samples.iter().map(|(_, number)| *number).max().unwrap_or(0).max(1);
        let (width, height) = SIZE;
        let first = width - self.samples.len();
        let point = |(at, (_, number)): (usize, &(i64, u32))| {
            let up = number * (height - 2) / most;
            format!("{},{}", first + at, height - 1 - up)
        };
        Some(self.samples.iter().enumerate().map(point).collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sample_is_no_line() {
        let mut trend = Trend::default();
        trend.note(Micros(0), 3);
        trend.note(Micros(1), 4);
        assert_eq!(trend.points(), None);
    }

    #[test]
    fn the_newest_minute_is_at_the_right_and_the_most_on_top() {
        let mut trend = Trend::default();
        trend.note(Micros(0), 0);
        trend.note(Micros(0).plus_seconds(60), 7);
        assert_eq!(trend.points().as_deref(), Some("58,15 59,1"));
    }

    #[test]
    fn an_hour_is_kept() {
        let mut trend = Trend::default();
        for minute in 0..90 {
            trend.note(Micros(0).plus_seconds(minute * 60), 1);
        }
        assert_eq!(trend.samples.len(), 60);
    }
}
