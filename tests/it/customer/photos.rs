//! Photos: by plain forms and in parts over a line that breaks, taken in, sealed, and shown to one person at a time.

use std::fs;
use std::io::Cursor;

use axum::body::Body;
use axum::http::Request;
use image::{ImageBuffer, ImageFormat, Rgb};
use kyc_desk::domain::session::Session;
use kyc_tests::{Answer, Caller, Setup, TestApp};
use serde_json::{Value, json};

use super::visitor::Visitor;

/// A picture whose pixels can be told from another's: noise of this seed, which no codec makes small.
pub fn png(width: u32, height: u32, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let image = ImageBuffer::from_fn(width, height, |_, _| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [a, b, c, _] = state.to_be_bytes();
        Rgb([a, b, c])
    });
    let mut out = Cursor::new(Vec::new());
    image.write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

pub async fn session_of(app: &TestApp, id: &str) -> Session {
    app.app.store.glance(&app.app.tenant).await.unwrap().find_session(id.parse().unwrap()).await.unwrap().unwrap()
}

/// Somebody on the page with the photos.
pub async fn at_photos<'a>(app: &'a TestApp, id: &str) -> Visitor<'a> {
    let visitor = Visitor::begun(app, id).await;
    assert_eq!(visitor.consent().await.status, 303);
    visitor
}

async fn with_form(visitor: &Visitor<'_>, form: &str, item: &str, file: &[u8]) -> Answer {
    let part =
        |name: &str, more: &str| format!("--limit\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
    let mut body = format!("{}{form}\r\n{}{item}\r\n", part("form", ""), part("item", "")).into_bytes();
    body.extend(part("file", "; filename=\"Canary Passport.png\"").into_bytes());
    body.extend(file);
    body.extend(b"\r\n--limit--\r\n");
    let request = Request::post("/c/step/photo")
        .header("cookie", visitor.cookie.as_ref().unwrap())
        .header("content-type", "multipart/form-data; boundary=limit")
        .body(Body::from(body))
        .unwrap();
    visitor.send(request).await
}

pub async fn hand_in(visitor: &Visitor<'_>, item: &str, file: &[u8]) -> Answer {
    with_form(visitor, &visitor.secret().await, item, file).await
}

async fn script(visitor: &Visitor<'_>, method: &str, path: &str, offset: Option<u64>, body: Vec<u8>) -> Answer {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("cookie", visitor.cookie.as_ref().unwrap())
        .header("x-kycdesk-csrf", "1")
        .header("content-type", if offset.is_some() { "application/partial-upload" } else { "application/json" });
    if let Some(offset) = offset {
        request = request.header("upload-offset", offset);
    }
    visitor.send(request.body(Body::from(body)).unwrap()).await
}

async fn begin(visitor: &Visitor<'_>, item: &str, size: usize) -> Answer {
    script(visitor, "POST", "/c/uploads", None, json!({ "item": item, "size": size }).to_string().into_bytes()).await
}

pub async fn view(by: &Caller<'_>, id: &str, item: &str) -> Answer {
    by.post(&format!("/api/sessions/{id}/photo"), &json!({ "item": item, "reason": "ask_the_customer" })).await
}

pub fn files(app: &TestApp) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut folders = vec![app.directory.path().join("documents")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else {
                found.push(fs::read(entry).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn photos_by_form_bring_the_case_to_an_agent_and_pass_nothing() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let page = visitor.get("/c?photos").await.text;
    assert!(page.contains("Still needed: Front of the document, A photo of you."), "{page}");
    assert_eq!(visitor.press("/c/step/send").await.status, 409, "it is not all there");
    for item in ["document_front", "face"] {
        let done = hand_in(&visitor, item, &png(60, 40, 1)).await;
        assert_eq!((done.status, done.headers["location"].to_str().unwrap()), (303, "/c"), "{}", done.text);
    }
    assert_eq!(session_of(&app, &id).await.status().as_str(), "created");
    assert_eq!(visitor.press("/c/step/send").await.status, 303);
    let sent = session_of(&app, &id).await;
    assert_eq!((sent.status().as_str(), sent.channel.as_str()), ("agent_verification", "audio_upload"));
    assert!(visitor.get("/c").await.text.contains("we have your photos. One thing is left"));

    let mira = app.staff("mira").await;
    let taken = mira.act(&id, "take", json!({ "reason": null })).await;
    let check = &taken["checks"][0];
    assert_eq!((check["group"].as_str(), check["outcome"].as_str()), (Some("document"), Some("review")));
    assert!(check["explanation"]["en"].as_str().unwrap().contains("Nobody has checked them"));
    assert_eq!(taken["attention"][0], json!({ "kind": "check_review", "of": "document" }));
    assert_eq!(taken["uploads"].as_array().unwrap().len(), 2);
    mira.tick_off(&id).await;
    let proposed = mira.try_act(&id, "propose", json!({ "reason": mira.reason_for("propose").await })).await;
    assert_eq!((proposed.status, proposed.code().as_str()), (409, "incomplete"), "{}", proposed.text);
    let log = app.audit_log().await;
    for code in ["document_uploaded", "documents_sent"] {
        assert!(log.lines().any(|line| line.contains(code) && line.contains("\"customer\"")), "{code}");
    }
}

#[tokio::test]
async fn what_is_no_photo_is_refused_in_words_and_changes_nothing() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let damaged = png(60, 40, 1)[..600].to_vec();
    let large = vec![0xff; 10_000_001];
    for (file, words) in [
        (&b"%PDF-1.7 Canary"[..], "A PDF cannot be used."),
        (b"", "No photo was chosen."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This file is no JPEG or PNG."),
        (&damaged, "The photo could not be read"),
        (&large, "The photo has more than 10 MB."),
    ] {
        let refused = hand_in(&visitor, "face", file).await;
        assert_eq!(refused.status, 422, "{words}");
        assert!(refused.text.contains(words) && refused.text.contains("role=\"alert\""), "{words}: {}", refused.text);
    }
    assert_eq!(hand_in(&visitor, "passport", &png(8, 8, 1)).await.status, 400);
    assert_eq!(with_form(&visitor, "guess", "face", &png(8, 8, 1)).await.status, 400);
    assert!(session_of(&app, &id).await.uploads.items.is_empty());
    assert!(files(&app).is_empty(), "nothing is left of it");
    let before = Visitor::begun(&app, &app.session().await).await;
    assert_eq!(hand_in(&before, "face", &png(8, 8, 1)).await.status, 409, "nothing is taken before she consents");
}

#[tokio::test]
async fn a_photo_of_ten_megabytes_arrives_over_a_line_that_is_cut_twice() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let photo = png(1820, 1820, 7);
    assert!((9_900_000..10_000_000).contains(&photo.len()), "{}", photo.len());
    let begun = begin(&visitor, "document_front", photo.len()).await;
    assert_eq!(begun.status, 201, "{}", begun.text);
    let at = begun.headers["location"].to_str().unwrap().to_owned();
    send_over_a_line_cut_twice(&visitor, &at, &photo).await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let request = mira.desk_request("POST", &format!("/api/sessions/{id}/photo"));
    let body = json!({ "item": "document_front", "reason": "ask_the_customer" }).to_string();
    let shown = bytes_of(&app, request.body(Body::from(body)).unwrap()).await;
    assert!(
        image::load_from_memory(&shown).unwrap().to_rgb8() == image::load_from_memory(&photo).unwrap().to_rgb8(),
        "the same pixels"
    );
    let parts = sqlx::query("SELECT * FROM upload_part").fetch_all(&app.database.raw().await).await.unwrap();
    assert!(parts.is_empty(), "its parts are gone");
}

/// Sends it part by part, and goes on twice where the server says that it is.
async fn send_over_a_line_cut_twice(visitor: &Visitor<'_>, at: &str, photo: &[u8]) {
    let mut offset = 0;
    let (mut cuts, mut requests) = (0, 0);
    while offset < photo.len() {
        let end = (offset + 500_000).min(photo.len());
        let part = photo[offset..end].to_vec();
        requests += 1;
        if requests == 4 || requests == 9 {
            // The line is cut: the part leaves and its answer does not come back, or half of it leaves.
            cuts += 1;
            if requests == 4 {
                script(visitor, "PATCH", at, Some(offset as u64), part).await;
            }
            let known = script(visitor, "GET", at, None, Vec::new()).await;
            offset = usize::try_from(known.json()["offset"].as_u64().unwrap()).unwrap();
            assert_eq!(known.headers["upload-offset"].to_str().unwrap(), offset.to_string());
            continue;
        }
        let answer = script(visitor, "PATCH", at, Some(offset as u64), part).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        offset = usize::try_from(answer.json()["offset"].as_u64().unwrap()).unwrap();
        if offset == photo.len() {
            assert_eq!(answer.headers["upload-complete"], "?1");
        }
    }
    assert_eq!(cuts, 2);
}

pub async fn bytes_of(app: &TestApp, request: Request<Body>) -> Vec<u8> {
    use http_body_util::BodyExt;
    use tower::ServiceExt;
    let response = app.desk.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

#[tokio::test]
async fn a_part_from_the_wrong_place_is_told_how_far_the_upload_has_come() {
    let app = TestApp::start().await;
    let (id, other) = (app.session().await, app.session().await);
    let (visitor, stranger) = (at_photos(&app, &id).await, at_photos(&app, &other).await);
    let photo = png(60, 40, 3);
    let at = begin(&visitor, "face", photo.len()).await.headers["location"].to_str().unwrap().to_owned();
    let send = async |offset: u64, part: &[u8]| script(&visitor, "PATCH", &at, Some(offset), part.to_vec()).await;
    assert_eq!(send(0, &photo[..1000]).await.json()["offset"], 1000);
    for offset in [0, 500, 1001, u64::MAX] {
        let told = send(offset, &photo[..100]).await;
        assert_eq!((told.status, told.json()["offset"].as_u64()), (409, Some(1000)), "{offset}");
    }
    assert_eq!(send(1000, &vec![0; photo.len()]).await.code(), "too_large", "more than it said");
    assert_eq!(script(&stranger, "GET", &at, None, Vec::new()).await.code(), "not_found", "it is nobody else's");
    assert_eq!(script(&stranger, "PATCH", &at, Some(1000), photo[1000..].to_vec()).await.code(), "not_found");
    assert_eq!(begin(&visitor, "face", 10_000_001).await.code(), "invalid");
    let again = begin(&visitor, "face", photo.len()).await;
    assert_eq!(again.status, 201);
    assert_eq!(send(1000, &photo[1000..]).await.code(), "not_found", "another upload of the same item replaces it");
    app.advance(24 * 3600);
    kyc_desk::jobs::sweep(&app.app).await.unwrap();
    let pool = app.database.raw().await;
    assert!(sqlx::query("SELECT * FROM upload").fetch_all(&pool).await.unwrap().is_empty(), "a day later it is over");
}

#[tokio::test]
async fn parts_of_an_upload_that_were_moved_do_not_open() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let photo = png(60, 40, 3);
    let at = begin(&visitor, "face", photo.len()).await.headers["location"].to_str().unwrap().to_owned();
    let send = async |offset: usize, part: &[u8]| {
        script(&visitor, "PATCH", &at, Some(offset as u64), part.to_vec()).await.status
    };
    assert_eq!((send(0, &photo[..1000]).await, send(1000, &photo[1000..2000]).await), (200, 200));
    let pool = app.database.raw().await;
    for (from, to) in [(0, 7), (1000, 0), (7, 1000)] {
        let moved = sqlx::query("UPDATE upload_part SET start = $1 WHERE start = $2").bind(to).bind(from);
        assert_eq!(moved.execute(&pool).await.unwrap().rows_affected(), 1);
    }
    assert_eq!(send(2000, &photo[2000..]).await, 500);
    assert!(files(&app).is_empty() && session_of(&app, &id).await.uploads.items.is_empty());
}

#[tokio::test]
async fn what_is_larger_than_it_may_be_is_not_read_to_its_end() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let at = begin(&visitor, "face", 2_000_000).await.headers["location"].to_str().unwrap().to_owned();
    let half_a_megabyte = vec![0_u8; 512 * 1024];
    assert_eq!(script(&visitor, "PATCH", &at, Some(0), half_a_megabyte.clone()).await.status, 200);
    let larger = [&half_a_megabyte[..], b"x"].concat();
    for (method, path, offset) in
        [("PATCH", at.as_str(), Some(half_a_megabyte.len() as u64)), ("POST", "/c/probe", None)]
    {
        assert_eq!(script(&visitor, method, path, offset, larger.clone()).await.code(), "too_large", "{path}");
    }
    // Also where it is not the file that is large.
    let form = with_form(&visitor, &"A".repeat(10_100_000), "face", &png(60, 40, 1)).await;
    assert_eq!(form.status, 422);
    assert!(form.text.contains("more than 10 MB"), "{}", form.text);
}

#[tokio::test]
async fn an_upload_in_parts_that_is_no_photo_is_refused_in_her_language() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let at = begin(&visitor, "face", 9).await.headers["location"].to_str().unwrap().to_owned();
    let refused = script(&visitor, "PATCH", &format!("{at}?lang=de"), Some(0), b"%PDF-1.7\n".to_vec()).await;
    assert_eq!(refused.code(), "invalid");
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("Ein PDF können wir nicht verwenden."));
    assert_eq!(script(&visitor, "GET", &at, None, Vec::new()).await.status, 404, "it must be begun anew");
}

#[tokio::test]
async fn nothing_of_a_photo_lies_anywhere_in_clear_and_a_new_one_replaces_it() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let photo = png(200, 200, 11);
    let encoded = |photo: &[u8]| image::load_from_memory(photo).unwrap().to_rgb8().into_raw();
    assert_eq!(hand_in(&visitor, "face", &photo).await.status, 303);
    let half = photo.len() / 2;
    let at = begin(&visitor, "document_front", photo.len()).await.headers["location"].to_str().unwrap().to_owned();
    assert_eq!(script(&visitor, "PATCH", &at, Some(0), photo[..half].to_vec()).await.status, 200);
    let kept = files(&app);
    assert_eq!(kept.len(), 1);
    let pool = app.database.raw().await;
    let parts: Vec<Vec<u8>> = sqlx::query_scalar("SELECT sealed FROM upload_part").fetch_all(&pool).await.unwrap();
    assert_eq!(parts.len(), 1);
    for sealed in kept.iter().chain(&parts) {
        assert!(image::load_from_memory(sealed).is_err());
        for clear in [&photo[..], &encoded(&photo)] {
            for probe in clear[64..].chunks_exact(32).step_by(97) {
                assert!(!sealed.windows(32).any(|part| part == probe), "a piece of the photo lies in clear");
            }
        }
    }
    assert_eq!(hand_in(&visitor, "face", &png(200, 200, 12)).await.status, 303);
    let replaced = files(&app);
    assert!(replaced.len() == 1 && replaced != kept, "the earlier one is deleted");
    let name = "Canary Passport";
    assert!(!kyc_tests::captured().contains(name) && !app.audit_log().await.contains(name), "nor is its name kept");
}

#[tokio::test]
async fn a_photo_is_shown_like_any_value_with_a_reason_and_an_entry_first() {
    let app = TestApp::start().await;
    let (mira, tomas, sanna) = (app.staff("mira").await, app.staff("tomas").await, app.staff("sanna").await);
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    assert_eq!(view(&mira, &id, "face").await.code(), "not_holder");
    mira.act(&id, "take", json!({ "reason": null })).await;
    let shown = view(&mira, &id, "face").await;
    assert_eq!((shown.status, shown.headers["content-type"].to_str().unwrap()), (200, "image/png"));
    assert_eq!(shown.headers["cache-control"], "no-store");
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    assert_eq!(view(&mira, &id, "document_back").await.code(), "not_found");
    assert_eq!(view(&tomas, &id, "face").await.code(), "held_by_colleague");
    assert_eq!(view(&sanna, &id, "face").await.code(), "not_found");
    let curious = json!({ "item": "face", "reason": "curiosity" });
    assert_eq!(mira.post(&format!("/api/sessions/{id}/photo"), &curious).await.code(), "invalid");
    let log = app.audit_log().await;
    let viewed: Vec<Value> = log
        .lines()
        .filter(|line| line.contains("document_viewed"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(viewed.len(), 5, "{viewed:?}");
    assert_eq!(log.lines().filter(|line| line.contains("document_viewed") && !line.contains("refused")).count(), 1);
    assert!(session_of(&app, &id).await.reveals.values().sum::<u32>() == 1, "it counts as a reveal");
}

#[tokio::test]
async fn a_look_asked_for_again_by_who_lost_the_case_is_refused() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    mira.act(&id, "take", json!({ "reason": null })).await;
    let (path, body) = (format!("/api/sessions/{id}/photo"), json!({ "item": "face", "reason": "ask_the_customer" }));
    let again = async || mira.post_keyed(&path, "the-same-look-twice", &body).await;
    assert_eq!((again().await.status, again().await.status), (200, 200), "her answer got lost");
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 1);
    tomas.act(&id, "take", json!({ "reason": "shift_change" })).await;
    let refused = again().await;
    assert_eq!(refused.code(), "held_by_colleague", "{}", refused.status);
    let log = app.audit_log().await;
    assert_eq!(log.lines().filter(|line| line.contains("document_viewed") && line.contains("refused")).count(), 1);
}

#[tokio::test]
async fn a_photo_is_not_shown_without_the_proof_that_a_reveal_asks_for() {
    let policy = "step_up = { reveal = { acr_values = [\"urn:sandbox:acr:security-key\"] } }";
    let app = TestApp::with(Setup { policy, ..Setup::default() }).await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    assert_eq!(hand_in(&visitor, "face", &png(60, 40, 5)).await.status, 303);
    mira.act(&id, "take", json!({ "reason": null })).await;
    let refused = view(&mira, &id, "face").await;
    assert_eq!(refused.status, 401, "{}", refused.text);
    assert_eq!(session_of(&app, &id).await.reveals.values().sum::<u32>(), 0, "and it is no reveal");
}

#[tokio::test]
async fn a_look_at_all_photos_is_one_reveal_however_often_within_their_time() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let items = ["face", "document_front", "document_back"];
    for (item, seed) in items.iter().zip(1..) {
        assert_eq!(hand_in(&visitor, item, &png(60, 40, seed)).await.status, 303);
    }
    mira.act(&id, "take", json!({ "reason": null })).await;
    let count = async || session_of(&app, &id).await.reveals.values().sum::<u32>();
    for look in 1..=10 {
        for item in items.iter().chain(&items) {
            assert_eq!(view(&mira, &id, item).await.status, 200, "look {look}");
        }
        assert_eq!(count().await, look);
        app.advance(60);
        assert_eq!(mira.post(&format!("/api/sessions/{id}/renew"), &json!({})).await.status, 204);
    }
    assert_eq!(view(&mira, &id, "face").await.code(), "limit_reached");
    let entries = app.audit_log().await;
    let entries = entries.lines().filter(|line| line.contains("document_viewed") && !line.contains("refused")).count();
    assert_eq!(entries, 60, "each is an entry");
    let seen = mira.open(&id).await;
    let offer = seen["offers"].as_array().unwrap().iter().find(|offer| offer["act"] == "reveal").unwrap();
    assert_eq!(offer["blocked_by"], "used_up");
}

#[tokio::test]
async fn a_photo_of_another_session_or_item_does_not_open_in_its_place() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    let (id, other) = (app.session().await, app.session().await);
    for (session, seed) in [(&id, 1), (&other, 2)] {
        let visitor = at_photos(&app, session).await;
        hand_in(&visitor, "face", &png(60, 40, seed)).await;
        hand_in(&visitor, "document_front", &png(60, 40, seed + 10)).await;
    }
    mira.act(&id, "take", json!({ "reason": null })).await;
    let pool = app.database.raw().await;
    for (session, item) in [(&other, "face"), (&id, "document_front")] {
        let sql = "UPDATE document SET object = (SELECT object FROM document WHERE session_id = $1 AND item = $2) \
                   WHERE session_id = $3 AND item = 'face'";
        sqlx::query(sql).bind(session).bind(item).bind(&id).execute(&pool).await.unwrap();
        let answer = view(&mira, &id, "face").await;
        assert_eq!(answer.code(), "internal", "{item} of {session}");
    }
}

#[tokio::test]
async fn what_is_sent_by_nobodys_page_hands_nothing_in() {
    let app = TestApp::start().await;
    let (id, other) = (app.session().await, app.session().await);
    let (visitor, stranger) = (at_photos(&app, &id).await, at_photos(&app, &other).await);
    let theirs = stranger.secret().await;
    for secret in ["", "guess", &theirs] {
        assert_eq!(with_form(&visitor, secret, "face", &png(60, 40, 1)).await.status, 400, "{secret}");
    }
    assert!(session_of(&app, &id).await.uploads.items.is_empty());
    for item in ["document_front", "face"] {
        assert_eq!(hand_in(&visitor, item, &png(60, 40, 1)).await.status, 303);
    }
    for form in ["", "form=", "form=guess", &format!("form={theirs}")] {
        assert_eq!(visitor.post("/c/step/send", form).await.status, 400, "{form}");
    }
    assert!(session_of(&app, &id).await.uploads.sent_at.is_none());
}

#[tokio::test]
async fn nothing_is_taken_from_her_before_she_consents() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = Visitor::begun(&app, &id).await;
    let begun = begin(&visitor, "face", 9).await;
    assert_eq!((begun.status, begun.code().as_str()), (409, "invalid_transition"));
    let form = with_form(&visitor, &visitor.secret().await, "face", &png(60, 40, 1)).await;
    assert_eq!(form.status, 409);
    let unread = Request::post("/c/step/photo")
        .header("cookie", visitor.cookie.as_ref().unwrap())
        .header("content-type", "multipart/form-data; boundary=limit")
        .body(Body::from("no form"))
        .unwrap();
    assert_eq!(visitor.send(unread).await.status, 409, "it is not even read");
    assert!(files(&app).is_empty());
    let pool = app.database.raw().await;
    assert!(sqlx::query("SELECT * FROM upload").fetch_all(&pool).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_the_script_sends_has_a_header_that_no_form_of_another_site_can_send() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let upload = begin(&visitor, "face", 9).await.headers["location"].to_str().unwrap().to_owned();
    for (method, path) in [
        ("POST", "/c/heartbeat"),
        ("POST", "/c/quality"),
        ("POST", "/c/probe"),
        ("POST", "/c/uploads"),
        ("PATCH", &upload),
    ] {
        for header in [None, Some("0"), Some("true")] {
            let request = Request::builder()
                .method(method)
                .uri(path)
                .header("cookie", visitor.cookie.as_ref().unwrap())
                .header("content-type", "application/json")
                .header("upload-offset", "0");
            let request = match header {
                Some(value) => request.header("x-kycdesk-csrf", value),
                None => request,
            };
            let body = json!({ "item": "face", "size": 9, "score": 0.5, "has_video": true }).to_string();
            let refused = visitor.send(request.body(Body::from(body)).unwrap()).await;
            assert_eq!((refused.status, refused.code().as_str()), (403, "cross_site"), "{path} {header:?}");
        }
    }
}

#[tokio::test]
async fn a_device_that_cannot_hold_a_call_is_led_to_the_upload() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    let post = async |body: Value| script(&visitor, "POST", "/c/quality", None, body.to_string().into_bytes()).await;
    assert_eq!(post(json!({ "score": 1.5, "has_video": true })).await.code(), "invalid");
    assert_eq!(post(json!({ "score": 0.0, "has_video": false })).await.status, 204);
    let found = session_of(&app, &id).await;
    assert_eq!(found.channel.as_str(), "audio_upload");
    assert!(found.precheck.unwrap().score.abs() < f64::EPSILON);
    assert_eq!(post(json!({ "score": 0.9, "frame_height": 720, "has_video": true })).await.status, 204);
    assert_eq!(session_of(&app, &id).await.channel.as_str(), "video", "she has allowed the camera meanwhile");
    assert_eq!(post(json!({ "score": 0.9, "frame_height": 360, "has_video": true })).await.status, 204);
    assert_eq!(session_of(&app, &id).await.channel.as_str(), "audio_upload", "below 480 lines");
    assert!(
        app.audit_log().await.lines().any(|line| line.contains("quality_reported") && line.contains("\"customer\""))
    );
}

#[tokio::test]
async fn the_page_says_word_for_word_what_to_do_without_video() {
    let more = "[customer]\nmobile_app_url = \"https://bank.example/app\"\n";
    let app = TestApp::with(Setup { more, ..Setup::default() }).await;
    let id = app.session().await;
    let page = at_photos(&app, &id).await.get("/c").await.text;
    let sentence = "Your browser does not support video verification. Please use our mobile app or upload documents.";
    assert!(page.contains(sentence) && page.contains("href=\"https://bank.example/app\""), "{page}");
    assert!(page.contains("Please ensure you are in a well-lit area."), "for the script to say");
}

#[tokio::test]
async fn signs_of_life_of_the_page_keep_the_customer_connected() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    for _ in 0..4 {
        app.advance(15);
        assert_eq!(script(&visitor, "POST", "/c/heartbeat", None, Vec::new()).await.status, 204);
        app.work().await;
    }
    let presence = |session: &Session| serde_json::to_value(session.connection).unwrap()["connection"].clone();
    assert_eq!(presence(&session_of(&app, &id).await), "connected");
    app.advance(46);
    app.work().await;
    assert_eq!(presence(&session_of(&app, &id).await), "lost");
}

#[tokio::test]
async fn photos_go_first_and_every_file_of_them() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let visitor = at_photos(&app, &id).await;
    for item in ["document_front", "face"] {
        hand_in(&visitor, item, &png(60, 40, 1)).await;
    }
    visitor.press("/c/step/send").await;
    let folder = app.directory.path().join("documents").join(&id);
    // One that no row names: its server was stopped between the two writes.
    fs::write(folder.join("face-left-behind"), b"sealed").unwrap();
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let reason = mira.reason_for("reject").await;
    mira.act(&id, "reject", json!({ "reason": reason })).await;
    let files = || fs::read_dir(&folder).map_or(0, Iterator::count);
    app.advance(30 * 24 * 3600 - 1);
    app.work().await;
    assert_eq!(files(), 3);
    app.advance(1);
    app.work().await;
    app.work().await;
    assert_eq!(files(), 0);
    assert!(app.audit_log().await.contains("documents:photos-2:backups-30d"), "it is written down");
    let seen = app.staff("jo").await.open(&id).await;
    let left: Vec<_> = seen["clocks"]["retention"].as_array().unwrap().iter().map(|clock| &clock["class"]).collect();
    assert_eq!(left, ["results"], "the rest has its own time");
}
