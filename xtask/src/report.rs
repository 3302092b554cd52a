//! What the commands say: one line per thing that happens, how long it took, and a table at the end.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool speaks on its terminal")]

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::Outcome;

/// One line of text.
pub fn line(text: &str) {
    println!("{text}");
    flush();
}

/// A headline above the output of a long step.
pub fn headline(text: &str) {
    println!("\n== {text}");
    flush();
}

/// Why the command ends without success.
pub fn problem(text: &str) {
    eprintln!("\nxtask: {text}");
}

/// Something a reader must not overlook although the command goes on.
pub fn warning(text: &str) {
    eprintln!("\nWARNING: {text}\n");
}

/// Runs `work` between a line that announces it and a line that says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    line(&format!("{what} ..."));
    let start = Instant::now();
    let outcome = work()?;
    line(&format!("{what}: done in {}", elapsed(start.elapsed())));
    Ok(outcome)
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f32()),
        10..60 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

// Children write to the same terminal: what was said before they start must stand before what they say.
fn flush() {
    std::io::stdout().flush().ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_people_say_it() {
        assert_eq!(elapsed(Duration::from_millis(400)), "0.4 s");
        assert_eq!(elapsed(Duration::from_secs(12)), "12 s");
        assert_eq!(elapsed(Duration::from_secs(185)), "3 min 05 s");
    }
}
