//! Sealing: AES-256-GCM under a data key of its own for each session, wrapped by the master key.
//!
//! A sealed value is bound to tenant, session, kind and column: moved anywhere else it does not open. Whoever deletes the wrapped key has
//! erased everything sealed under it.
//!
//! What is sealed cannot be read without the vault:
//!
//! ```compile_fail,E0616
//! use kyc_desk::pii::vault::Sealed;
//! use kyc_wire::masked::FullName;
//! fn peek(sealed: &Sealed<FullName>) -> &[u8] { &sealed.envelope }
//! ```
//!
//! and a value of one kind is not one of another:
//!
//! ```compile_fail,E0308
//! use kyc_desk::pii::vault::{DataKey, Sealed};
//! use kyc_desk::pii::Pii;
//! use kyc_wire::masked::{FullName, BirthDate};
//! fn mix(key: &DataKey, sealed: &Sealed<BirthDate>) -> Option<Pii<FullName>> { key.open(sealed, "claim").ok() }
//! ```

use std::marker::PhantomData;
use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use async_trait::async_trait;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, Mac};
use kyc_wire::ids::SessionId;
use kyc_wire::masked::Kind;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Pii;
use crate::clock::{Rng, random};

/// Layout of an envelope: one byte of version, 12 of nonce, then ciphertext and tag.
const VERSION: u8 = 1;
const NONCE: usize = 12;

/// Why something does not open: tampered with, moved, or sealed under another key. It does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed value does not open")]
pub struct Unsealable;

/// What goes wrong with a master key.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// No key with this id is configured.
    #[error("no master key with this id is configured")]
    UnknownKey,
    /// A wrapped key does not open.
    #[error("the wrapped key does not open")]
    Unsealable(#[from] Unsealable),
    /// The configured key is not 32 bytes in base64.
    #[error("the master key is not 32 bytes in base64")]
    BadKey,
    /// The key service cannot be reached.
    #[error("the key service cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// A data key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Which master key wrapped it.
    pub master_key_id: String,
    /// The wrapped key.
    pub bytes: Vec<u8>,
}

/// Wraps and unwraps data keys. A key service (such as a transit engine) implements this without ever giving its key away.
#[async_trait]
pub trait MasterKey: Send + Sync {
    /// Wraps a data key for one scope of one tenant.
    async fn wrap(&self, key: &[u8; 32], context: &[u8]) -> Result<WrappedKey, VaultError>;

    /// Unwraps it; only for the same scope and tenant.
    async fn unwrap(&self, wrapped: &WrappedKey, context: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError>;
}

/// Master keys held by this server: one that wraps, and earlier ones that still unwrap.
pub struct LocalMasterKeys {
    keys: Vec<(String, Aes256Gcm)>,
    rng: Arc<dyn Rng>,
}

impl LocalMasterKeys {
    /// The first key wraps; all unwrap.
    pub fn new(keys: &[(String, SecretString)], rng: Arc<dyn Rng>) -> Result<Self, VaultError> {
        let keys =
            keys.iter().map(|(id, key)| Ok((id.clone(), cipher(key)?))).collect::<Result<Vec<_>, VaultError>>()?;
        if keys.is_empty() { Err(VaultError::UnknownKey) } else { Ok(Self { keys, rng }) }
    }
}

#[expect(clippy::disallowed_methods, reason = "the cipher needs the key's bytes")]
fn cipher(key: &SecretString) -> Result<Aes256Gcm, VaultError> {
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(key.expose_secret()).map_err(|_| VaultError::BadKey)?);
    Aes256Gcm::new_from_slice(&bytes).map_err(|_| VaultError::BadKey)
}

#[async_trait]
impl MasterKey for LocalMasterKeys {
    async fn wrap(&self, key: &[u8; 32], context: &[u8]) -> Result<WrappedKey, VaultError> {
        let (id, cipher) = self.keys.first().ok_or(VaultError::UnknownKey)?;
        let bytes = seal(cipher, &*self.rng, key, context);
        Ok(WrappedKey { master_key_id: id.clone(), bytes })
    }

    async fn unwrap(&self, wrapped: &WrappedKey, context: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
        let (_, cipher) =
            self.keys.iter().find(|(id, _)| *id == wrapped.master_key_id).ok_or(VaultError::UnknownKey)?;
        let bytes = open(cipher, &wrapped.bytes, context)?;
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| Unsealable)?;
        Ok(Zeroizing::new(key))
    }
}

/// What a data key is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// One session.
    Session(SessionId),
    /// Webhooks of one day (`YYYY-MM-DD`), whose session is not known yet.
    InboxDay(String),
    /// What is kept about sign-ins under way.
    SignIns,
}

impl KeyScope {
    /// The scope as it is stored.
    pub fn code(&self) -> String {
        match self {
            Self::Session(id) => format!("session:{id}"),
            Self::InboxDay(day) => format!("inbox:{day}"),
            Self::SignIns => "sign_ins".to_owned(),
        }
    }

    /// The scope with this code.
    pub fn parse(code: &str) -> Option<Self> {
        match code.split_once(':') {
            Some(("session", id)) => id.parse().ok().map(Self::Session),
            Some(("inbox", day)) => Some(Self::InboxDay(day.to_owned())),
            None if code == "sign_ins" => Some(Self::SignIns),
            _ => None,
        }
    }
}

/// Makes and unwraps data keys.
pub struct Vault {
    master: Box<dyn MasterKey>,
    rng: Arc<dyn Rng>,
}

impl Vault {
    /// A vault on these master keys.
    pub fn new(master: Box<dyn MasterKey>, rng: Arc<dyn Rng>) -> Self {
        Self { master, rng }
    }

    /// Makes a data key.
    pub async fn new_key(&self, tenant: &str, scope: &KeyScope) -> Result<(WrappedKey, DataKey), VaultError> {
        let key = Zeroizing::new(random::<32>(&*self.rng));
        let wrapped = self.master.wrap(&key, &context(&[tenant.as_bytes(), scope.code().as_bytes()])).await?;
        Ok((wrapped, self.data_key(&key, tenant, scope)))
    }

    /// Unwraps a data key.
    pub async fn open_key(&self, wrapped: &WrappedKey, tenant: &str, scope: &KeyScope) -> Result<DataKey, VaultError> {
        let key = self.master.unwrap(wrapped, &context(&[tenant.as_bytes(), scope.code().as_bytes()])).await?;
        Ok(self.data_key(&key, tenant, scope))
    }

    fn data_key(&self, key: &[u8; 32], tenant: &str, scope: &KeyScope) -> DataKey {
        DataKey {
            cipher: Aes256Gcm::new(key.into()),
            deriving: Zeroizing::new(mac(key, &[b"kyc-desk/deriving\x01"])),
            tenant: tenant.to_owned(),
            scope: scope.code(),
            rng: Arc::clone(&self.rng),
        }
    }
}

/// A sealed value of one kind.
pub struct Sealed<K> {
    envelope: Vec<u8>,
    kind: PhantomData<fn() -> K>,
}

impl<K> Sealed<K> {
    /// Takes what the store kept.
    pub const fn from_stored(envelope: Vec<u8>) -> Self {
        Self { envelope, kind: PhantomData }
    }

    /// For the store.
    pub fn into_stored(self) -> Vec<u8> {
        self.envelope
    }
}

/// A data key, unwrapped, for one scope.
pub struct DataKey {
    pub(super) cipher: Aes256Gcm,
    deriving: Zeroizing<[u8; 32]>,
    tenant: String,
    scope: String,
    pub(super) rng: Arc<dyn Rng>,
}

impl DataKey {
    /// Seals a value for one column.
    pub fn seal<K: Kind>(&self, value: &Pii<K>, column: &str) -> Sealed<K> {
        Sealed::from_stored(self.seal_bytes(value.clear().as_bytes(), K::FIELD.as_str(), column))
    }

    /// Opens a value from the column it was sealed for.
    pub fn open<K: Kind>(&self, sealed: &Sealed<K>, column: &str) -> Result<Pii<K>, Unsealable> {
        let clear = self.open_bytes(&sealed.envelope, K::FIELD.as_str(), column)?;
        let text = std::str::from_utf8(&clear).map_err(|_| Unsealable)?;
        Pii::parse(text).map_err(|_| Unsealable)
    }

    /// Seals bytes that are no value of a kind: a webhook's body, a note, a link.
    pub fn seal_bytes(&self, clear: &[u8], kind: &str, column: &str) -> Vec<u8> {
        seal(&self.cipher, &*self.rng, clear, &self.binding(kind, column))
    }

    /// Opens them.
    pub fn open_bytes(&self, envelope: &[u8], kind: &str, column: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        open(&self.cipher, envelope, &self.binding(kind, column))
    }

    /// A secret that follows from this key, a purpose and a nonce: nobody without the key can tell it from chance, and when the key is gone
    /// so is the secret.
    pub fn derive(&self, purpose: &str, nonce: &[u8]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(mac(&self.deriving, &[&self.binding(purpose, "derived"), nonce]))
    }

    pub(super) fn binding(&self, kind: &str, column: &str) -> Vec<u8> {
        context(&[self.tenant.as_bytes(), self.scope.as_bytes(), kind.as_bytes(), column.as_bytes()])
    }
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Parts with their lengths before them: no two lists of parts give the same bytes.
fn context(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = vec![VERSION];
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(*part);
    }
    bytes
}

fn seal(cipher: &Aes256Gcm, rng: &dyn Rng, clear: &[u8], aad: &[u8]) -> Vec<u8> {
    let nonce: [u8; NONCE] = random(rng);
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: clear, aad });
    let sealed = sealed.expect("values are far below the limit of the cipher");
    [&[VERSION][..], &nonce, &sealed].concat()
}

fn open(cipher: &Aes256Gcm, envelope: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
    let (version, rest) = envelope.split_first().ok_or(Unsealable)?;
    let (nonce, msg) = rest.split_first_chunk::<NONCE>().ok_or(Unsealable)?;
    if *version != VERSION {
        return Err(Unsealable);
    }
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg, aad }).map(Zeroizing::new).map_err(|_| Unsealable)
}

#[cfg(test)]
mod tests {
    use kyc_wire::masked::{DocumentNumber, FullName};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::clock::{Rng, SeededRng};

    fn vault(keys: &[(&str, u8)]) -> Vault {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
        let keys: Vec<_> = keys
            .iter()
            .map(|(id, byte)| ((*id).to_owned(), SecretString::from(BASE64_STANDARD.encode([*byte; 32]))))
            .collect();
        Vault::new(Box::new(LocalMasterKeys::new(&keys, Arc::clone(&rng)).unwrap()), rng)
    }

    fn scope(n: u128) -> KeyScope {
        KeyScope::Session(SessionId::new(Uuid::from_u128(n)))
    }

    #[tokio::test]
    async fn a_value_moved_anywhere_does_not_open() {
        let vault = vault(&[("k1", 1)]);
        let (wrapped, key) = vault.new_key("default", &scope(1)).await.unwrap();
        let envelope = key.seal(&Pii::<FullName>::parse("Mara Keller").unwrap(), "claim").into_stored();
        let again = vault.open_key(&wrapped, "default", &scope(1)).await.unwrap();
        let open = |column| again.open(&Sealed::<FullName>::from_stored(envelope.clone()), column);
        assert_eq!(open("claim").unwrap().mask().as_str(), "M••• K•••");
        assert_eq!(open("document").unwrap_err(), Unsealable, "another column");
        let kind = again.open(&Sealed::<DocumentNumber>::from_stored(envelope.clone()), "claim");
        assert_eq!(kind.unwrap_err(), Unsealable, "another kind");
        assert!(vault.open_key(&wrapped, "default", &scope(2)).await.is_err(), "another session");
        assert!(vault.open_key(&wrapped, "other", &scope(1)).await.is_err(), "another tenant");
    }

    #[tokio::test]
    async fn an_earlier_master_key_still_opens_and_an_unknown_one_does_not() {
        let (wrapped, _) = vault(&[("k1", 1)]).new_key("default", &scope(1)).await.unwrap();
        assert!(vault(&[("k2", 2), ("k1", 1)]).open_key(&wrapped, "default", &scope(1)).await.is_ok());
        let gone = vault(&[("k2", 2)]).open_key(&wrapped, "default", &scope(1)).await;
        assert!(matches!(gone, Err(VaultError::UnknownKey)));
    }

    #[test]
    fn a_scope_is_read_back_from_its_code() {
        for scope in [scope(7), KeyScope::InboxDay("2026-11-23".to_owned()), KeyScope::SignIns] {
            assert_eq!(KeyScope::parse(&scope.code()), Some(scope));
        }
        assert_eq!(KeyScope::parse("session:not-an-id"), None);
    }

    #[tokio::test]
    async fn what_follows_from_a_key_is_its_own_for_each_purpose_nonce_and_session() {
        let vault = vault(&[("k1", 1)]);
        let (wrapped, key) = vault.new_key("default", &scope(1)).await.unwrap();
        let again = vault.open_key(&wrapped, "default", &scope(1)).await.unwrap();
        let other = vault.new_key("default", &scope(2)).await.unwrap().1;
        let secret = key.derive("link", &[1; 16]);
        assert_eq!(again.derive("link", &[1; 16]), secret);
        for another in [key.derive("link", &[2; 16]), key.derive("other", &[1; 16]), other.derive("link", &[1; 16])] {
            assert_ne!(another, secret);
        }
    }

    #[test]
    fn contexts_cannot_be_confused() {
        assert_ne!(context(&[b"ab", b"c"]), context(&[b"a", b"bc"]));
    }

    proptest! {
        #[test]
        fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), flip in 1u8..) {
            let cipher = Aes256Gcm::new(&[3; 32].into());
            let mut envelope = seal(&cipher, &SeededRng::new(2), b"C01X0006H", b"aad");
            let at = at.index(envelope.len());
            envelope[at] ^= flip;
            prop_assert!(open(&cipher, &envelope, b"aad").is_err());
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(envelope in prop::collection::vec(any::<u8>(), 0..64)) {
            let cipher = Aes256Gcm::new(&[3; 32].into());
            prop_assert!(open(&cipher, &envelope, b"").is_err());
        }
    }
}
