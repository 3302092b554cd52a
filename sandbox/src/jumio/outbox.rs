//! Callbacks: sent one after the other, not signed, repeated until answered with exactly 200.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Station;
use super::faults::CallbackFault;

/// One attempt to deliver.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// The body.
    pub body: String,
    /// Which attempt, from 1.
    pub attempt: usize,
    /// The receiver's status; none if it could not be reached.
    pub status: Option<u16>,
}

#[derive(Clone, Debug)]
struct Callback {
    url: String,
    body: String,
    attempt: usize,
}

#[derive(Debug, Default)]
struct Queue {
    is_held: bool,
    is_sending: bool,
    waiting: VecDeque<Callback>,
    overtaken: Option<Callback>,
    faults: VecDeque<CallbackFault>,
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

    /// Queues a callback, with the planned fault.
    pub(super) fn push(&self, url: &str, mut body: Value) {
        let mut queue = self.queue();
        let fault = queue.faults.pop_front();
        if fault == Some(CallbackFault::Forged) {
            body["userReference"] = json!("00000000-0000-7000-8000-000000000000.1700000000.AAAAAAAAAAAAAAAAAAAAAA");
        }
        let callback = Callback { url: url.to_owned(), body: body.to_string(), attempt: 1 };
        match fault {
            Some(CallbackFault::Lost) => {}
            Some(CallbackFault::Overtaken) => queue.overtaken = Some(callback),
            Some(CallbackFault::Duplicated) => queue.waiting.extend([callback.clone(), callback]),
            Some(CallbackFault::Forged) | None => {
                queue.waiting.push_back(callback);
                let late = queue.overtaken.take();
                queue.waiting.extend(late);
            }
        }
        drop(queue);
        self.changed.notify_waiters();
    }

    pub(super) fn spoil_next(&self, fault: CallbackFault) {
        self.queue().faults.push_back(fault);
    }

    pub(super) fn hold(&self) {
        self.queue().is_held = true;
    }

    pub(super) fn release(&self, newest_first: bool) {
        let mut queue = self.queue();
        queue.is_held = false;
        if newest_first {
            queue.waiting.make_contiguous().reverse();
        }
        drop(queue);
        self.changed.notify_waiters();
    }

    pub(super) fn take_held(&self) -> Vec<String> {
        self.queue().waiting.drain(..).map(|callback| callback.body).collect()
    }

    /// Sends everything that was ever sent once more, in this order of its numbers.
    pub(super) fn replay(&self, order: &[usize], url: &str) {
        let mut queue = self.queue();
        for at in order {
            let body = queue.deliveries[*at].body.clone();
            queue.waiting.push_back(Callback { url: url.to_owned(), body, attempt: 1 });
        }
        drop(queue);
        self.changed.notify_waiters();
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        self.queue().deliveries.clone()
    }

    /// Waits until nothing is left that may be sent now.
    pub(super) async fn settle(&self) {
        self.until(|queue| (!queue.is_sending && (queue.is_held || queue.waiting.is_empty())).then_some(())).await;
    }

    async fn next(&self) -> Callback {
        self.until(|queue| {
            let callback = if queue.is_held { None } else { queue.waiting.pop_front() };
            queue.is_sending = callback.is_some();
            callback
        })
        .await
    }

    /// Asks until there is an answer, again at each change. The bell is heard from before the question on, so that no change falls between.
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

    fn done(&self, callback: &Callback, status: Option<u16>) {
        let mut queue = self.queue();
        queue.is_sending = false;
        queue.deliveries.push(Delivery { body: callback.body.clone(), attempt: callback.attempt, status });
        drop(queue);
        self.changed.notify_waiters();
    }
}

/// Sends callbacks until it is aborted.
pub(super) async fn send_all(station: Arc<Station>) {
    let outbox = &station.outbox;
    loop {
        let callback = outbox.next().await;
        let request = outbox.http.post(&callback.url).header(CONTENT_TYPE, "application/json");
        let sent = request.body(callback.body.clone()).send().await;
        let status = sent.ok().map(|answer| answer.status().as_u16());
        outbox.done(&callback, status);
        if status != Some(200) {
            repeat(&station, callback);
        }
    }
}

fn repeat(station: &Arc<Station>, mut callback: Callback) {
    let Some(delay) = station.config().retry_delays.get(callback.attempt - 1).copied() else { return };
    let station = Arc::downgrade(station);
    callback.attempt += 1;
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        if let Some(station) = station.upgrade() {
            station.outbox.queue().waiting.push_back(callback);
            station.outbox.changed.notify_waiters();
        }
    });
}
