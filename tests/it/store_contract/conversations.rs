//! What is kept about conversations of the contact centre.

use kyc_desk::domain::session::Session;
use kyc_desk::store::conversations::StoredAttributes;
use kyc_desk::store::sessions::Queues;
use kyc_desk::store::work::JobKind;
use kyc_wire::ids::JobId;

use super::{Database, NOW, id, person, session, uuid, waiting};

pub async fn a_person_is_known_by_what_her_idp_said_last(db: &Database) {
    let mut tx = db.write().await;
    tx.upsert_genesys_user(person(1), Some(&[1; 32])).await.unwrap();
    tx.upsert_genesys_user(person(1), Some(&[2; 32])).await.unwrap();
    tx.upsert_genesys_user(person(2), None).await.unwrap();
    assert_eq!(tx.find_genesys_user(person(1)).await.unwrap(), Some([2; 32]));
    assert_eq!(tx.find_genesys_user(person(2)).await.unwrap(), None);
    tx.upsert_genesys_user(person(1), None).await.unwrap();
    assert_eq!(tx.find_genesys_user(person(1)).await.unwrap(), None, "it does not say any more");
}

pub async fn who_was_on_a_conversation_is_known_for_a_time(db: &Database) {
    let mut tx = db.write().await;
    tx.upsert_on_conversation("conv-1", person(1), NOW).await.unwrap();
    tx.upsert_on_conversation("conv-1", person(1), NOW.plus_seconds(5)).await.unwrap();
    tx.commit().await.unwrap();
    let known =
        async |conversation: &str, n| db.read().await.find_on_conversation(conversation, person(n)).await.unwrap();
    assert!(known("conv-1", 1).await);
    assert!(!known("conv-1", 2).await && !known("conv-2", 1).await);
    assert!(!db.elsewhere().await.find_on_conversation("conv-1", person(1)).await.unwrap());
    for (before, gone) in [(NOW, 0), (NOW.plus_seconds(5), 1)] {
        let mut tx = db.write().await;
        assert_eq!(tx.delete_conversations(before).await.unwrap(), gone);
        tx.commit().await.unwrap();
    }
    assert!(!known("conv-1", 1).await);
}

pub async fn the_next_is_of_no_conversation_or_of_hers(db: &Database) {
    let mut forgotten = Session { conversation_id: None, ..waiting(0) };
    forgotten.retention.has_forgotten_conversation = true;
    db.keep(&[forgotten, waiting(1), waiting(2), Session { conversation_id: None, ..waiting(3) }]).await;
    let mut tx = db.write().await;
    tx.upsert_on_conversation("conv-2", person(1), NOW).await.unwrap();
    tx.commit().await.unwrap();
    let next = async |who| {
        let found = db.read().await.find_next_waiting(&Queues::All, who, NOW.plus_seconds(60)).await.unwrap();
        found.map(|session| session.id)
    };
    assert_eq!(next(None).await, Some(id(0)), "who is not asked works on it");
    assert_eq!(next(Some(person(1))).await, Some(id(2)));
    assert_eq!(next(Some(person(2))).await, Some(id(3)));
}

pub async fn attributes_change_only_when_they_say_something_else(db: &Database) {
    let mut tx = db.write().await;
    assert!(tx.upsert_attributes(id(1), ("conv-1", "{\"a\":1}"), NOW).await.unwrap());
    assert!(!tx.upsert_attributes(id(1), ("conv-1", "{\"a\":1}"), NOW).await.unwrap());
    assert!(tx.upsert_attributes(id(1), ("conv-1", "{\"a\":2}"), NOW).await.unwrap());
    assert!(!tx.update_attributes_delivered(id(1), 1, NOW).await.unwrap(), "there is a later one");
    let kept = |delivered| StoredAttributes {
        conversation_id: "conv-1".to_owned(),
        body: "{\"a\":2}".to_owned(),
        revision: 2,
        delivered,
    };
    assert_eq!(tx.find_attributes(id(1)).await.unwrap(), Some(kept(0)));
    assert_eq!(tx.delete_conversations(NOW.plus_seconds(60)).await.unwrap(), 0, "what was not told is kept");
    assert!(tx.update_attributes_delivered(id(1), 2, NOW).await.unwrap());
    assert_eq!(tx.find_attributes(id(1)).await.unwrap(), Some(kept(2)));
    assert_eq!(tx.delete_conversations(NOW).await.unwrap(), 1);
}

pub async fn a_conversation_is_forgotten_when_no_session_belongs_to_it_any_more(db: &Database) {
    db.keep(&[session(1)]).await;
    let mut tx = db.write().await;
    for conversation in ["conv-1", "conv-2"] {
        tx.upsert_on_conversation(conversation, person(1), NOW).await.unwrap();
        tx.upsert_job((JobId::new(uuid(1)), JobKind::ResumeRecording, conversation), NOW).await.unwrap();
        tx.delete_conversation(conversation).await.unwrap();
    }
    tx.upsert_attributes(id(1), ("conv-1", "{}"), NOW).await.unwrap();
    tx.upsert_attributes(id(2), ("conv-1", "{}"), NOW).await.unwrap();
    tx.delete_attributes(id(1)).await.unwrap();
    assert!(tx.find_on_conversation("conv-1", person(1)).await.unwrap(), "a session belongs to it");
    assert!(!tx.find_on_conversation("conv-2", person(1)).await.unwrap());
    assert!(tx.find_job(JobKind::ResumeRecording, "conv-1").await.unwrap().is_some());
    assert!(tx.find_job(JobKind::ResumeRecording, "conv-2").await.unwrap().is_none());
    assert!(tx.find_attributes(id(1)).await.unwrap().is_none() && tx.find_attributes(id(2)).await.unwrap().is_some());
}
