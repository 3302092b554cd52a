//! Every visible sentence of the widget, in English and German. Sentences that are data (reasons, checklists, explanations)
//! come from the server as [`kyc_wire::text::Localised`] and are not here.
//!
//! A sentence is a constant that holds both languages side by side, so that neither can be forgotten.

pub mod acts;
pub mod asked;
pub mod facts;
pub mod launch;
pub mod outcome;
pub mod photos;
pub mod review;
pub mod session;
pub mod shell;
pub mod sign_in;
pub mod sign_ins;
pub mod timeline;
pub mod trouble;

use crate::state::clock::{self, Span};

/// A language of the widget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// German, with Sie.
    De,
}

impl Lang {
    /// All languages with their own names, as the menu shows them.
    pub const ALL: [(Self, &'static str); 2] = [(Self::En, "English"), (Self::De, "Deutsch")];

    /// Reads a language tag in any of the shapes in which hosts write it (`de`, `de-DE`, `de_at`).
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => Some(Self::De),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    /// The tag, for `lang` attributes and for the server's sentences.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }
}

/// One sentence in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Say {
    en: &'static str,
    de: &'static str,
}

/// A sentence: English, then German.
pub const fn say(en: &'static str, de: &'static str) -> Say {
    Say { en, de }
}

impl Say {
    /// The sentence in `lang`.
    pub const fn to(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::De => self.de,
        }
    }

    /// The sentence with `{name}` replaced by each value.
    pub fn with(self, lang: Lang, values: &[(&str, &str)]) -> String {
        let mut out = self.to(lang).to_owned();
        for (name, value) in values {
            out = out.replace(&format!("{{{name}}}"), value);
        }
        out
    }
}

/// A sentence about a number; `{n}` is the number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    one: Say,
    many: Say,
}

/// A sentence about one, and one about any other number.
pub const fn count(one: Say, many: Say) -> Count {
    Count { one, many }
}

impl Count {
    /// The sentence about `n`.
    pub fn of(self, lang: Lang, n: usize) -> String {
        let sentence = if n == 1 { self.one } else { self.many };
        sentence.with(lang, &[("n", &n.to_string())])
    }
}

/// A span in words: `40 seconds`, `3 minutes`.
pub fn span(lang: Lang, seconds: i64) -> String {
    let (words, n) = match clock::span(seconds) {
        Span::Seconds(n) => (count(say("{n} second", "{n} Sekunde"), say("{n} seconds", "{n} Sekunden")), n),
        Span::Minutes(n) => (count(say("{n} minute", "{n} Minute"), say("{n} minutes", "{n} Minuten")), n),
        Span::Hours(n) => (count(say("{n} hour", "{n} Stunde"), say("{n} hours", "{n} Stunden")), n),
        Span::Days(n) => (count(say("{n} day", "{n} Tag"), say("{n} days", "{n} Tagen")), n),
    };
    words.of(lang, usize::try_from(n).unwrap_or_default())
}

/// A span for a narrow column: `40 s`, `3 min`, `2 h`, `5 d`.
pub fn short_span(lang: Lang, seconds: i64) -> String {
    match clock::span(seconds) {
        Span::Seconds(n) => format!("{n} s"),
        Span::Minutes(n) => format!("{n} min"),
        Span::Hours(n) => format!("{n} h"),
        Span::Days(n) => format!("{n} {}", say("d", "T").to(lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_recognised_in_every_shape_hosts_use() {
        for tag in ["de", "de-DE", "de_AT", "DE-ch"] {
            assert_eq!(Lang::of_tag(tag), Some(Lang::De), "{tag}");
        }
        assert_eq!(Lang::of_tag("en-us"), Some(Lang::En));
        assert_eq!(Lang::of_tag("fr"), None);
    }

    #[test]
    fn numbers_choose_the_sentence() {
        assert_eq!(session::NEEDS.of(Lang::En, 1), "1 thing needs you");
        assert_eq!(session::NEEDS.of(Lang::De, 3), "3 Punkte zu klären");
    }

    #[test]
    fn spans_are_words() {
        assert_eq!(span(Lang::En, 1), "1 second");
        assert_eq!(span(Lang::De, 180), "3 Minuten");
        assert_eq!(short_span(Lang::De, 2_592_000), "30 T");
    }
}
