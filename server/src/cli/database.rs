//! `kyc-desk migrate`, `backup` and `restore`.

use std::path::Path;

use kyc_desk::clock::{Clock, SystemClock};
use kyc_desk::config::parts;
use kyc_desk::upkeep::{self, Chain};

use super::{Failure, must_exist, runtime};

pub fn migrate(config: &Path) -> Result<(), Failure> {
    must_exist(config)?;
    let database = parts::load_database(config)?;
    let applied = runtime()?.block_on(upkeep::migrate(&database))?;
    for (number, name) in &applied {
        println!("applied {number:04} {name}");
    }
    println!("the database is up to date");
    Ok(())
}

pub fn backup(config: &Path, file: &Path, keys: &Path) -> Result<(), Failure> {
    must_exist(config)?;
    let (database, audit) = parts::load_audit(config)?;
    let done = runtime()?.block_on(upkeep::backup(&database, file, keys))?;
    println!("data  {}: integrity and audit log in order", file.display());
    println!("keys  {}: {} wrapped keys; keep it apart from the data", keys.display(), done.keys);
    for chain in &done.chains {
        let signed = chain.sign(&audit.0, SystemClock.now());
        println!("head  {}", serde_json::to_string(&signed)?);
    }
    Ok(())
}

pub fn restore(config: &Path, file: &Path, keys: &Path) -> Result<(), Failure> {
    must_exist(config)?;
    let database = parts::load_database(config)?;
    let done = runtime()?.block_on(upkeep::restore(&database, file, keys))?;
    println!("restored: schema {}, {} wrapped keys, integrity in order", done.schema, done.keys);
    for Chain { tenant, seq, .. } in &done.chains {
        println!("audit log of tenant {tenant}: in order up to entry {seq}");
    }
    if done.keyless_sessions > 0 {
        println!(
            "{} sessions have sealed values and no key: they were erased, or the keys are older than the backup",
            done.keyless_sessions
        );
    }
    println!("`kyc-desk doctor` says whether your master key opens it");
    Ok(())
}
