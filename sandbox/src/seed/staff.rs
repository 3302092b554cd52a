//! What colleagues have done before the demo's user comes in: one case waits for approval, one was escalated, one was refused. They sign
//! in as people do, by the whole protocol, and use the desk's API as the widget does.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Response, redirect};
use serde_json::{Value, json};

use super::client::{json as json_of, send};
use super::{SeedError, failed};
use crate::secrets;

/// An agent at the desk.
pub(super) struct Agent {
    http: reqwest::Client,
    desk: String,
    cookie: String,
    reasons: Value,
}

impl Agent {
    /// Signs `login` in.
    pub(super) async fn sign_in(desk: &str, login: &str) -> Result<Self, SeedError> {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build();
        let http = http.map_err(|why| failed("make an HTTP client", why))?;
        let desk = desk.trim_end_matches('/').to_owned();
        let mut agent = Self { http, desk, cookie: String::new(), reasons: Value::Null };
        let verifier = secrets::token();
        let challenge = URL_SAFE_NO_PAD.encode(secrets::sha256(verifier.as_bytes()));
        let txn = agent.post("open a sign-in", "/auth/txn", &json!({ "challenge": challenge }), 201).await?;
        let txn: Value = txn.json().await.map_err(|why| failed("open a sign-in", why))?;
        let ticket = json!({ "ticket": txn["ticket"] });
        let begun = agent.post("begin a sign-in", "/auth/popup/begin", &ticket, 200).await?;
        let of_popup = cookie(&begun);
        let begun: Value = begun.json().await.map_err(|why| failed("begin a sign-in", why))?;
        let callback = agent.choose(begun["location"].as_str().unwrap_or_default(), login).await?;
        let back = agent.http.get(callback).header(COOKIE, of_popup);
        send("come back from the identity provider", back, 200).await?;
        let path = format!("/auth/txn/{}/redeem", txn["txn_id"].as_str().unwrap_or_default());
        let redeemed = agent.post("redeem a sign-in", &path, &json!({ "verifier": verifier }), 200).await?;
        agent.cookie = cookie(&redeemed);
        let me = json_of("read who is signed in", agent.ours(Method::GET, "/api/me"), 200).await?;
        agent.reasons = me["reasons"].clone();
        Ok(agent)
    }

    /// Picks a name on the identity provider's page. Gives where it sends the browser.
    async fn choose(&self, location: &str, login: &str) -> Result<String, SeedError> {
        const STEP: &str = "sign in at the identity provider";
        let page = send(STEP, self.http.get(location), 200).await?;
        let form = page.url().join("/authorize").map_err(|why| failed(STEP, why))?;
        let page = page.text().await.map_err(|why| failed(STEP, why))?;
        let handle = page.split_once("name=\"handle\" value=\"").and_then(|(_, rest)| rest.split('"').next());
        let handle = handle.ok_or_else(|| failed(STEP, "its page has no form"))?;
        let chosen = self.http.post(form).form(&[("handle", handle), ("login", login)]);
        let answer = send(STEP, chosen, 303).await?;
        let to = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
        to.map(str::to_owned).ok_or_else(|| failed(STEP, "it sends us nowhere"))
    }

    /// A request as the widget sends it.
    fn ours(&self, method: Method, path: &str) -> RequestBuilder {
        self.http
            .request(method, format!("{}{path}", self.desk))
            .header("sec-fetch-site", "same-origin")
            .header(ORIGIN, &self.desk)
            .header("x-kycdesk-csrf", "1")
            .header("idempotency-key", secrets::token())
            .header(CONTENT_TYPE, "application/json")
            .header(COOKIE, &self.cookie)
    }

    async fn post(&self, step: &str, path: &str, body: &Value, expected: u16) -> Result<Response, SeedError> {
        send(step, self.ours(Method::POST, path).body(body.to_string()), expected).await
    }

    async fn open(&self, session: &str) -> Result<Value, SeedError> {
        json_of("open a session", self.ours(Method::GET, &format!("/api/sessions/{session}")), 200).await
    }

    /// Carries out a command on the session as it stands.
    async fn act(&self, session: &str, act: &str, mut body: Value) -> Result<(), SeedError> {
        body["expected_version"] = self.open(session).await?["version"].clone();
        self.post(&format!("{act} a session"), &format!("/api/sessions/{session}/{act}"), &body, 200).await.map(drop)
    }

    fn reason(&self, act: &str) -> Value {
        let all = self.reasons.as_array().into_iter().flatten();
        let is_for = |reason: &&Value| reason["acts"].as_array().is_some_and(|acts| acts.iter().any(|one| one == act));
        all.filter(is_for).map(|reason| reason["code"].clone()).next().unwrap_or_default()
    }

    /// Takes a session, finds everything in order and sends it to final approval.
    pub(super) async fn propose(&self, session: &str) -> Result<(), SeedError> {
        self.act(session, "take", json!({ "reason": null })).await?;
        let lines = self.open(session).await?["checklist"].clone();
        for line in lines.as_array().into_iter().flatten() {
            self.act(session, "mark", json!({ "item": line["code"], "mark": "passed" })).await?;
        }
        self.act(session, "propose", json!({ "reason": null })).await
    }

    /// Takes a session and calls a supervisor, or refuses it.
    pub(super) async fn end(&self, session: &str, act: &str) -> Result<(), SeedError> {
        self.act(session, "take", json!({ "reason": null })).await?;
        self.act(session, act, json!({ "reason": self.reason(act) })).await
    }
}

/// The cookie that an answer sets, as it is sent back.
fn cookie(answer: &Response) -> String {
    let set = answer.headers().get(SET_COOKIE).and_then(|cookie| cookie.to_str().ok()).unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}
