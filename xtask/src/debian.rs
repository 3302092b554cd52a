//! Debian's packages: what a build host without access to rustup's or Google's servers can still install.

use std::fs;
use std::path::{Path, PathBuf};

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
        update_lists()?;
        let missing: Vec<_> = packages.iter().filter(|package| !is_offered(package)).copied().collect();
        if !missing.is_empty() {
            return Err(format!("this system's package lists have no {}", missing.join(", ")).into());
        }
        // A machine that has just started may be upgrading itself.
        let wait = "DPkg::Lock::Timeout=600";
        let mut arguments = vec!["apt-get", "install", "-y", "-qq", "--no-install-recommends", "-o", wait];
        arguments.extend(packages);
        as_root(&arguments)
    })
}

/// Makes rustup toolchain [`LINKED`] from Debian's compiler, with a standard library for wasm built here: Debian
/// packages its sources only.
pub fn wasm_toolchain() -> Outcome {
    if workspace::find_program("apt-get").is_none() {
        return Err("this system has no Debian packages".into());
    }
    report::timed("apt-get update", update_lists)?;
    let linker = newest_linker()?;
    let mut packages = RUST_PACKAGES.to_vec();
    packages.push(&linker);
    install(&packages)?;
    check_version(&command::output(command::program("/usr/bin/rustc").arg("--version"))?)?;
    let built = report::timed("building the standard library for wasm (about 75 s on two cores)", build_std)?;
    install_std(&built, linker.trim_start_matches("lld"))?;
    command::output(command::program("rustup").args(["toolchain", "link", LINKED, "/usr"])).map(|_| ())
}

/// Refuses a compiler older than the workspace asks for: cargo would, minutes later and less clearly.
fn check_version(rustc: &str) -> Outcome {
    let minor = |version: &str| version.split('.').nth(1).and_then(|minor| minor.parse::<u32>().ok());
    let needed = env!("CARGO_PKG_RUST_VERSION");
    if minor(rustc) >= minor(needed) {
        return Ok(());
    }
    Err(format!("Debian's package is {rustc}, and {needed} is needed: is the security suite in the package sources?")
        .into())
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
    let built = built_libraries(built)?;
    let mut install = vec!["install", "-m", "644", "-t", &libraries];
    install.extend(built.iter().map(String::as_str));
    as_root(&install)?;
    let linker = format!("/usr/bin/wasm-ld{linker_suffix}");
    as_root(&["ln", "-sf", &linker, &format!("{host_programs}/rust-lld")])
}

/// The libraries, and last the file that vouches for them.
fn built_libraries(folder: &Path) -> Outcome<Vec<String>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.path();
        let is_library = file.extension().is_some_and(|extension| extension == "rlib");
        let file = file.display().to_string();
        if is_library && !file.contains("/libseed-") {
            files.push(file);
        }
    }
    files.push(folder.join(BUILT_BY).display().to_string());
    Ok(files)
}

/// The package `lld-N` with the greatest N: the linker must not be older than the compiler's LLVM by much.
fn newest_linker() -> Outcome<String> {
    let list = command::output(command::program("apt-cache").args(["search", "--names-only", "^lld-[0-9]+$"]))?;
    newest_in(&list).ok_or_else(|| "this system's package lists have no lld".into())
}

fn newest_in(list: &str) -> Option<String> {
    let version = |line: &str| line.split_whitespace().next()?.strip_prefix("lld-")?.parse::<u32>().ok();
    list.lines().filter_map(version).max().map(|newest| format!("lld-{newest}"))
}

fn update_lists() -> Outcome {
    as_root(&["apt-get", "update", "-qq"])
}

fn is_offered(package: &str) -> bool {
    command::output(command::program("apt-cache").args(["policy", package]))
        .is_ok_and(|policy| policy.contains("Candidate: ") && !policy.contains("Candidate: (none)"))
}

/// Runs as root, by sudo where we are not. Its output is shown only when it fails: dpkg writes a line per file.
fn as_root(arguments: &[&str]) -> Outcome {
    let is_root = command::output(command::program("id").arg("-u"))? == "0";
    let mut command = if is_root { command::program("env") } else { command::program("sudo") };
    if !is_root {
        report::line(&format!("needs root: sudo {}", arguments.join(" ")));
        command.arg("env");
    }
    command::output(command.arg("DEBIAN_FRONTEND=noninteractive").args(arguments)).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_linker_is_the_one_with_the_greatest_number() {
        let list = "lld-9 - LLVM-based linker\nlld-22 - LLVM-based linker\nlld-19 - LLVM-based linker";
        assert_eq!(newest_in(list).as_deref(), Some("lld-22"));
        assert_eq!(newest_in(""), None);
    }

    #[test]
    fn a_compiler_older_than_the_workspace_asks_for_is_refused() {
        assert!(check_version("rustc 1.9999.0 (built from a source tarball)").is_ok());
        assert!(check_version("rustc 1.63.0 (Debian)").unwrap_err().to_string().contains("security suite"));
        assert!(check_version("no version").is_err());
    }

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
