//! People and their sign-ins.

use kyc_desk::store::idp_logouts::IdpLogout;
use kyc_desk::store::sign_ins::{Person, Purpose, SignIn, Txn, TxnProgress, Vouched};
use kyc_wire::ids::{SignInId, TxnId};
use kyc_wire::me::Role;
use kyc_wire::session::Act;
use kyc_wire::sign_ins::Browser;

use super::{Database, NOW, TenantId, person, uuid};

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
        session_ends_at: None,
        auth_time: Some(1_795_424_000),
        acr: None,
        roles: vec![Role::Agent],
        queues: vec![(Role::Agent, "retail-de".to_owned())],
        browser: Browser::Firefox,
        id_token: Some("sealed".to_owned()),
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
        purpose: Purpose::SignIn,
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
    assert!(tx.delete_txn(txn.id).await.unwrap());
    assert!(!tx.delete_txn(txn.id).await.unwrap(), "forgotten twice");
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
    let active = SignIn { last_activity_at: NOW.plus_seconds(800), ..sign_in.clone() };
    let second = SignIn { id: SignInId::new(uuid(2)), last_activity_at: NOW.plus_seconds(801), ..sign_in.clone() };
    tx.insert_sign_in(&second).await.unwrap();
    let (first, second) = ((active, "Mira".to_owned()), (second, "Mira".to_owned()));
    assert_eq!(tx.list_sign_ins(idle_since, NOW, 9).await.unwrap(), [second.clone(), first]);
    let most_recent = tx.list_sign_ins(idle_since, NOW, 1).await.unwrap();
    assert_eq!(most_recent, std::slice::from_ref(&second));
    assert_eq!(tx.list_sign_ins(NOW.plus_seconds(800), NOW, 9).await.unwrap(), [second], "the other has idled out");
    assert!(tx.list_sign_ins(idle_since, until, 9).await.unwrap().is_empty(), "over");
    tx.update_sign_in_revoked(SignInId::new(uuid(2)), NOW, "sign_out").await.unwrap();
    assert!(tx.update_sign_in_revoked(sign_in.id, NOW, "sign_out").await.unwrap());
    assert!(!tx.update_sign_in_revoked(sign_in.id, NOW, "sign_out").await.unwrap(), "revoked twice");
    assert!(tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(-900), NOW).await.unwrap().is_none());
    assert!(tx.list_live_sign_ins(person(7), idle_since, NOW).await.unwrap().is_empty());
    assert!(tx.list_sign_ins(idle_since, NOW, 9).await.unwrap().is_empty());
}

pub async fn a_sign_in_is_known_to_its_own_tenant(db: &Database) {
    let sign_in = SignIn {
        id: SignInId::new(uuid(1)),
        idp: "bank".to_owned(),
        vouched: vouched(),
        created_at: NOW,
        last_activity_at: NOW,
        absolute_deadline: NOW.plus_seconds(3600),
    };
    let idle_since = NOW.plus_seconds(-900);
    let mut tx = db.write().await;
    tx.upsert_person(&mira("Mira")).await.unwrap();
    tx.insert_sign_in(&sign_in).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.elsewhere().await;
    assert!(tx.find_live_sign_in(sign_in.id, idle_since, NOW).await.unwrap().is_none());
    assert!(tx.list_sign_ins(idle_since, NOW, 9).await.unwrap().is_empty());
    assert!(tx.list_live_sign_ins(person(7), idle_since, NOW).await.unwrap().is_empty());
    drop(tx);
    let mut tx = db.store.begin(&TenantId::new("other")).await.unwrap();
    assert!(!tx.update_sign_in_revoked(sign_in.id, NOW, "sign_out").await.unwrap());
    tx.commit().await.unwrap();
    assert!(db.read().await.find_live_sign_in(sign_in.id, idle_since, NOW).await.unwrap().is_some());
}

pub async fn a_proof_is_of_one_sign_in_for_one_act_and_taken_once(db: &Database) {
    let (hers, other, until) = (SignInId::new(uuid(1)), SignInId::new(uuid(2)), NOW.plus_seconds(300));
    let mut tx = db.write().await;
    tx.upsert_step_up(hers, (Act::Reveal, "case 1"), until).await.unwrap();
    tx.upsert_step_up(hers, (Act::Reveal, "case 2"), NOW).await.unwrap();
    tx.upsert_step_up(hers, (Act::Reveal, "case 2"), until).await.unwrap();
    for (by, on) in [(other, (Act::Reveal, "case 1")), (hers, (Act::Approve, "case 1")), (hers, (Act::Reveal, "case"))]
    {
        assert_eq!(tx.delete_step_up(by, on, NOW).await.unwrap(), None, "{on:?}");
    }
    tx.upsert_step_up(hers, (Act::Reveal, "case 1"), NOW.plus_seconds(9)).await.unwrap();
    let mut take = async |object, now| tx.delete_step_up(hers, (Act::Reveal, object), now).await.unwrap();
    assert_eq!(take("case 1", until).await, None, "its time is over");
    assert_eq!(take("case 1", NOW).await, Some(until), "the one that lasts longer counts");
    assert_eq!(take("case 1", NOW).await, None, "taken twice");
    assert_eq!(take("case 2", NOW).await, Some(until), "given anew, it lasts anew");
    tx.upsert_step_up(hers, (Act::Reveal, "case 3"), until).await.unwrap();
    assert_eq!(tx.delete_ended(until.plus_seconds(1), NOW).await.unwrap(), 1, "what nobody took is forgotten");
}

pub async fn what_is_vouched_for_anew_replaces_what_was(db: &Database) {
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
    assert_eq!(tx.find_person("https://idp.example", "7c1e0f52").await.unwrap(), Some(person(7)));
    assert_eq!(tx.find_person("https://other.example", "7c1e0f52").await.unwrap(), None);
    assert_eq!(tx.find_person("https://idp.example", "7c1e").await.unwrap(), None);
    tx.insert_sign_in(&sign_in).await.unwrap();
    let anew = Vouched {
        idp_session: None,
        auth_time: Some(1_795_424_100),
        acr: Some("phr".to_owned()),
        roles: vec![Role::Supervisor],
        queues: vec![(Role::Supervisor, "*".to_owned())],
        session_ends_at: Some(NOW.plus_seconds(600)),
        ..vouched()
    };
    assert!(tx.update_sign_in_vouched(sign_in.id, &anew).await.unwrap());
    let kept = Vouched { idp_session: Some("sid-1".to_owned()), session_ends_at: None, ..anew.clone() };
    let shorter = SignIn { vouched: kept, absolute_deadline: NOW.plus_seconds(600), ..sign_in.clone() };
    let found = tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(-900), NOW).await.unwrap();
    assert_eq!(found, Some((shorter.clone(), "Mira".to_owned())));
    let later = Vouched { session_ends_at: Some(NOW.plus_seconds(7200)), ..anew.clone() };
    assert!(tx.update_sign_in_vouched(sign_in.id, &later).await.unwrap());
    let found = tx.find_live_sign_in(sign_in.id, NOW.plus_seconds(-900), NOW).await.unwrap();
    assert_eq!(found, Some((shorter, "Mira".to_owned())), "never longer");
    tx.update_sign_in_revoked(sign_in.id, NOW, "signed_out").await.unwrap();
    assert!(!tx.update_sign_in_vouched(sign_in.id, &anew).await.unwrap(), "ended is ended");
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

fn logout(subject: Option<&str>, session: Option<&str>, id: &str) -> IdpLogout {
    IdpLogout {
        idp: "bank".to_owned(),
        issuer: "https://idp.example".to_owned(),
        id: id.to_owned(),
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
        issued_at: NOW,
        expires_at: NOW.plus_seconds(900),
    }
}

pub async fn a_logout_is_of_whom_it_names(db: &Database) {
    let mut tx = db.write().await;
    tx.upsert_person(&mira("Mira")).await.unwrap();
    let mut sign_in = SignIn {
        id: SignInId::new(uuid(1)),
        idp: "bank".to_owned(),
        vouched: vouched(),
        created_at: NOW,
        last_activity_at: NOW,
        absolute_deadline: NOW.plus_seconds(3600),
    };
    tx.insert_sign_in(&sign_in).await.unwrap();
    let with_session = sign_in.id;
    (sign_in.id, sign_in.vouched.idp_session) = (SignInId::new(uuid(2)), None);
    tx.insert_sign_in(&sign_in).await.unwrap();
    let without = sign_in.id;
    let mira = Some("7c1e0f52");
    for (subject, session, meant) in [
        (mira, None, vec![with_session, without]),
        (mira, Some("sid-1"), vec![with_session, without]),
        (mira, Some("sid-2"), vec![without]),
        (None, Some("sid-1"), vec![with_session]),
        (None, Some("sid-2"), vec![]),
        (Some("another"), Some("sid-1"), vec![]),
    ] {
        let found = tx.list_sign_ins_of_idp(&logout(subject, session, "1"), NOW).await.unwrap();
        assert_eq!(found, meant, "{subject:?} {session:?}");
    }
    let elsewhere = IdpLogout { issuer: "https://other.example".to_owned(), ..logout(mira, None, "1") };
    assert!(tx.list_sign_ins_of_idp(&elsewhere, NOW).await.unwrap().is_empty());
    let over = NOW.plus_seconds(3600);
    assert!(tx.list_sign_ins_of_idp(&logout(mira, None, "1"), over).await.unwrap().is_empty());
}

pub async fn a_logout_counts_once_and_is_remembered(db: &Database) {
    let mut tx = db.write().await;
    let by = |session| ("https://idp.example", "7c1e0f52", session);
    let one = logout(None, Some("sid-1"), "1");
    assert!(tx.insert_idp_logout(&one).await.unwrap());
    assert!(!tx.insert_idp_logout(&one).await.unwrap(), "told twice");
    let elsewhere = IdpLogout { issuer: "https://other.example".to_owned(), ..one };
    assert!(tx.insert_idp_logout(&elsewhere).await.unwrap(), "another issuer has its own ids");
    assert_eq!(tx.find_idp_logout(by(Some("sid-1")), NOW).await.unwrap(), Some(NOW));
    let afterwards = NOW.plus_seconds(1);
    assert!(tx.find_idp_logout(by(Some("sid-1")), afterwards).await.unwrap().is_none(), "vouched for afterwards");
    assert!(tx.find_idp_logout(by(Some("sid-2")), NOW).await.unwrap().is_none());
    assert!(tx.find_idp_logout(by(None), NOW).await.unwrap().is_none(), "somebody's session, nobody's name");
    assert!(tx.insert_idp_logout(&logout(Some("7c1e0f52"), None, "2")).await.unwrap());
    assert_eq!(tx.find_idp_logout(by(Some("sid-2")), NOW).await.unwrap(), Some(NOW));
    assert_eq!(tx.delete_ended(NOW.plus_seconds(899), NOW.plus_seconds(-1)).await.unwrap(), 0);
    assert_eq!(tx.delete_ended(NOW.plus_seconds(900), NOW.plus_seconds(-1)).await.unwrap(), 3);
}

pub async fn a_logout_ends_what_waits_to_be_redeemed(db: &Database) {
    let mut tx = db.write().await;
    tx.upsert_person(&mira("Mira")).await.unwrap();
    for (n, subject, session, ended) in [
        (1, Some("7c1e0f52"), None, 1),
        (2, None, Some("sid-1"), 1),
        (3, None, Some("sid-2"), 0),
        (4, Some("another"), None, 0),
    ] {
        let txn = Txn {
            id: TxnId::new(uuid(n.into())),
            idp: "bank".to_owned(),
            purpose: Purpose::SignIn,
            challenge: [1; 32],
            ticket_hash: [n; 32],
            expires_at: NOW.plus_seconds(300),
        };
        tx.insert_txn(&txn).await.unwrap();
        tx.update_txn_begun(&[n; 32], &[n + 100; 32], NOW).await.unwrap();
        assert_eq!(
            tx.update_txns_ended(&logout(subject, session, "1"), NOW).await.unwrap(),
            0,
            "nobody is vouched for yet"
        );
        tx.update_txn_authenticated(txn.id, &vouched()).await.unwrap();
        assert_eq!(tx.update_txns_ended(&logout(subject, session, "1"), NOW).await.unwrap(), ended, "{n}");
        assert_eq!(tx.update_txn_redeemed(txn.id).await.unwrap(), ended == 0, "{n}");
    }
}

pub async fn an_assertion_counts_once_until_it_could_not_count_anyway(db: &Database) {
    let mut tx = db.write().await;
    let until = NOW.plus_seconds(600);
    assert!(tx.insert_assertion("https://idp.example", &[1; 32], until).await.unwrap());
    assert!(!tx.insert_assertion("https://idp.example", &[1; 32], until).await.unwrap(), "shown twice");
    assert!(
        tx.insert_assertion("https://other.example", &[1; 32], until).await.unwrap(),
        "another issuer has its own ids"
    );
    assert!(tx.insert_assertion("https://idp.example", &[2; 32], until).await.unwrap());
    assert_eq!(tx.delete_ended(NOW.plus_seconds(599), NOW).await.unwrap(), 0);
    assert_eq!(tx.delete_ended(until, NOW).await.unwrap(), 3);
    assert!(tx.insert_assertion("https://idp.example", &[1; 32], until).await.unwrap());
}
