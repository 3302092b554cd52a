//! Debian's packages: what a build host without access to rustup's or Google's servers can still install.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::wasm::{LINKED, TARGET};
use crate::{Outcome, command, report, workspace};

/// A compiler recent enough for this workspace, with the sources of its standard library. From the security suite,
/// where browsers need it.
pub const RUST_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-clippy"];

/// Beside the libraries: the compiler that built them. Another compiler refuses them.
const BUILT_BY: &str = "built-by";

/// Installs packages, as root or by sudo. Refuses where there is no apt.
pub fn install(packages: &[&str]) -> Outcome {
    if workspace::find_program("apt-get").is_none() {
        return Err(format!("please install {} by this system's means", packages.join(", ")).into());
    }
    let what = format!("apt-get install {}", packages.join(" "));
    report::timed(&what, || {
        if packages.iter().any(|package| !is_offered(package)) {
            as_root(&["apt-get", "update", "-qq"])?;
        }
        let missing: Vec<_> = packages.iter().filter(|package| !is_offered(package)).copied().collect();
        if !missing.is_empty() {
            return Err(format!("this system's package lists have no {}", missing.join(", ")).into());
        }
        let mut arguments = vec!["apt-get", "install", "-y", "-qq", "--no-install-recommends"];
        arguments.extend(packages);
        as_root(&arguments)
    })
}

/// Makes rustup toolchain [`LINKED`] from Debian's compiler, with a standard library for wasm built here: Debian
/// packages its sources only.
pub fn wasm_toolchain() -> Outcome {
    let linker = newest_linker()?;
    let mut packages = RUST_PACKAGES.to_vec();
    packages.push(&linker);
    install(&packages)?;
    let built = report::timed("building the standard library for wasm (about 75 s on two cores)", build_std)?;
    install_std(&built, linker.trim_start_matches("lld"))?;
    command::run(command::program("rustup").args(["toolchain", "link", LINKED, "/usr"]))
}

/// Whether the libraries in this folder are those of the compiler with this version line.
pub fn was_built_by(libraries: &Path, version: &str) -> bool {
    fs::read_to_string(libraries.join(BUILT_BY)).is_ok_and(|built_by| built_by.trim() == version)
}

/// An empty crate is compiled with `-Zbuild-std`; the libraries that come of it are what rustup would have brought.
fn build_std() -> Outcome<PathBuf> {
    let folder = workspace::tools()?.join("wasm-std");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src").join("lib.rs"), "")?;
    fs::write(
        folder.join("Cargo.toml"),
        "[package]\nname = \"seed\"\nedition = \"2021\"\n[profile.release]\npanic = \"abort\"\n[workspace]\n",
    )?;
    let mut build = command::program("/usr/bin/cargo");
    build.args(["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET]).current_dir(&folder);
    build.env("PATH", "/usr/bin:/bin").env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", folder.join("target"));
    // Without the bitcode, link-time optimisation against these libraries fails.
    build.env("RUSTFLAGS", "-Cembed-bitcode=yes").env_remove("RUSTUP_TOOLCHAIN");
    command::run(&mut build)?;
    let libraries = folder.join("target").join(TARGET).join("release").join("deps");
    fs::write(libraries.join(BUILT_BY), command::output(command::program("/usr/bin/rustc").arg("--version"))?)?;
    Ok(libraries)
}

fn install_std(built: &Path, linker_suffix: &str) -> Outcome {
    let compiler = command::output(command::program("/usr/bin/rustc").arg("-vV"))?;
    let host = compiler.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("rustc -vV names no host")?;
    let libraries = format!("/usr/lib/rustlib/{TARGET}/lib");
    let host_programs = format!("/usr/lib/rustlib/{host}/bin");
    as_root(&["rm", "-rf", &libraries])?;
    as_root(&["mkdir", "-p", &libraries, &host_programs])?;
    for entry in fs::read_dir(built)? {
        let file = entry?.path();
        let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let is_library = file.extension().is_some_and(|extension| extension == "rlib") && !name.starts_with("libseed");
        if is_library || name == BUILT_BY {
            as_root(&["install", "-m", "644", &file.display().to_string(), &libraries])?;
        }
    }
    let linker = format!("/usr/bin/wasm-ld{linker_suffix}");
    as_root(&["ln", "-sf", &linker, &format!("{host_programs}/rust-lld")])
}

/// The package `lld-N` with the greatest N: the linker must not be older than the compiler's LLVM by much.
fn newest_linker() -> Outcome<String> {
    if workspace::find_program("apt-cache").is_none() {
        return Err("this system has no Debian packages".into());
    }
    let list = || command::output(command::program("apt-cache").args(["search", "--names-only", "^lld-[0-9]+$"]));
    let newest = |list: &str| {
        let versions =
            list.lines().filter_map(|line| line.split_whitespace().next()?.strip_prefix("lld-")?.parse().ok());
        versions.max().map(|newest: u32| format!("lld-{newest}"))
    };
    if let Some(found) = newest(&list()?) {
        return Ok(found);
    }
    as_root(&["apt-get", "update", "-qq"])?;
    newest(&list()?).ok_or_else(|| "this system's package lists have no lld".into())
}

fn is_offered(package: &str) -> bool {
    command::output(command::program("apt-cache").args(["policy", package]))
        .is_ok_and(|policy| policy.contains("Candidate: ") && !policy.contains("Candidate: (none)"))
}

fn as_root(arguments: &[&str]) -> Outcome {
    let is_root = command::output(command::program("id").arg("-u"))? == "0";
    let mut command = if is_root { command::program("env") } else { command::program("sudo") };
    if !is_root {
        report::line(&format!("asking for root: {}", arguments.join(" ")));
        command.stdin(std::process::Stdio::inherit());
    }
    run_quietly(command.arg("DEBIAN_FRONTEND=noninteractive").args(arguments))
}

// apt and dpkg write a line per file; it is of interest only when they fail.
fn run_quietly(command: &mut Command) -> Outcome {
    command.stderr(std::process::Stdio::piped());
    command::output(command).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_of_another_compiler_are_not_taken_for_this_ones() {
        let folder = std::env::temp_dir().join(format!("built-by-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(!was_built_by(&folder, "rustc 1.96.0"));
        fs::write(folder.join(BUILT_BY), "rustc 1.96.0\n").unwrap();
        assert!(was_built_by(&folder, "rustc 1.96.0"));
        assert!(!was_built_by(&folder, "rustc 1.97.0"));
        fs::remove_dir_all(folder).unwrap();
    }
}
