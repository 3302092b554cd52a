//! As many callers as one likes, each on a connection of its own, as fast as answers come. Bare HTTP/1.1, so that the caller costs next to
//! nothing beside what it measures.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// How long a rate is not counted, and then how long it is.
const WARM_UP: Duration = Duration::from_millis(300);
const COUNTED: Duration = Duration::from_millis(1500);

/// What the caller with the second number sends as its n-th request of all.
pub type Requests = Arc<dyn Fn(u64) -> Vec<u8> + Send + Sync>;

/// Serves a router on a free port.
pub async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

/// A request as it goes over the line.
pub fn wire(request: Request<String>) -> Vec<u8> {
    let (parts, body) = request.into_parts();
    let mut bytes = format!("{} {} HTTP/1.1\r\nhost: localhost\r\n", parts.method, parts.uri).into_bytes();
    for (name, value) in &parts.headers {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
    bytes
}

/// The same for a request without a body.
pub fn wire_get(request: Request<Body>) -> Vec<u8> {
    wire(request.map(|_| String::new()))
}

/// One connection.
pub struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    /// Opens it.
    pub async fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, read: Vec::with_capacity(16 * 1024) }
    }

    /// Sends one request and reads its answer: status and body.
    pub async fn ask(&mut self, request: &[u8]) -> (u16, &[u8]) {
        self.stream.write_all(request).await.unwrap();
        self.read.clear();
        loop {
            if let Some(head) = self.read.windows(4).position(|four| four == b"\r\n\r\n") {
                let (status, length) = about(&self.read[..head]);
                let end = head + 4 + length;
                while self.read.len() < end {
                    self.more().await.unwrap();
                }
                return (status, &self.read[head + 4..end]);
            }
            self.more().await.unwrap();
        }
    }

    /// Reads what comes next, whatever it is.
    pub async fn more(&mut self) -> io::Result<usize> {
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => Ok(count),
        }
    }

    /// Sends and does not wait.
    pub async fn send(&mut self, request: &[u8]) {
        self.stream.write_all(request).await.unwrap();
    }

    /// What has been read since it was last forgotten.
    pub fn heard(&self) -> &[u8] {
        &self.read
    }

    /// Forgets what was read, and the room for it.
    pub fn forget(&mut self) {
        self.read = Vec::new();
    }
}

fn about(head: &[u8]) -> (u16, usize) {
    let head = std::str::from_utf8(head).unwrap();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
    });
    (status, length.unwrap_or(0))
}

/// Answers per second with this many connections.
pub async fn rate(address: SocketAddr, connections: usize, requests: &Requests) -> f64 {
    per_second(connections, |numbers| {
        let requests = Arc::clone(requests);
        async move {
            let mut line = Line::open(address).await;
            while let Some(number) = numbers.next() {
                let (status, body) = line.ask(&requests(number)).await;
                assert!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(body));
                numbers.done();
            }
        }
    })
    .await
}

/// Hands out numbers until the time is over, and counts what was done with them.
#[derive(Clone, Default)]
pub struct Numbers {
    is_over: Arc<AtomicBool>,
    given: Arc<AtomicU64>,
    done: Arc<AtomicU64>,
}

impl Numbers {
    /// The next, that nobody else gets.
    pub fn next(&self) -> Option<u64> {
        (!self.is_over.load(Ordering::Relaxed)).then(|| self.given.fetch_add(1, Ordering::Relaxed))
    }

    /// One was done.
    pub fn done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// How often per second this many workers together get something done.
pub async fn per_second<F: Future<Output = ()> + Send + 'static>(workers: usize, work: impl Fn(Numbers) -> F) -> f64 {
    let numbers = Numbers::default();
    let workers: Vec<_> = (0..workers).map(|_| tokio::spawn(work(numbers.clone()))).collect();
    tokio::time::sleep(WARM_UP).await;
    let (before, start) = (numbers.done.load(Ordering::Relaxed), Instant::now());
    tokio::time::sleep(COUNTED).await;
    let (after, time) = (numbers.done.load(Ordering::Relaxed), start.elapsed());
    numbers.is_over.store(true, Ordering::Relaxed);
    for worker in workers {
        worker.await.unwrap();
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of seconds")]
    let done = (after - before) as f64;
    done / time.as_secs_f64()
}
