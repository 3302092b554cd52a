//! Rows: written whole or not at all, and only by who may.

use kyc_desk::domain::session::Session;
use kyc_desk::store::StoreError;
use kyc_desk::store::personal::{StoredField, StoredKey, StoredNote, StoredRun};
use kyc_wire::ids::NoteId;
use kyc_wire::masked::Field;
use kyc_wire::session::Origin;

use super::{Database, NOW, held, id, person, session, uuid};

pub async fn what_is_not_committed_never_was(db: &Database) {
    let mut tx = db.write().await;
    tx.insert_session(&session(1), None).await.unwrap();
    assert!(tx.find_session(id(1)).await.unwrap().is_some());
    drop(tx);
    assert!(db.read().await.find_session(id(1)).await.unwrap().is_none());
}

pub async fn a_session_is_kept_whole(db: &Database) {
    let kept = held(1, 7);
    db.keep(std::slice::from_ref(&kept)).await;
    let mut tx = db.read().await;
    assert_eq!(tx.find_session(id(1)).await.unwrap().as_ref(), Some(&kept));
    assert_eq!(tx.list_sessions_of_conversation("conv-1", 9).await.unwrap(), [kept]);
    assert!(tx.list_sessions_of_conversation("conv-2", 9).await.unwrap().is_empty());
}

pub async fn an_id_is_used_once_and_a_conversation_leads_to_its_latest_session_first(db: &Database) {
    db.keep(&[session(1)]).await;
    let mut tx = db.write().await;
    let again = tx.insert_session(&session(1), None).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    drop(tx);
    let second_try = Session { conversation_id: session(1).conversation_id, ..session(2) };
    db.keep(std::slice::from_ref(&second_try)).await;
    let both = [second_try, session(1)];
    assert_eq!(db.read().await.list_sessions_of_conversation("conv-1", 9).await.unwrap(), both);
    assert_eq!(db.read().await.list_sessions_of_conversation("conv-1", 1).await.unwrap(), both[..1]);
}

pub async fn an_update_of_what_has_changed_is_a_conflict(db: &Database) {
    db.keep(&[session(1)]).await;
    let newer = Session { version: session(1).version + 1, has_claims: true, ..session(1) };
    let mut tx = db.write().await;
    tx.update_session(&newer, session(1).version, None).await.unwrap();
    let late = tx.update_session(&newer, session(1).version, None).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    tx.commit().await.unwrap();
    assert_eq!(db.read().await.find_session(id(1)).await.unwrap(), Some(newer));
}

pub async fn a_reader_cannot_write(db: &Database) {
    let refused = db.read().await.insert_session(&session(1), None).await;
    assert!(matches!(refused, Err(StoreError::Driver(_))), "{refused:?}");
}

pub async fn another_tenant_sees_nothing(db: &Database) {
    db.keep(&[session(1)]).await;
    let mut tx = db.write().await;
    tx.insert_key("session-1", &key()).await.unwrap();
    tx.insert_note(id(1), &note(1)).await.unwrap();
    tx.insert_run(&run(1)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.elsewhere().await;
    assert!(tx.find_session(id(1)).await.unwrap().is_none());
    assert!(tx.list_sessions_of_conversation("conv-1", 9).await.unwrap().is_empty());
    assert!(tx.find_key("session-1").await.unwrap().is_none());
    assert!(tx.list_notes(id(1)).await.unwrap().is_empty());
    assert!(tx.find_run("veriff-de", "ref-1").await.unwrap().is_none());
    assert_eq!(tx.find_head().await.unwrap().seq, 0);
}

pub async fn what_is_sealed_comes_back_as_it_was(db: &Database) {
    db.keep(&[session(1)]).await;
    let field = |origin, sealed: &[u8]| StoredField { origin, field: Field::BirthDate, sealed: sealed.to_vec() };
    let mut tx = db.write().await;
    tx.insert_key("session-1", &key()).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.write().await;
    assert!(matches!(tx.insert_key("session-1", &key()).await, Err(StoreError::Conflict)));
    drop(tx);
    let mut tx = db.write().await;
    tx.upsert_field(id(1), &field(Origin::Claim, b"first")).await.unwrap();
    tx.upsert_field(id(1), &field(Origin::Claim, &[0, 255, 1])).await.unwrap();
    tx.upsert_field(id(1), &field(Origin::Document, b"document")).await.unwrap();
    tx.insert_note(id(1), &note(1)).await.unwrap();
    tx.insert_note(id(1), &note(2)).await.unwrap();
    tx.insert_run(&run(1)).await.unwrap();
    tx.insert_run(&run(2)).await.unwrap();
    assert_eq!(tx.list_fields(id(1)).await.unwrap().len(), 2);
    tx.delete_fields(id(1), Origin::Document).await.unwrap();
    assert_eq!(tx.list_fields(id(1)).await.unwrap(), [field(Origin::Claim, &[0, 255, 1])]);
    assert_eq!(tx.find_key("session-1").await.unwrap(), Some(key()));
    assert_eq!(tx.list_notes(id(1)).await.unwrap(), [note(1), note(2)]);
    assert_eq!(tx.find_run("veriff-de", "ref-1").await.unwrap(), Some(run(1)));
    assert_eq!(tx.find_latest_run(id(1)).await.unwrap(), Some(run(2)));
}

fn key() -> StoredKey {
    StoredKey { master_key_id: "master-1".to_owned(), wrapped: vec![1, 2, 3] }
}

fn note(n: u32) -> StoredNote {
    let at = NOW.plus_seconds(n.into());
    StoredNote { id: NoteId::new(uuid(n.into())), author: person(7), at, sealed: vec![9; 4] }
}

fn run(n: u32) -> StoredRun {
    StoredRun {
        integration: "veriff-de".to_owned(),
        provider_ref: format!("ref-{n}"),
        provider_names: (n > 1).then(|| format!("{{\"id\":\"ref-{n}\",\"extra\":{{\"account\":\"a\"}}}}")),
        session_id: id(1),
        run: n,
        capture_url: vec![8; 8],
        started_at: NOW.plus_seconds(n.into()),
    }
}
