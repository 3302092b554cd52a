//! Reading a session, accepting a webhook, deciding: over HTTP, as fast as answers come.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use kyc_tests::database::Kind;
use kyc_tests::{Caller, TestApp};
use serde_json::{Value, json};
use sha2::Sha256;

use super::floor::{Bare, installation, one_row};
use super::load::{Line, Numbers, Requests, per_second, rate, serve, wire, wire_get};
use super::table::{RUNS, Table, median, progress};

/// Cases that take turns, so that none has more decisions behind it than a real one might.
const CASES: usize = 600;
const COLUMNS: [&str; 6] = ["", "per second", "floor", "ratio", "bar", ""];
const BOTH: [(Kind, &str); 2] = [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")];

/// A session, opened by whoever has opened it before, against a handler that sends one row of the same database.
pub async fn reads() -> Table {
    let mut table =
        Table::new("Opening a session, against a bare handler that sends one row of the same database", &COLUMNS);
    for (kind, name) in BOTH {
        let app = installation(kind).await;
        let mira = app.staff("mira").await;
        let id = app.verified_session().await;
        mira.open(&id).await;
        let floor = serve(one_row(Bare::beside(&app).await, &id)).await;
        let ours = serve(app.desk.clone()).await;
        let row = wire(Request::get("/").body(String::new()).unwrap());
        let session = wire_get(mira.desk_request("GET", &format!("/api/sessions/{id}")).body(Body::empty()).unwrap());
        let (row, session): (Requests, Requests) = (Arc::new(move |_| row.clone()), Arc::new(move |_| session.clone()));
        for connections in [1, 8] {
            let mut rates = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                rates.1.push(rate(floor, connections, &row).await);
                rates.0.push(rate(ours, connections, &session).await);
            }
            table.ratio(&what(name, connections), (median(rates.0), median(rates.1)), 0.4);
        }
    }
    table
}

fn what(name: &str, connections: usize) -> String {
    match connections {
        1 => format!("{name}, 1 connection"),
        _ => format!("{name}, {connections} connections"),
    }
}

/// A decision of Veriff with all its data, as it arrives; each is another one.
fn webhook(number: u64, run: usize) -> Vec<u8> {
    let body = include_str!("../../fuzz/corpus/veriff_webhook/approved.json")
        .replace("22222222-bbbb-4ccc-8ddd-000000000001", &format!("22222222-bbbb-4ccc-8ddd-{run:04x}{number:08x}"));
    let mut mac = Hmac::<Sha256>::new_from_slice(b"veriff-secret").unwrap();
    mac.update(body.as_bytes());
    let request = Request::post("/webhooks/veriff/veriff-de")
        .header("content-type", "application/json")
        .header("x-auth-client", "veriff-key")
        .header("x-hmac-signature", hex::encode(mac.finalize().into_bytes()));
    wire(request.body(body).unwrap())
}

/// Checked, sealed, kept and answered, against one row of the same size kept by the same kind of database. Nobody applies them meanwhile.
pub async fn webhooks() -> Table {
    let title =
        "Accepting a webhook (checked, sealed, durable, answered), against the database's own commits of one row";
    let mut table = Table::new(title, &COLUMNS);
    let size = include_str!("../../fuzz/corpus/veriff_webhook/approved.json").len();
    for (kind, name) in BOTH {
        let app = installation(kind).await;
        let bare = Bare::empty(kind, app.directory.path()).await;
        let edge = serve(app.edge.clone()).await;
        for connections in [1, 8, 64] {
            let mut rates = (Vec::new(), Vec::new());
            for run in 0..RUNS {
                rates.1.push(bare.commits(connections, size, run).await);
                let run = run * 100 + connections;
                let requests: Requests = Arc::new(move |number| webhook(number, run));
                rates.0.push(rate(edge, connections, &requests).await);
            }
            table.ratio(&what(name, connections), (median(rates.0), median(rates.1)), 0.6);
        }
    }
    table
}

/// A session that goes to final approval and back, and back again.
struct Case {
    id: String,
    version: Value,
}

async fn case(app: &TestApp, mira: &Caller<'_>) -> Case {
    let id = app.verified_session().await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    let version = mira.open(&id).await["version"].clone();
    Case { id, version }
}

async fn send(line: &mut Line, case: &mut Case, (by, act, mut body): (&Caller<'_>, &str, Value)) {
    body["expected_version"] = case.version.clone();
    let request = by.desk_request("POST", &format!("/api/sessions/{}/{act}", case.id)).body(body.to_string());
    let (status, answer) = line.ask(&wire(request.unwrap())).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(answer));
    let answer: Value = serde_json::from_slice(answer).unwrap();
    case.version = answer["version"].clone();
}

/// Transitions per second of a workflow engine that keeps its state in memory.
fn in_memory(modules: &Path) -> f64 {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/workflow.mjs");
    let output = Command::new("node").arg(script).arg(modules).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().unwrap_or_else(|_| panic!("node said {said}{}", String::from_utf8_lossy(&output.stderr)))
}

/// Decisions, each durable with its audit entry and its event for the bank, against transitions of an engine that keeps nothing.
pub async fn decisions(modules: Option<&Path>) -> Table {
    let title = "Decisions over HTTP, each durable with its audit entry, against @ballerine/workflow-core in memory without HTTP";
    let mut table = Table::new(title, &COLUMNS);
    let Some(modules) = modules else {
        progress("@ballerine/workflow-core is not here: left out");
        return table;
    };
    for (kind, name) in BOTH {
        // For the rest of the process: its callers outlive this function's frame.
        let floor: &'static Floor = Box::leak(Box::new(Floor::open(kind).await));
        progress(&format!("{name}: preparing {CASES} cases ..."));
        floor.fill().await;
        for connections in [1, 8, 64] {
            let mut rates = (Vec::new(), Vec::new());
            for _ in 0..RUNS {
                rates.1.push(in_memory(modules));
                rates.0.push(per_second(connections, |numbers| floor.decide(numbers)).await);
            }
            table.ratio(&what(name, connections), (median(rates.0), median(rates.1)), 1.0);
        }
    }
    table
}

/// Where people decide: an agent, who may be many, and a supervisor.
struct Floor {
    app: &'static TestApp,
    mira: Caller<'static>,
    jo: Caller<'static>,
    desk: SocketAddr,
    cases: Mutex<VecDeque<Case>>,
}

impl Floor {
    async fn open(kind: Kind) -> Self {
        let app: &'static TestApp = Box::leak(Box::new(installation(kind).await));
        let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
        Self { app, mira, jo, desk: serve(app.desk.clone()).await, cases: Mutex::default() }
    }

    /// Makes the cases.
    async fn fill(&self) {
        for _ in 0..CASES {
            let case = case(self.app, &self.mira).await;
            self.cases.lock().unwrap().push_back(case);
        }
    }

    /// To final approval, back, and taken again: two decisions, and what must be done between them.
    async fn decide(&self, numbers: Numbers) {
        let mut line = Line::open(self.desk).await;
        while numbers.next().is_some() {
            let mut case = self.cases.lock().unwrap().pop_front().unwrap();
            send(&mut line, &mut case, (&self.mira, "propose", json!({ "reason": null }))).await;
            numbers.done();
            send(&mut line, &mut case, (&self.jo, "return", json!({ "reason": "look_again" }))).await;
            numbers.done();
            send(&mut line, &mut case, (&self.mira, "take", json!({ "reason": null }))).await;
            self.cases.lock().unwrap().push_back(case);
        }
    }
}
