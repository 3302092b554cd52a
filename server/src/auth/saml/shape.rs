//! What a response must look like before its signature is worth verifying.
//!
//! A signature says that some bytes are genuine, not which of them a reader will read. Wrapping attacks live on that difference: so there
//! is one assertion in one place, one shape of a signature in one place, each signing its own parent, and nothing that the two standards
//! would allow besides.

use std::collections::BTreeSet;

use super::Refused;
use super::raw;
use super::tree::{DS, EXC_C14N, Node, SAML, SAMLP, XENC, XENC11};

const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const XML: &str = "http://www.w3.org/XML/1998/namespace";
const MAX_ATTRIBUTES: usize = 32;

/// Signature algorithms that count. SHA-1, HMAC and DSA are not among them.
const SIGNATURE_METHODS: [&str; 6] = [
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
    "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512",
];
const DIGEST_METHODS: [&str; 3] = [
    "http://www.w3.org/2001/04/xmlenc#sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// The assertion of a response.
pub(super) enum Content<'d, 'x> {
    /// As it is.
    Plain(Node<'d, 'x>),
    /// Encrypted for us.
    Encrypted(Node<'d, 'x>),
}

/// A response and the one assertion in it (SAML core section 3.3.3).
pub(super) fn response<'d, 'x>(root: Node<'d, 'x>) -> Result<Content<'d, 'x>, Refused> {
    if !root.is(SAMLP, "Response") || root.attribute("Version") != Some("2.0") {
        return Err(Refused("not_a_response"));
    }
    lawful(root)?;
    let mut children = root.only_children()?.into_iter().peekable();
    children.next_if(|child| child.is(SAML, "Issuer"));
    if let Some(found) = children.next_if(|child| child.is(DS, "Signature")) {
        signature(found)?;
    }
    let status = children.next().filter(|child| child.is(SAMLP, "Status")).ok_or(Refused("shape"))?;
    let code = status.one(SAMLP, "StatusCode").and_then(|code| code.attribute("Value"));
    if code != Some(SUCCESS) {
        return Err(Refused("idp_error"));
    }
    let content = children.next().ok_or(Refused("assertion_missing"))?;
    if children.next().is_some() {
        return Err(Refused("shape"));
    }
    if content.is(SAML, "EncryptedAssertion") {
        return Ok(Content::Encrypted(content));
    }
    assertion(content)?;
    Ok(Content::Plain(content))
}

/// An assertion that was encrypted, as it stands alone (SAML core section 2.3.4).
pub(super) fn decrypted(root: Node<'_, '_>) -> Result<(), Refused> {
    lawful(root)?;
    assertion(root)
}

/// What is in an assertion, in order (SAML core section 2.3.3). Advice is none of our business, and a place to hide assertions.
fn assertion(node: Node<'_, '_>) -> Result<(), Refused> {
    if !node.is(SAML, "Assertion") || node.attribute("Version") != Some("2.0") {
        return Err(Refused("shape"));
    }
    let mut children = node.only_children()?.into_iter().peekable();
    children.next_if(|child| child.is(SAML, "Issuer")).ok_or(Refused("issuer_missing"))?;
    if let Some(found) = children.next_if(|child| child.is(DS, "Signature")) {
        signature(found)?;
    }
    children.next_if(|child| child.is(SAML, "Subject")).ok_or(Refused("subject_missing"))?;
    children.next_if(|child| child.is(SAML, "Conditions")).ok_or(Refused("conditions_missing"))?;
    let is_statement = |child: Node<'_, '_>| child.is(SAML, "AuthnStatement") || child.is(SAML, "AttributeStatement");
    if children.all(is_statement) { Ok(()) } else { Err(Refused("shape")) }
}

/// What holds of every element: attributes cannot be mistaken for each other, ids are unique, namespaces are absolute addresses, and what
/// is signed or read occurs only where it belongs.
fn lawful(root: Node<'_, '_>) -> Result<(), Refused> {
    let mut ids = BTreeSet::new();
    for node in root.whole() {
        let mut names = BTreeSet::new();
        for (namespace, name, value) in node.attributes() {
            let is_id = name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("assertionid");
            if !names.insert(name) || names.len() > MAX_ATTRIBUTES || (is_id && namespace.is_some()) {
                return Err(Refused("attribute_ambiguous"));
            }
            if namespace == Some(XML) && !matches!(name, "lang" | "space") {
                return Err(Refused("attribute_ambiguous"));
            }
            if is_id && (!is_ncname(value) || !ids.insert(value)) {
                return Err(Refused("id_not_unique"));
            }
        }
        if !node.namespaces().all(is_absolute) {
            return Err(Refused("namespace"));
        }
        if !is_in_place(node) {
            return Err(Refused("misplaced"));
        }
    }
    Ok(())
}

fn is_in_place(node: Node<'_, '_>) -> bool {
    let within = |namespace: &str, names: &[&str]| {
        node.parent().is_some_and(|parent| names.iter().any(|name| parent.is(namespace, name)))
    };
    let parent = node.parent();
    let is_lone = parent.is_none();
    match node.name() {
        // Whatever its namespace: nobody has another use for these names.
        "Response" => node.is_of(SAMLP) && is_lone,
        "Assertion" | "EncryptedAssertion" => node.is_of(SAML) && (is_lone || within(SAMLP, &["Response"])),
        "Signature" => node.is_of(DS) && (within(SAMLP, &["Response"]) || within(SAML, &["Assertion"])),
        "SignedInfo" => node.is_of(DS) && within(DS, &["Signature"]),
        "Object" | "Manifest" | "RetrievalMethod" => false,
        "EncryptedData" => node.is_of(XENC) && within(SAML, &["EncryptedAssertion"]),
        "EncryptedKey" => node.is_of(XENC) && (within(SAML, &["EncryptedAssertion"]) || within(DS, &["KeyInfo"])),
        "CipherReference" | "DerivedKey" | "AgreementMethod" => !(node.is_of(XENC) || node.is_of(XENC11)),
        _ => true,
    }
}

/// XML names that need no prefix and hold no surprise; what identity providers make up as ids.
fn is_ncname(text: &str) -> bool {
    let is_inner = |char: char| char.is_ascii_alphanumeric() || matches!(char, '_' | '-' | '.');
    text.len() <= 256
        && text.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && text.chars().all(is_inner)
}

/// Canonicalization is undefined for relative namespaces (Canonical XML 1.0 section 1.3).
fn is_absolute(namespace: &str) -> bool {
    let is_allowed =
        |char: char| char.is_ascii_graphic() && !matches!(char, '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`');
    let scheme = namespace.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    scheme.starts_with(|char: char| char.is_ascii_alphabetic())
        && scheme.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.'))
        && namespace.chars().all(is_allowed)
}

/// One signature over its parent: exactly these elements in this order (XML Signature section 4, SAML core section 5.4).
fn signature(node: Node<'_, '_>) -> Result<(), Refused> {
    let parent = node.parent().ok_or(Refused("misplaced"))?;
    let id = parent.attribute("ID").ok_or(Refused("id_missing"))?;
    plain(node, &["Id"])?;
    let [info, value, rest @ ..] = &node.only_children()?[..] else { return Err(Refused("signature_shape")) };
    must(info.is(DS, "SignedInfo") && value.is(DS, "SignatureValue"))?;
    plain(*info, &[])?;
    plain(*value, &[])?;
    raw::base64(&value.text()?)?;
    match rest {
        [] => {}
        [key] => must(key.is(DS, "KeyInfo") && key.whole().all(|part| part.is_of(DS)))?,
        _ => return Err(Refused("signature_shape")),
    }
    let [method, algorithm, reference] = &info.only_children()?[..] else { return Err(Refused("signature_shape")) };
    must(method.is(DS, "CanonicalizationMethod") && algorithm.is(DS, "SignatureMethod"))?;
    canonicalization(*method)?;
    known(*algorithm, &SIGNATURE_METHODS)?;
    must(reference.is(DS, "Reference") && reference.attribute("URI") == Some(format!("#{id}").as_str()))?;
    plain(*reference, &["URI"])?;
    let [transforms, digest, sum] = &reference.only_children()?[..] else { return Err(Refused("signature_shape")) };
    must(transforms.is(DS, "Transforms") && digest.is(DS, "DigestMethod") && sum.is(DS, "DigestValue"))?;
    plain(*transforms, &[])?;
    plain(*sum, &[])?;
    raw::base64(&sum.text()?)?;
    known(*digest, &DIGEST_METHODS)?;
    let [enveloped, exclusive] = &transforms.only_children()?[..] else { return Err(Refused("signature_shape")) };
    must(enveloped.is(DS, "Transform") && exclusive.is(DS, "Transform"))?;
    known(*enveloped, &[ENVELOPED])?;
    canonicalization(*exclusive)
}

fn must(holds: bool) -> Result<(), Refused> {
    if holds { Ok(()) } else { Err(Refused("signature_shape")) }
}

/// No attributes besides these.
fn plain(node: Node<'_, '_>, allowed: &[&str]) -> Result<(), Refused> {
    must(node.attributes().all(|(namespace, name, _)| namespace.is_none() && allowed.contains(&name)))
}

/// An empty element that names one of these algorithms.
fn known(node: Node<'_, '_>, algorithms: &[&str]) -> Result<(), Refused> {
    plain(node, &["Algorithm"])?;
    must(node.only_children()?.is_empty())?;
    let algorithm = node.attribute("Algorithm").ok_or(Refused("signature_shape"))?;
    if algorithms.contains(&algorithm) { Ok(()) } else { Err(Refused("algorithm")) }
}

/// Exclusive canonicalization, where wanted with a list of prefixes (Exclusive XML Canonicalization section 4).
fn canonicalization(node: Node<'_, '_>) -> Result<(), Refused> {
    plain(node, &["Algorithm"])?;
    if node.attribute("Algorithm") != Some(EXC_C14N) {
        return Err(Refused("algorithm"));
    }
    match &node.only_children()?[..] {
        [] => Ok(()),
        [list] => {
            plain(*list, &["PrefixList"])?;
            let prefixes = list.attribute("PrefixList").unwrap_or_default();
            let is_prefix = |prefix: &str| prefix == "#default" || is_ncname(prefix);
            must(list.is(EXC_C14N, "InclusiveNamespaces") && list.only_children()?.is_empty())?;
            must(prefixes.split_ascii_whitespace().all(is_prefix))
        }
        _ => Err(Refused("signature_shape")),
    }
}
