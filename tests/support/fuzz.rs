//! What parses bytes from outside, each with what must hold whatever comes. `tests/it/fuzz.rs` runs them briefly from the stored corpus,
//! `fuzz/` for as long as one likes (`cargo +nightly fuzz run veriff_webhook`).

use std::sync::{Arc, LazyLock};

use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kyc_desk::auth::cookie;
use kyc_desk::auth::oidc;
use kyc_desk::auth::saml::{self, Certificate, DecryptionKey, SignedPart};
use kyc_desk::clock::{Clock, SeededRng, SystemClock};
use kyc_desk::config::Config;
use kyc_desk::domain::audit::export;
use kyc_desk::domain::check::Outcome as CheckOutcome;
use kyc_desk::domain::idempotency::Key;
use kyc_desk::domain::names::{ConversationId, CustomerId, Queue};
use kyc_desk::outbound::Outbound;
use kyc_desk::pii::scrub::ScrubRules;
use kyc_desk::pii::vault::{DataKey, KeyScope, LocalMasterKeys, Vault};
use kyc_desk::providers::{Event, Fetched, Outcome, ProviderRef, Transport, Unverified, jumio};
use kyc_wire::ids::{Micros, SessionId};
use sha2::Sha256;

/// One target: its name, which is its corpus's folder too, and what it does with bytes.
pub struct Target {
    /// The name.
    pub name: &'static str,
    /// Panics when something does not hold.
    pub run: fn(&[u8]),
}

/// All of them.
pub const TARGETS: [Target; 10] = [
    Target { name: "onfido_webhook", run: onfido_webhook },
    Target { name: "veriff_webhook", run: veriff_webhook },
    Target { name: "jumio_callback", run: jumio_callback },
    Target { name: "jumio_details", run: jumio_details },
    Target { name: "audit_export", run: audit_export },
    Target { name: "names", run: names },
    Target { name: "sealed", run: sealed },
    Target { name: "notes", run: notes },
    Target { name: "saml_response", run: saml_response },
    Target { name: "logout_token", run: logout_token },
];

const NOW: Micros = Micros(1_795_424_400_000_000);

const ONFIDO: &str = r#"
[providers.onfido-eu]
kind = "onfido"
base_url = "<onfido>"
api_token = "onfido-token"
webhook_tokens = ["onfido-webhook-token"]
workflow_id = "0f1d0000-0000-4000-8000-000000000001"
"#;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let values = [
        ("more", ONFIDO),
        ("desk_url", "http://localhost:7310"),
        ("edge_port", "7311"),
        ("host_origin", "http://127.0.0.1:7300"),
        ("algorithms", "[\"ES256\"]"),
        ("database", "sqlite:unused.db"),
        ("issuer", "http://127.0.0.1:7301"),
        ("veriff", "http://127.0.0.1:7302"),
        ("jumio", "http://127.0.0.1:7304"),
        ("onfido", "http://127.0.0.1:7305"),
        ("bank", "http://127.0.0.1:7303/events"),
        ("bank_secret", "whsec_dGVzdC1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng=="),
        ("policy", ""),
        ("http", ""),
    ];
    let template = include_str!("kyc-desk.toml").to_owned();
    let text = values.iter().fold(template, |text, (name, value)| text.replace(&format!("<{name}>"), value));
    Config::parse(&text).unwrap()
});

static VERIFF: LazyLock<Outbound> = LazyLock::new(|| outbound("veriff-de"));

static ONFIDO_EU: LazyLock<Outbound> = LazyLock::new(|| outbound("onfido-eu"));

fn outbound(name: &str) -> Outbound {
    let transport = Transport::new(reqwest::Client::builder().no_proxy()).unwrap();
    let (_, integration) = CONFIG.providers.iter().find(|(found, _)| found == name).unwrap();
    Outbound::new(name, integration.clone(), transport, &(Arc::new(SystemClock) as Arc<dyn Clock>))
}

/// A webhook with a right signature over whatever it holds: it is read or refused, and never carries a result that would be believed. The
/// same under a wrong signature is never read.
pub fn onfido_webhook(bytes: &[u8]) {
    let webhook = |tag: String| {
        let mut headers = HeaderMap::new();
        headers.insert("x-sha2-signature", tag.parse().unwrap());
        ONFIDO_EU.provider.verify(Unverified::new(headers, bytes.to_vec(), NOW))
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(b"onfido-webhook-token").unwrap();
    mac.update(bytes);
    let tag = hex::encode(mac.finalize().into_bytes());
    let wrong: String = tag.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    assert!(webhook(wrong).is_err(), "a wrong signature was taken");
    let Ok(notice) = ONFIDO_EU.provider.parse(&webhook(tag).unwrap()) else { return };
    assert!(!matches!(notice.event, Event::Decision(Some(_))), "a result in a message was believed");
    assert!(notice.dedupe_key.len() <= 100, "{}", notice.dedupe_key);
}

/// A webhook with a right signature over whatever it holds: it is read or refused, and vouches for somebody only where Veriff's code does. The
/// same under a wrong signature is never read.
pub fn veriff_webhook(bytes: &[u8]) {
    let webhook = |tag: String| {
        let mut headers = HeaderMap::new();
        headers.insert("x-auth-client", HeaderValue::from_static("veriff-key"));
        headers.insert("x-hmac-signature", tag.parse().unwrap());
        VERIFF.provider.verify(Unverified::new(headers, bytes.to_vec(), NOW))
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(b"veriff-secret").unwrap();
    mac.update(bytes);
    let tag = hex::encode(mac.finalize().into_bytes());
    let wrong: String = tag.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    assert!(webhook(wrong).is_err(), "a wrong signature was taken");
    let Ok(notice) = VERIFF.provider.parse(&webhook(tag).unwrap()) else { return };
    if let Event::Decision(Some(result)) = notice.event
        && result.outcome == Outcome::Verified
    {
        let text = String::from_utf8_lossy(bytes);
        assert!(text.contains("9001"), "verified without Veriff's code for it");
    }
}

static JUMIO: LazyLock<Outbound> = LazyLock::new(|| {
    let (name, integration) = CONFIG.providers.iter().find(|(name, _)| name == "jumio-de").unwrap();
    let transport = Transport::new(reqwest::Client::builder().no_proxy()).unwrap();
    Outbound::new(name, integration.clone(), transport, &(Arc::new(SystemClock) as Arc<dyn Clock>))
});

/// A callback is taken only with a code that we gave, wakes us up for that session alone, and never brings a result. From elsewhere it is not
/// even looked at.
pub fn jumio_callback(bytes: &[u8]) {
    let webhook = |sender: [u8; 4]| {
        JUMIO.provider.verify(Unverified::new(HeaderMap::new(), bytes.to_vec(), NOW).sent_by(Some(sender.into())))
    };
    assert!(webhook([192, 0, 2, 1]).is_err(), "a callback from elsewhere was taken");
    let Ok(verified) = webhook([127, 0, 0, 1]) else { return };
    let Ok(notice) = JUMIO.provider.parse(&verified) else { return };
    let reference = notice.our_reference.expect("it brought our code");
    assert_eq!(reference.as_str(), "0198c5a0-0000-7000-8000-000000000001", "a code that we never gave was taken");
    assert!(matches!(notice.event, Event::WakeUp | Event::Announced(_)), "a callback decided something");
}

/// Details are read or refused, are never those of another session, and vouch for somebody only in Jumio's words.
pub fn jumio_details(bytes: &[u8]) {
    let session = ProviderRef::parse("5d2c9b77-1e44-4b0c-8a1f-6c7e2b9d4f02").unwrap();
    let session = session.with("account", "0b5e1a10-7c1d-4d6e-9a52-3f0a5c2d7e01").unwrap();
    let Ok(Fetched::Decided(result)) = jumio::read_details(bytes, &session, NOW) else { return };
    let text = String::from_utf8_lossy(bytes);
    if result.outcome == Outcome::Verified {
        assert!(
            ["PASSED", "OK", "MATCH", "PROCESSED"].iter().all(|word| text.contains(word)),
            "verified without Jumio's words"
        );
        assert!(result.checks.iter().all(|check| check.outcome == CheckOutcome::Passed));
    }
    let other = ProviderRef::parse("another").unwrap().with("account", "another").unwrap();
    assert!(jumio::read_details(bytes, &other, NOW).is_err() || text.contains("another"));
}

/// An export that passes is closed by a head that we have signed.
pub fn audit_export(bytes: &[u8]) {
    const GENUINE: &[u8] = include_bytes!("../../fuzz/corpus/audit_export/genuine.jsonl");
    static KNOWN: LazyLock<export::Verified> =
        LazyLock::new(|| export::verify(GENUINE, &CONFIG.audit.0.verifying_key(), None).unwrap());
    if let Ok(found) = export::verify(bytes, &CONFIG.audit.0.verifying_key(), None) {
        assert_eq!(found, *KNOWN, "an export that nobody signed was taken");
    }
}

/// A name that is taken is opaque, short, and stays as it was.
pub fn names(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_bytes(bytes) {
            headers.insert(header::COOKIE, value);
        }
        cookie::find(&headers, cookie::SIGN_IN_COOKIE);
        return;
    };
    let taken = [
        CustomerId::parse(text).ok().map(|name| name.as_str().to_owned()),
        ConversationId::parse(text).ok().map(|name| name.as_str().to_owned()),
        Queue::parse(text).ok().map(|name| name.as_str().to_owned()),
    ];
    for name in taken.into_iter().flatten() {
        assert_eq!(name, text);
        assert!(
            name.len() <= 64 && !name.contains('@') && name.bytes().all(|byte| byte.is_ascii_graphic()),
            "{name:?}"
        );
    }
    if let Ok(id) = text.parse::<SessionId>() {
        assert!(id.to_string().eq_ignore_ascii_case(text), "two spellings of one id: {text:?}");
    }
    if let Ok(key) = Key::parse("flow", "POST", "/", text) {
        assert!(key.key.bytes().all(|byte| byte.is_ascii_graphic()), "{:?}", key.key);
    }
    let mut headers = HeaderMap::new();
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(header::COOKIE, value);
        if let Some(found) = cookie::find(&headers, cookie::SIGN_IN_COOKIE) {
            assert!(text.contains(found));
        }
    }
}

/// What was not sealed with this key is not opened.
pub fn sealed(bytes: &[u8]) {
    static KEY: LazyLock<DataKey> = LazyLock::new(|| {
        let rng = std::sync::Arc::new(SeededRng::new(7));
        let keys = [CONFIG.privacy.master_key.clone()];
        let vault = Vault::new(Box::new(LocalMasterKeys::new(&keys, rng.clone()).unwrap()), rng);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(vault.new_key("default", &KeyScope::InboxDay("2026-11-23".to_owned()))).unwrap().1
    });
    assert!(KEY.open_bytes(bytes, "note", "sealed").is_err(), "a forged envelope was opened");
    let envelope = KEY.seal_bytes(bytes, "note", "sealed");
    assert_eq!(&KEY.open_bytes(&envelope, "note", "sealed").unwrap()[..], bytes);
    assert!(KEY.open_bytes(&envelope, "note", "another").is_err(), "an envelope was opened in another place");
}

/// Whatever a note says, an e-mail address and a card number do not survive, and what is hidden once stays hidden.
pub fn notes(bytes: &[u8]) {
    static RULES: LazyLock<ScrubRules> = LazyLock::new(|| ScrubRules::new(&["id_number".to_owned()], &[]).unwrap());
    let text = String::from_utf8_lossy(bytes);
    let once = RULES.scrub(&text);
    assert_eq!(RULES.scrub(&once), once, "hiding twice changes something");
    let with = RULES.scrub(&format!("{text} mara.keller@example.org 4111 1111 1111 1111 {text}"));
    assert!(!with.contains("mara.keller@example.org") && !with.contains("4111 1111 1111"), "{with:?}");
}

/// A response that is accepted says what the identity provider signed, whatever else it says.
pub fn saml_response(bytes: &[u8]) {
    static KNOWN: LazyLock<saml::Accepted> = LazyLock::new(|| {
        let signed = saml_gate(&BASE64_STANDARD.encode(include_bytes!("../../fuzz/corpus/saml_response/signed.xml")));
        let sealed =
            saml_gate(&BASE64_STANDARD.encode(include_bytes!("../../fuzz/corpus/saml_response/encrypted.xml")));
        assert_eq!(signed, sealed);
        signed.unwrap()
    });
    for field in [BASE64_STANDARD.encode(bytes), String::from_utf8_lossy(bytes).into_owned()] {
        if let Ok(found) = saml_gate(&field) {
            assert_eq!(found, *KNOWN, "a response that nobody signed was taken");
        }
    }
}

/// A logout token that is accepted is the one that the identity provider signed, and no other kind of token that it signed.
pub fn logout_token(bytes: &[u8]) {
    static KNOWN: LazyLock<oidc::LogoutToken> =
        LazyLock::new(|| told(include_str!("../../fuzz/corpus/logout_token/genuine.jwt")).unwrap());
    if let Ok(found) = told(&String::from_utf8_lossy(bytes)) {
        assert_eq!(found, *KNOWN, "a logout token that nobody signed was taken");
    }
}

fn told(token: &str) -> Result<oidc::LogoutToken, oidc::OidcError> {
    static KEYS: LazyLock<oidc::Keys> =
        LazyLock::new(|| oidc::Keys::parse(include_str!("../fixtures/oidc/jwks.json")).unwrap());
    let idp = CONFIG.auth.idps["bank"].oidc().unwrap();
    oidc::check_logout_token(token, &KEYS, idp, NOW.0 / 1_000_000)
}

fn saml_gate(field: &str) -> Result<saml::Accepted, saml::Refused> {
    static CERTIFICATES: LazyLock<[Certificate; 1]> =
        LazyLock::new(|| [Certificate::parse(include_bytes!("../fixtures/saml/idp.der")).unwrap()]);
    static KEYS: LazyLock<[DecryptionKey; 1]> =
        LazyLock::new(|| [DecryptionKey::parse(include_bytes!("../fixtures/saml/sp-key.der")).unwrap()]);
    let expected = saml::Expected {
        issuer: "https://idp.bank.example/saml",
        certificates: &*CERTIFICATES,
        signs: SignedPart::Assertion,
        entity: "https://kyc.bank.example/auth/saml/bank/metadata",
        acs: "https://kyc.bank.example/auth/saml/bank/acs",
        request: "_request1",
        begun_at: NOW,
        now: NOW,
    };
    saml::accept(field, &expected, &KEYS[..])
}
