//! What makes a build repeatable: the same sources give the same bytes, in whatever folder they lie. Paths of this machine are replaced by
//! short ones, and what asks for the time gets that of the commit.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::{Outcome, command, workspace};

/// Folders of this machine, and what stands for them. The longer first: the compiler takes the last that fits.
fn places() -> Outcome<Vec<(PathBuf, &'static str)>> {
    let home = workspace::cargo_home()?;
    let mut places = vec![(workspace::root(), "/kyc-desk"), (home.clone(), "/cargo")];
    // One folder per registry, named after its address: a mirror's crates are the same crates.
    for registry in fs::read_dir(home.join("registry").join("src")).into_iter().flatten() {
        places.push((registry?.path(), "/crates"));
    }
    Ok(places)
}

fn rust_flags() -> Outcome<Vec<String>> {
    let flag = |(from, to): &(PathBuf, &str)| format!("--remap-path-prefix={}={to}", from.display());
    Ok(places()?.iter().map(flag).collect())
}

/// Makes a build of the server repeatable. It takes the place of the flags in `.cargo/config.toml`, which are for the widget.
pub fn of_server(build: &mut Command) -> Outcome {
    let c_flag = |(from, to): &(PathBuf, &str)| format!("-ffile-prefix-map={}={to}", from.display());
    let c_flags: Vec<String> = places()?.iter().map(c_flag).collect();
    // Flags are separated so because paths may hold spaces (cargo, environment variables).
    build.env("CARGO_ENCODED_RUSTFLAGS", rust_flags()?.join("\u{1f}"));
    build.env("CFLAGS", c_flags.join(" ")).env("SOURCE_DATE_EPOCH", time()?).env("CARGO_INCREMENTAL", "0");
    Ok(())
}

/// Makes a build of the widget repeatable: in addition to the flags in `.cargo/config.toml`.
pub fn of_widget(build: &mut Command) -> Outcome {
    let flags = rust_flags()?;
    if flags.iter().any(|flag| flag.contains(' ')) {
        return Err(
            "the project or cargo's home lies in a folder with a space in its name, which this cannot express".into()
        );
    }
    build.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags.join(" "));
    Ok(())
}

/// The time of the commit, in seconds since 1970.
pub fn time() -> Outcome<String> {
    command::output(command::program("git").args(["log", "-1", "--format=%ct"]))
        .map_err(|problem| format!("the time of the commit is part of a build that can be repeated: {problem}").into())
}
