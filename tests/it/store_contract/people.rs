//! People and their sign-ins.

use kyc_desk::store::sign_ins::{Person, SignIn, Txn, TxnProgress, Vouched};
use kyc_wire::ids::{SignInId, TxnId};
use kyc_wire::me::Role;

use super::{Database, NOW, person, uuid};

fn mira(name: &str) -> Person {
    Person {
        id: person(7),
        idp: "bank".to_owned(),
        issuer: "https://idp.example".to_owned(),
        subject: "7c1e0f52".to_owned(),
        name: name.to_owned(),
    }
}

fn vouched() -> Vouched {
    Vouched {
        person: person(7),
        idp_session: Some("sid-1".to_owned()),
        auth_time: Some(1_795_424_000),
        acr: None,
        roles: vec![Role::Agent],
        queues: vec![(Role::Agent, "retail-de".to_owned())],
    }
}

pub async fn a_person_is_who_her_idp_says(db: &Database) {
    let mut tx = db.write().await;
    assert_eq!(tx.upsert_person(&mira("Mira")).await.unwrap(), person(7));
    let renamed = Person { id: person(8), ..mira("Mira Lindqvist") };
    assert_eq!(tx.upsert_person(&renamed).await.unwrap(), person(7), "the same subject is the same person");
    let under_another_name = Person { id: person(8), idp: "corporate".to_owned(), ..mira("Mira Lindqvist") };
    assert_eq!(
        tx.upsert_person(&under_another_name).await.unwrap(),
        person(7),
        "what we call her IdP is not who she is"
    );
    let elsewhere = Person { id: person(9), issuer: "https://other.example".to_owned(), ..mira("Somebody") };
    assert_eq!(tx.upsert_person(&elsewhere).await.unwrap(), person(9));
    let names = tx.list_people(&[person(7), person(1)]).await.unwrap();
    assert_eq!(names, [(person(7), "Mira Lindqvist".to_owned())]);
}

pub async fn a_sign_in_goes_one_way_and_once(db: &Database) {
    let txn = Txn {
        id: TxnId::new(uuid(1)),
        idp: "bank".to_owned(),
        challenge: [1; 32],
        ticket_hash: [2; 32],
        expires_at: NOW.plus_seconds(300),
    };
    let mut tx = db.write().await;
    tx.upsert_person(&mira("Mira")).await.unwrap();
    tx.insert_txn(&txn).await.unwrap();
    assert_eq!(tx.find_txn(txn.id, NOW).await.unwrap(), Some((txn.clone(), TxnProgress::Pending)));
    assert!(!tx.update_txn_redeemed(txn.id).await.unwrap(), "redeemed before anybody was vouched for");
    assert!(tx.update_txn_begun(&[2; 32], &[3; 32], NOW.plus_seconds(300)).await.unwrap().is_none(), "begun too late");
    assert_eq!(tx.update_txn_begun(&[2; 32], &[3; 32], NOW).await.unwrap(), Some(txn.clone()));
    assert!(tx.update_txn_begun(&[2; 32], &[4; 32], NOW).await.unwrap().is_none(), "a ticket was used twice");
    assert_eq!(tx.find_txn_begun(&[3; 32], NOW).await.unwrap(), Some(txn.clone()));
    assert!(tx.find_txn_begun(&[4; 32], NOW).await.unwrap().is_none());
    assert!(tx.update_txn_authenticated(txn.id, &vouched()).await.unwrap());
    assert!(!tx.update_txn_authenticated(txn.id, &vouched()).await.unwrap(), "vouched for twice");
    let progress = tx.find_txn(txn.id, NOW).await.unwrap().map(|(_, progress)| progress);
    assert_eq!(progress, Some(TxnProgress::Authenticated(vouched())));
    assert!(tx.update_txn_redeemed(txn.id).await.unwrap());
    assert!(!tx.update_txn_redeemed(txn.id).await.unwrap(), "redeemed twice");
    assert!(tx.find_txn(txn.id, NOW.plus_seconds(300)).await.unwrap().is_none());
}

pub async fn a_sign_in_ends_by_idleness_by_time_and_by_word(db: &Database) {
    let sign_in = SignIn {
        id: SignInId::new(uuid(1)),
        idp: "bank".to_owned(),
        vouched: vouched(),
        created_at: NOW,
        last_activity_at: NOW,
        absolute_deadline: NOW.plus_seconds(3600),
    };
    let mut tx = db.write().await;
    tx.upsert_person(&mira("Mira")).await.unwrap();
    tx.insert_sign_in(&sign_in).await.unwrap();
    let found = tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(-900), NOW).await.unwrap();
    assert_eq!(found, Some((sign_in.clone(), "Mira".to_owned())));
    assert!(tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(1), NOW.plus_seconds(901)).await.unwrap().is_none());
    assert!(!tx.update_sign_in_activity(sign_in.id, NOW.plus_seconds(901), NOW.plus_seconds(1)).await.unwrap());
    assert!(tx.update_sign_in_activity(sign_in.id, NOW.plus_seconds(800), NOW.plus_seconds(-100)).await.unwrap());
    assert!(tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(1), NOW.plus_seconds(901)).await.unwrap().is_some());
    assert!(tx.find_live_sign_in(sign_in.id, NOW, NOW.plus_seconds(3600)).await.unwrap().is_none());
    let (idle_since, until) = (NOW.plus_seconds(-900), NOW.plus_seconds(3600));
    assert_eq!(tx.list_live_sign_ins(person(7), idle_since, NOW).await.unwrap(), [sign_in.id]);
    assert!(tx.list_live_sign_ins(person(7), NOW.plus_seconds(800), NOW).await.unwrap().is_empty(), "idle");
    assert!(tx.list_live_sign_ins(person(7), idle_since, until).await.unwrap().is_empty(), "over");
    assert!(tx.update_sign_in_revoked(sign_in.id, NOW, "sign_out").await.unwrap());
    assert!(!tx.update_sign_in_revoked(sign_in.id, NOW, "sign_out").await.unwrap(), "revoked twice");
    assert!(tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(-900), NOW).await.unwrap().is_none());
    assert!(tx.list_live_sign_ins(person(7), idle_since, NOW).await.unwrap().is_empty());
}

pub async fn a_web_session_is_only_updated_while_it_is_there(db: &Database) {
    let (hash, until) = ([5; 32], NOW.plus_seconds(60));
    let mut tx = db.write().await;
    // A request that was under way when somebody signed out must not bring her back.
    tx.update_web_session(&hash, "{}", until).await.unwrap();
    assert!(tx.find_web_session(&hash, NOW).await.unwrap().is_none());
    tx.insert_web_session(&hash, "{}", until).await.unwrap();
    tx.update_web_session(&hash, "{\"a\":1}", until).await.unwrap();
    assert_eq!(tx.find_web_session(&hash, NOW).await.unwrap(), Some(("{\"a\":1}".to_owned(), until)));
    assert!(tx.find_web_session(&hash, until).await.unwrap().is_none());
    tx.delete_web_session(&hash).await.unwrap();
    tx.update_web_session(&hash, "{}", until).await.unwrap();
    assert!(tx.find_web_session(&hash, NOW).await.unwrap().is_none());
}
