//! Where things lie: the project, what it builds, and this user's cache. The only file that reads the environment.

use std::env;
use std::path::{Path, PathBuf};

use crate::Outcome;

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    // Cargo says at run time which checkout is meant: checkouts may share one target folder, and so one binary.
    let manifest = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().expect("xtask lies in the workspace").to_path_buf()
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Where tools are kept: per user and by version, so that a second clone on the same machine installs nothing.
pub fn tools() -> Outcome<PathBuf> {
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let cache = match (cache, env::home_dir()) {
        (Some(cache), _) => cache,
        (None, Some(home)) => home.join(".cache"),
        (None, None) => return Err("neither XDG_CACHE_HOME nor HOME is set: nowhere to keep tools".into()),
    };
    Ok(cache.join("kyc-desk").join("tools"))
}

/// Where cargo keeps the crates it has fetched.
pub fn cargo_home() -> Outcome<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(env::home_dir()?.join(".cargo"))).ok_or_else(|| "neither CARGO_HOME nor HOME is set".into())
}

/// The SHA-256 of a file, in hexadecimal.
pub fn sha256(file: &Path) -> Outcome<String> {
    let said = crate::command::output(crate::command::program("sha256sum").arg(file))?;
    Ok(said.split_whitespace().next().unwrap_or_default().to_owned())
}

/// The folders of `PATH`.
pub fn path() -> Vec<PathBuf> {
    env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect()
}

/// The first program of that name on `PATH`.
pub fn find_program(name: &str) -> Option<PathBuf> {
    path().into_iter().map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// A file the environment names, if it is there.
pub fn file_from(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|file| file.is_file())
}

/// Whether the variable is set to something.
pub fn is_set(variable: &str) -> bool {
    env::var_os(variable).is_some_and(|value| !value.is_empty())
}

/// The variables that `cargo run` sets about xtask itself.
///
/// Build scripts that watch them would run again on every switch between `cargo xtask` and plain `cargo`.
pub fn variables_about_xtask() -> Vec<String> {
    env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name == "CARGO" || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_"))
        .collect()
}

/// The version of a crate in `Cargo.lock`.
pub fn locked_version(krate: &str) -> Outcome<String> {
    let lock = std::fs::read_to_string(root().join("Cargo.lock"))?;
    version_in(&lock, krate).ok_or_else(|| format!("Cargo.lock names no {krate}").into())
}

fn version_in(lock: &str, krate: &str) -> Option<String> {
    let mut lines = lock.lines().skip_while(|line| *line != format!("name = \"{krate}\"")).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

/// A path as the project's reader knows it: relative to the root where it lies inside.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "\
[[package]]
name = \"wasm-bindgen-macro\"
version = \"0.2.1\"

[[package]]
name = \"wasm-bindgen\"
version = \"0.2.130\"
";

    #[test]
    fn the_locked_version_is_that_of_the_crate_with_exactly_this_name() {
        assert_eq!(version_in(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }
}
