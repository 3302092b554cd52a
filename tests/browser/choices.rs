//! What the sign-in page offers beside one button: several identity providers, and a code where the window cannot be reached.

use kyc_sandbox::Clock;
use kyc_sandbox::idp::{Idp, IdpConfig, OpenerPolicy};
use serde_json::json;

use crate::support::{Browser, Stage};

async fn with_codes() -> Stage {
    let stage = Stage::changed(|world| {
        world.reword("[auth.idp.bank]", "[auth]\nconfirm_code = true\n[auth.idp.bank]");
    })
    .await;
    stage.host.set_opener_policy(OpenerPolicy::SameOrigin);
    stage
}

#[tokio::test]
async fn where_the_window_cannot_be_reached_a_code_signs_in() {
    let stage = with_codes().await;
    let agent = Browser::start().await;
    stage.desktop(&agent, "form=nothing").await;
    let desktop = agent.here().await;
    let mut code = json!(null);
    let begin = async || {
        agent.press("Sign in").await;
        agent.see("Type this code in the small window.").await;
        code = agent.run("return document.querySelector('.kyc-page__code').innerText").await;
    };
    agent.open_tab(begin).await;
    agent.see("Which code does KYC Desk show?").await;
    agent.press("Code").await;
    agent.keys("AAAAAAAA\u{e007}").await;
    agent.see("This code is not valid").await;
    agent.keys(code.as_str().unwrap()).await;
    agent.press("Continue").await;
    agent.see("Is this your KYC Desk?").await;
    agent.see("127.0.0.1").await;
    agent.see("Chrome, Linux").await;
    agent.press("Yes, sign in there").await;
    agent.press_login("mira").await;
    agent.enter(&desktop).await;
    agent.enter_widget().await;
    agent.see("Take the next customer").await;
    assert!(stage.app.audit_log().await.contains("sign_in_confirm_code_used"));
}

#[tokio::test]
async fn of_several_identity_providers_the_agent_chooses_one() {
    let mut config = IdpConfig::new(Clock::system(), "kyc-desk", "other-secret");
    config.people.retain(|person| person.login == "ines");
    let other = Idp::start(config).await.unwrap();
    let issuer = other.issuer().to_owned();
    let stage = Stage::changed(move |world| {
        world.follow_the_machine();
        let section = format!(
            "[auth.idp.group]\nkind = \"oidc\"\nlabel = \"Group\"\nissuer = \"{issuer}\"\nclient_id = \"kyc-desk\"\n\
             client_secret = \"other-secret\"\nalgorithms = [\"RS256\", \"ES256\"]\n\
             roles = [{{ claim = \"roles\", value = \"kyc-supervisor\", role = \"supervisor\", queues = [\"*\"] }}]\n\
             [auth.idp.bank]\nlabel = \"Bank staff\""
        );
        world.reword("[auth.idp.bank]", &section);
    })
    .await;
    other.reconfigure(|idp| idp.redirect_uris = vec![stage.desk("/auth/oidc/group/callback")]);
    let agent = Browser::start().await;
    agent.goto(&stage.desk("/")).await;
    agent.sign_in_by("Sign in with Bank staff", "mira").await;
    agent.see("Take the next customer").await;
    let supervisor = Browser::start().await;
    supervisor.goto(&stage.desk("/review")).await;
    supervisor.see("Sign in with Bank staff").await;
    supervisor.sign_in_by("Sign in with Group", "ines").await;
    supervisor.see("Needs my approval").await;
}

#[tokio::test]
async fn shortly_before_the_end_she_is_told_and_what_she_types_outlives_it() {
    let stage = Stage::changed(|world| {
        // Shorter than the warning is long, so that nobody has to wait for it.
        world.reword("[auth.idp.bank]", "[auth]\nidle_minutes = 2\n[auth.idp.bank]");
    })
    .await;
    let session = stage.app.verified_session().await;
    let agent = Browser::start().await;
    agent.goto(&stage.desk(&format!("/s/{session}"))).await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
    agent.see("Stay signed in").await;
    agent.press("Notes").await;
    agent.press("Write a note").await;
    agent.keys("Asks twice").await;
    stage.app.advance(121);
    // The open stream may have signed her out by now: then there is nothing left to press, and it ends the same.
    agent.run("[...document.querySelectorAll('button')].find(one => one.innerText === 'Save note')?.click()").await;
    agent.see("What you typed is kept.").await;
    agent.sign_in("mira", false).await;
    agent.until_hers().await;
    agent.press("Notes").await;
    assert_eq!(agent.run("return document.getElementById('kyc-note').value").await, "Asks twice");
}
