//! A network line that can be cut.

use std::sync::{Arc, Mutex};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Carries connections from one port to another while it is not cut.
pub struct Line {
    /// None while it is cut.
    calls: Arc<Mutex<Option<JoinSet<()>>>>,
}

impl Line {
    /// From `listener` to the port `to` on this machine.
    pub fn lay(listener: TcpListener, to: u16) -> Self {
        let calls = Arc::new(Mutex::new(Some(JoinSet::new())));
        let shared = Arc::clone(&calls);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if let Some(calls) = shared.lock().unwrap().as_mut() {
                    calls.spawn(carry(near, to));
                }
            }
        });
        Self { calls }
    }

    /// Ends every connection and takes no new one.
    pub fn cut(&self) {
        *self.calls.lock().unwrap() = None;
    }

    /// Works again.
    pub fn mend(&self) {
        *self.calls.lock().unwrap() = Some(JoinSet::new());
    }
}

async fn carry(mut near: TcpStream, to: u16) {
    if let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await {
        // An end of the line is not an error.
        let _: std::io::Result<_> = copy_bidirectional(&mut near, &mut far).await;
    }
}
