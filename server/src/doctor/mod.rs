//! `kyc-desk doctor`: looks at everything an installation needs, and says of each in plain words what was found and what to do.
//!
//! It changes nothing, sends nothing about anybody, and waits for nothing longer than [`LIMIT`].

mod certificates;
mod database;
mod genesys;
mod outside;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::Signer;

use crate::clock::{Clock, Rng};
use crate::config::Config;

/// How long one check may take.
pub const LIMIT: Duration = Duration::from_secs(10);

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// In order.
    Good,
    /// It works, and somebody should look.
    Warning,
    /// It does not work.
    Bad,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at.
    pub subject: String,
    /// How bad it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do about it; empty when it is in order.
    pub advice: String,
}

impl Finding {
    fn good(subject: &str, found: impl Into<String>) -> Self {
        Self { subject: subject.to_owned(), verdict: Verdict::Good, found: found.into(), advice: String::new() }
    }

    fn warning(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { subject: subject.to_owned(), verdict: Verdict::Warning, found: found.into(), advice: advice.into() }
    }

    fn bad(subject: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Bad, ..Self::warning(subject, found, advice) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.verdict {
            Verdict::Good => "ok     ",
            Verdict::Warning => "LOOK   ",
            Verdict::Bad => "WRONG  ",
        };
        write!(f, "{sign}{}: {}", self.subject, self.found)?;
        if self.advice.is_empty() { Ok(()) } else { write!(f, "\n       -> {}", self.advice) }
    }
}

/// Looks at everything but the configuration itself, which is in order or could not have been given. Told as it is found.
pub async fn examine(
    config: &Config,
    clock: &dyn Clock,
    rng: &Arc<dyn Rng>,
    mut tell: impl FnMut(&Finding),
) -> Vec<Finding> {
    let mut findings = vec![audit_key(config)];
    let (database, apart) = database::examine(config, clock, rng).await;
    findings.extend(database);
    findings.iter().for_each(&mut tell);
    let apart = apart.map(|seconds| ("database".to_owned(), seconds)).into_iter().collect();
    let outside = outside::examine(config, clock, apart).await;
    outside.iter().for_each(&mut tell);
    findings.extend(outside);
    findings
}

/// Runs one check against the clock.
async fn limited(subject: &str, check: impl Future<Output = Finding>) -> Finding {
    tokio::time::timeout(LIMIT, check).await.unwrap_or_else(|_| {
        let found = format!("no answer within {} seconds", LIMIT.as_secs());
        Finding::bad(
            subject,
            found,
            "look for what holds it up: a firewall that drops, a disk or a database that hangs",
        )
    })
}

fn audit_key(config: &Config) -> Finding {
    let (key, subject) = (&config.audit.0, "audit key");
    let message = b"kyc-desk/doctor";
    match key.verifying_key().verify_strict(message, &key.sign(message)) {
        Ok(()) => Finding::good(subject, "signs, and its public half verifies"),
        Err(_) => Finding::bad(subject, "does not verify what it signs", "make a new privacy.audit_key"),
    }
}
