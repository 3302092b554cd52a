//! `cargo xtask widget`: the page that agents see, built by Trunk into `app/dist`, where the server embeds it.
//!
//! It refuses a page that grew beyond [`CEILING`].

use std::path::PathBuf;

use crate::setup::{Ready, Scope};
use crate::{Outcome, command, report, sameness, setup, size, stamp, workspace};

/// The most a browser may download for the whole page, in bytes as sent. Lower it when the page got smaller for good;
/// raise it with a reason in the change's description.
const CEILING: usize = 265 * 1000;

/// How the widget is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// As it ships: optimised for size across all crates, then by wasm-opt, then compressed.
    Small,
    /// As a developer or the demo wants it: soon.
    Quick,
}

impl Profile {
    /// What `setup` must have found for it.
    pub fn scope(self) -> Scope {
        match self {
            Self::Small => Scope::Release,
            Self::Quick => Scope::Page,
        }
    }

    fn cargo_profile(self) -> &'static str {
        match self {
            Self::Small => "wasm",
            // Not `dev`, which optimises what we depend on: that takes three times as long.
            Self::Quick => "wasm-quick",
        }
    }
}

/// `cargo xtask widget`.
pub fn command(profile: Profile) -> Outcome {
    build(profile, &setup::prepare(profile.scope())?)
}

/// Builds the widget unless what lies in `app/dist` is it already.
pub fn build(profile: Profile, ready: &Ready) -> Outcome {
    let inputs = inputs_for(profile, ready)?;
    let dist = dist();
    // The small build is as correct as the quick one; whoever wants it quickly has it already.
    if stamp::is_current(inputs, &dist) || stamp::is_current(inputs_for(Profile::Small, ready)?, &dist) {
        report::line(&format!("widget: {} is up to date", workspace::shown(&dist)));
        return Ok(());
    }
    report::timed("downloading the locked crates", || command::run(&mut command::cargo(&["fetch", "--locked", "-q"])))?;
    report::timed("building the widget", || trunk(profile, ready))?;
    if profile == Profile::Small {
        let total = report::timed("compressing the widget", || size::compress(&dist))?;
        check(total)?;
    }
    stamp::record(inputs, &dist)
}

/// Where the widget is built.
pub fn dist() -> PathBuf {
    workspace::root().join("app").join("dist")
}

fn trunk(profile: Profile, ready: &Ready) -> Outcome {
    let mut trunk = command::program("trunk");
    // Offline: all it needs was fetched or installed, and a build that downloads is not repeatable.
    trunk.args(["build", "--offline", "--locked", "--cargo-profile", profile.cargo_profile()]);
    trunk.arg(format!("--release={}", profile == Profile::Small));
    command::with_path(&mut trunk, &ready.path)?;
    ready.wasm.apply(&mut trunk);
    if profile == Profile::Small {
        sameness::of_widget(&mut trunk)?;
    }
    // Its minifier of scripts cannot read what wasm-bindgen writes, leaves it as it is, and warns every time.
    trunk.env("RUST_LOG", "error,trunk=info,trunk::processing::minify=error");
    if workspace::is_set("NO_COLOR") {
        trunk.env("NO_COLOR", "true"); // Trunk reads a boolean where https://no-color.org says any value
    }
    command::run(&mut trunk)
}

fn inputs_for(profile: Profile, ready: &Ready) -> Outcome<u64> {
    let mut circumstances = vec![profile.cargo_profile().to_owned(), ready.wasm.version()?];
    if profile == Profile::Small {
        circumstances.extend([CEILING.to_string(), "repeatable".to_owned()]);
    }
    stamp::of_inputs(&circumstances)
}

fn check(total: usize) -> Outcome {
    if total > CEILING {
        return Err(format!(
            "the widget is {total} bytes as sent, {over} more than the ceiling of {CEILING} in xtask/src/widget.rs",
            over = total - CEILING
        )
        .into());
    }
    report::line(&format!("widget: {total} bytes as sent; the ceiling is {CEILING}"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_widget_above_the_ceiling_is_refused_with_the_excess() {
        assert!(check(CEILING).is_ok());
        let problem = check(CEILING + 7).unwrap_err().to_string();
        assert!(problem.contains("7 more than the ceiling"), "{problem}");
    }
}
