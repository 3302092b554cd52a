//! Who somebody is, and how often she may be here at once.

use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp, all_at_once};
use serde_json::json;

#[tokio::test]
async fn who_approves_her_own_case_is_known_under_whatever_name_her_idp_has() {
    let app = TestApp::start().await;
    let id = app.verified_session().await;
    let jo = app.staff("jo").await;
    jo.act(&id, "take", json!({ "reason": null })).await;
    jo.tick_off(&id).await;
    jo.act(&id, "propose", json!({ "reason": null })).await;
    let mut world = app.leave();
    world.reword("[auth.idp.bank]", "[auth.idp.corporate]");
    world.idp.reconfigure(|idp| {
        idp.redirect_uris = idp.redirect_uris.iter().map(|uri| uri.replace("/bank/", "/corporate/")).collect();
    });
    let app = TestApp::on(world).await;
    let jo = app.staff("jo").await;
    let refused = jo.try_act(&id, "approve", json!({})).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "own_case"), "{}", refused.text);
    let ines = app.staff("ines").await;
    assert_eq!(ines.act(&id, "approve", json!({})).await["status"], "approved");
}

#[tokio::test]
async fn what_idled_out_is_no_sign_in_any_more() {
    let app = TestApp::start().await;
    let first = app.staff("mira").await;
    for _ in 0..2 {
        app.advance(1);
        app.staff("mira").await;
    }
    app.advance(14 * 60);
    assert_eq!(first.post("/api/me/activity", &json!({})).await.status, 204);
    app.advance(14 * 60);
    app.staff("mira").await;
    assert_eq!(first.get("/api/me").await.status, 200, "of four only two live");
}

async fn live_after_many_at_once(kind: Kind) -> usize {
    let app = TestApp::with(Setup { database: kind, ..Setup::default() }).await;
    let guest = app.guest();
    let mut finished = Vec::new();
    for _ in 0..8 {
        let (verifier, txn, ticket) = guest.open_txn().await;
        let (cookie, location) = guest.begin(&ticket).await;
        guest.callback(&guest.at_idp(&location, "mira").await, Some(&cookie)).await;
        finished.push((txn, verifier));
    }
    let answers = all_at_once(finished.iter().map(|(txn, verifier)| guest.redeem(txn, verifier))).await;
    let mut live = 0;
    for answer in &answers {
        assert_eq!(answer.json()["state"], "redeemed", "{}", answer.text);
        let me = guest.clone().with_cookie(answer.cookies()[0].split(';').next().unwrap()).get("/api/me").await;
        live += usize::from(me.status == 200);
    }
    live
}

#[tokio::test]
async fn many_sign_ins_at_once_do_not_pass_the_limit() {
    assert_eq!(live_after_many_at_once(Kind::Sqlite).await, 3);
}

#[tokio::test]
async fn many_sign_ins_at_once_do_not_pass_the_limit_on_postgres() {
    assert_eq!(live_after_many_at_once(Kind::Postgres).await, 3);
}

#[tokio::test]
async fn an_issuer_may_end_with_a_slash() {
    let mut world = TestApp::start().await.leave();
    let issuer = world.idp.issuer().to_owned();
    world.idp.reconfigure(|idp| idp.issuer_ending = "/".to_owned());
    world.reword(&format!("issuer = \"{issuer}\""), &format!("issuer = \"{issuer}/\""));
    let app = TestApp::on(world).await;
    app.staff("mira").await;
}

#[tokio::test]
async fn an_issuer_with_another_slash_is_another_issuer() {
    let mut world = TestApp::start().await.leave();
    let issuer = world.idp.issuer().to_owned();
    world.reword(&format!("issuer = \"{issuer}\""), &format!("issuer = \"{issuer}/\""));
    let app = TestApp::on(world).await;
    let guest = app.guest();
    let (_, _, ticket) = guest.open_txn().await;
    let refused = guest.post("/auth/popup/begin", &json!({ "ticket": ticket })).await;
    assert_eq!(refused.status, 503, "the metadata names another issuer: {}", refused.text);
}
