//! The customers who are in the video: as long as they are with an agent, the flow tells the product that they are there.
//!
//! Who is still in her own part is left alone: there the product's clock runs while she is connected, and a demo may lie for hours.

use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};

use crate::genesys_host::Host;

/// How often the flow gives a sign of life.
const EVERY: Duration = Duration::from_secs(15);
const TIMEOUT: Duration = Duration::from_secs(5);
/// The states in which a customer waits for somebody else.
const WITH_STAFF: [&str; 2] = ["agent_verification", "final_approval"];

/// The flow, as the product knows it.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The product's address for machines.
    pub edge_url: String,
    /// Client id.
    pub client: String,
    /// Its secret.
    pub secret: String,
}

/// Gives signs of life for the desktop's conversations, until it is dropped. While the product does not answer, it just tries again.
pub async fn hold(flow: Flow, host: &Host) {
    let http = Client::builder().timeout(TIMEOUT).build().unwrap_or_default();
    let mut token = None;
    let mut tick = tokio::time::interval(EVERY);
    loop {
        tick.tick().await;
        let sessions: Vec<String> = host.conversations().into_iter().map(|one| one.session_id).collect();
        if !sessions.is_empty() && round(&http, &flow, &mut token, &sessions).await.is_err() {
            token = None;
        }
    }
}

/// One sign of life for each session that is with staff.
async fn round(
    http: &Client,
    flow: &Flow,
    token: &mut Option<String>,
    sessions: &[String],
) -> Result<(), reqwest::Error> {
    let edge = flow.edge_url.trim_end_matches('/');
    if token.is_none() {
        let request = http.post(format!("{edge}/oauth/token")).basic_auth(&flow.client, Some(&flow.secret));
        let answer: Value = request.form(&[("grant_type", "client_credentials")]).send().await?.json().await?;
        *token = answer["access_token"].as_str().map(str::to_owned);
    }
    let token = token.as_deref().unwrap_or_default();
    for session in sessions {
        let address = format!("{edge}/flow/v1/sessions/{session}");
        let read = http.get(&address).bearer_auth(token).header("x-session-id", session);
        let found: Value = read.send().await?.error_for_status()?.json().await?;
        if WITH_STAFF.iter().any(|status| found["status"] == *status) {
            let sign = http.post(format!("{address}/heartbeat")).bearer_auth(token).header("x-session-id", session);
            // A session that has just become final refuses it.
            sign.json(&json!({})).send().await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use axum::extract::Path;
    use axum::http::StatusCode;
    use axum::routing::{get, post};
    use axum::{Json, Router};
    use serde_json::json;
    use tokio::sync::mpsc;

    use super::{Flow, hold};
    use crate::genesys_host::{Host, HostConfig, Interaction};
    use crate::idp::OpenerPolicy;
    use crate::listener;

    fn conversation(session: &str) -> Interaction {
        let text = str::to_owned;
        Interaction { conversation_id: text("c"), session_id: text(session), customer_id: text("k"), label: text("l") }
    }

    #[tokio::test]
    async fn who_is_with_staff_gives_signs_of_life_and_nobody_else() {
        let (heard, mut alive) = mpsc::unbounded_channel();
        let show = async |Path(id): Path<String>| Json(json!({ "status": id }));
        let heartbeat = async move |Path(id): Path<String>| {
            heard.send(id).unwrap();
            StatusCode::OK
        };
        let router = Router::new()
            .route("/oauth/token", post(async || Json(json!({ "access_token": "t" }))))
            .route("/flow/v1/sessions/{id}", get(show))
            .route("/flow/v1/sessions/{id}/heartbeat", post(heartbeat));
        let edge = listener::bind(0).await.unwrap().serve(router);
        let host =
            HostConfig { port: 0, desk_url: "http://localhost:1".to_owned(), opener_policy: OpenerPolicy::Unset };
        let host = Host::start(host).await.unwrap();
        host.set_conversations(
            ["created", "agent_verification", "approved", "final_approval"].map(conversation).into(),
        );
        let flow = Flow { edge_url: edge.loopback(), client: "flow".to_owned(), secret: "s".to_owned() };
        let found = async { (alive.recv().await.unwrap(), alive.recv().await.unwrap()) };
        tokio::select! {
            () = hold(flow, &host) => unreachable!("it never ends by itself"),
            found = found => assert_eq!(found, ("agent_verification".to_owned(), "final_approval".to_owned())),
        }
    }
}
