//! Whether a built widget is still what its sources would give: a stamp holds a hash of what went in and of what came
//! out, so that neither an edit nor a build by hand is mistaken for ours.

use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use crate::{Outcome, workspace};

/// What the widget is made from, in files. A folder counts with all it holds, except what was built into it.
const INPUTS: [&str; 7] = ["app", "style", "public", "Trunk.toml", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// A hash over the sources and over what else decides the result: compiler, tools, profile.
pub fn of_inputs(circumstances: &[String]) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    circumstances.hash(&mut hasher);
    for input in INPUTS {
        add(&workspace::root().join(input), &mut hasher)?;
    }
    Ok(hasher.finish())
}

/// Whether `dist` is what was recorded for these inputs.
pub fn is_current(inputs: u64, dist: &Path) -> bool {
    let Ok(recorded) = fs::read_to_string(file(inputs)) else { return false };
    of_folder(dist).is_ok_and(|output| recorded == output.to_string())
}

/// Records what these inputs gave.
pub fn record(inputs: u64, dist: &Path) -> Outcome {
    let file = file(inputs);
    let folder = file.parent().expect("the stamp lies in a folder");
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    Ok(fs::write(&file, of_folder(dist)?.to_string())?)
}

// In the checkout even when the target folder is elsewhere and shared: it speaks of this checkout's app/dist.
fn file(inputs: u64) -> PathBuf {
    workspace::root().join("target").join("widget-stamp").join(format!("{inputs:016x}"))
}

fn of_folder(folder: &Path) -> Outcome<u64> {
    let mut hasher = DefaultHasher::new();
    let files = files_below(folder)?;
    if files.is_empty() {
        return Err("nothing was built".into());
    }
    for file in files {
        add_file(&file, &mut hasher)?;
    }
    Ok(hasher.finish())
}

fn add(input: &Path, hasher: &mut DefaultHasher) -> Outcome {
    if input.is_file() {
        return add_file(input, hasher);
    }
    let built = workspace::root().join("app").join("dist");
    for file in files_below(input)?.into_iter().filter(|file| !file.starts_with(&built)) {
        add_file(&file, hasher)?;
    }
    Ok(())
}

fn add_file(file: &Path, hasher: &mut DefaultHasher) -> Outcome {
    workspace::shown(file).hash(hasher);
    fs::read(file)?.hash(hasher);
    Ok(())
}

/// Every file below a folder, in one order on every machine; none if the folder is missing.
pub fn files_below(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_what_was_built_makes_it_stale() {
        let dist = std::env::temp_dir().join(format!("stamp-{}", std::process::id()));
        fs::create_dir_all(dist.join("icons")).unwrap();
        fs::write(dist.join("index.html"), "<p>").unwrap();
        fs::write(dist.join("icons").join("a.svg"), "<svg/>").unwrap();
        let before = of_folder(&dist).unwrap();
        assert_eq!(of_folder(&dist).unwrap(), before);
        fs::write(dist.join("icons").join("a.svg"), "<svg />").unwrap();
        assert_ne!(of_folder(&dist).unwrap(), before);
        fs::remove_dir_all(&dist).unwrap();
        assert!(of_folder(&dist).is_err(), "an empty folder is no widget");
    }

    #[test]
    fn another_compiler_is_another_input() {
        let with = |compiler: &str| of_inputs(&[compiler.to_owned()]).unwrap();
        assert_eq!(with("rustc 1.95.0"), with("rustc 1.95.0"));
        assert_ne!(with("rustc 1.95.0"), with("rustc 1.96.0"));
    }
}
