//! The bank's onboarding system as the receiver of signed events: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA256.
//!
//! It refuses events that are not signed with one of its secrets or whose timestamp is more than five minutes off. It keeps
//! what it accepted and acts on none of it.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use crate::listener::{self, Base};
use crate::{Clock, secrets};

/// How far a timestamp may be off, in seconds.
const TOLERANCE: i64 = 300;

/// How the receiver is set up.
#[derive(Clone, Debug)]
pub struct BankConfig {
    /// Port to listen on; 0 takes a free one.
    pub port: u16,
    /// What time it is.
    pub clock: Clock,
    /// `whsec_` and base64; several while one replaces another.
    pub secrets: Vec<String>,
}

/// An accepted event.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `webhook-id`: the same on every delivery.
    pub id: String,
    /// The exact body.
    pub body: String,
    /// The body, parsed; null if it is not JSON.
    pub json: Value,
    /// Whether an event with this id was accepted before.
    pub is_repeated: bool,
}

/// Why an event was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// A header is missing or not readable.
    Headers,
    /// The timestamp is too old or too new.
    Timestamp,
    /// No signature fits any secret.
    Signature,
    /// It was told to fail.
    OnDemand,
}

#[derive(Debug, Default)]
struct Memory {
    events: Vec<Event>,
    refused: Vec<Refused>,
    failures: usize,
}

#[derive(Debug)]
struct Receiver {
    clock: Clock,
    keys: Vec<Vec<u8>>,
    memory: Mutex<Memory>,
    changed: Notify,
    /// Whether events are taken and not answered for now.
    is_silent: watch::Sender<bool>,
}

impl Receiver {
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running receiver; it stops when this is dropped.
#[derive(Debug)]
pub struct Bank {
    base: Base,
    receiver: Arc<Receiver>,
}

impl Bank {
    /// Starts the receiver. A secret that is not `whsec_` and base64 is an error.
    pub async fn start(config: BankConfig) -> io::Result<Self> {
        let keys: Option<Vec<Vec<u8>>> = config.secrets.iter().map(|secret| key(secret)).collect();
        let keys =
            keys.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "a secret is not whsec_ and base64"))?;
        let memory = Mutex::default();
        let receiver = Arc::new(Receiver {
            clock: config.clock,
            keys,
            memory,
            changed: Notify::new(),
            is_silent: watch::Sender::new(false),
        });
        let router = Router::new()
            .route("/events", post(receive).get(list))
            .route("/", get(list))
            .with_state(Arc::clone(&receiver));
        Ok(Self { base: listener::bind(config.port).await?.serve(router), receiver })
    }

    /// Where events go.
    pub fn events_url(&self) -> String {
        format!("{}/events", self.base.loopback())
    }

    /// Everything accepted so far, repetitions included.
    pub fn events(&self) -> Vec<Event> {
        self.receiver.memory().events.clone()
    }

    /// Everything refused so far.
    pub fn refused(&self) -> Vec<Refused> {
        self.receiver.memory().refused.clone()
    }

    /// From now on events are taken, and not answered until this is taken back.
    pub fn be_silent(&self, is_silent: bool) {
        self.receiver.is_silent.send_replace(is_silent);
    }

    /// Answers the next `times` events with 500.
    pub fn fail_next(&self, times: usize) {
        self.receiver.memory().failures = times;
    }

    /// Waits until at least `count` events were accepted.
    pub async fn wait_for(&self, count: usize) -> Vec<Event> {
        loop {
            let mut changed = std::pin::pin!(self.receiver.changed.notified());
            changed.as_mut().enable();
            let events = self.events();
            if events.len() >= count {
                return events;
            }
            changed.await;
        }
    }
}

fn key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_")?).ok().filter(|key| !key.is_empty())
}

async fn list(State(receiver): State<Arc<Receiver>>) -> Json<Vec<Value>> {
    Json(receiver.memory().events.iter().map(|event| event.json.clone()).collect())
}

async fn receive(State(receiver): State<Arc<Receiver>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let answer = take(&receiver, &headers, &body);
    receiver.changed.notify_waiters();
    drop(receiver.is_silent.subscribe().wait_for(|is_silent| !is_silent).await);
    answer
}

fn take(receiver: &Receiver, headers: &HeaderMap, body: &[u8]) -> StatusCode {
    let checked = verify(&receiver.keys, receiver.clock.unix(), headers, body);
    let mut memory = receiver.memory();
    let checked = if memory.failures > 0 { Err(Refused::OnDemand) } else { checked };
    match checked {
        Ok(id) => {
            let body = String::from_utf8_lossy(body).into_owned();
            let json = serde_json::from_str(&body).unwrap_or_default();
            let is_repeated = memory.events.iter().any(|event| event.id == id);
            memory.events.push(Event { id, body, json, is_repeated });
            StatusCode::NO_CONTENT
        }
        Err(Refused::OnDemand) => {
            memory.failures -= 1;
            memory.refused.push(Refused::OnDemand);
            StatusCode::INTERNAL_SERVER_ERROR
        }
        Err(why) => {
            memory.refused.push(why);
            StatusCode::UNAUTHORIZED
        }
    }
}

/// The id of an event whose signature and time are right.
fn verify(keys: &[Vec<u8>], now: i64, headers: &HeaderMap, body: &[u8]) -> Result<String, Refused> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).ok_or(Refused::Headers);
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let sent_at: i64 = timestamp.parse().map_err(|_| Refused::Headers)?;
    if (now - sent_at).abs() > TOLERANCE {
        return Err(Refused::Timestamp);
    }
    let message = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat();
    let mut tags = header("webhook-signature")?
        .split(' ')
        .filter_map(|one| one.strip_prefix("v1,"))
        .filter_map(|tag| STANDARD.decode(tag).ok());
    if tags.any(|tag| keys.iter().any(|key| secrets::is_hmac(key, &message, &tag))) {
        return Ok(id.to_owned());
    }
    Err(Refused::Signature)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use reqwest::StatusCode;

    use super::{Bank, BankConfig, Refused};
    use crate::{Clock, secrets};

    const SECRET: &str = "whsec_ZGVtby1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng==";
    const NOW: i64 = 1_790_000_000;

    async fn bank() -> Bank {
        let clock = Clock::from_unix(Arc::new(|| NOW));
        Bank::start(BankConfig { port: 0, clock, secrets: vec![SECRET.to_owned()] }).await.unwrap()
    }

    async fn send(bank: &Bank, sent_at: i64, key: &[u8]) -> StatusCode {
        let body = r#"{"type":"session.status_changed"}"#;
        let tag = STANDARD.encode(secrets::hmac_sha256(key, format!("evt_1.{sent_at}.{body}").as_bytes()));
        let http = reqwest::Client::builder().build().unwrap();
        let request = http.post(bank.events_url()).header("webhook-id", "evt_1").header("webhook-timestamp", sent_at);
        let signed = request.header("webhook-signature", format!("v1,bm90IGl0 v1,{tag}"));
        signed.body(body).send().await.unwrap().status()
    }

    #[tokio::test]
    async fn a_signed_event_is_kept_and_its_repetition_is_marked() {
        let bank = bank().await;
        for _ in 0..2 {
            assert_eq!(send(&bank, NOW, b"demo-bank-webhook-secret-123456").await, StatusCode::NO_CONTENT);
        }
        let events = bank.wait_for(2).await;
        assert_eq!(events[0].json["type"], "session.status_changed");
        assert_eq!((events[0].is_repeated, events[1].is_repeated), (false, true));
    }

    #[tokio::test]
    async fn a_wrong_key_and_an_old_event_are_refused() {
        let bank = bank().await;
        assert_eq!(send(&bank, NOW, b"another").await, StatusCode::UNAUTHORIZED);
        assert_eq!(send(&bank, NOW - 301, b"demo-bank-webhook-secret-123456").await, StatusCode::UNAUTHORIZED);
        assert_eq!(bank.refused(), [Refused::Signature, Refused::Timestamp]);
        assert!(bank.events().is_empty());
    }

    #[tokio::test]
    async fn a_planned_failure_passes() {
        let bank = bank().await;
        bank.fail_next(1);
        assert_eq!(send(&bank, NOW, b"demo-bank-webhook-secret-123456").await, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(send(&bank, NOW, b"demo-bank-webhook-secret-123456").await, StatusCode::NO_CONTENT);
    }
}
