//! The same with Jumio: parts of the credentials of a workflow execution.

use kyc_sandbox::jumio::{Call, Fault, Outcome};
use kyc_sandbox::pictures::canary;
use kyc_tests::TestApp;
use serde_json::json;

use super::{ALL, a_while, entries, listed, view};
use crate::customer::photos::files;
use crate::jumio::{decide, session};
use crate::privacy::cells;

async fn wanting() -> TestApp {
    let mut world = TestApp::start().await.leave();
    world.reword("kind = \"jumio\"", "kind = \"jumio\"\nfetch_images = true");
    TestApp::on(world).await
}

/// A session with a result.
async fn decided(app: &TestApp) -> String {
    let id = session(app, 0).await;
    decide(app, &id, Outcome::Clean).await;
    // Nobody delivers callbacks here: the result is asked for.
    a_while(app).await;
    id
}

/// Which calls for pictures were made.
fn asked(app: &TestApp) -> Vec<String> {
    let is_about = |path: &String| path.contains("/parts/") || path.contains("/elsewhere/");
    app.jumio.requests().into_iter().map(|request| request.path).filter(is_about).collect()
}

#[tokio::test]
async fn parts_of_credentials_are_shown_with_a_reason_and_lie_nowhere_in_clear() {
    let app = wanting().await;
    let id = decided(&app).await;
    let mira = app.staff("mira").await;
    assert_eq!(listed(&mira, &id).await, ALL);
    let asked = asked(&app);
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(asked.iter().all(|path| path.contains("/parts/")), "{asked:?}");
    mira.act(&id, "take", json!({ "reason": null })).await;
    assert_eq!(view(&mira, &id, "provider", "face", "ask_the_customer").await.status, 200);
    assert_eq!(entries(&app, &id, "document_viewed").await[0]["detail"], "provider_face");
    let (kept, rows, comment) = (files(&app), cells(&app).await, canary(""));
    for place in kept.iter().chain([&rows]) {
        assert!(image::load_from_memory(place).is_err());
        assert!(!place.windows(comment.len()).any(|part| part == comment.as_bytes()));
    }
    assert!(kept.len() == 3 && !kyc_tests::captured().contains(&comment));
}

#[tokio::test]
async fn nobody_asks_jumio_for_pictures_that_the_bank_does_not_want() {
    let app = TestApp::start().await;
    let id = decided(&app).await;
    assert!(asked(&app).is_empty() && listed(&app.staff("mira").await, &id).await.is_empty());
}

#[tokio::test]
async fn what_goes_wrong_at_jumio_leaves_the_case_usable() {
    for (fault, is_left_out) in [
        (Fault::TooLarge, true),
        (Fault::NotJson, true),
        (Fault::RateLimited { retry_after: Some(30) }, false),
        (Fault::Status(404), false),
        (Fault::Slow(200), false),
    ] {
        let app = wanting().await;
        app.jumio.fail_next(1, Call::Picture, fault);
        let id = decided(&app).await;
        let mira = app.staff("mira").await;
        assert_eq!(listed(&mira, &id).await, ALL[usize::from(is_left_out)..], "{fault:?}");
        mira.act(&id, "take", json!({ "reason": null })).await;
    }
}
