//! Whoever calls the server: with a browser's headers and cookie, or with a client's token.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, header};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tower::ServiceExt;

use crate::app::TestApp;
use crate::fresh_key;

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The stable code of a problem.
    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// All cookies set.
    pub fn cookies(&self) -> Vec<String> {
        self.headers.get_all(header::SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }
}

/// A caller.
#[derive(Clone)]
pub struct Caller<'a> {
    app: &'a TestApp,
    /// The sign-in cookie, as sent.
    pub cookie: Option<String>,
    token: Option<String>,
    address: Option<IpAddr>,
}

impl<'a> Caller<'a> {
    /// Somebody without cookie and token.
    pub fn new(app: &'a TestApp) -> Self {
        Self { app, cookie: None, token: None, address: None }
    }

    /// The same, calling from this address.
    #[must_use]
    pub fn from(mut self, address: &str) -> Self {
        self.address = Some(address.parse().unwrap());
        self
    }

    /// The same person at another server: her cookie and token are the same.
    #[must_use]
    pub fn at(&self, app: &'a TestApp) -> Self {
        Self { app, ..self.clone() }
    }

    /// The same with a bearer token.
    #[must_use]
    pub fn with_token(mut self, token: String) -> Self {
        self.token = Some(token);
        self
    }

    /// The same with this cookie.
    #[must_use]
    pub fn with_cookie(mut self, cookie: &str) -> Self {
        self.cookie = Some(cookie.to_owned());
        self
    }

    /// Adds what the caller is known by to a request that a test made itself.
    pub fn identify(&self, request: &mut Request<Body>) {
        if let Some(cookie) = &self.cookie {
            request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
        }
        if let Some(token) = &self.token {
            request.headers_mut().insert(header::AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
    }

    /// Sends a request as it is.
    pub async fn send(&self, router: &Router, mut request: Request<Body>) -> Answer {
        if let Some(address) = self.address {
            request.extensions_mut().insert(ConnectInfo(SocketAddr::from((address, 443))));
        }
        let response = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        writeln!(self.app.answers.lock().unwrap(), "{:?}\n{text}", parts.headers).unwrap();
        Answer { status: parts.status.as_u16(), headers: parts.headers, text }
    }

    /// A request to the desk as our own page sends it.
    pub fn desk_request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header("origin", &self.app.desk_url)
            .header("x-kycdesk-csrf", "1")
            .header("idempotency-key", fresh_key())
            .header("content-type", "application/json");
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        request
    }

    /// Reads from the desk.
    pub async fn get(&self, path: &str) -> Answer {
        let request = self.desk_request("GET", path).body(Body::empty()).unwrap();
        self.send(&self.app.desk, request).await
    }

    /// Sends to the desk.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let request = self.desk_request("POST", path).body(Body::from(body.to_string())).unwrap();
        self.send(&self.app.desk, request).await
    }

    /// The same with a key that the test chooses.
    pub async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Answer {
        let mut request = self.desk_request("POST", path).body(Body::from(body.to_string())).unwrap();
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.send(&self.app.desk, request).await
    }

    /// The same request again, as the widget sends it, while the database is too busy to take it.
    pub async fn post_until_answered(&self, path: &str, body: &Value) -> Answer {
        let key = fresh_key();
        loop {
            let answer = self.post_keyed(path, &key, body).await;
            if answer.status != 503 {
                return answer;
            }
        }
    }

    /// A request of a machine, to be sent with a body.
    pub fn edge_request(&self, method: &str, path: &str, session: Option<&str>) -> axum::http::request::Builder {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("idempotency-key", fresh_key())
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(session) = session {
            request = request.header("x-session-id", session);
        }
        request
    }

    /// Reads as a machine.
    pub async fn get_edge(&self, path: &str, session: Option<&str>) -> Answer {
        let request = self.edge_request("GET", path, session).body(Body::empty()).unwrap();
        self.send(&self.app.edge, request).await
    }

    /// Sends as a machine.
    pub async fn post_edge(&self, path: &str, session: Option<&str>, body: &Value) -> Answer {
        let request = self.edge_request("POST", path, session).body(Body::from(body.to_string())).unwrap();
        self.send(&self.app.edge, request).await
    }

    /// The same with a key that the test chooses.
    pub async fn post_edge_keyed(&self, path: &str, session: Option<&str>, key: &str, body: &Value) -> Answer {
        let mut request = self.edge_request("POST", path, session).body(Body::from(body.to_string())).unwrap();
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        self.send(&self.app.edge, request).await
    }

    /// Puts as a machine.
    pub async fn put_edge(&self, path: &str, body: &Value) -> Answer {
        let request = self.edge_request("PUT", path, None).body(Body::from(body.to_string())).unwrap();
        self.send(&self.app.edge, request).await
    }

    /// A token by client credentials.
    pub async fn token(&self, client: &str, secret: &str) -> String {
        let request = Request::post("/oauth/token")
            .header("authorization", format!("Basic {}", BASE64_STANDARD.encode(format!("{client}:{secret}"))))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("grant_type=client_credentials"))
            .unwrap();
        let answer = self.send(&self.app.edge, request).await;
        answer.json()["access_token"].as_str().unwrap_or_else(|| panic!("no token: {}", answer.text)).to_owned()
    }

    /// Opens a sign-in: the verifier, the id and the ticket.
    pub async fn open_txn(&self) -> (String, String, String) {
        self.open_txn_at(None).await
    }

    /// The same by a certain identity provider.
    pub async fn open_txn_at(&self, idp: Option<&str>) -> (String, String, String) {
        let verifier = format!("verifier-{}", fresh_key());
        let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let opened = self.post("/auth/txn", &json!({ "challenge": challenge, "idp": idp })).await;
        assert_eq!(opened.status, 201, "{}", opened.text);
        let text = |name: &str| opened.json()[name].as_str().unwrap().to_owned();
        (verifier, text("txn_id"), text("ticket"))
    }

    /// Opens the proof that an act asks for: the verifier, the id and the ticket.
    pub async fn open_step_up(&self, wanted: &Value) -> Result<(String, String, String), Answer> {
        let verifier = format!("verifier-{}", fresh_key());
        let mut body = wanted.clone();
        body["challenge"] = json!(BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())));
        let opened = self.post("/auth/step-up", &body).await;
        if opened.status != 201 {
            return Err(opened);
        }
        let text = |name: &str| opened.json()[name].as_str().unwrap().to_owned();
        Ok((verifier, text("txn_id"), text("ticket")))
    }

    /// The popup: trades the ticket, and gives the login cookie and the address of the identity provider.
    pub async fn begin(&self, ticket: &str) -> (String, String) {
        let begun = self.post("/auth/popup/begin", &json!({ "ticket": ticket })).await;
        assert_eq!(begun.status, 200, "{}", begun.text);
        let cookie = begun.cookies()[0].split(';').next().unwrap().to_owned();
        (cookie, begun.json()["location"].as_str().unwrap().to_owned())
    }

    /// Signs in at the identity provider and gives the path and query of the callback.
    pub async fn at_idp(&self, location: &str, login: &str) -> String {
        // The browser of somebody who trusts the bank's own authority.
        let client = reqwest::Client::builder().danger_accept_invalid_certs(true);
        let client = client.redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = client.get(format!("{location}&auto={login}")).send().await.unwrap();
        let to = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let to = to.unwrap_or_else(|| panic!("the identity provider answered {}", answer.status()));
        to.strip_prefix(&self.app.desk_url).unwrap().to_owned()
    }

    /// The callback, from the popup's browser.
    pub async fn callback(&self, path: &str, cookie: Option<&str>) -> Answer {
        let mut request = Request::get(path);
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        self.send(&self.app.desk, request.body(Body::empty()).unwrap()).await
    }

    /// Trades the finished sign-in for the cookie.
    pub async fn redeem(&self, txn: &str, verifier: &str) -> Answer {
        self.post(&format!("/auth/txn/{txn}/redeem"), &json!({ "verifier": verifier })).await
    }

    /// Signs in by the whole protocol and keeps the cookie.
    pub async fn sign_in(&mut self, login: &str) -> Value {
        let (verifier, txn, ticket) = self.open_txn().await;
        let (cookie, location) = self.begin(&ticket).await;
        let callback = self.at_idp(&location, login).await;
        self.callback(&callback, Some(&cookie)).await;
        let redeemed = self.redeem(&txn, &verifier).await;
        if let Some(cookie) = redeemed.cookies().first() {
            self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
        }
        redeemed.json()
    }

    /// One session as this caller sees it.
    pub async fn open(&self, id: &str) -> Value {
        let answer = self.get(&format!("/api/sessions/{id}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// A command on the version as it stands; the answer whatever it is.
    pub async fn try_act(&self, id: &str, act: &str, mut body: Value) -> Answer {
        let version = self.get(&format!("/api/sessions/{id}")).await.json()["version"].clone();
        body["expected_version"] = version;
        self.post(&format!("/api/sessions/{id}/{act}"), &body).await
    }

    /// A command that must be carried out.
    pub async fn act(&self, id: &str, act: &str, body: Value) -> Value {
        let answer = self.try_act(id, act, body).await;
        assert_eq!(answer.status, 200, "{act}: {}", answer.text);
        answer.json()
    }

    /// Marks every line of the checklist as passed.
    pub async fn tick_off(&self, id: &str) {
        let session = self.open(id).await;
        for line in session["checklist"].as_array().unwrap() {
            self.act(id, "mark", json!({ "item": line["code"], "mark": "passed" })).await;
        }
    }

    /// Code of the first reason that is configured for an act.
    pub async fn reason_for(&self, act: &str) -> Value {
        let me = self.get("/api/me").await.json();
        let reasons = me["reasons"].as_array().unwrap();
        let fits = |reason: &&Value| reason["acts"].as_array().unwrap().iter().any(|known| known == act);
        reasons.iter().find(fits).unwrap_or_else(|| panic!("no reason for {act}"))["code"].clone()
    }

    /// Asks for one value in clear.
    pub async fn reveal(&self, id: &str, field: &str, origin: &str, reason: &str) -> Answer {
        self.post(&format!("/api/sessions/{id}/reveal"), &json!({ "field": field, "origin": origin, "reason": reason }))
            .await
    }
}
