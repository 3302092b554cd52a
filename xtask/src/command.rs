//! Other programs: how they are started, and what is said when one fails.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::{Outcome, workspace};

/// A program to be started at the workspace's root, without what `cargo run` told xtask about itself.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(workspace::root()).stdin(Stdio::null());
    for variable in workspace::variables_about_xtask() {
        command.env_remove(variable);
    }
    command
}

/// Cargo with these arguments.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = program("cargo");
    command.args(arguments);
    command
}

/// Puts folders in front of the child's `PATH`; nobody else's changes.
pub fn with_path(command: &mut Command, folders: &[PathBuf]) -> Outcome {
    let path = std::env::join_paths(folders.iter().cloned().chain(workspace::path()))?;
    command.env("PATH", path);
    Ok(())
}

/// Runs to the end with its output on our terminal.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", shown(command)).into()) }
}

/// Runs to the end and returns what it wrote to standard output; what it wrote to standard error becomes the problem.
pub fn output(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| format!("cannot start `{}`: {error}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{}` failed: {}\n{}", shown(command), output.status, said.trim()).into());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The command as one would type it, with the variables it sets.
pub fn shown(command: &Command) -> String {
    let mut text = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value.filter(|_| name != "PATH") {
            write!(text, "{}={} ", name.display(), quoted(value)).expect("a String takes every write");
        }
    }
    text.push_str(&quoted(command.get_program()));
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&quoted(argument));
    }
    text
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains([' ', '*', '\'']) { format!("'{}'", word.replace('\'', r"'\''")) } else { word.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_one_would_type_it() {
        let mut command = Command::new("cargo");
        command.args(["doc", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings").env("PATH", "/long");
        assert_eq!(shown(&command), "RUSTDOCFLAGS='-D warnings' cargo doc --no-deps");
    }

    #[test]
    fn a_failing_program_says_what_it_said() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no disk >&2; exit 3"]);
        let problem = output(&mut command).unwrap_err().to_string();
        assert!(problem.contains("exit status: 3") && problem.contains("no disk"), "{problem}");
    }
}
