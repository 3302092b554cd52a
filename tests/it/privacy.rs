//! The canary: the whole story with values that can be searched for, and then nothing of them is found anywhere.

use kyc_sandbox::genesys_api::{CUSTOMER_NAME, CUSTOMER_NUMBER};
use kyc_sandbox::veriff::Outcome;
use serde_json::json;
use sqlx::Row;

use crate::onfido;
use kyc_tests::{Setup, TestApp, captured};

/// Every cell of every table, as text and as bytes.
pub async fn cells(app: &TestApp) -> Vec<u8> {
    let pool = app.database.raw().await;
    let mut found = Vec::new();
    for table in app.database.tables().await {
        for row in sqlx::query(&format!("SELECT * FROM {table}")).fetch_all(&pool).await.unwrap() {
            for column in 0..row.len() {
                if let Ok(Some(text)) = row.try_get::<Option<String>, _>(column) {
                    found.extend(text.into_bytes());
                } else if let Ok(Some(bytes)) = row.try_get::<Option<Vec<u8>>, _>(column) {
                    found.extend(bytes);
                }
                found.push(b'\n');
            }
        }
    }
    found
}

fn contains(haystack: &[u8], needle: &str) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[tokio::test]
async fn no_value_about_a_person_is_found_in_logs_rows_answers_or_events() {
    let app = TestApp::start().await;
    let id = app.session().await;
    let identity = app.veriff.identities()[3].clone();
    assert_eq!(app.claims(&id, 3).await.status, 204);
    app.decide(&id, Outcome::OtherBirthYear).await;
    let mira = app.staff("mira").await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let note = format!("customer {} says id_number: {}", identity.email, identity.number);
    assert_eq!(mira.post(&format!("/api/sessions/{id}/notes"), &json!({ "text": note })).await.status, 200);
    let listed = mira.get("/api/sessions?view=all").await;
    assert_eq!(listed.status, 200);
    // The one answer that must hold a clear value is taken out before the search.
    let before = app.answers.lock().unwrap().len();
    let revealed = mira.reveal(&id, "full_name", "claim", "ask_the_customer").await;
    assert!(revealed.text.contains(&identity.last_name) || revealed.json()["text"].is_string());
    app.answers.lock().unwrap().truncate(before);
    let log = app.audit_log().await;
    app.work().await;

    let claims = identity.claims();
    let mut canaries = vec![
        identity.last_name.clone(),
        identity.number.clone(),
        identity.email.clone(),
        identity.phone.clone(),
        identity.street.clone(),
    ];
    canaries.extend(["birth_date", "full_name"].map(|field| claims[field].as_str().unwrap().to_owned()));
    let rows = cells(&app).await;
    let events = app.bank.events().iter().map(|event| event.body.clone()).collect::<String>();
    let answers = app.answers.lock().unwrap().clone();
    for canary in canaries {
        assert!(!captured().contains(&canary), "{canary} is in the log");
        assert!(!contains(&rows, &canary), "{canary} is in the database");
        assert!(!answers.contains(&canary), "{canary} is in an answer");
        assert!(!log.contains(&canary), "{canary} is in the audit log");
        assert!(!events.contains(&canary), "{canary} is in an event");
    }
    assert!(rows.len() > 1000 && answers.len() > 1000, "there was something to search");
}

/// What Jumio's samples say about people, and addresses under which their pictures are. City and country may be shown.
const JUMIO_SAYS: [&str; 12] = [
    "PROBSTEIN",
    "1988-11-05",
    "ZX000042",
    "MUSTERZEILE",
    "ageConfidenceRange",
    "2022-01-10",
    "NATIONAL_ID",
    "/parts/FRONT",
    "/parts/FACE",
    "/parts/LIVENESS_1",
    "c9d8e7f6-0001-4a2b-8c3d-000000000009",
    "validFaceMapForAuthentication",
];

#[tokio::test]
async fn nothing_of_what_jumio_says_about_a_person_is_found_anywhere() {
    let app = TestApp::start().await;
    let mira = app.staff("mira").await;
    for name in ["passed", "rejected", "warning", "new_capture", "token_expired"] {
        let file = format!("{}/fixtures/jumio/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let details: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        let id = app.new_id();
        let mut body = kyc_tests::new_session(&id);
        body["provider"] = json!("jumio-de");
        assert_eq!(app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &body).await.status, 201);
        app.work().await;
        let execution = app.jumio.executions_of(&id).pop().unwrap();
        app.jumio.tell(&execution, details).await.unwrap();
        app.work().await;
        let seen = mira.open(&id).await;
        assert!(!seen["checks"].as_array().unwrap().is_empty(), "{name} was taken in: {seen}");
        if name == "passed" {
            let fields = seen["fields"].as_array().unwrap();
            assert_eq!(fields.iter().filter(|field| !field["document"].is_null()).count(), 4, "{seen}");
        }
    }
    let log = app.audit_log().await;
    let rows = cells(&app).await;
    let events = app.bank.events().iter().map(|event| event.body.clone()).collect::<String>();
    let answers = app.answers.lock().unwrap().clone();
    for canary in JUMIO_SAYS {
        assert!(!captured().contains(canary), "{canary} is in the log");
        assert!(!contains(&rows, canary), "{canary} is in the database");
        assert!(!answers.contains(canary), "{canary} is in an answer");
        assert!(!log.contains(canary), "{canary} is in the audit log");
        assert!(!events.contains(canary), "{canary} is in an event");
    }
    for secret in ["jumio-secret", "test-callback-key-0123456789abcdef"] {
        assert!(!captured().contains(secret) && !contains(&rows, secret) && !answers.contains(secret), "{secret}");
    }
    assert!(rows.len() > 1000 && answers.len() > 1000, "there was something to search");
}

/// A payload sample of the reference.
fn sample(name: &str) -> serde_json::Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/onfido").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test]
async fn no_value_of_onfidos_payload_samples_is_found_anywhere() {
    for integration in onfido::BOTH {
        let app = onfido::start(integration).await;
        let mira = app.staff("mira").await;
        let mut links = Vec::new();
        for name in ["approved", "declined", "review"] {
            let id = onfido::session(&app, integration).await;
            let run = app.onfido.runs_of(&id).remove(0);
            let shown = if integration == "onfido-eu" { format!("{name}_run.json") } else { "check.json".to_owned() };
            let reports = [sample(&format!("{name}_document.json")), sample(&format!("{name}_face.json"))];
            app.onfido.tell(&run, sample(&shown), reports).unwrap();
            // The messages carry values too, in what they call the resource.
            for webhook in ["webhook_task_completed.json", "webhook_run_completed.json"] {
                let body = sample(webhook).to_string().replace("c0ffee00-1111-4a11-8a11-000000000002", &run);
                app.onfido.replay(&body.replace("vks_7Qm2Zr", &id)).await;
            }
            app.work().await;
            app.advance(61);
            app.work().await;
            let seen = mira.open(&id).await;
            assert!(!seen["checks"].as_array().unwrap().is_empty(), "{name}: {seen}");
            assert_eq!(mira.get("/api/sessions?view=all").await.status, 200);
            links.push(format!("/l/{run}"));
        }
        let log = app.audit_log().await;
        let rows = cells(&app).await;
        let events = app.bank.events().iter().map(|event| event.body.clone()).collect::<String>();
        let answers = app.answers.lock().unwrap().clone();
        let values = ["Maarika", "Näidisson", "NAIDISSON", "1991-04-17", "KX0000017", "EST9104170F3104165"];
        for canary in values.into_iter().map(str::to_owned).chain(links) {
            assert!(!captured().contains(&canary), "{canary} is in the log");
            assert!(!contains(&rows, &canary), "{canary} is in the database");
            assert!(!answers.contains(&canary), "{canary} is in an answer");
            assert!(!log.contains(&canary) && !events.contains(&canary), "{canary} is in the audit log or an event");
        }
        assert!(rows.len() > 1000 && answers.len() > 1000, "there was something to search");
    }
}

#[tokio::test]
async fn the_contact_centre_is_told_nothing_about_anybody_and_nothing_it_says_is_kept() {
    let lines = "pause_recording = true\nwrapup_codes = { final_approval = \"code-1\" }";
    let app = TestApp::with(Setup { genesys: Some(lines), ..Setup::default() }).await;
    let (centre, id) = (app.contact_centre(), app.new_id());
    centre.begin(&format!("conv-{id}"), &[&centre.user("mira")]);
    let made = app.flow().await.post_edge("/flow/v1/sessions", Some(&id), &kyc_tests::new_session(&id)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    app.work().await;
    let identity = app.veriff.identities()[3].clone();
    assert_eq!(app.claims(&id, 3).await.status, 204);
    app.decide(&id, Outcome::OtherBirthYear).await;
    let mira = app.staff("mira").await;
    mira.open(&id).await;
    mira.act(&id, "take", json!({ "reason": null })).await;
    let note = format!("customer {} says id_number: {}", identity.email, identity.number);
    assert_eq!(mira.post(&format!("/api/sessions/{id}/notes"), &json!({ "text": note })).await.status, 200);
    let before = app.answers.lock().unwrap().len();
    assert_eq!(mira.reveal(&id, "full_name", "claim", "ask_the_customer").await.status, 200);
    app.answers.lock().unwrap().truncate(before);
    mira.tick_off(&id).await;
    mira.act(&id, "propose", json!({ "reason": mira.reason_for("propose").await })).await;
    app.advance(60);
    app.work().await;

    let claims = identity.claims();
    let mut canaries = vec![identity.last_name, identity.number, identity.email, identity.phone, identity.street];
    canaries.extend(["birth_date", "full_name"].map(|field| claims[field].as_str().unwrap().to_owned()));
    canaries.extend(["C-4F2A-0093", "Mira", "mira@bank.example"].map(str::to_owned));
    let told = centre.requests();
    for what in ["/attributes", "/recordingstate", "/wrapup"] {
        assert!(told.iter().any(|to| to.method != "GET" && to.path.ends_with(what)), "{what} was never told");
    }
    let said: Vec<_> = told.iter().flat_map(|request| [&*request.path, &*request.body]).collect();
    for canary in &canaries {
        assert!(!said.iter().any(|said| said.contains(canary.as_str())), "{canary} was told to the contact centre");
    }
    let (rows, answers) = (cells(&app).await, app.answers.lock().unwrap().clone());
    for theirs in [CUSTOMER_NAME, CUSTOMER_NUMBER, "mira@bank.example", "genesys-secret"] {
        assert!(!captured().contains(theirs), "{theirs} is in the log");
        assert!(!contains(&rows, theirs), "{theirs} is in the database");
        assert!(!answers.contains(theirs), "{theirs} is in an answer");
    }
}

#[tokio::test]
async fn no_secret_of_a_sign_in_is_found_in_logs_or_rows() {
    let app = TestApp::start().await;
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn().await;
    let (cookie, location) = guest.begin(&ticket).await;
    let callback = guest.at_idp(&location, "mira").await;
    guest.callback(&callback, Some(&cookie)).await;
    let session = guest.redeem(&txn, &verifier).await.cookies()[0].split([';', '=']).nth(1).unwrap().to_owned();
    let token = guest.token("flow", "flow-secret").await;
    let handle = cookie.split('=').nth(1).unwrap().to_owned();
    let rows = cells(&app).await;
    for secret in [
        verifier,
        ticket,
        handle,
        session,
        token,
        "flow-secret".to_owned(),
        "veriff-secret".to_owned(),
        "idp-secret".to_owned(),
    ] {
        assert!(!contains(&rows, &secret), "a secret is in the database");
        assert!(!captured().contains(&secret), "a secret is in the log");
    }
}
