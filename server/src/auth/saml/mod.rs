//! SAML 2.0: the web browser SSO profile, as a service provider that believes as little as possible.
//!
//! What comes in goes one way, and each step refuses for good: bytes (`raw`), one tree (`tree`), its shape (`shape`), whose word it
//! is (`signature`), decryption where needed and the same again (`decrypt`), and only then what it says (`content`). One parser's
//! tree is verified and read; there is no second one that could understand it otherwise.
//!
//! Why not a library for the whole: of those there are for Rust, samael 0.0.22 takes a response unsigned where the metadata has no
//! certificate and reads what strangers send with libxml2 in recover mode; saml-rs 0.6 verifies one tree and reads another. So the
//! protocol is ours and the engine is `bergshamra-dsig`, whose parser's tree we read. It was held against `xmlsec1` 1.2.37 on 340
//! documents (`tests/it/saml/oracle.rs`: 120 are the same messages in other words, 220 are mutations that get as far as the signature):
//! both accept and refuse the same.

mod certificate;
mod content;
mod decrypt;
mod logout;
mod metadata;
mod provider;
mod raw;
mod redirect;
mod shape;
mod signature;
mod tree;
mod xml;

use kyc_wire::ids::Micros;

pub use self::certificate::Certificate;
pub use self::content::Accepted;
pub use self::decrypt::DecryptionKey;
pub use self::logout::LogoutRequest;
pub use self::metadata::Metadata;
pub use self::provider::{Posted, Saml};
pub use self::signature::SignedPart;

use self::shape::Content;
use self::tree::Node;

/// Why a message was refused: a code for the audit log. No part of the message gets into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identity provider's message was refused ({0})")]
pub struct Refused(pub &'static str);

/// What a response must be, to be the answer to one sign-in.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The identity provider (its entity id), character by character.
    pub issuer: &'a str,
    /// Its pinned certificates.
    pub certificates: &'a [Certificate],
    /// What it signs.
    pub signs: SignedPart,
    /// Our entity id.
    pub entity: &'a str,
    /// Where it was to be sent.
    pub acs: &'a str,
    /// The id of our request.
    pub request: &'a str,
    /// When that was made.
    pub begun_at: Micros,
    /// Now.
    pub now: Micros,
}

/// Reads a response from a form field (SAML bindings section 3.5). What it gives was signed by the identity provider, for us, for this
/// sign-in, and just now; whether it was shown before is for the caller to ask, by [`Accepted::id`].
pub fn accept(field: &str, expected: &Expected<'_>, keys: &[DecryptionKey]) -> Result<Accepted, Refused> {
    let xml = raw::message(field)?;
    let document = raw::tree(&xml)?;
    let root = Node::root(&document)?;
    let content = shape::response(root)?;
    let signed = signature::signed(&document, expected.certificates)?;
    let is_response_signed = signed.contains(&root.id);
    let is_encrypted = matches!(content, Content::Encrypted(_));
    content::response(root, expected, is_response_signed || is_encrypted)?;
    match content {
        Content::Plain(node) => {
            let assertion = signature::assertion(node, &signed, is_response_signed, expected.signs)?;
            content::assertion(&assertion, expected)
        }
        Content::Encrypted(node) => {
            let clear = decrypt::assertion(node, is_response_signed, keys)?;
            let inner = raw::tree(&clear)?;
            let root = Node::root(&inner)?;
            shape::decrypted(root)?;
            let signed = signature::signed(&inner, expected.certificates)?;
            let assertion = signature::assertion(root, &signed, is_response_signed, expected.signs)?;
            content::assertion(&assertion, expected)
        }
    }
}
