//! Secrets in the configuration: written in place (for a demo) or read from a file (for everything else). They are
//! [`SecretString`]s from here on and are never printed.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::Problems;

/// A secret as the configuration file gives it: a string, or `{ file = "/run/secrets/name" }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SecretInput {
    /// The file that holds it; surrounding white space is ignored.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// The secret itself.
    Value(SecretString),
}

impl SecretInput {
    /// Reads the secret, or adds a problem under the setting's name. An empty secret is a problem.
    pub fn read(self, setting: &str, problems: &mut Problems) -> Option<SecretString> {
        let secret = match self {
            Self::Value(secret) => secret,
            Self::File { file } => match std::fs::read_to_string(&file) {
                Ok(text) => SecretString::from(text.trim().to_owned()),
                Err(error) => {
                    problems.add(setting, format!("cannot read {}: {error}", file.display()));
                    return None;
                }
            },
        };
        if is_empty(&secret) {
            problems.add(setting, "must not be empty");
            return None;
        }
        Some(secret)
    }
}

#[expect(clippy::disallowed_methods, reason = "only its emptiness is looked at")]
fn is_empty(secret: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    secret.expose_secret().is_empty()
}
