//! What the agent sees of photos that the customer uploaded, and the link that she sends her.

use std::io::Cursor;

use image::{ImageBuffer, ImageFormat, Rgb};
use kyc_desk::casework;
use kyc_desk::documents;
use kyc_desk::domain::audit::{Action, Actor};
use kyc_desk::domain::command::Report;
use kyc_desk::domain::session::Consent;
use kyc_wire::session::CaptureItem;
use serde_json::json;

use crate::customer::browser;
use crate::screens::look;
use crate::support::Stage;

/// A drawing of a card with a head on it, or of a head alone.
fn drawing(item: CaptureItem) -> Vec<u8> {
    let is_face = item == CaptureItem::Face;
    let (width, height) = if is_face { (480, 600) } else { (860, 540) };
    let (middle, size) = if is_face { ((240.0, 280.0), 170.0) } else { ((190.0, 240.0), 90.0) };
    let image = ImageBuffer::from_fn(width, height, |x, y| {
        let (dx, dy) = (f64::from(x) - middle.0, f64::from(y) - middle.1);
        let is_head = dx * dx + dy * dy * 0.7 < size * size;
        let is_line = !is_face && x > 340 && x < 780 && y > 120 && y < 440 && (y / 26) % 2 == 0;
        match (is_head, is_line) {
            (true, _) => Rgb([216_u8, 170, 140]),
            (_, true) => Rgb([70, 84, 110]),
            _ => Rgb([205, 216, 228]),
        }
    });
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

/// A session whose customer has uploaded two photos.
pub async fn uploaded(stage: &Stage) -> String {
    let (session, app) = (stage.app.session().await, &stage.app.app);
    let id = session.parse().unwrap();
    let mut tx = app.store.begin(&app.tenant).await.unwrap();
    let found = tx.find_session(id).await.unwrap().unwrap();
    let consent = Consent {
        hash: "00".repeat(32),
        version: "2026-11".to_owned(),
        language: "en".to_owned(),
        at: app.clock.now(),
    };
    let given = (Actor::Customer, Action::ConsentGiven);
    let changed = casework::report(app, tx, found, Report::Consented(consent), given).await.unwrap();
    changed.commit(app).await.unwrap();
    for item in [CaptureItem::DocumentFront, CaptureItem::Face] {
        documents::receive(app, id, item, drawing(item).into()).await.unwrap();
    }
    documents::send(app, id).await.unwrap();
    session
}

#[tokio::test]
async fn photos_are_side_by_side_enlarged_by_keyboard_and_put_away() {
    // They must outlive all the looks at them.
    let (stage, browser) = (Stage::with_policy("reveal_seconds = 120").await, browser().await);
    let mut faults = Vec::new();
    let session = uploaded(&stage).await;
    browser.goto(&stage.desk("/")).await;
    browser.sign_in("mira", false).await;
    browser.goto(&stage.desk(&format!("/s/{session}"))).await;
    browser.see("The session is with you.").await;
    browser.see("The customer uploaded photos").await;
    browser.see("Get the link for the liveness check").await;
    browser.press("Look at the photos…").await;
    look(&browser, "photos-why", &mut faults).await;
    browser.press_number(1).await;
    browser.see("Gone in").await;
    look(&browser, "photos", &mut faults).await;
    let transform =
        "return [...document.querySelectorAll('.kyc-photo g')].map(g => g.getAttribute('transform')).join()";
    let before = browser.run(transform).await;
    browser.press("Larger").await;
    browser.press("Turn").await;
    let script = format!("{} !== {before}", transform.replace("return ", "return (() => { return ") + " })()");
    browser.wait_for("photos that are turned", &script).await;
    look(&browser, "photos-turned", &mut faults).await;
    let words = browser.run("return document.querySelector('.kyc-photo__mark').textContent").await;
    assert!(words.as_str().unwrap().contains("Mira"), "whoever looks is named across it: {words}");
    browser.press("Put away").await;
    browser.wait_for("no photo", "return document.querySelectorAll('.kyc-photo').length === 0").await;
    assert_eq!(stage.app.audit_log().await.matches(r#""action":"document_viewed""#).count(), 2);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn a_new_link_goes_into_the_draft_of_the_conversation_and_works() {
    let (stage, browser) = (Stage::start().await, browser().await);
    let session = stage.app.session().await;
    let conversation = stage.ring(&session);
    stage.desktop(&browser, &format!("conversation={conversation}&form=session")).await;
    browser.sign_in("mira", true).await;
    browser.see("The session is with you.").await;
    browser.press("Get the link for the customer").await;
    browser.see("Replace it; this one ends").await;
    browser.press("Put into the chat").await;
    browser.see("The link is in your draft.").await;
    browser.enter_desktop().await;
    let script = "return document.getElementById('draft').value.includes('/c/')";
    browser.wait_for("the link in the draft", script).await;
    browser.picture("link-in-chat").await;
    let draft = browser.run("return document.getElementById('draft').value").await;
    let draft = draft.as_str().unwrap();
    assert!(
        draft.starts_with("Please go on here with the check of your document and face: http")
            && draft.ends_with("for you alone."),
        "{draft}"
    );
    let path = draft.split("/c/").nth(1).unwrap().split(' ').next().unwrap();
    let request = axum::http::Request::get(format!("/c/{path}")).body(axum::body::Body::empty()).unwrap();
    assert_eq!(stage.app.guest().send(&stage.app.edge, request).await.status, 200);
}

#[tokio::test]
async fn what_is_asked_for_again_goes_into_the_draft_of_the_conversation() {
    let (stage, browser) = (Stage::start().await, browser().await);
    let session = stage.app.verified_session().await;
    let conversation = stage.ring(&session);
    stage.desktop(&browser, &format!("conversation={conversation}&form=session")).await;
    browser.sign_in("mira", true).await;
    browser.see("The session is with you.").await;
    browser.press("Ask again").await;
    browser.press("Back of the document").await;
    browser.press_number(2).await;
    browser.press("Ask for a new photo").await;
    browser.see("Asked for again").await;
    browser.see("Waiting for the new photo").await;
    browser.press("Put this into the chat").await;
    browser.see("The sentence is in your draft.").await;
    browser.enter_desktop().await;
    let script =
        "return document.getElementById('draft').value.startsWith('Please take a new photo: Back of the document.')";
    browser.wait_for("the sentence in the draft", script).await;
    browser.picture("asked-again").await;
    browser.enter_widget().await;
    browser.keys("w").await;
    browser.see("Taken back. All is as it was.").await;
    browser.see_no("Asked for again").await;
    assert_eq!(stage.app.staff("mira").await.open(&session).await["status"], "agent_verification");
}

#[tokio::test]
async fn what_was_asked_for_again_is_said_aloud_when_it_arrives() {
    let (stage, browser) = (Stage::start().await, browser().await);
    let session = uploaded(&stage).await;
    browser.goto(&stage.desk(&format!("/s/{session}"))).await;
    browser.sign_in("mira", false).await;
    browser.until_hers().await;
    let mira = stage.app.staff("mira").await;
    for item in ["document_back", "face"] {
        mira.act(&session, "recapture", json!({ "item": item, "reason": "glare" })).await;
    }
    browser.see("Asked for again").await;
    documents::receive(&stage.app.app, session.parse().unwrap(), CaptureItem::Face, drawing(CaptureItem::Face).into())
        .await
        .unwrap();
    let is_said = "return document.querySelector('[role=status].kyc-only-heard').textContent.includes('has arrived')";
    browser.wait_for("it to be said", is_said).await;
}
