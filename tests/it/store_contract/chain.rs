//! The audit log.

use kyc_desk::domain::audit::{Action, Actor, NewEntry, chain};
use kyc_desk::domain::session::Session;

use super::{Database, id, session};

fn entry(n: u128) -> NewEntry {
    NewEntry::done(Actor::System, Action::SessionCreated).on(id(n))
}

pub async fn entries_form_one_chain(db: &Database) {
    for n in 1..=3 {
        let mut tx = db.write().await;
        tx.record(entry(n)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut lost = db.write().await;
    lost.record(entry(4)).await.unwrap();
    drop(lost);
    let mut tx = db.read().await;
    let entries = tx.list_entries(0, 10).await.unwrap();
    let mut hash = tx.find_head_at(0).await.unwrap().unwrap().hash;
    for entry in &entries {
        hash = chain::hash(&hash, &entry.json);
        assert_eq!(entry.hash, hash);
    }
    let head = tx.find_head().await.unwrap();
    assert_eq!((head.seq, head.hash, entries.len()), (3, hash, 3));
    assert_eq!(tx.find_head_at(2).await.unwrap().map(|head| head.hash), Some(entries[1].hash));
    assert!(tx.find_head_at(4).await.unwrap().is_none());
    assert_eq!(tx.list_entries(2, 10).await.unwrap().len(), 1);
    assert_eq!(tx.list_session_entries(id(2), 10).await.unwrap().len(), 1);
}

pub async fn an_entry_stands_for_ever(db: &Database) {
    db.keep(&[session(1)]).await;
    let mut tx = db.write().await;
    tx.record(entry(1)).await.unwrap();
    let late = Session { version: 99, ..session(1) };
    assert!(tx.update_session(&late, 98, None).await.is_err());
    drop(tx);
    assert_eq!(db.read().await.find_head().await.unwrap().seq, 0, "the entry of a failed change was kept");
}
