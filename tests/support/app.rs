//! The installation.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use kyc_desk::clock::{Clock, FixedClock, SeededRng, SystemClock};
use kyc_desk::config::Config;
use kyc_desk::events::Message;
use kyc_desk::state::App;
use kyc_desk::{build, http, jobs};
use kyc_sandbox::bank::{Bank, BankConfig};
use kyc_sandbox::genesys_api::{GenesysApi, GenesysConfig};
use kyc_sandbox::idp::{Idp, IdpConfig};
use kyc_sandbox::jumio::{Jumio, JumioConfig};
use kyc_sandbox::onfido::{Onfido, OnfidoConfig};
use kyc_sandbox::veriff::{Veriff, VeriffConfig};
use kyc_wire::ids::Micros;
use serde_json::json;
use tempfile::TempDir;

use super::{Answer, Caller, claims_of, log, new_session};
use crate::database::{Database, Kind};
use crate::postgres;

/// 2026-11-23 09:00:00 UTC.
const START: Micros = Micros(1_795_424_400_000_000);
const BANK_SECRET: &str = "whsec_dGVzdC1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng==";

/// What a test may want otherwise than usual.
pub struct Setup {
    /// Lines for the `[policy]` section.
    pub policy: &'static str,
    /// Lines for the `[http]` section.
    pub http: &'static str,
    /// Where agents reach the desk.
    pub desk_url: String,
    /// The page that may frame the widget.
    pub host_origin: String,
    /// More sections, which may name the places of the usual ones.
    pub more: &'static str,
    /// With the contact centre: lines for the `[genesys]` section.
    pub genesys: Option<&'static str>,
    /// What it stands on.
    pub database: Kind,
    /// Whether that survives a power cut: for measuring.
    pub is_durable: bool,
    /// The algorithms that ID tokens may be signed with.
    pub algorithms: &'static [&'static str],
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            policy: "",
            http: "",
            desk_url: "http://localhost:7310".to_owned(),
            host_origin: "http://127.0.0.1:7300".to_owned(),
            more: "",
            genesys: None,
            database: Kind::usual(),
            is_durable: false,
            algorithms: &["RS256", "ES256"],
        }
    }
}

/// What a server stands in: it stays when the server goes.
#[derive(Clone)]
pub struct World {
    /// Everybody's clock.
    pub clock: FixedClock,
    /// The bank's identity provider.
    pub idp: Arc<Idp>,
    /// A verification provider that tests may name in `more`, as `<onfido>`.
    pub onfido: Arc<Onfido>,
    /// The verification provider.
    pub veriff: Arc<Veriff>,
    /// Another one.
    pub jumio: Arc<Jumio>,
    /// The bank's system.
    pub bank: Arc<Bank>,
    /// The contact centre, where there is one.
    pub genesys: Option<Arc<GenesysApi>>,
    /// What everything is kept in.
    pub database: Arc<Database>,
    /// The server's files.
    pub directory: Arc<TempDir>,
    /// Where agents reach the desk.
    pub desk_url: String,
    configuration: String,
}

/// One installation.
pub struct TestApp {
    /// The server.
    pub app: Arc<App>,
    /// What agents talk to.
    pub desk: Router,
    /// What machines talk to.
    pub edge: Router,
    /// Every answer the server gave, for searching.
    pub answers: Arc<Mutex<String>>,
    world: World,
    port: u16,
    serving: tokio::task::JoinHandle<()>,
    tokens: tokio::sync::Mutex<Option<(String, String)>>,
}

impl World {
    /// What a server in it is told.
    pub fn configuration(&self) -> &str {
        &self.configuration
    }

    /// From now on everybody's clock shows this machine's time, for those who know no other. It goes on with it until the test ends.
    pub fn follow_the_machine(&self) {
        let clock = self.clock.clone();
        clock.set(SystemClock.now());
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_millis(200)).await;
                clock.set(SystemClock.now());
            }
        });
    }

    /// Changes what the next server in it is told.
    pub fn reword(&mut self, from: &str, to: &str) {
        assert!(self.configuration.contains(from), "{from} is not in the configuration");
        self.configuration = self.configuration.replace(from, to);
    }
}

impl std::ops::Deref for TestApp {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
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
        let outside = outside(clock.clone());
        let idp = idp(outside.clone(), &setup.desk_url).await;
        let veriff = veriff(outside.clone()).await;
        let jumio = jumio(outside.clone()).await;
        let onfido = onfido(outside.clone()).await;
        let genesys = genesys(&setup, outside.clone()).await;
        let secrets = vec![BANK_SECRET.to_owned()];
        let bank = Bank::start(BankConfig { port: 0, clock: outside, secrets }).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let database = database(&setup, &directory).await;
        let edge_listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let edge_port = edge_listener.local_addr().unwrap().port();
        let mut world = World {
            clock,
            idp: Arc::new(idp),
            onfido: Arc::new(onfido),
            veriff: Arc::new(veriff),
            jumio: Arc::new(jumio),
            bank: Arc::new(bank),
            genesys,
            database: Arc::new(database),
            directory: Arc::new(directory),
            configuration: String::new(),
            desk_url: setup.desk_url.clone(),
        };
        world.configuration = configuration(&world, edge_port, &setup);
        Self::serve(world, 4, edge_listener).await
    }

    /// A second server on the same database, in the same world.
    pub async fn beside(&self) -> Self {
        Self::serve(self.world.clone(), 5, tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    async fn serve(world: World, seed: u64, edge_listener: tokio::net::TcpListener) -> Self {
        let config = Config::parse(&world.configuration).unwrap();
        let app = build(config, Arc::new(world.clock.clone()), Arc::new(SeededRng::new(seed))).await.unwrap();
        let (desk, edge) = (http::desk(&app), http::edge(&app));
        let port = edge_listener.local_addr().unwrap().port();
        world.veriff.set_webhook_url(&format!("http://127.0.0.1:{port}/webhooks/veriff/veriff-de"));
        let served = edge.clone().into_make_service_with_connect_info::<SocketAddr>();
        let serving = tokio::spawn(async move { axum::serve(edge_listener, served).await.unwrap_or_default() });
        listen(&app, world.database.kind).await;
        let (answers, tokens) = (Arc::default(), tokio::sync::Mutex::default());
        Self { app, desk, edge, answers, world, port, serving, tokens }
    }

    /// A server in a world that is there already.
    pub async fn on(world: World) -> Self {
        Self::serve(world, 6, tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap()).await
    }

    /// Lets Onfido's webhooks go to this server, for this integration.
    pub fn onfido_tells(&self, integration: &str) {
        self.onfido.set_webhook_url(&format!("http://127.0.0.1:{}/webhooks/onfido/{integration}", self.port));
    }

    /// Ends the server as a crash would: nobody answers any more. What it stood in stays.
    pub fn leave(self) -> World {
        self.serving.abort();
        self.world
    }

    /// The contact centre of an installation that has one.
    pub fn contact_centre(&self) -> &GenesysApi {
        self.genesys.as_deref().expect("the test is set up with one")
    }

    /// Moves the clock on.
    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs background work until nothing is due.
    pub async fn work(&self) {
        while Box::pin(jobs::run_due(&self.app)).await.unwrap() > 0 {}
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

/// The same time for everybody outside.
fn outside(clock: FixedClock) -> kyc_sandbox::Clock {
    kyc_sandbox::Clock::from_unix(Arc::new(move || clock.now().0 / 1_000_000))
}

/// The contact centre, for tests that have one.
async fn genesys(setup: &Setup, clock: kyc_sandbox::Clock) -> Option<Arc<GenesysApi>> {
    setup.genesys?;
    let config = GenesysConfig::new(clock, "kyc-client", "genesys-secret");
    Some(Arc::new(GenesysApi::start(config).await.unwrap()))
}

/// What everything is kept in.
async fn database(setup: &Setup, directory: &TempDir) -> Database {
    match (setup.database, setup.is_durable) {
        (Kind::Postgres, true) => Database { kind: Kind::Postgres, url: postgres::durable_database().await },
        (kind, _) => Database::fresh(kind, directory).await,
    }
}

/// The bank's identity provider.
async fn idp(clock: kyc_sandbox::Clock, desk_url: &str) -> Idp {
    let mut config = IdpConfig::new(clock, "kyc-desk", "idp-secret");
    config.redirect_uris = vec![format!("{desk_url}/auth/oidc/bank/callback")];
    config.post_logout_redirect_uris = vec![format!("{desk_url}/auth/oidc/bank/signed-out")];
    config.allows_auto = true;
    Idp::start(config).await.unwrap()
}

/// Veriff, which decides at once.
async fn veriff(clock: kyc_sandbox::Clock) -> Veriff {
    let mut config = VeriffConfig::new(clock, "veriff-key", "veriff-secret");
    config.retry_delays = vec![Duration::from_millis(5); 20];
    config.decision_delay = Duration::ZERO;
    config.allows_casting = true;
    Veriff::start(config).await.unwrap()
}

/// Onfido, which repeats at once what was not taken.
async fn onfido(clock: kyc_sandbox::Clock) -> Onfido {
    let mut config = OnfidoConfig::new(clock, "onfido-token", "onfido-webhook-token");
    config.retry_delays = vec![Duration::from_millis(5); 20];
    Onfido::start(config).await.unwrap()
}

async fn jumio(clock: kyc_sandbox::Clock) -> Jumio {
    let mut config = JumioConfig::new(clock, "jumio-client", "jumio-secret", 10_164);
    config.retry_delays = vec![Duration::from_millis(5); 20];
    Jumio::start(config).await.unwrap()
}

/// Lets the server hear the others on its database.
async fn listen(app: &Arc<App>, kind: Kind) {
    let mut heard = app.events.subscribe();
    let listening = Arc::clone(app);
    tokio::spawn(async move { listening.store.listen(&listening.tenant, &listening.events).await });
    if kind == Kind::Postgres {
        assert!(matches!(heard.recv().await, Ok(Message::BeginAnew)), "it begins by saying that it listens");
    }
}

/// The section of the contact centre, where there is one.
fn contact_centre(at: Option<&GenesysApi>, setup: &Setup) -> String {
    let Some((at, lines)) = at.zip(setup.genesys) else { return String::new() };
    let url = at.url();
    format!(
        "[genesys]\nlogin_url = \"{url}\"\napi_url = \"{url}\"\nclient_id = \"kyc-client\"\nclient_secret = \"genesys-secret\"\n{lines}\n"
    )
}

fn configuration(at: &World, edge_port: u16, setup: &Setup) -> String {
    let values = [
        ("directory", at.directory.path().display().to_string()),
        ("more", format!("{}\n{}", setup.more, contact_centre(at.genesys.as_deref(), setup))),
        ("http", setup.http.to_owned()),
        ("desk_url", setup.desk_url.clone()),
        ("edge_port", edge_port.to_string()),
        ("host_origin", setup.host_origin.clone()),
        ("algorithms", format!("{:?}", setup.algorithms)),
        ("database", at.database.url.clone()),
        ("issuer", at.idp.issuer().to_owned()),
        ("veriff", at.veriff.base_url().trim_end_matches("/v1").to_owned()),
        ("jumio", at.jumio.base_url().to_owned()),
        ("onfido", at.onfido.base_url().to_owned()),
        ("bank", at.bank.events_url()),
        ("bank_secret", BANK_SECRET.to_owned()),
        ("policy", setup.policy.to_owned()),
    ];
    let template = include_str!("kyc-desk.toml").to_owned();
    values.iter().fold(template, |text, (name, value)| text.replace(&format!("<{name}>"), value))
}
