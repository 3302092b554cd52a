//! From her page to the provider and back: she is led to the newest run, while it is hers to do and at no other time.

use kyc_sandbox::veriff::{Call, Fault, Outcome, Step};
use kyc_tests::{TestApp, new_session};
use serde_json::json;

use super::photos::{hand_in, png, session_of};
use super::visitor::{Visitor, link};

/// Whether her page leads to the capture.
async fn leads(visitor: &Visitor<'_>) -> bool {
    visitor.get("/c").await.text.contains("href=\"/c/step/capture\"")
}

/// The token of the newest run, as the provider made it.
fn newest(app: &TestApp, id: &str) -> String {
    app.veriff.sessions_of(id).pop().unwrap()
}

/// Where the provider's page of the newest run is.
fn provider_page(app: &TestApp, id: &str) -> String {
    app.veriff.capture_url(&newest(app, id)).unwrap()
}

#[tokio::test]
async fn she_is_led_to_the_provider_only_after_she_has_consented() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::begun(&app, &id).await;
    assert!(!leads(&visitor).await);
    assert_eq!(visitor.get("/c/step/capture").await.headers["location"], "/c", "nobody goes round the consent");
    assert_eq!(visitor.consent().await.status, 303);
    let page = visitor.get("/c").await;
    assert!(page.text.contains("Check your document and face"), "{}", page.text);
    assert_eq!(page.headers["referrer-policy"], "no-referrer");
    assert_eq!(visitor.capture().await, provider_page(&app, &id));
    let gone = visitor.get("/c/step/capture").await;
    assert_eq!(gone.headers["referrer-policy"], "no-referrer");
    assert_eq!(gone.headers["cache-control"], "no-store");
    assert_eq!(Visitor::new(&app).get("/c/step/capture").await.status, 401);
}

#[tokio::test]
async fn a_run_that_is_not_there_yet_is_waited_for_and_the_page_goes_on_by_itself() {
    let app = TestApp::start().await;
    let id = app.new_id();
    app.veriff.fail_next_call(1, Call::Create, Fault::RateLimited { retry_after: Some(30) });
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &new_session(&id)).await;
    let visitor = Visitor::by_link(&app, made.json()["capture_url"].as_str().unwrap()).await;
    for work in [false, true] {
        if work {
            app.work().await;
        }
        let page = visitor.get("/c").await.text;
        assert!(page.contains("is being prepared. This page goes on by itself."), "{page}");
        assert!(page.contains("<noscript><meta http-equiv=\"refresh\" content=\"3\"></noscript>"), "{page}");
        assert!(page.contains(" data-again=\"3\""), "{page}");
        assert!(!page.contains("/c/step/capture"), "{page}");
        assert_eq!(visitor.get("/c/step/capture").await.headers["location"], "/c");
    }
    app.advance(60);
    app.work().await;
    assert_eq!(visitor.capture().await, provider_page(&app, &id));
    assert!(!visitor.get("/c?lang=de").await.text.contains("wird vorbereitet"));
}

#[tokio::test]
async fn who_is_back_is_not_sent_again_unless_she_has_not_finished() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    let first = visitor.capture().await;
    let back = visitor.get("/c").await.text;
    assert!(back.contains("Welcome back") && back.contains("Go on with the check"), "{back}");
    assert!(back.contains("http-equiv=\"refresh\" content=\"5\""), "{back}");
    assert_eq!(visitor.capture().await, first, "she goes on where she stopped");
    app.veriff.event(&newest(&app, &id), Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    let checking = visitor.get("/c").await.text;
    assert!(checking.contains("Everything has arrived.") && !checking.contains("/c/step/capture"), "{checking}");
    app.decide(&id, Outcome::Clean).await;
    let waiting = visitor.get("/c").await.text;
    assert!(waiting.contains("You have done your part."), "{waiting}");
    assert!(waiting.contains("http-equiv=\"refresh\" content=\"15\""), "what the staff ask for comes by itself");
}

#[tokio::test]
async fn a_capture_that_failed_is_asked_for_again_and_not_taken_for_done() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    let first = visitor.capture().await;
    // One after the other, as they come: what was handed in is reported well before it is judged.
    app.veriff.event(&newest(&app, &id), Step::Submitted).await.unwrap();
    app.work().await;
    app.veriff.decide(&newest(&app, &id), Outcome::Resubmission(204)).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert_eq!(session_of(&app, &id).await.status().as_str(), "created");
    let page = visitor.get("/c").await.text;
    assert!(page.contains("Check your document and face") && !page.contains("Welcome back"), "{page}");
    assert_eq!(visitor.capture().await, first, "Veriff goes on in the same session");
}

#[tokio::test]
async fn after_a_recapture_she_is_led_to_the_newest_run_by_the_same_link() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    let first = visitor.capture().await;
    app.decide(&id, Outcome::Clean).await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
    assert!(!leads(&visitor).await, "the run that is over is nothing for her");
    app.work().await;
    let second = visitor.capture().await;
    assert_ne!(second, first);
    assert_eq!(second, provider_page(&app, &id));
}

#[tokio::test]
async fn nobody_is_led_to_a_capture_that_is_not_hers_to_do_any_more() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    assert!(leads(&visitor).await, "an agent who looks at it changes nothing for her");
    mira.act(&id, "reject", json!({ "reason": "customer_refuses" })).await;
    assert!(!leads(&visitor).await);
    assert_eq!(visitor.get("/c/step/capture").await.headers["location"], "/c");
    let proposed = app.session().await;
    let visitor = Visitor::of(&app, &proposed).await;
    app.decide(&proposed, Outcome::Clean).await;
    mira.act(&proposed, "take", json!({ "reason": null })).await;
    mira.tick_off(&proposed).await;
    mira.act(&proposed, "propose", json!({ "reason": mira.reason_for("propose").await })).await;
    assert_eq!(session_of(&app, &proposed).await.status().as_str(), "final_approval");
    assert_eq!(visitor.get("/c/step/capture").await.headers["location"], "/c");
    assert!(visitor.get("/c").await.text.contains("You have done your part."));
}

#[tokio::test]
async fn photos_and_the_liveness_check_by_the_link_lead_to_an_approval() {
    let app = TestApp::start().await;
    let (mira, jo) = (app.staff("mira").await, app.staff("jo").await);
    let id = app.session().await;
    assert_eq!(app.claims(&id, 0).await.status, 204);
    let visitor = Visitor::of(&app, &id).await;
    for item in ["document_front", "face"] {
        assert_eq!(hand_in(&visitor, item, &png(60, 40, 1)).await.status, 303);
    }
    assert!(visitor.get("/c").await.text.contains("it is needed before your bank can confirm"), "beside the photos");
    assert_eq!(visitor.press("/c/step/send").await.status, 303);
    mira.act(&id, "take", json!({ "reason": null })).await;
    mira.tick_off(&id).await;
    let refused = mira.try_act(&id, "propose", json!({ "reason": mira.reason_for("propose").await })).await;
    assert_eq!(refused.code(), "incomplete");
    let page = visitor.get("/c").await.text;
    assert!(page.contains("Thank you, we have your photos. One thing is left"), "{page}");
    assert_eq!(visitor.capture().await, provider_page(&app, &id));
    app.decide(&id, Outcome::Clean).await;
    assert!(visitor.get("/c").await.text.contains("We have your photos."));
    mira.act(&id, "propose", json!({ "reason": null })).await;
    assert_eq!(jo.act(&id, "approve", json!({})).await["status"], "approved");
}

#[tokio::test]
async fn the_providers_link_is_for_her_alone() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let url = link(&app, &id).await;
    let visitor = Visitor::of(&app, &id).await;
    let capture = visitor.capture().await;
    let token = capture.rsplit('/').next().unwrap();
    assert!(token.len() > 8, "{capture}");
    for path in ["/c", "/c?photos", &url] {
        assert!(!visitor.get(path).await.text.contains(token), "{path}");
    }
    assert!(!mira.open(&id).await.to_string().contains(token), "nor does an agent get it");
    let told = app.flow().await.get_edge(&format!("/flow/v1/sessions/{id}"), Some(&id)).await.text;
    assert!(!told.contains(token) && !app.audit_log().await.contains(token));
    assert!(!kyc_tests::captured().contains(token), "nor is it in the log");
}

#[tokio::test]
async fn going_there_is_a_sign_of_life_and_unsettles_no_agent() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    let version = mira.open(&id).await["version"].clone();
    visitor.capture().await;
    assert_eq!(mira.open(&id).await["version"], version, "what she decides still holds");
    app.advance(60);
    app.work().await;
    assert_eq!(mira.open(&id).await["presence"]["presence"], "lost");
    visitor.get("/c/step/capture").await;
    assert_eq!(mira.open(&id).await["presence"]["presence"], "connected");
}

/// Her cookie goes along when another site leads her browser there, or lets it fetch ahead: neither is her going.
#[tokio::test]
async fn only_she_goes_there_and_no_other_site_or_machine_for_her() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::of(&app, &id).await;
    let before = session_of(&app, &id).await;
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-purpose", "prefetch"),
        ("sec-purpose", "prefetch;prerender"),
        ("purpose", "prefetch"),
    ] {
        app.advance(1);
        let answer = visitor.get_with("/c/step/capture", name, value).await;
        assert_eq!((answer.status, &answer.headers["location"]), (303, &"/c".parse().unwrap()), "{name}: {value}");
        assert_eq!(session_of(&app, &id).await, before, "{name}: {value}");
    }
    let there = provider_page(&app, &id);
    for site in ["same-origin", "none"] {
        let answer = visitor.get_with("/c/step/capture", "sec-fetch-site", site).await;
        assert_eq!(answer.headers["location"], there, "{site}");
    }
    let back = visitor.get_with("/c", "sec-fetch-site", "cross-site").await;
    assert!(back.text.contains("Welcome back"), "the provider leads her back here: {}", back.text);
    assert_eq!(visitor.capture().await, there, "an old browser says nothing of it");
}
