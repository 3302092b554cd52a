//! Rule by rule: one part of a right response is made wrong, and signed like that.

use kyc_desk::auth::saml::{Certificate, SignedPart};
use kyc_sandbox::saml::{Algorithm, Draft, Signer, Signs, Wrapping, instant, sealed};
use time::{Duration, OffsetDateTime};

use super::{ACS, ENTITY, MIRA, NOW, OURS, SIGNER, STRANGER, code, draft, judged, judged_at};

fn signed(draft: &Draft) -> String {
    SIGNER.message(draft, Signs::Assertion, Algorithm::Sha256)
}

fn at(seconds: i64) -> String {
    instant(NOW + Duration::seconds(seconds))
}

fn later(seconds: i64) -> OffsetDateTime {
    NOW + Duration::seconds(seconds)
}

#[test]
fn a_right_response_is_accepted_and_read_to_the_letter() {
    for signs in [Signs::Assertion, Signs::Both] {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            for is_typed in [false, true] {
                let mut draft = draft();
                draft.assertion.is_typed = is_typed;
                let accepted = judged(&SIGNER.message(&draft, signs, algorithm)).unwrap();
                assert_eq!(accepted.id, "_a1");
                assert_eq!(accepted.name_id.as_deref(), Some(MIRA));
                assert_eq!(accepted.session.as_deref(), Some("_s1"));
                assert_eq!(accepted.attributes["roles"], ["kyc-agent", "kyc-auditor"]);
                assert_eq!(accepted.attributes["displayName"], ["Mira Lindqvist & <Söhne>"]);
                assert!(accepted.context.unwrap().ends_with("PasswordProtectedTransport"));
            }
        }
    }
}

/// One case each: what is wrong, and the rule that sees it.
macro_rules! cases {
    ($($name:ident = |$draft:ident| $change:expr => $code:literal;)+) => {
        $(#[test]
        fn $name() {
            let mut $draft = draft();
            $change;
            assert_eq!(code(&signed(&$draft)), $code);
        })+
    };
}

cases! {
    another_version = |draft| draft.version = "1.1".to_owned() => "not_a_response";
    an_unsuccessful_status = |draft| draft.status = "urn:oasis:names:tc:SAML:2.0:status:Responder".to_owned() => "idp_error";
    another_destination = |draft| draft.destination = Some("https://other.example/acs".to_owned()) => "destination";
    no_destination = |draft| draft.destination = None => "destination";
    another_issuer_of_the_response = |draft| draft.issuer = Some("https://other.example".to_owned()) => "issuer";
    another_issuer_of_the_assertion = |draft| draft.assertion.issuer = "https://other.example".to_owned() => "issuer";
    an_issuer_with_space_around = |draft| draft.assertion.issuer.push(' ') => "issuer";
    an_unsolicited_response = |draft| draft.in_response_to = None => "unsolicited";
    an_unsolicited_assertion = |draft| draft.assertion.in_response_to = None => "unsolicited";
    an_answer_to_another_request = |draft| draft.in_response_to = Some("_other".to_owned()) => "in_response_to";
    an_assertion_for_another_request = |draft| draft.assertion.in_response_to = Some("_other".to_owned()) => "in_response_to";
    a_response_made_before_the_sign_in_began = |draft| draft.issue_instant = at(-181) => "issue_instant";
    a_response_from_the_future = |draft| draft.issue_instant = at(181) => "issue_instant";
    an_assertion_made_before_the_sign_in_began = |draft| draft.assertion.issue_instant = at(-181) => "issue_instant";
    another_recipient = |draft| draft.assertion.recipient = Some("https://other.example/acs".to_owned()) => "recipient";
    no_recipient = |draft| draft.assertion.recipient = None => "recipient";
    another_method = |draft| draft.assertion.method = "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches".to_owned() => "subject_confirmation";
    a_confirmation_without_end = |draft| draft.assertion.confirmed_until = None => "subject_confirmation";
    a_confirmation_that_has_ended = |draft| draft.assertion.confirmed_until = Some(at(-180)) => "expired";
    conditions_that_have_ended = |draft| draft.assertion.not_on_or_after = Some(at(-180)) => "expired";
    conditions_of_the_future = |draft| draft.assertion.not_before = Some(at(181)) => "not_yet_valid";
    another_audience = |draft| draft.assertion.audiences = vec![vec!["https://other.example".to_owned()]] => "audience";
    one_of_two_restrictions_without_us = |draft| draft.assertion.audiences.push(vec!["https://other.example".to_owned()]) => "audience";
    no_restriction_of_the_audience = |draft| draft.assertion.audiences.clear() => "audience";
    a_restriction_to_nobody = |draft| draft.assertion.audiences.push(Vec::new()) => "audience";
    an_audience_that_only_begins_like_us = |draft| draft.assertion.audiences = vec![vec![format!("{ENTITY}x")]] => "audience";
    an_unknown_condition = |draft| draft.assertion.more_conditions = "<saml:ProxyRestriction></saml:ProxyRestriction>".to_owned() => "condition_unknown";
    a_session_that_is_over = |draft| draft.assertion.session_until = Some(at(0)) => "session_over";
    a_sign_in_of_the_future = |draft| draft.assertion.authn_instant = at(181) => "authn_instant";
    a_time_that_is_none = |draft| draft.assertion.authn_instant = "now".to_owned() => "time";
    a_time_without_zone = |draft| draft.assertion.not_on_or_after = Some("2026-11-23T09:05:00".to_owned()) => "time";
    an_empty_name = |draft| draft.assertion.name_id = " ".to_owned() => "subject";
    an_id_that_is_no_name = |draft| draft.assertion.id = "#x".to_owned() => "id_not_unique";
    one_id_for_both = |draft| draft.assertion.id = draft.id.clone() => "id_not_unique";
}

#[test]
fn clocks_may_differ_by_three_minutes() {
    let mut draft = draft();
    draft.assertion.confirmed_until = Some(at(-179));
    draft.assertion.not_on_or_after = Some(at(-179));
    draft.assertion.not_before = Some(at(180));
    draft.issue_instant = at(-180);
    draft.assertion.issue_instant = at(180);
    assert_eq!(code(&signed(&draft)), "accepted");
    assert!(judged_at(&signed(&super::draft()), SignedPart::Assertion, later(479)).is_ok());
    assert_eq!(judged_at(&signed(&super::draft()), SignedPart::Assertion, later(480)).unwrap_err().0, "expired");
}

#[test]
fn only_a_lasting_name_is_a_name() {
    for format in ["transient", "emailAddress", "unspecified"] {
        let mut draft = draft();
        draft.assertion.name_id_format = format!("urn:oasis:names:tc:SAML:2.0:nameid-format:{format}");
        assert_eq!(judged(&signed(&draft)).unwrap().name_id, None, "{format}");
    }
    let mut draft = draft();
    draft.assertion.name_id = " x ".to_owned();
    assert_eq!(judged(&signed(&draft)).unwrap().name_id.as_deref(), Some(" x "), "space tells people apart");
}

#[test]
fn what_is_not_signed_is_refused() {
    let draft = draft();
    assert_eq!(code(&SIGNER.message(&draft, Signs::Nothing, Algorithm::Sha256)), "unsigned");
    let response = SIGNER.message(&draft, Signs::Response, Algorithm::Sha256);
    assert_eq!(code(&response), "unsigned", "the assertion itself is to be signed");
    assert!(judged_at(&response, SignedPart::Response, NOW).is_ok(), "unless the configuration says otherwise");
    let nothing = SIGNER.message(&draft, Signs::Nothing, Algorithm::Sha256);
    assert_eq!(judged_at(&nothing, SignedPart::Response, NOW).unwrap_err().0, "unsigned");
}

#[test]
fn sha_1_is_refused() {
    for signs in [Signs::Assertion, Signs::Response, Signs::Both] {
        assert_eq!(code(&SIGNER.message(&draft(), signs, Algorithm::Sha1)), "algorithm");
    }
}

#[test]
fn a_key_in_the_message_is_nobodys_word() {
    assert_eq!(code(&STRANGER.message(&draft(), Signs::Assertion, Algorithm::Sha256)), "signature_invalid");
}

#[test]
fn every_signature_must_hold_not_just_one() {
    let draft = draft();
    let inner = STRANGER.assertion(&draft, true, Algorithm::Sha256);
    assert_eq!(code(&SIGNER.response(&draft, &inner, true, Algorithm::Sha256)), "signature_invalid");
    let inner = SIGNER.assertion(&draft, true, Algorithm::Sha256);
    assert_eq!(code(&STRANGER.response(&draft, &inner, true, Algorithm::Sha256)), "signature_invalid");
}

#[test]
fn a_changed_letter_breaks_the_signature() {
    let xml = signed(&draft());
    for (from, to) in [(MIRA, "7c1e0f52-9a3e"), ("kyc-auditor", "kyc-admin  "), ("09:05:00", "09:50:00")] {
        assert!(xml.contains(from));
        assert_eq!(code(&xml.replace(from, to)), "signature_invalid", "{from}");
    }
}

#[test]
fn an_encrypted_assertion_is_decrypted_and_judged_like_any_other() {
    let to = OURS.public_key();
    let seal = |draft: &Draft, is_signed: bool, wrapping: Wrapping| {
        sealed(&SIGNER.assertion(draft, is_signed, Algorithm::Sha256), &to, wrapping)
    };
    let mut draft = draft();
    let inner = seal(&draft, true, Wrapping::Oaep);
    assert_eq!(code(&draft_with(&draft, &inner, false)), "accepted");
    assert_eq!(code(&draft_with(&draft, &inner, true)), "accepted");
    assert_eq!(code(&draft_with(&draft, &seal(&draft, true, Wrapping::Pkcs1), true)), "algorithm");
    let unsigned = seal(&draft, false, Wrapping::Oaep);
    assert_eq!(code(&draft_with(&draft, &unsigned, true)), "unsigned");
    let by_response = draft_with(&draft, &unsigned, true);
    assert!(judged_at(&by_response, SignedPart::Response, NOW).is_ok());
    assert_eq!(
        judged_at(&draft_with(&draft, &unsigned, false), SignedPart::Response, NOW).unwrap_err().0,
        "unsigned",
        "anybody can encrypt"
    );
    draft.assertion.audiences.clear();
    assert_eq!(code(&draft_with(&draft, &seal(&draft, true, Wrapping::Oaep), false)), "audience");
    let mut silent = super::draft();
    silent.issuer = None;
    assert_eq!(code(&draft_with(&silent, &inner, false)), "issuer_missing");
    let foreign = sealed("<a/>", &STRANGER.public_key(), Wrapping::Oaep);
    assert_eq!(code(&draft_with(&silent, &foreign, false)), "issuer_missing");
    assert_eq!(code(&draft_with(&super::draft(), &foreign, false)), "decryption");
    let odd = sealed("<!DOCTYPE a><a/>", &to, Wrapping::Oaep);
    assert_eq!(
        code(&draft_with(&super::draft(), &odd, false)),
        "markup_forbidden",
        "what was inside is no less foreign"
    );
}

fn draft_with(draft: &Draft, body: &str, is_signed: bool) -> String {
    SIGNER.response(draft, body, is_signed, Algorithm::Sha256)
}

#[test]
fn short_keys_are_not_pinned() {
    assert!(Certificate::parse(SIGNER.certificate()).is_ok());
    assert_eq!(Certificate::parse(SHORT).unwrap_err(), "has an RSA key of less than 2048 bits");
    assert!(Certificate::parse(b"no certificate").is_err());
}

/// A certificate with an RSA key of 1024 bits, made by `openssl req -x509 -newkey rsa:1024 -nodes -subj /CN=short -days 3650`.
const SHORT: &[u8] = include_bytes!("../../fixtures/saml/short-key.der");

#[test]
fn the_certificate_is_for_the_doctor_and_its_end_refuses_nobody() {
    let old = Signer::fresh(2048, NOW - Duration::days(1));
    let certificate = Certificate::parse(old.certificate()).unwrap();
    assert_eq!(certificate.expires_at(), super::micros(NOW - Duration::days(1)));
    assert!(ACS.starts_with("https"));
}
