//! The installation.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use kyc_desk::clock::{FixedClock, SeededRng};
use kyc_desk::config::Config;
use kyc_desk::state::App;
use kyc_desk::{build, http, jobs};
use kyc_sandbox::bank::{Bank, BankConfig};
use kyc_sandbox::idp::{Idp, IdpConfig};
use kyc_sandbox::veriff::{Veriff, VeriffConfig};
use kyc_wire::ids::Micros;
use serde_json::json;
use tempfile::TempDir;

use super::{Answer, Caller, claims_of, log, new_session};

/// 2026-11-23 09:00:00 UTC.
const START: Micros = Micros(1_795_424_400_000_000);
const BANK_SECRET: &str = "whsec_dGVzdC1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng==";

/// What a test may want otherwise than usual.
pub struct Setup {
    /// Lines for the `[policy]` section.
    pub policy: &'static str,
    /// Where agents reach the desk.
    pub desk_url: String,
    /// The page that may frame the widget.
    pub host_origin: String,
    /// More sections, which may name the places of the usual ones.
    pub more: &'static str,
    /// The algorithms that ID tokens may be signed with.
    pub algorithms: &'static [&'static str],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            policy: "",
            desk_url: "http://localhost:7310".to_owned(),
            host_origin: "http://127.0.0.1:7300".to_owned(),
            more: "",
            algorithms: &["RS256", "ES256"],
        }
    }
}

/// One installation.
pub struct TestApp {
    /// The server.
    pub app: Arc<App>,
    /// Its clock, and everybody else's.
    pub clock: FixedClock,
    /// The bank's identity provider.
    pub idp: Idp,
    /// The verification provider.
    pub veriff: Veriff,
    /// The bank's system.
    pub bank: Bank,
    /// Where agents reach the desk.
    pub desk_url: String,
    /// What agents talk to.
    pub desk: Router,
    /// What machines talk to.
    pub edge: Router,
    /// Every answer the server gave, for searching.
    pub answers: Arc<Mutex<String>>,
    /// The server's files.
    pub directory: TempDir,
    tokens: tokio::sync::Mutex<Option<(String, String)>>,
}

impl TestApp {
    /// The usual installation.
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    /// One that differs in what `setup` says.
    pub async fn with(setup: Setup) -> Self {
        log::install();
        let clock = FixedClock::at(START);
        let shown = clock.clone();
        let outside =
            kyc_sandbox::Clock::from_unix(Arc::new(move || kyc_desk::clock::Clock::now(&shown).0 / 1_000_000));
        let mut config = IdpConfig::new(outside.clone(), "kyc-desk", "idp-secret");
        config.redirect_uris = vec![format!("{}/auth/oidc/bank/callback", setup.desk_url)];
        config.allows_auto = true;
        let idp = Idp::start(config).await.unwrap();
        let mut config = VeriffConfig::new(outside.clone(), "veriff-key", "veriff-secret");
        config.retry_delays = vec![Duration::from_millis(5); 20];
        config.decision_delay = Duration::ZERO;
        config.allows_casting = true;
        let veriff = Veriff::start(config).await.unwrap();
        let bank =
            Bank::start(BankConfig { port: 0, clock: outside, secrets: vec![BANK_SECRET.to_owned()] }).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let edge_listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let edge_port = edge_listener.local_addr().unwrap().port();
        let text = configuration(
            &Places { directory: &directory, idp: &idp, veriff: &veriff, bank: &bank, edge_port },
            &setup,
        );
        let config = Config::parse(&text).unwrap();
        let app = build(config, Arc::new(clock.clone()), Arc::new(SeededRng::new(4))).await.unwrap();
        let (desk, edge) = (http::desk(&app), http::edge(&app));
        veriff.set_webhook_url(&format!("http://127.0.0.1:{edge_port}/webhooks/veriff/veriff-de"));
        let served = edge.clone();
        tokio::spawn(async move { axum::serve(edge_listener, served).await });
        let answers = Arc::default();
        let (desk_url, tokens) = (setup.desk_url, tokio::sync::Mutex::default());
        Self { app, clock, idp, veriff, bank, desk_url, desk, edge, answers, directory, tokens }
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs background work until nothing is due.
    pub async fn work(&self) {
        while jobs::run_due(&self.app).await.unwrap() > 0 {}
    }

    /// An id that no session has.
    pub fn new_id(&self) -> String {
        self.app.ids.next().to_string()
    }

    /// Somebody who is not signed in.
    pub fn guest(&self) -> Caller<'_> {
        Caller::new(self)
    }

    /// Somebody who signs in by the whole protocol.
    pub async fn staff(&self, login: &str) -> Caller<'_> {
        let mut caller = Caller::new(self);
        let outcome = caller.sign_in(login).await;
        assert_eq!(outcome["state"], "redeemed", "{login} could not sign in: {outcome}");
        caller
    }

    async fn tokens(&self) -> (String, String) {
        let mut tokens = self.tokens.lock().await;
        if tokens.is_none() {
            let flow = self.guest().token("flow", "flow-secret").await;
            let bank = self.guest().token("bank", "bank-secret").await;
            *tokens = Some((flow, bank));
        }
        tokens.clone().unwrap()
    }

    /// The Genesys flow.
    pub async fn flow(&self) -> Caller<'_> {
        Caller::new(self).with_token(self.tokens().await.0)
    }

    /// The bank's system.
    pub async fn bank_system(&self) -> Caller<'_> {
        Caller::new(self).with_token(self.tokens().await.1)
    }

    /// A session that the flow created and whose provider was started.
    pub async fn session(&self) -> String {
        let id = self.new_id();
        let made = self.flow().await.post_edge("/flow/v1/sessions", Some(&id), &new_session(&id)).await;
        assert_eq!(made.status, 201, "{}", made.text);
        self.work().await;
        id
    }

    /// Hands over what the applicant claimed: the identity of the document with this place in the stand-in's table.
    pub async fn claims(&self, id: &str, identity: usize) -> Answer {
        self.veriff.assign(id, identity);
        let claims = claims_of(&self.veriff.identities()[identity]);
        self.bank_system().await.put_edge(&format!("/bank/v1/sessions/{id}/claims"), &claims).await
    }

    /// The customer hands in her document, and Veriff decides.
    pub async fn decide(&self, id: &str, outcome: kyc_sandbox::veriff::Outcome) {
        let sessions = self.veriff.sessions_of(id);
        let session = sessions.last().expect("the provider was started");
        self.veriff.event(session, kyc_sandbox::veriff::Step::Submitted).await.unwrap();
        self.veriff.decide(session, outcome).await.unwrap();
        self.veriff.settle().await;
        self.work().await;
    }

    /// A session with claims and a clean result, waiting for an agent.
    pub async fn verified_session(&self) -> String {
        let id = self.session().await;
        assert_eq!(self.claims(&id, 0).await.status, 204);
        self.decide(&id, kyc_sandbox::veriff::Outcome::Clean).await;
        id
    }

    /// The same, sent to final approval by Mira.
    pub async fn proposed_session(&self, mira: &Caller<'_>) -> String {
        let id = self.verified_session().await;
        mira.act(&id, "take", json!({ "reason": null })).await;
        mira.tick_off(&id).await;
        let proposed = mira.act(&id, "propose", json!({ "reason": null })).await;
        assert_eq!(proposed["status"], "final_approval", "{proposed}");
        id
    }

    /// The whole audit log as exported.
    pub async fn audit_log(&self) -> String {
        let sanna = self.staff("sanna").await;
        let answer = sanna.get("/api/audit").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.text
    }
}

struct Places<'a> {
    directory: &'a TempDir,
    idp: &'a Idp,
    veriff: &'a Veriff,
    bank: &'a Bank,
    edge_port: u16,
}

fn configuration(at: &Places<'_>, setup: &Setup) -> String {
    let values = [
        ("more", setup.more.to_owned()),
        ("desk_url", setup.desk_url.clone()),
        ("edge_port", at.edge_port.to_string()),
        ("host_origin", setup.host_origin.clone()),
        ("algorithms", format!("{:?}", setup.algorithms)),
        ("database", at.directory.path().join("kyc.db").display().to_string()),
        ("issuer", at.idp.issuer().to_owned()),
        ("veriff", at.veriff.base_url().trim_end_matches("/v1").to_owned()),
        ("bank", at.bank.events_url()),
        ("bank_secret", BANK_SECRET.to_owned()),
        ("policy", setup.policy.to_owned()),
    ];
    let template = include_str!("kyc-desk.toml").to_owned();
    values.iter().fold(template, |text, (name, value)| text.replace(&format!("<{name}>"), value))
}
