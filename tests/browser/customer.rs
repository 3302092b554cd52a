//! The customer's page in a real browser: with its script and without any, in both languages, on a line that breaks.

use std::io::Cursor;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use image::{ImageBuffer, ImageFormat, Rgb};
use kyc_desk::casework;
use kyc_desk::domain::audit::Actor;
use kyc_desk::domain::session::Session;
use kyc_sandbox::veriff::Outcome;
use kyc_tests::{Setup, TestApp};
use serde_json::json;
use tokio::net::TcpListener;

use crate::screens::look;
use crate::support::line::Line;
use crate::support::{Browser, PATIENCE, variable};

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

/// Waits for what no page shows.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "waited in vain for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A browser that looks at every page with axe-core.
pub async fn browser() -> Browser {
    let browser = Browser::start().await;
    let axe = variable("KYC_AXE").expect("KYC_AXE names the script of axe-core: `cargo xtask test` sets it");
    browser.on_every_page(&std::fs::read_to_string(axe).unwrap()).await;
    browser
}

/// The words by which she goes from her link to the end of the photos: what is pressed, and what is seen then.
const BY_PHOTOS: [(&str, [&str; 4], [&str; 4]); 2] = [
    (
        "en",
        ["Start", "I agree", "Upload photos", "Send my photos"],
        ["Check your document and face", "Add your photos", "received", "we have your photos. One thing"],
    ),
    (
        "de",
        ["Beginnen", "Ich willige ein", "Fotos hochladen", "Fotos absenden"],
        ["Ausweis und Gesicht prüfen", "Fotos hinzufügen", "erhalten", "Ihre Fotos sind da. Eines"],
    ),
];

#[tokio::test]
async fn every_step_of_the_customers_page_is_whole() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let mut faults = Vec::new();
    for (lang, [start, agree, by_photos, send], words) in BY_PHOTOS {
        let id = counter.app.session().await;
        browser.goto(&format!("{}?lang={lang}", counter.link(&id).await)).await;
        look(&browser, &format!("customer-{lang}-start"), &mut faults).await;
        browser.press(start).await;
        browser.see(agree).await;
        look(&browser, &format!("customer-{lang}-consent"), &mut faults).await;
        for (press, see, name) in [(agree, words[0], "capture"), (by_photos, words[1], "photos")] {
            browser.press(press).await;
            browser.see(see).await;
            look(&browser, &format!("customer-{lang}-{name}"), &mut faults).await;
        }
        let seen = "return [...document.querySelectorAll('[hidden]')].filter(one => one.offsetParent).length";
        assert_eq!(browser.run(seen).await, serde_json::json!(0), "what is hidden is not seen");
        let photo = counter.photo("photo.png", 300);
        for item in ["document_front", "face"] {
            browser.choose_file(&format!("#{item}-file"), &photo).await;
            let is_there = format!("return document.getElementById('{item}').dataset.state === 'there'");
            browser.wait_for("the photo to be received", &is_there).await;
        }
        browser.see(words[2]).await;
        look(&browser, &format!("customer-{lang}-received"), &mut faults).await;
        browser.press(send).await;
        browser.see(words[3]).await;
        look(&browser, &format!("customer-{lang}-sent"), &mut faults).await;
        assert_eq!(counter.session_of(&id).await.status().as_str(), "agent_verification");
    }
    browser.goto(&format!("{}/c/{}", counter.edge, "A".repeat(43))).await;
    browser.see("This link does not work any more").await;
    look(&browser, "customer-en-no-link", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is pressed on the way to the provider and back, what is seen before the provider, and what is seen after it.
type Way = (&'static str, [&'static str; 3], [&'static str; 2], [&'static str; 3]);

/// The words of that, in both languages.
const BY_CAPTURE: [Way; 2] = [
    (
        "en",
        ["Start", "I agree", "Start the check"],
        ["is being prepared", "Check your document and face"],
        ["Welcome back", "You have done your part.", "Your document has expired"],
    ),
    (
        "de",
        ["Beginnen", "Ich willige ein", "Prüfung beginnen"],
        ["wird vorbereitet", "Ausweis und Gesicht prüfen"],
        ["Willkommen zurück", "Ihr Teil ist getan.", "Ihr Ausweis ist abgelaufen"],
    ),
];

#[tokio::test]
async fn the_way_to_the_provider_and_back_is_whole_and_goes_on_by_itself() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let (app, mut faults) = (&counter.app, Vec::new());
    for (lang, [start, agree, go], [soon, now], [returned, waiting, ended]) in BY_CAPTURE {
        let id = app.new_id();
        let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
        browser.goto(&format!("{}?lang={lang}", made.json()["capture_url"].as_str().unwrap())).await;
        browser.press(start).await;
        browser.press(agree).await;
        browser.see(soon).await;
        look(&browser, &format!("customer-{lang}-soon"), &mut faults).await;
        app.work().await;
        browser.see(now).await;
        browser.press(go).await;
        browser.see("Show your document").await;
        browser.goto(&format!("{}/c?lang={lang}", counter.edge)).await;
        browser.see(returned).await;
        look(&browser, &format!("customer-{lang}-returned"), &mut faults).await;
        app.decide(&id, Outcome::Clean).await;
        browser.see(waiting).await;
        look(&browser, &format!("customer-{lang}-waiting"), &mut faults).await;
        let mira = app.staff("mira").await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.act(&id, "reject", json!({ "reason": "document_not_accepted" })).await;
        browser.see(ended).await;
        look(&browser, &format!("customer-{lang}-ended"), &mut faults).await;
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn with_scripts_off_the_page_goes_on_by_itself_too() {
    let (counter, browser) = (Counter::open().await, browser().await);
    browser.without_scripts().await;
    let (app, id) = (&counter.app, counter.app.new_id());
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
    browser.goto(made.json()["capture_url"].as_str().unwrap()).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("is being prepared").await;
    app.work().await;
    browser.see("Check your document and face").await;
    browser.press("Start the check").await;
    browser.see("Show your document").await;
}

/// What she presses and reads, in one language.
struct Words {
    lang: &'static str,
    start: &'static str,
    agree: &'static str,
    stay: &'static str,
    poor: &'static str,
    again: &'static str,
    there: &'static str,
}

const WORDS: [Words; 2] = [
    Words {
        lang: "en",
        start: "Start",
        agree: "I agree",
        stay: "stay on the line",
        poor: "difficulty verifying",
        again: "Please take a new photo",
        there: "We have your photos",
    },
    Words {
        lang: "de",
        start: "Beginnen",
        agree: "Ich willige ein",
        stay: "Bleiben Sie bitte in der Leitung",
        poor: "Schwierigkeiten",
        again: "Bitte nehmen Sie ein neues Foto auf",
        there: "Ihre Fotos sind da",
    },
];

/// Looks now, and not when it is due.
async fn look_now(browser: &Browser, words: &str) {
    browser.run("document.dispatchEvent(new Event('visibilitychange'))").await;
    browser.see(words).await;
}

#[tokio::test]
async fn what_an_agent_asks_for_again_comes_to_her_open_page_as_the_one_thing_to_do() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let mira = counter.app.staff("mira").await;
    let mut faults = Vec::new();
    for words in WORDS {
        let (id, lang) = (counter.app.verified_session().await, words.lang);
        browser.goto(&format!("{}?lang={lang}", counter.link(&id).await)).await;
        browser.press(words.start).await;
        browser.press(words.agree).await;
        browser.see(words.stay).await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.act(&id, "poor-picture", json!({})).await;
        look_now(&browser, words.poor).await;
        look(&browser, &format!("customer-{lang}-poor-picture"), &mut faults).await;
        mira.act(&id, "recapture", json!({ "item": "document_back", "reason": "glare" })).await;
        look_now(&browser, words.again).await;
        look(&browser, &format!("customer-{lang}-again"), &mut faults).await;
        browser.screen((360, 740), "light").await;
        browser.picture(&format!("customer-{lang}-again-360-light")).await;
        mira.act(&id, "recapture", json!({ "item": "face", "reason": "too_dark" })).await;
        look_now(&browser, words.again).await;
        browser.wait_for("both tiles", "return document.querySelectorAll('.tile').length === 2").await;
        let photo = counter.photo("photo.png", 300);
        browser.choose_file("#face-file", &photo).await;
        browser.wait_for("the photo", "return document.getElementById('face').dataset.state === 'there'").await;
        browser.picture(&format!("customer-{lang}-again-one-there-360-light")).await;
        browser.choose_file("#document_back-file", &photo).await;
        browser.see(words.there).await;
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
    browser.press("Upload photos").await;
    browser.see("Add your photos").await;
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
    browser.see("we have your photos. One thing is left").await;
    assert_eq!(counter.session_of(&id).await.status().as_str(), "agent_verification");
}

#[tokio::test]
async fn a_photo_of_ten_megabytes_arrives_over_a_line_that_is_cut_twice() {
    let (counter, browser) = (Counter::open().await, browser().await);
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.press("Upload photos").await;
    browser.see("Add your photos").await;
    let photo = counter.photo("large.png", 1820);
    assert!(std::fs::metadata(&photo).unwrap().len() > 9_900_000);
    counter.line.cut_after(1_000_000);
    browser.choose_file("#document_front-file", &photo).await;
    for (cuts, more) in [(1, 4_000_000), (2, i64::MAX)] {
        // What is read of the second one may still be about the first.
        until("the line to be cut", async || counter.line.cuts() == cuts).await;
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
    let is_known = async || counter.session_of(&id).await.channel.as_str() == "audio_upload";
    until("the session to know it", is_known).await;
}

#[tokio::test]
async fn a_clock_that_is_wrong_by_days_changes_nothing_for_her() {
    let (counter, browser) = (Counter::open().await, browser().await);
    browser.on_every_page("const now = Date.now; Date.now = () => now() + 5 * 24 * 3600 * 1000;").await;
    let id = counter.app.session().await;
    browser.goto(&counter.link(&id).await).await;
    browser.press("Start").await;
    browser.press("I agree").await;
    browser.see("Check your document and face").await;
    let session = counter.session_of(&id).await;
    assert_eq!(session.status().as_str(), "created");
    assert_eq!(json!(session.connection)["connection"], "connected");
}
