//! A page that imitates the desktop an agent works in: conversations on the left, the customer's video in the middle, the
//! widget in a sandboxed iframe on the right. It speaks the host's side of the Genesys Client App SDK protocol
//! (github.com/MyPureCloud/client-app-sdk, `src/utils/comms.ts`), and believes only the iframe's own window and origin.
//!
//! It refuses to look like the product it imitates, holds no credential and knows customers by opaque ids only.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::idp::OpenerPolicy;
use crate::listener::{self, Base};
use crate::markup;

const PAGE: &str = include_str!("host.html");
const SHEET: &str = include_str!("host.css");
const SCRIPT: &str = include_str!("host.js");
const PROTOCOL: &str = include_str!("protocol.js");
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="5" fill="none" stroke="#5b6879" stroke-width="4"/></svg>"##;

/// How the page is set up.
#[derive(Clone, Debug)]
pub struct HostConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// Address of the widget, on another site than this page: `http://localhost:7310`.
    pub desk_url: String,
    /// The page's opener policy, which decides what becomes of the widget's popup.
    pub opener_policy: OpenerPolicy,
}

/// A line of the conversation list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interaction {
    /// The conversation's id.
    pub conversation_id: String,
    /// The KYC session that belongs to it.
    pub session_id: String,
    /// The bank's opaque id of the customer.
    pub customer_id: String,
    /// What the list says.
    pub label: String,
}

#[derive(Debug)]
struct Desktop {
    html: String,
    policy: HeaderValue,
    opener_policy: Mutex<OpenerPolicy>,
    conversations: Mutex<Vec<Interaction>>,
}

/// The running page; it stops when this is dropped.
#[derive(Debug)]
pub struct Host {
    base: Base,
    desktop: Arc<Desktop>,
}

impl Host {
    /// Starts the page.
    pub async fn start(config: HostConfig) -> io::Result<Self> {
        let invalid = |why| io::Error::new(io::ErrorKind::InvalidInput, why);
        let desk = Url::parse(&config.desk_url).map_err(|_| invalid("the desk's address is not a URL"))?;
        let desk = desk.origin().ascii_serialization();
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src {desk}; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        );
        let desktop = Arc::new(Desktop {
            html: PAGE.replace("{desk_origin}", &markup::escape(&desk)),
            policy: HeaderValue::from_str(&policy).map_err(|_| invalid("the desk's address is not an origin"))?,
            opener_policy: Mutex::new(config.opener_policy),
            conversations: Mutex::default(),
        });
        let router = router(Arc::clone(&desktop));
        Ok(Self { base: listener::bind(config.port).await?.serve(router), desktop })
    }

    /// Where the agent works: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.base.loopback()
    }

    /// The conversation list.
    pub fn conversations(&self) -> Vec<Interaction> {
        self.desktop.conversations.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the page's opener policy; it counts from the next time that the page is loaded.
    pub fn set_opener_policy(&self, policy: OpenerPolicy) {
        *self.desktop.opener_policy.lock().unwrap_or_else(PoisonError::into_inner) = policy;
    }

    /// Replaces the conversation list.
    pub fn set_conversations(&self, conversations: Vec<Interaction>) {
        self.desktop.set(conversations);
    }
}

impl Desktop {
    fn set(&self, conversations: Vec<Interaction>) {
        *self.conversations.lock().unwrap_or_else(PoisonError::into_inner) = conversations;
    }
}

fn router(desktop: Arc<Desktop>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/host.css", get(async || markup::asset("text/css; charset=utf-8", SHEET)))
        .route("/host.js", get(async || markup::asset("text/javascript; charset=utf-8", SCRIPT)))
        .route("/protocol.js", get(async || markup::asset("text/javascript; charset=utf-8", PROTOCOL)))
        .route("/icon.svg", get(async || markup::asset("image/svg+xml", ICON)))
        .route("/demo/conversations", get(list).post(replace))
        .layer(middleware::map_response_with_state(Arc::clone(&desktop), headers))
        .with_state(desktop)
}

async fn headers(State(desktop): State<Arc<Desktop>>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, desktop.policy.clone());
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let policy = *desktop.opener_policy.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(value) = policy.header() {
        headers.insert("cross-origin-opener-policy", HeaderValue::from_static(value));
    }
    response
}

async fn page(State(desktop): State<Arc<Desktop>>) -> Html<String> {
    Html(desktop.html.clone())
}

async fn list(State(desktop): State<Arc<Desktop>>) -> Response {
    Json(&*desktop.conversations.lock().unwrap_or_else(PoisonError::into_inner)).into_response()
}

/// Only JSON is accepted, so that no foreign page can send it from a form.
async fn replace(State(desktop): State<Arc<Desktop>>, Json(conversations): Json<Vec<Interaction>>) -> StatusCode {
    desktop.set(conversations);
    StatusCode::NO_CONTENT
}

#[cfg(test)]
mod tests {
    use reqwest::{Client, StatusCode};
    use serde_json::{Value, json};

    use super::{Host, HostConfig, PAGE, PROTOCOL, SCRIPT};
    use crate::idp::OpenerPolicy;

    async fn host() -> Host {
        let desk_url = "http://localhost:7310/".to_owned();
        Host::start(HostConfig { port: 0, desk_url, opener_policy: OpenerPolicy::SameOriginAllowPopups }).await.unwrap()
    }

    #[tokio::test]
    async fn the_page_may_frame_the_desk_and_nothing_else() {
        let host = host().await;
        let response = Client::builder().build().unwrap().get(host.url()).send().await.unwrap();
        let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(
            policy.contains("frame-src http://localhost:7310;") && policy.contains("default-src 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin-allow-popups");
        assert!(response.text().await.unwrap().contains("data-desk-origin=\"http://localhost:7310\""));
    }

    #[tokio::test]
    async fn the_list_is_replaced_by_json_only() {
        let host = host().await;
        let http = Client::builder().build().unwrap();
        let url = format!("{}/demo/conversations", host.url());
        let line = json!([{ "conversation_id": "c", "session_id": "s", "customer_id": "k", "label": "l" }]);
        assert_eq!(http.post(&url).json(&line).send().await.unwrap().status(), StatusCode::NO_CONTENT);
        let as_text = http.post(&url).body("[]").send().await.unwrap();
        assert_eq!(as_text.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
        assert_eq!(http.get(&url).send().await.unwrap().json::<Value>().await.unwrap(), line);
    }

    #[test]
    fn the_page_keeps_to_its_own_policy() {
        for forbidden in ["style=", "<script>", "<style", "onclick", "innerHTML", "http://cdn"] {
            assert!(![PAGE, SCRIPT, PROTOCOL].iter().any(|text| text.contains(forbidden)), "{forbidden}");
        }
    }
}
