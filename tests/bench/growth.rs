//! What one request takes with few and with many sessions stored: it must not depend on how many.

use std::time::{Duration, Instant};

use kyc_tests::database::Kind;
use kyc_tests::{Caller, TestApp};
use serde_json::json;
use sqlx::{AnyPool, Executor};

use super::floor::installation;
use super::table::{Table, milliseconds, progress, quantile};

/// How often each request is timed.
const TIMES: usize = 40;
/// Of so many stored sessions one is open.
const OPEN_SHARE: u64 = 100;

/// Copied in one transaction: its log grows with it.
const STEP: usize = 50_000;

/// Multiplies sessions and their audit entries: one of these waits for an agent, the others are over.
struct Originals {
    waiting: String,
    over: String,
}

impl Originals {
    async fn make(app: &TestApp, mira: &Caller<'_>, jo: &Caller<'_>) -> Self {
        let over = app.proposed_session(mira).await;
        jo.act(&over, "approve", json!({})).await;
        Self { waiting: app.verified_session().await, over }
    }

    /// Copies until so many are stored, beginning with the copy that has this number.
    async fn copy(&self, raw: &AnyPool, kind: Kind, (from, to): (u64, u64)) {
        let (numbers, id) = match kind {
            Kind::Sqlite => (
                format!(
                    "WITH RECURSIVE numbers(n) AS (SELECT {from} UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {to})"
                ),
                "printf('%08x-0000-7000-8000-000000000000', n)",
            ),
            Kind::Postgres => (
                format!("WITH numbers(n) AS (SELECT generate_series(CAST({from} AS BIGINT), {to} - 1))"),
                "lpad(to_hex(n), 8, '0') || '-0000-7000-8000-000000000000'",
            ),
        };
        let copies = [
            // After the real ones, so that `next` finds those first.
            (&self.waiting, format!("n % {OPEN_SHARE} = 0"), "+"),
            (&self.over, format!("n % {OPEN_SHARE} <> 0"), "-"),
        ];
        for (original, share, way) in copies {
            // Two minutes apart.
            let sessions = format!(
                "INSERT INTO session (tenant_id, id, version, status, queue, customer_id, created_at, state_since, is_final, is_flagged, is_connected, \
                 is_provider_down, lease_until, body) {numbers} \
                 SELECT tenant_id, {id}, version, status, queue, customer_id, created_at {way} (n + 1) * 120000000, state_since {way} (n + 1) * 120000000, \
                 is_final, is_flagged, is_connected, is_provider_down, 0, replace(body, '{original}', {id}) \
                 FROM session, numbers WHERE id = '{original}' AND {share}"
            );
            raw.execute(sessions.as_str()).await.unwrap();
            // Before the chain, which goes on from its head. Three of each, so that copying takes minutes.
            let entries = format!(
                "INSERT INTO audit_entry (tenant_id, seq, session_id, body, hash) {numbers} \
                 SELECT tenant_id, -1 - seq - n * 1000, {id}, body, hash FROM audit_entry, numbers \
                 WHERE seq IN (SELECT seq FROM audit_entry WHERE session_id = '{original}' ORDER BY seq LIMIT 3) AND {share}"
            );
            raw.execute(entries.as_str()).await.unwrap();
        }
    }
}

async fn timed(what: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    what.await;
    start.elapsed()
}

async fn get(by: &Caller<'_>, path: &str) {
    let answer = by.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

/// The middle time of each step, in the order of [`STEPS`].
async fn steps(app: &TestApp, mira: &Caller<'_>, jo: &Caller<'_>) -> Vec<Duration> {
    let mut times: [Vec<Duration>; 6] = Default::default();
    for _ in 0..TIMES {
        times[0].push(timed(get(jo, "/api/sessions?view=open&sort=urgency")).await);
        times[1].push(timed(get(jo, "/api/sessions?view=all&sort=newest")).await);
        times[2].push(timed(get(jo, "/api/floor")).await);
        let start = Instant::now();
        let next = mira.post("/api/sessions/next", &json!({})).await;
        times[3].push(start.elapsed());
        let taken = next.json()["id"].as_str().unwrap_or_else(|| panic!("{}", next.text)).to_owned();
        mira.tick_off(&taken).await;
        times[4].push(timed(get(mira, &format!("/api/sessions/{taken}"))).await);
        let version = mira.open(&taken).await["version"].clone();
        let decide = async {
            let body = json!({ "expected_version": version, "reason": null });
            let answer = mira.post(&format!("/api/sessions/{taken}/propose"), &body).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
        };
        times[5].push(timed(decide).await);
        app.answers.lock().unwrap().clear();
    }
    times.into_iter().map(|times| quantile(times, 0.5)).collect()
}

/// What is timed.
const STEPS: [&str; 6] =
    ["open sessions, most urgent first", "all sessions, newest first", "the floor", "next", "open one", "decide"];

/// Times each step at each size, from small to large.
pub async fn growth(sizes: &[u64]) -> Table {
    let mut columns = vec!["milliseconds, median".to_owned()];
    columns.extend(sizes.iter().map(|size| format!("{size} stored")));
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let mut table = Table::new(
        "One request after the other, in process, with so many sessions stored (one in a hundred open)",
        &columns,
    );
    for (kind, name) in [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")] {
        let app = installation(kind).await;
        let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
        let originals = Originals::make(&app, &mira, &jo).await;
        for _ in 0..TIMES * sizes.len() {
            app.verified_session().await;
        }
        let raw = app.database.raw().await;
        if kind == Kind::Postgres {
            // Nobody needs to hear of a million copies.
            raw.execute("ALTER TABLE session DISABLE TRIGGER session_is_announced").await.unwrap();
        }
        let (mut from, mut columns) = (0, Vec::new());
        for &size in sizes {
            progress(&format!("{name}: storing {size} sessions ..."));
            for step in (from..size).step_by(STEP) {
                originals.copy(&raw, kind, (step, size.min(step + STEP as u64))).await;
            }
            raw.execute("ANALYZE").await.unwrap();
            from = size;
            columns.push(steps(&app, &mira, &jo).await);
        }
        for (at, step) in STEPS.into_iter().enumerate() {
            let mut row = vec![format!("{name}: {step}")];
            row.extend(columns.iter().map(|times| milliseconds(times[at])));
            table.row(row);
        }
    }
    table
}
