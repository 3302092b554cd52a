use std::time::Duration;

use http::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use wiremock::matchers::{body_string, header, method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::providers::backoff::RetryAfter;
use crate::providers::{Call, Retry};

fn request() -> StartRequest {
    StartRequest {
        reference: SessionReference::parse("vks_7Qm2Zr").unwrap(),
        return_url: Some("https://kyc.bank.example/c".parse().unwrap()),
        webhook_url: Some("https://kyc.bank.example/webhooks/jumio/jumio-de".parse().unwrap()),
        previous: None,
        language: "de-AT".to_owned(),
        is_repeated: false,
    }
}

/// A server that gives the tokens `token-1`, `token-2` … and knows nothing else yet.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    let given = std::sync::atomic::AtomicU32::new(0);
    Mock::given(method("POST"))
        .and(path("/auth/oauth2/token"))
        .and(header("authorization", "Basic Y2xpZW50LTE6b3VyLW93bi1jbGllbnQtc2VjcmV0"))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .and(header("user-agent", "Example Bank KYC-Desk/0.0.0"))
        .and(body_string("grant_type=client_credentials"))
        .respond_with(move |_: &Request| {
            let number = given.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
            let token = format!("token-{number}");
            ResponseTemplate::new(200)
                .set_body_json(json!({ "access_token": token, "expires_in": 3600, "token_type": "Bearer" }))
        })
        .mount(&server)
        .await;
    server
}

const EXECUTION: &str = "/retrieval/api/v1/accounts/0b5e1a10-7c1d-4d6e-9a52-3f0a5c2d7e01/workflow-executions/5d2c9b77-1e44-4b0c-8a1f-6c7e2b9d4f02";

async fn answers(server: &MockServer, (verb, at): (&str, &str), answer: ResponseTemplate) {
    Mock::given(method(verb)).and(path(at)).respond_with(answer).mount(server).await;
}

fn status(status: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({ "workflowExecution": { "id": WORKFLOW, "status": status } }))
}

async fn with_status(name: &str) -> (MockServer, Jumio) {
    let server = server().await;
    answers(&server, ("GET", &format!("{EXECUTION}/status")), status(name)).await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    (server, jumio)
}

async fn asked_for_tokens(server: &MockServer) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests.iter().filter(|request| request.url.path() == "/auth/oauth2/token").count()
}

#[tokio::test]
async fn a_start_sends_our_reference_and_nothing_else_about_the_session() {
    let server = server().await;
    let created = ResponseTemplate::new(200).set_body_bytes(fixture!("created"));
    Mock::given(method("POST"))
        .and(path("/account/api/v1/accounts"))
        .and(header("authorization", "Bearer token-1"))
        .and(header("user-agent", "Example Bank KYC-Desk/0.0.0"))
        .and(header("accept", "application/json"))
        .and(header("content-type", "application/json"))
        .respond_with(created)
        .expect(1)
        .mount(&server)
        .await;
    let started = jumio_at(&server.uri(), &FixedClock::at(NOW)).start(&request()).await.unwrap();
    assert_eq!(started.provider_ref, session());
    assert!(exposed(&started).starts_with("https://examplebank.web.emea-1.jumio.ai/"));
    assert!(!format!("{started:?}").contains("eyJ"));
    let sent = server.received_requests().await.unwrap().pop().unwrap();
    let body: Value = sent.body_json().unwrap();
    let reference =
        echo::write(&SessionReference::parse("vks_7Qm2Zr").unwrap(), NOW, "jumio-de", &keys(&["our-own-echo-key"]));
    assert_eq!(
        body,
        json!({
            "customerInternalReference": "vks_7Qm2Zr",
            "userReference": reference,
            "workflowDefinition": { "key": 10164 },
            "callbackUrl": "https://kyc.bank.example/webhooks/jumio/jumio-de",
            "tokenLifetime": "1440m",
            "web": { "successUrl": "https://kyc.bank.example/c", "errorUrl": "https://kyc.bank.example/c", "locale": "de" },
        })
    );
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what the customer would get")]
fn exposed(started: &Started) -> &str {
    started.capture_url.expose_secret()
}

#[tokio::test]
async fn a_customer_who_was_there_before_keeps_her_account_unless_it_was_deleted() {
    let server = server().await;
    let at = format!("/account/api/v1/accounts/{THE_ACCOUNT}");
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    let again = StartRequest { previous: Some(session()), ..request() };
    answers(
        &server,
        ("POST", "/account/api/v1/accounts"),
        ResponseTemplate::new(200).set_body_bytes(fixture!("created")),
    )
    .await;
    jumio.start(&again).await.unwrap();
    let called = |requests: Vec<Request>| {
        let called = requests.into_iter().filter(|request| request.url.path().starts_with("/account"));
        called.map(|request| (request.method.to_string(), request.url.path().to_owned())).collect::<Vec<_>>()
    };
    assert_eq!(
        called(server.received_requests().await.unwrap()),
        [("PUT".to_owned(), at.clone()), ("POST".to_owned(), "/account/api/v1/accounts".to_owned())],
        "the account was gone"
    );
    answers(&server, ("PUT", &at), ResponseTemplate::new(200).set_body_bytes(fixture!("created"))).await;
    jumio.start(&again).await.unwrap();
    assert_eq!(called(server.received_requests().await.unwrap()).last().unwrap(), &("PUT".to_owned(), at));
}

#[tokio::test]
async fn a_start_without_an_address_for_the_customer_or_with_strange_ids_is_refused() {
    let created: Value = serde_json::from_slice(fixture!("created")).unwrap();
    for (place, value) in [
        ("/web", json!(null)),
        ("/web/href", json!("ftp://examplebank.web.emea-1.jumio.ai/")),
        ("/workflowExecution/id", json!("../../x")),
        ("/account/id", json!("a/b")),
        ("/account", json!(null)),
    ] {
        let mut created = created.clone();
        *created.pointer_mut(place).unwrap() = value;
        let server = server().await;
        answers(&server, ("POST", "/account/api/v1/accounts"), ResponseTemplate::new(200).set_body_json(created)).await;
        let error = jumio_at(&server.uri(), &FixedClock::at(NOW)).start(&request()).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unreadable(_)), "{place}: {error}");
        assert_eq!(error.retry(Call::Start), Retry::Ambiguous);
    }
}

#[tokio::test]
async fn a_token_serves_many_calls_and_is_replaced_before_its_end() {
    let (server, clock) = (server().await, FixedClock::at(NOW));
    answers(&server, ("GET", &format!("{EXECUTION}/status")), status("INITIATED")).await;
    let jumio = jumio_at(&server.uri(), &clock);
    for _ in 0..3 {
        jumio.result(&session(), NOW).await.unwrap();
    }
    assert_eq!(asked_for_tokens(&server).await, 1);
    clock.advance(Duration::from_secs(3299));
    jumio.result(&session(), NOW).await.unwrap();
    assert_eq!(asked_for_tokens(&server).await, 1);
    clock.advance(Duration::from_secs(1));
    jumio.result(&session(), NOW).await.unwrap();
    assert_eq!(asked_for_tokens(&server).await, 2, "five minutes before its end");
    let last = server.received_requests().await.unwrap().pop().unwrap();
    assert_eq!(last.headers["authorization"], "Bearer token-2");
}

#[tokio::test]
async fn many_who_need_a_token_at_once_ask_for_one() {
    let (server, jumio) = with_status("INITIATED").await;
    let at_once = (0..8).map(|_| async { jumio.result(&session(), NOW).await.is_ok() });
    let results = futures_of(at_once.collect()).await;
    assert_eq!(results, [true; 8]);
    assert_eq!(asked_for_tokens(&server).await, 1);
}

/// Waits for all of them, each going on while the others wait.
async fn futures_of<T>(futures: Vec<impl Future<Output = T>>) -> Vec<T> {
    let mut futures: Vec<_> = futures.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, slot) in futures.iter_mut().zip(&mut done) {
            if slot.is_none()
                && let std::task::Poll::Ready(value) = future.as_mut().poll(context)
            {
                *slot = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once_and_the_call_made_again() {
    let server = server().await;
    let refused = ResponseTemplate::new(401);
    let at = format!("{EXECUTION}/status");
    Mock::given(path(&at))
        .and(header("authorization", "Bearer token-1"))
        .respond_with(refused.clone())
        .mount(&server)
        .await;
    Mock::given(path(&at))
        .and(header("authorization", "Bearer token-2"))
        .respond_with(status("INITIATED"))
        .mount(&server)
        .await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    assert!(jumio.result(&session(), NOW).await.is_ok());
    assert_eq!(asked_for_tokens(&server).await, 2);

    let server = self::server().await;
    answers(&server, ("GET", &at), refused).await;
    let error = jumio_at(&server.uri(), &FixedClock::at(NOW)).result(&session(), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { status: 401, .. }), "{error:?}");
    assert_eq!(asked_for_tokens(&server).await, 2, "not again and again");
}

#[tokio::test]
async fn a_token_of_a_replaced_secret_is_used_no_more() {
    let (server, jumio) = with_status("INITIATED").await;
    jumio.result(&session(), NOW).await.unwrap();
    jumio.settings.credentials.adopt(&Live::new(credentials("the-next-secret")));
    let error = jumio.result(&session(), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::NoToken(_)), "the server knows the first secret only: {error:?}");
    jumio.settings.credentials.adopt(&Live::new(credentials("our-own-client-secret")));
    assert!(jumio.result(&session(), NOW).await.is_ok());
    assert_eq!(asked_for_tokens(&server).await, 3);
}

#[tokio::test]
async fn without_a_token_nothing_was_started_so_it_may_be_tried_again() {
    for (answer, expected) in [
        (ResponseTemplate::new(500), Retry::Later(None)),
        (
            ResponseTemplate::new(429).insert_header("retry-after", "7"),
            Retry::Later(Some(RetryAfter::In(Duration::from_secs(7)))),
        ),
        (ResponseTemplate::new(401), Retry::Never),
        (ResponseTemplate::new(200).set_body_string("<html>"), Retry::Never),
        (ResponseTemplate::new(200).set_body_json(json!({ "access_token": "a b" })), Retry::Never),
        (ResponseTemplate::new(200).set_body_json(json!({ "access_token": "a", "token_type": "mac" })), Retry::Never),
    ] {
        let server = MockServer::start().await;
        Mock::given(path("/auth/oauth2/token")).respond_with(answer).mount(&server).await;
        let error = jumio_at(&server.uri(), &FixedClock::at(NOW)).start(&request()).await.unwrap_err();
        assert!(matches!(error, ProviderError::NoToken(_)), "{error:?}");
        assert_eq!(error.retry(Call::Start), expected, "{error:?}");
    }
    let limited = ProviderError::NoToken(Box::new(ProviderError::RateLimited { retry_after: None }));
    assert!(limited.is_too_many() && !limited.is_outage());
}

#[tokio::test]
async fn a_token_without_an_end_is_used_once() {
    let server = MockServer::start().await;
    let token = ResponseTemplate::new(200).set_body_json(json!({ "access_token": "t" }));
    Mock::given(path("/auth/oauth2/token")).respond_with(token).mount(&server).await;
    answers(&server, ("GET", &format!("{EXECUTION}/status")), status("INITIATED")).await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    for _ in 0..2 {
        jumio.result(&session(), NOW).await.unwrap();
    }
    assert_eq!(asked_for_tokens(&server).await, 2);
}

#[tokio::test]
async fn a_result_is_read_from_the_configured_host_under_the_ids_we_kept() {
    let (server, jumio) = with_status("PROCESSED").await;
    answers(&server, ("GET", EXECUTION), ResponseTemplate::new(200).set_body_bytes(fixture!("passed"))).await;
    let fetched = jumio.result(&session(), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Decided(result) if result.outcome == Outcome::Verified));
}

#[tokio::test]
async fn what_is_not_there_yet_is_no_error() {
    for (name, phase) in [
        ("INITIATED", Phase::WaitingForCustomer),
        ("ACQUISITION_STARTED", Phase::WaitingForCustomer),
        ("ACQUIRED", Phase::Processing),
        ("SOMETHING_NEW", Phase::Unknown),
        ("PROCESSED", Phase::Processing),
    ] {
        let (_server, jumio) = with_status(name).await;
        let fetched = jumio.result(&session(), NOW).await.unwrap();
        assert!(matches!(fetched, Fetched::Pending(found) if found == phase), "{name}: {fetched:?}");
    }
    let server = server().await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    let fetched = jumio.result(&session(), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Pending(Phase::Unknown)), "not found is not ready: {fetched:?}");
}

#[tokio::test]
async fn details_of_another_execution_or_account_are_refused() {
    let text = String::from_utf8(fixture!("passed").to_vec()).unwrap();
    for id in [WORKFLOW, THE_ACCOUNT] {
        let (server, jumio) = with_status("PROCESSED").await;
        let other = text.replacen(&format!("\"id\": \"{id}\""), "\"id\": \"another\"", 1);
        assert_ne!(other, text);
        answers(&server, ("GET", EXECUTION), ResponseTemplate::new(200).set_body_string(other)).await;
        let error = jumio.result(&session(), NOW).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unreadable(_)), "{error:?}");
    }
    let error = offline().result(&ProviderRef::parse(WORKFLOW).unwrap(), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable("the account of the run")));
}

#[tokio::test]
async fn a_delete_takes_the_whole_account_and_what_is_gone_is_done() {
    let server = server().await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    jumio.delete(&session()).await.unwrap();
    let last = server.received_requests().await.unwrap().pop().unwrap();
    assert_eq!((last.method, last.url.path()), (Method::DELETE, &*format!("/retrieval/api/v1/accounts/{THE_ACCOUNT}")));
    answers(&server, ("DELETE", &format!("/retrieval/api/v1/accounts/{THE_ACCOUNT}")), ResponseTemplate::new(403))
        .await;
    assert!(matches!(jumio.delete(&session()).await, Err(ProviderError::Refused { status: 403, .. })));
}

#[tokio::test]
async fn health_tells_a_living_provider_from_a_refused_client() {
    for (answer, is_well) in [
        (json!({ "status": "UP" }), true),
        (json!({ "status": "DEGRADED", "details": { "callback": "DOWN" } }), true),
        (json!({ "status": "DOWN" }), false),
        (json!({}), false),
    ] {
        let server = server().await;
        answers(&server, ("GET", "/status"), ResponseTemplate::new(200).set_body_json(answer.clone())).await;
        let health = jumio_at(&server.uri(), &FixedClock::at(NOW)).health().await;
        assert_eq!(health.is_ok(), is_well, "{answer}");
        for request in server.received_requests().await.unwrap() {
            assert_eq!(request.headers["user-agent"], "Example Bank KYC-Desk/0.0.0", "Jumio demands it of every call");
        }
    }
    let server = MockServer::start().await;
    Mock::given(path("/auth/oauth2/token")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let error = jumio_at(&server.uri(), &FixedClock::at(NOW)).health().await.unwrap_err();
    assert!(matches!(error, ProviderError::NoToken(_)), "{error:?}");
}

#[tokio::test]
async fn refusals_keep_codes_and_no_words() {
    let server = server().await;
    let body = json!({ "title": "Too Many Requests", "status": 429, "detail": "Request limit exceeded" });
    answers(&server, ("GET", &format!("{EXECUTION}/status")), ResponseTemplate::new(429).set_body_json(body)).await;
    let jumio = jumio_at(&server.uri(), &FixedClock::at(NOW));
    let error = jumio.result(&session(), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::RateLimited { retry_after: None }), "{error:?}");
    let server = self::server().await;
    let body = json!({ "title": "Forbidden", "status": 403, "detail": "mara@example.org" });
    answers(&server, ("GET", &format!("{EXECUTION}/status")), ResponseTemplate::new(403).set_body_json(body)).await;
    let error = jumio_at(&server.uri(), &FixedClock::at(NOW)).result(&session(), NOW).await.unwrap_err();
    assert!(matches!(&error, ProviderError::Refused { status: 403, code: Some(code) } if code == "403"), "{error:?}");
    assert!(!format!("{error:?}").contains("mara"));
}

#[test]
fn the_console_link_leads_to_the_session_or_nowhere() {
    let url = offline().console_url(&session()).unwrap();
    assert_eq!(url.as_str(), format!("https://portal.example/{WORKFLOW}"));
    let settings = Settings { console: None, ..offline().settings.clone() };
    let transport = Transport::new(reqwest::Client::builder().no_proxy()).unwrap();
    assert!(Jumio::new(settings, transport, Arc::new(FixedClock::at(NOW))).console_url(&session()).is_none());
}

#[test]
fn a_language_that_is_none_is_left_out() {
    assert_eq!(["de", "de-AT", "deutsch; drop", ""].map(language), [Some("de"), Some("de"), None, None]);
}
