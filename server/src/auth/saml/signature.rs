//! Whose word it is: the pinned keys of the identity provider, and what they signed.
//!
//! The engine is `bergshamra-dsig`, with keys that were pinned when the configuration was read and never with those in the message.
//! `tests/it/saml/oracle.rs` compares it with `xmlsec1`, which nobody here wrote: behind [`super::shape`] it accepts nothing that
//! `xmlsec1` refuses.

use bergshamra_dsig::DsigContext;
use bergshamra_dsig::verify::{VerifyResult, verify_all_document};
use bergshamra_keys::KeysManager;
use uppsala::{Document, NodeId};

use super::Refused;
use super::certificate::Certificate;
use super::tree::{DS, Node};

/// An assertion that a pinned key vouches for, by itself or by the response that it is in. [`assertion`] alone makes one, and everything
/// that is read of an assertion is read through it.
pub(super) struct Signed<'d, 'x>(Node<'d, 'x>);

impl<'d, 'x> Signed<'d, 'x> {
    /// The assertion.
    pub(super) const fn node(&self) -> Node<'d, 'x> {
        self.0
    }
}

/// What an identity provider signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedPart {
    /// The assertion, whatever else.
    #[default]
    Assertion,
    /// The response, perhaps not the assertion in it.
    Response,
}

/// The elements that are signed. Every signature in the document must hold; none at all is none.
pub(super) fn signed(document: &Document<'_>, keys: &[Certificate]) -> Result<Vec<NodeId>, Refused> {
    let root = Node::root(document)?;
    if !root.whole().any(|node| node.is(DS, "Signature")) {
        return Ok(Vec::new());
    }
    let mut manager = KeysManager::new();
    for key in keys {
        manager.add_key(key.key()?);
    }
    let context = DsigContext::new(manager);
    let results = verify_all_document(&context, document).map_err(|_| Refused("signature_invalid"))?;
    results.iter().map(|result| whole_parent(document, result)).collect()
}

/// The element that this signature covers, which is the one that it is in.
fn whole_parent(document: &Document<'_>, result: &VerifyResult) -> Result<NodeId, Refused> {
    let VerifyResult::Valid { signature_node, references, .. } = result else {
        return Err(Refused("signature_invalid"));
    };
    let [reference] = &references[..] else { return Err(Refused("signature_shape")) };
    let parent = document.parent(*signature_node);
    match reference.resolved_node {
        Some(node) if reference.digest_verified && parent == Some(node) => Ok(node),
        _ => Err(Refused("signature_invalid")),
    }
}

/// The assertion, if it is among what is signed, or in a response that is and may vouch for it.
pub(super) fn assertion<'d, 'x>(
    node: Node<'d, 'x>,
    signed: &[NodeId],
    is_response_signed: bool,
    part: SignedPart,
) -> Result<Signed<'d, 'x>, Refused> {
    let is_vouched_for = signed.contains(&node.id) || (part == SignedPart::Response && is_response_signed);
    if is_vouched_for { Ok(Signed(node)) } else { Err(Refused("unsigned")) }
}
