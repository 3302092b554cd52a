//! The fuzz targets, briefly: the stored corpus as it is, and some thousand changes of it that are the same in every run.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use kyc_desk::clock::{Rng, SeededRng};
use kyc_tests::fuzz::{TARGETS, Target};

/// Changed inputs per target.
const CHANGES: usize = 4_000;
/// What parsers stumble over.
const WORDS: [&[u8]; 19] = [
    b"\"",
    b"{",
    b"}",
    b"[",
    b"null",
    b"\\u0000",
    b"\xff",
    b"\xed\xa0\x80",
    b"1e999",
    b"-1",
    b"18446744073709551616",
    b"\r\n",
    b"__Host-Http-kyc=",
    b"9001",
    b"@",
    b"4111111111111111",
    b"<!-- -->",
    b"<saml:Assertion>",
    b"&#x61;",
];

fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target.name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} has no corpus", target.name);
    files.into_iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Chance that repeats itself.
struct Chance(SeededRng);

impl Chance {
    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) % (limit.max(1) as u64)).unwrap()
    }

    fn change(&self, bytes: &mut Vec<u8>, corpus: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        match self.below(6) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..(at + self.below(16)).min(bytes.len()))),
            3 => drop(bytes.splice(at..at, WORDS[self.below(WORDS.len())].iter().copied())),
            4 => {
                let other = &corpus[self.below(corpus.len())];
                bytes.extend_from_slice(&other[self.below(other.len())..]);
            }
            _ => {
                let end = (at + self.below(32)).min(bytes.len());
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
        }
    }
}

#[test]
fn nothing_from_outside_breaks_what_must_hold() {
    for target in &TARGETS {
        let corpus = corpus(target);
        let chance = Chance(SeededRng::new(11));
        let changed = (0..CHANGES).map(|_| {
            let mut bytes = corpus[chance.below(corpus.len())].clone();
            for _ in 0..=chance.below(4) {
                chance.change(&mut bytes, &corpus);
            }
            bytes
        });
        for bytes in corpus.iter().cloned().chain(changed) {
            let held = catch_unwind(AssertUnwindSafe(|| (target.run)(&bytes)));
            let text = String::from_utf8_lossy(&bytes);
            assert!(held.is_ok(), "{} fails with {text:?}: keep it in its corpus", target.name);
        }
    }
}
