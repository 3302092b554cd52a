//! `kyc-desk jobs dead` and `again`: what was given up, and letting it run again.

use std::path::Path;
use std::sync::Arc;

use clap::Subcommand;
use kyc_desk::clock::{SystemClock, SystemRng};
use kyc_desk::state::App;
use kyc_wire::ids::JobId;

use super::{Configured, Failure, load, runtime};

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
        JobsCommand::Dead(at) => with_app(&at.config, async |app| {
            let dead = app.store.read(&app.tenant).await?.list_dead_jobs(MOST).await?;
            for job in &dead {
                println!("{}  {:<16}  {}  tried {} times", job.id, job.kind.as_str(), job.subject, job.attempts);
            }
            if dead.is_empty() {
                println!("no job was given up");
            }
            Ok(())
        }),
        JobsCommand::Again { at, id } => with_app(&at.config, async |app| {
            let mut tx = app.store.begin(&app.tenant).await?;
            let count = tx.update_jobs_revived(id, app.clock.now()).await?;
            tx.commit().await?;
            if count == 0 && id.is_some() {
                return Err("no job with this id was given up".into());
            }
            println!("{count} will run again");
            Ok(())
        }),
    }
}

fn with_app(path: &Path, act: impl AsyncFnOnce(&App) -> Result<(), Failure>) -> Result<(), Failure> {
    let config = load(path)?;
    runtime()?.block_on(async {
        let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        act(&app).await
    })
}
