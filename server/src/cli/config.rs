//! `kyc-desk config check` and `config example`.

use std::path::Path;
use std::process::ExitCode;

use clap::Subcommand;
use kyc_desk::config::{Config, Fingerprints, example};

use super::{Configured, Failure, must_exist};

#[derive(Subcommand)]
pub enum ConfigCommand {
    /// Name every problem, and show the fingerprint of each secret (never the secret) and the hash of the rules, as the audit log names
    /// them.
    Check(Configured),
    /// Print an example with every setting explained.
    Example,
}

pub fn run(command: ConfigCommand) -> Result<ExitCode, Failure> {
    match command {
        ConfigCommand::Check(at) => check(&at.config),
        ConfigCommand::Example => {
            print!("{}", example::EXAMPLE);
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(path: &Path) -> Result<ExitCode, Failure> {
    must_exist(path)?;
    match Config::load(path) {
        Ok(config) => {
            show(&config.secrets.get());
            println!("the rules are {}", config.policy.hashes().together());
            println!("{} can be used", path.display());
            Ok(ExitCode::SUCCESS)
        }
        Err(problems) => {
            show(problems.secrets());
            eprint!("{problems}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn show(secrets: &Fingerprints) {
    let width = secrets.keys().map(String::len).max().unwrap_or_default();
    for (setting, fingerprint) in secrets {
        println!("{setting:width$}  {fingerprint}");
    }
}
