//! The command line of KYC Desk.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to a terminal")]

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::{Parser, Subcommand};
use ed25519_dalek::VerifyingKey;
use kyc_desk::clock::{SystemClock, SystemRng};
use kyc_desk::config::Config;
use kyc_desk::domain::audit::chain::{Head, SignedHead};
use kyc_desk::domain::audit::export;
use kyc_desk::http::audit_log;
use metrics_exporter_prometheus::PrometheusBuilder;
use tokio::sync::{mpsc, watch};

type Failure = Box<dyn std::error::Error>;

/// Verifies bank customers by video on Genesys Cloud CX.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the widget, the flow, the bank and the providers.
    Serve {
        /// The configuration file.
        #[arg(long, default_value = "kyc-desk.toml")]
        config: PathBuf,
    },
    /// Look at a configuration without starting anything; names every problem.
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Export the audit log, or check an export.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say whether it can be used.
    Check {
        /// The configuration file.
        #[arg(long, default_value = "kyc-desk.toml")]
        config: PathBuf,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Write the log as JSON Lines, closed by a signed head.
    Export {
        /// The configuration file.
        #[arg(long, default_value = "kyc-desk.toml")]
        config: PathBuf,
        /// Only entries after this one.
        #[arg(long, default_value_t = 0)]
        after: u64,
    },
    /// Print the public key (base64) that exports are checked with.
    Key {
        /// The configuration file.
        #[arg(long, default_value = "kyc-desk.toml")]
        config: PathBuf,
    },
    /// Check an export. Works offline; names the first bad entry.
    Verify {
        /// The export.
        file: PathBuf,
        /// The public key, in base64.
        #[arg(long)]
        key: String,
        /// A file with an earlier signed head, which the export must contain or continue.
        #[arg(long)]
        since: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Serve { config } => serve(&config),
        Command::Config { command: ConfigCommand::Check { config } } => check(&config),
        Command::Audit { command } => audit(command),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("kyc-desk: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}

fn load(path: &Path) -> Result<Config, Failure> {
    if !path.exists() {
        return Err(format!(
            "there is no configuration at {}; deploy/demo.toml shows one, and docs/configuration.md explains it",
            path.display()
        )
        .into());
    }
    Ok(Config::load(path)?)
}

fn check(path: &Path) -> Result<(), Failure> {
    load(path)?;
    println!("{} can be used", path.display());
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

fn serve(path: &Path) -> Result<(), Failure> {
    let config = load(path)?;
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_writer(std::io::stderr).init();
    let metrics = PrometheusBuilder::new().install_recorder()?;
    runtime()?.block_on(async {
        let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(async move {
            wait_for_signal().await;
            stop.send_replace(true);
        });
        Ok(kyc_desk::serve::serve(app, metrics, stopped).await?)
    })
}

async fn wait_for_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

fn audit(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Export { config, after } => export(&config, after),
        AuditCommand::Key { config } => {
            println!("{}", BASE64_STANDARD.encode(load(&config)?.audit.0.verifying_key().as_bytes()));
            Ok(())
        }
        AuditCommand::Verify { file, key, since } => verify(&file, &key, since.as_deref()),
    }
}

fn export(path: &Path, after: u64) -> Result<(), Failure> {
    let config = load(path)?;
    runtime()?.block_on(async {
        let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        let (from, end): (Option<Head>, Head) = {
            let mut tx = app.store.read(&app.tenant).await?;
            (tx.find_head_at(after).await?, tx.find_head().await?)
        };
        let from = from.ok_or("there is no entry with this number")?;
        let (sender, mut receiver) = mpsc::channel(4);
        let writing = async move {
            let outcome = audit_log::write(&app, (from, end), false, &sender).await;
            outcome.map_err(|error| format!("the log could not be read ({})", error.code().as_str()))
        };
        let printing = async move {
            let mut out = std::io::stdout().lock();
            while let Some(Ok(bytes)) = receiver.recv().await {
                out.write_all(&bytes)?;
            }
            out.flush()
        };
        let (written, printed) = tokio::join!(writing, printing);
        written?;
        Ok(printed?)
    })
}

fn verify(file: &Path, key: &str, since: Option<&Path>) -> Result<(), Failure> {
    let bytes: [u8; 32] = BASE64_STANDARD.decode(key)?.try_into().map_err(|_| "the key must be 32 bytes in base64")?;
    let key = VerifyingKey::from_bytes(&bytes)?;
    let since: Option<SignedHead> =
        since.map(|path| Ok::<_, Failure>(serde_json::from_str(&std::fs::read_to_string(path)?)?)).transpose()?;
    let verified = export::verify(BufReader::new(File::open(file)?), &key, since.as_ref())?;
    println!("in order: {} entries of tenant {}, up to entry {}", verified.entries, verified.tenant, verified.head.seq);
    Ok(())
}
