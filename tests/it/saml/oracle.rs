//! The signature engine against `xmlsec1`, which nobody here wrote: whatever the gate accepts, `xmlsec1 --verify` accepts too.
//!
//! Half of the documents are the same message in other words (attributes in another order, other quotes, references for letters, other
//! line ends, empty elements written short): there both must agree, so that a gate that refuses everything fails too. The other half is
//! changed for the worse by a generator that always draws the same.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use kyc_desk::auth::saml::SignedPart;
use kyc_desk::clock::{SeededRng, random};
use kyc_sandbox::saml::{Algorithm, Signs};

use super::{NOW, SIGNER, draft, judged_at};

/// What a gate says that has looked at the signature: it has read the document, liked its shape and known its algorithms.
const LOOKED: [&str; 2] = ["signature_invalid", "accepted"];
const RESPONSE: &str = "urn:oasis:names:tc:SAML:2.0:protocol:Response";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion";

/// What `xmlsec1` says of every signature of a document, with the pinned certificate alone.
fn xmlsec(folder: &Path, xml: &str) -> bool {
    let document = folder.join("document.xml");
    fs::write(&document, xml).unwrap();
    let count = xml.matches("<ds:Signature ").count();
    count > 0
        && (1..=count).all(|number| {
            let signature = format!("(//*[local-name()='Signature'])[{number}]");
            let ids = [RESPONSE, ASSERTION].map(|element| ["--id-attr:ID".to_owned(), element.to_owned()]).concat();
            Command::new("xmlsec1")
                .args(["--verify", "--enabled-key-data", "key-name", "--pubkey-cert-pem"])
                .arg(folder.join("certificate.pem"))
                .args(ids)
                .args(["--node-xpath", &signature])
                .arg(&document)
                .output()
                .expect("xmlsec1 is installed by `cargo xtask setup`")
                .status
                .success()
        })
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("certificate.pem"), SIGNER.certificate_pem()).unwrap();
    folder
}

fn verdict(xml: &str, signs: Signs) -> &'static str {
    let part = if signs == Signs::Response { SignedPart::Response } else { SignedPart::Assertion };
    judged_at(xml, part, NOW).map_or_else(|refused| refused.0, |_| "accepted")
}

fn originals() -> Vec<(Signs, String)> {
    let mut all = Vec::new();
    for signs in [Signs::Assertion, Signs::Response, Signs::Both] {
        for algorithm in [Algorithm::Sha256, Algorithm::Sha512] {
            for is_typed in [false, true] {
                let mut draft = draft();
                draft.assertion.is_typed = is_typed;
                all.push((signs, SIGNER.message(&draft, signs, algorithm)));
            }
        }
    }
    all
}

/// The same in other words.
fn reworded(xml: &str) -> Vec<String> {
    let quoted = xml.replace("ID=\"_a1\"", "ID='_a1'").replace("Version=\"2.0\"", "Version='2.0'");
    let reordered = xml
        .replace("ID=\"_a1\" ", "")
        .replace(" Version=\"2.0\"><saml:Issuer>", " Version=\"2.0\" ID=\"_a1\"><saml:Issuer>");
    let spaced = xml.replace("<saml:Subject>", "<saml:Subject  >").replace("</saml:Subject>", "</saml:Subject\n>");
    let referred = xml.replace("kyc-agent", "kyc&#45;&#x61;gent").replace("Mira", "&#77;ira");
    let short = xml.replace("></ds:DigestMethod>", "/>").replace("></saml:SubjectConfirmationData>", " />");
    let declared = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}");
    let apostrophe = xml.replace("Name=\"roles\"", "Name=\"r&#111;les\"").replace("Söhne", "S&#246;hne");
    let namespaces = xml.replacen("<samlp:Response ", "<samlp:Response xmlns:unused=\"urn:unused\" ", 1);
    let again =
        xml.replace("<saml:Conditions ", "<saml:Conditions xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ");
    vec![xml.to_owned(), quoted, reordered, spaced, referred, short, declared, apostrophe, namespaces, again]
}

#[test]
fn the_same_in_other_words_is_accepted_by_both() {
    let folder = folder();
    let mut seen = 0;
    for (signs, xml) in originals() {
        for words in reworded(&xml) {
            assert_eq!(verdict(&words, signs), "accepted", "{words}");
            assert!(xmlsec(folder.path(), &words), "{words}");
            seen += 1;
        }
    }
    assert_eq!(seen, 120);
}

/// A number below another one.
fn below(end: usize, rng: &SeededRng) -> usize {
    usize::from(u16::from_le_bytes(random(rng))) % end
}

/// One change for the worse, or for nothing: what counts is that nobody accepts what the other refuses.
fn mutated(xml: &str, rng: &SeededRng) -> String {
    let spots: Vec<usize> = xml.char_indices().map(|(at, _)| at).collect();
    let at = spots[below(spots.len(), rng)];
    let end = spots[below(spots.len(), rng)].max(at).min(at + 40);
    let end = spots.iter().copied().find(|&spot| spot >= end).unwrap_or(xml.len());
    let (head, part, tail) = (&xml[..at], &xml[at..end], &xml[end..]);
    match below(9, rng) {
        0 => format!("{head}{tail}"),
        1 => format!("{head}{part}{part}{tail}"),
        2 => format!("{head} {part}{tail}"),
        3 => format!("{head}\r\n{part}{tail}"),
        4 => format!("{head}&#x9;{part}{tail}"),
        5 => format!("{head}{}{tail}", part.to_uppercase()),
        6 => format!("{head}{}{tail}", part.chars().rev().collect::<String>()),
        7 => xml.replacen(part, "x", 1),
        _ => between_elements(xml, rng),
    }
}

/// Space, text or an element between two elements: what a lax reader looks over.
fn between_elements(xml: &str, rng: &SeededRng) -> String {
    let gaps: Vec<usize> = xml.match_indices("><").map(|(at, _)| at + 1).collect();
    let at = gaps[below(gaps.len(), rng)];
    let what = ["\n  ", "\t", " ", "x", "<x/>", "<saml:Issuer>x</saml:Issuer>", "\r"][below(7, rng)];
    format!("{}{what}{}", &xml[..at], &xml[at..])
}

#[test]
fn what_xmlsec_refuses_is_refused() {
    let folder = folder();
    let rng = SeededRng::new(2026);
    let mut verdicts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut enough = LOOKED.map(|verdict| (verdict, 110)).to_vec();
    let originals = originals();
    for number in 0..20_000 {
        let (signs, xml) = &originals[number % originals.len()];
        let xml = mutated(xml, &rng);
        let verdict = verdict(&xml, *signs);
        *verdicts.entry(verdict).or_default() += 1;
        let Some(left) = enough.iter_mut().find(|(wanted, left)| *wanted == verdict && *left > 0) else { continue };
        left.1 -= 1;
        assert_eq!(xmlsec(folder.path(), &xml), verdict == "accepted", "{verdict} here: {xml}");
        if enough.iter().all(|(_, left)| *left == 0) {
            return;
        }
    }
    panic!("too few documents got as far as the signature: {verdicts:?}");
}
