//! Several identity providers side by side: what one of them says counts as its own word only.

use std::sync::Arc;

use kyc_desk::clock::Clock;
use kyc_sandbox::idp::{Idp, IdpConfig};
use kyc_tests::TestApp;
use serde_json::{Value, json};

/// An installation whose bank has a second identity provider, with people who have the same subjects.
pub async fn two_idps() -> (TestApp, Idp) {
    let mut world = TestApp::start().await.leave();
    let clock = world.clock.clone();
    let clock = kyc_sandbox::Clock::from_unix(Arc::new(move || clock.now().0 / 1_000_000));
    let mut config = IdpConfig::new(clock, "kyc-desk", "second-secret");
    config.redirect_uris = vec![format!("{}/auth/oidc/second/callback", world.desk_url)];
    config.allows_auto = true;
    let second = Idp::start(config).await.unwrap();
    let section = format!(
        "[auth.idp.second]\nkind = \"oidc\"\nissuer = \"{}\"\nclient_id = \"kyc-desk\"\nclient_secret = \"second-secret\"\n\
         algorithms = [\"ES256\"]\n\
         roles = [{{ claim = \"roles\", value = \"kyc-agent\", role = \"agent\", queues = [\"retail-de\"] }}]\n",
        second.issuer()
    );
    world.reword("[providers.veriff-de]", &format!("{section}[providers.veriff-de]"));
    (TestApp::on(world).await, second)
}

/// Opens a sign-in by one of them: verifier, id and ticket.
async fn open(app: &TestApp, idp: &str) -> (String, String, String) {
    app.guest().open_txn_at(Some(idp)).await
}

/// Signs in by one of them, and gives who that is.
async fn sign_in(app: &TestApp, idp: &str) -> Value {
    let guest = app.guest();
    let (verifier, txn, ticket) = open(app, idp).await;
    let (cookie, location) = guest.begin(&ticket).await;
    guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
    let redeemed = guest.redeem(&txn, &verifier).await;
    assert_eq!(redeemed.json()["state"], "redeemed", "{idp}");
    guest.clone().with_cookie(redeemed.cookies()[0].split(';').next().unwrap()).get("/api/me").await.json()
}

#[tokio::test]
async fn each_lets_its_own_people_in_and_nobody_is_somebody_of_the_other() {
    let (app, _second) = two_idps().await;
    let (first, second) = (sign_in(&app, "bank").await, sign_in(&app, "second").await);
    assert_eq!(first["name"], second["name"]);
    assert_ne!(first["id"], second["id"], "the same subject at another issuer is somebody else");
    assert_eq!(first["id"], sign_in(&app, "bank").await["id"]);
}

#[tokio::test]
async fn an_answer_that_comes_in_by_another_identity_providers_door_is_refused() {
    let (app, _second) = two_idps().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = open(&app, "bank").await;
    let (cookie, location) = guest.begin(&ticket).await;
    let callback = guest.at_idp(&location, "mira").await;
    let mixed_up = callback.replace("/oidc/bank/", "/oidc/second/");
    assert_ne!(mixed_up, callback);
    let answer = guest.callback(&mixed_up, Some(&cookie)).await;
    assert!(answer.text.contains("Sign-in was refused"), "{}", answer.text);
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "pending");
}

#[tokio::test]
async fn an_identity_provider_that_is_down_keeps_nobody_from_the_other_and_the_server_starts_without_it() {
    let (app, second) = two_idps().await;
    let world = app.leave();
    drop(second);
    let app = TestApp::on(world).await;
    sign_in(&app, "bank").await;
    let (_, _, ticket) = open(&app, "second").await;
    let later = app.guest().post("/auth/popup/begin", &json!({ "ticket": ticket })).await;
    assert_eq!((later.status, later.code().as_str()), (503, "unavailable"), "{}", later.text);
}
