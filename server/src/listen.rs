//! Connections: accepted, served, and let go of. What axum's own loop leaves open: a caller who says nothing, or only half of it, is not
//! waited for, and a reader who does not read holds up no stop.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tower::{ServiceExt, service_fn};

/// A request's head must be here within this: from the start of the connection, and from the end of the request before.
const HEAD: Duration = Duration::from_secs(30);
/// When we stop, an event stream may still say its last words for so long.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// When no connection can be accepted (no file descriptors, for one), the next try is after this.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Serves until `stop` turns true, then as long as requests are under way.
pub async fn serve(listener: TcpListener, router: Router, mut stop: watch::Receiver<bool>) -> io::Result<()> {
    let mut connections = JoinSet::new();
    let stopped = stop.clone();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => drop(connections.spawn(converse(stream, peer, router.clone(), stopped.clone()))),
                Err(error) if is_about_one(&error) => {}
                Err(error) => {
                    tracing::error!(error = %error, "no connection can be accepted");
                    sleep(ACCEPT_AGAIN).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = told(&mut stop) => break,
        }
    }
    // New connections are refused from here on.
    drop(listener);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Waits until we stop.
async fn told(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|is_stopping| *is_stopping).await);
}

/// Whether it is that one caller who went away.
fn is_about_one(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// What is known of a connection.
#[derive(Default)]
struct Seen {
    /// It has made a request.
    a_request: AtomicBool,
    /// What it got last goes on until one of the two ends it.
    a_stream: AtomicBool,
}

async fn converse(stream: TcpStream, peer: SocketAddr, router: Router, mut stop: watch::Receiver<bool>) {
    // An event is a small packet, and must not wait for the next.
    drop(stream.set_nodelay(true));
    let seen = Arc::new(Seen::default());
    let noting = Arc::clone(&seen);
    let service = service_fn(move |request: Request<Incoming>| {
        noting.a_request.store(true, Ordering::Relaxed);
        answer(request.map(Body::new), peer, router.clone(), Arc::clone(&noting))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(Some(HEAD));
    let mut connection =
        std::pin::pin!(builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)));
    tokio::select! {
        // Broken connections are the caller's business.
        _ = connection.as_mut() => return,
        () = silence(&seen) => return,
        () = told(&mut stop) => {}
    }
    if !seen.a_request.load(Ordering::Relaxed) {
        return;
    }
    connection.as_mut().graceful_shutdown();
    if seen.a_stream.load(Ordering::Relaxed) {
        drop(timeout(LAST_WORDS, connection).await);
    } else {
        drop(connection.await);
    }
}

/// Ends when a connection has made no request in time.
async fn silence(seen: &Seen) {
    sleep(HEAD).await;
    if seen.a_request.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

async fn answer(
    mut request: Request<Body>,
    peer: SocketAddr,
    router: Router,
    seen: Arc<Seen>,
) -> Result<Response, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    let response = router.oneshot(request).await?;
    let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    seen.a_stream.store(kind.is_some_and(|kind| kind.starts_with(b"text/event-stream")), Ordering::Relaxed);
    Ok(response)
}

#[cfg(test)]
mod tests {
    use axum::response::sse::{Event, Sse};
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::task::JoinHandle;
    use tokio_stream::wrappers::ReceiverStream;

    use super::*;

    /// Longer than all that is waited for; the clock of these tests stands still while somebody works.
    const LONG: Duration = Duration::from_hours(1);

    struct Served {
        at: SocketAddr,
        stop: watch::Sender<bool>,
        ended: JoinHandle<io::Result<()>>,
    }

    async fn serving(router: Router) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (at, (stop, stopped)) = (listener.local_addr().unwrap(), watch::channel(false));
        Served { at, stop, ended: tokio::spawn(serve(listener, router, stopped)) }
    }

    async fn said(served: &Served, words: &str) -> TcpStream {
        let mut stream = TcpStream::connect(served.at).await.unwrap();
        stream.write_all(words.as_bytes()).await.unwrap();
        stream
    }

    async fn is_closed(stream: &mut TcpStream) -> bool {
        let mut rest = Vec::new();
        matches!(timeout(LONG, stream.read_to_end(&mut rest)).await, Ok(Ok(_) | Err(_)))
    }

    #[tokio::test(start_paused = true)]
    async fn who_says_nothing_or_half_of_it_is_not_waited_for() {
        let served = serving(Router::new()).await;
        for words in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nHost: here\r\nX-Slow:"] {
            let mut stream = said(&served, words).await;
            assert!(is_closed(&mut stream).await, "{words:?}");
        }
        // A clock that jumps while nobody works would not wait for what is on its way.
        tokio::time::resume();
        let mut stream = said(&served, "GET / HTTP/1.1\r\nHost: here\r\n\r\n").await;
        let mut buffer = [0; 1024];
        assert!(stream.read(&mut buffer).await.unwrap() > 0, "it was answered");
        tokio::time::pause();
        stream.write_all(b"GET / HT").await.unwrap();
        assert!(is_closed(&mut stream).await, "a second request has no longer");
    }

    #[tokio::test]
    async fn a_stop_waits_for_nobody_who_is_silent() {
        let served = serving(Router::new()).await;
        let _silent =
            [said(&served, "").await, said(&served, "PRI *").await, said(&served, "GET / HTTP/1.1\r\n").await];
        let mut idle = said(&served, "GET / HTTP/1.1\r\nHost: here\r\n\r\n").await;
        assert!(idle.read(&mut [0; 1024]).await.unwrap() > 0);
        // From here on it takes as long as it takes, but no timer of ours: they would have to run out first.
        tokio::time::pause();
        let began = tokio::time::Instant::now();
        served.stop.send_replace(true);
        served.ended.await.unwrap().unwrap();
        assert!(began.elapsed() < Duration::from_secs(1), "no timer had to run out: {:?}", began.elapsed());
    }

    #[tokio::test]
    async fn a_request_under_way_is_waited_for_and_a_stream_nobody_reads_is_not() {
        let (go, mut gone) = watch::channel(false);
        let begun = Arc::new(tokio::sync::Notify::new());
        let begins = Arc::clone(&begun);
        let slow = get(async move || {
            begins.notify_one();
            drop(gone.wait_for(|go| *go).await);
            "done"
        });
        let endless = get(async || {
            let (sender, receiver) = tokio::sync::mpsc::channel(1);
            tokio::spawn(async move {
                let event = || Event::default().data("x".repeat(100_000));
                while sender.send(Ok::<_, Infallible>(event())).await.is_ok() {}
            });
            Sse::new(ReceiverStream::new(receiver))
        });
        let served = serving(Router::new().route("/slow", slow).route("/endless", endless)).await;
        let _unread = said(&served, "GET /endless HTTP/1.1\r\nHost: here\r\n\r\n").await;
        let mut slow = said(&served, "GET /slow HTTP/1.1\r\nHost: here\r\n\r\n").await;
        begun.notified().await;
        tokio::time::pause();
        served.stop.send_replace(true);
        sleep(Duration::from_secs(10)).await;
        assert!(!served.ended.is_finished(), "a request is under way");
        go.send_replace(true);
        let mut answer = String::new();
        slow.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("done"), "{answer}");
        served.ended.await.unwrap().unwrap();
    }
}
