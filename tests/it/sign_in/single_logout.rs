//! Single logout by redirect (SAML profiles section 4.4): who signs out at the identity provider comes by here, and what she has here by
//! that ends.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use flate2::Compression;
use flate2::write::DeflateEncoder;
use kyc_sandbox::saml::{Algorithm, SamlIdp, Signer, instant};
use kyc_tests::{Answer, Caller, TestApp};
use kyc_wire::routes::encode;
use serde_json::json;
use std::io::Write;
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use url::Url;

use super::saml::{NAME, OURS, at_idp, begin, last_outcome, post_form, signed_in, with_saml};
use crate::two_servers::Stream;

const NOW: OffsetDateTime = datetime!(2026-11-23 09:00:00 UTC);
const ID: &str = "_logout1";

async fn is_in(caller: &Caller<'_>) -> bool {
    caller.get("/api/me").await.status == 200
}

/// The browser is sent here.
async fn visit(app: &TestApp, query: &str) -> Answer {
    app.guest().callback(&format!("/auth/saml/{NAME}/slo?{query}"), None).await
}

fn query_of(address: &Url) -> String {
    address.query().unwrap().to_owned()
}

/// A request as the identity provider writes it, which a test may make wrong before it is signed.
struct Draft {
    xml: String,
    name: &'static str,
    algorithm: &'static str,
    by: Algorithm,
    relay_state: Option<&'static str>,
}

fn draft(app: &TestApp, idp: &SamlIdp) -> Draft {
    let to = format!("{}/auth/saml/{NAME}/slo", app.desk_url);
    let mira = idp_sub(app, "mira");
    Draft {
        xml: Signer::logout_request(ID, &to, &idp.issuer(), (&mira, None), NOW),
        name: "SAMLRequest",
        algorithm: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        by: Algorithm::Sha256,
        relay_state: None,
    }
}

fn idp_sub(app: &TestApp, login: &str) -> String {
    app.idp.people().into_iter().find(|person| person.login == login).unwrap().sub
}

impl Draft {
    fn query(&self, signer: &Signer) -> String {
        let mut packed = DeflateEncoder::new(Vec::new(), Compression::best());
        packed.write_all(self.xml.as_bytes()).unwrap();
        let packed = encode(&BASE64_STANDARD.encode(packed.finish().unwrap()));
        let relayed = self.relay_state.map(|state| format!("&RelayState={}", encode(state))).unwrap_or_default();
        let signed = format!("{}={packed}{relayed}&SigAlg={}", self.name, encode(self.algorithm));
        let signature = BASE64_STANDARD.encode(signer.sign(self.by, signed.as_bytes()));
        format!("{signed}&Signature={}", encode(&signature))
    }
}

#[tokio::test]
async fn who_signs_out_there_is_signed_out_here_and_sent_back() {
    let (app, idp) = with_saml("<key>").await;
    let (mira, tomas) = (signed_in(&app, "mira").await, signed_in(&app, "tomas").await);
    let mut stream = Stream::open(&app, &mira).await;
    let address = idp.logout_address_of("mira", Some("state&more")).unwrap();
    let answer = visit(&app, &query_of(&address)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(!is_in(&mira).await && is_in(&tomas).await);
    stream.until("signed_out").await;
    assert!(stream.next().await.is_none());
    let back = Url::parse(answer.headers["location"].to_str().unwrap()).unwrap();
    assert!(back.query_pairs().any(|pair| pair == ("RelayState".into(), "state&more".into())));
    let page = reqwest::get(back).await.unwrap().text().await.unwrap();
    assert!(page.contains("You are signed out"), "our answer is signed, and accepted: {page}");
    assert_eq!(last_outcome(&app, "single_logout").await, json!({ "outcome": "ok" }));
    assert!(app.audit_log().await.contains("sign_in_revoked"));
    let again = visit(&app, &query_of(&address)).await;
    assert_eq!((again.status, last_outcome(&app, "single_logout").await["code"].as_str()), (400, Some("replayed")));
}

#[tokio::test]
async fn without_a_session_every_sign_in_of_the_person_ends() {
    let (app, idp) = with_saml("<key>").await;
    let (here, there, jo) = (signed_in(&app, "mira").await, signed_in(&app, "mira").await, app.staff("mira").await);
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    assert!(post_form(&app, &begun, &form).await.text.contains("Signed in as"));
    assert_eq!(visit(&app, &draft(&app, &idp).query(idp.signer())).await.status, 303);
    assert!(!is_in(&here).await && !is_in(&there).await);
    assert!(is_in(&jo).await, "the same subject at another identity provider is somebody else");
    let redeemed = begun.guest.redeem(&begun.txn, &begun.verifier).await;
    assert_eq!(redeemed.json()["state"], "refused", "what waited to be redeemed has ended too");
}

#[tokio::test]
async fn what_was_vouched_for_before_the_logout_lets_nobody_in_after_it() {
    let (app, idp) = with_saml("<key>").await;
    let begun = begin(&app).await;
    let form = at_idp(&begun.location, "mira").await;
    assert_eq!(visit(&app, &draft(&app, &idp).query(idp.signer())).await.status, 303);
    assert!(post_form(&app, &begun, &form).await.text.contains("Sign-in was refused"));
    assert_eq!(last_outcome(&app, "sign_in_refused").await["code"], "ended_at_idp");
}

/// It is refused for this reason, nobody is signed out, and nothing is sent back.
async fn refuses(app: &TestApp, mira: &Caller<'_>, query: &str, code: &str) {
    let answer = visit(app, query).await;
    assert_eq!((answer.status, answer.headers.get("location")), (400, None), "{code}");
    assert!(answer.text.contains("Still signed in here"), "{}", answer.text);
    assert_eq!(last_outcome(app, "single_logout").await, json!({ "outcome": "refused", "code": code }));
    assert!(is_in(mira).await, "{code}");
}

#[tokio::test]
async fn every_wrong_request_is_refused() {
    let (app, idp) = with_saml("<key>").await;
    let mira = signed_in(&app, "mira").await;
    let right = || draft(&app, &idp);
    let issuer = idp.issuer();
    let reworded = |from: &str, to: &str| {
        let mut draft = right();
        assert!(draft.xml.contains(from), "{from}");
        draft.xml = draft.xml.replacen(from, to, 1);
        draft
    };
    let at = |seconds| instant(NOW + Duration::seconds(seconds));
    let now = at(0);
    let ours = format!("{}/auth/saml/{NAME}/slo", app.desk_url);
    let name = format!("<saml:NameID>{}</saml:NameID>", idp_sub(&app, "mira"));
    for (code, draft) in [
        ("issuer", reworded(&issuer, "https://other.example")),
        ("destination", reworded(&ours, "https://other.example/slo")),
        ("issue_instant", reworded(&now, &at(-181))),
        ("issue_instant", reworded(&now, &at(181))),
        ("time", reworded(&now, "now")),
        ("expired", reworded(" Destination", &format!(" NotOnOrAfter=\"{}\" Destination", at(-180)))),
        ("not_a_logout_request", reworded("2.0\" Issue", "1.1\" Issue")),
        ("id_missing", reworded(" ID=\"_logout1\"", "")),
        ("subject", reworded(&name, "")),
        ("subject", reworded(&name, &format!("{name}{name}"))),
        ("subject", reworded(&name, "<saml:NameID></saml:NameID>")),
        ("subject", reworded(&name, &format!("{name}{}", "<samlp:SessionIndex>s</samlp:SessionIndex>".repeat(17)))),
        ("logout_shape", reworded(&name, "<saml:EncryptedID></saml:EncryptedID>")),
        ("text_mixed", reworded(&name, "<saml:NameID>7c1e<b></b>0f52</saml:NameID>")),
        ("markup_forbidden", reworded(&name, "<saml:NameID>7c1e<!-- -->0f52</saml:NameID>")),
    ] {
        refuses(&app, &mira, &draft.query(idp.signer()), code).await;
    }
    assert_eq!(visit(&app, &right().query(idp.signer())).await.status, 303, "the right one is accepted");
    assert!(!is_in(&mira).await);
}

#[tokio::test]
async fn nothing_counts_that_a_pinned_certificate_has_not_signed_as_it_came() {
    let (app, idp) = with_saml("<key>").await;
    let mira = signed_in(&app, "mira").await;
    let right = draft(&app, &idp).query(idp.signer());
    let sha1 =
        Draft { algorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", by: Algorithm::Sha1, ..draft(&app, &idp) };
    let said_sha1 = Draft { algorithm: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", ..draft(&app, &idp) };
    let relayed = Draft { relay_state: Some("a"), ..draft(&app, &idp) }.query(idp.signer());
    let unsigned = right.split_once("&SigAlg=").unwrap().0;
    let first = right.split_once('&').unwrap().0;
    let other = Draft { xml: draft(&app, &idp).xml.replace(ID, "_other"), ..draft(&app, &idp) }.query(idp.signer());
    for (code, query) in [
        ("signature", draft(&app, &idp).query(&OURS)),
        ("signature", sha1.query(idp.signer())),
        ("signature", said_sha1.query(idp.signer())),
        ("signature", relayed.replace("RelayState=a", "RelayState=b")),
        ("signature", format!("{right}&RelayState=a")),
        ("signature", format!("{first}&{}", other.split_once('&').unwrap().1)),
        ("signature_missing", unsigned.to_owned()),
        ("parameter_twice", format!("{right}&{first}")),
        ("encoding", format!("{right}&SAMLEncoding=none")),
        ("no_message", right.replace("SAMLRequest=", "SAMLResponse=")),
        ("no_message", String::new()),
        ("too_large", format!("{right}&RelayState={}", "a".repeat(20_000))),
    ] {
        refuses(&app, &mira, &query, code).await;
    }
}

#[tokio::test]
async fn where_an_attribute_says_who_somebody_is_a_logout_must_name_her_session() {
    let (app, idp) = with_saml("<key>\nsubject_attribute = \"displayName\"").await;
    let mira = signed_in(&app, "mira").await;
    refuses(&app, &mira, &draft(&app, &idp).query(idp.signer()), "session_missing").await;
    let address = idp.logout_address_of("mira", None).unwrap();
    assert_eq!(visit(&app, &query_of(&address)).await.status, 303);
    assert!(!is_in(&mira).await);
}
