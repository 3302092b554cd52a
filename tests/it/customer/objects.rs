//! Where photos lie: a folder, and what speaks like S3 and Azure Blob, as far as HTTP shows it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use kyc_desk::config::documents::{Documents, Place};
use kyc_desk::documents::Objects;

/// What a store was asked: method, path and headers.
type Asked = Vec<(Method, String, HeaderMap)>;

/// A store of objects that keeps what it is given and remembers how it was asked.
#[derive(Clone, Default)]
struct Store {
    kept: Arc<Mutex<BTreeMap<String, Bytes>>>,
    asked: Arc<Mutex<Asked>>,
}

async fn answer(State(store): State<Store>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    store.asked.lock().unwrap().push((parts.method.clone(), path.clone(), parts.headers));
    let body = body.collect().await.unwrap().to_bytes();
    let mut kept = store.kept.lock().unwrap();
    let tagged = |status: StatusCode, body: Bytes| {
        let headers = [("etag", "\"1\""), ("last-modified", "Mon, 23 Nov 2026 09:00:00 GMT")];
        (status, headers, body).into_response()
    };
    match parts.method {
        Method::PUT => {
            kept.insert(path, body);
            tagged(StatusCode::CREATED, Bytes::new())
        }
        Method::GET => {
            kept.get(&path).map_or(StatusCode::NOT_FOUND.into_response(), |found| tagged(StatusCode::OK, found.clone()))
        }
        _ => if kept.remove(&path).is_some() { StatusCode::NO_CONTENT } else { StatusCode::NOT_FOUND }.into_response(),
    }
}

async fn served() -> (Store, url::Url) {
    let store = Store::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    let router = Router::new().fallback(answer).with_state(store.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (store, url)
}

fn settings(place: Place, endpoint: Option<url::Url>) -> Documents {
    Documents {
        place,
        region: "eu-central-1".to_owned(),
        endpoint,
        access_key: Some(("kycdesk".to_owned(), "c2VjcmV0LW9mLXRoZS1zdG9yZQ==".to_owned().into())),
        kms_key_id: None,
        workers: 1,
    }
}

async fn keeps_and_forgets(objects: &Objects) {
    objects.put("session/face-1", b"sealed".to_vec()).await.unwrap();
    assert_eq!(objects.find("session/face-1").await.unwrap(), b"sealed");
    objects.delete("session/face-1").await.unwrap();
    assert!(objects.find("session/face-1").await.is_err());
    objects.delete("session/face-1").await.unwrap();
}

#[tokio::test]
async fn a_folder_keeps_objects_and_is_made_when_it_is_not_there() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("new/documents");
    keeps_and_forgets(&Objects::open(&settings(Place::Folder(folder.clone()), None)).unwrap()).await;
    assert!(folder.is_dir());
}

#[tokio::test]
async fn s3_is_asked_to_encrypt_by_the_banks_key_and_every_request_is_signed() {
    let (store, url) = served().await;
    let place = Place::S3 { bucket: "kyc".to_owned(), prefix: "photos".to_owned() };
    let settings =
        Documents { kms_key_id: Some("arn:aws:kms:eu-central-1:1:key/k".to_owned()), ..settings(place, Some(url)) };
    keeps_and_forgets(&Objects::open(&settings).unwrap()).await;
    let asked = store.asked.lock().unwrap();
    let (method, path, headers) = &asked[0];
    assert_eq!((method, path.as_str()), (&Method::PUT, "/kyc/photos/session/face-1"));
    assert_eq!(headers["x-amz-server-side-encryption"], "aws:kms");
    assert_eq!(headers["x-amz-server-side-encryption-aws-kms-key-id"], "arn:aws:kms:eu-central-1:1:key/k");
    for (method, path, headers) in asked.iter() {
        let signed = headers["authorization"].to_str().unwrap();
        assert!(signed.starts_with("AWS4-HMAC-SHA256 Credential=kycdesk/"), "{method} {path}: {signed}");
    }
}

#[tokio::test]
async fn azure_keeps_objects_in_its_container() {
    let (store, url) = served().await;
    let place = Place::Azure { container: "kyc".to_owned(), prefix: String::new() };
    keeps_and_forgets(&Objects::open(&settings(place, Some(url))).unwrap()).await;
    let asked = store.asked.lock().unwrap();
    let (method, path, headers) = &asked[0];
    assert!(method == Method::PUT && path.ends_with("/kyc/session/face-1"), "{method} {path}");
    assert!(headers["authorization"].to_str().unwrap().starts_with("SharedKey kycdesk:"));
}
