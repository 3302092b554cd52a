//! What reading a configuration finds: everything that is wrong, at once, and what may be shown of the secrets.

use std::collections::BTreeMap;
use std::fmt;

/// The fingerprints of secrets, by the name of the setting.
pub type Fingerprints = BTreeMap<String, String>;

/// Everything that is wrong with a configuration, by the name of the setting; and the fingerprints of the secrets seen on the way.
#[derive(Debug, Default)]
pub struct Problems {
    found: Vec<(String, String)>,
    secrets: Fingerprints,
}

impl Problems {
    /// Notes that `setting` is wrong, and how.
    pub fn add(&mut self, setting: &str, what: impl Into<String>) {
        self.found.push((setting.to_owned(), what.into()));
    }

    /// Notes the fingerprint of a secret that could be read.
    pub fn saw(&mut self, setting: &str, fingerprint: String) {
        self.secrets.insert(setting.to_owned(), fingerprint);
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// The secrets that could be read, when nothing else is left to say.
    pub(super) fn into_secrets(self) -> Fingerprints {
        self.secrets
    }

    /// The secrets that could be read.
    pub const fn secrets(&self) -> &Fingerprints {
        &self.secrets
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the configuration has {} problem(s):", self.found.len())?;
        self.found.iter().try_for_each(|(setting, what)| writeln!(f, "  {setting}: {what}"))
    }
}

impl std::error::Error for Problems {}
