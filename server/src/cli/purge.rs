//! `kyc-desk purge`: what is to be deleted about customers, or deleting it now.

use std::path::Path;
use std::sync::Arc;

use kyc_desk::clock::{SystemClock, SystemRng};
use kyc_desk::config::Config;
use kyc_desk::upkeep;

use super::{Failure, must_exist, runtime};

pub fn run(path: &Path, is_dry: bool) -> Result<(), Failure> {
    must_exist(path)?;
    let config = Config::load(path)?;
    runtime()?.block_on(async {
        let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        let mut count = 0;
        let done = upkeep::purge(&app, is_dry, |session, class| {
            count += 1;
            println!("{}  {:<9}  {}", session.id, class.as_str(), session.status().as_str());
        });
        let failed = done.await.map_err(|error| format!("the database failed: {}", error.code().as_str()))?;
        if failed > 0 {
            return Err(format!("{failed} sessions could not be deleted: the log says why").into());
        }
        match (count, is_dry) {
            (0, _) => println!("nothing is due"),
            (_, true) => println!("{count} would be deleted; each leaves a certificate in the audit log"),
            (_, false) => println!("{count} deleted; photos and the providers' copies follow while the server runs"),
        }
        Ok(())
    })
}
