//! Every screen in a narrow panel and on a wide desk, in light and in dark: nothing is cut off, everything that can be pressed has a name.
//! The pictures lie in `target/screens`, for people to look at.

use kyc_sandbox::veriff::Outcome;
use serde_json::{Value, json};

use crate::support::{Browser, Stage};

const SCREENS: [((u32, u32), &str); 4] =
    [((320, 640), "light"), ((320, 640), "dark"), ((1280, 800), "light"), ((1280, 800), "dark")];

/// What is wrong with the page that is shown, as sentences.
const FAULTS: &str = r"
const faults = [];
const root = document.documentElement;
if (root.scrollWidth > root.clientWidth) faults.push(`wider than the screen: ${root.scrollWidth} > ${root.clientWidth}`);
const isShown = (one) => one.getClientRects().length > 0;
const name = (one) => (one.getAttribute('aria-label') ?? (one.labels?.[0]?.innerText || one.innerText)).trim();
for (const one of document.querySelectorAll('button, a[href], input, select, textarea, summary'))
  if (isShown(one) && !name(one)) faults.push(`without a name: ${one.outerHTML.slice(0, 120)}`);
for (const one of document.querySelectorAll('button, a[href], input, select, textarea, summary')) {
  const box = one.getBoundingClientRect();
  if (isShown(one) && (box.width < 24 || box.height < 24) && !one.closest('p, li.kyc-event') && one.type !== 'checkbox')
    faults.push(`smaller than 24 px (WCAG 2.5.8): ${name(one)} ${Math.round(box.width)}x${Math.round(box.height)}`);
}
const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id used twice: ${id}`);
if (document.querySelectorAll('h1').length !== 1) faults.push(`${document.querySelectorAll('h1').length} main headings`);
if (document.querySelectorAll('main, [role=main]').length !== 1) faults.push('not one main part');
if (!root.lang) faults.push('without a language');
return faults;
";

/// Looks at the page on every screen, keeps the pictures, and gathers what is wrong.
async fn look(browser: &Browser, name: &str, faults: &mut Vec<String>) {
    for (size, scheme) in SCREENS {
        browser.screen(size, scheme).await;
        let width = size.0;
        browser.picture(&format!("{name}-{width}-{scheme}")).await;
        let found: Value = browser.run(FAULTS).await;
        let found = found.as_array().cloned().unwrap_or_default();
        faults.extend(found.iter().map(|fault| format!("{name} at {width} {scheme}: {fault}")));
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
        Self { stage: Stage::start().await, browser: Browser::start().await, faults: Vec::new() }
    }

    /// Opens a page, waits for these words and looks at it.
    async fn visit(&mut self, name: &str, path: &str, words: &str) {
        self.browser.goto(&self.stage.desk(path)).await;
        self.look(name, words).await;
    }

    async fn look(&mut self, name: &str, words: &str) {
        self.browser.see(words).await;
        look(&self.browser, name, &mut self.faults).await;
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
    tour.look("home", "Take the next customer").await;
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

#[tokio::test]
async fn the_states_of_a_session_are_whole() {
    let mut tour = Tour::start().await;
    let app = &tour.stage.app;
    let waits = app.session().await;
    let blurry = app.session().await;
    app.claims(&blurry, 2).await;
    app.decide(&blurry, Outcome::Resubmission(204)).await;
    let (clean, theirs) = (app.verified_session().await, app.verified_session().await);
    app.staff("tomas").await.act(&theirs, "take", json!({ "reason": null })).await;
    tour.browser.goto(&tour.stage.desk("/")).await;
    tour.browser.sign_in("mira", false).await;
    tour.visit("session-waiting", &format!("/s/{waits}"), "Waiting for the customer's document").await;
    tour.visit("session-new-capture", &format!("/s/{blurry}"), "not good enough to read").await;
    tour.visit("session-clean", &format!("/s/{clean}"), "Nothing stands out").await;
    tour.visit("session-theirs", &format!("/s/{theirs}"), "Tomás Okafor works on this").await;
    tour.end();
}

#[tokio::test]
async fn what_opens_over_a_session_is_whole() {
    let mut tour = Tour::start().await;
    let differs = tour.stage.app.session().await;
    tour.stage.app.claims(&differs, tour.stage.other_birth_year()).await;
    tour.stage.app.decide(&differs, Outcome::Clean).await;
    tour.browser.goto(&tour.stage.desk("/")).await;
    tour.browser.sign_in("mira", false).await;
    tour.visit("session-difference", &format!("/s/{differs}"), "Birth year").await;
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
async fn the_supervisors_screens_are_whole() {
    let mut tour = Tour::start().await;
    let (proposed, flagged) = busy_floor(&tour.stage).await;
    tour.browser.goto(&tour.stage.desk("/review")).await;
    tour.browser.sign_in("jo", false).await;
    tour.look("review", "Needs my approval").await;
    tour.browser.press_view("All open").await;
    tour.browser.wait_for_row(&flagged).await;
    tour.look("review-open", "flagged").await;
    tour.browser.press_row(&flagged).await;
    tour.look("review-flagged", "Clear the flag").await;
    tour.browser.goto(&tour.stage.desk("/review")).await;
    tour.browser.press_row(&proposed).await;
    tour.look("review-approval", "Approve").await;
    tour.browser.press("Approve").await;
    tour.browser.press("Approve").await;
    tour.look("review-approved", "The customer is verified.").await;
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
