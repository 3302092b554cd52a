//! The doctor: says that a sound installation is sound, and of each fault what it is and what to do.

use std::sync::Arc;

use kyc_desk::clock::{Clock, FixedClock, Rng, SeededRng, SystemClock};
use kyc_desk::config::Config;
use kyc_desk::doctor::{Finding, Verdict, examine};
use kyc_tests::database::Kind;
use kyc_tests::{Setup, TestApp};
use kyc_wire::ids::Micros;

use super::{config, on_a_file};

async fn findings(app: &TestApp, changes: &[(&str, &str)], clock: &dyn Clock) -> Vec<Finding> {
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
    let mut told = 0;
    let found = examine(&config(app, changes), clock, &rng, |_| told += 1).await;
    assert_eq!(told, found.len());
    found
}

fn of<'a>(findings: &'a [Finding], subject: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.subject == subject).unwrap_or_else(|| panic!("{subject}: {findings:?}"))
}

/// With one change, this is wrong and nothing else, and what is said helps.
async fn is_the_one_fault(app: &TestApp, change: (&str, &str), subject: &str, says: &str) {
    let found = findings(app, &[change], &SystemClock).await;
    let wrong: Vec<&Finding> = found.iter().filter(|finding| finding.verdict == Verdict::Bad).collect();
    assert!(wrong.len() == 1 && wrong[0].subject == subject, "{change:?}: {wrong:?}");
    assert!(wrong[0].to_string().contains(says) && !wrong[0].advice.is_empty(), "{}", wrong[0]);
}

#[tokio::test]
async fn a_sound_installation_is_sound() {
    let app = TestApp::start().await;
    app.verified_session().await;
    let before = (app.bank.events().len(), app.bank.refused().len());
    let found = findings(&app, &[], &SystemClock).await;
    for finding in &found {
        let is_disk_of_this_machine = finding.subject == "disk" && finding.verdict == Verdict::Warning;
        assert!(finding.verdict == Verdict::Good || is_disk_of_this_machine, "{finding}");
    }
    assert!(of(&found, "master key").found.contains("opens data keys of 1"));
    assert_eq!((app.bank.events().len(), app.bank.refused().len()), before, "the bank is sent nothing");
}

#[tokio::test]
async fn each_fault_is_named_alone() {
    let app = TestApp::start().await;
    app.verified_session().await;
    let closed = "http://127.0.0.1:9";
    let issuer = app.idp.issuer().to_owned();
    let veriff = app.veriff.base_url().trim_end_matches("/v1").to_owned();
    let bank = app.bank.events_url();
    let other_key = "bm90LXRoZS1kZW1vLW1hc3Rlci1rZXktYXQtYWxsLSE=";
    let our_key = "ZGVtby1tYXN0ZXIta2V5LW5vdC1hLXNlY3JldC0hISE=";
    let same_place = issuer.replace("127.0.0.1", "localhost");
    for (change, subject, says) in [
        ((issuer.as_str(), closed), "identity provider bank", "cannot be read"),
        ((issuer.as_str(), same_place.as_str()), "identity provider bank", "names the issuer"),
        ((veriff.as_str(), closed), "provider veriff-de", "base_url"),
        (("[\"veriff-secret\"]", "[\"wrong\"]"), "provider veriff-de", "shared_secrets"),
        ((bank.as_str(), closed), "bank events", "event_url"),
        ((our_key, other_key), "master key", "\"test-1\" does not open"),
        (("\"test-1\"", "\"test-2\""), "master key", "old_master_keys"),
    ] {
        is_the_one_fault(&app, change, subject, says).await;
    }
}

#[tokio::test]
async fn a_role_claim_that_the_identity_provider_does_not_list_is_named() {
    let app = TestApp::start().await;
    let found = findings(&app, &[("claim = \"roles\"", "claim = \"groups\"")], &SystemClock).await;
    let idp = of(&found, "identity provider bank");
    assert_eq!(idp.verdict, Verdict::Warning, "{idp}");
    assert!(idp.to_string().contains("groups") && idp.advice.contains("docs/sso"), "{idp}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_noticed() {
    let app = TestApp::start().await;
    let wrong = FixedClock::at(Micros(SystemClock.now().0 + 3_600_000_000));
    let found = findings(&app, &[], &wrong).await;
    let clock = of(&found, "clock");
    assert!(clock.verdict == Verdict::Bad && clock.advice.contains("NTP"), "{clock}");
}

#[tokio::test]
async fn the_database_is_looked_at_and_not_touched() {
    let app = on_a_file().await;
    let there = app.database.url.clone();
    let nowhere = app.directory.path().join("not-there.db");
    let found = findings(&app, &[(&there, &format!("sqlite:{}", nowhere.display()))], &SystemClock).await;
    assert!(of(&found, "database").found.contains("not there yet"));
    assert!(!nowhere.exists(), "nothing is created");
    let missing_folder = format!("sqlite:{}/no/folder.db", app.directory.path().display());
    let found = findings(&app, &[(&there, &missing_folder)], &SystemClock).await;
    assert_eq!(of(&found, "disk").verdict, Verdict::Bad);
}

#[tokio::test]
async fn another_schema_is_noticed_on_both_databases() {
    for database in [Kind::Sqlite, Kind::Postgres] {
        let app = TestApp::with(Setup { database, ..Setup::default() }).await;
        app.verified_session().await;
        let found = findings(&app, &[], &SystemClock).await;
        assert_eq!(of(&found, "database").verdict, Verdict::Good, "{found:?}");
        assert!(of(&found, "master key").found.contains("opens data keys of 1"), "{found:?}");
        assert!(of(&found, "clock").found.contains(if database == Kind::Sqlite { "2 other" } else { "3 other" }));
        let raw = app.database.raw().await;
        sqlx::query("UPDATE _sqlx_migrations SET version = 9001 WHERE version = 2").execute(&raw).await.unwrap();
        let found = findings(&app, &[], &SystemClock).await;
        assert!(of(&found, "database").found.contains("later release"), "{}", of(&found, "database"));
        sqlx::query("DELETE FROM _sqlx_migrations WHERE version = 9001").execute(&raw).await.unwrap();
        let found = findings(&app, &[], &SystemClock).await;
        assert!(of(&found, "database").advice.contains("kyc-desk migrate"), "{}", of(&found, "database"));
    }
}

#[tokio::test]
async fn a_database_that_takes_no_changes_is_noticed() {
    let app = TestApp::with(Setup { database: Kind::Postgres, ..Setup::default() }).await;
    app.database.tell_server("ALTER DATABASE {name} SET default_transaction_read_only = on").await;
    let found = findings(&app, &[], &SystemClock).await;
    assert!(of(&found, "database").found.contains("takes no changes"), "{}", of(&found, "database"));
    let found = findings(&app, &[(&app.database.url, "postgres://kyc@127.0.0.1:9/kyc")], &SystemClock).await;
    assert_eq!(of(&found, "database").verdict, Verdict::Bad, "{found:?}");
}

/// As [`findings`], of the configuration that the server itself has.
async fn findings_at(app: &TestApp, (from, to): (&str, &str)) -> Vec<Finding> {
    assert!(app.configuration().contains(from), "{from} is not in the configuration");
    let config = Config::parse(&app.configuration().replace(from, to)).unwrap();
    let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
    let found = examine(&config, &SystemClock, &rng, |_| ()).await;
    found.into_iter().filter(|finding| finding.subject == "Genesys").collect()
}

#[tokio::test]
async fn the_contact_centre_is_asked_whether_it_knows_us() {
    let app = TestApp::with(Setup { genesys: Some(""), ..Setup::default() }).await;
    let found = findings_at(&app, ("", "")).await;
    assert!(found.len() == 1 && found[0].verdict == Verdict::Good, "{found:?}");
    let paths: Vec<String> = app.contact_centre().requests().into_iter().map(|request| request.path).collect();
    assert_eq!(paths, ["/oauth/token", "/api/v2/tokens/me"], "no conversation is looked at");
    let centre = app.contact_centre().url();
    for (change, verdict, says) in [
        (("genesys-secret", "wrong"), Verdict::Bad, "client_secret"),
        ((centre.as_str(), "http://127.0.0.1:9"), Verdict::Bad, "open the way"),
        (("scopes = [\"profile\", \"email\"]", ""), Verdict::Warning, "user_claims"),
        (("[genesys]", "[genesys]\nregion = \"mypurecloud.de\""), Verdict::Warning, "frame_ancestors"),
    ] {
        let found = findings_at(&app, change).await;
        let faults: Vec<&Finding> = found.iter().filter(|finding| finding.verdict != Verdict::Good).collect();
        assert!(faults.len() == 1 && faults[0].verdict == verdict, "{change:?}: {found:?}");
        assert!(faults[0].advice.contains(says), "{}", faults[0]);
    }
}
