//! Every screen in a narrow panel and on a wide desk, in light and in dark, at twice the size, in English and in German: nothing is cut
//! off or out of reach, nothing moves for whoever asked for that, and axe-core finds nothing that WCAG 2.2 AA forbids. The pictures lie
//! in `target/screens`, for people to look at.

use kyc_sandbox::veriff::{Call, Fault, Outcome, Step};
use kyc_tests::TestApp;
use serde_json::{Value, json};

use crate::support::{Browser, Stage, variable};

/// A screen: its name, its size in CSS pixels, its colours, and whether axe-core looks at it too.
struct Screen(&'static str, (u32, u32), &'static str, bool);

const SCREENS: [Screen; 6] = [
    Screen("320-light", (320, 640), "light", true),
    Screen("320-dark", (320, 640), "dark", true),
    Screen("420-light", (420, 760), "light", false),
    // 1280 x 800 at 200 %: half as many CSS pixels (WCAG 1.4.4).
    Screen("zoomed-light", (640, 400), "light", false),
    Screen("1280-light", (1280, 800), "light", true),
    Screen("1280-dark", (1280, 800), "dark", true),
];

const FAULTS: &str = include_str!("screens/faults.js");
const AXE: &str = include_str!("screens/axe.js");

/// At an address that ends with `#held`, what is asked about sessions is never answered: a page that loads, for as long as one looks.
const HELD: &str = "if (location.hash === '#held') {
    const answered = window.fetch;
    window.fetch = (what, ...more) =>
        /sessions|floor|conversations/.test(what.url ?? what) ? new Promise(() => {}) : answered(what, ...more);
}";

fn sentences(found: Value) -> Vec<String> {
    serde_json::from_value(found).unwrap()
}

/// Looks at the page on every screen, keeps the pictures, and gathers what is wrong.
pub async fn look(browser: &Browser, name: &str, faults: &mut Vec<String>) {
    for Screen(screen, size, scheme, is_for_axe) in SCREENS {
        browser.screen(size, scheme).await;
        browser.picture(&format!("{name}-{screen}")).await;
        let mut found = sentences(browser.run(FAULTS).await);
        if is_for_axe {
            found.extend(sentences(browser.run_async(AXE).await));
        }
        faults.extend(found.into_iter().map(|fault| format!("{name} at {screen}: {fault}")));
    }
    browser.screen((1280, 800), "light").await;
}

/// A stage, a browser with Mira in front of it, and what was found wrong so far.
struct Tour {
    stage: Stage,
    browser: Browser,
    faults: Vec<String>,
}

impl Tour {
    async fn start() -> Self {
        // What is revealed must outlive the look at it.
        let (stage, browser) = (Stage::with_policy("reveal_seconds = 120").await, Browser::start().await);
        // Given by the browser, beside the page: the page's own policy, which allows no foreign script, stays as it is.
        let axe = variable("KYC_AXE").expect("KYC_AXE names the script of axe-core: `cargo xtask test` sets it");
        browser.on_every_page(&std::fs::read_to_string(axe).unwrap()).await;
        browser.on_every_page(HELD).await;
        Self { stage, browser, faults: Vec::new() }
    }

    /// Opens a page, waits for these words and looks at it.
    async fn visit(&mut self, name: &str, path: &str, words: &str) {
        self.browser.goto(&self.stage.desk(path)).await;
        self.look(name, words).await;
    }

    /// The same with a session that the agent holds once it is open.
    async fn visit_own(&mut self, name: &str, session: &str, words: &str) {
        self.browser.goto(&self.stage.desk(&format!("/s/{session}"))).await;
        self.browser.see("The session is with you.").await;
        self.look(name, words).await;
    }

    async fn look(&mut self, name: &str, words: &str) {
        self.browser.see(words).await;
        look(&self.browser, name, &mut self.faults).await;
    }

    /// A session whose document shows another birth year than the application.
    async fn differing_session(&self) -> String {
        let session = self.stage.app.session().await;
        self.stage.app.claims(&session, self.stage.other_birth_year()).await;
        self.stage.app.decide(&session, Outcome::Clean).await;
        session
    }

    async fn sign_in(&self, login: &str) {
        self.browser.goto(&self.stage.desk("/")).await;
        self.browser.sign_in(login, false).await;
    }

    fn end(self) {
        assert!(self.faults.is_empty(), "{}", self.faults.join("\n"));
    }
}

#[tokio::test]
async fn the_ways_in_are_whole() {
    let mut tour = Tour::start().await;
    let session = tour.stage.app.verified_session().await;
    tour.visit("sign-in", "/", "Sign in to verify").await;
    tour.browser.sign_in("mira", false).await;
    tour.look("home", "1 session waits for an agent").await;
    tour.visit("launch-literal", "/?conversation_id={{gcConversationId}}", "did not fill in").await;
    tour.visit("launch-bad-id", "/?session_id=x", "does not name a session").await;
    let unknown = "/?session_id=00000000-0000-4000-8000-000000000000&customer_id=C-1";
    tour.visit("launch-unknown", unknown, "no such session").await;
    tour.visit("launch-no-session", "/?conversation_id=conv-nobody", "No verification for this conversation").await;
    tour.visit("launch-not-yours", "/review", "for supervisors and auditors").await;
    let mismatch = format!("/?session_id={session}&customer_id=C-other");
    tour.visit("launch-mismatch", &mismatch, "mixes two cases").await;
    tour.end();
}

/// A session whose flow gave up after three poor pictures.
async fn given_up(app: &TestApp) -> String {
    let (id, flow) = (app.session().await, app.flow().await);
    let path = format!("/flow/v1/sessions/{id}");
    for attempt in 1..=3 {
        let key = json!({ "attempt": attempt });
        assert_eq!(flow.post_edge(&format!("{path}/attempts"), Some(&id), &key).await.status, 200);
        let quality = json!({ "attempt": attempt, "score": 0.62 });
        assert_eq!(flow.post_edge(&format!("{path}/quality"), Some(&id), &quality).await.status, 200);
        app.advance(10);
    }
    id
}

#[tokio::test]
async fn the_states_of_a_session_are_whole() {
    let mut tour = Tour::start().await;
    let app = &tour.stage.app;
    let (waits, blurry, late) = (app.session().await, app.session().await, app.session().await);
    app.claims(&blurry, 2).await;
    app.decide(&blurry, Outcome::Resubmission(204)).await;
    app.veriff.event(&app.veriff.sessions_of(&late)[0], Step::Submitted).await.unwrap();
    app.veriff.settle().await;
    app.work().await;
    app.advance(150);
    let (clean, refused, theirs) =
        (app.verified_session().await, app.verified_session().await, app.verified_session().await);
    let mira = app.staff("mira").await;
    mira.act(&refused, "take", json!({ "reason": null })).await;
    mira.act(&refused, "reject", json!({ "reason": mira.reason_for("reject").await })).await;
    app.staff("tomas").await.act(&theirs, "take", json!({ "reason": null })).await;
    app.veriff.fail_next_call(1, Call::Create, Fault::Status(503));
    let away = app.session().await;
    let given_up = given_up(app).await;
    tour.sign_in("mira").await;
    tour.visit_own("session-waiting", &waits, "Get the link for the customer").await;
    tour.browser.press("Get the link for the customer").await;
    tour.look("session-link", "Waiting for the customer's document").await;
    tour.visit_own("session-new-capture", &blurry, "not good enough to read").await;
    tour.visit_own("session-late", &late, "has not answered for").await;
    tour.visit_own("session-away", &away, "cannot be reached").await;
    tour.visit_own("session-given-up", &given_up, "0.62").await;
    tour.visit_own("session-clean", &clean, "Nothing stands out").await;
    tour.browser.press("4 of 4 fields agree").await;
    tour.look("session-agreeing", "Date of birth").await;
    tour.visit("session-refused", &format!("/s/{refused}"), "The verification was refused").await;
    tour.visit("session-theirs", &format!("/s/{theirs}"), "Tomás Okafor works on this").await;
    tour.end();
}

#[tokio::test]
async fn what_came_to_nothing_and_what_begins_anew_is_whole() {
    let mut tour = Tour::start().await;
    let app = &tour.stage.app;
    let session = app.verified_session().await;
    let mira = app.staff("mira").await;
    mira.act(&session, "take", json!({ "reason": null })).await;
    let reason = mira.reason_for("could_not_verify").await;
    mira.act(&session, "could-not-verify", json!({ "reason": reason })).await;
    tour.sign_in("mira").await;
    let anew = "Start another verification for this customer";
    tour.visit("finished-anew", &format!("/s/{session}"), anew).await;
    for size in [(640, 400), (320, 640), (320, 400)] {
        tour.browser.screen(size, "light").await;
        let fits = "const bar = document.querySelector('.kyc-bar').getBoundingClientRect();
             const last = document.getElementById('kyc-primary'); last.scrollIntoView({ block: 'nearest' });
             const low = last.getBoundingClientRect().bottom;
             return bar.top >= 0 && bar.bottom <= innerHeight + 0.5 && low <= bar.bottom + 0.5";
        assert_eq!(tour.browser.run(fits).await, json!(true), "the form does not fit at {size:?}");
    }
    tour.visit("de-finished-anew", &format!("/s/{session}?lang=de"), "Neue Prüfung für diese Kundenkennung").await;
    tour.end();
}

#[tokio::test]
async fn what_opens_over_a_session_is_whole() {
    let mut tour = Tour::start().await;
    let differs = tour.differing_session().await;
    tour.sign_in("mira").await;
    tour.visit_own("session-difference", &differs, "Birth year").await;
    tour.browser.press("Escalate").await;
    tour.look("session-escalate", "supervisors' list").await;
    tour.browser.press("Cancel").await;
    tour.browser.press("Show both…").await;
    tour.look("session-reveal-reason", "Why do you need to see it?").await;
    tour.browser.press_number(1).await;
    tour.browser.wait_for("a value in clear", "return !!document.querySelector('.kyc-value__clear')").await;
    tour.look("session-revealed", "Birth year").await;
    tour.browser.press("Menu").await;
    tour.look("session-menu", "Signed in as Mira Lindqvist").await;
    tour.browser.keys("\u{e00c}").await;
    tour.browser.keys("?").await;
    tour.look("keys", "Keyboard shortcuts").await;
    tour.end();
}

#[tokio::test]
async fn what_goes_wrong_is_a_next_step() {
    let mut tour = Tour::start().await;
    let session = tour.stage.app.verified_session().await;
    tour.sign_in("mira").await;
    tour.visit("loading-session", &format!("/s/{session}#held"), "One moment…").await;
    tour.visit("loading-home", "/#held", "Take the next customer").await;
    tour.visit_own("session-mine", &session, "Nothing stands out").await;

    tour.browser.press("Notes").await;
    tour.browser.press("Write a note").await;
    tour.browser.keys("Asks twice").await;
    tour.browser.press("Menu").await;
    tour.browser.press("Sign out").await;
    tour.look("signed-out", "What you typed is kept.").await;
    tour.browser.sign_in("mira", false).await;
    tour.browser.until_hers().await;
    tour.browser.press("Notes").await;
    assert_eq!(tour.browser.run("return document.getElementById('kyc-note').value").await, "Asks twice");

    let tomas = tour.stage.app.staff("tomas").await;
    let reason = tomas.reason_for("take_over").await;
    tomas.act(&session, "take", json!({ "reason": reason })).await;
    tour.look("session-taken", "A colleague works on this session now.").await;

    tour.visit("home-before", "/", "Take the next customer").await;
    tour.stage.line.cut();
    tour.look("home-not-live", "Not live.").await;
    tour.browser.press("Take the next customer").await;
    tour.look("home-trouble", "KYC Desk does not answer.").await;
    tour.end();
}

#[tokio::test]
async fn the_supervisors_screens_are_whole() {
    let mut tour = Tour::start().await;
    let (proposed, flagged) = busy_floor(&tour.stage).await;
    tour.browser.goto(&tour.stage.desk("/review")).await;
    tour.browser.sign_in("jo", false).await;
    tour.browser.wait_for_row(&proposed).await;
    tour.look("review", "Needs my approval").await;
    tour.browser.press_view("All open").await;
    tour.browser.wait_for_row(&flagged).await;
    tour.look("review-open", "flagged").await;
    tour.browser.press_view("Live now").await;
    tour.look("review-empty", "Nothing here right now.").await;
    tour.browser.run("document.querySelector('select[aria-label=State]').focus()").await;
    tour.browser.keys("F").await;
    tour.look("review-no-match", "Clear search and filters").await;
    tour.browser.press("Clear search and filters").await;
    tour.browser.press_view("All open").await;
    tour.browser.press_row(&flagged).await;
    tour.look("review-flagged", "Clear the flag").await;
    tour.browser.goto(&tour.stage.desk("/review")).await;
    tour.browser.press_row(&proposed).await;
    tour.browser.wait_for_button("Approve").await;
    tour.look("review-approval", "Approve").await;
    tour.browser.press("Approve").await;
    tour.browser.press("Approve").await;
    tour.look("review-approved", "The customer is verified.").await;
    tour.visit("loading-review", "/review?lang=en#held", "Needs my approval").await;
    tour.end();
}

#[tokio::test]
async fn the_administrators_screens_are_whole() {
    let mut tour = Tour::start().await;
    for login in ["mira", "mira", "jo", "tomas"] {
        tour.stage.app.staff(login).await;
    }
    tour.stage.app.advance(200);
    tour.sign_in("ravi").await;
    tour.look("sign-ins", "4 people are signed in.").await;
    tour.browser.press("End the sign-in of Jo Abara…").await;
    tour.look("sign-ins-end", "is signed out there at once").await;
    tour.browser.press("Cancel").await;
    tour.browser.press("End all sign-ins of Mira Lindqvist…").await;
    tour.look("sign-ins-end-all", "is signed out everywhere at once").await;
    tour.browser.press("End all now").await;
    tour.look("sign-ins-ended", "3 people are signed in.").await;
    tour.browser.press("Menu").await;
    tour.look("sign-ins-menu", "Signed in as Ravi Lund").await;
    tour.visit("de-sign-ins", "/sign-ins?lang=de", "3 Personen sind angemeldet.").await;
    tour.browser.press("Anmeldung von Jo Abara beenden…").await;
    tour.look("de-sign-ins-end", "ist dort sofort abgemeldet").await;
    tour.end();
}

#[tokio::test]
async fn german_fits_where_english_does() {
    let mut tour = Tour::start().await;
    let (differs, waits) = (tour.differing_session().await, tour.stage.app.session().await);
    tour.visit("de-sign-in", "/?lang=de", "Anmelden").await;
    tour.browser.sign_in_by("Anmelden", "mira").await;
    tour.look("de-home", "Nächste Sitzung übernehmen").await;
    tour.visit("de-start", "/?lang=de&conversation_id=conv-nobody", "noch keine Prüfung").await;
    tour.visit("de-session", &format!("/s/{differs}?lang=de"), "Die Sitzung liegt bei Ihnen.").await;
    tour.browser.press("Leitung").await;
    tour.look("de-escalate", "Nach außen wird nichts mitgeteilt.").await;
    tour.browser.press("Abbrechen").await;
    tour.browser.press("Menü").await;
    tour.look("de-menu", "Angemeldet als").await;
    tour.visit("de-waiting", &format!("/s/{waits}?lang=de"), "Die Sitzung liegt bei Ihnen.").await;
    tour.end();
}

#[tokio::test]
async fn german_fits_where_english_does_for_supervisors() {
    let mut tour = Tour::start().await;
    let (proposed, flagged) = busy_floor(&tour.stage).await;
    tour.browser.goto(&tour.stage.desk("/review?lang=de")).await;
    tour.browser.sign_in_by("Anmelden", "jo").await;
    tour.browser.wait_for_row(&proposed).await;
    tour.look("de-review", "Meine Freigabe nötig").await;
    tour.browser.press_view("Alle offenen").await;
    tour.browser.press_row(&flagged).await;
    tour.look("de-review-flagged", "Markierung aufheben").await;
    tour.end();
}

/// One session for approval, one flagged, one without a document, one that nobody has taken.
async fn busy_floor(stage: &Stage) -> (String, String) {
    let app = &stage.app;
    let mira = app.staff("mira").await;
    let proposed = app.proposed_session(&mira).await;
    app.advance(95);
    let differs = app.session().await;
    app.claims(&differs, stage.other_birth_year()).await;
    app.decide(&differs, Outcome::Clean).await;
    mira.act(&differs, "take", json!({ "reason": null })).await;
    mira.act(&differs, "escalate", json!({ "reason": mira.reason_for("escalate").await })).await;
    app.session().await;
    app.advance(200);
    app.verified_session().await;
    (proposed, differs)
}
