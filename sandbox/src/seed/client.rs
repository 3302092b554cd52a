//! The calls of the seed, one method each. Every answer but the expected one ends the seed with the step's name.

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::{SeedConfig, SeedError, failed, new_session};
use crate::genesys_host::Interaction;
use crate::identities::Identity;

const TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);
const PAUSE: std::time::Duration = std::time::Duration::from_millis(250);

pub(super) struct Client {
    config: SeedConfig,
    http: reqwest::Client,
    flow_token: String,
    bank_token: String,
}

impl Client {
    /// Gets a token for each of the two parties.
    pub(super) async fn new(config: &SeedConfig) -> Result<Self, SeedError> {
        // Where an answer leads to is looked at, not gone to.
        let http = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
        let http = http.build().map_err(|why| failed("make an HTTP client", why))?;
        let mut client = Self { config: config.clone(), http, flow_token: String::new(), bank_token: String::new() };
        client.flow_token = client.token("get the flow's token", &config.flow_client).await?;
        client.bank_token = client.token("get the bank's token", &config.bank_client).await?;
        Ok(client)
    }

    async fn token(&self, step: &str, (id, secret): &(String, String)) -> Result<String, SeedError> {
        let request = self.http.post(self.edge("/oauth/token")).basic_auth(id, Some(secret));
        let answer = json(step, request.form(&[("grant_type", "client_credentials")]), 200).await?;
        answer["access_token"].as_str().map(str::to_owned).ok_or_else(|| failed(step, "the answer holds no token"))
    }

    fn edge(&self, path: &str) -> String {
        format!("{}{path}", self.config.edge_url.trim_end_matches('/'))
    }

    /// A call of the flow about one session.
    fn flow(&self, method: Method, session: &str, rest: &str) -> RequestBuilder {
        let url = self.edge(&format!("/flow/v1/sessions{rest}"));
        self.http.request(method, url).bearer_auth(&self.flow_token).header("x-session-id", session)
    }

    /// Creates the session.
    pub(super) async fn create(&self, conversation: &Interaction, is_jumio: bool) -> Result<(), SeedError> {
        let provider = is_jumio.then_some(&*self.config.jumio);
        let request = self.flow(Method::POST, &conversation.session_id, "");
        let request = request.header("idempotency-key", format!("{}-create-1", conversation.conversation_id));
        json("create a session", request.json(&new_session(conversation, provider)), 201).await.map(drop)
    }

    /// Hands over what the customer told the bank.
    pub(super) async fn claim(&self, session: &str, identity: &Identity) -> Result<(), SeedError> {
        let url = self.edge(&format!("/bank/v1/sessions/{session}/claims"));
        let request = self.http.put(url).bearer_auth(&self.bank_token).json(&identity.claims());
        send("hand over the claims", request, 204).await.map(drop)
    }

    /// Starts a video attempt.
    pub(super) async fn attempt(&self, conversation: &Interaction, round: u32) -> Result<Value, SeedError> {
        let key = format!("{}-attempt-{round}", conversation.conversation_id);
        let request =
            self.flow(Method::POST, &conversation.session_id, &format!("/{}/attempts", conversation.session_id));
        json("start a video attempt", request.header("idempotency-key", key).json(&json!({})), 200).await
    }

    /// Reports the picture's quality: score and lines.
    pub(super) async fn quality(
        &self,
        conversation: &Interaction,
        attempt: u64,
        (score, lines): (f64, u32),
    ) -> Result<Value, SeedError> {
        let key = format!("{}-quality-{attempt}", conversation.conversation_id);
        let body = json!({ "attempt": attempt, "score": score, "frame_height": lines });
        let request =
            self.flow(Method::POST, &conversation.session_id, &format!("/{}/quality", conversation.session_id));
        json("report the picture's quality", request.header("idempotency-key", key).json(&body), 200).await
    }

    /// Reads the session.
    pub(super) async fn session(&self, session: &str) -> Result<Value, SeedError> {
        json("read a session", self.flow(Method::GET, session, &format!("/{session}")), 200).await
    }

    /// Does what the customer does with her link: opens it, presses the button, consents, and goes on to the capture page as soon as her page
    /// leads there.
    pub(super) async fn capture_url(&self, session: &str) -> Result<String, SeedError> {
        let told = self.session(session).await?;
        let link = told["capture_url"].as_str().unwrap_or_default();
        let visit = send("open the customer's link", self.http.post(link), 303).await?;
        let cookie = header(&visit, "set-cookie").and_then(|cookie| cookie.split(';').next()).map(str::to_owned);
        let cookie = cookie.ok_or_else(|| failed("open the customer's link", "the answer sets no cookie"))?;
        let page =
            send("read the customer's page", self.http.get(self.edge("/c")).header("cookie", &cookie), 200).await?;
        let page = page.text().await.map_err(|why| failed("read the customer's page", why))?;
        let secret = page.split_once("name=\"form\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let secret = secret.ok_or_else(|| failed("consent", "the page holds no form"))?;
        let consent = self.http.post(self.edge("/c/step/consent")).header("cookie", &cookie).form(&[("form", secret)]);
        send("consent", consent, 303).await?;
        let until = Instant::now() + self.config.patience;
        loop {
            let go = self.http.get(self.edge("/c/step/capture")).header("cookie", &cookie);
            let gone = send("go to the capture page", go, 303).await?;
            if let Some(address) = header(&gone, "location").filter(|address| address.starts_with("http")) {
                return Ok(address.to_owned());
            }
            if Instant::now() > until {
                let why = "the server has started no check at the provider; is the provider's stand-in running?";
                return Err(failed("get a capture address", why));
            }
            sleep(PAUSE).await;
        }
    }

    /// Waits until the provider has decided and an agent's work can begin.
    pub(super) async fn wait_for_agent(&self, session: &str) -> Result<(), SeedError> {
        let until = Instant::now() + self.config.patience;
        while self.session(session).await?["status"] != "agent_verification" {
            if Instant::now() > until {
                return Err(failed("wait for a result", "the provider has not decided; is its stand-in running?"));
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Opens the capture page as the customer and submits its form.
    pub(super) async fn hand_in(&self, address: &str, identity: &str, ending: &str) -> Result<(), SeedError> {
        send("open the capture page", self.http.get(address), 200).await?;
        let form = [("identity", identity), ("outcome", ending)];
        let request = self.http.post(address).form(&form);
        // Where the page sends the browser afterwards is the product's business.
        let answer = request.send().await.map_err(|why| failed("submit the capture page", why.without_url()))?;
        let is_sent = answer.status().is_success() || answer.status().is_redirection();
        if is_sent { Ok(()) } else { Err(unexpected("submit the capture page", answer, 200).await) }
    }

    /// Gives the list to the imitated desktop.
    pub(super) async fn list(&self, conversations: &[Interaction]) -> Result<(), SeedError> {
        let url = format!("{}/demo/conversations", self.config.host_url.trim_end_matches('/'));
        send("give the list to the desktop", self.http.post(url).json(conversations), 204).await.map(drop)
    }
}

/// Sends a request and wants this status.
pub(super) async fn send(step: &str, request: RequestBuilder, expected: u16) -> Result<Response, SeedError> {
    let answer = request.send().await.map_err(|why| failed(step, chain(&why)))?;
    if answer.status() == expected { Ok(answer) } else { Err(unexpected(step, answer, expected).await) }
}

/// The same, and reads the answer.
pub(super) async fn json(step: &str, request: RequestBuilder, expected: u16) -> Result<Value, SeedError> {
    send(step, request, expected).await?.json().await.map_err(|why| failed(step, why))
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).and_then(|value| value.to_str().ok())
}

async fn unexpected(step: &str, answer: Response, expected: u16) -> SeedError {
    let status = answer.status();
    let body: String = answer.text().await.unwrap_or_default().chars().take(300).collect();
    failed(step, format!("answered with {status} instead of {expected}: {body}"))
}

/// The error with its causes: "connection refused" is at the end.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}
