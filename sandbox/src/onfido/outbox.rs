//! Webhooks: sent one after the other, signed over the exact body, repeated until answered with 20x.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use serde_json::Value;
use tokio::sync::Notify;

use super::faults::WebhookFault;
use super::{OnfidoConfig, Station};
use crate::secrets;

/// One attempt to deliver.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its body.
    pub body: String,
    /// Which attempt, from 1.
    pub attempt: usize,
    /// The receiver's status; none if it could not be reached.
    pub status: Option<u16>,
}

#[derive(Clone, Debug)]
struct Webhook {
    body: String,
    attempt: usize,
    fault: Option<WebhookFault>,
}

#[derive(Debug, Default)]
struct Queue {
    is_held: bool,
    is_sending: bool,
    waiting: VecDeque<Webhook>,
    overtaken: Option<Webhook>,
    faults: VecDeque<WebhookFault>,
    deliveries: Vec<Delivery>,
}

/// The queue and its sender's bell.
#[derive(Debug)]
pub(super) struct Outbox {
    queue: Mutex<Queue>,
    changed: Notify,
    http: reqwest::Client,
}

impl Outbox {
    pub(super) fn new() -> io::Result<Self> {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(10)).build().map_err(io::Error::other)?;
        Ok(Self { queue: Mutex::default(), changed: Notify::new(), http })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a webhook for each body, with the planned fault. They are written with line breaks, as Onfido's are: whoever reads and writes
    /// them again before checking fails.
    pub(super) fn push_all(&self, bodies: impl IntoIterator<Item = Value>) {
        let mut queue = self.queue();
        for body in bodies {
            let fault = queue.faults.pop_front();
            let mut body = format!("{body:#}\n");
            if fault == Some(WebhookFault::BrokenJson) {
                body.truncate(40);
            }
            let webhook = Webhook { body, attempt: 1, fault };
            match fault {
                Some(WebhookFault::Lost) => {}
                Some(WebhookFault::Overtaken) => queue.overtaken = Some(webhook),
                Some(WebhookFault::Duplicated) => queue.waiting.extend([webhook.clone(), webhook]),
                _ => {
                    queue.waiting.push_back(webhook);
                    let late = queue.overtaken.take();
                    queue.waiting.extend(late);
                }
            }
        }
        drop(queue);
        self.changed.notify_waiters();
    }

    /// Queues what was delivered before once more.
    pub(super) fn replay(&self, body: &str) {
        self.queue().waiting.push_back(Webhook { body: body.to_owned(), attempt: 1, fault: None });
        self.changed.notify_waiters();
    }

    pub(super) fn spoil_next(&self, fault: WebhookFault) {
        self.queue().faults.push_back(fault);
    }

    pub(super) fn hold(&self) {
        self.queue().is_held = true;
    }

    /// Sends what was kept back, in the order that `arrange` leaves it in.
    pub(super) fn release(&self, arrange: impl FnOnce(&mut [usize])) {
        let mut queue = self.queue();
        queue.is_held = false;
        let mut order: Vec<usize> = (0..queue.waiting.len()).collect();
        arrange(&mut order);
        queue.waiting = order.iter().map(|at| queue.waiting[*at].clone()).collect();
        drop(queue);
        self.changed.notify_waiters();
    }

    pub(super) fn lose_held(&self) -> usize {
        self.queue().waiting.drain(..).count()
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        self.queue().deliveries.clone()
    }

    /// Waits until nothing is left that may be sent now.
    pub(super) async fn settle(&self) {
        self.until(|queue| (!queue.is_sending && (queue.is_held || queue.waiting.is_empty())).then_some(())).await;
    }

    async fn next(&self) -> Webhook {
        self.until(|queue| {
            let webhook = if queue.is_held { None } else { queue.waiting.pop_front() };
            queue.is_sending = webhook.is_some();
            webhook
        })
        .await
    }

    /// Asks until there is an answer, again at each change. The bell is heard from before the question on, so that no change
    /// falls between.
    async fn until<T>(&self, mut question: impl FnMut(&mut Queue) -> Option<T>) -> T {
        loop {
            let mut changed = std::pin::pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(answer) = question(&mut self.queue()) {
                return answer;
            }
            changed.await;
        }
    }

    fn done(&self, webhook: &Webhook, status: Option<u16>) {
        let mut queue = self.queue();
        queue.is_sending = false;
        let Webhook { body, attempt, .. } = webhook.clone();
        queue.deliveries.push(Delivery { body, attempt, status });
        drop(queue);
        self.changed.notify_waiters();
    }

    async fn post(&self, config: &OnfidoConfig, url: &str, webhook: &Webhook) -> Option<u16> {
        let is_wrong = webhook.fault == Some(WebhookFault::WrongSignature);
        let token = if is_wrong { "another token" } else { &config.webhook_token };
        let tag = secrets::hmac_hex(token.as_bytes(), webhook.body.as_bytes());
        let request = self.http.post(url).header(CONTENT_TYPE, "application/json").header("x-sha2-signature", &tag);
        Some(request.body(webhook.body.clone()).send().await.ok()?.status().as_u16())
    }
}

/// Sends webhooks until it is aborted.
pub(super) async fn send_all(station: Arc<Station>) {
    let outbox = &station.outbox;
    loop {
        let webhook = outbox.next().await;
        let config = station.config();
        let status = match &config.webhook_url {
            Some(url) => outbox.post(&config, url, &webhook).await,
            None => None,
        };
        outbox.done(&webhook, status);
        if config.webhook_url.is_some() && !status.is_some_and(|status| (200..300).contains(&status)) {
            repeat(&station, webhook, &config.retry_delays);
        }
    }
}

fn repeat(station: &Arc<Station>, mut webhook: Webhook, delays: &[Duration]) {
    let Some(&delay) = delays.get(webhook.attempt - 1) else { return };
    let station = Arc::downgrade(station);
    webhook.attempt += 1;
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        if let Some(station) = station.upgrade() {
            station.outbox.queue().waiting.push_back(webhook);
            station.outbox.changed.notify_waiters();
        }
    });
}
