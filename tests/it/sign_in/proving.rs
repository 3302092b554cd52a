//! How we prove who we are to an identity provider, and it to us.

use std::sync::Arc;

use kyc_desk::clock::Clock;
use kyc_desk::config::auth::ClientKey;
use kyc_sandbox::idp::{Idp, IdpConfig};
use kyc_tests::TestApp;
use p256::ecdsa::SigningKey;
use p256::pkcs8::{EncodePrivateKey, LineEnding};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

use super::conformance::attempt;

fn fresh_key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

/// An installation that proves who it is in this way.
async fn by(lines: &str) -> TestApp {
    let mut world = TestApp::start().await.leave();
    world.reword("client_secret = \"idp-secret\"", lines);
    TestApp::on(world).await
}

#[tokio::test]
async fn client_secret_basic() {
    let app = TestApp::start().await;
    assert_eq!(attempt(&app).await, Ok(()));
    assert_eq!(app.idp.last_client_auth(), Some("client_secret_basic"));
}

#[tokio::test]
async fn client_secret_post() {
    let app = by("client_auth = \"client_secret_post\"\nclient_secret = \"idp-secret\"").await;
    assert_eq!(attempt(&app).await, Ok(()));
    assert_eq!(app.idp.last_client_auth(), Some("client_secret_post"));
}

#[tokio::test]
async fn a_wrong_secret_is_told_by_its_code() {
    let app = by("client_secret = \"another\"").await;
    assert_eq!(attempt(&app).await, Err("code_refused".to_owned()));
}

fn know(idp: &Idp, key: &SigningKey, id: &str) {
    let (key, id) = (*key.verifying_key(), id.to_owned());
    idp.reconfigure(|config| (config.client_key, config.client_key_id) = (Some(key), id));
}

#[tokio::test]
async fn private_key_jwt() {
    let key = fresh_key();
    let pem = key.to_pkcs8_pem(LineEnding::LF).unwrap();
    let pem = pem.as_str();
    let app =
        by(&format!("client_auth = \"private_key_jwt\"\nclient_key = \"\"\"{pem}\"\"\"\nclient_key_id = \"2026-1\""))
            .await;
    know(&app.idp, &key, "2026-1");
    assert_eq!(attempt(&app).await, Ok(()));
    assert_eq!(app.idp.last_client_auth(), Some("private_key_jwt"));
    assert_eq!(attempt(&app).await, Ok(()), "every assertion is a new one");
    know(&app.idp, &SigningKey::from_slice(&[8; 32]).unwrap(), "2026-1");
    assert_eq!(attempt(&app).await, Err("code_refused".to_owned()));
}

/// An RSA key is signed with by another crate than the one that verifies here.
#[test]
fn a_statement_can_be_signed_by_rsa_and_by_ed25519() {
    let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).unwrap();
    let pem = rsa::pkcs8::EncodePrivateKey::to_pkcs8_pem(&key, rsa::pkcs8::LineEnding::LF).unwrap();
    let ours = ClientKey::parse(&pem.as_str().into(), "").unwrap();
    assert_eq!((ours.algorithm(), ours.id()), ("RS256", None));
    let signature = rsa::pkcs1v15::Signature::try_from(&*ours.sign(b"statement")).unwrap();
    let public = rsa::pkcs1v15::VerifyingKey::<rsa::sha2::Sha256>::new(key.to_public_key());
    assert!(rsa::signature::Verifier::verify(&public, b"statement", &signature).is_ok());
    let pem = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap().serialize_pem();
    assert_eq!(ClientKey::parse(&pem.into(), "").unwrap().algorithm(), "EdDSA");
    for odd in ["", "secret", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"] {
        assert!(ClientKey::parse(&odd.into(), "").is_err(), "{odd}");
    }
}

/// An authority of the bank's own: its certificate as PEM, and what it signs with.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    (params.self_signed(&key).unwrap().pem(), Issuer::new(params, key))
}

/// What ends TLS for `localhost` with a certificate of this authority.
fn acceptor(authority: &Issuer<'_, KeyPair>) -> TlsAcceptor {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
    TlsAcceptor::from(Arc::new(config.with_single_cert(vec![certificate.der().clone()], key).unwrap()))
}

/// Hands what comes in by TLS to a port of this machine.
async fn unwrap_tls(listener: TcpListener, acceptor: TlsAcceptor, port: u16) {
    while let Ok((outer, _)) = listener.accept().await {
        let acceptor = acceptor.clone();
        tokio::spawn(async move {
            let mut outer = acceptor.accept(outer).await.ok()?;
            let mut inner = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            tokio::io::copy_bidirectional(&mut outer, &mut inner).await.ok()
        });
    }
}

/// An installation whose identity provider has a certificate of the bank's own authority, and which trusts this one.
async fn behind_tls(trusted: impl FnOnce(&str) -> Option<String>) -> (TestApp, Idp) {
    let mut world = TestApp::start().await.leave();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let clock = world.clock.clone();
    let clock = kyc_sandbox::Clock::from_unix(Arc::new(move || clock.now().0 / 1_000_000));
    let mut config = IdpConfig::new(clock, "kyc-desk", "idp-secret");
    config.address = Some(address.clone());
    config.redirect_uris = vec![format!("{}/auth/oidc/bank/callback", world.desk_url)];
    config.allows_auto = true;
    let idp = Idp::start(config).await.unwrap();
    let (pem, authority) = authority();
    tokio::spawn(unwrap_tls(listener, acceptor(&authority), idp.port()));
    let mut ca_file = String::new();
    if let Some(trusted) = trusted(&pem) {
        let file = world.directory.path().join("authority.pem");
        std::fs::write(&file, trusted).unwrap();
        ca_file = format!("ca_file = \"{}\"", file.display());
    }
    let plain = format!("issuer = \"{}\"", world.idp.issuer());
    world.reword(&plain, &format!("issuer = \"{address}\"\n{ca_file}"));
    (TestApp::on(world).await, idp)
}

#[tokio::test]
async fn an_identity_provider_may_have_a_certificate_of_the_banks_own_authority() {
    let (app, _idp) = behind_tls(|ours| Some(ours.to_owned())).await;
    assert_eq!(attempt(&app).await, Ok(()));
}

#[tokio::test]
async fn a_certificate_of_an_authority_that_is_not_configured_is_refused() {
    let (app, _idp) = behind_tls(|_| Some(authority().0)).await;
    assert_eq!(attempt(&app).await, Err("discovery".to_owned()));
    let (app, _idp) = behind_tls(|_| None).await;
    assert_eq!(attempt(&app).await, Err("discovery".to_owned()));
}
