//! Callbacks and details as files; calls against a server on this machine.

mod callbacks;
mod calls;
mod decisions;

use http::HeaderMap;

use super::*;
use crate::clock::FixedClock;
use crate::live::Live;
use crate::providers::{ConsoleLink, Event, Keys, Outcome, ProviderResult, SessionReference};

/// What the fixtures' workflow execution is called by Jumio.
const WORKFLOW: &str = "5d2c9b77-1e44-4b0c-8a1f-6c7e2b9d4f02";
/// And its account.
const THE_ACCOUNT: &str = "0b5e1a10-7c1d-4d6e-9a52-3f0a5c2d7e01";
/// When the tests learn of things: later than anything in the fixtures.
const NOW: Micros = Micros(1_790_000_000_000_000);

macro_rules! fixture {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/jumio/", $name, ".json"))[..]
    };
}
use fixture;

fn keys(list: &[&str]) -> Keys {
    Keys::new(list.iter().map(|key| SecretString::from(*key)).collect()).unwrap()
}

fn credentials(secret: &str) -> Credentials {
    Credentials {
        client_id: "client-1".to_owned(),
        client_secret: SecretString::from(secret),
        keys: keys(&["our-own-echo-key", "the-key-before"]),
    }
}

/// A client whose four hosts are paths of one server.
fn jumio_at(base: &str, clock: &FixedClock) -> Jumio {
    let host = |part: &str| format!("{base}/{part}").parse().unwrap();
    let hosts = ["198.51.100.7".to_owned(), "203.0.113.0/24".to_owned()];
    let settings = Settings {
        name: "jumio-de".to_owned(),
        hosts: Hosts {
            auth: host("auth"),
            account: host("account"),
            retrieval: host("retrieval"),
            status: host("status"),
        },
        user_agent: "Example Bank KYC-Desk/0.0.0".to_owned(),
        workflow_key: 10_164,
        link_minutes: 1440,
        sources: hosts.iter().map(|text| text.parse().unwrap()).collect(),
        credentials: Live::new(credentials("our-own-client-secret")),
        console: Some(ConsoleLink::new("https://portal.example/{id}", &["portal.example".to_owned()]).unwrap()),
    };
    let transport = Transport::new(reqwest::Client::builder().no_proxy()).unwrap();
    Jumio::new(settings, transport, Arc::new(clock.clone()))
}

/// A client that calls nobody; made once, because making one reads the machine's roots of trust.
fn offline() -> &'static Jumio {
    static OFFLINE: std::sync::LazyLock<Jumio> =
        std::sync::LazyLock::new(|| jumio_at("https://jumio.example", &FixedClock::at(NOW)));
    &OFFLINE
}

fn session() -> ProviderRef {
    ProviderRef::parse(WORKFLOW).unwrap().with(ACCOUNT, THE_ACCOUNT).unwrap()
}

fn result_of(details: &[u8]) -> ProviderResult {
    match decision::read(&serde_json::from_slice(details).unwrap(), NOW) {
        Reading::Decided(result) => *result,
        Reading::Pending(phase) => panic!("no decision but {phase:?}"),
    }
}
