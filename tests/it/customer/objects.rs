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
use kyc_wire::ids::Micros;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;

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

/// A server that speaks S3 and that nobody here wrote: it checks each signature, and answers a list as S3 does.
async fn s3_server(folder: &std::path::Path) -> url::Url {
    std::fs::create_dir(folder.join("kyc")).unwrap();
    let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(folder).unwrap());
    builder.set_auth(SimpleAuth::from_single("kycdesk", "c2VjcmV0LW9mLXRoZS1zdG9yZQ=="));
    let service = builder.build();
    let answer = async move |request: Request| {
        let (parts, body) = request.into_parts();
        let body = s3s::Body::from(body.collect().await.unwrap().to_bytes());
        service.call(Request::from_parts(parts, body)).await.map_or_else(
            |_| StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            |answer| answer.map(axum::body::Body::new),
        )
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    url
}

#[tokio::test]
async fn a_real_s3_server_keeps_photos_gives_them_back_and_lists_those_of_a_session() {
    let directory = tempfile::tempdir().unwrap();
    let url = s3_server(directory.path()).await;
    let place = Place::S3 { bucket: "kyc".to_owned(), prefix: "photos".to_owned() };
    let objects = Objects::open(&settings(place.clone(), Some(url.clone()))).unwrap();
    keeps_and_forgets(&objects).await;
    // Larger than one read, and not text.
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0]).collect();
    objects.put("one/face-1", large.clone()).await.unwrap();
    assert!(objects.find("one/face-1").await.unwrap() == large, "it comes back as it went");
    for name in ["one/face-2", "one/document_front-1", "other/face-1"] {
        objects.put(name, b"sealed".to_vec()).await.unwrap();
    }
    assert!(objects.list("one", Micros(0)).await.unwrap().is_empty(), "they are younger");
    let mut found = objects.list("one", Micros(i64::MAX)).await.unwrap();
    found.sort();
    assert_eq!(found, ["one/document_front-1", "one/face-1", "one/face-2"]);
    assert!(objects.list("none", Micros(i64::MAX)).await.unwrap().is_empty());

    let wrong = Documents {
        access_key: Some(("kycdesk".to_owned(), "another".to_owned().into())),
        ..settings(place, Some(url))
    };
    let refused = Objects::open(&wrong).unwrap();
    assert!(refused.find("other/face-1").await.is_err(), "the server checks who asks");
    assert!(refused.put("other/face-2", b"sealed".to_vec()).await.is_err());
}
