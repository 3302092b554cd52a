//! The build's tools, in a cache of this user, each in a folder named after its version.
//!
//! They are built without optimisation: they run for seconds, and building them optimised takes minutes longer. A
//! tool of the right version that is on `PATH` already is used as it is.

use std::io::{IsTerminal as _, stderr};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, command, debian, report, workspace};

const TRUNK: &str = "0.21.14"; // the newest that Rust 1.95 compiles: 0.22 asks for 1.96.1
const CARGO_DENY: &str = "0.20.2";
const CARGO_CYCLONEDX: &str = "0.5.9";
const GECKODRIVER: &str = "0.37.1";
const BINARYEN: &str = "132.0.0";
const AXE: &str = "4.14.1";
const AXE_SHA256: &str = "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c";
const WORKFLOW_CORE: &str = "0.5.30";
const PYSAML2: &str = "7.5.5";
const OIDC_PROVIDER: &str = "9.13.3";
const NODE: &str = "22.23.3"; // oidc-provider 9 asks for 22, and Debian 12 has 18

/// A program from crates.io.
pub struct Tool {
    krate: &'static str,
    version: String,
    program: &'static str,
    arguments: &'static [&'static str],
    opt_level: &'static str,
    minutes: u32,
}

/// Trunk, without its TLS: it finds its helpers on `PATH` and fetches nothing.
pub fn trunk() -> Tool {
    Tool {
        krate: "trunk",
        version: TRUNK.to_owned(),
        program: "trunk",
        arguments: &["--locked", "--no-default-features"],
        opt_level: "0",
        minutes: 5,
    }
}

/// `wasm-bindgen` in the version of the crate that the widget is locked to: any other refuses the widget's module.
pub fn wasm_bindgen() -> Outcome<Tool> {
    Ok(Tool {
        krate: "wasm-bindgen-cli",
        version: workspace::locked_version("wasm-bindgen")?,
        program: "wasm-bindgen",
        // Not --locked: its lock file names newer crates than a registry mirror may have.
        arguments: &[],
        opt_level: "1",
        minutes: 3,
    })
}

/// cargo-deny, which reads `deny.toml`.
pub fn cargo_deny() -> Tool {
    Tool {
        krate: "cargo-deny",
        version: CARGO_DENY.to_owned(),
        program: "cargo-deny",
        arguments: &["--locked"],
        opt_level: "0",
        minutes: 2,
    }
}

/// cargo-cyclonedx, which lists what is inside a binary.
pub fn cargo_cyclonedx() -> Tool {
    Tool {
        krate: "cargo-cyclonedx",
        version: CARGO_CYCLONEDX.to_owned(),
        program: "cargo-cyclonedx",
        arguments: &["--locked"],
        opt_level: "0",
        minutes: 2,
    }
}

/// geckodriver, which drives Firefox for the browser tests. Debian has no package of it.
fn geckodriver() -> Tool {
    Tool {
        krate: "geckodriver",
        version: GECKODRIVER.to_owned(),
        program: "geckodriver",
        arguments: &["--locked"],
        opt_level: "0",
        minutes: 2,
    }
}

/// The cache.
pub struct Toolbox {
    folder: PathBuf,
}

impl Toolbox {
    /// The cache in this folder, which need not exist yet.
    pub fn at(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder to put on `PATH` for this tool; none if it is there already.
    pub fn ensure(&self, tool: &Tool) -> Outcome<Option<PathBuf>> {
        let root = self.folder.join(format!("{}-{}", tool.program, tool.version));
        let programs = root.join("bin");
        if programs.join(tool.program).is_file() {
            return Ok(Some(programs));
        }
        if is_on_path(tool.program, &tool.version) {
            return Ok(None);
        }
        let what = format!(
            "cargo install {} {} (about {} min on two cores, once per user)",
            tool.krate, tool.version, tool.minutes
        );
        report::timed(&what, || command::run(&mut install(tool, &root)))?;
        Ok(Some(programs))
    }

    /// geckodriver itself.
    pub fn ensure_geckodriver(&self) -> Outcome<PathBuf> {
        let tool = geckodriver();
        let folder = self.ensure(&tool)?;
        let found = folder.map(|folder| folder.join(tool.program)).or_else(|| workspace::find_program(tool.program));
        found.ok_or_else(|| "geckodriver was on PATH, and is no more".into())
    }

    /// The folder to put on `PATH` for `wasm-opt`; none if it is there already.
    ///
    /// It comes from npm, where it is built for every platform: Debian 12's is too old for what today's Rust emits,
    /// and the crate compiles C++ for eight minutes. There is no way round it: a widget that skipped this step would
    /// be a different one.
    pub fn ensure_wasm_opt(&self) -> Outcome<Option<PathBuf>> {
        let root = self.folder.join(format!("binaryen-{BINARYEN}"));
        let programs = root.join("node_modules").join(".bin");
        if programs.join("wasm-opt").is_file() {
            return Ok(Some(programs));
        }
        let major = BINARYEN.split('.').next().unwrap_or(BINARYEN);
        if is_on_path("wasm-opt", major) {
            return Ok(None);
        }
        ensure_npm()?;
        report::timed(&format!("npm install binaryen {BINARYEN} (seconds)"), || {
            npm_install(&root, &[&format!("binaryen@{BINARYEN}")])
        })?;
        Ok(Some(programs))
    }

    /// axe-core, which knows what WCAG asks for: the script that the browser tests run in every screen.
    pub fn ensure_axe(&self) -> Outcome<PathBuf> {
        let root = self.folder.join(format!("axe-core-{AXE}"));
        let script = root.join("node_modules").join("axe-core").join("axe.min.js");
        if !script.is_file() {
            ensure_npm()?;
            report::timed(&format!("npm install axe-core {AXE} (seconds)"), || {
                npm_install(&root, &[&format!("axe-core@{AXE}")])
            })
            .map_err(|problem| {
                format!("the browser tests need axe-core {AXE}, and npm's registry does not give it: {problem}")
            })?;
        }
        // It runs inside every screen of the tests: nothing but what was looked at.
        is_exactly(&script, AXE_SHA256)?;
        Ok(script)
    }

    /// The Python that has pysaml2: an identity provider that nobody here wrote, for the tests. An environment of its own, so that
    /// nothing of the system's Python changes.
    pub fn ensure_pysaml2(&self) -> Outcome<PathBuf> {
        let root = self.folder.join(format!("pysaml2-{PYSAML2}"));
        let (python, done) = (root.join("bin").join("python"), root.join("installed"));
        if done.is_file() {
            return Ok(python);
        }
        if command::output(command::program("python3").args(["-c", "import ensurepip, venv"])).is_err() {
            debian::install(&["python3", "python3-venv"])?;
        }
        report::timed(&format!("pip install pysaml2 {PYSAML2} (seconds)"), || {
            command::output(command::program("python3").args(["-m", "venv", "--clear"]).arg(&root))?;
            let mut pip = command::program(&python);
            pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
            command::output(pip.arg(workspace::root().join("tests/idps/requirements.txt")))
        })
        .map_err(|problem| format!("the browser tests need pysaml2 {PYSAML2}: {problem}"))?;
        std::fs::write(done, "")?;
        Ok(python)
    }

    /// The folder of oidc-provider, the other identity provider that nobody here wrote, and the Node it runs on.
    pub fn ensure_oidc_provider(&self) -> Outcome<(PathBuf, PathBuf)> {
        let root = self.folder.join(format!("oidc-provider-{OIDC_PROVIDER}"));
        let modules = root.join("node_modules");
        let (provider, node) = (modules.join("oidc-provider"), modules.join(node_package()).join("bin").join("node"));
        if !provider.is_dir() || !node.is_file() {
            ensure_npm()?;
            let packages = [format!("oidc-provider@{OIDC_PROVIDER}"), format!("{}@{NODE}", node_package())];
            let what = format!("npm install oidc-provider {OIDC_PROVIDER} and Node {NODE} (seconds)");
            report::timed(&what, || npm_install(&root, &packages))
                .map_err(|problem| format!("the browser tests need oidc-provider {OIDC_PROVIDER}: {problem}"))?;
        }
        Ok((provider, node))
    }

    /// The folder of `@ballerine/workflow-core`, an engine that `cargo xtask bench` measures beside ours.
    pub fn ensure_workflow_core(&self) -> Outcome<PathBuf> {
        let root = self.folder.join(format!("workflow-core-{WORKFLOW_CORE}"));
        if !root.join("node_modules").is_dir() {
            ensure_npm()?;
            // It needs lodash.merge and does not say so.
            let packages = [&format!("@ballerine/workflow-core@{WORKFLOW_CORE}"), "lodash.merge@4"];
            let what = format!("npm install @ballerine/workflow-core {WORKFLOW_CORE} (seconds)");
            report::timed(&what, || npm_install(&root, &packages))?;
        }
        Ok(root)
    }
}

fn install(tool: &Tool, root: &Path) -> Command {
    let mut install = command::cargo(&["install", tool.krate, "--version", &format!("={}", tool.version), "--root"]);
    install.arg(root).args(tool.arguments);
    if !stderr().is_terminal() {
        install.arg("--quiet"); // hundreds of lines that nobody reads in a log
    }
    // Its own target folder, which cargo removes: ours would keep gigabytes of it.
    install.env_remove("CARGO_TARGET_DIR");
    let profile = [("OPT_LEVEL", tool.opt_level), ("LTO", "off"), ("CODEGEN_UNITS", "256"), ("DEBUG", "0")];
    for (setting, value) in profile {
        install.env(format!("CARGO_PROFILE_RELEASE_{setting}"), value);
    }
    install
}

fn ensure_npm() -> Outcome {
    if workspace::find_program("npm").is_some() {
        return Ok(());
    }
    debian::install(&["nodejs", "npm"]).map_err(|problem| {
        format!("wasm-opt, axe-core and oidc-provider come from npm's registry, and there is no npm: {problem}").into()
    })
}

/// Refuses a file that is not the one with this digest.
fn is_exactly(file: &Path, digest: &str) -> Outcome {
    let found = workspace::sha256(file)?;
    if found == digest {
        return Ok(());
    }
    Err(format!("{} has the digest {found}, not {digest}: remove its folder and try again", file.display()).into())
}

/// What the npm package `node` would fetch for this machine by a script; no package's scripts run here.
fn node_package() -> String {
    let system = if cfg!(target_os = "macos") { "darwin" } else { std::env::consts::OS };
    let processor = if cfg!(target_arch = "aarch64") { "arm64" } else { "x64" };
    let prefix = if cfg!(all(target_os = "macos", target_arch = "aarch64")) { "node-bin" } else { "node" };
    format!("{prefix}-{system}-{processor}")
}

fn npm_install(root: &Path, packages: &[impl AsRef<std::ffi::OsStr>]) -> Outcome {
    std::fs::create_dir_all(root)?;
    // npm walks up to the first package.json: without one here it could install into somebody else's folder.
    std::fs::write(root.join("package.json"), "{ \"private\": true }\n")?;
    let mut npm = command::program("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--silent", "--prefix"]);
    command::output(npm.arg(root).args(packages).current_dir(root)).map(|_| ())
}

fn is_on_path(program: &str, version: &str) -> bool {
    workspace::find_program(program).is_some_and(|found| {
        let said = command::output(command::program(found).arg("--version")).unwrap_or_default();
        said.split_whitespace().any(|word| word == version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_in_the_cache_is_found_without_starting_anything() {
        let folder = std::env::temp_dir().join(format!("toolbox-{}", std::process::id()));
        let programs = folder.join(format!("trunk-{TRUNK}")).join("bin");
        std::fs::create_dir_all(&programs).unwrap();
        std::fs::write(programs.join("trunk"), "").unwrap();
        assert_eq!(Toolbox::at(folder.clone()).ensure(&trunk()).unwrap(), Some(programs));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_tool_is_built_for_a_short_build_and_outside_our_target_folder() {
        let shown = command::shown(&install(&cargo_deny(), Path::new("/cache/cargo-deny")));
        assert!(shown.contains("CARGO_PROFILE_RELEASE_OPT_LEVEL=0"), "{shown}");
        assert!(shown.contains("cargo install cargo-deny --version =0.20.2 --root /cache/cargo-deny --locked"));
        assert!(!shown.contains("CARGO_TARGET_DIR"));
    }

    #[test]
    fn a_script_with_another_digest_is_refused() {
        let file = std::env::temp_dir().join(format!("script-{}", std::process::id()));
        std::fs::write(&file, "abc").unwrap();
        is_exactly(&file, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        let problem = is_exactly(&file, AXE_SHA256).unwrap_err().to_string();
        assert!(problem.contains("has the digest ba7816bf"), "{problem}");
        std::fs::remove_file(file).unwrap();
    }

    #[test]
    fn another_version_on_path_is_not_the_tool() {
        assert!(!is_on_path("cargo", "0.0.1"));
        assert!(!is_on_path("no-such-program", "1"));
    }
}
