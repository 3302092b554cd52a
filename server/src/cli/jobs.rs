//! `kyc-desk jobs dead` and `again`: what was given up, and letting it run again.

use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use kyc_desk::clock::{Clock, SystemClock};
use kyc_desk::config::parts;
use kyc_desk::store::{Store, TenantId};
use kyc_wire::ids::{JobId, Micros};

use super::{Configured, Failure, must_exist, runtime};

/// More than an operator reads.
const MOST: u32 = 1_000;

#[derive(Subcommand)]
pub enum JobsCommand {
    /// List the jobs that were given up, the oldest first. The server's log says why each was.
    Dead(Configured),
    /// Let jobs that were given up run again, once what stopped them is mended.
    Again {
        #[command(flatten)]
        at: Configured,
        /// The job's id; without one, all of them.
        id: Option<JobId>,
    },
}

pub fn run(command: JobsCommand) -> Result<(), Failure> {
    match command {
        JobsCommand::Dead(at) => with_store(&at.config, async |store, tenant, _| {
            let dead = store.read(tenant).await?.list_dead_jobs(MOST).await?;
            for job in &dead {
                println!("{}  {:<16}  {}  tried {} times", job.id, job.kind.as_str(), job.subject, job.attempts);
            }
            if dead.is_empty() {
                println!("no job was given up");
            }
            Ok(())
        }),
        JobsCommand::Again { at, id } => with_store(&at.config, async |store, tenant, now| {
            let mut tx = store.begin(tenant).await?;
            let count = tx.update_jobs_revived(id, now).await?;
            tx.commit().await?;
            if count == 0 && id.is_some() {
                return Err("no job with this id was given up".into());
            }
            println!("{count} will run again");
            Ok(())
        }),
    }
}

fn with_store(
    path: &Path,
    act: impl AsyncFnOnce(&dyn Store, &TenantId, Micros) -> Result<(), Failure>,
) -> Result<(), Failure> {
    must_exist(path)?;
    let database = parts::load_database(path)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    runtime()?.block_on(async {
        let store = kyc_desk::open(&database, &clock).await?;
        act(&*store, &TenantId::default(), clock.now()).await
    })
}
