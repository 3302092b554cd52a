use secrecy::ExposeSecret;
use wiremock::matchers::{body_json, body_string, header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::*;
use crate::providers::{Phase, SessionReference};

const APPLICANT_ID: &str = "c0ffee00-1111-4a11-8a11-000000000001";

fn session(id: &str) -> ProviderRef {
    ProviderRef::parse(id).unwrap()
}

fn request() -> StartRequest {
    StartRequest {
        reference: SessionReference::parse("vks_7Qm2Zr").unwrap(),
        return_url: Some("https://kyc.bank.example/c".parse().unwrap()),
        webhook_url: None,
        previous: None,
        language: "de-AT".to_owned(),
        is_repeated: false,
    }
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what the customer would get")]
fn link(started: &Started) -> &str {
    started.capture_url.expose_secret()
}

async fn answer(server: &MockServer, verb: &str, at: &str, status: u16, body: Value) {
    let at = format!("/v3.6/{at}");
    let template = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method(verb)).and(path(at)).respond_with(template).mount(server).await;
}

/// Answers with an applicant; runs and checks are each test's own.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    answer(&server, "POST", "applicants", 201, json!({"id": APPLICANT_ID, "first_name": "Session"})).await;
    server
}

async fn sent(server: &MockServer) -> Vec<(String, String, Value)> {
    let requests = server.received_requests().await.unwrap();
    let read = |request: &Request| {
        let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        (request.method.to_string(), request.url.path().to_owned(), body)
    };
    requests.iter().map(read).collect()
}

#[tokio::test]
async fn a_run_is_begun_with_our_reference_and_nothing_else_about_the_person() {
    let server = server().await;
    let run = json!({
        "applicant_id": APPLICANT_ID, "workflow_id": WORKFLOW, "customer_user_id": "vks_7Qm2Zr", "tags": ["vks_7Qm2Zr"],
        "link": {"completed_redirect_url": "https://kyc.bank.example/c", "language": "de_DE"},
    });
    Mock::given(method("POST"))
        .and(path("/v3.6/workflow_runs"))
        .and(header("authorization", "Token token=api_sandbox.demo"))
        .and(header("content-type", "application/json"))
        .and(body_json(run))
        .respond_with(
            ResponseTemplate::new(201)
                .set_body_json(but(&fixture!("approved_run"), &json!({"status": "awaiting_input"}))),
        )
        .expect(1)
        .mount(&server)
        .await;
    let started = with_token(&server.uri(), workflow()).start(&request()).await.unwrap();
    assert_eq!((started.provider_ref.id(), started.provider_ref.extra("applicant")), (RUN, Some(APPLICANT_ID)));
    assert_eq!(link(&started), format!("https://eu.onfido.app/l/{RUN}"));
    assert!(!format!("{started:?}").contains("onfido.app"));
    let first = &sent(&server).await[0];
    assert_eq!(first.2, json!({"first_name": "Session", "last_name": "vks_7Qm2Zr"}));
}

#[tokio::test]
async fn a_classic_check_is_begun_with_a_form_and_no_mail() {
    let server = server().await;
    let check = but(
        &fixture!("check"),
        &json!({"status": "awaiting_applicant", "result": null, "form_uri": "https://onfido.app/f/1"}),
    );
    answer(&server, "POST", "checks", 201, check).await;
    let started = with_token(&server.uri(), classic()).start(&request()).await.unwrap();
    assert_eq!((started.provider_ref.id(), link(&started)), (CHECK, "https://onfido.app/f/1"));
    let new = &sent(&server).await[1].2;
    assert_eq!((&new["applicant_provides_data"], &new["suppress_form_emails"]), (&json!(true), &json!(true)));
    assert_eq!(
        (&new["report_names"], &new["tags"]),
        (&json!(["document", "facial_similarity_photo"]), &json!(["vks_7Qm2Zr"]))
    );
}

#[tokio::test]
async fn a_link_that_is_not_https_an_odd_id_or_another_reference_is_no_start() {
    for (changes, place) in [
        (json!({"link": {"url": "javascript:alert(1)"}}), "link"),
        (json!({"link": null}), "link"),
        (json!({"id": "../applicants"}), "id"),
        (json!({"id": null}), "id"),
        (json!({"customer_user_id": "somebody_else"}), "reference"),
    ] {
        let server = server().await;
        answer(&server, "POST", "workflow_runs", 201, but(&fixture!("approved_run"), &changes)).await;
        answer(&server, "GET", "workflow_runs", 200, json!([])).await;
        let error = with_token(&server.uri(), workflow()).start(&request()).await.unwrap_err();
        assert!(matches!(error, ProviderError::Unreadable(what) if what.contains(place)), "{changes}: {error}");
    }
}

#[tokio::test]
async fn a_run_whose_answer_got_lost_is_looked_up_and_not_begun_again() {
    let server = server().await;
    answer(&server, "POST", "workflow_runs", 502, json!({})).await;
    Mock::given(method("GET"))
        .and(path("/v3.6/workflow_runs"))
        .and(query_param("applicant_id", APPLICANT_ID))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([fixture!("approved_run")])))
        .expect(1)
        .mount(&server)
        .await;
    let started = with_token(&server.uri(), workflow()).start(&request()).await.unwrap();
    assert_eq!(started.provider_ref.id(), RUN);
}

#[tokio::test]
async fn a_refusal_is_not_looked_up() {
    let server = server().await;
    let envelope = json!({"error": {"type": "validation_error", "message": "Maarika", "fields": {}}});
    answer(&server, "POST", "workflow_runs", 422, envelope).await;
    let error = with_token(&server.uri(), workflow()).start(&request()).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { status: 422, code: Some(code) } if code == "validation_error"));
    assert_eq!(sent(&server).await.len(), 2);
}

#[tokio::test]
async fn a_repeated_start_takes_up_what_the_first_one_began() {
    let begun = |known: Option<&str>| StartRequest { previous: known.map(session), is_repeated: true, ..request() };
    let server = server().await;
    Mock::given(method("GET"))
        .and(path("/v3.6/workflow_runs"))
        .and(query_param("tags", "vks_7Qm2Zr"))
        .and(query_param("sort", "desc"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([fixture!("approved_run")])))
        .mount(&server)
        .await;
    let another = but(&fixture!("approved_run"), &json!({"id": "run-2"}));
    answer(&server, "POST", "workflow_runs", 201, another).await;
    let onfido = with_token(&server.uri(), workflow());
    assert_eq!(onfido.start(&begun(None)).await.unwrap().provider_ref.id(), RUN);
    assert_eq!(onfido.start(&begun(Some("run-0"))).await.unwrap().provider_ref.id(), RUN);
    assert_eq!(onfido.start(&begun(Some(RUN))).await.unwrap().provider_ref.id(), "run-2", "that one is known already");
    assert_eq!(onfido.start(&request()).await.unwrap().provider_ref.id(), "run-2");
}

#[tokio::test]
async fn a_repeated_start_does_not_take_up_what_only_looks_like_ours() {
    // Tags may be anybody's words: what the run itself says is whose it is.
    let server = server().await;
    let theirs = but(&fixture!("approved_run"), &json!({"customer_user_id": "somebody_else"}));
    answer(&server, "GET", "workflow_runs", 200, json!([theirs])).await;
    answer(&server, "POST", "workflow_runs", 201, but(&fixture!("approved_run"), &json!({"id": "run-2"}))).await;
    let repeated = StartRequest { is_repeated: true, ..request() };
    let started = with_token(&server.uri(), workflow()).start(&repeated).await.unwrap();
    assert_eq!(started.provider_ref.id(), "run-2");
}

async fn serve_run(server: &MockServer, run: Value) {
    answer(server, "GET", &format!("workflow_runs/{RUN}"), 200, run).await;
    let tasks = json!([
        {"id": "document_photo_1", "task_def_id": "upload_document"},
        {"id": "document_check_2", "task_def_id": "document_check"},
        {"id": "face_check_3", "task_def_id": "face_check"},
        {"id": "../../applicants", "task_def_id": "evil_check"},
    ]);
    answer(server, "GET", &format!("workflow_runs/{RUN}/tasks"), 200, tasks).await;
    for (id, output) in
        [("document_check_2", fixture!("approved_document")), ("face_check_3", fixture!("approved_face"))]
    {
        let task = json!({"id": id, "task_def_id": "x_check", "output": output});
        answer(server, "GET", &format!("workflow_runs/{RUN}/tasks/{id}"), 200, task).await;
    }
}

#[tokio::test]
async fn a_run_is_read_with_the_reports_that_its_tasks_hold() {
    let server = server().await;
    serve_run(&server, fixture!("approved_run")).await;
    let fetched = with_token(&server.uri(), workflow()).result(&session(RUN), NOW).await.unwrap();
    let Fetched::Decided(result) = fetched else { panic!("it is decided") };
    assert_eq!((result.outcome, result.checks.len()), (Outcome::Verified, 4));
    assert_eq!(sent(&server).await.len(), 4, "captures are not asked for, nor what would lead elsewhere");
}

#[tokio::test]
async fn a_run_that_is_under_way_is_asked_for_nothing_else() {
    let server = server().await;
    serve_run(&server, but(&fixture!("approved_run"), &json!({"status": "processing"}))).await;
    let fetched = with_token(&server.uri(), workflow()).result(&session(RUN), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Pending(Phase::Processing)));
    assert_eq!(sent(&server).await.len(), 1);
}

#[tokio::test]
async fn an_answer_about_another_run_is_not_read() {
    let server = server().await;
    answer(
        &server,
        "GET",
        &format!("workflow_runs/{RUN}"),
        200,
        but(&fixture!("approved_run"), &json!({"id": "run-9"})),
    )
    .await;
    let error = with_token(&server.uri(), workflow()).result(&session(RUN), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable("workflow_run.id")));
    answer(&server, "GET", &format!("checks/{CHECK}"), 200, but(&fixture!("check"), &json!({"id": "check-9"}))).await;
    let error = with_token(&server.uri(), classic()).result(&session(CHECK), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Unreadable("check.id")));
}

#[tokio::test]
async fn a_check_is_read_with_its_reports() {
    let server = server().await;
    answer(&server, "GET", &format!("checks/{CHECK}"), 200, fixture!("check")).await;
    Mock::given(method("GET"))
        .and(path("/v3.6/reports"))
        .and(query_param("check_id", CHECK))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({"reports": [fixture!("approved_document"), fixture!("approved_face")]})),
        )
        .expect(1)
        .mount(&server)
        .await;
    let fetched = with_token(&server.uri(), classic()).result(&session(CHECK), NOW).await.unwrap();
    assert!(matches!(fetched, Fetched::Decided(result) if result.outcome == Outcome::Verified));
}

#[tokio::test]
async fn a_delete_takes_the_applicant_and_what_is_gone_is_done() {
    let server = server().await;
    answer(&server, "GET", &format!("workflow_runs/{RUN}"), 200, fixture!("approved_run")).await;
    Mock::given(method("DELETE"))
        .and(path(format!("/v3.6/applicants/{APPLICANT_ID}")))
        .respond_with(ResponseTemplate::new(204))
        .expect(2)
        .mount(&server)
        .await;
    let onfido = with_token(&server.uri(), workflow());
    onfido.delete(&session(RUN)).await.unwrap();
    onfido.delete(&session(RUN).with("applicant", APPLICANT_ID).unwrap()).await.unwrap();
    onfido.delete(&session("gone")).await.unwrap();
    onfido.delete(&session("gone").with("applicant", "gone-too").unwrap()).await.unwrap();
}

#[tokio::test]
async fn an_access_token_is_asked_for_once_and_replaced_when_it_is_refused() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v3.6/oauth/token"))
        .and(body_string("client_id=kyc&client_secret=a+secret"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"access_token": "first", "expires_in": 3600})))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    answer(&server, "POST", "oauth/token", 200, json!({"access_token": "second", "expires_in": 3600})).await;
    let refused = Mock::given(method("GET")).and(header("authorization", "Bearer first"));
    let good = |request: &Request| request.headers.get("authorization").is_some_and(|value| value == "Bearer first");
    let at = |status| {
        ResponseTemplate::new(status)
            .set_body_json(but(&fixture!("approved_run"), &json!({"status": "awaiting_input"})))
    };
    refused.respond_with(at(200)).up_to_n_times(2).mount(&server).await;
    Mock::given(method("GET")).and(good).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    Mock::given(method("GET")).and(header("authorization", "Bearer second")).respond_with(at(200)).mount(&server).await;
    let access = Access::Client { id: "kyc".to_owned(), secret: SecretString::from("a secret") };
    let onfido = onfido(&server.uri(), workflow(), access);
    for _ in 0..4 {
        assert!(matches!(
            onfido.result(&session(RUN), NOW).await.unwrap(),
            Fetched::Pending(Phase::WaitingForCustomer)
        ));
    }
    let tokens = sent(&server).await.iter().filter(|(_, path, _)| path == "/v3.6/oauth/token").count();
    assert_eq!(tokens, 2);
}

#[tokio::test]
async fn a_token_that_is_refused_is_not_tried_again() {
    let server = MockServer::start().await;
    answer(&server, "GET", &format!("workflow_runs/{RUN}"), 401, json!({"error": {"type": "authorization_error"}}))
        .await;
    let error = with_token(&server.uri(), workflow()).result(&session(RUN), NOW).await.unwrap_err();
    assert!(matches!(error, ProviderError::Refused { status: 401, .. }));
    assert_eq!(sent(&server).await.len(), 1);
}

#[tokio::test]
async fn health_asks_for_what_cannot_exist() {
    let server = MockServer::start().await;
    assert!(with_token(&server.uri(), workflow()).health().await.is_ok(), "404 is what it should be");
    answer(&server, "GET", "checks/00000000-0000-0000-0000-000000000000", 401, json!({})).await;
    assert!(matches!(
        with_token(&server.uri(), classic()).health().await,
        Err(ProviderError::Refused { status: 401, .. })
    ));
}

#[test]
fn staff_are_led_to_the_dashboard_of_the_configuration_only() {
    let url = offline().console_url(&session(RUN)).unwrap();
    assert_eq!(url.as_str(), format!("https://dashboard.example/results/{RUN}"));
}

#[test]
fn the_capture_pages_have_a_language_of_onfidos_or_none() {
    for (tag, expected) in [
        ("de", Some("de_DE")),
        ("DE-at", Some("de_DE")),
        ("pt", Some("pt_PT")),
        ("en-GB", Some("en_US")),
        ("et", None),
        ("deutsch", None),
        ("", None),
        ("d", None),
        ("dé", None),
    ] {
        assert_eq!(language(tag), expected, "{tag}");
    }
}
