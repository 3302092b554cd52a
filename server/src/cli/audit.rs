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
        AuditCommand::Export { at, after, format } => {
            export(&at.config, (after, format), &mut std::io::stdout().lock())
        }
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

fn export(path: &Path, (after, format): (u64, Format), out: &mut impl Write) -> Result<(), Failure> {
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

#[cfg(test)]
mod tests {
    use kyc_desk::domain::audit::{Action, Actor, NewEntry};

    use super::*;

    const CONFIG: &str = r#"
[http]
desk_url = "http://localhost:7310"
edge_url = "http://localhost:7311"
[database]
url = "sqlite:<folder>/kyc.db"
[privacy]
master_key_id = "test-1"
master_key = "ZGVtby1tYXN0ZXIta2V5LW5vdC1hLXNlY3JldC0hISE="
audit_key = "ZGVtby1hdWRpdC1rZXktbm90LWEtc2VjcmV0LS0hISE="
[auth.idp.bank]
kind = "oidc"
issuer = "http://localhost:1"
client_id = "kyc-desk"
client_secret = "idp-secret"
roles = [{ claim = "roles", value = "kyc-agent", role = "agent", queues = ["retail-de"] }]
[providers.veriff-de]
kind = "veriff"
base_url = "http://localhost:1"
api_key = "veriff-key"
shared_secrets = ["veriff-secret"]
[clients.flow]
secret = "flow-secret"
scopes = ["flow"]
"#;

    /// An installation with three entries in its log.
    fn installation() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kyc-desk.toml");
        std::fs::write(&path, CONFIG.replace("<folder>", &folder.path().display().to_string())).unwrap();
        let config = load(&path).unwrap();
        let write = async {
            let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await.unwrap();
            let mut tx = app.store.begin(&app.tenant).await.unwrap();
            for action in [Action::SessionCreated, Action::Escalated, Action::Unflagged] {
                tx.record(NewEntry::done(Actor::System, action)).await.unwrap();
            }
            tx.commit().await.unwrap();
        };
        runtime().unwrap().block_on(write);
        (folder, path)
    }

    fn exported(config: &Path, after: u64, format: Format) -> String {
        let mut out = Vec::new();
        export(config, (after, format), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_export_is_verified_with_the_public_key_alone_and_the_first_bad_entry_is_named() {
        let (folder, config) = installation();
        let (_, key) = parts::load_audit(&config).unwrap();
        let key = BASE64_STANDARD.encode(key.0.verifying_key().as_bytes());
        let log = exported(&config, 0, Format::Jsonl);
        let file = folder.path().join("log.jsonl");
        let check = |text: &str, key: &str| {
            std::fs::write(&file, text).unwrap();
            verify(&file, key, None).map_err(|error| error.to_string())
        };
        assert_eq!(check(&log, &key), Ok(()));
        assert_eq!(check(&exported(&config, 2, Format::Jsonl), &key), Ok(()), "the last one alone");
        let altered =
            check(&log.replacen(Action::Escalated.as_str(), Action::Unflagged.as_str(), 1), &key).unwrap_err();
        assert!(altered.contains("entry 2"), "{altered}");
        let lines: Vec<&str> = log.lines().collect();
        assert!(check(&[&lines[..2], &lines[3..]].concat().join("\n"), &key).is_err(), "one is missing");
        assert!(check(&lines[..lines.len() - 1].join("\n"), &key).is_err(), "the end is missing");
        assert!(check(&log, &BASE64_STANDARD.encode([7; 32])).is_err(), "another key");
    }

    #[test]
    fn a_table_has_a_head_and_a_line_for_each_entry_and_is_nothing_to_verify() {
        let (folder, config) = installation();
        let table = exported(&config, 0, Format::Csv);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4, "{table}");
        assert_eq!(format!("{}\r\n", lines[0]), export::CSV_HEAD);
        assert!(lines[2].contains(Action::Escalated.as_str()), "{table}");
        let file = folder.path().join("log.csv");
        std::fs::write(&file, &table).unwrap();
        assert!(verify(&file, &BASE64_STANDARD.encode([7; 32]), None).is_err());
    }

    #[test]
    fn an_entry_that_is_not_there_is_no_beginning() {
        let (_folder, config) = installation();
        assert!(export(&config, (9, Format::Jsonl), &mut Vec::new()).unwrap_err().to_string().contains("no entry"));
    }
}
