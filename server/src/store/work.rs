//! Work to be done: accepted webhooks (inbox), events for the bank (outbox), jobs, and the marks that make a request act once.

use async_trait::async_trait;
use kyc_wire::ids::{EventId, InboxId, JobId, Micros, SessionId};

use super::StoreError;
use crate::domain::idempotency::{Fingerprint, Key, Mark};

/// What a job does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobKind {
    /// Start the provider for a session.
    StartProvider,
    /// Ask the provider for a result, in case its webhook got lost.
    PollProvider,
    /// Apply an accepted webhook.
    ApplyWebhook,
    /// Tell the bank.
    DeliverEvent,
    /// Write what the attributes of a conversation are to say.
    WriteAttributes,
    /// Give the agent's part in a conversation its wrap-up code.
    WrapUp,
    /// Go on recording a conversation.
    ResumeRecording,
    /// Fetch the pictures of a provider's result.
    FetchImages,
    /// Delete a session's photos.
    DeletePhotos,
    /// Have the provider delete what it keeps of a run.
    DeleteAtProvider,
}

impl JobKind {
    /// All kinds.
    pub const ALL: [Self; 10] = [
        Self::StartProvider,
        Self::PollProvider,
        Self::ApplyWebhook,
        Self::DeliverEvent,
        Self::WriteAttributes,
        Self::WrapUp,
        Self::ResumeRecording,
        Self::FetchImages,
        Self::DeletePhotos,
        Self::DeleteAtProvider,
    ];

    /// The code, as stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StartProvider => "start_provider",
            Self::PollProvider => "poll_provider",
            Self::ApplyWebhook => "apply_webhook",
            Self::DeliverEvent => "deliver_event",
            Self::WriteAttributes => "write_attributes",
            Self::WrapUp => "wrap_up",
            Self::ResumeRecording => "resume_recording",
            Self::FetchImages => "fetch_images",
            Self::DeletePhotos => "delete_photos",
            Self::DeleteAtProvider => "delete_at_provider",
        }
    }

    /// The kind with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// A claimed job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// To what: an id.
    pub subject: String,
    /// How often it was tried before.
    pub attempts: u32,
    /// Until when it is ours. Tells one claim from the next.
    pub claimed_until: Micros,
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    /// Its id.
    pub id: JobId,
    /// What it does.
    pub kind: JobKind,
    /// To what: an id.
    pub subject: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it last was due.
    pub run_at: Micros,
}

/// An accepted webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWebhook {
    /// Its id.
    pub id: InboxId,
    /// The integration it came in by.
    pub integration: String,
    /// What makes two deliveries the same event.
    pub dedupe_key: String,
    /// When it was accepted.
    pub received_at: Micros,
    /// The scope of the key that seals it.
    pub key_scope: String,
    /// The sealed body; none once it was applied.
    pub sealed: Option<Vec<u8>>,
}

impl StoredWebhook {
    /// By what it is known again.
    pub fn key(&self) -> (&str, &str) {
        (&self.integration, &self.dedupe_key)
    }
}

/// Webhooks that are gone and were never applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Unapplied {
    /// Their ids, and the integrations they came in by.
    pub webhooks: Vec<(InboxId, String)>,
    /// How many jobs were given up for it. Those of the others had been before.
    pub given_up: u64,
}

/// An event for the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id.
    pub id: EventId,
    /// The session.
    pub session_id: SessionId,
    /// The JSON to send: ids and codes only.
    pub body: String,
    /// When it happened.
    pub created_at: Micros,
}

/// A token of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// SHA-256 of the token.
    pub hash: [u8; 32],
    /// Whose.
    pub client_id: String,
    /// Space-separated scopes.
    pub scopes: String,
    /// Ties it to the secret that it was issued under; none for one of an earlier release.
    pub secret_tag: Option<[u8; 32]>,
    /// When it ends.
    pub expires_at: Micros,
}

/// Stores work.
#[async_trait]
pub trait Work: Send {
    /// Accepts webhooks and plans the jobs that apply them, in one statement. Gives those that are new; of two with the same key the first.
    async fn insert_webhooks(&mut self, webhooks: &[StoredWebhook]) -> Result<Vec<InboxId>, StoreError>;

    /// An accepted webhook.
    async fn find_webhook(&mut self, id: InboxId) -> Result<Option<StoredWebhook>, StoreError>;

    /// Notes that it was applied, and forgets its body.
    async fn update_webhook_applied(&mut self, id: InboxId, at: Micros) -> Result<(), StoreError>;

    /// Keeps an event for the bank.
    async fn insert_event(&mut self, event: &StoredEvent) -> Result<(), StoreError>;

    /// An event that was not delivered yet.
    async fn find_event(&mut self, id: EventId) -> Result<Option<StoredEvent>, StoreError>;

    /// All events about a session that are kept, delivered or not.
    async fn list_events(&mut self, session: SessionId) -> Result<Vec<StoredEvent>, StoreError>;

    /// Keeps another body of an event.
    async fn update_event_body(&mut self, id: EventId, body: &str) -> Result<(), StoreError>;

    /// Notes that the bank took it.
    async fn update_event_delivered(&mut self, id: EventId, at: Micros) -> Result<(), StoreError>;

    /// Plans a job. One that is planned for the same subject already is moved to the new time and begins anew.
    async fn upsert_job(&mut self, job: (JobId, JobKind, &str), run_at: Micros) -> Result<(), StoreError>;

    /// As [`Self::upsert_job`], for what must wait for the last of those who ask: it is never moved to an earlier time.
    async fn postpone_job(&mut self, job: (JobId, JobKind, &str), run_at: Micros) -> Result<(), StoreError>;

    /// The kinds of which a job is due that nobody has claimed.
    async fn list_due_kinds(&mut self, now: Micros) -> Result<Vec<JobKind>, StoreError>;

    /// Claims up to `limit` due jobs of a kind until `until`; nobody else gets them before.
    async fn claim_jobs(
        &mut self,
        kind: JobKind,
        now: Micros,
        until: Micros,
        limit: u32,
    ) -> Result<Vec<Job>, StoreError>;

    /// The job that is planned for a subject, and when it is due.
    async fn find_job(&mut self, kind: JobKind, subject: &str) -> Result<Option<(Job, Micros)>, StoreError>;

    /// Forgets a job that is done; false when the claim was lost, or the job planned anew meanwhile.
    async fn delete_job(&mut self, job: &Job) -> Result<bool, StoreError>;

    /// Lets go of a claimed job until `run_at`; does nothing when the claim was lost.
    async fn update_job_due(&mut self, job: &Job, run_at: Micros, attempts: u32) -> Result<(), StoreError>;

    /// Marks a claimed job dead, for an operator to see; does nothing when the claim was lost.
    async fn update_job_dead(&mut self, job: &Job) -> Result<(), StoreError>;

    /// Dead jobs, the oldest first.
    async fn list_dead_jobs(&mut self, limit: u32) -> Result<Vec<DeadJob>, StoreError>;

    /// Lets dead jobs run again at `run_at`: this one, or all. Gives how many.
    async fn update_jobs_revived(&mut self, id: Option<JobId>, run_at: Micros) -> Result<u64, StoreError>;

    /// When the next job is due.
    async fn find_next_due(&mut self) -> Result<Option<Micros>, StoreError>;

    /// Leaves a mark, or gives the one that an earlier request with this key left. While that one is under way, this waits for its end.
    async fn insert_mark(
        &mut self,
        key: &Key,
        fingerprint: Fingerprint,
        at: Micros,
    ) -> Result<Option<Mark>, StoreError>;

    /// Notes in a mark which session its request led to, and whether it created that.
    async fn update_mark(&mut self, key: &Key, session: SessionId, has_created: bool) -> Result<(), StoreError>;

    /// Takes a mark away: what its request was for has not been done.
    async fn delete_mark(&mut self, key: &Key) -> Result<(), StoreError>;

    /// Forgets marks from before `before` and tokens that ended, a bounded number of them. Gives how many.
    async fn delete_stale(&mut self, before: Micros, now: Micros) -> Result<u64, StoreError>;

    /// Forgets webhooks that arrived at `before` or earlier and were never applied, a bounded number of them, and gives up the jobs that were
    /// to apply them.
    async fn delete_old_webhooks(&mut self, before: Micros) -> Result<Unapplied, StoreError>;

    /// Forgets the keys that sealed the webhooks of the days before `day`. Gives how many.
    async fn delete_inbox_keys(&mut self, day: &str) -> Result<u64, StoreError>;

    /// Forgets events delivered and webhooks applied at `before` or earlier, a bounded number of them. Gives how many.
    async fn delete_done(&mut self, before: Micros) -> Result<u64, StoreError>;

    /// Keeps a client's token.
    async fn insert_token(&mut self, token: &StoredToken) -> Result<(), StoreError>;

    /// The token with this hash, if it has not ended.
    async fn find_token(&mut self, hash: &[u8; 32], now: Micros) -> Result<Option<StoredToken>, StoreError>;
}
