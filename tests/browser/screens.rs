//! Every screen in a narrow panel and on a wide desk, in light and in dark: nothing is cut off, everything that can be pressed has a name.
//! The pictures lie in `target/screens`, for people to look at.

use kyc_sandbox::veriff::Outcome;
use serde_json::{Value, json};

use crate::support::{Browser, Stage};

const SCREENS: [((u32, u32), &str); 4] =
    [((320, 640), "light"), ((320, 640), "dark"), ((1280, 800), "light"), ((1280, 800), "dark")];

/// What is wrong with the page that is shown, as sentences.
const FAULTS: &str = r#"
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
"#;

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

#[tokio::test]
async fn the_agents_screens_are_whole() {
    let stage = Stage::start().await;
    let app = &stage.app;
    let mut faults = Vec::new();
    let differs = app.session().await;
    app.claims(&differs, stage.other_birth_year()).await;
    app.decide(&differs, Outcome::Clean).await;
    let waits = app.session().await;
    let blurry = app.session().await;
    app.claims(&blurry, 2).await;
    app.decide(&blurry, Outcome::Resubmission(204)).await;
    let clean = app.verified_session().await;
    let theirs = app.verified_session().await;
    app.staff("tomas").await.act(&theirs, "take", json!({ "reason": null })).await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/")).await;
    agent.see("Sign in to verify").await;
    look(&agent, "sign-in", &mut faults).await;
    agent.sign_in("mira", false).await;
    agent.see("Take the next customer").await;
    look(&agent, "home", &mut faults).await;
    for (name, session, words) in [
        ("difference", &differs, "Birth year"),
        ("waiting", &waits, "Waiting for the customer's document"),
        ("new-capture", &blurry, "not good enough to read"),
        ("clean", &clean, "Nothing stands out"),
        ("theirs", &theirs, "Tomás Okafor works on this"),
    ] {
        agent.goto(&stage.desk(&format!("/s/{session}"))).await;
        agent.see(words).await;
        look(&agent, &format!("session-{name}"), &mut faults).await;
    }
    agent.goto(&stage.desk(&format!("/s/{differs}"))).await;
    agent.see("Birth year").await;
    agent.press("Escalate").await;
    agent.see("supervisors' list").await;
    look(&agent, "session-escalate", &mut faults).await;
    agent.press("Cancel").await;
    agent.press("Show both…").await;
    agent.see("Why do you need to see it?").await;
    look(&agent, "session-reveal-reason", &mut faults).await;
    agent.press_number(1).await;
    agent.wait_for("a value in clear", "return !!document.querySelector('.kyc-value__clear')").await;
    look(&agent, "session-revealed", &mut faults).await;
    agent.press("Menu").await;
    look(&agent, "session-menu", &mut faults).await;
    agent.keys("\u{e00c}").await;
    agent.keys("?").await;
    agent.see("Keyboard shortcuts").await;
    look(&agent, "keys", &mut faults).await;
    for (name, path, words) in [
        ("literal", "/?conversation_id={{gcConversationId}}", "did not fill in"),
        ("bad-id", "/?session_id=x", "does not name a session"),
        ("unknown", "/?session_id=00000000-0000-4000-8000-000000000000&customer_id=C-1", "no such session"),
        ("no-session", "/?conversation_id=conv-nobody", "No verification for this conversation"),
        ("not-yours", "/review", "for supervisors and auditors"),
    ] {
        agent.goto(&stage.desk(path)).await;
        agent.see(words).await;
        look(&agent, &format!("launch-{name}"), &mut faults).await;
    }
    agent.goto(&stage.desk(&format!("/?session_id={clean}&customer_id=C-other"))).await;
    agent.see("mixes two cases").await;
    look(&agent, "launch-mismatch", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn the_supervisors_screens_are_whole() {
    let stage = Stage::start().await;
    let app = &stage.app;
    let mut faults = Vec::new();
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
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.sign_in("jo", false).await;
    supervisor.see("Needs my approval").await;
    look(&supervisor, "review", &mut faults).await;
    supervisor.press_view("All open").await;
    supervisor.wait_for_row(&differs).await;
    look(&supervisor, "review-open", &mut faults).await;
    supervisor.press_row(&differs).await;
    supervisor.see("Clear the flag").await;
    look(&supervisor, "review-flagged", &mut faults).await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.press_row(&proposed).await;
    supervisor.see("Approve").await;
    look(&supervisor, "review-approval", &mut faults).await;
    supervisor.press("Approve").await;
    supervisor.press("Approve").await;
    supervisor.see("The customer is verified.").await;
    look(&supervisor, "review-approved", &mut faults).await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
