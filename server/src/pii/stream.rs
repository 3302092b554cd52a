//! Sealing something large in chunks: the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, 2015) on AES-256-GCM.
//!
//! Each chunk has a nonce of its own, made of a prefix drawn for the whole, a counter, and a flag on the last one. So chunks cannot be
//! left out, swapped, repeated, or taken from another stream, and the end cannot be cut off, without the stream failing to open. What it
//! is bound to besides is what every sealed value is bound to: tenant, session, kind and column; and the chunk's own number.

use aes_gcm::Nonce;
use aes_gcm::aead::{Aead, Payload};
use zeroize::Zeroizing;

use super::vault::{DataKey, Unsealable};
use crate::clock::random;

/// Layout: one byte of version, 7 of prefix, then the chunks, each with its tag.
const VERSION: u8 = 2;
const PREFIX: usize = 7;
const TAG: usize = 16;
/// Clear bytes of a chunk; only the last one may have fewer.
const CHUNK: usize = 64 * 1024;

fn nonce(prefix: [u8; PREFIX], counter: u32, is_last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[..PREFIX].copy_from_slice(&prefix);
    nonce[PREFIX..11].copy_from_slice(&counter.to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce
}

/// The chunks of `bytes`, each with its number and whether it is the last. Of nothing there is one, which is empty.
fn chunks(bytes: &[u8], size: usize) -> impl Iterator<Item = (u32, bool, &[u8])> {
    let last = bytes.len().saturating_sub(1) / size;
    (0..=last).map(move |at| {
        let chunk = &bytes[(at * size).min(bytes.len())..((at + 1) * size).min(bytes.len())];
        (u32::try_from(at).unwrap_or(u32::MAX), at == last, chunk)
    })
}

impl DataKey {
    fn chunk_binding(&self, kind: &str, column: &str, counter: u32) -> Vec<u8> {
        let mut bound = self.binding(kind, column);
        bound.extend(counter.to_be_bytes());
        bound
    }

    /// Seals something large of one kind for one column.
    pub fn seal_stream(&self, clear: &[u8], kind: &str, column: &str) -> Vec<u8> {
        let prefix: [u8; PREFIX] = random(&*self.rng);
        let mut sealed = Vec::with_capacity(1 + PREFIX + clear.len() + (clear.len() / CHUNK + 1) * TAG);
        sealed.push(VERSION);
        sealed.extend(prefix);
        for (counter, is_last, msg) in chunks(clear, CHUNK) {
            let aad = self.chunk_binding(kind, column, counter);
            let chunk = self.cipher.encrypt(&Nonce::from(nonce(prefix, counter, is_last)), Payload { msg, aad: &aad });
            sealed.extend(chunk.expect("a chunk is far below the limit of the cipher"));
        }
        sealed
    }

    /// Opens it, whole or not at all.
    pub fn open_stream(&self, sealed: &[u8], kind: &str, column: &str) -> Result<Zeroizing<Vec<u8>>, Unsealable> {
        let (version, rest) = sealed.split_first().ok_or(Unsealable)?;
        let (prefix, body) = rest.split_first_chunk::<PREFIX>().ok_or(Unsealable)?;
        if *version != VERSION {
            return Err(Unsealable);
        }
        let mut clear = Zeroizing::new(Vec::with_capacity(body.len()));
        for (counter, is_last, msg) in chunks(body, CHUNK + TAG) {
            let aad = self.chunk_binding(kind, column, counter);
            let chunk = self.cipher.decrypt(&Nonce::from(nonce(*prefix, counter, is_last)), Payload { msg, aad: &aad });
            clear.extend(Zeroizing::new(chunk.map_err(|_| Unsealable)?).iter());
        }
        Ok(clear)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use kyc_wire::ids::SessionId;
    use proptest::prelude::*;
    use secrecy::SecretString;
    use uuid::Uuid;

    use super::*;
    use crate::clock::{Rng, SeededRng};
    use crate::pii::vault::{KeyScope, LocalMasterKeys, Vault};

    const SIZES: [usize; 7] = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 2 * CHUNK + 7];

    fn keys() -> (DataKey, DataKey) {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(3));
        let master = [("k1".to_owned(), SecretString::from(BASE64_STANDARD.encode([1; 32])))];
        let vault = Vault::new(Box::new(LocalMasterKeys::new(&master, Arc::clone(&rng)).unwrap()), rng);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let made = |n| {
            let scope = KeyScope::Session(SessionId::new(Uuid::from_u128(n)));
            runtime.block_on(vault.new_key("default", &scope)).unwrap().1
        };
        (made(1), made(2))
    }

    fn picture(size: usize) -> Vec<u8> {
        (0..size).map(|at| u8::try_from(at % 251).unwrap()).collect()
    }

    #[test]
    fn what_is_sealed_opens_again_whatever_its_size() {
        let (key, _) = keys();
        for size in SIZES {
            let clear = picture(size);
            let sealed = key.seal_stream(&clear, "face", "document");
            assert_eq!(*key.open_stream(&sealed, "face", "document").unwrap(), clear, "{size}");
            let is_seen = size >= 16 && sealed.windows(16).any(|part| part == &clear[..16]);
            assert!(!is_seen, "{size}");
        }
    }

    #[test]
    fn moved_anywhere_else_it_does_not_open() {
        let (key, other) = keys();
        let sealed = key.seal_stream(&picture(100), "face", "document");
        assert!(key.open_stream(&sealed, "document_front", "document").is_err(), "another kind");
        assert!(key.open_stream(&sealed, "face", "note").is_err(), "another column");
        assert!(other.open_stream(&sealed, "face", "document").is_err(), "another session");
    }

    #[test]
    fn chunks_that_are_cut_off_left_out_swapped_or_repeated_are_noticed() {
        let (key, _) = keys();
        let sealed = key.seal_stream(&picture(3 * CHUNK), "face", "document");
        let (head, body) = sealed.split_at(1 + PREFIX);
        let chunks: Vec<&[u8]> = body.chunks(CHUNK + TAG).collect();
        assert_eq!(chunks.len(), 3);
        for order in [&[0, 1][..], &[1, 2], &[0, 2], &[1, 0, 2], &[0, 1, 2, 2], &[0, 0, 1, 2], &[0], &[]] {
            let changed = [head, &order.iter().map(|at| chunks[*at]).collect::<Vec<_>>().concat()].concat();
            assert!(key.open_stream(&changed, "face", "document").is_err(), "{order:?}");
        }
        let longer = [&sealed[..], b"x"].concat();
        assert!(key.open_stream(&longer, "face", "document").is_err(), "more after the end");
    }

    #[test]
    fn chunks_of_two_streams_cannot_be_mixed() {
        let (key, _) = keys();
        let seal = |first| key.seal_stream(&vec![first; 2 * CHUNK], "face", "document");
        let (one, two) = (seal(1), seal(2));
        let mixed = [&one[..1 + PREFIX + CHUNK + TAG], &two[1 + PREFIX + CHUNK + TAG..]].concat();
        assert!(key.open_stream(&mixed, "face", "document").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_changed_byte_is_found(at in any::<prop::sample::Index>(), flip in 1u8..) {
            let (key, _) = keys();
            let mut sealed = key.seal_stream(&picture(CHUNK + 9), "face", "document");
            let at = at.index(sealed.len());
            sealed[at] ^= flip;
            prop_assert!(key.open_stream(&sealed, "face", "document").is_err());
        }

        #[test]
        fn arbitrary_bytes_do_not_panic(sealed in prop::collection::vec(any::<u8>(), 0..64)) {
            let (key, _) = keys();
            prop_assert!(key.open_stream(&sealed, "face", "document").is_err());
        }
    }
}
