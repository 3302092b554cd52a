//! A network line that can be cut.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Carries connections from one port to another while it is not cut.
pub struct Line {
    /// None while it is cut.
    calls: Calls,
    /// How many more bytes go to the far end before it is cut by itself.
    left: Arc<AtomicI64>,
    /// How often it was cut by itself.
    cuts: Arc<AtomicUsize>,
}

type Calls = Arc<Mutex<Option<JoinSet<()>>>>;
type Ends = (Calls, Arc<AtomicI64>, Arc<AtomicUsize>);

impl Line {
    /// From `listener` to the port `to` on this machine.
    pub fn lay(listener: TcpListener, to: u16) -> Self {
        let line = Self {
            calls: Arc::new(Mutex::new(Some(JoinSet::new()))),
            left: Arc::new(AtomicI64::new(i64::MAX)),
            cuts: Arc::default(),
        };
        let (shared, left, cuts) = (Arc::clone(&line.calls), Arc::clone(&line.left), Arc::clone(&line.cuts));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let carried = carry(near, to, (Arc::clone(&shared), Arc::clone(&left), Arc::clone(&cuts)));
                if let Some(calls) = shared.lock().unwrap().as_mut() {
                    calls.spawn(carried);
                }
            }
        });
        line
    }

    /// Ends every connection and takes no new one.
    pub fn cut(&self) {
        *self.calls.lock().unwrap() = None;
    }

    /// Cuts it by itself, once, when so many more bytes have gone to the far end.
    pub fn cut_after(&self, bytes: i64) {
        self.left.store(bytes, Ordering::Relaxed);
    }

    /// How often that has happened.
    pub fn cuts(&self) -> usize {
        self.cuts.load(Ordering::Relaxed)
    }

    /// Works again.
    pub fn mend(&self) {
        *self.calls.lock().unwrap() = Some(JoinSet::new());
    }
}

async fn carry(near: TcpStream, to: u16, line: Ends) {
    if let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await {
        let ((near_in, mut near_out), (mut far_in, far_out)) = (near.into_split(), far.into_split());
        // An end of the line is not an error.
        let back = async { drop(tokio::io::copy(&mut far_in, &mut near_out).await) };
        tokio::join!(there(near_in, far_out, line), back);
    }
}

async fn there(mut near: OwnedReadHalf, mut far: OwnedWriteHalf, (calls, left, cuts): Ends) {
    let mut bytes = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = near.read(&mut bytes).await {
        if far.write_all(&bytes[..count]).await.is_err() {
            return;
        }
        let count = i64::try_from(count).unwrap();
        if left.fetch_sub(count, Ordering::Relaxed) <= count {
            left.store(i64::MAX, Ordering::Relaxed);
            let cut = calls.lock().unwrap().take();
            cuts.fetch_add(usize::from(cut.is_some()), Ordering::Relaxed);
        }
    }
}
