//! Sentences that are data (reasons, checklists, explanations), in every language the bank configured.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// One sentence in several languages, keyed by a two-letter language tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Localised(BTreeMap<String, String>);

impl From<BTreeMap<String, String>> for Localised {
    fn from(sentences: BTreeMap<String, String>) -> Self {
        Self(sentences)
    }
}

impl Localised {
    /// A sentence in English and German, the two languages the product itself ships.
    pub fn new(en: &str, de: &str) -> Self {
        Self(BTreeMap::from([("en".to_owned(), en.to_owned()), ("de".to_owned(), de.to_owned())]))
    }

    /// The sentence in `language`, else in English, else in any language it has, else empty.
    pub fn pick(&self, language: &str) -> &str {
        self.0.get(language).or_else(|| self.0.get("en")).or_else(|| self.0.values().next()).map_or("", String::as_str)
    }

    /// The sentence in `language`, or in the language that its tag begins with.
    pub fn find(&self, language: &str) -> Option<&str> {
        let base = language.split('-').next().unwrap_or_default();
        self.0.get(language).or_else(|| self.0.get(base)).map(String::as_str)
    }

    /// Whether there is a sentence in English, which every configured text must have.
    pub fn has_english(&self) -> bool {
        self.0.get("en").is_some_and(|text| !text.trim().is_empty())
    }
}
