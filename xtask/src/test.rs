//! `cargo xtask test`: everything that must hold before a change is merged, one step after the other, with a summary.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::setup::{Ready, Scope};
use crate::wasm::{TARGET, WasmToolchain};
use crate::widget::Profile;
use crate::{Outcome, command, report, setup, widget};

/// What to do after a step failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum OnFailure {
    /// Leave the rest.
    Stop,
    /// Run the rest too and fail at the end.
    GoOn,
}

/// One step: its name, how to repeat it by hand, and what it does. A passed step may say what it could not check.
struct Step {
    name: &'static str,
    by_hand: String,
    work: Box<dyn FnOnce() -> Outcome<Option<&'static str>>>,
}

/// How a step went.
struct Result {
    name: &'static str,
    verdict: String,
    took: Duration,
}

/// Runs all steps.
pub fn all(on_failure: OnFailure) -> Outcome {
    let start = Instant::now();
    report::headline("setup");
    let ready = setup::prepare(Scope::Everything)?;
    // The server embeds this folder: its absence would be a compile error before the widget is built.
    fs::create_dir_all(widget::dist())?;
    let mut results = vec![Result { name: "setup", verdict: "ok".to_owned(), took: start.elapsed() }];
    let mut failed = Vec::new();
    for step in steps(&ready)? {
        if !failed.is_empty() && on_failure == OnFailure::Stop {
            results.push(Result { name: step.name, verdict: "not run".to_owned(), took: Duration::ZERO });
            continue;
        }
        let by_hand = step.by_hand.clone();
        let (result, problem) = run(step);
        failed.extend(problem.map(|problem| format!("{}: {problem}\n  again: {by_hand}", result.name)));
        results.push(result);
    }
    summary(&results, start.elapsed());
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n").into()) }
}

fn run(step: Step) -> (Result, Option<String>) {
    report::headline(step.name);
    let start = Instant::now();
    let outcome = (step.work)();
    let took = start.elapsed();
    report::line(&format!("-- {}: {}", step.name, report::elapsed(took)));
    match outcome {
        Ok(None) => (Result { name: step.name, verdict: "ok".to_owned(), took }, None),
        Ok(Some(gap)) => (Result { name: step.name, verdict: format!("ok, but {gap}"), took }, None),
        Err(problem) => (Result { name: step.name, verdict: "FAILED".to_owned(), took }, Some(problem.to_string())),
    }
}

fn summary(results: &[Result], total: Duration) {
    report::headline("summary");
    let width = results.iter().map(|result| result.name.len()).max().unwrap_or_default();
    for Result { name, verdict, took } in results {
        report::line(&format!("{name:width$}  {:>12}  {verdict}", report::elapsed(*took)));
    }
    report::line(&format!("{:width$}  {:>12}", "total", report::elapsed(total)));
}

/// The steps in the order that finds the most for the least time. The widget comes before the tests, which load it.
fn steps(ready: &Ready) -> Outcome<Vec<Step>> {
    Ok(vec![
        plain("format", command::cargo(&["fmt", "--all", "--check"])),
        plain("clippy", command::cargo(&lint(&["--workspace", "--all-targets"]))),
        clippy_for_wasm(ready.wasm),
        plain("documentation", documentation()),
        deny(ready)?,
        advisories(ready)?,
        widget_step(),
        in_process(),
        on_postgres(),
        plain("doc tests", command::cargo(&["test", "--workspace", "--locked", "--doc"])),
        in_browser(ready),
    ])
}

fn plain(name: &'static str, mut command: Command) -> Step {
    Step { name, by_hand: command::shown(&command), work: Box::new(move || command::run(&mut command).map(|()| None)) }
}

fn lint<'a>(what: &[&'a str]) -> Vec<&'a str> {
    [&["clippy", "--locked"], what, &["--", "-D", "warnings"]].concat()
}

fn documentation() -> Command {
    let mut doc = command::cargo(&["doc", "--workspace", "--no-deps", "--locked"]);
    doc.env("RUSTDOCFLAGS", "-D warnings");
    doc
}

fn clippy_for_wasm(toolchain: WasmToolchain) -> Step {
    let mut version = command::cargo(&["clippy", "--version"]);
    toolchain.apply(&mut version);
    let has_clippy = command::output(&mut version).is_ok();
    let what = ["--package", "kyc-app", "--target", TARGET];
    let mut check = if has_clippy {
        command::cargo(&lint(&what))
    } else {
        command::cargo(&[&["check", "--locked"], &what[..]].concat())
    };
    toolchain.apply(&mut check);
    let by_hand = command::shown(&check);
    let work = Box::new(move || {
        command::run(&mut check)?;
        if has_clippy {
            return Ok(None);
        }
        report::warning("the toolchain that compiles the widget has no clippy: compiled, not linted");
        Ok(Some("without clippy: the wasm toolchain has none"))
    });
    Step { name: "clippy for wasm", by_hand, work }
}

fn cargo_deny(ready: &Ready, arguments: &[&str]) -> Outcome<Command> {
    let mut deny = command::cargo(&[&["deny", "--locked"], arguments].concat());
    command::with_path(&mut deny, &ready.path)?;
    // A repository that asks for a password is one we cannot reach.
    deny.env("GIT_TERMINAL_PROMPT", "0");
    Ok(deny)
}

/// cargo-deny is in the cache and not on the reader's `PATH`.
fn deny_by_hand(ready: &Ready, deny: &Command) -> String {
    let folder = ready.path.iter().find(|folder| folder.join("cargo-deny").is_file());
    let path = folder.map(|folder| format!("PATH={}:$PATH ", folder.display()));
    format!("{}{}", path.unwrap_or_default(), command::shown(deny))
}

fn deny(ready: &Ready) -> Outcome<Step> {
    let check = cargo_deny(ready, &["check", "licenses", "bans", "sources"])?;
    let by_hand = deny_by_hand(ready, &check);
    Ok(Step { by_hand, ..plain("licences, bans, sources", check) })
}

fn advisories(ready: &Ready) -> Outcome<Step> {
    let mut fetch = cargo_deny(ready, &["fetch", "db"])?;
    let mut check = cargo_deny(ready, &["check", "--disable-fetch", "advisories"])?;
    let by_hand = deny_by_hand(ready, &check);
    let work = Box::new(move || {
        if let Err(problem) = command::output(&mut fetch) {
            report::warning(&format!("the advisory database cannot be reached, advisories NOT checked:\n{problem}"));
            return Ok(Some("NOT CHECKED: the advisory database cannot be reached"));
        }
        command::run(&mut check).map(|()| None)
    });
    Ok(Step { name: "advisories", by_hand, work })
}

fn widget_step() -> Step {
    let work = Box::new(|| widget::command(Profile::Small).map(|()| None));
    Step { name: "widget", by_hand: "cargo xtask widget".to_owned(), work }
}

/// The in-process tests once more, on the other database.
/// The cases of properties are the same in every run: whoever wants others calls `cargo test`, which draws them anew.
const SEED: (&str, &str) = ("PROPTEST_RNG_SEED", "20261127");

fn in_process() -> Step {
    let mut test = command::cargo(&["test", "--workspace", "--locked", "--lib", "--bins", "--test", "it"]);
    test.env(SEED.0, SEED.1);
    plain("tests", test)
}

fn on_postgres() -> Step {
    let mut test = command::cargo(&["test", "--workspace", "--locked", "--test", "it"]);
    test.env("KYC_TEST_DATABASE", "postgres").env(SEED.0, SEED.1);
    plain("tests on PostgreSQL", test)
}

fn in_browser(ready: &Ready) -> Step {
    // The whole workspace: with one package alone, cargo would build what is shared a second time, with fewer features.
    let mut test = command::cargo(&["test", "--workspace", "--locked", "--test", "browser"]);
    if let Some(browser) = &ready.browser {
        browser.apply(&mut test);
    }
    plain("tests in a browser", test)
}
