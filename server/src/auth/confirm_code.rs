//! Codes that stand for a panel which waits to be signed in: for where no ticket can be handed from the panel to its window.
//!
//! Eight letters and digits. By the first three a code is found, so that each wrong try is counted against one code; the other five are
//! the secret, of which there are 33 million, and a code may be tried five times. Whoever can be talked into typing somebody else's code
//! signs him in: that is why it must be switched on, and why both ends must share a network.

use crate::clock::{Rng, random};

/// How long a code may be typed.
pub const SECONDS: i64 = 180;
/// How often.
pub const TRIES: i64 = 5;
/// Crockford's: nothing in it is taken for something else.
const SIGNS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 8;
const SELECTOR: usize = 3;

/// A code, in capital letters and without the space that people see.
#[derive(Clone, PartialEq, Eq)]
pub struct Code(String);

impl Code {
    /// A new one.
    pub fn new(rng: &dyn Rng) -> Self {
        let sign = |byte: u8| char::from(SIGNS[usize::from(byte % 32)]);
        Self(random::<LENGTH>(rng).into_iter().map(sign).collect())
    }

    /// Reads what somebody typed: small letters, spaces and hyphens do not matter, nor do O, I and L for 0 and 1.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 32 {
            return None;
        }
        let signs = typed.chars().filter(|sign| !matches!(sign, ' ' | '-'));
        let signs = signs.map(|sign| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        });
        let code: String = signs.collect();
        let is_one = code.len() == LENGTH && code.bytes().all(|sign| SIGNS.contains(&sign));
        is_one.then_some(Self(code))
    }

    /// What it is found by.
    pub fn selector(&self) -> &str {
        &self.0[..SELECTOR]
    }

    /// The code itself, for its hash and for the panel that shows it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The browser and the system that a `User-Agent` names, for a person to recognise. Nothing is decided by it, and nothing else of it is kept.
pub fn browser_of(agent: &str) -> String {
    let first =
        |table: &[(&str, &'static str)]| table.iter().find(|(token, _)| agent.contains(token)).map(|found| found.1);
    let browser = first(&[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let system = first(&[
        ("Windows", "Windows"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Mac OS X", "macOS"),
        ("Android", "Android"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    [browser, system].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SeededRng;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = |typed: &str| Code::parse(typed).map(|code| code.0);
        assert_eq!(code("ab3d-4fg7").as_deref(), Some("AB3D4FG7"));
        assert_eq!(code(" OIL0 4FG7").as_deref(), Some("01104FG7"));
        for odd in ["", "AB3D4FG", "AB3D4FG78", "AB3D4FU7", "AB3D4F\u{c4}7", &"-".repeat(40)] {
            assert_eq!(code(odd), None, "{odd}");
        }
    }

    #[test]
    fn a_new_code_is_one_and_no_other() {
        let rng = SeededRng::new(3);
        let (one, other) = (Code::new(&rng), Code::new(&rng));
        assert!(one != other && Code::parse(one.as_str()).as_ref() == Some(&one));
        assert_eq!((one.as_str().len(), one.selector().len()), (8, 3));
    }

    #[test]
    fn a_browser_is_named_by_family_and_system() {
        for (agent, named) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0",
                "Edge, Windows",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox, Linux"),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.2 Safari/605.1.15",
                "Safari, macOS",
            ),
            ("curl/8", ""),
        ] {
            assert_eq!(browser_of(agent), named);
        }
    }
}
