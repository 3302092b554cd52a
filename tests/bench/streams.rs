//! Thousands of open event streams: what each takes, and how long it is until the last one has heard of a change.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use kyc_tests::Caller;
use kyc_tests::database::Kind;
use serde_json::{Value, json};
use tokio::sync::Barrier;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::floor::installation;
use super::load::{Line, serve, wire_get};
use super::table::{Table, milliseconds, progress, quantile};

const STREAMS: usize = 5_000;
const EVENTS: usize = 20;

/// Resident memory of this process, in bytes.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

/// Opens them one after the other, each on its own connection, and says when each hears of the session.
async fn open(desk: SocketAddr, request: &[u8], id: &str) -> UnboundedReceiver<Instant> {
    let (heard, hearing) = unbounded_channel();
    let is_open = Arc::new(Barrier::new(STREAMS + 1));
    for _ in 0..STREAMS {
        let mut line = Line::open(desk).await;
        line.send(request).await;
        tokio::spawn(hear(line, Arc::clone(&is_open), heard.clone(), id.to_owned()));
    }
    is_open.wait().await;
    hearing
}

async fn hear(mut line: Line, is_open: Arc<Barrier>, heard: UnboundedSender<Instant>, id: String) {
    while !contains(line.heard(), "\"hello\"") {
        line.more().await.unwrap();
    }
    line.forget();
    is_open.wait().await;
    while line.more().await.is_ok() {
        if contains(line.heard(), &id) {
            line.forget();
            heard.send(Instant::now()).unwrap();
        }
    }
}

/// How long after the answer to a command the last stream hears of it.
async fn until_last(mira: &Caller<'_>, id: &str, act: &str, hearing: &mut UnboundedReceiver<Instant>) -> Duration {
    let version = mira.open(id).await["version"].clone();
    let mut body = json!({ "expected_version": version });
    if act == "take" {
        body["reason"] = Value::Null;
    }
    let answer = mira.post(&format!("/api/sessions/{id}/{act}"), &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let start = Instant::now();
    let mut latest = start;
    for stream in 0..STREAMS {
        let heard = tokio::time::timeout(Duration::from_secs(20), hearing.recv()).await;
        latest = latest.max(heard.unwrap_or_else(|_| panic!("stream {stream} heard nothing")).unwrap());
    }
    latest - start
}

/// Memory and time.
pub async fn streams() -> Table {
    let app = installation(Kind::Sqlite).await;
    let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
    let id = app.verified_session().await;
    let desk = serve(app.desk.clone()).await;
    let request = wire_get(jo.desk_request("GET", "/api/events").body(Body::empty()).unwrap());
    let before = memory();
    let mut hearing = open(desk, &request, &id).await;
    let each = (memory() - before) / STREAMS as u64;
    progress(&format!("{STREAMS} streams are open"));
    let mut times = Vec::new();
    for event in 0..EVENTS {
        let act = if event % 2 == 0 { "take" } else { "release" };
        times.push(until_last(&mira, &id, act, &mut hearing).await);
    }
    let (middle, worst) = (quantile(times.clone(), 0.5), quantile(times, 0.99));
    let mut table = Table::new("Open event streams", &["", "measured", "bar", ""]);
    let verdict = |is_met: bool| if is_met { "met" } else { "**not met**" };
    let mut row = |what: String, measured: String, (bar, verdict): (&str, &str)| {
        table.row(vec![what, measured, bar.to_owned(), verdict.to_owned()]);
    };
    let memory = format!("memory of one of {STREAMS} streams, both of its ends");
    row(memory, format!("{}.{} KB", each / 1000, each / 100 % 10), ("≤ 30 KB", verdict(each <= 30_000)));
    let until = format!("from the answer to a command until the last of {STREAMS} has heard, median of {EVENTS}");
    row(until, format!("{} ms", milliseconds(middle)), ("", ""));
    let is_met = worst <= Duration::from_millis(250);
    row("the same, 99 %".to_owned(), format!("{} ms", milliseconds(worst)), ("≤ 250 ms", verdict(is_met)));
    table
}

fn contains(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|part| part == words.as_bytes())
}
