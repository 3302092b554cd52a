//! What was measured, as a table that can be pasted into `docs/performance.md`.

use std::time::Duration;

/// How often each thing is measured. Floors and bars take turns, so that a machine that slows down slows both.
pub const RUNS: usize = 5;

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The one that only this part of all are above.
pub fn quantile(mut values: Vec<Duration>, part: f64) -> Duration {
    values.sort();
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = ((values.len() - 1) as f64 * part).round() as usize;
    values[place]
}

/// Rows of one table.
pub struct Table {
    title: &'static str,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty one, with the names of its columns.
    pub fn new(title: &'static str, columns: &[&str]) -> Self {
        Self { title, rows: vec![columns.iter().map(|&name| name.to_owned()).collect()] }
    }

    /// Adds a row, and says it at once, for whoever waits.
    pub fn row(&mut self, cells: Vec<String>) {
        progress(&cells.join("   "));
        self.rows.push(cells);
    }

    /// A rate beside its floor, and whether it reaches `bar`, a share of the floor.
    pub fn ratio(&mut self, what: &str, (ours, floor): (f64, f64), bar: f64) {
        let is_met = if ours / floor >= bar { "met" } else { "**not met**" };
        let ratio = format!("{:.2}", ours / floor);
        self.row(vec![what.to_owned(), whole(ours), whole(floor), ratio, format!("≥ {bar:.2}"), is_met.to_owned()]);
    }

    /// The whole as Markdown.
    pub fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
        let rule = vec!["---".to_owned(); self.rows[0].len()];
        let rows: String = self.rows[1..].iter().map(|row| line(row)).collect();
        format!("\n### {}\n\n{}{}{rows}", self.title, line(&self.rows[0]), line(&rule))
    }
}

/// A rate without what nobody can measure.
pub fn whole(rate: f64) -> String {
    format!("{rate:.0}")
}

/// Milliseconds with two digits after the point.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1000.0)
}

/// Says what goes on.
#[expect(clippy::print_stderr, reason = "a measurement takes minutes, and somebody waits for it")]
pub fn progress(text: &str) {
    eprintln!("{text}");
}
