//! Signature wrapping (XSW 1 to 8) and what else has fooled service providers: genuine signatures beside forged content.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use kyc_sandbox::saml::{Algorithm, Draft, Signs};

use super::{SIGNER, code, draft};

/// A genuine message taken apart, and what an attacker makes up.
struct Parts {
    /// The genuine assertion, with its signature.
    signed: String,
    /// The same without the signature.
    bare: String,
    /// The signature alone.
    signature: String,
    /// What the attacker would rather have: himself, with the highest role.
    evil: String,
    /// The message around the assertion.
    envelope: (String, String),
}

fn take_apart() -> Parts {
    let draft = draft();
    let message = SIGNER.message(&draft, Signs::Assertion, Algorithm::Sha256);
    let signed = SIGNER.assertion(&draft, true, Algorithm::Sha256);
    let bare = SIGNER.assertion(&draft, false, Algorithm::Sha256);
    let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
    let (before, after) = message.split_once(&signed).unwrap();
    let envelope = (before.to_owned(), after.to_owned());
    Parts { signed, bare, signature, evil: evil(&draft), envelope }
}

fn evil(draft: &Draft) -> String {
    let mut other = draft.clone();
    "_evil".clone_into(&mut other.assertion.id);
    "41a9d6b3-77e2".clone_into(&mut other.assertion.name_id);
    other.assertion.attributes = vec![("roles".to_owned(), vec!["kyc-admin".to_owned()])];
    SIGNER.assertion(&other, false, Algorithm::Sha256)
}

fn between(text: &str, from: &str, to: &str) -> String {
    let start = text.find(from).unwrap();
    let end = text[start..].find(to).unwrap() + start + to.len();
    text[start..end].to_owned()
}

/// Puts something behind the issuer of an assertion, where signatures are.
fn with_signature(assertion: &str, signature: &str) -> String {
    assertion.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1)
}

/// Puts something last into an element.
fn inside(element: &str, what: &str) -> String {
    let end = element.rfind("</").unwrap();
    format!("{}{what}{}", &element[..end], &element[end..])
}

impl Parts {
    fn message(&self, body: &str) -> String {
        format!("{}{body}{}", self.envelope.0, self.envelope.1)
    }

    fn whole_response_signed() -> String {
        SIGNER.message(&draft(), Signs::Response, Algorithm::Sha256)
    }

    fn object(&self, what: &str) -> String {
        inside(&self.signature, &format!("<ds:Object>{what}</ds:Object>"))
    }
}

fn evil_response(message: &str) -> String {
    let genuine = between(message, "<saml:Assertion ", "</saml:Assertion>");
    message.replace(&genuine, &evil(&draft())).replacen("ID=\"_r1\"", "ID=\"_evilresponse\"", 1)
}

#[test]
fn what_is_taken_apart_is_accepted_when_put_together() {
    let parts = take_apart();
    assert_eq!(code(&parts.message(&parts.signed)), "accepted");
    assert_eq!(with_signature(&parts.bare, &parts.signature), parts.signed);
}

#[test]
fn xsw_1_an_evil_response_with_the_genuine_one_inside_its_signature() {
    let message = Parts::whole_response_signed();
    let signature = between(&message, "<ds:Signature ", "</ds:Signature>");
    let bare = message.replace(&signature, "");
    let outer = evil_response(&bare);
    let wrapped = inside(&signature, &bare);
    let attack = outer.replacen("</saml:Issuer>", &format!("</saml:Issuer>{wrapped}"), 1);
    assert_eq!(code(&attack), "misplaced");
}

#[test]
fn xsw_2_an_evil_response_with_the_genuine_one_before_its_signature() {
    let message = Parts::whole_response_signed();
    let signature = between(&message, "<ds:Signature ", "</ds:Signature>");
    let bare = message.replace(&signature, "");
    let outer = evil_response(&bare);
    let attack = outer.replacen("</saml:Issuer>", &format!("</saml:Issuer>{bare}{signature}"), 1);
    assert_eq!(code(&attack), "misplaced");
}

#[test]
fn xsw_3_an_evil_assertion_before_the_genuine_one() {
    let parts = take_apart();
    assert_eq!(code(&parts.message(&format!("{}{}", parts.evil, parts.signed))), "shape");
    assert_eq!(code(&parts.message(&format!("{}{}", parts.signed, parts.evil))), "shape");
}

#[test]
fn xsw_4_the_genuine_assertion_inside_an_evil_one() {
    let parts = take_apart();
    assert_eq!(code(&parts.message(&inside(&parts.evil, &parts.signed))), "misplaced");
}

#[test]
fn xsw_5_an_evil_assertion_with_the_signature_of_the_genuine_one_that_follows() {
    let parts = take_apart();
    let evil = with_signature(&parts.evil, &parts.signature);
    assert_eq!(code(&parts.message(&format!("{evil}{}", parts.bare))), "shape");
}

#[test]
fn xsw_6_an_evil_assertion_with_the_genuine_one_inside_its_signature() {
    let parts = take_apart();
    let evil = with_signature(&parts.evil, &inside(&parts.signature, &parts.bare));
    assert_eq!(code(&parts.message(&evil)), "misplaced");
}

#[test]
fn xsw_7_an_evil_assertion_in_extensions() {
    let parts = take_apart();
    let extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", parts.evil);
    let attack = parts.message(&parts.signed).replacen("<samlp:Status>", &format!("{extensions}<samlp:Status>"), 1);
    assert_eq!(code(&attack), "misplaced");
}

#[test]
fn xsw_8_an_evil_assertion_with_the_genuine_one_in_an_object_of_its_signature() {
    let parts = take_apart();
    let evil = with_signature(&parts.evil, &parts.object(&parts.bare));
    assert_eq!(code(&parts.message(&evil)), "misplaced");
}

#[test]
fn a_signature_over_another_element_vouches_for_nothing() {
    let parts = take_apart();
    let evil = with_signature(&parts.evil, &parts.signature);
    assert_eq!(code(&parts.message(&evil)), "signature_shape", "it names the genuine one, which is not here");
    let same_id = with_signature(&parts.evil.replace("_evil", "_a1"), &parts.signature);
    assert_eq!(code(&parts.message(&same_id)), "signature_invalid");
}

#[test]
fn two_elements_of_one_id_are_refused_however_the_attribute_is_written() {
    let parts = take_apart();
    let message = parts.message(&parts.signed);
    for twin in ["Id=\"_a1\"", "id=\"_a1\"", "ID=\"_a1\"", "AssertionID=\"_a1\""] {
        let attack = message.replacen("<samlp:Status>", &format!("<samlp:Status {twin}>"), 1);
        assert_eq!(code(&attack), "id_not_unique", "{twin}");
    }
    for odd in ["xml:id=\"_a2\"", "samlp:ID=\"_a2\""] {
        let attack = message.replacen("<samlp:Status>", &format!("<samlp:Status {odd}>"), 1);
        assert_eq!(code(&attack), "attribute_ambiguous", "{odd}");
    }
}

#[test]
fn an_attribute_of_another_namespace_is_not_taken_for_the_real_one() {
    let parts = take_apart();
    let signed = parts.signed.replacen(" ID=", " x:ID=\"_evil\" xmlns:x=\"urn:x\" ID=", 1);
    assert_eq!(code(&parts.message(&signed)), "attribute_ambiguous");
    let message = parts.message(&parts.signed);
    let attack =
        message.replacen(" Destination=", " xmlns:x=\"urn:x\" x:Destination=\"https://other.example\" Destination=", 1);
    assert_eq!(code(&attack), "attribute_ambiguous");
}

#[test]
fn the_same_names_in_another_namespace_are_other_elements() {
    let parts = take_apart();
    for (from, to) in [
        ("urn:oasis:names:tc:SAML:2.0:protocol", "urn:oasis:names:tc:SAML:1.0:protocol"),
        ("http://www.w3.org/2000/09/xmldsig#", "http://www.w3.org/2000/09/xmldsig"),
    ] {
        assert_ne!(code(&parts.message(&parts.signed).replace(from, to)), "accepted", "{to}");
    }
    let lone = parts.evil.replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:other");
    assert_eq!(
        code(&parts.message(&parts.signed).replacen("<samlp:Status>", &format!("{lone}<samlp:Status>"), 1)),
        "misplaced"
    );
}

#[test]
fn two_signed_infos_or_digests_are_one_too_many() {
    let parts = take_apart();
    let info = between(&parts.signed, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let digest = between(&parts.signed, "<ds:DigestValue>", "</ds:DigestValue>");
    let reference = between(&parts.signed, "<ds:Reference ", "</ds:Reference>");
    for doubled in [info, digest, reference] {
        let signed = parts.signed.replacen(&doubled, &format!("{doubled}{doubled}"), 1);
        assert!(matches!(code(&parts.message(&signed)), "signature_shape"), "{doubled}");
    }
}

#[test]
fn other_transforms_canonicalizations_and_references_are_refused() {
    let parts = take_apart();
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    for (from, to, code_of_it) in [
        (exclusive, "http://www.w3.org/TR/2001/REC-xml-c14n-20010315", "algorithm"),
        (exclusive, "http://www.w3.org/2001/10/xml-exc-c14n#WithComments", "algorithm"),
        (
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xslt-19991116",
            "algorithm",
        ),
        (
            "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
            "http://www.w3.org/TR/1999/REC-xpath-19991116",
            "algorithm",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "algorithm",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
            "algorithm",
        ),
        ("http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmldsig-more#md5", "algorithm"),
        ("URI=\"#_a1\"", "URI=\"\"", "signature_shape"),
        ("URI=\"#_a1\"", "URI=\"file:///etc/passwd\"", "signature_shape"),
        ("URI=\"#_a1\"", "URI=\"#xpointer(/)\"", "signature_shape"),
        ("URI=\"#_a1\"", "URI=\"#_a1\" Type=\"urn:x\"", "signature_shape"),
    ] {
        let signed = parts.signed.replacen(from, to, 1);
        assert_ne!(signed, parts.signed, "{from}");
        assert_eq!(code(&parts.message(&signed)), code_of_it, "{to}");
    }
}

#[test]
fn comments_entities_and_instructions_never_reach_a_parser() {
    let parts = take_apart();
    let message = parts.message(&parts.signed);
    let name = super::MIRA;
    for odd in [
        message.replace(name, "7c1e0f52-9a3d<!-- -->.evil"),
        message.replace(name, "<![CDATA[7c1e0f52-9a3d]]>"),
        message.replace(name, "<?x 7c1e0f52?>-9a3d"),
        format!("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{message}"),
        message.replace("<ds:DigestValue>", "<ds:DigestValue><!-- x -->"),
    ] {
        assert_eq!(code(&odd), "markup_forbidden");
    }
    assert_eq!(code(&message.replace(name, "&x;")), "not_xml");
}

#[test]
fn text_with_elements_in_it_is_no_text() {
    let mut draft = draft();
    draft.assertion.more_conditions = "<saml:OneTimeUse></saml:OneTimeUse>".to_owned();
    assert_eq!(code(&SIGNER.message(&draft, Signs::Assertion, Algorithm::Sha256)), "accepted");
    draft.assertion.audiences = vec![Vec::new()];
    let xml = SIGNER.message(&draft, Signs::Assertion, Algorithm::Sha256);
    assert_eq!(code(&xml), "audience");
    let parts = take_apart();
    let split = parts.message(&parts.signed).replace("</saml:NameID>", "<saml:NameID></saml:NameID></saml:NameID>");
    assert_eq!(code(&split), "signature_invalid");
}

#[test]
fn a_response_that_is_something_else_is_refused_without_a_panic() {
    let parts = take_apart();
    let message = parts.message(&parts.signed);
    for odd in ["", "<", "<a/>", "<samlp:Response/>", &message[..message.len() / 2], &parts.signed, "\u{0}"] {
        assert_ne!(code(odd), "accepted");
    }
    for step in (0..message.len()).step_by(7) {
        if message.is_char_boundary(step) {
            assert_ne!(code(&message[..step]), "accepted");
        }
    }
    let field = BASE64_STANDARD.encode(&message);
    assert!(!field.is_empty());
}
