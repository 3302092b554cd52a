//! A loopback listener that ends when its handle is dropped, and whose connections can be cut with a reset, which a plain
//! answer cannot imitate.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// A listening stand-in; it stops accepting when this is dropped.
#[derive(Debug)]
pub struct Base {
    addr: SocketAddr,
    _stop: oneshot::Sender<()>,
}

impl Base {
    /// The port that was bound.
    pub const fn port(&self) -> u16 {
        self.addr.port()
    }

    /// Address for parties that belong to the product's site: `http://localhost:PORT`.
    pub fn localhost(&self) -> String {
        format!("http://localhost:{}", self.port())
    }

    /// Address for parties on another site: `http://127.0.0.1:PORT`.
    pub fn loopback(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }
}

/// A bound socket that does not answer yet: what a stand-in needs when its own address is part of its configuration.
pub(crate) struct Bound(TcpListener, SocketAddr);

/// Binds loopback; port 0 takes a free one.
pub(crate) async fn bind(port: u16) -> io::Result<Bound> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let addr = listener.local_addr()?;
    Ok(Bound(listener, addr))
}

impl Bound {
    /// The port that was bound.
    pub(crate) const fn port(&self) -> u16 {
        self.1.port()
    }

    /// Answers with `router` until the result is dropped.
    pub(crate) fn serve(self, router: Router) -> Base {
        let (stop, stopped) = oneshot::channel::<()>();
        let service = router.into_make_service_with_connect_info::<Line>();
        let serving = axum::serve(Lines(self.0), service).with_graceful_shutdown(async move {
            let _: Result<(), _> = stopped.await;
        });
        tokio::spawn(async move { serving.await });
        Base { addr: self.1, _stop: stop }
    }
}

/// One connection, as a handler sees it.
#[derive(Clone, Debug)]
pub(crate) struct Line(Arc<AtomicBool>);

impl Line {
    /// Resets the connection instead of sending the answer that the handler returns.
    pub(crate) fn cut(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        Self(Arc::clone(&stream.io().is_cut))
    }
}

struct Lines(TcpListener);

impl Listener for Lines {
    type Io = Stream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Stream, SocketAddr) {
        let (inner, addr) = Listener::accept(&mut self.0).await;
        (Stream { inner, is_cut: Arc::default() }, addr)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

struct Stream {
    inner: TcpStream,
    is_cut: Arc<AtomicBool>,
}

impl Stream {
    /// Without lingering, closing the socket sends RST and not FIN.
    fn check(&self) -> io::Result<()> {
        if !self.is_cut.load(Ordering::SeqCst) {
            return Ok(());
        }
        self.inner.set_zero_linger()?;
        Err(io::ErrorKind::ConnectionReset.into())
    }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
