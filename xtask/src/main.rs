//! The project's commands, so that a fresh clone needs nothing but rustup and a C compiler: what is missing is found,
//! installed or explained by `cargo xtask setup`, and every other command begins with the part of it that it needs.
//!
//! It refuses to grow knowledge of the product: it starts programs, measures files and reports. Nothing here ships.

mod answer;
mod bench;
mod browser;
mod command;
mod debian;
mod dist;
mod matrix;
mod postgres;
mod report;
mod run;
mod sameness;
mod setup;
mod size;
mod stamp;
mod test;
mod tools;
mod wasm;
mod widget;
mod workspace;

use std::error::Error;
use std::process::ExitCode;

/// What every step returns: the sentence that says what failed is all its reader needs.
type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const USAGE: &str = "\
Usage: cargo xtask <command>

  setup             find or install the wasm target, trunk, wasm-bindgen, wasm-opt, cargo-deny, Chromium, Firefox
  run [--keep]      start the demo and print its addresses; --keep leaves the demo's data as it was
  test [--keep-going]
                    everything CI checks; --keep-going reports every failing step instead of the first
  matrix            signs in by every way that the browsers leave, and writes docs/sso/browsers.md
  bench [PART ...]  what is promised, measured beside floors: reads, webhooks, decisions, streams, flow, growth, page
  dist              the shipped binary with the widget inside, in dist/
  widget [--quick]  the widget alone, in app/dist; --quick builds fast instead of small
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["setup"] => setup::prepare(setup::Scope::Everything).map(|_| ()),
        ["run"] => run::demo(run::Data::Fresh),
        ["run", "--keep"] => run::demo(run::Data::Kept),
        ["test"] => test::all(test::OnFailure::Stop),
        ["test", "--keep-going"] => test::all(test::OnFailure::GoOn),
        ["bench", parts @ ..] => bench::measure(parts),
        ["matrix"] => matrix::all(),
        ["dist"] => dist::binary(),
        ["widget"] => widget::command(widget::Profile::Small),
        ["widget", "--quick"] => widget::command(widget::Profile::Quick),
        ["help" | "--help" | "-h"] => {
            report::line(USAGE);
            Ok(())
        }
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            report::problem(&problem.to_string());
            ExitCode::FAILURE
        }
    }
}
