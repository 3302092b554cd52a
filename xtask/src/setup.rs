//! `cargo xtask setup`: finds or installs what the other commands need, and says what it does meanwhile.
//!
//! When all is there it looks at files and starts `rustc` once, so every command can begin with it.

use std::path::PathBuf;
use std::time::Instant;

use crate::browser::Browsers;
use crate::tools::{Tool, Toolbox};
use crate::wasm::WasmToolchain;
use crate::{Outcome, browser, command, debian, postgres, report, tools, wasm, workspace};

/// How much of it the caller needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// The widget as the demo shows it: the wasm target, trunk, wasm-bindgen.
    Page,
    /// The widget as it ships: wasm-opt too.
    Release,
    /// What the tests need: cargo-deny, clippy, rustfmt, `PostgreSQL`, xmlsec1, browsers and identity providers too.
    Everything,
}

/// What was found or installed.
pub struct Ready {
    /// The toolchain that builds the widget.
    pub wasm: WasmToolchain,
    /// The folders that go on `PATH` of a child that builds or checks.
    pub path: Vec<PathBuf>,
    /// For the tests in browsers; only with [`Scope::Everything`].
    pub browser: Option<Browsers>,
}

/// Finds or installs what `scope` asks for.
pub fn prepare(scope: Scope) -> Outcome<Ready> {
    let start = Instant::now();
    let wasm = wasm::ensure()?;
    let toolbox = Toolbox::at(workspace::tools()?);
    let mut path = Vec::new();
    for tool in wanted(scope)? {
        path.extend(toolbox.ensure(&tool)?);
    }
    if scope != Scope::Page {
        path.extend(toolbox.ensure_wasm_opt()?);
    }
    let browser = match scope {
        Scope::Everything => {
            ensure_component("clippy", "cargo-clippy")?;
            ensure_component("rustfmt", "cargo-fmt")?;
            postgres::ensure()?;
            ensure_xmlsec()?;
            Some(browser::ensure(&toolbox)?)
        }
        Scope::Page | Scope::Release => None,
    };
    report::line(&format!("setup: all there ({})", report::elapsed(start.elapsed())));
    Ok(Ready { wasm, path, browser })
}

fn wanted(scope: Scope) -> Outcome<Vec<Tool>> {
    let mut wanted = vec![tools::trunk(), tools::wasm_bindgen()?];
    if scope == Scope::Everything {
        wanted.push(tools::cargo_deny());
    }
    Ok(wanted)
}

/// The second opinion on XML signatures that `tests/it/saml/oracle.rs` asks.
fn ensure_xmlsec() -> Outcome {
    if workspace::find_program("xmlsec1").is_some() { Ok(()) } else { debian::install(&["xmlsec1"]) }
}

// A minimal rustup profile has neither.
fn ensure_component(component: &str, program: &str) -> Outcome {
    if command::output(command::program(program).arg("--version")).is_ok() {
        return Ok(());
    }
    let add = || command::run(command::program("rustup").args(["component", "add", component]));
    report::timed(&format!("rustup component add {component}"), add)
}
