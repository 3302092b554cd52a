//! Signing in by SAML, over HTTP: request, response, and every way in which the door stays shut. What the gate itself refuses is in
//! `tests/it/saml`.

use std::sync::{Arc, LazyLock};

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kyc_desk::clock::Clock;
use kyc_sandbox::saml::{Draft, SamlConfig, SamlIdp, Signer, Signs, instant};
use kyc_tests::{Answer, Caller, Setup, TestApp, all_at_once};
use serde_json::{Value, json};
use sqlx::Row;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};

/// The name of the identity provider in the configuration.
pub const NAME: &str = "saml";
pub static OURS: LazyLock<Signer> = LazyLock::new(|| Signer::fresh(2048, datetime!(2036-01-01 00:00:00 UTC)));

/// An installation whose bank has an identity provider that speaks SAML beside the other, with `more` in its section.
pub async fn with_saml(more: &str) -> (TestApp, SamlIdp) {
    with_saml_in(Setup::default(), more).await
}

/// The same in an installation that differs in what `setup` says.
pub async fn with_saml_in(setup: Setup, more: &str) -> (TestApp, SamlIdp) {
    let mut world = TestApp::with(setup).await.leave();
    let clock = world.clock.clone();
    let clock = kyc_sandbox::Clock::from_unix(Arc::new(move || clock.now().0 / 1_000_000));
    let mut config = SamlConfig::new(clock);
    config.allows_auto = true;
    let idp = SamlIdp::start(config).await.unwrap();
    let file = |name: &str, text: &str| {
        let path = world.directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        format!("{:?}", path.to_str().unwrap())
    };
    let metadata = file("idp.xml", &idp.metadata());
    let certificate = file("sp.crt", &OURS.certificate_pem());
    let key = file("sp.key", &OURS.key_pem());
    let more = more.replace("<key>", &format!("key = {{ file = {key} }}\ncertificate_file = {certificate}"));
    let section = format!(
        "[auth.idp.{NAME}]\nkind = \"saml\"\nmetadata_file = {metadata}\n\
         roles = [{{ claim = \"roles\", value = \"kyc-agent\", role = \"agent\", queues = [\"retail-de\"] }}]\n{more}\n"
    );
    world.reword("[providers.veriff-de]", &format!("{section}[providers.veriff-de]"));
    let app = TestApp::on(world).await;
    let ours = app.guest().callback(&format!("/auth/saml/{NAME}/metadata"), None).await;
    assert_eq!((ours.status, &ours.headers["content-type"]), (200, &"application/samlmetadata+xml".parse().unwrap()));
    assert!(idp.trust(&ours.text), "{}", ours.text);
    (app, idp)
}

/// The form that the identity provider's page would post.
#[derive(Clone)]
pub struct Form {
    pub response: String,
    pub relay_state: String,
}

impl Form {
    pub fn in_page(page: &str) -> Self {
        let field = |name: &str| {
            let rest = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{page}")).1;
            rest.split('"').next().unwrap().to_owned()
        };
        Self { response: field("SAMLResponse"), relay_state: field("RelayState") }
    }

    pub fn body(&self) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("SAMLResponse", &self.response).append_pair("RelayState", &self.relay_state).finish()
    }
}

/// A sign-in whose popup is at the identity provider.
pub struct Begun<'a> {
    pub guest: Caller<'a>,
    pub verifier: String,
    pub txn: String,
    pub cookie: String,
    pub location: String,
}

pub async fn begin(app: &TestApp) -> Begun<'_> {
    let guest = app.guest();
    let (verifier, txn, ticket) = guest.open_txn_at(Some(NAME)).await;
    let (cookie, location) = guest.begin(&ticket).await;
    Begun { guest, verifier, txn, cookie, location }
}

/// Somebody chooses her name at the identity provider.
pub async fn at_idp(location: &str, login: &str) -> Form {
    let answer = reqwest::get(format!("{location}&auto={login}")).await.unwrap();
    Form::in_page(&answer.text().await.unwrap())
}

pub async fn post(app: &TestApp, path: &str, cookie: Option<&str>, body: String) -> Answer {
    let mut request = Request::post(path).header("content-type", "application/x-www-form-urlencoded");
    request = request.header("origin", "https://adfs.bank.example").header("sec-fetch-site", "cross-site");
    if let Some(cookie) = cookie {
        request = request.header("cookie", cookie);
    }
    app.guest().send(&app.desk, request.body(Body::from(body)).unwrap()).await
}

pub async fn post_form(app: &TestApp, begun: &Begun<'_>, form: &Form) -> Answer {
    post(app, &format!("/auth/saml/{NAME}/acs"), Some(&begun.cookie), form.body()).await
}

/// Signs in by the whole protocol.
pub async fn signed_in<'a>(app: &'a TestApp, login: &str) -> Caller<'a> {
    let begun = begin(app).await;
    let page = post_form(app, &begun, &at_idp(&begun.location, login).await).await;
    assert!(page.text.contains("Signed in as"), "{}", page.text);
    let redeemed = begun.guest.redeem(&begun.txn, &begun.verifier).await;
    assert_eq!(redeemed.json()["state"], "redeemed");
    begun.guest.with_cookie(redeemed.cookies()[0].split(';').next().unwrap())
}

/// What an address asks of the identity provider.
pub fn asked_by(location: &str) -> String {
    use std::io::Read;
    let url = url::Url::parse(location).unwrap();
    let packed = url.query_pairs().find(|(name, _)| name == "SAMLRequest").unwrap().1;
    let packed = BASE64_STANDARD.decode(&*packed).unwrap();
    let mut xml = String::new();
    flate2::read::DeflateDecoder::new(&*packed).read_to_string(&mut xml).unwrap();
    xml
}

/// How the newest entry of this kind ended.
pub async fn last_outcome(app: &TestApp, action: &str) -> Value {
    let sql = format!("SELECT body FROM audit_entry WHERE body LIKE '%\"{action}\"%' ORDER BY seq DESC LIMIT 1");
    let row = sqlx::query(&sql).fetch_optional(&app.database.raw().await).await.unwrap();
    let body: String = row.expect("there is an entry").get(0);
    serde_json::from_str::<Value>(&body).unwrap()["outcome"].clone()
}

/// The sign-in ended with this code in the audit log, and lets nobody in.
async fn is_refused(app: &TestApp, begun: &Begun<'_>, form: &Form, code: &str) {
    let page = post_form(app, begun, form).await;
    assert!(page.text.contains("Sign-in was refused"), "{code}: {}", page.text);
    assert_eq!(last_outcome(app, "sign_in_refused").await, json!({ "outcome": "refused", "code": code }));
    let redeemed = begun.guest.redeem(&begun.txn, &begun.verifier).await;
    assert_eq!((redeemed.json()["state"].as_str(), redeemed.cookies().len()), (Some("refused"), 0), "{code}");
    nothing_of_it_is_kept(app, form);
}

/// No message of the identity provider is in an answer or in the log.
fn nothing_of_it_is_kept(app: &TestApp, form: &Form) {
    let part = form.response.get(200..260).unwrap_or("no such part");
    assert!(!kyc_tests::captured().contains(part), "in the log");
    assert!(!app.answers.lock().unwrap().contains(part), "in an answer");
}

#[tokio::test]
async fn an_agent_signs_in() {
    let (app, _idp) = with_saml("").await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    let page = post_form(&app, &begun, &form).await;
    assert!(page.text.contains("Signed in as Mira Lindqvist"), "{}", page.text);
    assert!(page.cookies()[0].starts_with("__Host-Http-kyc-login=; Path=/; Max-Age=0"));
    let redeemed = begun.guest.redeem(&begun.txn, &begun.verifier).await;
    let mira = begun.guest.with_cookie(redeemed.cookies()[0].split(';').next().unwrap());
    let me = mira.get("/api/me").await.json();
    assert_eq!((me["name"].as_str(), &me["roles"]), (Some("Mira Lindqvist"), &json!(["agent"])));
    nothing_of_it_is_kept(&app, &form);
    let other = app.staff("mira").await.get("/api/me").await.json();
    assert_ne!(me["id"], other["id"], "the same subject at another issuer is somebody else");
}

#[tokio::test]
async fn the_popups_cookie_comes_along_with_a_form_of_another_site() {
    let (app, _idp) = with_saml("").await;
    let guest = app.guest();
    for (name, same_site) in [(NAME, "None"), ("bank", "Lax")] {
        let (_, _, ticket) = guest.open_txn_at(Some(name)).await;
        let begun = guest.post("/auth/popup/begin", &json!({ "ticket": ticket })).await;
        let cookie = &begun.cookies()[0];
        let attributes = format!("; Path=/; Max-Age=600; Secure; HttpOnly; SameSite={same_site}");
        assert!(cookie.starts_with("__Host-Http-kyc-login=") && cookie.ends_with(&attributes), "{cookie}");
    }
}

#[tokio::test]
async fn requests_are_signed_and_assertions_decrypted_where_we_have_a_key() {
    for signs in [Signs::Assertion, Signs::Both] {
        let (app, idp) = with_saml("<key>").await;
        idp.reconfigure(|config| (config.encrypts, config.signs) = (true, signs));
        signed_in(&app, "mira").await;
        let begun = begin(&app).await;
        let altered = begun.location.replace("RelayState=", "RelayState=x");
        let page = reqwest::get(format!("{altered}&auto=mira")).await.unwrap().text().await.unwrap();
        assert!(page.contains("signature does not hold"), "{page}");
    }
}

#[tokio::test]
async fn a_signed_response_is_enough_only_where_that_was_agreed() {
    let (app, idp) = with_saml("").await;
    idp.reconfigure(|config| config.signs = Signs::Response);
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    is_refused(&app, &begun, &form, "unsigned").await;
    let (app, idp) = with_saml("signs = \"response\"").await;
    idp.reconfigure(|config| config.signs = Signs::Response);
    signed_in(&app, "mira").await;
}

/// One wrong response each: what is wrong with it, and what the audit log calls that.
#[tokio::test]
async fn every_refusal_leaves_its_reason() {
    type Case = (&'static str, fn(&mut Draft));
    let cases: [Case; 14] = [
        ("audience", |draft| draft.assertion.audiences = vec![vec!["https://other.example".to_owned()]]),
        ("destination", |draft| draft.destination = Some("https://other.example/acs".to_owned())),
        ("recipient", |draft| draft.assertion.recipient = Some("https://other.example/acs".to_owned())),
        ("unsolicited", |draft| draft.in_response_to = None),
        ("in_response_to", |draft| draft.assertion.in_response_to = Some("_another".to_owned())),
        ("issuer", |draft| draft.assertion.issuer = "https://other.example".to_owned()),
        ("expired", |draft| draft.assertion.confirmed_until = Some(instant(now_less(200)))),
        ("issue_instant", |draft| draft.issue_instant = instant(now_less(200))),
        ("idp_error", |draft| draft.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned()),
        ("session_over", |draft| draft.assertion.session_until = Some(instant(now_less(1)))),
        ("subject_not_persistent", |draft| {
            draft.assertion.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".to_owned();
        }),
        ("subject_not_persistent", |draft| {
            draft.assertion.name_id_format = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress".to_owned();
        }),
        ("condition_unknown", |draft| {
            draft.assertion.more_conditions = "<saml:ProxyRestriction></saml:ProxyRestriction>".to_owned();
        }),
        ("time", |draft| draft.assertion.authn_instant = "yesterday".to_owned()),
    ];
    let (app, idp) = with_saml("").await;
    for (code, change) in cases {
        idp.next_response_with(change);
        let begun = begin(&app).await;
        let form = at_idp(&begun.location, "mira").await;
        is_refused(&app, &begun, &form, code).await;
    }
    signed_in(&app, "mira").await;
}

/// The tests begin at this time, and these do not move it.
fn now_less(seconds: i64) -> OffsetDateTime {
    datetime!(2026-11-23 09:00:00 UTC) - Duration::seconds(seconds)
}

#[tokio::test]
async fn what_is_no_response_at_all_is_refused_the_same_way() {
    let (app, _idp) = with_saml("").await;
    for (response, code) in [
        ("", "not_xml"),
        ("%%%", "base64"),
        ("PGEvPg==", "not_a_response"),
        ("PCFET0NUWVBFIGE+PGEvPg==", "markup_forbidden"),
    ] {
        let begun = begin(&app).await;
        let form = Form { response: response.to_owned(), ..at_idp(&begun.location, "mira").await };
        is_refused(&app, &begun, &form, code).await;
    }
    let begun = begin(&app).await;
    let acs = format!("/auth/saml/{NAME}/acs");
    let answer = post(&app, &acs, Some(&begun.cookie), "A".repeat(600 * 1024)).await;
    assert!(answer.text.contains("Sign-in was refused"), "more than a form may have: {}", answer.text);
    assert_eq!(begun.guest.redeem(&begun.txn, &begun.verifier).await.json()["state"], "refused");
    let twice = format!(
        "SAMLResponse=a&SAMLResponse=b&{}",
        Form { response: String::new(), relay_state: String::new() }.body()
    );
    let begun = begin(&app).await;
    assert!(post(&app, &acs, Some(&begun.cookie), twice).await.text.contains("Sign-in was refused"));
}

#[tokio::test]
async fn nobody_who_has_no_role_gets_in() {
    let (app, _idp) = with_saml("").await;
    let begun = begin(&app).await;
    let page = post_form(&app, &begun, &at_idp(&begun.location, "noa").await).await;
    assert!(page.text.contains("No access"), "{}", page.text);
    assert_eq!(last_outcome(&app, "sign_in_refused").await["code"], "no_role");
    assert_eq!(begun.guest.redeem(&begun.txn, &begun.verifier).await.json()["code"], "no_role");
}

#[tokio::test]
async fn a_response_counts_in_the_browser_that_asked_and_with_its_own_relay_state() {
    let (app, _idp) = with_saml("").await;
    let acs = format!("/auth/saml/{NAME}/acs");
    let mine = begin(&app).await;
    let form = at_idp(&mine.location, "mira").await;
    for cookie in [None, Some("__Host-Http-kyc-login=stolen")] {
        assert!(post(&app, &acs, cookie, form.body()).await.text.contains("Sign-in was refused"));
        assert_eq!(last_outcome(&app, "sign_in_refused").await["code"], "no_login_cookie");
    }
    assert_eq!(mine.guest.redeem(&mine.txn, &mine.verifier).await.json()["state"], "pending", "hers goes on");
    let other = begin(&app).await;
    is_refused(&app, &other, &form, "relay_state").await;
    let other = begin(&app).await;
    let swapped = Form { relay_state: at_idp(&other.location, "jo").await.relay_state, ..form.clone() };
    is_refused(&app, &other, &swapped, "in_response_to").await;
    assert!(post_form(&app, &mine, &form).await.text.contains("Signed in as"));
    assert!(post_form(&app, &mine, &form).await.text.contains("refused"), "and only once");
}

#[tokio::test]
async fn an_assertion_counts_once_whatever_it_answers() {
    let (app, idp) = with_saml("").await;
    for _ in 0..2 {
        idp.next_response_with(|draft| draft.assertion.id = "_the-same".to_owned());
    }
    signed_in(&app, "mira").await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    is_refused(&app, &begun, &form, "replayed").await;
}

#[tokio::test]
async fn the_doors_of_the_two_protocols_are_not_each_others() {
    let (app, _idp) = with_saml("").await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    for path in ["/auth/saml/bank/acs", "/auth/saml/none/acs"] {
        assert_eq!(post(&app, path, Some(&begun.cookie), form.body()).await.status, 404, "{path}");
    }
    for path in ["/auth/saml/bank/metadata", "/auth/saml/none/metadata", "/auth/saml/bank/slo", "/auth/saml/none/slo"] {
        assert_eq!(app.guest().callback(path, None).await.status, 404, "{path}");
    }
    let told = format!("/auth/oidc/{NAME}/backchannel-logout");
    assert_eq!(post(&app, &told, None, "logout_token=x".to_owned()).await.status, 404);
    let callback = format!("/auth/oidc/{NAME}/callback?code=x&state=y");
    let page = app.guest().callback(&callback, Some(&begun.cookie)).await;
    assert!(page.text.contains("Sign-in was refused"), "{}", page.text);
    assert_eq!(last_outcome(&app, "sign_in_refused").await["code"], "another_protocol");
}

#[tokio::test]
async fn who_somebody_is_may_be_said_by_an_attribute() {
    let (app, idp) = with_saml("subject_attribute = \"personnelNumber\"\nname_attribute = \"nick\"").await;
    let draft = |values: &'static [&'static str]| {
        move |draft: &mut Draft| {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            draft.assertion.attributes.push(("personnelNumber".to_owned(), values));
            draft.assertion.attributes.push(("nick".to_owned(), vec!["Mira".to_owned()]));
            draft.assertion.name_id_format = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient".to_owned();
        }
    };
    let mut ids = Vec::new();
    for person in [&["4711"], &["4711"], &["4712"]] {
        idp.next_response_with(draft(person));
        let me = signed_in(&app, "mira").await.get("/api/me").await.json();
        assert_eq!(me["name"], "Mira");
        ids.push(me["id"].clone());
    }
    assert!(ids[0] == ids[1] && ids[1] != ids[2]);
    for values in [&[][..], &["4711", "4712"], &[" "]] {
        idp.next_response_with(draft(values));
        let begun = begin(&app).await;
        let form = at_idp(&begun.location, "mira").await;
        is_refused(&app, &begun, &form, "subject_attribute").await;
    }
}

#[tokio::test]
async fn how_somebody_proved_who_she_is_is_asked_for_and_checked() {
    const SMARTCARD: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI";
    let (app, idp) = with_saml(&format!("acr_values = [\"{SMARTCARD}\"]")).await;
    signed_in(&app, "mira").await;
    for reached in [None, Some("urn:oasis:names:tc:SAML:2.0:ac:classes:Password")] {
        idp.next_response_with(move |draft| draft.assertion.context = reached.map(str::to_owned));
        let begun = begin(&app).await;
        let form = at_idp(&begun.location, "mira").await;
        is_refused(&app, &begun, &form, "acr_not_accepted").await;
    }
}

#[tokio::test]
async fn a_sign_in_ends_with_the_session_that_it_came_from() {
    let (app, idp) = with_saml("").await;
    idp.next_response_with(|draft| draft.assertion.session_until = Some(instant(now_less(-600))));
    let mira = signed_in(&app, "mira").await;
    app.advance(599);
    assert_eq!(mira.get("/api/me").await.status, 200);
    app.advance(1);
    assert_eq!(mira.get("/api/me").await.status, 401);
}

#[tokio::test]
async fn metadata_that_has_ended_vouches_for_nobody() {
    let (app, _idp) = with_saml("").await;
    let world = app.leave();
    let path = world.directory.path().join("idp.xml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace(" entityID", " validUntil=\"2026-11-23T09:01:00Z\" entityID")).unwrap();
    let app = TestApp::on(world).await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    app.advance(60);
    is_refused(&app, &begun, &form, "metadata_ended").await;
    let guest = app.guest();
    let (_, _, ticket) = guest.open_txn_at(Some(NAME)).await;
    assert_eq!(guest.post("/auth/popup/begin", &json!({ "ticket": ticket })).await.status, 503);
    assert_eq!(last_outcome(&app, "sign_in_refused").await["code"], "metadata_ended");
}

#[tokio::test]
async fn of_two_posts_of_one_response_one_counts() {
    let (app, _idp) = with_saml("").await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    let pages = all_at_once((0..8).map(|_| post_form(&app, &begun, &form))).await;
    assert_eq!(pages.iter().filter(|page| page.text.contains("Signed in as")).count(), 1);
    assert_eq!(begun.guest.redeem(&begun.txn, &begun.verifier).await.json()["state"], "redeemed");
}

/// What the configuration says of one that was changed.
async fn problems(change: (&str, &str)) -> String {
    let (app, _idp) = with_saml("<key>").await;
    let text = app.configuration();
    assert!(text.contains(change.0), "{text}");
    match kyc_desk::config::Config::parse(&text.replacen(change.0, change.1, 1)) {
        Ok(_) => panic!("{change:?} was accepted"),
        Err(problems) => problems.to_string(),
    }
}

#[tokio::test]
async fn a_section_that_cannot_be_used_says_why() {
    for (from, to, says) in [
        ("idp.xml", "none.xml", "auth.idp.saml.metadata_file: cannot read"),
        ("idp.xml", "sp.crt", "auth.idp.saml.metadata_file: is no XML"),
        ("sp.crt", "idp.xml", "auth.idp.saml.certificate_file: holds no certificate"),
        ("sp.key", "sp.crt", "auth.idp.saml.key: must be a private key in PEM"),
        ("kind = \"saml\"", "kind = \"saml\"\nentity_id = \"\"", "auth.idp.saml.entity_id"),
        ("kind = \"saml\"", "kind = \"saml2\"", "unknown variant"),
        ("kind = \"saml\"", "kind = \"saml\"\nmetadata_url = \"https://idp.example\"", "metadata_url"),
    ] {
        let said = problems((from, to)).await;
        assert!(said.contains(says), "{from}: {said}");
    }
}

#[tokio::test]
async fn a_certificate_must_be_of_the_key_and_two_providers_are_not_one() {
    let (app, idp) = with_saml("<key>").await;
    let stranger = Signer::fresh(2048, datetime!(2036-01-01 00:00:00 UTC));
    std::fs::write(app.directory.path().join("sp.crt"), stranger.certificate_pem()).unwrap();
    let said = |text: &str| kyc_desk::config::Config::parse(text).map_or_else(|all| all.to_string(), |_| String::new());
    assert!(said(app.configuration()).contains("certificate_file: is the certificate of another key"));
    let metadata = app.directory.path().join("idp.xml");
    let text = std::fs::read_to_string(&metadata).unwrap();
    std::fs::write(&metadata, text.replace(&idp.issuer(), app.idp.issuer())).unwrap();
    assert!(said(app.configuration()).contains("metadata_file: is the issuer of bank too"));
    std::fs::write(&metadata, text.replace("http://127.0.0.1", "http://idp.example")).unwrap();
    assert!(said(app.configuration()).contains("metadata_file: must begin with https://"));
    let wanting = text.replace("<IDPSSODescriptor", "<IDPSSODescriptor WantAuthnRequestsSigned=\"true\"");
    std::fs::write(&metadata, wanting).unwrap();
    let is_kept = |line: &&str| !line.contains("sp.key") && !line.contains("sp.crt");
    let without = app.configuration().lines().filter(is_kept).collect::<Vec<_>>().join("\n");
    assert!(said(&without).contains("auth.idp.saml.key: is missing: the identity provider takes signed requests only"));
}

#[tokio::test]
async fn the_doctor_says_what_is_pinned_and_until_when() {
    use kyc_desk::doctor::{Verdict, examine};
    let (app, _idp) = with_saml("<key>").await;
    let config = kyc_desk::config::Config::parse(app.configuration()).unwrap();
    let rng: Arc<dyn kyc_desk::clock::Rng> = Arc::new(kyc_desk::clock::SeededRng::new(1));
    let day = |days: i64| kyc_desk::clock::FixedClock::at(app.app.clock.now().plus_seconds(days * 86_400));
    let theirs = format!("identity provider {NAME}");
    let ours = format!("our certificate for identity provider {NAME}");
    let years = 3650;
    for (clock, subject, verdict, says) in [
        (day(0), &theirs, Verdict::Good, "signs by"),
        (day(0), &ours, Verdict::Good, "holds until 2036-01-01"),
        (day(years - 29), &theirs, Verdict::Warning, "end soon"),
        (day(3310), &ours, Verdict::Warning, "ends on 2036-01-01"),
        (day(3340), &ours, Verdict::Bad, "has ended"),
    ] {
        let found = examine(&config, &clock, &rng, |_| {}).await;
        let finding = found.iter().find(|finding| finding.subject == *subject).unwrap();
        assert!(finding.verdict == verdict && finding.found.contains(says), "{finding}");
    }
    let metadata = app.directory.path().join("idp.xml");
    let text = std::fs::read_to_string(&metadata).unwrap();
    for (end, verdict) in [("2026-12-01T00:00:00Z", Verdict::Warning), ("2026-11-01T00:00:00Z", Verdict::Bad)] {
        std::fs::write(&metadata, text.replace(" entityID", &format!(" validUntil=\"{end}\" entityID"))).unwrap();
        let config = kyc_desk::config::Config::parse(app.configuration()).unwrap();
        let found = examine(&config, &day(0), &rng, |_| {}).await;
        let finding = found.iter().find(|finding| finding.subject == theirs).unwrap();
        assert!(finding.verdict == verdict && finding.found.contains("metadata file"), "{finding}");
    }
}
