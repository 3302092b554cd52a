//! The demo's seed, as `cargo xtask run` plants it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use kyc_sandbox::seed::{SeedConfig, seed, work};
use serde_json::Value;
use tokio::sync::watch;

use crate::support::Stage;

#[tokio::test]
async fn the_seed_shows_sessions_in_every_kind_of_state() {
    // The clock stands still, so nobody can wait for a retry.
    let stage = Stage::with_policy("retry_wait_seconds = 0").await;
    let (_stop, stopped) = watch::channel(false);
    tokio::spawn(kyc_desk::jobs::run_forever(Arc::clone(&stage.app.app), stopped));
    let client = |id: &str| (id.to_owned(), format!("{id}-secret"));
    let config = SeedConfig {
        jumio: "jumio-de".to_owned(),
        edge_url: stage.app.app.config.http.edge_url.to_string(),
        desk_url: stage.app.desk_url.clone(),
        host_url: stage.host.url(),
        flow_client: client("flow"),
        bank_client: client("bank"),
        patience: Duration::from_secs(90),
    };
    let made = seed(&config, |_| {}).await.unwrap();
    work(&config, &made, |_| {}).await.unwrap();
    let all = stage.app.staff("jo").await.get("/api/sessions?view=all&limit=100").await.json();
    let mut states: BTreeMap<&str, usize> = BTreeMap::new();
    for session in all["items"].as_array().unwrap() {
        let state = if session["flag"] == Value::Null { session["status"].as_str().unwrap() } else { "flagged" };
        *states.entry(state).or_default() += 1;
    }
    assert_eq!(states.values().sum::<usize>(), made.len());
    for state in ["created", "document_submitted", "agent_verification", "flagged", "final_approval", "rejected"] {
        assert!(states.contains_key(state), "no session is {state}: {states:?}");
    }
}
