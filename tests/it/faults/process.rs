//! A server in a process of its own, which can be killed; and an agent at the other end of a real connection, who tries again.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use kyc_desk::clock::{Clock, FixedClock, SystemRng};
use kyc_desk::config::Config;
use kyc_tests::{World, fresh_key};
use kyc_wire::ids::Micros;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const CONFIGURATION: &str = "KYC_TEST_SERVER_CONFIGURATION";
const NOW: &str = "KYC_TEST_SERVER_NOW";
/// How long anything may take before the test gives up.
const PATIENCE: Duration = Duration::from_mins(5);
/// An address that nobody else binds: while a server is dead, its ports are free for the servers of other tests.
const HOST: &str = "127.0.0.2";
const PAUSE: Duration = Duration::from_millis(10);

/// Where its three listeners are.
pub struct Ports([u16; 3]);

impl Ports {
    pub async fn free() -> Self {
        let bind = async || TcpListener::bind((HOST, 0)).await.unwrap();
        let all = [bind().await, bind().await, bind().await];
        Self(all.map(|one| one.local_addr().unwrap().port()))
    }

    pub fn webhook(&self) -> String {
        format!("http://{HOST}:{}/webhooks/veriff/veriff-de", self.0[1])
    }
}

/// A running server.
pub struct Process(Child);

impl Process {
    /// Starts one whose clock shows the world's time, and waits until it serves.
    pub async fn start(world: &World, ports: &Ports) -> Self {
        Self::run(Command::new(std::env::current_exe().unwrap()), world, ports).await
    }

    /// The same, where files cannot grow.
    pub async fn start_on_a_full_disk(world: &World, ports: &Ports) -> Self {
        let path = world.directory.path().join("kyc.db");
        // In blocks of 512 bytes: the log of what was written last can still take a little.
        let blocks = std::fs::metadata(path).unwrap().len() / 512 + 8;
        let mut command = Command::new("sh");
        command.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")]);
        command.arg(std::env::current_exe().unwrap());
        Self::run(command, world, ports).await
    }

    async fn run(mut command: Command, world: &World, ports: &Ports) -> Self {
        let [desk, edge, operator] = ports.0.map(|port| format!("{HOST}:{port}"));
        let listeners =
            format!("[http]\ndesk_listen = {desk:?}\nedge_listen = {edge:?}\noperator_listen = {operator:?}\n");
        let configuration = world.configuration().replacen("[http]\n", &listeners, 1);
        command.args(["--exact", "faults::process::a_server_until_it_is_killed", "--ignored", "--nocapture"]);
        command.env(CONFIGURATION, configuration).env(NOW, world.clock.now().0.to_string());
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let process = Self(child);
        // Not whether it is ready: its clock shows the world's time and not the database's.
        let ready = format!("http://{operator}/healthz");
        let http = reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap();
        let serves = async {
            while http.get(&ready).send().await.map_or(true, |answer| !answer.status().is_success()) {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, serves).await.expect("the server did not start");
        process
    }

    /// Waits until the bank knows of this many cases that wait for a second person.
    pub async fn until_told(&self, world: &World, cases: usize) {
        let told = || {
            let events = world.bank.events();
            let waiting = events.iter().filter(|event| event.body.contains(r#""status":"final_approval""#));
            waiting.map(|event| serde_json::from_str::<Value>(&event.body).unwrap()["session_id"].to_string()).collect()
        };
        let all = async {
            while std::collections::BTreeSet::len(&told()) < cases {
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the bank was not told");
    }

    /// Ends it without a word (SIGKILL).
    pub async fn kill(mut self) {
        self.0.kill().unwrap();
        tokio::task::spawn_blocking(move || self.0.wait().unwrap()).await.unwrap();
    }
}

/// Not a test: the server that the others kill. It runs in a process of its own because it is started from this program with its
/// configuration in the environment.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started by the tests above"]
#[expect(clippy::disallowed_methods, reason = "how a test hands its server a configuration")]
async fn a_server_until_it_is_killed() {
    let config = Config::parse(&std::env::var(CONFIGURATION).unwrap()).unwrap();
    let now = Micros(std::env::var(NOW).unwrap().parse().unwrap());
    let app = kyc_desk::build(config, Arc::new(FixedClock::at(now)), Arc::new(SystemRng)).await.unwrap();
    let metrics = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
    let (_never, stop) = tokio::sync::watch::channel(false);
    kyc_desk::serve::serve(app, metrics, stop).await.unwrap();
}

/// An agent, or her widget, that tries again until it is answered.
pub struct Agent {
    http: reqwest::Client,
    desk: String,
    cookie: String,
}

impl Agent {
    pub fn new(ports: &Ports, cookie: String) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(20)).build().unwrap();
        Self { http, desk: format!("http://{HOST}:{}", ports.0[0]), cookie }
    }

    /// One request; none when the server did not answer.
    async fn once(&self, method: reqwest::Method, path: &str, key: &str, body: &Value) -> Option<(u16, Value)> {
        let request = self.http.request(method, format!("{}{path}", self.desk));
        let request = request.header("cookie", &self.cookie).header("idempotency-key", key).json(body);
        let request = request.header("origin", "http://localhost:7310").header("sec-fetch-site", "same-origin");
        let answer = request.header("x-kycdesk-csrf", "1").send().await.ok()?;
        let status = answer.status().as_u16();
        Some((status, answer.json().await.ok().unwrap_or(Value::Null)))
    }

    /// The same request until there is an answer that is not "later".
    async fn again(&self, method: reqwest::Method, path: &str, body: &Value) -> (u16, Value) {
        let key = fresh_key();
        let answered = async {
            loop {
                match self.once(method.clone(), path, &key, body).await {
                    Some((status, body)) if status < 500 => return (status, body),
                    _ => tokio::time::sleep(PAUSE).await,
                }
            }
        };
        tokio::time::timeout(PATIENCE, answered).await.unwrap_or_else(|_| panic!("{path} was never answered"))
    }

    pub async fn open(&self, id: &str) -> Value {
        let (status, session) = self.again(reqwest::Method::GET, &format!("/api/sessions/{id}"), &json!({})).await;
        assert_eq!(status, 200, "{session}");
        session
    }

    /// Waits until the session is so.
    pub async fn until(&self, id: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let found = async {
            loop {
                let session = self.open(id).await;
                if is_so(&session) {
                    return session;
                }
                tokio::time::sleep(PAUSE).await;
            }
        };
        tokio::time::timeout(PATIENCE, found).await.expect("the session did not get there")
    }

    /// A command, on the version as it stands, until it is carried out.
    pub async fn act(&self, id: &str, act: &str, mut body: Value) -> Value {
        loop {
            body["expected_version"] = self.open(id).await["version"].clone();
            match self.again(reqwest::Method::POST, &format!("/api/sessions/{id}/{act}"), &body).await {
                (200, session) => return session,
                // Something else happened meanwhile; she looks again.
                (409, problem) if problem["code"] == "stale_version" => {}
                other => panic!("{act}: {other:?}"),
            }
        }
    }

    pub async fn reveal(&self, id: &str, field: &str) -> Value {
        let body = json!({ "field": field, "origin": "claim", "reason": "ask_the_customer" });
        let (status, value) = self.again(reqwest::Method::POST, &format!("/api/sessions/{id}/reveal"), &body).await;
        assert_eq!(status, 200, "{value}");
        value
    }

    /// Writes notes until one is refused.
    pub async fn try_until_refused(&self, id: &str) -> (u16, Value) {
        for _ in 0..1_000 {
            let version = self.open(id).await["version"].clone();
            let body = json!({ "expected_version": version, "reason": null });
            let path =
                format!("/api/sessions/{id}/{}", if version.as_u64().unwrap() % 2 == 0 { "take" } else { "release" });
            let answer = self.once(reqwest::Method::POST, &path, &fresh_key(), &body).await.unwrap();
            if answer.0 >= 500 {
                return answer;
            }
        }
        panic!("the disk was never full");
    }
}
