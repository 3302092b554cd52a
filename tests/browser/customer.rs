//! The customer's page in a real browser: with its script and without any, in both languages, on a line that breaks.

use std::io::Cursor;
use std::net::SocketAddr;
use std::path::PathBuf;

use image::{ImageBuffer, ImageFormat, Rgb};
use kyc_desk::casework;
use kyc_desk::domain::audit::Actor;
use kyc_desk::domain::session::Session;
use kyc_tests::{Setup, TestApp};
use serde_json::json;
use tokio::net::TcpListener;

use crate::screens::look;
use crate::support::line::Line;
use crate::support::{Browser, variable};

/// An installation whose customers come over a line that can be cut.
struct Counter {
    app: TestApp,
    line: Line,
    edge: String,
}

impl Counter {
    async fn open() -> Self {
        let more = "[customer]\nbank_name = \"Nordbank\"\nmobile_app_url = \"https://bank.example/app\"\n";
        let mut world = TestApp::with(Setup { more, ..Setup::default() }).await.leave();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let edge = format!("http://localhost:{}", listener.local_addr().unwrap().port());
        let line = world.configuration().lines().find(|line| line.starts_with("edge_url")).unwrap().to_owned();
        world.reword(&line, &format!("edge_url = \"{edge}\""));
        let app = TestApp::on(world).await;
        let behind = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line::lay(listener, behind.local_addr().unwrap().port());
        let served = app.edge.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(behind, served).await });
        Self { app, line, edge }
    }

    async fn link(&self, session: &str) -> String {
        let app = &self.app.app;
        let mut tx = app.store.begin(&app.tenant).await.unwrap();
        let session = tx.find_session(session.parse().unwrap()).await.unwrap().unwrap();
        let link = casework::link::offer(app, &mut *tx, &session, Actor::System).await.unwrap().unwrap();
        tx.commit().await.unwrap();
        link.url
    }

    async fn session_of(&self, id: &str) -> Session {
        let app = &self.app.app;
        app.store.glance(&app.tenant).await.unwrap().find_session(id.parse().unwrap()).await.unwrap().unwrap()
    }

    /// A photo of noise, which no codec makes small.
    fn photo(&self, name: &str, side: u32) -> PathBuf {
        let mut state = side;
        let image = ImageBuffer::from_fn(side, side, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let [a, b, c, _] = state.to_be_bytes();
            Rgb([a, b, c])
        });
        let mut out = Cursor::new(Vec::new());
        image.write_to(&mut out, ImageFormat::Png).unwrap();
        let path = self.app.directory.path().join(name);
        std::fs::write(&path, out.into_inner()).unwrap();
        path
    }
}

/// A browser that looks at every page with axe-core.
pub async fn browser() -> Browser {
    let browser = Browser::start().await;
    let axe = variable("KYC_AXE").expect("KYC_AXE names the script of axe-core: `cargo xtask test` sets it");
    browser.on_every_page(&std::fs::read_to_string(axe).unwrap()).await;
    browser
}

#[tokio::test]
async fn every_step_of_the_customers_page_is_whole() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let mut faults = Vec::new();
    for (lang, start, agree, send, words) in [
        ("en", "Start", "I agree", "Send my photos", ["Add your photos", "received", "We have your photos"]),
        ("de", "Beginnen", "Ich willige ein", "Fotos absenden", ["Fotos hinzufügen", "erhalten", "Ihre Fotos sind da"]),
    ] {
        let id = counter.app.session().await;
        browser.goto(&format!("{}?lang={lang}", counter.link(&id).await)).await;
        look(&browser, &format!("customer-{lang}-start"), &mut faults).await;
        browser.press(start).await;
        browser.see(agree).await;
        look(&browser, &format!("customer-{lang}-consent"), &mut faults).await;
        browser.press(agree).await;
        browser.see(words[0]).await;
        look(&browser, &format!("customer-{lang}-photos"), &mut faults).await;
        let seen = "return [...document.querySelectorAll('[hidden]')].filter(one => one.offsetParent).length";
        assert_eq!(browser.run(seen).await, serde_json::json!(0), "what is hidden is not seen");
        let photo = counter.photo("photo.png", 300);
        for item in ["document_front", "face"] {
            browser.choose_file(&format!("#{item}-file"), &photo).await;
            let is_there = format!("return document.getElementById('{item}').dataset.state === 'there'");
            browser.wait_for("the photo to be received", &is_there).await;
        }
        browser.see(words[1]).await;
        look(&browser, &format!("customer-{lang}-received"), &mut faults).await;
        browser.press(send).await;
        browser.see(words[2]).await;
        look(&browser, &format!("customer-{lang}-sent"), &mut faults).await;
        assert_eq!(counter.session_of(&id).await.status().as_str(), "agent_verification");
    }
    browser.goto(&format!("{}/c/{}", counter.edge, "A".repeat(43))).await;
    browser.see("This link does not work any more").await;
    look(&browser, "customer-en-no-link", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn what_an_agent_asks_for_again_comes_to_her_open_page_as_the_one_thing_to_do() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let mira = counter.app.staff("mira").await;
    let mut faults = Vec::new();
    // Looked at now, and not when it is due.
    let look_now = "document.dispatchEvent(new Event('visibilitychange'))";
    for (lang, start, agree, words) in [
        (
            "en",
            "Start",
            "I agree",
            ["stay on the line", "difficulty verifying", "Please take a new photo", "We have your photos"],
        ),
        (
            "de",
            "Beginnen",
            "Ich willige ein",
            [
                "Bleiben Sie bitte in der Leitung",
                "Schwierigkeiten",
                "Bitte nehmen Sie ein neues Foto auf",
                "Ihre Fotos sind da",
            ],
        ),
    ] {
        let id = counter.app.verified_session().await;
        browser.goto(&format!("{}?lang={lang}", counter.link(&id).await)).await;
        browser.press(start).await;
        browser.press(agree).await;
        browser.see(words[0]).await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.act(&id, "poor-picture", json!({})).await;
        browser.run(look_now).await;
        browser.see(words[1]).await;
        look(&browser, &format!("customer-{lang}-poor-picture"), &mut faults).await;
        mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
        browser.run(look_now).await;
        browser.see(words[2]).await;
        look(&browser, &format!("customer-{lang}-again"), &mut faults).await;
        browser.screen((360, 740), "light").await;
        browser.picture(&format!("customer-{lang}-again-360-light")).await;
        mira.act(&id, "recapture", json!({ "item": "face", "reason": "too_dark" })).await;
        browser.run(look_now).await;
        browser.wait_for("both tiles", "return document.querySelectorAll('.tile').length === 2").await;
        let photo = counter.photo("photo.png", 300);
        browser.choose_file("#face-file", &photo).await;
        browser.wait_for("the photo", "return document.getElementById('face').dataset.state === 'there'").await;
        browser.picture(&format!("customer-{lang}-again-one-there-360-light")).await;
        browser.choose_file("#document_back-file", &photo).await;
        browser.see(words[3]).await;
        assert_eq!(counter.session_of(&id).await.status().as_str(), "agent_verification");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn everything_works_with_scripts_off() {
    let (counter, browser) = (Counter::open().await, browser().await);
    browser.without_scripts().await;
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("Your browser does not support video verification.").await;
    browser.screen((320, 640), "light").await;
    browser.picture("customer-plain-photos-320-light").await;
    let photo = counter.photo("photo.png", 300);
    for (item, name) in [("document_front", "Front of the document"), ("face", "A photo of you")] {
        browser.choose_file(&format!("#{item}-file"), &photo).await;
        browser.press(&format!("Upload: {name}")).await;
        let is_there = format!("return document.getElementById('{item}')?.dataset.state === 'there'");
        browser.wait_for("the photo to be received", &is_there).await;
    }
    let pdf = counter.app.directory.path().join("scan.pdf");
    std::fs::write(&pdf, "%PDF-1.7").unwrap();
    browser.choose_file("#document_back-file", &pdf).await;
    browser.press("Upload: Back of the document").await;
    browser.see("A PDF cannot be used.").await;
    browser.picture("customer-plain-refused-320-light").await;
    browser.press("Send my photos").await;
    browser.see("We have your photos").await;
    assert_eq!(counter.session_of(&id).await.status().as_str(), "agent_verification");
}

#[tokio::test]
async fn a_photo_of_ten_megabytes_arrives_over_a_line_that_is_cut_twice() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("Add your photos").await;
    let photo = counter.photo("large.png", 1820);
    assert!(std::fs::metadata(&photo).unwrap().len() > 9_900_000);
    counter.line.cut_after(1_000_000);
    browser.choose_file("#document_front-file", &photo).await;
    for more in [4_000_000, i64::MAX] {
        browser.see("The connection was lost.").await;
        counter.line.cut_after(more);
        counter.line.mend();
    }
    let is_there = "return document.getElementById('document_front').dataset.state === 'there'";
    browser.wait_for("the photo to be received", is_there).await;
    assert!(counter.session_of(&id).await.uploads.items.len() == 1);
}

#[tokio::test]
async fn a_browser_without_webrtc_is_told_so_and_led_to_the_upload() {
    let (counter, browser) = (Counter::open().await, browser().await);
    browser.on_every_page("delete window.RTCPeerConnection;").await;
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    let sentence = "Your browser does not support video verification. Please use our mobile app or upload documents.";
    browser.see(sentence).await;
    browser.see("Open the mobile app").await;
    while counter.session_of(&id).await.channel.as_str() != "audio_upload" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_days_changes_nothing_for_her() {
    let (counter, browser) = (Counter::open().await, browser().await);
    browser.on_every_page("const now = Date.now; Date.now = () => now() + 5 * 24 * 3600 * 1000;").await;
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("Add your photos").await;
    let session = counter.session_of(&id).await;
    assert_eq!(session.status().as_str(), "created");
    assert_eq!(json!(session.connection)["connection"], "connected");
}
