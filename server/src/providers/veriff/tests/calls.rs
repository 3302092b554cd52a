use std::time::Duration;

use http::Method;
use secrecy::ExposeSecret;
use wiremock::matchers::{body_string, header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::providers::backoff::RetryAfter;
use crate::providers::{Call, Retry, SessionReference};

const DECISION: &str = "/v1/sessions/4b7d0c1e-93a5-4f26-8e0d-5a1c7e92b3f4/decision";

fn session() -> ProviderRef {
    ProviderRef::parse(SESSION).unwrap()
}

fn request() -> StartRequest {
    StartRequest {
        reference: SessionReference::parse("vks_7Qm2Zr").unwrap(),
        return_url: Some("https://kyc.bank.example/c".parse().unwrap()),
        webhook_url: None,
        previous: None,
        language: "de".to_owned(),
        is_repeated: false,
    }
}

/// An answer with Veriff's own signature.
fn signed(status: u16, body: &[u8]) -> ResponseTemplate {
    ResponseTemplate::new(status)
        .insert_header("x-auth-client", "our-own-demo-key")
        .insert_header("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(body))
        .set_body_bytes(body)
}

async fn answering(answer: ResponseTemplate) -> (MockServer, Veriff) {
    let server = MockServer::start().await;
    Mock::given(|_: &Request| true).respond_with(answer).mount(&server).await;
    let veriff = veriff(&server.uri());
    (server, veriff)
}

async fn failing(answer: ResponseTemplate) -> ProviderError {
    let (_server, veriff) = answering(answer).await;
    veriff.result(&session(), NOW).await.unwrap_err()
}

#[tokio::test]
async fn a_start_sends_our_reference_and_nothing_else_about_the_session() {
    let server = MockServer::start().await;
    let body = r#"{"verification":{"vendorData":"vks_7Qm2Zr","callback":"https://kyc.bank.example/c","lang":"de"}}"#;
    Mock::given(method("POST"))
        .and(path("/v1/sessions"))
        .and(header("x-auth-client", "our-own-demo-key"))
        .and(header("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(body.as_bytes()).as_str()))
        .and(header("content-type", "application/json"))
        .and(body_string(body))
        .respond_with(signed(201, fixture!("session_created")))
        .expect(1)
        .mount(&server)
        .await;
    let started = veriff(&server.uri()).start(&request()).await.unwrap();
    assert_eq!(started.provider_ref, session());
    assert_eq!(exposed(&started), "https://alchemy.veriff.example/v/eyJ-not-a-real-token");
    assert!(!format!("{started:?}").contains("eyJ"));
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what the customer would get")]
fn exposed(started: &Started) -> &str {
    started.capture_url.expose_secret()
}

#[tokio::test]
async fn a_language_that_is_none_is_left_out() {
    let (server, veriff) = answering(signed(201, fixture!("session_created"))).await;
    veriff.start(&StartRequest { language: "deutsch; drop".to_owned(), return_url: None, ..request() }).await.unwrap();
    let sent = &server.received_requests().await.unwrap()[0].body;
    assert_eq!(sent, br#"{"verification":{"vendorData":"vks_7Qm2Zr"}}"#);
}

#[tokio::test]
async fn a_question_is_signed_over_the_id_in_its_path() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path(DECISION))
        .and(header("x-auth-client", "our-own-demo-key"))
        .and(header("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(SESSION.as_bytes()).as_str()))
        .respond_with(signed(200, fixture!("approved")))
        .expect(1)
        .mount(&server)
        .await;
    let fetched = veriff(&format!("{}/", server.uri())).result(&session(), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Decided(result) if result.outcome == Outcome::Verified));
}

#[test]
fn the_signature_of_a_question_is_the_one_computed_elsewhere() {
    // Key and message of a test vector made with another implementation of HMAC.
    let tag = keys(&["our-own-demo-secret"]).sign(b"7e3f5a90-2b1c-4d8e-9f60-1a2b3c4d5e6f");
    assert_eq!(tag, "f414e318c8af420a4cb46076ac327e1b713ed37ec34a75e54c356e557e35546a");
}

#[tokio::test]
async fn the_base_url_may_have_a_path() {
    let server = MockServer::start().await;
    Mock::given(path(format!("/veriff{DECISION}")))
        .respond_with(signed(200, fixture!("not_ready")))
        .mount(&server)
        .await;
    let fetched = veriff(&format!("{}/veriff", server.uri())).result(&session(), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Pending(Phase::Unknown)));
}

#[tokio::test]
async fn a_delete_of_what_is_gone_is_done() {
    let server = MockServer::start().await;
    Mock::given(method("DELETE"))
        .and(path(format!("/v1/sessions/{SESSION}")))
        .and(header("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(SESSION.as_bytes()).as_str()))
        .respond_with(ResponseTemplate::new(404))
        .expect(1)
        .mount(&server)
        .await;
    veriff(&server.uri()).delete(&session()).await.unwrap();
    let (_server, off) = answering(ResponseTemplate::new(403)).await;
    assert!(matches!(off.delete(&session()).await, Err(ProviderError::Refused { status: 403, .. })));
}

#[tokio::test]
async fn an_answer_with_a_wrong_signature_is_refused_and_one_without_is_not() {
    let approved = fixture!("approved");
    let unsigned = ResponseTemplate::new(200).set_body_bytes(approved);
    let (_server, veriff) = answering(unsigned.clone()).await;
    assert!(veriff.result(&session(), NOW).await.is_ok());

    let mut other = approved.to_vec();
    other.push(b' ');
    let forged = signed(200, &other).set_body_bytes(approved);
    assert!(matches!(failing(forged).await, ProviderError::BadSignature));
    let foreign = unsigned.insert_header("x-auth-client", "another-key");
    assert!(matches!(failing(foreign).await, ProviderError::BadSignature));
    let doubled = signed(200, approved).append_header("x-hmac-signature", "00");
    assert!(matches!(failing(doubled).await, ProviderError::BadSignature));
}

#[tokio::test]
async fn an_answer_about_another_session_is_refused() {
    let (_server, veriff) = answering(signed(200, fixture!("approved"))).await;
    let error = veriff.result(&ProviderRef::parse("another-session").unwrap(), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable("verification.id")));
}

#[tokio::test]
async fn a_new_session_with_a_foreign_reference_or_a_strange_address_is_refused() {
    let created = String::from_utf8(fixture!("session_created").to_vec()).unwrap();
    for (from, to) in [("vks_7Qm2Zr", "vks_other"), ("https://alchemy", "ftp://alchemy"), (SESSION, "../../x")] {
        let (_server, veriff) = answering(signed(201, created.replace(from, to).as_bytes())).await;
        let error = veriff.start(&request()).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unreadable(_)), "{to}: {error}");
        assert_eq!(error.retry(Call::Start), Retry::Ambiguous);
    }
}

#[tokio::test]
async fn each_status_has_its_error() {
    let error = failing(ResponseTemplate::new(400).set_body_bytes(fixture!("error"))).await;
    assert!(matches!(&error, ProviderError::Refused { status: 400, code: Some(code) } if code == "1104"), "{error:?}");
    assert!(!error.to_string().contains("HMAC"), "the provider's text stays out");
    assert!(matches!(failing(ResponseTemplate::new(401)).await, ProviderError::Refused { status: 401, code: None }));
    assert!(matches!(failing(ResponseTemplate::new(404)).await, ProviderError::NotFound));
    let limited = failing(ResponseTemplate::new(429).insert_header("retry-after", "7")).await;
    assert_eq!(limited.retry(Call::Start), Retry::Later(Some(RetryAfter::In(Duration::from_secs(7)))));
    let down = failing(ResponseTemplate::new(503).insert_header("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")).await;
    assert!(matches!(down, ProviderError::Unavailable { status: 503, retry_after: Some(RetryAfter::At(_)) }));
    assert!(matches!(
        failing(ResponseTemplate::new(200).set_body_string("<html>")).await,
        ProviderError::Unreadable(_)
    ));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = MockServer::start().await;
    let answer = ResponseTemplate::new(302).insert_header("location", elsewhere.uri().as_str());
    assert!(matches!(failing(answer).await, ProviderError::Refused { status: 302, .. }));
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let long = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 1024 * 1024 + 1]);
    assert!(matches!(failing(long).await, ProviderError::TooLarge));
}

/// Where nobody listens: a port that is given to nobody who asks for any.
const NOBODY: &str = "http://127.0.0.1:1";

#[tokio::test]
async fn without_a_connection_nothing_was_sent_and_a_start_may_be_repeated() {
    let error = veriff(NOBODY).start(&request()).await.unwrap_err();
    assert!(matches!(error, ProviderError::NotSent(_)), "{error:?}");
    assert_eq!(error.retry(Call::Start), Retry::Later(None));
    assert!(error.is_outage());
}

#[tokio::test]
async fn a_connection_that_breaks_after_sending_leaves_a_start_in_doubt() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut seen = [0; 16];
        tokio::io::AsyncReadExt::read_exact(&mut stream, &mut seen).await.unwrap();
    });
    let error = veriff(&format!("http://{address}")).start(&request()).await.unwrap_err();
    server.await.unwrap();
    assert!(matches!(error, ProviderError::NoAnswer(_)), "{error:?}");
    assert_eq!(error.retry(Call::Start), Retry::Ambiguous);
    assert_eq!(error.retry(Call::Read), Retry::Later(None));
}

#[tokio::test]
async fn errors_do_not_repeat_the_address_of_the_call() {
    let error = veriff(NOBODY).result(&session(), NOW).await.unwrap_err();
    assert!(!format!("{error:?}").contains(SESSION));
}

#[tokio::test]
async fn health_tells_a_living_provider_from_a_refused_key() {
    for (status, is_well) in [(404, true), (400, true), (200, true), (401, false), (403, false), (503, false)] {
        let (server, veriff) = answering(ResponseTemplate::new(status).set_body_bytes(fixture!("not_ready"))).await;
        assert_eq!(veriff.health().await.is_ok(), is_well, "{status}");
        let asked = &server.received_requests().await.unwrap()[0];
        assert_eq!(
            (&asked.method, asked.url.path()),
            (&Method::GET, "/v1/sessions/00000000-0000-0000-0000-000000000000/decision")
        );
    }
}

#[test]
fn a_start_is_repeated_only_when_it_surely_did_not_happen() {
    let status = |status| ProviderError::Unavailable { status, retry_after: None };
    for ambiguous in
        [status(500), status(502), status(504), ProviderError::Unreadable("x"), ProviderError::BadSignature]
    {
        assert_eq!(ambiguous.retry(Call::Start), Retry::Ambiguous, "{ambiguous}");
    }
    assert_eq!(status(503).retry(Call::Start), Retry::Later(None));
    for again in [status(500), status(502), status(503), status(504), ProviderError::RateLimited { retry_after: None }]
    {
        assert_eq!(again.retry(Call::Read), Retry::Later(None), "{again}");
    }
    for never in [ProviderError::NotFound, ProviderError::Refused { status: 400, code: None }, status(501)] {
        assert_eq!(never.retry(Call::Read), Retry::Never, "{never}");
    }
}

#[test]
fn the_console_link_leads_to_the_session() {
    let url = offline().console_url(&session()).unwrap();
    assert_eq!(url.as_str(), format!("https://console.example/verifications/{SESSION}"));
}

/// Veriff with a decided session whose media are as told.
async fn with_media(attempt: &str, media: &str) -> (MockServer, Veriff) {
    let server = MockServer::start().await;
    let decision = format!(r#"{{"status":"success","verification":{{"id":"{SESSION}","attemptId":{attempt}}}}}"#);
    Mock::given(path(DECISION)).respond_with(signed(200, decision.as_bytes())).mount(&server).await;
    for (of, id) in [("attempts", "attempt-2"), ("sessions", SESSION)] {
        Mock::given(path(format!("/v1/{of}/{id}/media")))
            .and(header("x-hmac-signature", keys(&["our-own-demo-secret"]).sign(id.as_bytes()).as_str()))
            .respond_with(signed(200, media.replace("OF", of).as_bytes()))
            .mount(&server)
            .await;
    }
    let veriff = veriff(&server.uri());
    (server, veriff)
}

#[tokio::test]
async fn pictures_are_those_of_the_attempt_that_was_decided_on() {
    let media = r#"{"status":"success","videos":[{"id":"v-1","context":"face"}],"images":[null,{"id":"OF-1","context":"face"},
        {"id":"a","context":"face-pre"},{"id":"../x","context":"document-front"},{"context":"document-back"},{"id":"b"}]}"#;
    for (attempt, id) in [("\"attempt-2\"", "attempts-1"), ("null", "sessions-1"), ("\"../x\"", "sessions-1")] {
        let (_server, veriff) = with_media(attempt, media).await;
        let found = veriff.images(&session()).await.unwrap();
        assert_eq!(found.len(), 1, "{attempt}: what is unknown or no id is left out");
        assert_eq!((found[0].item.as_str(), found[0].id.id()), ("face", id));
    }
}

#[tokio::test]
async fn a_picture_may_be_larger_than_other_answers_and_has_an_end() {
    let image = Image { item: kyc_wire::session::CaptureItem::Face, id: ProviderRef::parse("m-1").unwrap() };
    for (size, is_taken) in [(2_000_000, true), (10_000_000, true), (10_000_001, false)] {
        let (server, veriff) = answering(signed(200, &vec![7; size])).await;
        let outcome = veriff.image(&session(), &image).await;
        assert_eq!(outcome.is_ok_and(|bytes| bytes.len() == size), is_taken, "{size}");
        let asked = &server.received_requests().await.unwrap()[0];
        let signature = keys(&["our-own-demo-secret"]).sign(b"m-1");
        assert_eq!(
            (asked.url.path(), asked.headers["x-hmac-signature"].to_str().unwrap()),
            ("/v1/media/m-1", &*signature)
        );
    }
    let forged = ResponseTemplate::new(200).insert_header("x-hmac-signature", "00").set_body_bytes(vec![7; 8]);
    let (_server, veriff) = answering(forged).await;
    assert!(matches!(veriff.image(&session(), &image).await, Err(ProviderError::BadSignature)));
}
