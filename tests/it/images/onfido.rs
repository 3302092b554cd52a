//! The same with Onfido: documents and live photos of the applicant, by token and by OAuth2.

use kyc_sandbox::onfido::{Call, Fault, Outcome};
use kyc_sandbox::pictures::canary;
use kyc_tests::TestApp;
use serde_json::json;

use super::{ALL, a_while, entries, listed, view};
use crate::customer::photos::files;
use crate::onfido::{BOTH, decide, session, start};
use crate::privacy::cells;

async fn wanting(integration: &str) -> TestApp {
    let mut world = start(integration).await.leave();
    world.reword("kind = \"onfido\"", "kind = \"onfido\"\nfetch_images = true");
    let app = TestApp::on(world).await;
    app.onfido_tells(integration);
    app
}

/// Which calls for pictures were made.
fn asked(app: &TestApp) -> Vec<String> {
    let is_about = |path: &String| ["documents", "live_photos", "elsewhere"].iter().any(|part| path.contains(part));
    app.onfido.requests().into_iter().map(|request| request.path).filter(is_about).collect()
}

#[tokio::test]
async fn documents_and_live_photos_of_the_applicant_are_shown_with_a_reason_and_lie_nowhere_in_clear() {
    for integration in BOTH {
        let app = wanting(integration).await;
        let mira = app.staff("mira").await;
        let id = session(&app, integration).await;
        decide(&app, &id, Outcome::Clear).await;
        a_while(&app).await;
        assert_eq!(listed(&mira, &id).await, ALL, "{integration}");
        let asked = asked(&app);
        assert_eq!(asked.len(), 5, "two lists and three pictures: {asked:?}");
        assert!(!asked.iter().any(|path| path.contains("elsewhere") || path.contains("bill")), "{asked:?}");
        mira.act(&id, "take", json!({ "reason": null })).await;
        assert_eq!(view(&mira, &id, "provider", "document_back", "ask_the_customer").await.status, 200);
        assert_eq!(entries(&app, &id, "document_viewed").await[0]["detail"], "provider_document_back");
        let (kept, rows, comment) = (files(&app), cells(&app).await, canary(""));
        for place in kept.iter().chain([&rows]) {
            assert!(image::load_from_memory(place).is_err());
            assert!(!place.windows(comment.len()).any(|part| part == comment.as_bytes()));
        }
        assert!(kept.len() == 3 && !kyc_tests::captured().contains(&comment));
    }
}

#[tokio::test]
async fn nobody_asks_onfido_for_pictures_that_the_bank_does_not_want() {
    let app = start("onfido-eu").await;
    let id = session(&app, "onfido-eu").await;
    decide(&app, &id, Outcome::Clear).await;
    a_while(&app).await;
    assert!(asked(&app).is_empty() && listed(&app.staff("mira").await, &id).await.is_empty());
}

#[tokio::test]
async fn what_goes_wrong_at_onfido_leaves_the_case_usable() {
    for (call, fault, is_left_out) in [
        (Call::Picture, Fault::TooLarge, true),
        (Call::Picture, Fault::NotJson, true),
        (Call::Picture, Fault::RateLimited { retry_after: Some(30) }, false),
        (Call::Picture, Fault::Status(404), false),
        (Call::Media, Fault::Status(503), false),
        (Call::Picture, Fault::Slow(200), false),
    ] {
        let app = wanting("onfido-eu").await;
        let mira = app.staff("mira").await;
        app.onfido.fail_next_call(1, call, fault);
        let id = session(&app, "onfido-eu").await;
        decide(&app, &id, Outcome::Clear).await;
        a_while(&app).await;
        assert_eq!(listed(&mira, &id).await, ALL[usize::from(is_left_out)..], "{fault:?}");
        mira.act(&id, "take", json!({ "reason": null })).await;
    }
}
