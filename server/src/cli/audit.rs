//! `kyc-desk audit export`, `verify` and `key`.

use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Subcommand;
use ed25519_dalek::VerifyingKey;
use kyc_desk::clock::{SystemClock, SystemRng};
use kyc_desk::config::parts;
use kyc_desk::domain::audit::chain::{Head, SignedHead};
use kyc_desk::domain::audit::export;
use kyc_desk::http::audit_log;
use tokio::sync::mpsc;

use super::{Configured, Failure, load, must_exist, runtime};

#[derive(Subcommand)]
pub enum AuditCommand {
    /// Write the log: as JSON Lines, closed by a signed head, or as CSV for reading.
    Export {
        #[command(flatten)]
        at: Configured,
        /// Only entries after this one.
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// Only JSON Lines can be verified.
        #[arg(long, value_enum, default_value = "jsonl")]
        format: Format,
    },
    /// Print the public key (base64) that exports are checked with.
    Key(Configured),
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

pub fn run(command: AuditCommand) -> Result<(), Failure> {
    match command {
        AuditCommand::Export { at, after, format } => export(&at.config, after, format),
        AuditCommand::Key(at) => {
            must_exist(&at.config)?;
            let (_, key) = parts::load_audit(&at.config)?;
            println!("{}", BASE64_STANDARD.encode(key.0.verifying_key().as_bytes()));
            Ok(())
        }
        AuditCommand::Verify { file, key, since } => verify(&file, &key, since.as_deref()),
    }
}

/// How an export is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// One entry a line, with its hash, closed by a signed head.
    Jsonl,
    /// A table for reading.
    Csv,
}

fn export(path: &Path, after: u64, format: Format) -> Result<(), Failure> {
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
            let outcome = audit_log::write(&app, (from, end), format == Format::Csv, &sender).await;
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
