//! Pictures that come with a provider's result: fetched where the bank wants them, sealed, shown like uploads and kept beside them.

mod jumio;
mod onfido;

use kyc_sandbox::pictures::canary;
use kyc_sandbox::veriff::{Call, Fault, Outcome};
use kyc_tests::{Answer, Caller, TestApp, captured};
use serde_json::{Value, json};

use crate::customer::photos::{at_photos, files, hand_in, png, session_of};
use crate::privacy::cells;

const DAY: u64 = 24 * 3600;

/// An installation whose bank wants the pictures.
async fn wanting() -> TestApp {
    let mut world = TestApp::start().await.leave();
    world.reword("kind = \"veriff\"", "kind = \"veriff\"\nfetch_images = true");
    TestApp::on(world).await
}

async fn view(by: &Caller<'_>, id: &str, source: &str, item: &str, reason: &str) -> Answer {
    by.post(&format!("/api/sessions/{id}/photo"), &json!({ "source": source, "item": item, "reason": reason })).await
}

/// What the agent's list names, as source and item.
async fn listed(by: &Caller<'_>, id: &str) -> Vec<String> {
    let uploads = by.open(id).await["uploads"].clone();
    let name = |upload: &Value| format!("{} {}", upload["source"].as_str().unwrap(), upload["item"].as_str().unwrap());
    uploads.as_array().unwrap().iter().map(name).collect()
}

async fn entries(app: &TestApp, id: &str, action: &str) -> Vec<Value> {
    let log = app.audit_log().await;
    let entries = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let entries = entries.map(|line| line["entry"].clone());
    entries.filter(|entry| entry["action"] == action && entry["session"] == id).collect()
}

/// Paths that Veriff was asked for since the session began, without ids.
fn asked(app: &TestApp) -> Vec<String> {
    let short = |path: String| path.split('/').filter(|part| part.len() < 20).collect::<Vec<_>>().join("/");
    app.veriff.requests().into_iter().map(|request| short(request.path)).collect()
}

/// Lets time pass until what failed was tried again, and again.
async fn a_while(app: &TestApp) {
    for _ in 0..12 {
        app.advance(60);
        app.work().await;
    }
}

const ALL: [&str; 3] = ["provider document_front", "provider document_back", "provider face"];

#[tokio::test]
async fn the_pictures_of_a_result_are_shown_with_a_reason_and_an_entry_first() {
    let app = wanting().await;
    let (mira, tomas, sanna) = (app.staff("mira").await, app.staff("tomas").await, app.staff("sanna").await);
    let id = app.verified_session().await;
    assert_eq!(listed(&mira, &id).await, ALL);
    let received = entries(&app, &id, "image_received").await;
    let details: Vec<_> = received.iter().map(|entry| entry["detail"].as_str().unwrap()).collect();
    assert_eq!(details, ["document_front", "document_back", "face"]);
    assert_eq!(view(&mira, &id, "provider", "face", "ask_the_customer").await.code(), "not_holder");
    mira.act(&id, "take", json!({ "reason": null })).await;
    let shown = view(&mira, &id, "provider", "face", "ask_the_customer").await;
    assert_eq!((shown.status, shown.headers["content-type"].to_str().unwrap()), (200, "image/jpeg"));
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!(view(&mira, &id, "provider", "face", "curiosity").await.code(), "invalid");
    assert_eq!(view(&mira, &id, "customer", "face", "ask_the_customer").await.code(), "not_found");
    assert_eq!(view(&tomas, &id, "provider", "face", "ask_the_customer").await.code(), "held_by_colleague");
    assert_eq!(view(&sanna, &id, "provider", "face", "ask_the_customer").await.code(), "not_found");
    let viewed = entries(&app, &id, "document_viewed").await;
    let done: Vec<_> = viewed.iter().filter(|entry| entry["outcome"]["outcome"] == "ok").collect();
    assert_eq!(done.len(), 1, "{viewed:?}");
    assert_eq!((&done[0]["detail"], &done[0]["reason"]), (&json!("provider_face"), &json!("ask_the_customer")));
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 1, "it counts as a reveal");
}

#[tokio::test]
async fn what_the_customer_uploaded_stays_beside_what_the_provider_has() {
    let app = wanting().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    app.decide(&id, Outcome::Review).await;
    assert_eq!(listed(&mira, &id).await, [&["customer face"][..], &ALL].concat());
    mira.act(&id, "take", json!({ "reason": null })).await;
    let uploaded = view(&mira, &id, "customer", "face", "ask_the_customer").await;
    let provided = view(&mira, &id, "provider", "face", "ask_the_customer").await;
    let media_type = |answer: &Answer| answer.headers["content-type"].to_str().unwrap().to_owned();
    assert_eq!((media_type(&uploaded).as_str(), media_type(&provided).as_str()), ("image/png", "image/jpeg"));
    let pool = app.database.raw().await;
    let swapped =
        "UPDATE document SET object = (SELECT object FROM document WHERE item = 'provider_face') WHERE item = 'face'";
    sqlx::query(swapped).execute(&pool).await.unwrap();
    assert_eq!(view(&mira, &id, "customer", "face", "ask_the_customer").await.code(), "internal", "not in its place");
}

#[tokio::test]
async fn nobody_is_asked_for_pictures_that_the_bank_does_not_want() {
    let app = TestApp::start().await;
    let id = app.verified_session().await;
    a_while(&app).await;
    assert!(!asked(&app).iter().any(|path| path.contains("media")), "{:?}", asked(&app));
    assert!(listed(&app.staff("mira").await, &id).await.is_empty() && files(&app).is_empty());
}

#[tokio::test]
async fn addresses_that_an_answer_names_are_not_followed() {
    let app = wanting().await;
    app.verified_session().await;
    a_while(&app).await;
    let asked = asked(&app);
    assert!(!asked.iter().any(|path| path.contains("elsewhere")), "{asked:?}");
    assert_eq!(asked.iter().filter(|path| path.contains("media")).count(), 4, "the list and three pictures: {asked:?}");
}

#[tokio::test]
async fn nothing_of_a_picture_lies_anywhere_in_clear() {
    let app = wanting().await;
    let id = app.verified_session().await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let request = mira.desk_request("POST", &format!("/api/sessions/{id}/photo"));
    let body = json!({ "source": "provider", "item": "face", "reason": "ask_the_customer" }).to_string();
    let shown = crate::customer::photos::bytes_of(&app, request.body(body.into()).unwrap()).await;
    let pixels = image::load_from_memory(&shown).unwrap().to_rgb8().into_raw();
    let comment = canary("");
    let holds = |bytes: &[u8], part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(!holds(&shown, comment.as_bytes()), "it was encoded anew");
    let (kept, rows) = (files(&app), cells(&app).await);
    assert_eq!(kept.len(), 3);
    for place in kept.iter().chain([&rows]) {
        assert!(image::load_from_memory(place).is_err() && !holds(place, comment.as_bytes()));
        for clear in [&shown[..], &pixels] {
            for probe in clear[64..].chunks_exact(32).step_by(997) {
                assert!(!holds(place, probe), "a piece of the picture lies in clear");
            }
        }
    }
    let log = app.audit_log().await;
    assert!(!captured().contains(&comment) && !log.contains(&comment));
}

#[tokio::test]
async fn what_is_too_large_or_no_picture_is_left_out_and_the_case_goes_on() {
    for (fault, code) in [(Fault::TooLarge, "too_large"), (Fault::NotJson, "not_a_picture")] {
        let app = wanting().await;
        let mira = app.staff("mira").await;
        app.veriff.fail_next_call(1, Call::Picture, fault);
        let id = app.verified_session().await;
        assert_eq!(listed(&mira, &id).await, ALL[1..], "{code}");
        let refused = entries(&app, &id, "image_received").await[0].clone();
        assert_eq!((&refused["outcome"]["code"], &refused["detail"]), (&json!(code), &json!("document_front")));
        assert_eq!(files(&app).len(), 2);
        let before = asked(&app).len();
        a_while(&app).await;
        assert_eq!(asked(&app).len(), before, "it would be no other the next time");
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.tick_off(&id).await;
        assert_eq!(mira.act(&id, "propose", json!({ "reason": null })).await["status"], "final_approval");
    }
}

#[tokio::test]
async fn pictures_that_do_not_come_at_once_come_later() {
    for (times, call, fault) in [
        (2, Call::Media, Fault::Status(404)),
        (1, Call::Picture, Fault::Status(404)),
        (2, Call::Picture, Fault::RateLimited { retry_after: Some(30) }),
        (3, Call::Picture, Fault::Status(503)),
        (1, Call::Picture, Fault::ResetAfterwards),
        (1, Call::Picture, Fault::Slow(300)),
    ] {
        let app = wanting().await;
        app.veriff.fail_next_call(times, call, fault);
        let id = app.verified_session().await;
        a_while(&app).await;
        assert_eq!(listed(&app.staff("mira").await, &id).await, ALL, "{fault:?}");
        assert_eq!((files(&app).len(), entries(&app, &id, "image_received").await.len()), (3, 3), "{fault:?}");
    }
}

#[tokio::test]
async fn pictures_that_never_come_are_given_up_and_an_operator_sees_it() {
    let app = wanting().await;
    app.veriff.fail_next_call(100, Call::Media, Fault::Status(404));
    let id = app.verified_session().await;
    for _ in 0..4 {
        a_while(&app).await;
    }
    let asked = asked(&app).iter().filter(|path| path.contains("media")).count();
    assert_eq!(asked, 8);
    let dead = app.app.store.glance(&app.app.tenant).await.unwrap().list_dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|job| job.kind.as_str()).collect::<Vec<_>>(), ["fetch_images"]);
    assert_eq!(app.staff("mira").await.open(&id).await["status"], "agent_verification");
}

#[tokio::test]
async fn pictures_belong_to_their_result() {
    let app = wanting().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    app.decide(&id, Outcome::Review).await;
    let before = files(&app);
    app.advance(1);
    app.veriff.fail_next_call(1, Call::Picture, Fault::Status(503));
    let session = app.veriff.sessions_of(&id)[0].clone();
    app.veriff.decide(&session, Outcome::Clean).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    assert!(listed(&mira, &id).await.is_empty() && files(&app).is_empty(), "those of the result before are gone");
    a_while(&app).await;
    assert_eq!(listed(&mira, &id).await, ALL);
    let now = files(&app);
    assert!(now.len() == 3 && now.iter().all(|file| !before.contains(file)));
}

#[tokio::test]
async fn whoever_must_capture_anew_has_not_shown_anything_yet() {
    let app = wanting().await;
    let id = app.session().await;
    app.decide(&id, Outcome::Resubmission(204)).await;
    assert!(!asked(&app).iter().any(|path| path.contains("media")));
    app.advance(1);
    app.decide(&id, Outcome::Clean).await;
    assert_eq!(listed(&app.staff("mira").await, &id).await, ALL);
}

#[tokio::test]
async fn pictures_go_with_the_photos_and_do_not_come_back() {
    let app = wanting().await;
    let mira = app.staff("mira").await;
    let id = app.verified_session().await;
    let late = app.session().await;
    app.claims(&late, 1).await;
    app.veriff.fail_next_call(1, Call::Media, Fault::RateLimited { retry_after: Some(3600) });
    app.decide(&late, Outcome::Clean).await;
    for session in [&id, &late] {
        mira.act(session, "take", json!({ "reason": null })).await;
        let reason = mira.reason_for("reject").await;
        mira.act(session, "reject", json!({ "reason": reason })).await;
    }
    let before = asked(&app).len();
    app.advance(DAY);
    app.work().await;
    assert_eq!((asked(&app).len(), files(&app).len()), (before, 3), "what is over is not asked for");
    app.advance(29 * DAY);
    app.work().await;
    app.work().await;
    assert!(files(&app).is_empty(), "every file of them");
    assert_eq!(entries(&app, &id, "purged").await[0]["detail"], "documents:photos-3:backups-30d");
    assert!(listed(&app.staff("jo").await, &id).await.is_empty());
}
