//! Every screen in a narrow panel and on a wide desk, in light and in dark, at twice the size, and some in German: nothing is cut off,
//! everything that can be pressed has a name, nothing moves for whoever asked for that, and axe-core finds nothing that WCAG 2.2 AA
//! forbids. The pictures lie in `target/screens`, for people to look at.

use std::sync::LazyLock;

use kyc_sandbox::veriff::Outcome;
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

/// What axe-core finds, as sentences.
const AXE: &str = "const done = arguments[arguments.length - 1];
axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}).then(
  ({ violations }) => done(violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary}`))),
  (error) => done([`axe-core failed: ${error}`]));";

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
for (const one of document.querySelectorAll('button')) {
  const sticksOut = one.getBoundingClientRect().right - one.parentElement.getBoundingClientRect().right;
  if (isShown(one) && sticksOut > 0.5) faults.push(`sticks out by ${sticksOut.toFixed(1)} px: ${name(one)}`);
}
const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`id used twice: ${id}`);
if (document.querySelectorAll('h1').length !== 1) faults.push(`${document.querySelectorAll('h1').length} main headings`);
if (document.querySelectorAll('main, [role=main]').length !== 1) faults.push('not one main part');
for (const animation of document.getAnimations())
  if (animation.effect.getComputedTiming().duration > 10) faults.push(`moves: ${animation.effect.target?.outerHTML.slice(0, 80)}`);
if (!root.lang) faults.push('without a language');
return faults;
";

fn sentences(found: Value) -> Vec<String> {
    serde_json::from_value(found).unwrap()
}

/// The script of axe-core, for a page that has none yet.
fn axe() -> String {
    static SCRIPT: LazyLock<String> = LazyLock::new(|| {
        let file = variable("KYC_AXE").expect("KYC_AXE names the script of axe-core: `cargo xtask test` sets it");
        format!("if (!window.axe) {{ {} }}", std::fs::read_to_string(file).unwrap())
    });
    SCRIPT.clone()
}

/// Looks at the page on every screen, keeps the pictures, and gathers what is wrong.
async fn look(browser: &Browser, name: &str, faults: &mut Vec<String>) {
    for Screen(screen, size, scheme, is_for_axe) in SCREENS {
        browser.screen(size, scheme).await;
        browser.picture(&format!("{name}-{screen}")).await;
        let mut found = sentences(browser.run(FAULTS).await);
        if is_for_axe {
            browser.run(&axe()).await;
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

#[tokio::test]
async fn german_fits_where_english_does() {
    let mut tour = Tour::start().await;
    let differs = tour.stage.app.session().await;
    tour.stage.app.claims(&differs, tour.stage.other_birth_year()).await;
    tour.stage.app.decide(&differs, Outcome::Clean).await;
    tour.visit("de-sign-in", "/?lang=de", "Anmelden").await;
    tour.browser.sign_in_by("Anmelden", "mira").await;
    tour.look("de-home", "Nächste Sitzung übernehmen").await;
    tour.visit("de-session", &format!("/s/{differs}?lang=de"), "Das Geburtsjahr im Ausweis").await;
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
