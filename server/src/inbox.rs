//! Where accepted webhooks are kept. Those that arrive while others are being written are written together: one commit for many.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::store::work::StoredWebhook;
use crate::store::{Store, StoreError, TenantId};

/// Most that one statement writes.
const TOGETHER: usize = 64;

/// How much may wait behind what is being written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// So many webhooks.
    pub webhooks: usize,
    /// So many bytes of them in all.
    pub bytes: usize,
}

impl Default for Room {
    /// Enough for minutes of any provider, and no more memory than a few large requests.
    fn default() -> Self {
        Self { webhooks: 1_000, bytes: 32 * 1024 * 1024 }
    }
}

/// A webhook was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The database failed, for all that were written together.
    #[error("the inbox could not be written")]
    Store(#[source] Arc<StoreError>),
    /// Too many wait already.
    #[error("too many webhooks wait to be written")]
    Full,
    /// Whoever wrote it gave up.
    #[error("nobody writes the inbox")]
    Lost(#[from] oneshot::error::RecvError),
}

/// Whether it is new.
type Kept = Result<bool, Arc<StoreError>>;

#[derive(Default)]
struct Waiting {
    webhooks: Vec<(StoredWebhook, oneshot::Sender<Kept>)>,
    /// How many write now.
    turns: usize,
}

/// The inbox of a tenant.
pub struct Inbox {
    store: Arc<dyn Store>,
    tenant: TenantId,
    room: Room,
    waiting: Mutex<Waiting>,
}

/// What becomes of a webhook that has arrived.
enum Arrived {
    /// Its caller writes it herself: nobody has to be woken, twice.
    Alone(StoredWebhook, Turn),
    /// It waits for whoever writes next.
    Queued(oneshot::Receiver<Kept>),
}

/// The right to write. When it is given back, also by a caller who hangs up, those who wait are written by a task of their own.
struct Turn(Arc<Inbox>);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        match Handle::try_current() {
            // The task takes the turn only when it runs: one that never does, because the server stops, gives nothing back.
            Ok(runtime) if !waiting.webhooks.is_empty() => drop(runtime.spawn(Arc::clone(&self.0).write())),
            _ => waiting.turns -= 1,
        }
    }
}

impl Inbox {
    /// The inbox in this database.
    pub fn new(store: &Arc<dyn Store>, tenant: &TenantId, room: Room) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), tenant: tenant.clone(), room, waiting: Mutex::default() })
    }

    /// Keeps a webhook and plans its application; false when it was accepted before. When this returns, it lasts. When this is dropped it
    /// may last all the same; whoever sent it sends it again.
    ///
    /// # Errors
    ///
    /// When the database does not keep it.
    pub async fn keep(self: &Arc<Self>, webhook: StoredWebhook) -> Result<bool, NotKept> {
        match self.take_in(webhook)? {
            Arrived::Alone(webhook, _turn) => {
                let new = self.store.keep_webhooks(&self.tenant, std::slice::from_ref(&webhook)).await;
                new.map(|new| !new.is_empty()).map_err(|error| NotKept::Store(Arc::new(error)))
            }
            Arrived::Queued(kept) => kept.await?.map_err(NotKept::Store),
        }
    }

    fn take_in(self: &Arc<Self>, webhook: StoredWebhook) -> Result<Arrived, NotKept> {
        let mut waiting = self.lock();
        if waiting.turns < self.store.writers() {
            waiting.turns += 1;
            return Ok(Arrived::Alone(webhook, Turn(Arc::clone(self))));
        }
        let bytes: usize = waiting.webhooks.iter().map(|(waits, _)| size(waits)).sum();
        if waiting.webhooks.len() >= self.room.webhooks || bytes + size(&webhook) > self.room.bytes {
            // Whoever sent it sends it again.
            return Err(NotKept::Full);
        }
        let (answer, kept) = oneshot::channel();
        waiting.webhooks.push((webhook, answer));
        Ok(Arrived::Queued(kept))
    }

    /// Writes until nobody waits.
    async fn write(self: Arc<Self>) {
        let turn = Turn(self);
        let inbox = &turn.0;
        while let Some((webhooks, answers)) = inbox.next() {
            let written = inbox.store.keep_webhooks(&inbox.tenant, &webhooks).await.map_err(Arc::new);
            for (webhook, answer) in webhooks.iter().zip(answers) {
                let kept = written.as_ref().map(|new| new.contains(&webhook.id)).map_err(Arc::clone);
                // Whoever hung up does not hear it.
                drop(answer.send(kept));
            }
        }
    }

    /// Those who are written next.
    fn next(&self) -> Option<(Vec<StoredWebhook>, Vec<oneshot::Sender<Kept>>)> {
        let mut waiting = self.lock();
        // Nobody hears of those whose callers have given up: they come again.
        waiting.webhooks.retain(|(_, answer)| !answer.is_closed());
        let count = together(waiting.webhooks.len());
        if count == 0 {
            return None;
        }
        let mut next: Vec<_> = waiting.webhooks.drain(..count).collect();
        // In one order, so that two who write never wait for each other's keys.
        next.sort_by(|(one, _), (other, _)| one.key().cmp(&other.key()));
        Some(next.into_iter().unzip())
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much memory a webhook takes, as far as whoever sends it decides.
fn size(webhook: &StoredWebhook) -> usize {
    webhook.sealed.as_ref().map_or(0, Vec::len) + webhook.dedupe_key.len()
}

/// How many of those who wait are written at once: a power of two, so that few statements are prepared.
fn together(waiting: usize) -> usize {
    waiting.min(TOGETHER).checked_ilog2().map_or(0, |power| 1 << power)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_left_out_and_few_lengths_are_written() {
        for waiting in 1..=1000 {
            let (mut left, mut rounds) = (waiting, 0);
            while left > 0 {
                let now = together(left);
                assert!(now > 0 && now <= left && now <= TOGETHER && now.is_power_of_two(), "{now} of {left}");
                (left, rounds) = (left - now, rounds + 1);
            }
            assert!(rounds <= waiting.div_ceil(TOGETHER) + 5, "{rounds} rounds for {waiting}");
        }
        assert_eq!(together(0), 0);
    }
}
