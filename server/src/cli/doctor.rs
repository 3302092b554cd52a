//! `kyc-desk doctor`.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use kyc_desk::clock::{Rng, SystemClock, SystemRng};
use kyc_desk::config::Config;
use kyc_desk::doctor::{self, Verdict};

use super::{Failure, must_exist, runtime};

/// Fails when anything does not work; a warning is no failure.
pub fn examine(path: &Path) -> Result<ExitCode, Failure> {
    must_exist(path)?;
    let config = match Config::load(path) {
        Ok(config) => config,
        Err(problems) => {
            print!("WRONG  {problems}");
            println!("       -> correct these first; `kyc-desk config example` explains every setting");
            return Ok(ExitCode::FAILURE);
        }
    };
    println!("ok     configuration: {} can be used", path.display());
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let look = doctor::examine(&config, &SystemClock, &rng, |finding| println!("{finding}"));
    let findings = runtime()?.block_on(look);
    let is_bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
