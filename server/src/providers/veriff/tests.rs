//! Webhooks and decisions as files; calls against a server on this machine.

mod calls;
mod decisions;
mod webhooks;

use http::HeaderMap;
use kyc_wire::ids::Micros;
use secrecy::SecretString;

use super::*;
use crate::providers::{Event, Outcome, ProviderResult};

/// What the fixtures' session is called by Veriff.
const SESSION: &str = "4b7d0c1e-93a5-4f26-8e0d-5a1c7e92b3f4";
/// When the tests learn of things: later than anything in the fixtures.
const NOW: Micros = Micros(1_790_000_000_000_000);

macro_rules! fixture {
    ($name:literal) => {
        &include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/veriff/", $name, ".json"))[..]
    };
}
use fixture;

fn keys(secrets: &[&str]) -> Keys {
    Keys::new(secrets.iter().map(|secret| SecretString::from(*secret)).collect()).unwrap()
}

fn veriff(base_url: &str) -> Veriff {
    let settings = Settings {
        name: "veriff-de".to_owned(),
        base_url: base_url.parse().unwrap(),
        credentials: Live::new(Credentials {
            api_key: "our-own-demo-key".to_owned(),
            keys: keys(&["our-own-demo-secret", "the-secret-before"]),
        }),
        console: ConsoleLink::new("https://console.example/verifications/{id}", &["console.example".to_owned()])
            .unwrap(),
    };
    Veriff::new(settings, Transport::new(reqwest::Client::builder().no_proxy()).unwrap())
}

/// A client that calls nobody; made once, because making one reads the machine's roots of trust.
fn offline() -> &'static Veriff {
    static OFFLINE: std::sync::LazyLock<Veriff> = std::sync::LazyLock::new(|| veriff("https://api.veriff.example"));
    &OFFLINE
}

/// A webhook with Veriff's headers, signed with `secret`.
fn signed_by(secret: &str, body: &[u8]) -> Unverified {
    let headers = [("x-auth-client", "our-own-demo-key".to_owned()), ("x-hmac-signature", keys(&[secret]).sign(body))];
    webhook(&headers, body)
}

fn webhook(headers: &[(&'static str, String)], body: &[u8]) -> Unverified {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, value.parse().unwrap());
    }
    Unverified::new(map, body.to_vec(), NOW)
}

fn parse(body: &[u8]) -> Result<Notice, Unreadable> {
    offline().parse(&Verified::from_inbox(body.to_vec(), NOW))
}

fn result_of(body: &[u8]) -> ProviderResult {
    match parse(body).unwrap().event {
        Event::Decision(Some(result)) => *result,
        event => panic!("no decision but {event:?}"),
    }
}
