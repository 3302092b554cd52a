//! What may happen once.

use std::task::Poll;

use kyc_desk::domain::idempotency::{Fingerprint, Key, Mark};
use kyc_desk::store::dossier::Reader;
use kyc_desk::store::work::{Job, JobKind, StoredEvent, StoredToken, StoredWebhook};
use kyc_desk::store::{TenantId, Tx};
use kyc_wire::ids::{EventId, InboxId, JobId, Micros, PersonId, SignInId};

use super::{Database, NOW, id, person, session, uuid};

fn webhook(n: u128, dedupe_key: &str) -> StoredWebhook {
    StoredWebhook {
        id: InboxId::new(uuid(n)),
        integration: "veriff-de".to_owned(),
        dedupe_key: dedupe_key.to_owned(),
        received_at: NOW,
        key_scope: "inbox-2026-11-23".to_owned(),
        sealed: Some(vec![1, 2, 3]),
    }
}

async fn is_new(tx: &mut dyn Tx, webhook: &StoredWebhook) -> bool {
    let new = tx.insert_webhooks(std::slice::from_ref(webhook)).await.unwrap();
    assert!(new.iter().all(|id| *id == webhook.id), "{new:?}");
    !new.is_empty()
}

/// A caller may hang up at any point, also while a transaction is begun for her: nobody after her may find it open.
pub async fn who_hangs_up_while_a_transaction_begins_leaves_none(db: &Database) {
    let tenant = TenantId::default();
    for turns in 0..400 {
        let mut begin = Box::pin(db.store.begin(&tenant));
        let mut turn = 0;
        let begun = std::future::poll_fn(|context| {
            turn += 1;
            if turn > turns % 8 { Poll::Ready(None) } else { begin.as_mut().poll(context).map(Some) }
        });
        drop(begun.await);
        drop(begin);
        db.write().await.commit().await.unwrap();
    }
}

pub async fn webhooks_are_accepted_together_each_once(db: &Database) {
    let mut tx = db.write().await;
    assert!(is_new(&mut *tx, &webhook(1, "decision-1")).await);
    let arrived =
        [webhook(2, "decision-2"), webhook(3, "decision-1"), webhook(4, "decision-2"), webhook(5, "decision-3")];
    let mut new = tx.insert_webhooks(&arrived).await.unwrap();
    new.sort();
    assert_eq!(new, [arrived[0].id, arrived[3].id], "of the same the first, and none that was there");
    assert_eq!(tx.find_webhook(arrived[3].id).await.unwrap().as_ref(), Some(&arrived[3]));
    tx.commit().await.unwrap();
    let jobs = claim(db, JobKind::ApplyWebhook, 0).await;
    assert_eq!(jobs.len(), 3, "{jobs:?}");
}

pub async fn a_webhook_is_accepted_once_and_its_body_goes(db: &Database) {
    let mut tx = db.write().await;
    assert!(is_new(&mut *tx, &webhook(1, "decision-1")).await);
    assert!(!is_new(&mut *tx, &webhook(2, "decision-1")).await);
    let elsewhere = StoredWebhook { integration: "veriff-at".to_owned(), ..webhook(3, "decision-1") };
    assert!(is_new(&mut *tx, &elsewhere).await);
    assert_eq!(tx.find_webhook(InboxId::new(uuid(1))).await.unwrap(), Some(webhook(1, "decision-1")));
    tx.update_webhook_applied(InboxId::new(uuid(1)), NOW).await.unwrap();
    assert_eq!(tx.find_webhook(InboxId::new(uuid(1))).await.unwrap().and_then(|webhook| webhook.sealed), None);
    assert!(!is_new(&mut *tx, &webhook(4, "decision-1")).await, "an applied webhook is forgotten");
}

/// Accepted and to be applied are one: however it was accepted, and once.
pub async fn an_accepted_webhook_is_planned_to_be_applied(db: &Database) {
    let keep = async |webhook| db.store.keep_webhooks(&TenantId::default(), &[webhook]).await.unwrap();
    assert_eq!(keep(webhook(1, "decision-1")).await, [InboxId::new(uuid(1))]);
    assert_eq!(keep(webhook(2, "decision-1")).await, []);
    let mut tx = db.write().await;
    assert!(is_new(&mut *tx, &webhook(3, "decision-2")).await);
    drop(tx);
    let jobs = claim(db, JobKind::ApplyWebhook, 0).await;
    assert_eq!(jobs.iter().map(|job| job.subject.clone()).collect::<Vec<_>>(), [uuid(1).to_string()]);
}

pub async fn a_job_is_claimed_once_and_again_after_its_time(db: &Database) {
    let job = |n| (JobId::new(uuid(n)), JobKind::DeliverEvent, "event-1");
    let mut tx = db.write().await;
    tx.upsert_job(job(1), NOW.plus_seconds(10)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.find_next_due().await.unwrap(), Some(NOW.plus_seconds(10)));
    let claim = async |seconds: i64| {
        let mut tx = db.write().await;
        let now = NOW.plus_seconds(seconds);
        let jobs = tx.claim_jobs(JobKind::DeliverEvent, now, now.plus_seconds(60), 10).await.unwrap();
        tx.commit().await.unwrap();
        jobs
    };
    assert!(claim(9).await.is_empty());
    assert_eq!(claim(10).await.len(), 1);
    assert!(claim(11).await.is_empty(), "claimed twice");
    let again = claim(71).await;
    assert_eq!(again.iter().map(|job| job.subject.as_str()).collect::<Vec<_>>(), ["event-1"]);
    let mut tx = db.write().await;
    tx.update_job_due(&again[0], NOW.plus_seconds(200), 1).await.unwrap();
    tx.commit().await.unwrap();
    assert!(claim(199).await.is_empty());
    let last = claim(200).await;
    assert!(last[0].attempts > again[0].attempts, "attempts are not counted");
    let mut tx = db.write().await;
    assert!(tx.delete_job(&last[0]).await.unwrap());
    tx.commit().await.unwrap();
    assert!(claim(10_000).await.is_empty());
}

/// Who asks last does not shorten the wait of who asked before.
pub async fn a_postponed_job_waits_for_the_latest_of_its_times(db: &Database) {
    let job = |n| (JobId::new(uuid(n)), JobKind::ResumeRecording, "conversation-1");
    let times: [i64; 3] = [40, 20, 30];
    let mut tx = db.write().await;
    for (n, seconds) in times.into_iter().enumerate() {
        tx.postpone_job(job(n as u128), NOW.plus_seconds(seconds)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert!(claim(db, JobKind::ResumeRecording, 39).await.is_empty());
    let due = claim(db, JobKind::ResumeRecording, 40).await;
    assert_eq!(due.len(), 1);
    let mut tx = db.write().await;
    tx.postpone_job(job(9), NOW.plus_seconds(50)).await.unwrap();
    assert!(!tx.delete_job(&due[0]).await.unwrap(), "what was asked for meanwhile stays");
    tx.commit().await.unwrap();
}

/// What was not done after all may be sent again.
pub async fn a_mark_that_is_taken_away_is_none(db: &Database) {
    let key = Key::parse("mira", "POST", "/api/x", "taken-away-0001").unwrap();
    let fingerprint = Fingerprint::of(b"{}");
    let mut tx = db.write().await;
    assert!(tx.insert_mark(&key, fingerprint, NOW).await.unwrap().is_none());
    assert!(tx.insert_mark(&key, fingerprint, NOW).await.unwrap().is_some());
    tx.delete_mark(&key).await.unwrap();
    assert!(tx.insert_mark(&key, fingerprint, NOW).await.unwrap().is_none());
    tx.commit().await.unwrap();
}

async fn claim(db: &Database, kind: JobKind, seconds: i64) -> Vec<Job> {
    let mut tx = db.write().await;
    let now = NOW.plus_seconds(seconds);
    let jobs = tx.claim_jobs(kind, now, now.plus_seconds(60), 10).await.unwrap();
    tx.commit().await.unwrap();
    jobs
}

/// Who comes back too late may not end what is somebody else's by now.
pub async fn a_lost_claim_ends_nothing(db: &Database) {
    let kind = JobKind::StartProvider;
    let plan = async |n| {
        let mut tx = db.write().await;
        tx.upsert_job((JobId::new(uuid(n)), kind, "session-1"), NOW).await.unwrap();
        tx.commit().await.unwrap();
    };
    plan(1).await;
    let [slow] = claim(db, kind, 0).await.try_into().unwrap();
    let [quick] = claim(db, kind, 60).await.try_into().unwrap();
    let mut tx = db.write().await;
    assert!(!tx.delete_job(&slow).await.unwrap(), "the claim was lost");
    tx.update_job_due(&slow, NOW, 7).await.unwrap();
    tx.update_job_dead(&slow).await.unwrap();
    tx.commit().await.unwrap();
    assert!(claim(db, kind, 61).await.is_empty(), "the claim of the other was touched");
    plan(2).await;
    let mut tx = db.write().await;
    assert!(!tx.delete_job(&quick).await.unwrap(), "it was planned anew meanwhile");
    tx.commit().await.unwrap();
    let [anew] = claim(db, kind, 61).await.try_into().unwrap();
    let mut tx = db.write().await;
    assert!(tx.delete_job(&anew).await.unwrap());
    tx.commit().await.unwrap();
}

pub async fn jobs_are_claimed_kind_by_kind(db: &Database) {
    let (start, poll) = (JobKind::StartProvider, JobKind::PollProvider);
    let mut tx = db.write().await;
    tx.upsert_job((JobId::new(uuid(1)), poll, "session-1"), NOW).await.unwrap();
    tx.upsert_job((JobId::new(uuid(2)), poll, "session-2"), NOW).await.unwrap();
    tx.upsert_job((JobId::new(uuid(3)), start, "session-1"), NOW.plus_seconds(5)).await.unwrap();
    tx.commit().await.unwrap();
    let due = async |seconds| {
        let mut kinds = db.read().await.list_due_kinds(NOW.plus_seconds(seconds)).await.unwrap();
        kinds.sort_unstable();
        kinds
    };
    assert_eq!(due(-1).await, []);
    assert_eq!(due(0).await, [poll]);
    assert_eq!(due(5).await, [start, poll]);
    assert_eq!(claim(db, poll, 5).await.len(), 2);
    assert_eq!(due(5).await, [start], "what is claimed is not due");
    assert_eq!(claim(db, start, 5).await.len(), 1);
}

pub async fn a_dead_job_waits_for_an_operator(db: &Database) {
    let kind = JobKind::StartProvider;
    let mut tx = db.write().await;
    for n in [1, 2] {
        tx.upsert_job((JobId::new(uuid(n)), kind, &format!("session-{n}")), NOW).await.unwrap();
    }
    tx.commit().await.unwrap();
    let jobs = claim(db, kind, 0).await;
    let mut tx = db.write().await;
    for job in &jobs {
        tx.update_job_dead(job).await.unwrap();
    }
    let dead = tx.list_dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|job| (job.kind, job.attempts)).collect::<Vec<_>>(), [(kind, 1); 2]);
    assert_eq!(tx.list_due_kinds(NOW.plus_seconds(10_000)).await.unwrap(), []);
    assert_eq!(tx.update_jobs_revived(Some(dead[0].id), NOW.plus_seconds(9)).await.unwrap(), 1);
    assert_eq!(tx.update_jobs_revived(Some(dead[0].id), NOW.plus_seconds(9)).await.unwrap(), 0, "it is not dead");
    assert_eq!(tx.update_jobs_revived(None, NOW.plus_seconds(9)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    let again = claim(db, kind, 9).await;
    assert_eq!(again.iter().map(|job| job.attempts).collect::<Vec<_>>(), [0, 0]);
}

pub async fn a_mark_is_left_once(db: &Database) {
    let key = Key::parse("mira", "POST", "/api/sessions/1/take", "key-12345").unwrap();
    let mut tx = db.write().await;
    assert_eq!(tx.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap(), None);
    let mark = Mark { fingerprint: Fingerprint::of(b"a"), session: None, has_created: false };
    assert_eq!(tx.insert_mark(&key, Fingerprint::of(b"b"), NOW).await.unwrap(), Some(mark), "the first one stays");
    let elsewhere = Key { path: "/api/sessions/2/take".to_owned(), ..key.clone() };
    assert_eq!(tx.insert_mark(&elsewhere, Fingerprint::of(b"b"), NOW).await.unwrap(), None);
    tx.update_mark(&key, id(7), true).await.unwrap();
    tx.commit().await.unwrap();
    let mark = Mark { session: Some(id(7)), has_created: true, ..mark };
    assert_eq!(db.write().await.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap(), Some(mark));
    let mut tx = db.write().await;
    tx.update_mark(&elsewhere, id(8), false).await.unwrap();
    let mark = Mark { fingerprint: Fingerprint::of(b"b"), session: Some(id(8)), has_created: false };
    assert_eq!(tx.insert_mark(&elsewhere, Fingerprint::of(b"b"), NOW).await.unwrap(), Some(mark));
}

pub async fn who_repeats_a_request_waits_for_the_end_of_the_first(db: &Database) {
    let key = Key::parse("mira", "POST", "/api/sessions/1/take", "key-12345").unwrap();
    let left = async || db.write().await.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap();
    let mut first = db.write().await;
    assert_eq!(first.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap(), None);
    // The first commits only once the second has asked.
    let end = async {
        tokio::task::yield_now().await;
        first.commit().await.unwrap();
    };
    let (second, ()) = tokio::join!(left(), end);
    assert!(second.is_some(), "it was carried out");
}

async fn was_opened(tx: &mut dyn Tx, (person, sign_in): (PersonId, SignInId), since: Micros) -> bool {
    let reader = Reader { person, sign_in, since };
    tx.find_dossier(id(1), "session:1", reader, 10).await.unwrap().unwrap().was_opened
}

pub async fn an_access_is_noted_once_in_its_time(db: &Database) {
    db.keep(&[session(1)]).await;
    let mira = (person(7), SignInId::new(uuid(1)));
    let again = (person(7), SignInId::new(uuid(2)));
    let window = |at: i64| (NOW.plus_seconds(at), NOW.plus_seconds(at - 900));
    let mut tx = db.write().await;
    let (at, since) = window(0);
    assert!(!was_opened(&mut *tx, mira, since).await);
    assert!(tx.note_access(id(1), mira, at, since).await.unwrap());
    assert!(!tx.note_access(id(1), mira, at, since).await.unwrap());
    assert!(tx.note_access(id(1), again, at, since).await.unwrap(), "a new sign-in is a new access");
    let (at, since) = window(899);
    assert!(was_opened(&mut *tx, mira, since).await);
    assert!(!tx.note_access(id(1), mira, at, since).await.unwrap());
    let (at, since) = window(901);
    assert!(!was_opened(&mut *tx, mira, since).await);
    assert!(tx.note_access(id(1), mira, at, since).await.unwrap());
}

pub async fn a_token_ends(db: &Database) {
    let token = StoredToken {
        hash: [7; 32],
        client_id: "flow".to_owned(),
        scopes: "flow".to_owned(),
        secret_tag: Some([9; 32]),
        expires_at: NOW.plus_seconds(300),
    };
    let mut tx = db.write().await;
    tx.insert_token(&token).await.unwrap();
    assert_eq!(tx.find_token(&[7; 32], NOW).await.unwrap(), Some(token.clone()));
    let older = StoredToken { hash: [6; 32], secret_tag: None, ..token };
    tx.insert_token(&older).await.unwrap();
    assert_eq!(tx.find_token(&[6; 32], NOW).await.unwrap(), Some(older));
    assert!(tx.find_token(&[8; 32], NOW).await.unwrap().is_none());
    assert!(tx.find_token(&[7; 32], NOW.plus_seconds(300)).await.unwrap().is_none());
}

pub async fn what_is_stale_goes(db: &Database) {
    let key = Key::parse("mira", "POST", "/api/sessions/1/take", "key-12345").unwrap();
    let mut tx = db.write().await;
    tx.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap();
    tx.delete_stale(NOW.plus_seconds(-1), NOW).await.unwrap();
    assert!(tx.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap().is_some());
    tx.delete_stale(NOW.plus_seconds(1), NOW).await.unwrap();
    assert!(tx.insert_mark(&key, Fingerprint::of(b"a"), NOW).await.unwrap().is_none());
}

pub async fn what_is_done_goes_and_what_waits_stays(db: &Database) {
    let event = |n| StoredEvent {
        id: EventId::new(uuid(n)),
        session_id: id(1),
        body: "{}".to_owned(),
        created_at: NOW.plus_seconds(-100),
    };
    let mut tx = db.write().await;
    for n in 1..=3 {
        tx.insert_event(&event(n)).await.unwrap();
        is_new(&mut *tx, &webhook(n, &format!("decision-{n}"))).await;
    }
    for (n, seconds) in [(1, 0), (2, 1)] {
        tx.update_event_delivered(EventId::new(uuid(n)), NOW.plus_seconds(seconds)).await.unwrap();
        tx.update_webhook_applied(InboxId::new(uuid(n)), NOW.plus_seconds(seconds)).await.unwrap();
    }
    assert_eq!(tx.delete_done(NOW.plus_seconds(-1)).await.unwrap(), 0);
    assert_eq!(tx.delete_done(NOW).await.unwrap(), 2);
    assert_eq!(tx.delete_done(NOW.plus_seconds(1_000_000)).await.unwrap(), 2);
    assert_eq!(tx.find_event(EventId::new(uuid(3))).await.unwrap(), Some(event(3)));
    assert!(tx.find_webhook(InboxId::new(uuid(3))).await.unwrap().is_some());
    assert!(tx.find_webhook(InboxId::new(uuid(2))).await.unwrap().is_none());
}

pub async fn a_look_is_remembered_until_its_time_is_over(db: &Database) {
    let by = (person(7), SignInId::new(uuid(9)));
    let mut tx = db.write().await;
    let mut look = async |seconds| tx.note_access(id(1), by, NOW.plus_seconds(seconds), NOW).await.unwrap();
    assert_eq!((look(0).await, look(0).await), (true, false));
    assert_eq!(tx.delete_accesses(NOW.plus_seconds(-1)).await.unwrap(), 0);
    assert_eq!(tx.delete_accesses(NOW).await.unwrap(), 1);
    assert!(tx.note_access(id(1), by, NOW, NOW).await.unwrap());
}

pub async fn a_webhook_that_was_never_applied_goes_and_its_job_is_given_up(db: &Database) {
    let mut tx = db.write().await;
    for n in 1..=3 {
        let at = NOW.plus_seconds(i64::try_from(n).unwrap());
        is_new(&mut *tx, &StoredWebhook { received_at: at, ..webhook(n, &format!("decision-{n}")) }).await;
        let subject = uuid(n).to_string();
        tx.upsert_job((JobId::new(uuid(n)), JobKind::ApplyWebhook, &subject), NOW).await.unwrap();
    }
    tx.update_webhook_applied(InboxId::new(uuid(1)), NOW).await.unwrap();
    let gone = tx.delete_old_webhooks(NOW.plus_seconds(2)).await.unwrap();
    assert_eq!(
        gone.webhooks,
        [(InboxId::new(uuid(2)), webhook(2, "").integration)],
        "what was applied has its own time"
    );
    assert_eq!(gone.given_up, 1);
    assert!(tx.find_webhook(InboxId::new(uuid(2))).await.unwrap().is_none());
    assert!(tx.find_webhook(InboxId::new(uuid(3))).await.unwrap().is_some());
    let dead: Vec<String> = tx.list_dead_jobs(9).await.unwrap().into_iter().map(|job| job.subject).collect();
    assert_eq!(dead, [uuid(2).to_string()]);
}

pub async fn what_the_bank_is_told_of_a_session_can_be_said_otherwise(db: &Database) {
    let event = |n: u128, of| StoredEvent {
        id: EventId::new(uuid(n)),
        session_id: id(of),
        body: format!("{{\"n\":{n}}}"),
        created_at: NOW,
    };
    let mut tx = db.write().await;
    for (n, of) in [(1, 1), (2, 1), (3, 2)] {
        tx.insert_event(&event(n, of)).await.unwrap();
    }
    tx.update_event_delivered(EventId::new(uuid(1)), NOW).await.unwrap();
    tx.update_event_body(EventId::new(uuid(2)), "{}").await.unwrap();
    let mut all = tx.list_events(id(1)).await.unwrap();
    all.sort_by_key(|event| event.id);
    assert_eq!(all, [event(1, 1), StoredEvent { body: "{}".to_owned(), ..event(2, 1) }], "delivered or not");
}
