//! Customers' links, visits, documents and uploads.

use kyc_desk::store::customers::StoredLink;
use kyc_desk::store::documents::{StoredDocument, StoredUpload};
use kyc_wire::ids::{SessionId, UploadId};
use kyc_wire::photo::Photo;
use kyc_wire::session::CaptureItem;

use super::{Database, NOW, uuid};

fn link(n: u8, session: u128) -> StoredLink {
    StoredLink {
        hash: [n; 32],
        session_id: SessionId::new(uuid(session)),
        nonce: [n; 16],
        issued_at: NOW.plus_seconds(n.into()),
        expires_at: NOW.plus_seconds(100),
        revoked_at: None,
    }
}

pub async fn a_link_is_found_until_it_is_taken_back(db: &Database) {
    let mut tx = db.write().await;
    for link in [link(1, 1), link(2, 1), link(3, 2)] {
        tx.insert_link(&link).await.unwrap();
    }
    let of_one = link(1, 1).session_id;
    assert_eq!(tx.find_link(&[1; 32]).await.unwrap(), Some(link(1, 1)));
    assert_eq!(tx.find_link(&[9; 32]).await.unwrap(), None);
    assert_eq!(tx.find_latest_link(of_one).await.unwrap(), Some(link(2, 1)));
    tx.insert_visit(&[7; 32], &[2; 32], NOW.plus_seconds(50)).await.unwrap();
    let visited = tx.find_visited_link(&[7; 32], NOW.plus_seconds(49)).await.unwrap();
    assert_eq!(visited, Some(link(2, 1)));
    assert_eq!(tx.find_visited_link(&[7; 32], NOW.plus_seconds(50)).await.unwrap(), None);
    assert_eq!(tx.update_links_revoked(of_one, NOW.plus_seconds(5)).await.unwrap(), 2);
    assert_eq!(tx.update_links_revoked(of_one, NOW.plus_seconds(6)).await.unwrap(), 0);
    assert!(!tx.find_link(&[1; 32]).await.unwrap().unwrap().is_open(NOW));
    assert!(tx.find_link(&[3; 32]).await.unwrap().unwrap().is_open(NOW), "another session's stays");
    assert_eq!(tx.delete_ended_links(NOW.plus_seconds(99)).await.unwrap(), 1, "the visit");
    assert_eq!(tx.delete_ended_links(NOW.plus_seconds(100)).await.unwrap(), 3);
    tx.commit().await.unwrap();
}

fn upload(n: u128, item: CaptureItem) -> StoredUpload {
    StoredUpload {
        id: UploadId::new(uuid(n)),
        session_id: SessionId::new(uuid(1)),
        item,
        size: 10,
        received: 0,
        begun_at: NOW,
    }
}

pub async fn an_upload_counts_its_parts_and_another_of_the_item_replaces_it(db: &Database) {
    let mut tx = db.write().await;
    let first = upload(1, CaptureItem::Face);
    tx.insert_upload(&first).await.unwrap();
    tx.insert_part(&first, b"one", 4).await.unwrap();
    let now = tx.find_upload(first.id).await.unwrap().unwrap();
    assert_eq!(now, StoredUpload { received: 4, ..first.clone() });
    tx.insert_part(&now, b"two", 10).await.unwrap();
    let parts = tx.list_parts(first.id).await.unwrap();
    assert_eq!(parts, [(0, b"one".to_vec()), (4, b"two".to_vec())]);
    tx.insert_upload(&upload(2, CaptureItem::DocumentBack)).await.unwrap();
    tx.insert_upload(&upload(3, CaptureItem::Face)).await.unwrap();
    assert_eq!(tx.find_upload(first.id).await.unwrap(), None);
    assert!(tx.list_parts(first.id).await.unwrap().is_empty());
    tx.delete_upload(upload(3, CaptureItem::Face).id).await.unwrap();
    assert_eq!(tx.delete_old_uploads(NOW.plus_seconds(-1)).await.unwrap(), 0);
    assert_eq!(tx.delete_old_uploads(NOW).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

pub async fn a_document_replaces_an_earlier_one_of_its_item_and_source(db: &Database) {
    let session = SessionId::new(uuid(1));
    let document = |object: &str| StoredDocument {
        photo: Photo::uploaded(CaptureItem::Face),
        object: object.to_owned(),
        media_type: "image/png".to_owned(),
        received_at: NOW,
    };
    let mut tx = db.write().await;
    tx.upsert_document(session, &document("one")).await.unwrap();
    tx.upsert_document(session, &document("two")).await.unwrap();
    let (uploaded, provided) = (Photo::uploaded(CaptureItem::Face), Photo::provided(CaptureItem::Face));
    let other = StoredDocument { photo: provided, ..document("three") };
    tx.upsert_document(session, &other).await.unwrap();
    assert_eq!(tx.find_document(session, uploaded).await.unwrap(), Some(document("two")));
    assert_eq!(tx.find_document(session, provided).await.unwrap(), Some(other));
    assert_eq!(tx.find_document(session, Photo::uploaded(CaptureItem::DocumentFront)).await.unwrap(), None);
    tx.delete_document(session, provided).await.unwrap();
    assert_eq!(tx.find_document(session, provided).await.unwrap(), None);
    assert_eq!(tx.delete_documents(session).await.unwrap(), 1);
    tx.commit().await.unwrap();
}
