//! The chain: each entry's hash covers the entry and the hash before it, so that nothing can be changed, dropped, swapped or added in
//! the middle without every later hash being wrong. A signed head fixes the end.
//!
//! The hash of an entry is SHA-256 over, in this order: the 14 bytes `kyc-desk/entry`, one byte with the version of this layout (1),
//! the hash before (32 bytes, zero for the first), and the entry's JSON as exported, preceded by its length as eight bytes,
//! big-endian. The head's signature is Ed25519 (RFC 8032) over the 13 bytes `kyc-desk/head`, the version (1), the tenant preceded by its
//! length (eight bytes), the place (eight bytes), the time (eight bytes) and the hash.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use kyc_wire::ids::Micros;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Entry, NewEntry};

const LAYOUT: u8 = 1;

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The tenant.
    pub tenant: String,
    /// Entries so far.
    pub seq: u64,
    /// Hash of the last one; zero before the first.
    pub hash: [u8; 32],
}

impl Head {
    /// The head of an empty chain.
    pub const fn empty(tenant: String) -> Self {
        Self { tenant, seq: 0, hash: [0; 32] }
    }

    /// Adds an entry: gives it as it is stored (its JSON, byte for byte what is hashed and exported) and the new head.
    pub fn append(&self, new: NewEntry, at: Micros) -> (String, Self) {
        let entry = Entry {
            tenant: self.tenant.clone(),
            seq: self.seq + 1,
            at,
            actor: new.actor,
            action: new.action,
            session: new.session,
            outcome: new.outcome,
            reason: new.reason,
            fields: new.fields,
            detail: new.detail,
            status: new.status,
            request_id: new.request_id,
        };
        let json = serde_json::to_string(&entry).expect("an entry is plain data");
        let hash = hash(&self.hash, &json);
        (json, Self { tenant: self.tenant.clone(), seq: self.seq + 1, hash })
    }

    /// Signs the head.
    pub fn sign(&self, key: &SigningKey, at: Micros) -> SignedHead {
        let signature = key.sign(&self.message(at));
        SignedHead {
            tenant: self.tenant.clone(),
            seq: self.seq,
            at,
            hash: hex::encode(self.hash),
            signature: hex::encode(signature.to_bytes()),
        }
    }

    fn message(&self, at: Micros) -> Vec<u8> {
        let mut message = b"kyc-desk/head".to_vec();
        message.push(LAYOUT);
        message.extend((self.tenant.len() as u64).to_be_bytes());
        message.extend(self.tenant.as_bytes());
        message.extend(self.seq.to_be_bytes());
        message.extend(at.0.to_be_bytes());
        message.extend(self.hash);
        message
    }
}

/// A head with our signature: closes every export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignedHead {
    /// The tenant.
    pub tenant: String,
    /// Entries so far.
    pub seq: u64,
    /// When it was signed.
    pub at: Micros,
    /// Hash of the last entry, hex.
    pub hash: String,
    /// The signature, hex.
    pub signature: String,
}

impl SignedHead {
    /// The head, if the signature is ours.
    pub fn open(&self, key: &VerifyingKey) -> Option<Head> {
        let head = Head { tenant: self.tenant.clone(), seq: self.seq, hash: unhex(&self.hash)? };
        let signature = Signature::from_bytes(&unhex(&self.signature)?);
        key.verify_strict(&head.message(self.at), &signature).ok()?;
        Some(head)
    }
}

/// The hash of an entry after another.
pub fn hash(before: &[u8; 32], json: &str) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(b"kyc-desk/entry");
    hasher.update([LAYOUT]);
    hasher.update(before);
    hasher.update((json.len() as u64).to_be_bytes());
    hasher.update(json.as_bytes());
    hasher.finalize().into()
}

/// Lower-case hex of exactly `N` bytes.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    // One text for one value: the crate takes capitals too.
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return None;
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}
