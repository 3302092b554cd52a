//! Secrets in the configuration: written in place (for a demo), or read from a file or the environment. They are [`SecretString`]s from
//! here on and are never printed; what may be shown of one is its fingerprint.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::Problems;

/// A secret as the configuration file gives it: a string, `{ file = "/run/secrets/name" }` or `{ env = "NAME" }`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum SecretInput {
    /// The file that holds it; surrounding white space is ignored.
    File {
        /// Its path.
        file: PathBuf,
    },
    /// The variable of the environment that holds it. It cannot change while the server runs.
    Environment {
        /// Its name.
        env: String,
    },
    /// The secret itself.
    Value(SecretString),
}

impl SecretInput {
    /// Reads the secret, or adds a problem under the setting's name. An empty secret is a problem.
    pub fn read(self, setting: &str, problems: &mut Problems) -> Option<SecretString> {
        let secret = match self.get() {
            Ok(secret) => secret,
            Err(what) => {
                problems.add(setting, what);
                return None;
            }
        };
        if is_empty(&secret) {
            problems.add(setting, "must not be empty");
            return None;
        }
        problems.saw(setting, fingerprint(&secret));
        Some(secret)
    }

    #[expect(clippy::disallowed_methods, reason = "the configuration is what reads the environment")]
    fn get(self) -> Result<SecretString, String> {
        match self {
            Self::Value(secret) => Ok(secret),
            Self::File { file } => match std::fs::read_to_string(&file) {
                Ok(text) => Ok(SecretString::from(text.trim().to_owned())),
                Err(error) => Err(format!("cannot read {}: {error}", file.display())),
            },
            Self::Environment { env } => match std::env::var(&env) {
                Ok(text) => Ok(SecretString::from(text)),
                // The error of the standard library would repeat a value that is no text.
                Err(_) => Err(format!("the variable {env} is not set, or is no text")),
            },
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "only its emptiness is looked at")]
fn is_empty(secret: &SecretString) -> bool {
    secret.expose_secret().is_empty()
}

/// The first eight hex digits of a hash that is made for this and nothing else: enough to see that two machines have the same secret, or
/// that a rotation arrived, and too little to find a random secret by.
#[expect(clippy::disallowed_methods, reason = "it is hashed, and 32 bits of the hash are kept")]
pub(super) fn fingerprint(secret: &SecretString) -> String {
    let hash = Sha256::new().chain_update(b"kyc-desk/secret\x01").chain_update(secret.expose_secret()).finalize();
    hex::encode(&hash[..4])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(toml: &str) -> (Option<SecretString>, Problems) {
        #[derive(Deserialize)]
        struct File {
            secret: SecretInput,
        }
        let file: File = toml::from_str(toml).unwrap();
        let mut problems = Problems::default();
        (file.secret.read("secret", &mut problems), problems)
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test looks")]
    fn a_secret_comes_from_a_variable_that_is_set() {
        let (found, problems) = read("secret = { env = 'PATH' }");
        assert_eq!(found.unwrap().expose_secret(), std::env::var("PATH").unwrap());
        assert!(problems.is_empty());
        let (found, problems) = read("secret = { env = 'KYC_DESK_NO_SUCH_VARIABLE' }");
        assert!(found.is_none() && problems.to_string().contains("KYC_DESK_NO_SUCH_VARIABLE is not set"));
    }

    #[test]
    fn a_fingerprint_is_eight_digits_and_of_this_use_only() {
        let print = fingerprint(&SecretString::from("a-secret"));
        assert_eq!(print.len(), 8);
        let plain = Sha256::digest("a-secret");
        assert_ne!(print, hex::encode(&plain[..4]));
        assert_ne!(print, fingerprint(&SecretString::from("b-secret")));
    }
}
