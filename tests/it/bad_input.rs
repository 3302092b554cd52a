//! Bad input: a problem with a stable code, and nothing changed.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;

use kyc_tests::{Setup, TestApp, new_session};

#[tokio::test]
async fn whatever_is_wrong_with_a_new_session_is_named() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let id = app.new_id();
    let with = |name: &str, value: serde_json::Value| {
        let mut body = new_session(&id);
        body[name] = value;
        body
    };
    let cases = [
        (with("customer_id", json!("mara@example.org")), 422, "invalid"),
        (with("customer_id", json!("4111111111111111")), 422, "invalid"),
        (with("customer_id", json!("Mara Keller")), 422, "invalid"),
        (with("customer_id", json!(7)), 400, "bad_request"),
        (with("surprise", json!(1)), 400, "bad_request"),
        (with("queue", json!("")), 422, "invalid"),
        (with("channel", json!("fax")), 422, "invalid"),
        (with("provider", json!("nobody")), 422, "invalid"),
        (with("conversation_id", json!("a b")), 422, "invalid"),
    ];
    for (body, status, code) in cases {
        let answer = flow.post_edge("/flow/v1/sessions", Some(&id), &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
        assert_eq!(answer.headers["content-type"], "application/problem+json");
        assert!(!answer.text.contains("mara@"), "the value is not repeated");
    }
    assert_eq!(flow.get_edge(&format!("/flow/v1/sessions/{id}"), Some(&id)).await.status, 404);
}

#[tokio::test]
async fn headers_that_are_missing_or_do_not_fit_are_refused() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let id = app.session().await;
    let path = format!("/flow/v1/sessions/{id}");
    assert_eq!(flow.get_edge(&path, None).await.code(), "bad_header");
    assert_eq!(flow.get_edge(&path, Some("0190c0de-0000-7000-8000-000000000000")).await.code(), "bad_header");
    assert_eq!(flow.post_edge_keyed("/flow/v1/sessions", None, "short", &new_session(&id)).await.code(), "bad_header");
    assert_eq!(app.guest().get_edge(&path, Some(&id)).await.code(), "sign_in_required");
    assert_eq!(app.bank_system().await.get_edge(&path, Some(&id)).await.code(), "forbidden");
    assert_eq!(flow.put_edge(&format!("/bank/v1/sessions/{id}/claims"), &json!({})).await.code(), "forbidden");
}

#[tokio::test]
async fn a_flow_that_names_two_sessions_changes_none() {
    let app = TestApp::start().await;
    let flow = app.flow().await;
    let (id, other) = (app.session().await, app.new_id());
    let mut twice = Request::get(format!("/flow/v1/sessions/{id}")).header("x-session-id", &id);
    twice = twice.header("x-session-id", &other);
    let mut twice = twice.body(Body::empty()).unwrap();
    flow.identify(&mut twice);
    assert_eq!(flow.send(&app.edge, twice).await.code(), "bad_header");
    let new = app.new_id();
    for header in [other.as_str(), "nonsense"] {
        let refused = flow.post_edge("/flow/v1/sessions", Some(header), &new_session(&new)).await;
        assert_eq!(refused.code(), "bad_header", "{header}");
    }
    let mut body = new_session(&new);
    body.as_object_mut().unwrap().remove("session_id");
    for header in [new.as_str(), "nonsense"] {
        let refused = flow.post_edge("/flow/v1/sessions", Some(header), &body).await;
        assert_eq!(refused.code(), "bad_header", "nor one that it does not say: {header}");
    }
    for nothing in [&new, &other] {
        assert_eq!(flow.get_edge(&format!("/flow/v1/sessions/{nothing}"), Some(nothing)).await.status, 404);
    }
}

#[tokio::test]
async fn a_key_of_one_client_is_none_of_another() {
    let more = "[clients.second]\nsecret = \"second-secret\"\nscopes = [\"flow\"]";
    let app = TestApp::with(Setup { more, ..Setup::default() }).await;
    let second = app.guest().with_token(app.guest().token("second", "second-secret").await);
    let mut body = new_session(&app.new_id());
    body.as_object_mut().unwrap().remove("session_id");
    let mut made = Vec::new();
    for client in [&app.flow().await, &second] {
        let answer = client.post_edge_keyed("/flow/v1/sessions", None, "conv-1-create-1", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        made.push(answer.json()["session_id"].clone());
    }
    assert_ne!(made[0], made[1]);
}

#[tokio::test]
async fn a_webhook_larger_than_any_is_not_read() {
    let app = TestApp::start().await;
    let send = async |bytes: usize| {
        let request = Request::post("/webhooks/veriff/veriff-de").body(Body::from("x".repeat(bytes))).unwrap();
        app.guest().send(&app.edge, request).await.status
    };
    assert_eq!(send(1024 * 1024).await, 401, "read, and not signed");
    assert_eq!(send(1024 * 1024 + 1).await, 413);
}

#[tokio::test]
async fn methods_sizes_and_types_are_checked() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let path = format!("/api/sessions/{id}/take");
    assert_eq!(mira.get(&path).await.code(), "method_not_allowed");
    let request = mira.desk_request("POST", &path).body(Body::from("x".repeat(20_000))).unwrap();
    assert_eq!(mira.send(&app.desk, request).await.code(), "too_large");
    let mut request = mira.desk_request("POST", &path).body(Body::from("{}")).unwrap();
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(mira.send(&app.desk, request).await.code(), "unsupported_media_type");
    assert_eq!(mira.post(&path, &json!({ "expected_version": "1" })).await.code(), "bad_request");
    assert_eq!(mira.post(&path, &json!({ "expected_version": 1, "reason": null, "x": 1 })).await.code(), "bad_request");
    assert_eq!(mira.post(&path, &json!({ "expected_version": 99, "reason": null })).await.code(), "stale_version");
    assert_eq!(mira.get("/api/sessions?limit=0").await.code(), "invalid");
    assert_eq!(mira.get("/api/sessions?cursor=nonsense").await.code(), "invalid");
    assert_eq!(mira.get("/api/sessions?q=Mara%20Keller").await.code(), "invalid");
    assert_eq!(mira.get("/api/sessions?queue=business-de").await.code(), "invalid");
}

#[tokio::test]
async fn claims_that_are_malformed_are_refused_without_being_repeated() {
    let app = TestApp::start().await;
    let bank = app.bank_system().await;
    let id = app.session().await;
    let path = format!("/bank/v1/sessions/{id}/claims");
    for body in [
        json!({ "birth_date": "30.04.1979" }),
        json!({ "full_name": "" }),
        json!({ "address": { "street": "Canary Row 1", "postcode": "", "city": "x", "country": "DE" } }),
    ] {
        let answer = bank.put_edge(&path, &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (422, "invalid"), "{body}");
        assert!(!answer.text.contains("1979") && !answer.text.contains("Canary"));
    }
    assert_eq!(bank.put_edge(&path, &json!({ "shoe_size": "44" })).await.code(), "bad_request");
}

#[tokio::test]
async fn each_listener_answers_404_to_the_paths_of_the_others() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let at = async |router: &axum::Router, path: &str| {
        guest.send(router, Request::get(path).body(Body::empty()).unwrap()).await.status
    };
    for path in ["/oauth/token", "/flow/v1/sessions", "/metrics", "/healthz"] {
        assert_eq!(at(&app.desk, path).await, 404, "{path}");
    }
    for path in ["/api/me", "/review", "/auth/popup", "/metrics", "/"] {
        assert_eq!(at(&app.edge, path).await, 404, "{path}");
    }
}

#[tokio::test]
async fn a_wrong_client_secret_gets_no_token() {
    let app = TestApp::start().await;
    for (client, secret) in [("flow", "wrong"), ("nobody", "flow-secret")] {
        use base64::Engine;
        let basic = base64::prelude::BASE64_STANDARD.encode(format!("{client}:{secret}"));
        let request = Request::post("/oauth/token")
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("grant_type=client_credentials"))
            .unwrap();
        let answer = app.guest().send(&app.edge, request).await;
        assert_eq!((answer.status, answer.json()["error"].as_str()), (401, Some("invalid_client")));
    }
    assert!(app.audit_log().await.contains("token_refused"));
}

#[tokio::test]
async fn a_token_is_given_by_client_credentials_and_for_what_the_client_may_do() {
    use base64::Engine;
    let app = TestApp::start().await;
    let basic = base64::prelude::BASE64_STANDARD.encode("flow:flow-secret");
    let ask = async |form: &str| {
        let request = Request::post("/oauth/token")
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()))
            .unwrap();
        app.guest().send(&app.edge, request).await
    };
    for form in [
        "grant_type=client_credentials&scope=claims:write",
        "grant_type=client_credentials&scope=flow+claims:write",
        "grant_type=client_credentials&scope=",
        "grant_type=password",
        "grant_type=authorization_code",
    ] {
        let refused = ask(form).await;
        assert_eq!((refused.status, refused.json()["access_token"].is_null()), (401, true), "{form}: {}", refused.text);
    }
    assert_eq!(ask("grant_type=client_credentials&scope=flow").await.json()["scope"], "flow");
}

#[tokio::test]
async fn what_is_over_is_swept_away_and_what_is_not_stays() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (flow, id) = (app.flow().await, app.new_id());
    let start =
        async || flow.post_edge_keyed("/flow/v1/sessions", Some(&id), "conv-1-create-1", &new_session(&id)).await;
    assert_eq!(start().await.status, 201);
    app.advance(60);
    kyc_desk::jobs::sweep(&app.app).await.unwrap();
    assert_eq!(start().await.status, 201, "a repeated request was forgotten too soon");
    assert_eq!(mira.get("/api/me").await.status, 200);
    app.advance(25 * 3600);
    kyc_desk::jobs::sweep(&app.app).await.unwrap();
    let pool = app.database.raw().await;
    for table in ["idempotency_mark", "client_token", "web_session", "sign_in_txn"] {
        let left: i64 = sqlx::query_scalar(&format!("SELECT count(*) FROM {table}")).fetch_one(&pool).await.unwrap();
        assert_eq!(left, 0, "{table}");
    }
}

#[tokio::test]
async fn who_knocks_too_often_waits_and_fills_no_log() {
    use axum::extract::ConnectInfo;
    use std::net::SocketAddr;
    let app = TestApp::start().await;
    let knock = async |from: &str| {
        let guest = app.guest();
        let body = json!({ "challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" }).to_string();
        let mut request = guest.desk_request("POST", "/auth/txn").body(Body::from(body)).unwrap();
        request.extensions_mut().insert(ConnectInfo(format!("{from}:443").parse::<SocketAddr>().unwrap()));
        guest.send(&app.desk, request).await
    };
    let entries = async || app.app.store.read(&app.app.tenant).await.unwrap().find_head().await.unwrap().seq;
    for _ in 0..300 {
        assert_eq!(knock("203.0.113.9").await.status, 201);
    }
    let before = entries().await;
    let refused = knock("203.0.113.9").await;
    assert_eq!((refused.status, refused.code().as_str()), (429, "too_many"));
    assert_eq!(refused.headers["retry-after"], "60");
    assert_eq!(entries().await, before, "nothing is written for who is refused");
    assert_eq!(knock("198.51.100.7").await.status, 201, "somebody else is let in");
    app.advance(59);
    assert_eq!(knock("203.0.113.9").await.headers["retry-after"], "1");
    app.advance(1);
    assert_eq!(knock("203.0.113.9").await.status, 201);
}

#[tokio::test]
async fn a_token_for_less_than_the_client_may_do_is_for_less() {
    use base64::Engine;
    let more = "[clients.both]\nsecret = \"both-secret\"\nscopes = [\"flow\", \"claims:write\"]";
    let app = TestApp::with(Setup { more, ..Setup::default() }).await;
    let id = app.session().await;
    let basic = base64::prelude::BASE64_STANDARD.encode("both:both-secret");
    let hand_over = async |scope: &str| {
        let request = Request::post("/oauth/token")
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(format!("grant_type=client_credentials&scope={scope}")))
            .unwrap();
        let answer = app.guest().send(&app.edge, request).await;
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let claims = kyc_tests::claims_of(&app.veriff.identities()[0]).to_string();
        let request = Request::put(format!("/bank/v1/sessions/{id}/claims"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("idempotency-key", "claims-1")
            .body(Body::from(claims))
            .unwrap();
        app.guest().send(&app.edge, request).await.status
    };
    assert_eq!(hand_over("flow").await, 403);
    assert_eq!(hand_over("claims:write").await, 204);
}

#[tokio::test]
async fn guessing_a_clients_secret_does_not_lock_the_client_out() {
    use axum::extract::ConnectInfo;
    use base64::Engine;
    use std::net::SocketAddr;
    let app = TestApp::start().await;
    let ask = async |from: &str, secret: &str| {
        let basic = base64::prelude::BASE64_STANDARD.encode(format!("flow:{secret}"));
        let mut request = Request::post("/oauth/token")
            .header("authorization", format!("Basic {basic}"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from("grant_type=client_credentials"))
            .unwrap();
        request.extensions_mut().insert(ConnectInfo(format!("{from}:443").parse::<SocketAddr>().unwrap()));
        app.guest().send(&app.edge, request).await.status
    };
    let mut told = Vec::new();
    for guess in 0..302 {
        told.push(ask("203.0.113.9", &guess.to_string()).await);
    }
    assert_eq!((told[0], told[299], told[300], told[301]), (401, 401, 429, 429));
    assert_eq!(ask("198.51.100.7", "flow-secret").await, 200);
}

/// Read as the fields in their order, a list would mean what nobody means.
#[tokio::test]
async fn a_list_is_no_object_with_a_key_or_without() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let bank = app.bank_system().await;
    let hold =
        bank.put_edge(&format!("/bank/v1/sessions/{id}/hold"), &json!(["case-17", "2031-01-01T00:00:00Z"])).await;
    let flow = app.flow().await;
    let path = format!("/flow/v1/sessions/{id}/heartbeat");
    let sign = flow.post_edge(&path, Some(&id), &json!([true])).await;
    let end = flow.post_edge(&format!("/flow/v1/sessions/{id}/end"), Some(&id), &json!([true])).await;
    for refused in [hold, sign, end] {
        assert_eq!((refused.status, refused.code().as_str()), (400, "bad_request"), "{}", refused.text);
    }
}
