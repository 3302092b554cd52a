//! Links: what they open, for whom, and when they stop.

use kyc_tests::{Setup, TestApp};
use serde_json::json;
use sqlx::Row;

use super::visitor::{Visitor, link, path};

async fn session_of(app: &TestApp, id: &str) -> kyc_desk::domain::session::Session {
    app.app.store.glance(&app.app.tenant).await.unwrap().find_session(id.parse().unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn looking_at_a_link_consumes_nothing_and_its_button_gives_a_cookie() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let link = link(&app, &id).await;
    let mut visitor = Visitor::new(&app);
    for _ in 0..3 {
        let page = visitor.get(&link).await;
        assert_eq!((page.status, page.cookies().len()), (200, 0));
        assert!(page.text.contains("Confirm who you are") && page.text.contains(&format!("action=\"{link}\"")));
        assert_eq!(page.headers["cache-control"], "no-store");
    }
    let begun = visitor.press_start(&link).await;
    assert_eq!((begun.status, begun.headers["location"].to_str().unwrap()), (303, "/c"));
    let cookie = begun.cookies().remove(0);
    assert!(
        cookie.starts_with("__Host-kyc-visit=") && cookie.ends_with("; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    assert!(cookie.contains("; Path=/; Max-Age=86400;") && !cookie.contains("Domain"), "{cookie}");
    assert!(visitor.get("/c").await.text.contains("Before we begin"));
    let again = visitor.press_start(&link).await;
    assert_eq!(again.status, 303, "she may come back by the same link");
}

#[tokio::test]
async fn a_link_is_long_and_neither_it_nor_its_cookie_is_kept_in_clear() {
    let app = TestApp::start().await;
    let visitor = Visitor::begun(&app, &app.session().await).await;
    let id = app.session().await;
    let link = link(&app, &id).await;
    let token = link.strip_prefix("/c/").unwrap();
    assert_eq!(token.len(), 43, "256 bits in base64url");
    let cookie = visitor.cookie.as_ref().unwrap().split_once('=').unwrap().1.to_owned();
    let pool = app.database.raw().await;
    for table in ["customer_link", "customer_visit"] {
        for row in sqlx::query(&format!("SELECT * FROM {table}")).fetch_all(&pool).await.unwrap() {
            for column in 0..row.len() {
                let text = row.try_get::<Option<String>, _>(column).ok().flatten().unwrap_or_default();
                assert!(!text.contains(token) && !text.contains(&cookie), "{table}");
                let bytes = row.try_get::<Option<Vec<u8>>, _>(column).ok().flatten().unwrap_or_default();
                let is_part = |secret: &str| bytes.windows(8).any(|part| secret.as_bytes().starts_with(part));
                assert!(!is_part(token) && !is_part(&cookie), "{table}");
            }
        }
    }
    assert!(!kyc_tests::captured().contains(token) && !kyc_tests::captured().contains(&cookie), "nor is it in the log");
    assert!(!app.audit_log().await.contains(token));
}

#[tokio::test]
async fn the_flow_gets_the_same_link_again_and_another_session_another() {
    let app = TestApp::start().await;
    let (one, two) = (app.session().await, app.session().await);
    let first = link(&app, &one).await;
    assert_eq!(link(&app, &one).await, first);
    assert_ne!(link(&app, &two).await, first);
    let entries = app.audit_log().await.lines().filter(|line| line.contains("link_issued")).count();
    assert_eq!(entries, 2, "asking again issues nothing");
    app.advance(24 * 3600 - 60);
    assert_ne!(link(&app, &one).await, first, "a link that is about to end is no use to anybody");
}

#[tokio::test]
async fn a_link_ends_with_its_time_and_with_the_next_one() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let old = link(&app, &id).await;
    let visitor = Visitor::begun(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let issued = mira.try_act(&id, "link", json!({})).await;
    assert_eq!(issued.status, 200, "{}", issued.text);
    let new = path(issued.json()["url"].as_str().unwrap());
    assert_ne!(new, old);
    assert_eq!(visitor.get(&old).await.status, 404);
    assert_eq!(Visitor::new(&app).press_start(&old).await.status, 404);
    let ended = visitor.get("/c").await;
    assert_eq!(ended.status, 404, "what the old link had begun ends with it");
    assert!(ended.text.contains("This link does not work any more"), "{}", ended.text);
    assert_eq!(visitor.get(&new).await.status, 200);
    assert_eq!(link(&app, &id).await, new, "it is the one that the flow is given now");
    app.advance(24 * 3600);
    assert_eq!(visitor.get(&new).await.status, 404);
    assert!(app.audit_log().await.contains("link_refused"));
}

#[tokio::test]
async fn the_link_in_force_is_handed_out_without_ending_what_she_began_by_it() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let first = link(&app, &id).await;
    let visitor = Visitor::begun(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let given = mira.try_act(&id, "link", json!({ "in_force": true })).await;
    assert_eq!(path(given.json()["url"].as_str().unwrap()), first, "{}", given.text);
    assert_eq!(visitor.get("/c").await.status, 200, "she is where she was");
    let other = app.session().await;
    mira.act(&other, "take", json!({ "reason": null })).await;
    let pool = app.database.raw().await;
    sqlx::query("DELETE FROM customer_link").execute(&pool).await.unwrap();
    let issued = mira.try_act(&other, "link", json!({ "in_force": true })).await;
    assert_eq!(
        Visitor::new(&app).get(&path(issued.json()["url"].as_str().unwrap())).await.status,
        200,
        "where none is"
    );
}

#[tokio::test]
async fn a_repeated_request_for_a_link_issues_one() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let taken = mira.act(&id, "take", json!({ "reason": null })).await;
    let body = json!({ "expected_version": taken["version"] });
    let path = format!("/api/sessions/{id}/link");
    let send = async || mira.post_keyed(&path, "the-same-key-twice", &body).await;
    let (one, two) = (send().await, send().await);
    assert_eq!((one.status, two.status), (200, 200), "{} {}", one.text, two.text);
    assert_eq!(one.json()["url"], two.json()["url"]);
    let entries = app.audit_log().await.lines().filter(|line| line.contains("link_issued")).count();
    assert_eq!(entries, 2, "the flow's, and one more");
}

#[tokio::test]
async fn a_link_asked_for_again_by_who_lost_the_case_is_refused() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = app.session().await;
    let taken = mira.act(&id, "take", json!({ "reason": null })).await;
    let body = json!({ "expected_version": taken["version"] });
    let path = format!("/api/sessions/{id}/link");
    let send = async || mira.post_keyed(&path, "the-same-key-twice", &body).await;
    assert_eq!(send().await.status, 200);
    tomas.act(&id, "take", json!({ "reason": "shift_change" })).await;
    assert_eq!(send().await.code(), "held_by_colleague");
    let log = app.audit_log().await;
    assert_eq!(log.lines().filter(|line| line.contains("link_issued") && line.contains("refused")).count(), 1);
}

#[tokio::test]
async fn only_who_holds_the_case_issues_a_link() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = app.session().await;
    assert_eq!(mira.try_act(&id, "link", json!({})).await.code(), "not_holder");
    mira.act(&id, "take", json!({ "reason": null })).await;
    assert_eq!(tomas.try_act(&id, "link", json!({})).await.code(), "held_by_colleague");
    let log = app.audit_log().await;
    let refused = log.lines().filter(|line| line.contains("link_issued") && line.contains("refused")).count();
    assert_eq!(refused, 2);
}

#[tokio::test]
async fn a_link_that_is_none_opens_nothing_and_many_of_them_are_slowed_down() {
    let app = TestApp::with(Setup { http: "guest_requests_per_minute = 5", ..Setup::default() }).await;
    let id = app.session().await;
    let good = link(&app, &id).await;
    let visitor = Visitor::new(&app);
    assert_eq!(visitor.get(&good).await.status, 200);
    for at in 0..5 {
        let guess = format!("/c/{}{at}", "A".repeat(42));
        assert_eq!(visitor.get(&guess).await.status, 404);
    }
    let slowed = visitor.get(&format!("/c/{}", "B".repeat(43))).await;
    assert_eq!(slowed.status, 429);
    assert!(slowed.text.contains("One moment, please") && slowed.headers.contains_key("retry-after"));
    assert_eq!(visitor.get(&good).await.status, 200, "a link that was good is looked at all the same");
}

#[tokio::test]
async fn a_link_may_be_used_so_often_in_a_minute() {
    let more = "[customer]\nrequests_per_minute = 3\n";
    let app = TestApp::with(Setup { more, ..Setup::default() }).await;
    let (one, two) = (app.session().await, app.session().await);
    let visitor = Visitor::begun(&app, &one).await;
    assert_eq!(visitor.get("/c").await.status, 200);
    assert_eq!(visitor.get("/c").await.status, 200);
    assert_eq!(visitor.get("/c").await.status, 429);
    assert_eq!(Visitor::begun(&app, &two).await.get("/c").await.status, 200, "another link is another count");
    app.advance(60);
    assert_eq!(visitor.get("/c").await.status, 200);
}

#[tokio::test]
async fn consent_is_kept_with_text_version_and_language_and_recorded() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::begun(&app, &id).await;
    let page = visitor.get("/c?lang=de").await;
    assert!(page.text.contains("Bevor es losgeht") && page.text.contains("<html lang=\"de\">"), "{}", page.text);
    let done = visitor.press("/c/step/consent?lang=de").await;
    assert_eq!((done.status, done.headers["location"].to_str().unwrap()), (303, "/c?lang=de"));
    let consent = session_of(&app, &id).await.consent.unwrap();
    let german = app.app.config.customer.texts.find("de").unwrap();
    assert_eq!((consent.hash.as_str(), consent.language.as_str()), (german.consent_hash().as_str(), "de"));
    assert_eq!(consent.version, german.say("consent.version"));
    let log = app.audit_log().await;
    let entry = log.lines().find(|line| line.contains("consent_given")).unwrap();
    assert!(entry.contains(&consent.code()) && entry.contains("\"customer\""), "{entry}");
    assert!(!visitor.get("/c").await.text.contains("/c/step/consent"), "she is not asked again");
}

#[tokio::test]
async fn a_case_that_is_over_gets_no_link() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.proposed_session(&mira).await;
    let session = session_of(&app, &id).await;
    let mut tx = app.app.store.begin(&app.app.tenant).await.unwrap();
    let actor = kyc_desk::domain::audit::Actor::System;
    let offered = kyc_desk::casework::link::offer(&app.app, &mut *tx, &session, actor).await.unwrap();
    assert!(offered.is_none());
}

#[tokio::test]
async fn links_and_visits_that_are_over_are_swept_away() {
    let app = TestApp::start().await;
    let visitor = Visitor::begun(&app, &app.session().await).await;
    let left = async || -> Vec<i64> {
        let pool = app.database.raw().await;
        let mut counts = Vec::new();
        for table in ["customer_link", "customer_visit"] {
            let sql = format!("SELECT count(*) FROM {table}");
            counts.push(sqlx::query_scalar(&sql).fetch_one(&pool).await.unwrap());
        }
        counts
    };
    kyc_desk::jobs::sweep(&app.app).await.unwrap();
    assert_eq!((left().await, visitor.get("/c").await.status), (vec![1, 1], 200));
    app.advance(25 * 3600);
    kyc_desk::jobs::sweep(&app.app).await.unwrap();
    assert_eq!(left().await, [0, 0]);
}

#[tokio::test]
async fn another_site_presses_nobodys_button() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let link = link(&app, &id).await;
    let visitor = Visitor::new(&app);
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.example"),
    ] {
        let request = axum::http::Request::post(&link).header(name, value);
        let refused = visitor.send(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!((refused.status, refused.cookies().len()), (400, 0), "{name}: {value}");
    }
    assert!(!app.audit_log().await.contains("link_opened"));
}

#[tokio::test]
async fn a_form_of_another_site_or_another_visit_does_nothing() {
    let app = TestApp::start().await;
    let (id, other) = (app.session().await, app.session().await);
    let (visitor, stranger) = (Visitor::begun(&app, &id).await, Visitor::begun(&app, &other).await);
    for form in ["", "form=", "form=guess", &format!("form={}", stranger.secret().await)] {
        assert_eq!(visitor.post("/c/step/consent", form).await.status, 400, "{form}");
    }
    let secret = visitor.secret().await;
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")]
    {
        let request = axum::http::Request::post("/c/step/consent")
            .header("cookie", visitor.cookie.as_ref().unwrap())
            .header("content-type", "application/x-www-form-urlencoded")
            .header(name, value)
            .body(axum::body::Body::from(format!("form={secret}")))
            .unwrap();
        assert_eq!(visitor.send(request).await.status, 400, "{name}: {value}");
    }
    assert!(session_of(&app, &id).await.consent.is_none());
    assert_eq!(Visitor::new(&app).get("/c").await.status, 401, "without a cookie there is no page");
}

#[tokio::test]
async fn she_comes_back_within_a_day_and_is_told_how_it_ended() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::begun(&app, &id).await;
    visitor.consent().await;
    app.advance(23 * 3600);
    app.work().await;
    let page = visitor.get("/c").await;
    assert!(page.status == 200 && !page.text.contains("Before we begin"), "{}", page.text);
    let mut again = Visitor::new(&app);
    assert_eq!(again.press_start(&link(&app, &id).await).await.status, 303, "by another browser too");
    assert!(!again.get("/c").await.text.contains("Before we begin"));
    app.advance(2 * 3600);
    app.work().await;
    assert_eq!(session_of(&app, &id).await.status().as_str(), "expired");
}

#[tokio::test]
async fn the_page_works_without_scripts_and_allows_none_but_its_own() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::begun(&app, &id).await;
    let page = visitor.get("/c").await;
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
    assert!(!page.text.contains("<style") && !page.text.contains(" style=") && !page.text.contains(" onclick"));
    let (_, rest) = page.text.split_once("rel=\"stylesheet\" href=\"").unwrap();
    let style = visitor.get(rest.split('"').next().unwrap()).await;
    assert_eq!((style.status, style.headers["content-type"].to_str().unwrap()), (200, "text/css; charset=utf-8"));
    assert_eq!(style.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(visitor.get("/c/file/page-other.css").await.status, 404);
}

#[tokio::test]
async fn the_desk_has_no_customers_page() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let link = link(&app, &id).await;
    let request = axum::http::Request::get(&link).body(axum::body::Body::empty()).unwrap();
    let answer = app.guest().send(&app.desk, request).await;
    assert!(answer.status == 404 && !answer.text.contains("Confirm who you are"));
}
