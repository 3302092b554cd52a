//! What customers read, in every language there is a file for. Two come with the server; a folder may bring more, or replace them: the
//! consent text is the bank's own.
//!
//! A language is a file; a file has every key of the English one and no other, so no page ever lacks a sentence.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

/// The languages that come with the server; the first is what is spoken where nothing else is asked for.
const BUILT_IN: [(&str, &str); 2] = [("en", include_str!("texts/en.toml")), ("de", include_str!("texts/de.toml"))];

/// One language.
#[derive(Clone, Debug)]
pub struct Words {
    code: String,
    by_key: BTreeMap<String, String>,
}

impl Words {
    /// The code of the language: BCP 47, such as `de`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The sentence with this key.
    pub fn say(&self, key: &str) -> &str {
        self.by_key.get(key).map_or("", String::as_str)
    }

    /// The same with something filled in.
    pub fn fill(&self, key: &str, name: &str, value: &str) -> String {
        self.say(key).replace(&format!("{{{name}}}"), value)
    }

    /// Every sentence whose key begins so: for the page's script.
    pub fn beginning_with<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.by_key.iter().map(|(key, text)| (key.as_str(), text.as_str()));
        all.filter(move |(key, _)| key.starts_with(start))
    }

    /// The hash of the text that is consented to, with its version: what an auditor finds the text by.
    pub fn consent_hash(&self) -> String {
        hex::encode(Sha256::digest(format!("{}\n{}", self.say("consent.version"), self.say("consent.text"))))
    }
}

/// Every language.
#[derive(Clone, Debug)]
pub struct Texts {
    languages: Vec<Words>,
}

impl Default for Texts {
    fn default() -> Self {
        let languages = BUILT_IN.map(|(code, text)| read(code, text).expect("a test reads what comes with the server"));
        Self { languages: languages.into() }
    }
}

fn read(code: &str, text: &str) -> Result<Words, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let mut by_key = BTreeMap::new();
    for (name, value) in table {
        match value {
            toml::Value::String(text) => drop(by_key.insert(name, text)),
            toml::Value::Table(part) => {
                for (key, value) in part {
                    let toml::Value::String(text) = value else { return Err(format!("{name}.{key} is no text")) };
                    by_key.insert(format!("{name}.{key}"), text);
                }
            }
            _ => return Err(format!("{name} is no text")),
        }
    }
    Ok(Words { code: code.to_owned(), by_key })
}

impl Texts {
    /// The built-in languages, and those of a folder in place of them or beside them. Says what is wrong, file by file.
    pub fn with_folder(folder: &Path) -> Result<Self, Vec<String>> {
        let mut texts = Self::default();
        let mut wrong = Vec::new();
        let entries =
            std::fs::read_dir(folder).map_err(|error| vec![format!("cannot read {}: {error}", folder.display())])?;
        let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
        files.sort();
        for file in files.iter().filter(|file| file.extension().is_some_and(|ending| ending == "toml")) {
            let code = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
            match text.and_then(|text| texts.fitting(code, &text)) {
                Ok(words) => texts.adopt(words),
                Err(what) => wrong.push(format!("{}: {what}", file.display())),
            }
        }
        if wrong.is_empty() { Ok(texts) } else { Err(wrong) }
    }

    /// A file's words, if they are complete.
    fn fitting(&self, code: &str, text: &str) -> Result<Words, String> {
        let is_code =
            (2..=12).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_code {
            return Err("the name must be a language, such as fr.toml".to_owned());
        }
        let words = read(code, text)?;
        let known = &self.languages[0].by_key;
        if let Some(missing) = known.keys().find(|key| words.say(key).trim().is_empty()) {
            return Err(format!("{missing} is missing"));
        }
        match words.by_key.keys().find(|key| !known.contains_key(*key)) {
            Some(unknown) => Err(format!("{unknown} is not a key")),
            None => Ok(words),
        }
    }

    fn adopt(&mut self, words: Words) {
        match self.languages.iter_mut().find(|known| known.code == words.code) {
            Some(known) => *known = words,
            None => self.languages.push(words),
        }
    }

    /// Every language, with what it calls itself.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.languages.iter().map(|words| (words.code(), words.say("language")))
    }

    /// The language with this code, if there is one.
    pub fn find(&self, code: &str) -> Option<&Words> {
        self.languages.iter().find(|words| words.code.eq_ignore_ascii_case(code))
    }

    /// What somebody gets who chose this, or whose browser accepts that (RFC 9110 section 12.5.4). The order of the browser's list is taken
    /// for its weights: every browser writes it so.
    pub fn choose(&self, chosen: Option<&str>, accepted: &str) -> &Words {
        let by_browser = accepted.split(',').filter_map(|range| {
            let tag = range.split(';').next().unwrap_or_default().trim();
            self.find(tag).or_else(|| self.find(tag.split('-').next().unwrap_or_default()))
        });
        chosen.and_then(|code| self.find(code)).into_iter().chain(by_browser).next().unwrap_or(&self.languages[0])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_every_sentence_and_no_other() {
        let texts = Texts::default();
        for (code, text) in BUILT_IN {
            let fits = texts.fitting(code, text);
            assert!(fits.is_ok(), "{code}: {fits:?}");
        }
    }

    #[test]
    fn the_guides_two_sentences_are_word_for_word() {
        let texts = Texts::default();
        let english = texts.choose(Some("en"), "");
        assert_eq!(
            english.say("check.unsupported"),
            "Your browser does not support video verification. Please use our mobile app or upload documents."
        );
        assert_eq!(
            english.say("check.difficulty"),
            "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area."
        );
    }

    #[test]
    fn the_language_is_the_chosen_one_then_the_browsers_then_english() {
        let texts = Texts::default();
        let code = |chosen, accepted| texts.choose(chosen, accepted).code().to_owned();
        assert_eq!(code(None, "fr-FR,de-AT;q=0.9,en;q=0.8"), "de");
        assert_eq!(code(Some("en"), "de"), "en");
        assert_eq!(code(Some("xx"), "de"), "de");
        assert_eq!(code(None, ""), "en");
    }

    #[test]
    fn a_folder_brings_another_language_by_one_file_and_says_what_is_wrong_with_it() {
        let folder = std::env::temp_dir().join(format!("kyc-texts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let english = BUILT_IN[0].1;
        std::fs::write(folder.join("fr.toml"), english.replace("\"English\"", "\"Français\"")).unwrap();
        let texts = Texts::with_folder(&folder).unwrap();
        assert_eq!(texts.choose(None, "fr-CH").say("language"), "Français");
        assert_eq!(texts.names().count(), 3);
        std::fs::write(folder.join("it.toml"), english.replace("button = \"Start\"", "")).unwrap();
        std::fs::write(folder.join("es.toml"), format!("{english}\nsurprise = \"x\"")).unwrap();
        let wrong = Texts::with_folder(&folder).unwrap_err();
        assert!(wrong[0].contains("es.toml") && wrong[0].contains("chat.surprise is not a key"), "{wrong:?}");
        assert!(wrong[1].contains("it.toml") && wrong[1].contains("start.button is missing"), "{wrong:?}");
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn another_consent_text_has_another_hash() {
        let texts = Texts::default();
        let (english, german) = (texts.choose(Some("en"), ""), texts.choose(Some("de"), ""));
        assert_ne!(english.consent_hash(), german.consent_hash());
        assert_eq!(english.consent_hash().len(), 64);
    }
}
