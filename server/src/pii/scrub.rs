//! Masking rules for free text: notes and whatever else people type. They run before the text is sealed, so that what should not have
//! been typed is never kept.

use regex::{Captures, Regex, RegexBuilder};

use kyc_wire::masked::{CardNumber, HIDDEN, Kind};

/// Longest pattern, compiled: keeps a configured rule from eating the memory.
const MAX_PATTERN_BYTES: usize = 1 << 20;

/// The rules: what is hidden in free text. The engine takes time linear in the text, whatever the rule.
#[derive(Debug)]
pub struct ScrubRules {
    named: Option<Regex>,
    patterns: Vec<Regex>,
    card: Regex,
}

/// Hidden without being asked for: e-mail addresses, IBANs, lines of a machine-readable zone, document numbers, dates, long numbers.
const DEFAULT_PATTERNS: [&str; 6] = [
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b",
    r"[A-Z0-9]*<[A-Z0-9<]{8,}",
    r"\b(?:[A-Z]{1,3}\d[A-Z0-9]{5,8}|\d{2,}[A-Z][A-Z0-9]{4,})\b",
    r"\b(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})\b",
    r"\+?\d(?:[ ()/.-]?\d){6,}",
];

/// A configured rule may never come to rest: one that hides what it has put there itself.
const MOST_ROUNDS: u32 = 4;

/// How many of them must run before card numbers are looked for: an IBAN holds enough digits to be taken for one.
const BEFORE_CARDS: usize = 2;

impl ScrubRules {
    /// Rules from the configuration: names whose value is hidden wherever `name: value` or `name=value` stands (such as `id_number`,
    /// `passport_hash`), and patterns. The defaults always apply.
    pub fn new(names: &[String], patterns: &[String]) -> Result<Self, regex::Error> {
        let compile = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_PATTERN_BYTES).build();
        if let Some(empty) = patterns.iter().find(|pattern| compile(pattern).is_ok_and(|found| found.is_match(""))) {
            return Err(regex::Error::Syntax(format!("{empty:?} finds something in an empty text")));
        }
        let names: Vec<String> = names.iter().map(|name| regex::escape(name)).collect();
        let named = (!names.is_empty())
            .then(|| compile(&format!(r#"(?i)({})("?\s*[:=]\s*"?)([^\s",;]+)"#, names.join("|"))))
            .transpose()?;
        let all = DEFAULT_PATTERNS.iter().copied().chain(patterns.iter().map(String::as_str));
        Ok(Self {
            named,
            patterns: all.map(compile).collect::<Result<_, _>>()?,
            card: compile(r"\d(?:[ -]?\d){12,18}")?,
        })
    }

    /// The text with everything hidden that a rule finds. What is hidden can bare something that looked different before: it is looked at
    /// again until nothing changes.
    pub fn scrub(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for _ in 0..MOST_ROUNDS {
            let hidden = self.once(&text);
            if hidden == text {
                break;
            }
            text = hidden;
        }
        text
    }

    fn once(&self, text: &str) -> String {
        let (first, rest) = self.patterns.split_at(BEFORE_CARDS);
        let mut text = hide(first, text.to_owned());
        text = self.card.replace_all(&text, |found: &Captures<'_>| CardNumber::mask(&found[0])).into_owned();
        if let Some(named) = &self.named {
            text = named
                .replace_all(&text, |found: &Captures<'_>| format!("{}{}{HIDDEN}", &found[1], &found[2]))
                .into_owned();
        }
        hide(rest, text)
    }
}

fn hide(patterns: &[Regex], text: String) -> String {
    patterns.iter().fold(text, |text, pattern| pattern.replace_all(&text, HIDDEN).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules() -> ScrubRules {
        ScrubRules::new(&["id_number".to_owned(), "passport_hash".to_owned()], &["(?i)codeword \\w+".to_owned()])
            .unwrap()
    }

    #[test]
    fn what_should_not_have_been_typed_is_hidden() {
        let cases = [
            ("wrote to mara.keller@example.org", "wrote to ••••••••"),
            ("IBAN DE89 3704 0044 0532 0130 00 ok", "IBAN •••••••• ok"),
            ("card 4111 1111 1111 1111.", "card 411111••••••1111."),
            ("id_number: X7, passport_hash=ab12", "id_number: ••••••••, passport_hash=••••••••"),
            ("passport C01X0006H shown", "passport •••••••• shown"),
            ("born 30.04.1979 she says", "born •••••••• she says"),
            ("call +49 40 1234567", "call ••••••••"),
            ("P<DEUKELLER<<MARA<<<<<<<<", "••••••••"),
            ("Codeword swordfish", "••••••••"),
            ("A1BCDEF1234567 twice", "•••••••••••••••• twice"),
            ("hologram checked twice, 2 angles", "hologram checked twice, 2 angles"),
        ];
        for (typed, kept) in cases {
            assert_eq!(rules().scrub(typed), kept);
        }
    }

    #[test]
    fn a_wrong_pattern_is_reported() {
        for pattern in ["(", "x*"] {
            assert!(ScrubRules::new(&[], &[pattern.to_owned()]).is_err(), "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn scrubbing_twice_changes_nothing_more(text in "[a-zA-Z0-9@.:=<+ -]{0,80}") {
            let rules = rules();
            let once = rules.scrub(&text);
            prop_assert_eq!(rules.scrub(&once), once);
        }

        #[test]
        fn no_card_number_survives(prefix in "[a-z ]{0,10}", suffix in "[a-z ]{0,10}") {
            let scrubbed = rules().scrub(&format!("{prefix}4111111111111111{suffix}"));
            prop_assert!(!scrubbed.contains("4111111111111111"));
        }
    }
}
