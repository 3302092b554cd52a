//! What the two standards would allow and no honest provider sends: each is refused, signed or not, because one day some reader takes it
//! for something else.

use kyc_sandbox::saml::{Algorithm, Signs, Wrapping, sealed};

use super::{OURS, SIGNER, code, draft, judged};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";

/// A right message with one passage replaced, unsigned or with its signature broken: what is refused before any signature is looked at.
fn replaced(from: &str, to: &str) -> &'static str {
    let message = SIGNER.message(&draft(), Signs::Assertion, Algorithm::Sha256);
    assert!(message.contains(from), "{from}");
    code(&message.replacen(from, to, 1))
}

/// The same, signed after the change: what is refused although the provider vouches for it.
fn resigned(from: &str, to: &str) -> String {
    let draft = draft();
    let bare = SIGNER.assertion(&draft, false, Algorithm::Sha256);
    assert!(bare.contains(from), "{from}");
    let bare = bare.replacen(from, to, 1);
    let signature = SIGNER.signature(&draft.assertion.id, &bare, Algorithm::Sha256, None);
    let signed = bare.replacen("</saml:Issuer>", &format!("</saml:Issuer>{signature}"), 1);
    SIGNER.response(&draft, &signed, false, Algorithm::Sha256)
}

/// Something put into the status, where it has no business.
fn in_status(what: &str) -> &'static str {
    replaced("<samlp:Status>", &format!("<samlp:Status>{what}"))
}

#[test]
fn parts_of_a_signature_occur_nowhere_else() {
    for name in ["Signature", "SignedInfo", "Object", "Manifest", "RetrievalMethod"] {
        assert_eq!(in_status(&format!("<ds:{name} xmlns:ds=\"{DSIG}\"></ds:{name}>")), "misplaced", "{name}");
        assert_eq!(replaced("<ds:X509Data>", &format!("<ds:{name}/><ds:X509Data>")), "misplaced", "{name}");
    }
    assert_eq!(in_status("<Signature xmlns=\"urn:x\"/>"), "misplaced");
    assert_eq!(in_status("<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\"/>"), "misplaced");
    assert_eq!(in_status("<EncryptedKey xmlns=\"http://www.w3.org/2001/04/xmlenc#\"/>"), "misplaced");
    assert_eq!(replaced("<ds:X509Data>", "<x xmlns=\"urn:x\"/><ds:X509Data>"), "signature_shape");
}

#[test]
fn a_signature_has_these_parts_and_no_others() {
    let exclusive = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let list = |prefixes: &str| {
        format!(
            "{exclusive}<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"{prefixes}\"/>"
        )
    };
    assert_eq!(replaced(exclusive, &exclusive.replace("xml-exc-c14n#", "xml-exc-c14n#WithComments")), "algorithm");
    assert_eq!(replaced(exclusive, &list("xs a:b")), "signature_shape");
    assert_eq!(replaced(exclusive, &list("xs")), "signature_invalid", "a list is allowed, and signed");
    assert_eq!(replaced("<ds:Signature ", "<ds:Signature Type=\"x\" "), "signature_shape");
    assert_eq!(replaced("<ds:SignatureValue>", "<ds:SignatureValue>!"), "base64");
    assert_eq!(replaced("<ds:DigestValue>", "<ds:DigestValue>!"), "base64");
}

#[test]
fn attributes_that_change_the_meaning_of_others_are_refused() {
    assert_eq!(replaced("<samlp:Status>", "<samlp:Status xml:base=\"https://other.example\">"), "attribute_ambiguous");
    assert_eq!(replaced("<samlp:Status>", "<samlp:Status xmlns:x=\"relative\">"), "namespace");
    assert_eq!(replaced(" Destination=", " xmlns:x=\"urn:x\" x:Destination="), "destination");
    let numbers: Vec<String> = (0..33).map(|number| number.to_string()).collect();
    let many = format!("<samlp:Status a{}=\"\">", numbers.join("=\"\" a"));
    assert_eq!(replaced("<samlp:Status>", &many), "attribute_ambiguous");
    assert_eq!(replaced("<saml:Issuer", "<saml:Issuer Format=\"urn:x\""), "issuer");
}

#[test]
fn an_assertion_has_these_parts_and_no_others() {
    assert_eq!(code(&resigned("Version=\"2.0\"", "Version=\"2.1\"")), "shape");
    for more in ["<saml:Advice></saml:Advice>", "<saml:AuthzDecisionStatement></saml:AuthzDecisionStatement>"] {
        assert_eq!(code(&resigned("<saml:AuthnStatement", &format!("{more}<saml:AuthnStatement"))), "shape");
    }
    let other = resigned("<saml:Conditions", "<x:Conditions xmlns:x=\"urn:x\"></x:Conditions><saml:Conditions");
    assert_eq!(code(&other), "conditions_missing", "an element of another namespace is another element");
    let again = "<saml:AuthnStatement AuthnInstant=\"2026-11-23T09:00:00Z\"></saml:AuthnStatement></saml:Assertion>";
    assert_eq!(code(&resigned("</saml:Assertion>", again)), "authn_statement");
}

#[test]
fn one_subject_has_one_name_and_one_confirmation() {
    let confirmation = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">";
    for (from, to) in [
        ("</saml:NameID>", "</saml:NameID><saml:NameID>x</saml:NameID>"),
        ("</saml:Subject>", "<saml:NameID>x</saml:NameID></saml:Subject>"),
        ("</saml:Subject>", &format!("{confirmation}</saml:SubjectConfirmation></saml:Subject>")),
    ] {
        assert_eq!(code(&resigned(from, to)), "subject", "{to}");
    }
    let named = resigned(confirmation, &format!("{confirmation}<saml:NameID>x</saml:NameID>"));
    assert_eq!(code(&named), "subject_confirmation");
    let early = resigned(
        " NotOnOrAfter=\"2026-11-23T09:05:00Z\" Recipient",
        " NotBefore=\"2026-11-23T08:05:00Z\" NotOnOrAfter=\"2026-11-23T09:05:00Z\" Recipient",
    );
    assert_eq!(code(&early), "subject_confirmation", "SAML profiles section 4.1.4.2");
    let mut long = draft();
    long.assertion.name_id = "x".repeat(1025);
    assert_eq!(code(&SIGNER.message(&long, Signs::Assertion, Algorithm::Sha256)), "subject");
}

#[test]
fn a_value_with_elements_in_it_is_nobodys_role() {
    let odd = resigned(">kyc-agent</saml:AttributeValue>", ">kyc-admin<x></x></saml:AttributeValue>");
    assert_eq!(judged(&odd).unwrap().attributes["roles"], ["kyc-auditor"]);
}

#[test]
fn what_was_encrypted_is_looked_at_as_closely() {
    let assertion = SIGNER.assertion(&draft(), true, Algorithm::Sha256);
    let twin = assertion.replacen("<saml:Subject>", "<saml:Subject ID=\"_a1\">", 1);
    let sealed_for_us = |clear: &str| sealed(clear, &OURS.public_key(), Wrapping::Oaep);
    let message = |body: &str, is_signed| SIGNER.response(&draft(), body, is_signed, Algorithm::Sha256);
    assert_eq!(code(&message(&sealed_for_us(&twin), false)), "id_not_unique");
    let good = sealed_for_us(&assertion);
    let elsewhere =
        good.replacen("<xenc:CipherValue>", "<xenc:CipherReference URI=\"file:///etc/passwd\"/><xenc:CipherValue>", 1);
    assert_eq!(code(&message(&elsewhere, false)), "misplaced");
    let cbc = good.replace("http://www.w3.org/2009/xmlenc11#aes256-gcm", "http://www.w3.org/2001/04/xmlenc#aes256-cbc");
    assert_eq!(code(&message(&cbc, false)), "algorithm", "whoever asks often enough can read what nobody signed");
    assert_eq!(code(&message(&cbc, true)), "decryption");
}
