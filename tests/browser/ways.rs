//! Every way that a browser, Genesys' page and an identity provider leave to a sign-in in a frame: it gets there, or says what is in its
//! way. `cargo xtask test` tries a few cells in which every pair of settings occurs, `cargo xtask matrix` all of them; it writes
//! `docs/sso/browsers.md`.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use kyc_sandbox::idp::OpenerPolicy;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::support::Cookies::{Allowed, Blocked, Refused};
use crate::support::Engine::{Chromium, Firefox};
use crate::support::{Browser, Cookies, Engine, Stage};

const NONE: OpenerPolicy = OpenerPolicy::Unset;
const POPUPS: OpenerPolicy = OpenerPolicy::SameOriginAllowPopups;
const ALONE: OpenerPolicy = OpenerPolicy::SameOrigin;
/// How long a cell may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// One way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    engine: Engine,
    /// Third-party cookies.
    cookies: Cookies,
    /// Whether the frame's sandbox has `allow-popups-to-escape-sandbox`.
    escapes: bool,
    /// `Cross-Origin-Opener-Policy` of the page around the frame.
    host: OpenerPolicy,
    /// The same of the identity provider's pages.
    idp: OpenerPolicy,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    SignedIn,
    /// The screen that names the setting for the sandbox.
    Sandbox,
    /// The screen that names the opener policy of the page around.
    OpenerPolicy,
    /// The screen that says that cookies are not kept.
    Cookies,
    /// The screen that says that the window was blocked.
    Blocked,
}

/// The words by which each screen is known.
const SCREENS: [(Outcome, &str); 5] = [
    (Outcome::SignedIn, "Take the next customer"),
    (Outcome::Sandbox, "add “allow-popups-to-escape-sandbox” to the “Iframe Sandbox Options”"),
    (Outcome::OpenerPolicy, "Cross-Origin-Opener-Policy: same-origin"),
    (Outcome::Cookies, "Your browser does not keep the sign-in here"),
    (Outcome::Blocked, "did not let the sign-in window open"),
];

impl Outcome {
    /// For the table.
    const fn words(self) -> &'static str {
        match self {
            Self::SignedIn => "signs in",
            Self::Sandbox => "names the sandbox option",
            Self::OpenerPolicy => "names the opener policy",
            Self::Cookies => "names the cookies",
            Self::Blocked => "names the blocked window",
        }
    }
}

const fn cell(engine: Engine, cookies: Cookies, escapes: bool, host: OpenerPolicy, idp: OpenerPolicy) -> Cell {
    Cell { engine, cookies, escapes, host, idp }
}

/// What `cargo xtask test` tries: one cell of each row of the table.
const CHOSEN: [Cell; 12] = [
    cell(Chromium, Blocked, true, NONE, NONE),
    cell(Firefox, Blocked, true, NONE, ALONE),
    cell(Firefox, Allowed, true, POPUPS, NONE),
    cell(Chromium, Blocked, true, POPUPS, ALONE),
    cell(Firefox, Blocked, true, ALONE, NONE),
    cell(Chromium, Allowed, true, ALONE, ALONE),
    cell(Firefox, Allowed, false, NONE, NONE),
    cell(Chromium, Allowed, false, NONE, ALONE),
    cell(Chromium, Allowed, false, POPUPS, NONE),
    cell(Firefox, Blocked, false, POPUPS, ALONE),
    cell(Chromium, Blocked, false, ALONE, NONE),
    cell(Firefox, Allowed, false, ALONE, ALONE),
];

/// The browsers, and what each does with third-party cookies: the columns of the table.
const COLUMNS: [(Engine, Cookies); 4] =
    [(Chromium, Allowed), (Chromium, Blocked), (Firefox, Allowed), (Firefox, Blocked)];

/// All of them, in the order of the table.
fn every() -> Vec<Cell> {
    let mut all = Vec::new();
    for escapes in [true, false] {
        for host in [NONE, POPUPS, ALONE] {
            for idp in [NONE, ALONE] {
                all.extend(COLUMNS.map(|(engine, cookies)| cell(engine, cookies, escapes, host, idp)));
            }
        }
    }
    all
}

impl Cell {
    /// What must come of it.
    fn expected(self) -> Outcome {
        if self.host == ALONE {
            // Our window is opened without us as its opener.
            Outcome::OpenerPolicy
        } else if !self.escapes && self.idp == ALONE {
            // A sandboxed window loads no page that keeps its windows apart.
            Outcome::Sandbox
        } else {
            Outcome::SignedIn
        }
    }

    /// Its settings, each with its name.
    fn settings(self) -> [String; 5] {
        let Self { engine, cookies, escapes, host, idp } = self;
        [
            format!("engine {engine:?}"),
            format!("cookies {cookies:?}"),
            format!("escapes {escapes}"),
            format!("host {host:?}"),
            format!("idp {idp:?}"),
        ]
    }

    /// Signs Mira in, as far as it goes.
    async fn tried(self, stage: &Stage) -> (Outcome, String) {
        stage.host.set_opener_policy(self.host);
        stage.app.idp.reconfigure(|idp| idp.opener_policy = self.idp);
        let browser = Browser::with(self.engine, self.cookies).await;
        let query = format!("form=nothing&escape={}", u8::from(self.escapes));
        let outcome = outcome(stage, &browser, (&query, self.expected())).await;
        let agent = browser.run("return navigator.userAgent").await.as_str().unwrap().to_owned();
        (outcome, agent)
    }
}

/// Opens the desktop, clicks once, chooses Mira where she is asked, and reads what the widget comes to. On a slow machine it shows on the way
/// what it would show where nothing comes: who expects something else looks on.
async fn outcome(stage: &Stage, browser: &Browser, (query, expected): (&str, Outcome)) -> Outcome {
    stage.desktop(browser, query).await;
    browser.press("Sign in").await;
    let end = Instant::now() + PATIENCE;
    let mut has_chosen = false;
    loop {
        // Once: the page may still be there while its answer is on the way.
        has_chosen = has_chosen || browser.try_press_in_another("button[name=login][value=mira]").await;
        browser.enter_widget().await;
        let text = browser.text().await;
        if let Some((outcome, _)) = SCREENS.into_iter().find(|(_, words)| text.contains(words)) {
            if outcome == expected || Instant::now() > end {
                return outcome;
            }
            sleep(Duration::from_millis(100)).await;
            continue;
        }
        let elsewhere = if Instant::now() > end { Some(browser.elsewhere_now().await) } else { None };
        assert_eq!(elsewhere, None, "{query}: neither in nor told why:\n{text}");
        sleep(Duration::from_millis(100)).await;
    }
}

#[test]
fn every_pair_of_settings_occurs_in_a_chosen_cell() {
    let pairs = |cells: &[Cell]| {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for settings in cells.iter().map(|cell| cell.settings()) {
            for (at, one) in settings.iter().enumerate() {
                pairs.extend(settings[at + 1..].iter().map(|other| (one.clone(), other.clone())));
            }
        }
        pairs.sort();
        pairs.dedup();
        pairs
    };
    let (chosen, all) = (pairs(&CHOSEN), pairs(&every()));
    let missing: Vec<_> = all.iter().filter(|pair| !chosen.contains(pair)).collect();
    assert!(missing.is_empty(), "no chosen cell has {missing:?}");
}

#[tokio::test]
async fn every_chosen_cell_signs_in_or_names_its_cause() {
    let stage = Stage::start().await;
    for cell in CHOSEN {
        let (outcome, _) = cell.tried(&stage).await;
        assert_eq!(outcome, cell.expected(), "{cell:?}");
    }
}

#[tokio::test]
async fn a_browser_that_keeps_no_cookie_in_a_frame_is_told_so_and_not_sent_round() {
    let stage = Stage::start().await;
    for engine in [Chromium, Firefox] {
        let browser = Browser::with(engine, Refused).await;
        assert_eq!(outcome(&stage, &browser, ("form=nothing", Outcome::Cookies)).await, Outcome::Cookies, "{engine:?}");
        assert_eq!(browser.count("Start again").await, 1, "she may try again, and nothing does by itself");
    }
}

#[tokio::test]
async fn a_window_that_is_blocked_is_not_taken_for_one_that_cannot_be_reached() {
    let stage = Stage::start().await;
    for engine in [Chromium, Firefox] {
        let browser = Browser::with(engine, Blocked).await;
        assert_eq!(
            outcome(&stage, &browser, ("form=nothing&popups=0", Outcome::Blocked)).await,
            Outcome::Blocked,
            "{engine:?}"
        );
    }
}

/// In Firefox a cookie that is set in a frame is kept for that frame alone, partitioned or not, unless all are allowed or none is.
#[tokio::test]
async fn firefox_keeps_of_a_frames_cookies_what_it_was_told_to() {
    let stage = Stage::start().await;
    let has = |name: &str| format!("return document.cookie.includes('{name}=1')");
    for (cookies, in_frame, elsewhere) in [(Allowed, true, true), (Blocked, true, false), (Refused, false, false)] {
        let browser = Browser::with(Firefox, cookies).await;
        stage.desktop(&browser, "form=nothing").await;
        let set = "document.cookie = 'shared=1; Secure; SameSite=None; Path=/'; \
                   document.cookie = 'partitioned=1; Secure; SameSite=None; Path=/; Partitioned'";
        browser.run(set).await;
        assert_eq!(browser.run(&has("shared")).await, json!(in_frame), "{cookies:?}");
        assert_eq!(browser.run(&has("partitioned")).await, json!(in_frame), "{cookies:?}");
        browser.goto(&stage.desk("/auth/popup")).await;
        assert_eq!(browser.run(&has("shared")).await, json!(elsewhere), "{cookies:?}");
        assert_eq!(browser.run(&has("partitioned")).await, json!(false), "{cookies:?}");
    }
}

#[tokio::test]
#[ignore = "48 browsers: `cargo xtask matrix` runs it"]
async fn every_cell_signs_in_or_names_its_cause() {
    let stage = Stage::start().await;
    let mut found = Vec::new();
    for cell in every() {
        let (outcome, agent) = cell.tried(&stage).await;
        assert_eq!(outcome, cell.expected(), "{cell:?}");
        found.push((cell, outcome, agent));
    }
    let page = page(&found);
    std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/sso/browsers.md"), page).unwrap();
}

/// `docs/sso/browsers.md`, from what was found and what each browser calls itself.
fn page(found: &[(Cell, Outcome, String)]) -> String {
    let version = |name: &str| {
        let after = found.iter().find_map(|(_, _, agent)| Some(agent.split_once(name)?.1)).unwrap();
        after.split('.').next().unwrap()
    };
    let mut page = format!(include_str!("ways.md"), chromium = version("Chrome/"), firefox = version("Firefox/"));
    for row in found.chunks(COLUMNS.len()) {
        let Cell { escapes, host, idp, .. } = row[0].0;
        let name = |policy: OpenerPolicy| policy.header().unwrap_or("none");
        let sandbox = if escapes { "yes" } else { "no" };
        write!(page, "| {sandbox} | {} | {} |", name(host), name(idp)).unwrap();
        for (_, outcome, _) in row {
            write!(page, " {} |", outcome.words()).unwrap();
        }
        page.push('\n');
    }
    page
}

#[test]
fn the_page_in_the_documentation_says_what_must_come_of_every_cell() {
    let page = include_str!("../../docs/sso/browsers.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| yes") || line.starts_with("| no")).collect();
    let all = every();
    assert_eq!(rows.len() * COLUMNS.len(), all.len(), "`cargo xtask matrix` writes it");
    for (row, cells) in rows.into_iter().zip(all.chunks(COLUMNS.len())) {
        let words: Vec<&str> = row.split('|').map(str::trim).skip(4).take(COLUMNS.len()).collect();
        assert_eq!(json!(words), json!(cells.iter().map(|cell| cell.expected().words()).collect::<Vec<_>>()), "{row}");
    }
}
