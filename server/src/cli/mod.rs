//! The commands: what they are called, what they take, and which file carries each out.

mod audit;
mod config;
mod database;
mod doctor;
mod jobs;
mod purge;
mod serve;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use kyc_desk::config::Config;

pub type Failure = Box<dyn std::error::Error>;

/// Verifies bank customers by video on Genesys Cloud CX.
#[derive(Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// Where the configuration is.
#[derive(Args)]
pub struct Configured {
    /// The configuration file.
    #[arg(long, default_value = "kyc-desk.toml")]
    config: PathBuf,
}

#[derive(Subcommand)]
pub enum Command {
    /// Serve the widget, the flow, the bank and the providers. Brings the database up to date first. SIGTERM ends it in order, SIGHUP
    /// reads secrets again.
    Serve(Configured),
    /// Bring the database up to date, and say what was done. `serve` does the same by itself.
    Migrate(Configured),
    /// Look at everything this installation needs, and say what to do about what is wrong.
    Doctor(Configured),
    /// Look at a configuration without starting anything, or print an example.
    Config {
        #[command(subcommand)]
        command: config::ConfigCommand,
    },
    /// Export the audit log, or check an export.
    Audit {
        #[command(subcommand)]
        command: audit::AuditCommand,
    },
    /// Look at background work that was given up, and let it run again.
    Jobs {
        #[command(subcommand)]
        command: jobs::JobsCommand,
    },
    /// Delete what is due about customers now, as the rules are now. `serve` does so by itself; after the times were shortened, this does it
    /// for sessions that ended before.
    Purge {
        #[command(flatten)]
        at: Configured,
        /// Only say what would be deleted.
        #[arg(long)]
        dry_run: bool,
    },
    /// Copy the database while the server runs, the wrapped data keys into a file of their own, and check both.
    Backup {
        #[command(flatten)]
        at: Configured,
        /// Where the copy goes; must not exist.
        file: PathBuf,
        /// Where the wrapped data keys go; must not exist. Keep this file elsewhere, and no longer than an erased customer's data may
        /// still be readable.
        #[arg(long)]
        keys: PathBuf,
    },
    /// Put a backup and its keys together again, as the database that the configuration names; it must not exist.
    Restore {
        #[command(flatten)]
        at: Configured,
        /// The backup.
        file: PathBuf,
        /// The wrapped data keys; a later file than the backup's is fine, and keeps what was erased meanwhile erased.
        #[arg(long)]
        keys: PathBuf,
    },
}

pub fn run(command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Doctor(at) => return doctor::examine(&at.config),
        Command::Config { command } => return config::run(command),
        Command::Serve(at) => serve::serve(&at.config)?,
        Command::Migrate(at) => database::migrate(&at.config)?,
        Command::Audit { command } => audit::run(command)?,
        Command::Purge { at, dry_run } => purge::run(&at.config, dry_run)?,
        Command::Jobs { command } => jobs::run(command)?,
        Command::Backup { at, file, keys } => database::backup(&at.config, &file, &keys)?,
        Command::Restore { at, file, keys } => database::restore(&at.config, &file, &keys)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn must_exist(path: &Path) -> Result<(), Failure> {
    if path.exists() {
        return Ok(());
    }
    Err(format!("there is no configuration at {}; `kyc-desk config example` prints one to begin with", path.display())
        .into())
}

fn load(path: &Path) -> Result<Config, Failure> {
    must_exist(path)?;
    Ok(Config::load(path)?)
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
