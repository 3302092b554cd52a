//! Two presses for one, answers that come too late, and requests that are refused on the way.

use serde_json::{Value, json};

use crate::photos::uploaded;
use crate::support::{Browser, Stage};

/// Counts the addresses of bytes that the page keeps, and lets a test hold, refuse and count what is asked for.
const WATCH: &str = "
window.kept = new Set(); window.held = []; window.asked = []; window.holds = window.refuses = null; window.free = 0;
window.pending = 0;
const [make, forget, fetched] = [URL.createObjectURL, URL.revokeObjectURL, window.fetch];
URL.createObjectURL = (bytes) => { const url = make.call(URL, bytes); window.kept.add(url); return url; };
URL.revokeObjectURL = (url) => { window.kept.delete(url); forget.call(URL, url); };
window.fetch = async (what, ...more) => {
    const path = new URL(what.url ?? what, location.href).pathname;
    window.asked.push(path);
    if (window.refuses?.test(path)) {
        const problem = { type: 'about:blank', title: 't', status: 409, detail: 'd', code: 'limit_reached', request_id: 'r' };
        return new Response(JSON.stringify(problem), { status: 409 });
    }
    window.pending += 1;
    try {
        if (window.holds?.test(path) && window.free-- <= 0) await new Promise((go) => window.held.push(go));
        const answer = await fetched(what, ...more);
        await answer.clone().arrayBuffer();
        return answer;
    } finally {
        window.pending -= 1;
    }
};";

/// Mira, in front of a page of the desk, in a browser that is watched.
async fn mira(stage: &Stage, path: &str) -> Browser {
    let agent = Browser::start().await;
    agent.on_every_page(WATCH).await;
    agent.goto(&stage.desk(path)).await;
    agent.sign_in("mira", false).await;
    agent
}

async fn hold(agent: &Browser, what: &str) {
    agent.run(&format!("window.holds = {what}")).await;
}

async fn until_held(agent: &Browser) {
    agent.wait_for("a request to be held", "return window.held.length > 0").await;
}

/// Lets go of what is held, and waits until it is answered and the page has made of it what it makes of it: that takes no more than a few
/// tasks, and it has drawn by then.
async fn release(agent: &Browser) {
    let script = "
        const done = arguments[0];
        window.holds = null;
        window.held.splice(0).forEach((go) => go());
        const drawn = (frames) => frames ? requestAnimationFrame(() => setTimeout(() => drawn(frames - 1))) : done();
        const answered = () => window.pending ? setTimeout(answered, 20) : drawn(5);
        answered();";
    agent.run_async(script).await;
}

async fn asked_for(agent: &Browser, what: &str) -> Value {
    agent.run(&format!("return window.asked.filter((path) => {what}.test(path)).length")).await
}

async fn assert_no_photo_is_kept(agent: &Browser) {
    assert_eq!(agent.run("return document.querySelectorAll('.kyc-photo').length").await, json!(0));
    assert_eq!(agent.run("return window.kept.size").await, json!(0), "bytes of photos are kept");
}

/// She looks elsewhere and comes back.
const LOOK_AWAY: &str = "
let isHidden = true;
Object.defineProperty(document, 'hidden', { get: () => isHidden, configurable: true });
document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
isHidden = false;
document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));";

#[tokio::test]
async fn two_presses_in_a_hurry_take_one_customer() {
    let stage = Stage::start().await;
    let refused = stage.app.verified_session().await;
    let staff = stage.app.staff("mira").await;
    staff.act(&refused, "take", json!({ "reason": null })).await;
    staff.act(&refused, "reject", json!({ "reason": staff.reason_for("reject").await })).await;
    stage.app.verified_session().await;
    stage.app.verified_session().await;
    let agent = mira(&stage, &format!("/s/{refused}")).await;
    agent.wait_for_button("Take the next customer").await;
    hold(&agent, "/next$/").await;
    let press = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }))";
    agent.run(&format!("{press}; {press}")).await;
    until_held(&agent).await;
    assert_eq!(asked_for(&agent, "/next$/").await, json!(1));
    release(&agent).await;
    agent.until_hers().await;
    let hers = staff.get("/api/sessions?view=mine").await.json();
    assert_eq!(hers["items"].as_array().unwrap().len(), 1, "{hers}");
}

#[tokio::test]
async fn photos_on_their_way_are_not_asked_for_again() {
    let stage = Stage::with_policy("reveal_seconds = 120").await;
    let session = uploaded(&stage).await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    agent.press("Look at the photos…").await;
    hold(&agent, "/photo$/").await;
    agent.press_number(1).await;
    agent.see("One moment…").await;
    assert_eq!(agent.count("Look at the photos…").await, 0);
    agent.keys("v1").await;
    until_held(&agent).await;
    release(&agent).await;
    agent.wait_for("both photos", "return document.querySelectorAll('.kyc-photo').length === 2").await;
    agent.see_no("One moment…").await;
    assert_eq!(asked_for(&agent, "/photo$/").await, json!(2));
    assert_eq!(agent.run("return window.kept.size").await, json!(2));
    agent.press("Put away").await;
    agent.wait_for("no photo", "return document.querySelectorAll('.kyc-photo').length === 0").await;
    assert_no_photo_is_kept(&agent).await;
}

#[tokio::test]
async fn photos_that_come_when_she_has_looked_away_or_left_are_not_kept() {
    let stage = Stage::with_policy("reveal_seconds = 120").await;
    let session = uploaded(&stage).await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    for leave in [
        LOOK_AWAY,
        "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'g', bubbles: true }));
         document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 's', bubbles: true }));",
    ] {
        agent.press("Look at the photos…").await;
        // The first one arrives, the second one does not.
        agent.run("window.kept.clear(); window.free = 1; window.holds = /photo$/").await;
        agent.press_number(1).await;
        until_held(&agent).await;
        assert_eq!(agent.run("return window.kept.size").await, json!(1));
        agent.run(leave).await;
        release(&agent).await;
        assert_no_photo_is_kept(&agent).await;
    }
    agent.see("Take the next customer").await;
}

#[tokio::test]
async fn a_value_that_comes_when_she_has_looked_away_is_not_shown() {
    let stage = Stage::with_policy("reveal_seconds = 120").await;
    let session = stage.app.session().await;
    stage.app.claims(&session, stage.other_birth_year()).await;
    stage.app.decide(&session, kyc_sandbox::veriff::Outcome::Clean).await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    agent.press("Show both…").await;
    hold(&agent, "/reveal$/").await;
    agent.press_number(1).await;
    until_held(&agent).await;
    agent.run(LOOK_AWAY).await;
    release(&agent).await;
    assert_eq!(agent.run("return !!document.querySelector('.kyc-value__clear')").await, json!(false));
    assert_eq!(asked_for(&agent, "/reveal$/").await, json!(1), "nothing more is asked for");
}

#[tokio::test]
async fn a_refused_photo_is_the_last_one_asked_for() {
    let stage = Stage::start().await;
    let session = uploaded(&stage).await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    agent.press("Look at the photos…").await;
    agent.run("window.refuses = /photo$/").await;
    agent.press_number(1).await;
    agent.see("is used up").await;
    agent.wait_for_button("Look at the photos…").await;
    assert_eq!(asked_for(&agent, "/photo$/").await, json!(1));
}

#[tokio::test]
async fn a_link_is_shown_where_it_can_be_sent_and_only_while_it_can() {
    let stage = Stage::start().await;
    let session = stage.app.session().await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    hold(&agent, "/link$/").await;
    let press = "document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }))";
    agent.wait_for_button("Get the link for the customer").await;
    agent.run(&format!("{press}; {press}")).await;
    until_held(&agent).await;
    assert_eq!(asked_for(&agent, "/link$/").await, json!(1));
    release(&agent).await;
    agent.wait_for("the focus on the link", "return document.activeElement?.id === 'kyc-link'").await;
    agent.see("Waiting for the customer's document").await;
    let tomas = stage.app.staff("tomas").await;
    tomas.act(&session, "take", json!({ "reason": tomas.reason_for("take_over").await })).await;
    agent.see("A colleague works on this session now.").await;
    assert_eq!(agent.run("return !!document.getElementById('kyc-link')").await, json!(false));
}

#[tokio::test]
async fn a_link_of_a_session_that_has_changed_is_asked_for_again_with_what_is_true_now() {
    let stage = Stage::start().await;
    let session = stage.app.session().await;
    let agent = mira(&stage, &format!("/s/{session}")).await;
    agent.until_hers().await;
    // What changes meanwhile does not reach the page.
    let is_read = format!("/sessions\\/{session}$/");
    hold(&agent, &is_read).await;
    stage.app.staff("mira").await.act(&session, "release", json!({})).await;
    stage.app.staff("mira").await.act(&session, "take", json!({ "reason": null })).await;
    until_held(&agent).await;
    agent.press("Get the link for the customer").await;
    agent.see("This session changed while you were looking.").await;
    release(&agent).await;
    agent.press("Get the link for the customer").await;
    agent.wait_for("the link", "return !!document.getElementById('kyc-link')").await;
}
