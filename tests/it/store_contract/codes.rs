//! Codes that stand for a panel which waits to be signed in.

use kyc_desk::store::confirm_codes::ConfirmCode;
use kyc_desk::store::sign_ins::{Purpose, Txn};
use kyc_wire::ids::TxnId;

use super::{Database, NOW, uuid};

fn code(n: u8, selector: &str) -> ConfirmCode {
    ConfirmCode {
        txn: TxnId::new(uuid(n.into())),
        selector: selector.to_owned(),
        hash: [n; 32],
        network_hash: [n + 100; 32],
        browser: "Firefox, Linux".to_owned(),
        opened_at: NOW,
        tries_left: 2,
        expires_at: NOW.plus_seconds(180),
    }
}

pub async fn a_code_has_its_tries_its_time_and_one_use(db: &Database) {
    let mut tx = db.write().await;
    assert!(tx.insert_confirm_code(&code(1, "AB3")).await.unwrap());
    assert!(!tx.insert_confirm_code(&code(2, "AB3")).await.unwrap(), "two codes begin alike");
    assert!(tx.insert_confirm_code(&code(2, "AB4")).await.unwrap());
    let late = NOW.plus_seconds(180);
    assert!(tx.update_confirm_code_tried("AB3", late).await.unwrap().is_none(), "too late");
    assert!(tx.update_confirm_code_tried("AB5", NOW).await.unwrap().is_none(), "another one");
    for left in [1, 0] {
        let tried = tx.update_confirm_code_tried("AB3", NOW).await.unwrap();
        assert_eq!(tried, Some(ConfirmCode { tries_left: left, ..code(1, "AB3") }));
    }
    assert!(tx.update_confirm_code_tried("AB3", NOW).await.unwrap().is_none(), "tried too often");
    assert!(tx.delete_confirm_code(code(2, "AB4").txn).await.unwrap());
    assert!(!tx.delete_confirm_code(code(2, "AB4").txn).await.unwrap(), "used twice");
    assert!(tx.update_confirm_code_tried("AB4", NOW).await.unwrap().is_none(), "used");
    assert_eq!(tx.delete_ended(NOW.plus_seconds(179), NOW).await.unwrap(), 0);
    assert_eq!(tx.delete_ended(late, NOW).await.unwrap(), 1);
}

pub async fn a_ticket_is_replaced_while_nobody_has_begun(db: &Database) {
    let txn = Txn {
        id: TxnId::new(uuid(1)),
        idp: "bank".to_owned(),
        purpose: Purpose::SignIn,
        challenge: [1; 32],
        ticket_hash: [2; 32],
        expires_at: NOW.plus_seconds(300),
    };
    let mut tx = db.write().await;
    tx.insert_txn(&txn).await.unwrap();
    assert!(!tx.update_txn_ticket(txn.id, &[3; 32], NOW.plus_seconds(300)).await.unwrap(), "too late");
    assert!(tx.update_txn_ticket(txn.id, &[3; 32], NOW).await.unwrap());
    assert!(tx.update_txn_begun(&[2; 32], &[4; 32], NOW).await.unwrap().is_none(), "the old one is nothing any more");
    assert!(tx.update_txn_begun(&[3; 32], &[4; 32], NOW).await.unwrap().is_some());
    assert!(!tx.update_txn_ticket(txn.id, &[5; 32], NOW).await.unwrap(), "somebody has begun");
}
