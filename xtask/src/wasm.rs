//! The toolchain that compiles the widget: the one in use if it has the `wasm32-unknown-unknown` target or can get it
//! from rustup, else Debian's.
//!
//! `rust-toolchain.toml` does not list the target: rustup would then try to download it on every call, and a build
//! host that reaches only a package mirror could not even run `cargo`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command, debian, report, workspace};

/// The target of the widget.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// The name under which rustup knows Debian's compiler.
pub const LINKED: &str = "system";

/// Who compiles for wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WasmToolchain {
    /// The toolchain that compiles everything else.
    InUse,
    /// Debian's, linked as rustup toolchain [`LINKED`].
    Linked,
}

impl WasmToolchain {
    /// Makes a child compile with this toolchain.
    pub fn apply(self, command: &mut Command) {
        if self == Self::Linked {
            command.env("RUSTUP_TOOLCHAIN", LINKED);
        }
    }

    /// The compiler's version line, such as `rustc 1.95.0 (59807616e 2026-04-14)`.
    pub fn version(self) -> Outcome<String> {
        command::output(self.rustc().arg("--version"))
    }

    /// Whether this toolchain can build the standard library's users for the target, checked by looking for `core`.
    fn has_target(self) -> bool {
        let libraries = command::output(self.rustc().args(["--print", "target-libdir", "--target", TARGET]));
        let Ok(libraries) = libraries.map(PathBuf::from) else { return false };
        match self {
            Self::InUse => has_core(&libraries),
            Self::Linked => has_core(&libraries) && self.version().is_ok_and(|v| debian::was_built_by(&libraries, &v)),
        }
    }

    fn rustc(self) -> Command {
        let mut rustc = command::program("rustc");
        self.apply(&mut rustc);
        rustc
    }
}

/// Finds a toolchain with the target or makes one: from rustup, else from Debian's packages, else explains.
pub fn ensure() -> Outcome<WasmToolchain> {
    let known = [WasmToolchain::InUse, WasmToolchain::Linked];
    if let Some(found) = known.into_iter().find(|toolchain| toolchain.has_target()) {
        return Ok(found);
    }
    if workspace::find_program("rustup").is_none() {
        return Err(explanation("there is no rustup on PATH").into());
    }
    let from_rustup = report::timed(&format!("rustup target add {TARGET}"), || {
        let mut rustup = command::program("rustup");
        // One attempt: on a host without a way out the next ones fail as slowly as the first.
        rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "1").env("RUST_BACKTRACE", "0");
        command::output(&mut rustup)
    });
    match from_rustup {
        Ok(_) if WasmToolchain::InUse.has_target() => Ok(WasmToolchain::InUse),
        Ok(_) => Err(explanation("rustup added the target, but the compiler in use does not see it").into()),
        Err(problem) => {
            report::line(&format!("{problem}\nrustup cannot get it; trying Debian's packages"));
            debian::wasm_toolchain().map_err(|problem| explanation(&problem.to_string()))?;
            Ok(WasmToolchain::Linked)
        }
    }
}

fn has_core(libraries: &Path) -> bool {
    let Ok(entries) = fs::read_dir(libraries) else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name().to_string_lossy().into_owned();
        name.starts_with("libcore-") && Path::new(&name).extension().is_some_and(|extension| extension == "rlib")
    })
}

fn explanation(cause: &str) -> String {
    format!(
        "the widget needs a Rust compiler with the target {TARGET}, and none could be found or made:\n  {cause}\n\
         Either of these settles it:\n\
         - with access to static.rust-lang.org or a mirror of it (RUSTUP_DIST_SERVER): rustup target add {TARGET}\n\
         - on Debian 12 or later with the security suite enabled: let this command install {packages} and lld\n\
         - a rustup toolchain named `{LINKED}` that has the target: rustup toolchain link {LINKED} DIRECTORY",
        packages = debian::RUST_PACKAGES.join(" "),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linked_toolchain_is_chosen_by_its_name_and_the_one_in_use_by_nothing() {
        let [mut linked, mut in_use] = [Command::new("rustc"), Command::new("rustc")];
        WasmToolchain::Linked.apply(&mut linked);
        WasmToolchain::InUse.apply(&mut in_use);
        assert_eq!(command::shown(&linked), "RUSTUP_TOOLCHAIN=system rustc");
        assert_eq!(command::shown(&in_use), "rustc");
    }

    #[test]
    fn a_folder_without_core_is_no_target() {
        assert!(!has_core(&workspace::root().join("xtask").join("src")));
    }
}
