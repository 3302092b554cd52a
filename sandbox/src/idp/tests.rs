use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::{Forgery, Idp, IdpConfig};
use crate::Clock;

const REDIRECT: &str = "http://localhost:7310/auth/oidc/bank/callback";
// RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

struct Fixture {
    idp: Idp,
    http: Client,
    now: Arc<AtomicI64>,
}

async fn fixture() -> Fixture {
    let now = Arc::new(AtomicI64::new(1_790_000_000));
    let shown = Arc::clone(&now);
    let clock = Clock::from_unix(Arc::new(move || shown.load(Ordering::SeqCst)));
    let mut config = IdpConfig::new(clock, "kyc-desk", "a secret: 100%");
    config.redirect_uris = vec![REDIRECT.to_owned()];
    config.allows_auto = true;
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    Fixture { idp: Idp::start(config).await.unwrap(), http, now }
}

fn query<'a>(more: &[(&'a str, &'a str)]) -> HashMap<&'a str, &'a str> {
    let mut pairs = HashMap::from([
        ("client_id", "kyc-desk"),
        ("redirect_uri", REDIRECT),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s-1"),
        ("nonce", "n-1"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    pairs.extend(more.iter().copied());
    pairs.retain(|_, value| !value.is_empty());
    pairs
}

impl Fixture {
    fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.idp.issuer())
    }

    async fn authorize(&self, more: &[(&str, &str)]) -> Response {
        self.http.get(self.url("authorize")).query(&query(more)).send().await.unwrap()
    }

    async fn code(&self, login: &str) -> String {
        answer(&self.authorize(&[("auto", login)]).await)["code"].clone()
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Response {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT),
            ("code_verifier", verifier),
        ];
        // RFC 6749 section 2.3.1: form-encoded before it is joined.
        let request = self.http.post(self.url("token")).basic_auth("kyc-desk", Some("a+secret%3A+100%25"));
        request.form(&form).send().await.unwrap()
    }

    async fn id_token(&self, login: &str) -> String {
        let answer: Value = self.exchange(&self.code(login).await, VERIFIER).await.json().await.unwrap();
        answer["id_token"].as_str().unwrap().to_owned()
    }

    async fn verify(&self, token: &str) -> Result<Value, jsonwebtoken::errors::Error> {
        let keys: JwkSet = self.http.get(self.url("jwks")).send().await.unwrap().json().await.unwrap();
        let header = jsonwebtoken::decode_header(token)?;
        let key = keys
            .find(header.kid.as_deref().unwrap_or_default())
            .ok_or(jsonwebtoken::errors::Error::from(jsonwebtoken::errors::ErrorKind::InvalidSignature))?;
        let mut rules = Validation::new(Algorithm::ES256);
        rules.set_audience(&["kyc-desk"]);
        rules.set_issuer(&[self.idp.issuer()]);
        rules.validate_exp = false;
        jsonwebtoken::decode(token, &DecodingKey::from_jwk(key)?, &rules).map(|token| token.claims)
    }
}

fn answer(response: &Response) -> HashMap<String, String> {
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with(REDIRECT));
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn a_chosen_person_arrives_as_a_signed_token() {
    let fixture = fixture().await;
    let claims = fixture.verify(&fixture.id_token("mira").await).await.unwrap();
    assert_eq!(
        (&claims["name"], &claims["roles"], &claims["queues"]),
        (&json!("Mira Lindqvist"), &json!(["kyc-agent"]), &json!(["retail-de"]))
    );
    assert_eq!((&claims["nonce"], &claims["aud"]), (&json!("n-1"), &json!("kyc-desk")));
    assert_eq!((&claims["iat"], &claims["auth_time"]), (&json!(1_790_000_000), &json!(1_790_000_000)));
    assert_eq!((&claims["exp"], &claims["amr"]), (&json!(1_790_000_300), &json!(["pwd"])));
    for claim in ["sub", "sid", "acr"] {
        assert!(!claims[claim].as_str().unwrap().contains("mira"), "{claim}");
    }
}

#[tokio::test]
async fn the_answer_repeats_the_state_and_names_the_issuer() {
    let fixture = fixture().await;
    let answer = answer(&fixture.authorize(&[("auto", "jo")]).await);
    assert_eq!((answer["state"].as_str(), answer["iss"].as_str()), ("s-1", fixture.idp.issuer()));
    let discovery: Value =
        fixture.http.get(fixture.url(".well-known/openid-configuration")).send().await.unwrap().json().await.unwrap();
    assert_eq!(discovery["issuer"], fixture.idp.issuer());
    assert_eq!(discovery["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_its_verifier() {
    let fixture = fixture().await;
    let code = fixture.code("mira").await;
    let first: Value = fixture.exchange(&code, VERIFIER).await.json().await.unwrap();
    assert_eq!(fixture.exchange(&code, VERIFIER).await.status(), StatusCode::BAD_REQUEST);
    let access_token = first["access_token"].as_str().unwrap();
    let about = fixture.http.get(fixture.url("userinfo")).bearer_auth(access_token).send().await.unwrap();
    assert_eq!(about.status(), StatusCode::UNAUTHORIZED, "a code used twice ends the first use's token");
    let other = fixture.code("mira").await;
    assert_eq!(fixture.exchange(&other, &"x".repeat(43)).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_code_older_than_a_minute_is_refused() {
    let fixture = fixture().await;
    let code = fixture.code("mira").await;
    fixture.now.fetch_add(60, Ordering::SeqCst);
    assert_eq!(fixture.exchange(&code, VERIFIER).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_wrong_client_or_redirect_address_gets_a_page_and_never_a_redirect() {
    let fixture = fixture().await;
    for wrong in [("client_id", "other"), ("redirect_uri", "http://localhost:7310/auth/oidc/bank/callback/")] {
        assert_eq!(fixture.authorize(&[wrong, ("auto", "mira")]).await.status(), StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn state_nonce_and_s256_are_mandatory() {
    let fixture = fixture().await;
    for (missing, value) in [("state", ""), ("nonce", ""), ("code_challenge", ""), ("code_challenge_method", "plain")] {
        let answer = answer(&fixture.authorize(&[(missing, value), ("auto", "mira")]).await);
        assert_eq!(answer["error"], "invalid_request", "{missing}");
        assert!(!answer.contains_key("code"));
    }
}

#[tokio::test]
async fn the_secret_may_be_posted_but_not_sent_twice() {
    let fixture = fixture().await;
    let code = fixture.code("mira").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
        ("client_id", "kyc-desk"),
        ("client_secret", "a secret: 100%"),
    ];
    let request = || fixture.http.post(fixture.url("token")).form(&form);
    let twice = request().basic_auth("kyc-desk", Some("a+secret%3A+100%25")).send().await.unwrap();
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
    assert_eq!(request().send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn the_page_runs_no_script_and_cannot_be_framed() {
    let fixture = fixture().await;
    let page = fixture.authorize(&[]).await;
    assert_eq!(page.headers()["x-frame-options"], "DENY");
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    let html = page.text().await.unwrap();
    for name in ["Mira Lindqvist", "Tomás Okafor", "Jo Abara", "Ines Corvo", "Sanna Weiss", "Ravi Lund", "Noa Brandt"]
    {
        assert!(html.contains(name), "{name}");
    }
    assert!(!html.contains("<script"));
}

#[tokio::test]
async fn the_browser_is_greeted_with_the_person_it_chose_before() {
    let fixture = fixture().await;
    let chosen = fixture.authorize(&[("auto", "tomas")]).await;
    let cookie = chosen.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.contains("SameSite=Lax") && cookie.contains("HttpOnly"), "{cookie}");
    let request = fixture.http.get(fixture.url("authorize")).query(&query(&[]));
    let page = request.header("cookie", cookie.split(';').next().unwrap()).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Continue as Tomás Okafor"));
}

#[tokio::test]
async fn a_withdrawn_key_no_longer_verifies_and_a_kept_one_does() {
    let fixture = fixture().await;
    let old = fixture.id_token("mira").await;
    fixture.idp.rotate_key_keeping_old();
    let newer = fixture.id_token("mira").await;
    assert!(fixture.verify(&old).await.is_ok() && fixture.verify(&newer).await.is_ok());
    fixture.idp.rotate_key();
    assert!(fixture.verify(&old).await.is_err() && fixture.verify(&newer).await.is_err());
}

#[tokio::test]
async fn a_planned_change_of_claims_happens_once() {
    let fixture = fixture().await;
    fixture.idp.next_token_with(|claims| {
        claims.insert("nonce".to_owned(), json!("another"));
        claims.remove("auth_time");
    });
    let changed = fixture.verify(&fixture.id_token("mira").await).await.unwrap();
    assert_eq!((&changed["nonce"], changed.get("auth_time")), (&json!("another"), None));
    let next = fixture.verify(&fixture.id_token("mira").await).await.unwrap();
    assert_eq!(next["nonce"], "n-1");
}

#[tokio::test]
async fn every_forgery_is_refused_by_a_careful_client() {
    let fixture = fixture().await;
    for forgery in [Forgery::AlgNone, Forgery::WrongKey, Forgery::ChangedPayload, Forgery::PublicKeyAsSecret] {
        fixture.idp.forge_next_token(forgery);
        let token = fixture.id_token("mira").await;
        assert!(fixture.verify(&token).await.is_err(), "{forgery:?}");
    }
    assert!(fixture.verify(&fixture.id_token("mira").await).await.is_ok());
}
