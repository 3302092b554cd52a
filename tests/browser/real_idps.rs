//! Identity providers that nobody here wrote.

use std::time::Duration;

use kyc_desk::clock::{Clock, SystemClock};
use kyc_sandbox::saml::Signer;
use kyc_sandbox::veriff::Outcome;
use serde_json::json;
use time::macros::datetime;

use kyc_tests::World;

use crate::support::{Browser, Cipher, OidcProvider, Pysaml2, SECRET, Stage};

/// Whoever else lets people in, this one alone does from now on. Everybody's clock is this machine's: it knows no other.
fn lets_in(world: &mut World, section: &str) {
    world.follow_the_machine();
    let before = world.configuration().to_owned();
    let bank = before.split_once("[auth.idp.bank]").unwrap().1.split_once("[providers.").unwrap().0;
    world.reword(&format!("[auth.idp.bank]{bank}"), section);
}

fn whole_seconds() -> i64 {
    SystemClock.now().0 / 1_000_000
}

/// A stage where pysaml2 alone lets people in.
async fn stage_with(idp: &Pysaml2) -> Stage {
    let metadata = idp.metadata().await;
    let ours = Signer::fresh(2048, datetime!(2099-01-01 00:00:00 UTC));
    let stage = Stage::changed(move |world| {
        let file = |name: &str, text: &str| {
            let path = world.directory.path().join(name);
            std::fs::write(&path, text).unwrap();
            format!("{:?}", path.to_str().unwrap())
        };
        let (metadata, certificate) = (file("idp.xml", &metadata), file("sp.crt", &ours.certificate_pem()));
        let key = file("sp.key", &ours.key_pem());
        let role = "urn:oid:1.3.6.1.4.1.5923.1.1.1.7";
        let section = format!(
            "[auth.idp.pysaml2]\nkind = \"saml\"\nmetadata_file = {metadata}\ncertificate_file = {certificate}\n\
             key = {{ file = {key} }}\nroles = [{{ claim = \"{role}\", value = \"kyc-agent\", role = \"agent\", queues = [\"retail-de\"] }}]\n"
        );
        lets_in(world, &section);
    })
    .await;
    let ours = reqwest::get(stage.desk("/auth/saml/pysaml2/metadata")).await.unwrap().text().await.unwrap();
    idp.trust(&ours);
    stage
}

#[tokio::test]
async fn pysaml2_lets_an_agent_in_and_out() {
    let idp = Pysaml2::start(Cipher::Gcm).await;
    let stage = stage_with(&idp).await;
    let agent = Browser::start().await;
    stage.desktop(&agent, "form=nothing").await;
    agent.sign_in_at("a[href$='auto=mira']").await;
    agent.enter_widget().await;
    agent.see_no("Sign in").await;
    let me = agent.run_async("fetch('/api/me').then(me => me.json()).then(arguments[0])").await;
    assert_eq!((&me["name"], &me["roles"]), (&json!("Mira Lindqvist"), &json!(["agent"])));

    agent.see_elsewhere(&idp.logout_address("mira"), "You are signed out").await;
    agent.enter_widget().await;
    agent.see("Sign in").await;
    // Its times are whole seconds, and who is vouched for in the second of a logout is not let in: nobody knows which was first.
    let told_in = whole_seconds();
    while whole_seconds() == told_in {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // The provider remembers this browser: one click, no page, no typing.
    agent.press("Sign in").await;
    agent.see_no("Sign in").await;
    agent.until_alone().await;
}

#[tokio::test]
async fn pysaml2_encrypts_by_cbc_or_not_at_all() {
    for cipher in [Cipher::Cbc, Cipher::None] {
        let idp = Pysaml2::start(cipher).await;
        let stage = stage_with(&idp).await;
        let agent = Browser::start().await;
        agent.goto(&stage.desk("/")).await;
        agent.sign_in_at("a[href$='auto=mira']").await;
        agent.see_no("Sign in").await;
    }
}

/// A stage where oidc-provider alone lets people in. It tells roles at its userinfo endpoint, as a strict provider does.
async fn stage_of(idp: &OidcProvider) -> Stage {
    stage_with_rules(idp, "").await
}

/// The same with rules of the bank.
async fn stage_with_rules(idp: &OidcProvider, rules: &'static str) -> Stage {
    let issuer = idp.issuer.clone();
    let stage = Stage::changed(move |world| {
        world.reword("[policy]\n", &format!("[policy]\n{rules}\n"));
        let section = format!(
            "[auth.idp.npm]\nkind = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"kyc-desk\"\nclient_secret = \"{SECRET}\"\n\
             algorithms = [\"ES256\"]\nuserinfo = true\n\
             roles = [{{ claim = \"roles\", value = \"kyc-agent\", role = \"agent\", queues = [\"retail-de\"] }}]\n"
        );
        lets_in(world, &section);
    })
    .await;
    idp.trust(&stage.desk("/auth/oidc/npm/callback"), &stage.desk("/auth/oidc/npm/backchannel-logout"));
    stage
}

#[tokio::test]
async fn oidc_provider_lets_an_agent_in_and_out() {
    let idp = OidcProvider::start().await;
    let stage = stage_of(&idp).await;
    let agent = Browser::start().await;
    stage.desktop(&agent, "form=nothing").await;
    agent.sign_in_at("a[href$='auto=mira']").await;
    agent.enter_widget().await;
    agent.see_no("Sign in").await;
    let me = agent.run_async("fetch('/api/me').then(me => me.json()).then(arguments[0])").await;
    assert_eq!((&me["name"], &me["roles"]), (&json!("Mira Lindqvist"), &json!(["agent"])));

    agent.press("Menu").await;
    agent.press("Sign out").await;
    agent.see("You are signed out").await;
    // The provider remembers this browser: one click, no page, no typing.
    agent.press("Sign in").await;
    agent.see_no("Sign in").await;
    agent.until_alone().await;

    // She signs out there: it tells us behind everybody's back, and the widget learns at once.
    agent.press_elsewhere(&idp.logout_address(), "Sign out", "You are signed out").await;
    agent.enter_widget().await;
    agent.see("Sign in").await;
}

#[tokio::test]
async fn whom_oidc_provider_knows_without_a_role_has_no_access() {
    let idp = OidcProvider::start().await;
    let stage = stage_of(&idp).await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/")).await;
    agent.sign_in_at("a[href$='auto=noa']").await;
    agent.see("it has no access to KYC Desk").await;
}

#[tokio::test]
async fn oidc_provider_asks_again_before_a_value_is_shown() {
    let idp = OidcProvider::start().await;
    let again = "reveal_seconds = 60\nstep_up = { reveal = { acr_values = [\"urn:example:chosen-again\"] } }";
    let stage = stage_with_rules(&idp, again).await;
    let session = stage.app.session().await;
    assert_eq!(stage.app.claims(&session, stage.other_birth_year()).await.status, 204);
    stage.app.decide(&session, Outcome::Clean).await;
    let conversation = stage.ring(&session);
    let agent = Browser::start().await;
    stage.desktop(&agent, &format!("conversation={conversation}&form=session")).await;
    agent.sign_in_at("a[href$='auto=mira']").await;
    agent.enter_widget().await;
    agent.until_hers().await;
    agent.press("Show both…").await;
    agent.press_number(1).await;
    agent.see("Your bank wants you to confirm first that it is you.").await;
    assert_eq!(agent.run("return !!document.querySelector('.kyc-value__clear')").await, json!(false));
    // The provider remembers this browser, and asks all the same: a name must be chosen anew.
    agent.choose_at("Confirm it is you", "a[href$='auto=mira']").await;
    agent.enter_widget().await;
    agent.wait_for("the value in clear", "return !!document.querySelector('.kyc-value__clear')").await;
    let entries = "SELECT count(*) FROM audit_entry WHERE body LIKE '%step_up_succeeded%'";
    let entries: i64 = sqlx::query_scalar(entries).fetch_one(&stage.app.database.raw().await).await.unwrap();
    assert_eq!(entries, 1);
}
