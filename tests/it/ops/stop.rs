//! Stopping: what has begun is finished, what has not is refused, and streams let go at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use kyc_desk::clock::SeededRng;
use kyc_desk::serve::{Doors, serve_at};
use kyc_desk::state::App;
use kyc_tests::TestApp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{config, plan_event};

/// No wait in these tests is for luck: each ends with what it waits for, or fails after this.
const LIMIT: Duration = Duration::from_mins(2);

struct Served {
    stop: watch::Sender<bool>,
    desk: SocketAddr,
    edge: SocketAddr,
    operator: SocketAddr,
    ended: JoinHandle<std::io::Result<()>>,
}

async fn serving(app: &Arc<App>) -> Served {
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let doors = Doors::at([free; 3]).await.unwrap();
    let [desk, edge, operator] = doors.addresses().unwrap();
    let (stop, stopped) = watch::channel(false);
    let metrics = kyc_desk::measures::recorder().unwrap().build_recorder().handle();
    let ended = tokio::spawn(serve_at(doors, Arc::clone(app), metrics, stopped));
    Served { stop, desk, edge, operator, ended }
}

impl Served {
    async fn is_closed(&self) -> bool {
        for address in [self.desk, self.edge, self.operator] {
            if TcpStream::connect(address).await.is_ok() {
                return false;
            }
        }
        true
    }

    async fn closes(&self) {
        let closed = async {
            while !self.is_closed().await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(LIMIT, closed).await.expect("new connections are refused");
    }

    async fn ends(self) {
        tokio::time::timeout(LIMIT, self.ended).await.expect("it ends").unwrap().unwrap();
    }
}

/// Reads until the answer holds this.
async fn read_until(stream: &mut TcpStream, wanted: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains(wanted) {
        let read = tokio::time::timeout(LIMIT, stream.read(&mut buffer)).await.expect("an answer").unwrap();
        assert!(read > 0, "the connection closed after: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    text
}

#[tokio::test]
async fn a_request_that_has_begun_is_answered_and_no_other_is_taken() {
    let app = TestApp::start().await;
    let token = app.guest().token("flow", "flow-secret").await;
    let served = serving(&app.app).await;
    let id = app.new_id();
    let body = kyc_tests::new_session(&id).to_string();
    let mut stream = TcpStream::connect(served.edge).await.unwrap();
    let head = format!(
        "POST /flow/v1/sessions HTTP/1.1\r\nHost: edge\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: slow-one\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Sent when the handler asks for the body: the request is under way.
    read_until(&mut stream, "100 Continue").await;
    served.stop.send_replace(true);
    served.closes().await;
    assert!(!served.ended.is_finished(), "it waits for the request");
    stream.write_all(body.as_bytes()).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.contains("201 Created"), "{answer}");
    served.ends().await;
}

/// A bank that answers when it is told to.
async fn slow_bank() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/events", listener.local_addr().unwrap());
    (listener, url)
}

#[tokio::test]
async fn jobs_that_have_begun_are_finished_and_the_next_is_left_for_later() {
    let outer = TestApp::start().await;
    let (bank, url) = slow_bank().await;
    let database = format!("sqlite:{}/other.db", outer.directory.path().display());
    let changes = [(outer.bank.events_url(), url), (outer.database.url.clone(), database)];
    let changes: Vec<(&str, &str)> = changes.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
    let config = config(&outer, &changes);
    let app = kyc_desk::build(config, Arc::new(outer.clock.clone()), Arc::new(SeededRng::new(5))).await.unwrap();
    // One more than the bank is told at once.
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(plan_event(&app).await);
    }
    let served = serving(&app).await;
    let mut under_way = Vec::new();
    for _ in 0..4 {
        let (mut asked, _) = tokio::time::timeout(LIMIT, bank.accept()).await.unwrap().unwrap();
        read_until(&mut asked, "{}").await;
        under_way.push(asked);
    }
    served.stop.send_replace(true);
    served.closes().await;
    assert!(!served.ended.is_finished(), "it waits for the jobs");
    for mut asked in under_way {
        asked.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    }
    served.ends().await;
    let mut tx = app.store.read(&app.tenant).await.unwrap();
    let mut left = 0;
    for event in events {
        left += usize::from(tx.find_event(event).await.unwrap().is_some());
    }
    assert_eq!(left, 1, "four were delivered, one was not begun");
    assert_eq!(tx.find_next_due().await.unwrap(), Some(app.clock.now()), "the last is due at once");
}

#[tokio::test]
async fn open_streams_end_at_once_with_the_time_to_come_back() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let served = serving(&app.app).await;
    let mut stream = TcpStream::connect(served.desk).await.unwrap();
    let request = format!(
        "GET /api/events HTTP/1.1\r\nHost: desk\r\nSec-Fetch-Site: same-origin\r\nCookie: {}\r\n\r\n",
        mira.cookie.as_ref().unwrap()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    read_until(&mut stream, "hello").await;
    served.stop.send_replace(true);
    let mut rest = String::new();
    tokio::time::timeout(LIMIT, stream.read_to_string(&mut rest)).await.expect("the stream ends").unwrap();
    assert!(rest.contains("retry: ") && !rest.contains("signed_out"), "{rest}");
    served.ends().await;
}
