//! Sign-ins as an administrator sees them, and how she ends them.

use axum::body::Body;
use axum::http::Request;
use kyc_tests::database::Kind;
use kyc_tests::{Caller, Setup, TestApp};
use serde_json::{Value, json};
use sqlx::Row;

use crate::two_servers::Stream;

const EDGE: &str =
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/157.0.0.0 Safari/537.36 Edg/157.0.0.0";

async fn listed(by: &Caller<'_>) -> Vec<Value> {
    let answer = by.get("/api/sign-ins").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["items"].as_array().unwrap().clone()
}

/// The ids of the sign-ins of whoever has this name, and her own.
async fn of(by: &Caller<'_>, name: &str) -> (Vec<String>, String) {
    let hers: Vec<Value> = listed(by).await.into_iter().filter(|of| of["person"]["name"] == name).collect();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (hers.iter().map(|of| text(&of["id"])).collect(), text(&hers[0]["person"]["id"]))
}

async fn end(by: &Caller<'_>, id: &str) -> u16 {
    by.post(&format!("/api/sign-ins/{id}/end"), &json!({})).await.status
}

async fn end_all(by: &Caller<'_>, person: &str) -> u16 {
    by.post(&format!("/api/people/{person}/sign-ins/end"), &json!({})).await.status
}

async fn is_in(caller: &Caller<'_>) -> bool {
    caller.get("/api/me").await.status == 200
}

#[tokio::test]
async fn an_administrator_sees_who_is_signed_in_and_nothing_that_could_track_them() {
    let app = TestApp::start().await;
    let guest = app.guest().from("203.0.113.77");
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (cookie, location) = guest.begin(&ticket).await;
    let back = guest.at_idp(&location, "mira").await;
    let request = Request::get(back).header("cookie", cookie).header("user-agent", EDGE).body(Body::empty()).unwrap();
    guest.send(&app.desk, request).await;
    assert_eq!(guest.redeem(&txn, &verifier).await.json()["state"], "redeemed");
    app.advance(60);
    let ravi = app.staff("ravi").await;
    let answer = ravi.get("/api/sign-ins").await;
    let all = answer.json();
    let [his, hers] = &all["items"].as_array().unwrap()[..] else { panic!("{}", answer.text) };
    assert_eq!(
        (&his["person"]["name"], &his["is_mine"], &his["browser"]),
        (&json!("Ravi Lund"), &json!(true), &json!("other"))
    );
    assert_eq!(
        (&hers["person"]["name"], &hers["is_mine"], &hers["browser"]),
        (&json!("Mira Lindqvist"), &json!(false), &json!("edge"))
    );
    assert_eq!((&hers["roles"], &hers["idp"]), (&json!(["agent"]), &json!("bank")));
    let seconds = |from: &Value, to: &Value| (to.as_i64().unwrap() - from.as_i64().unwrap()) / 1_000_000;
    assert_eq!(seconds(&hers["created_at"], &all["now"]), 60);
    assert_eq!(seconds(&hers["last_activity_at"], &all["now"]), 60);
    for kept in ["203.0.113", "Windows", "157.0", "Mozilla"] {
        assert!(!answer.text.contains(kept), "{kept} is shown");
    }
    let rows =
        sqlx::query("SELECT browser FROM sign_in ORDER BY created_at").fetch_all(&app.database.raw().await).await;
    let kept: Vec<String> = rows.unwrap().iter().map(|row| row.get(0)).collect();
    assert_eq!(kept, ["edge", "other"], "the family and no more");
}

#[tokio::test]
async fn what_has_ended_or_idled_out_is_not_listed() {
    let app = TestApp::start().await;
    let (mira, tomas) = (app.staff("mira").await, app.staff("tomas").await);
    app.advance(14 * 60);
    assert_eq!(tomas.post("/api/me/activity", &json!({})).await.status, 204);
    let jo = app.staff("jo").await;
    jo.post("/auth/logout", &json!({})).await;
    app.advance(61);
    let ravi = app.staff("ravi").await;
    let names: Vec<Value> = listed(&ravi).await.iter().map(|of| of["person"]["name"].clone()).collect();
    assert_eq!(names, ["Ravi Lund", "Tomás Okafor"], "the most recently active first");
    drop(mira);
}

#[tokio::test]
async fn ending_one_leaves_the_others_and_says_who_did_it() {
    let app = TestApp::start().await;
    let (here, there) = (app.staff("mira").await, app.staff("mira").await);
    let (ravi, tomas) = (app.staff("ravi").await, app.staff("tomas").await);
    let me = here.get("/api/me").await.json();
    let (ids, person) = of(&ravi, "Mira Lindqvist").await;
    assert_eq!((ids.len(), &json!(person)), (2, &me["id"]));
    let mut streams = [Stream::open(&app, &here).await, Stream::open(&app, &there).await];
    assert_eq!(end(&ravi, &ids[0]).await, 204);
    let lives = [is_in(&here).await, is_in(&there).await];
    assert_eq!(lives.iter().filter(|lives| **lives).count(), 1);
    let dead = usize::from(lives[0]);
    streams[dead].until("signed_out").await;
    assert!(streams[dead].next().await.is_none(), "the stream ends with it");
    assert!(is_in(&tomas).await && is_in(&ravi).await);
    let sql = "SELECT body FROM audit_entry WHERE body LIKE '%\"sign_in_revoked\"%'";
    let rows = sqlx::query(sql).fetch_all(&app.database.raw().await).await.unwrap();
    let [row] = &rows[..] else { panic!("{} entries", rows.len()) };
    let entry: Value = serde_json::from_str(row.get(0)).unwrap();
    let his = ravi.get("/api/me").await.json();
    assert_eq!((&entry["actor"]["person"], entry["detail"].as_str()), (&his["id"], Some(&*ids[0])));
    assert_eq!(end(&ravi, &ids[0]).await, 404, "it is not there any more");
}

#[tokio::test]
async fn ending_all_of_a_person_ends_hers_and_nobody_elses() {
    let app = TestApp::start().await;
    let (here, there, tomas) = (app.staff("mira").await, app.staff("mira").await, app.staff("tomas").await);
    let ravi = app.staff("ravi").await;
    let (_, person) = of(&ravi, "Mira Lindqvist").await;
    assert_eq!(end_all(&ravi, &person).await, 204);
    assert!(!is_in(&here).await && !is_in(&there).await && is_in(&tomas).await);
    assert_eq!(end_all(&ravi, &person).await, 404);
    assert!(is_in(&app.staff("mira").await).await, "she can sign in again");
}

#[tokio::test]
async fn who_ends_all_her_own_keeps_the_one_in_which_she_does() {
    let app = TestApp::start().await;
    let (here, there) = (app.staff("ravi").await, app.staff("ravi").await);
    let (_, person) = of(&here, "Ravi Lund").await;
    assert_eq!(end_all(&here, &person).await, 204);
    assert!(is_in(&here).await && !is_in(&there).await);
    assert_eq!(end_all(&here, &person).await, 404);
}

#[tokio::test]
async fn only_an_administrator_sees_or_ends_them_and_she_sees_no_session() {
    let app = TestApp::start().await;
    let ravi = app.staff("ravi").await;
    let (ids, person) = of(&ravi, "Ravi Lund").await;
    for login in ["mira", "jo", "sanna"] {
        let other = app.staff(login).await;
        assert_eq!(other.get("/api/sign-ins").await.status, 404, "{login}");
        assert_eq!((end(&other, &ids[0]).await, end_all(&other, &person).await), (404, 404), "{login}");
    }
    assert_eq!(app.guest().get("/api/sign-ins").await.status, 401);
    assert!(is_in(&ravi).await);
    let session = app.verified_session().await;
    for path in [format!("/api/sessions/{session}"), "/api/sessions".to_owned(), "/api/audit".to_owned()] {
        assert_eq!(ravi.get(&path).await.status, 404, "{path}");
    }
}

#[tokio::test]
async fn an_administrators_own_widgets_learn_of_it_too() {
    let app = TestApp::start().await;
    let (here, there) = (app.staff("ravi").await, app.staff("ravi").await);
    let mut stream = Stream::open(&app, &there).await;
    let (_, person) = of(&here, "Ravi Lund").await;
    assert_eq!(end_all(&here, &person).await, 204);
    stream.until("signed_out").await;
}

#[tokio::test]
async fn at_another_server_it_ends_at_once_on_postgres() {
    let first = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    let second = first.beside().await;
    let (mira, ravi) = (first.staff("mira").await, first.staff("ravi").await);
    let mut stream = Stream::open(&second, &mira.at(&second)).await;
    let (ids, _) = of(&ravi, "Mira Lindqvist").await;
    assert_eq!(end(&ravi, &ids[0]).await, 204);
    stream.until("signed_out").await;
    assert!(!is_in(&mira.at(&second)).await);
}

#[tokio::test]
async fn an_end_that_cannot_be_written_down_is_none() {
    let app = TestApp::start().await;
    let (admin, mira) = (app.staff("ravi").await, app.staff("mira").await);
    let (ids, person) = of(&admin, "Mira Lindqvist").await;
    app.database.refuse_entries().await;
    assert_eq!((end(&admin, &ids[0]).await, end_all(&admin, &person).await), (503, 503));
    assert!(is_in(&mira).await);
    app.database.take_entries().await;
    assert_eq!(end(&admin, &ids[0]).await, 204);
    assert!(!is_in(&mira).await);
}
