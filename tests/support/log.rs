//! Everything that is logged during the tests, so that it can be searched.

use std::io::Write;
use std::sync::{Mutex, Once, PoisonError};

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static INSTALL: Once = Once::new();

struct Sink;

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to capture, at the most talkative level of our own crate.
pub fn install() {
    INSTALL.call_once(|| {
        tracing_subscriber::fmt()
            .json()
            .with_env_filter("kyc_desk=trace,tower_sessions=trace,sqlx=debug,info")
            .with_writer(|| Sink)
            .try_init()
            .ok();
    });
}

/// What was logged so far.
pub fn captured() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
