//! What a Genesys flow waits for: answers of the flow API at a steady pace, as many flows make it.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::Request;
use kyc_tests::database::Kind;
use serde_json::{Value, json};

use super::floor::installation;
use super::load::{Line, serve, wire};
use super::table::{Table, milliseconds, quantile};

/// Requests per second, all flows together.
const PACE: u64 = 100;
/// For how long.
const SECONDS: u64 = 10;
/// What a flow bears without anybody noticing (the 95th of a hundred, in Genesys' own advice).
const BAR: Duration = Duration::from_millis(500);
const STEPS: [&str; 4] = ["open a session", "begin an attempt", "report the quality", "read the decision"];

/// Each flow opens a session, begins an attempt, reports its quality and reads the decision; a request begins every 10 ms, whatever the others do.
pub async fn answers() -> Table {
    let mut table = Table::new(
        "Answers to flows, at 100 requests per second, durable with their audit entries",
        &["", "median, ms", "p99, ms", "bar", ""],
    );
    for (kind, name) in [(Kind::Sqlite, "SQLite"), (Kind::Postgres, "PostgreSQL")] {
        let app = installation(kind).await;
        let token = app.guest().token("flow", "flow-secret").await;
        let edge = serve(app.edge.clone()).await;
        let times: Arc<[Mutex<Vec<Duration>>; 4]> = Arc::default();
        let mut flows = Vec::new();
        let begin = tokio::time::Instant::now();
        for flow in 0..PACE * SECONDS / 4 {
            let (token, times, id) = (token.clone(), Arc::clone(&times), app.new_id());
            flows.push(tokio::spawn(async move {
                let mut line = Line::open(edge).await;
                for (step, taken) in times.iter().enumerate() {
                    let at = flow * 4 + u64::try_from(step).unwrap();
                    tokio::time::sleep_until(begin + Duration::from_millis(at * 1000 / PACE)).await;
                    let request = request(step, &id, &token);
                    let start = Instant::now();
                    let (status, body) = line.ask(&request).await;
                    taken.lock().unwrap().push(start.elapsed());
                    assert!((200..300).contains(&status), "{status}: {}", String::from_utf8_lossy(body));
                }
            }));
        }
        for flow in flows {
            flow.await.unwrap();
        }
        for (step, taken) in STEPS.iter().zip(times.iter()) {
            let taken = taken.lock().unwrap().clone();
            let (half, most) = (quantile(taken.clone(), 0.5), quantile(taken, 0.99));
            let is_met = if most <= BAR { "met" } else { "**not met**" };
            let bar = format!("≤ {}", milliseconds(BAR));
            table.row(vec![format!("{name}, {step}"), milliseconds(half), milliseconds(most), bar, is_met.to_owned()]);
        }
    }
    table
}

fn request(step: usize, id: &str, token: &str) -> Vec<u8> {
    let (method, door, body): (_, _, Value) = match step {
        0 => ("POST", String::new(), kyc_tests::new_session(id)),
        1 => ("POST", format!("/{id}/attempts"), json!({ "attempt": 1 })),
        2 => ("POST", format!("/{id}/quality"), json!({ "attempt": 1, "score": 0.9, "frame_height": 720 })),
        _ => ("GET", format!("/{id}"), Value::Null),
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("/flow/v1/sessions{door}"))
        .header("authorization", format!("Bearer {token}"))
        .header("x-session-id", id)
        .header("idempotency-key", format!("conv-{id}-{step}"))
        .header("content-type", "application/json");
    wire(request.body(if body.is_null() { String::new() } else { body.to_string() }).unwrap())
}
