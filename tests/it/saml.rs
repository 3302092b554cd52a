//! SAML responses, right and wrong: what the gate accepts, and by which rule it refuses the rest.

mod gate;
mod oracle;
mod strict;
mod wrapping;

use std::sync::LazyLock;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kyc_desk::auth::saml::{Accepted, Certificate, DecryptionKey, Expected, Refused, SignedPart, accept};
use kyc_sandbox::saml::{Draft, Parties, Signer};
use kyc_wire::ids::Micros;
use time::OffsetDateTime;
use time::macros::datetime;

const NOW: OffsetDateTime = datetime!(2026-11-23 09:00:00 UTC);
const IDP: &str = "https://idp.bank.example/saml";
const ENTITY: &str = "https://kyc.bank.example/auth/saml/bank/metadata";
const ACS: &str = "https://kyc.bank.example/auth/saml/bank/acs";
const REQUEST: &str = "_request1";
const MIRA: &str = "7c1e0f52-9a3d";

static SIGNER: LazyLock<Signer> = LazyLock::new(|| Signer::fresh(2048, datetime!(2036-01-01 00:00:00 UTC)));
static STRANGER: LazyLock<Signer> = LazyLock::new(|| Signer::fresh(2048, datetime!(2036-01-01 00:00:00 UTC)));
static OURS: LazyLock<Signer> = LazyLock::new(|| Signer::fresh(2048, datetime!(2036-01-01 00:00:00 UTC)));

fn parties() -> Parties<'static> {
    Parties { issuer: IDP, audience: ENTITY, acs: ACS, request: REQUEST, now: NOW }
}

/// A right response about Mira.
fn draft() -> Draft {
    let mut draft = Draft::new("1", &parties(), MIRA);
    draft.assertion.attributes = vec![
        ("roles".to_owned(), vec!["kyc-agent".to_owned(), "kyc-auditor".to_owned()]),
        ("displayName".to_owned(), vec!["Mira Lindqvist & <Söhne>".to_owned()]),
    ];
    draft
}

fn micros(at: OffsetDateTime) -> Micros {
    Micros(at.unix_timestamp() * 1_000_000)
}

fn decryption_key() -> DecryptionKey {
    let pem = OURS.key_pem();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    DecryptionKey::parse(&BASE64_STANDARD.decode(body).unwrap()).unwrap()
}

/// What the gate says of a document, at a time.
fn judged_at(xml: &str, signs: SignedPart, now: OffsetDateTime) -> Result<Accepted, Refused> {
    let certificates = [Certificate::parse(SIGNER.certificate()).unwrap()];
    let expected = Expected {
        issuer: IDP,
        certificates: &certificates,
        signs,
        entity: ENTITY,
        acs: ACS,
        request: REQUEST,
        begun_at: micros(NOW),
        now: micros(now),
    };
    accept(&BASE64_STANDARD.encode(xml), &expected, &[decryption_key()])
}

/// What it says when the assertion must be signed.
fn judged(xml: &str) -> Result<Accepted, Refused> {
    judged_at(xml, SignedPart::Assertion, NOW)
}

fn code(xml: &str) -> &'static str {
    judged(xml).map_or_else(|refused| refused.0, |_| "accepted")
}
