//! `kyc-desk serve`: until SIGTERM or Ctrl-C; SIGHUP reads secrets again.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kyc_desk::clock::{SystemClock, SystemRng};
use kyc_desk::serve::Doors;
use kyc_desk::state::App;
use kyc_desk::{measures, reload, telemetry};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::{Failure, load, runtime};

pub fn serve(path: &Path) -> Result<(), Failure> {
    let config = load(path)?;
    let metrics = measures::recorder()?.install_recorder()?;
    measures::describe();
    runtime()?.block_on(async {
        let traces = telemetry::begin(config.telemetry.as_ref())?;
        // Before anything else: a SIGHUP that nobody listens to ends the process.
        let signals = Signals::listen()?;
        let doors = Doors::open(&config.http).await?;
        let app = kyc_desk::build(config, Arc::new(SystemClock), Arc::new(SystemRng)).await?;
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(signals.heed(Arc::clone(&app), path.to_owned(), stop));
        kyc_desk::serve::serve_at(doors, app, metrics, stopped).await?;
        if let Some(traces) = traces {
            // A collector that is down is no reason to have failed.
            drop(tokio::task::spawn_blocking(|| traces.end()).await);
        }
        Ok(())
    })
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn heed(mut self, app: Arc<App>, path: PathBuf, stop: watch::Sender<bool>) {
        loop {
            tokio::select! {
                _ = self.terminate.recv() => break,
                _ = self.interrupt.recv() => break,
                // What it did, or why it did nothing, is in the log.
                _ = self.hang_up.recv() => drop(reload::reload(&app, &path)),
            }
        }
        stop.send_replace(true);
    }
}
