//! `[privacy]`: the master key, the key that signs the audit chain, and the masking rules for free text.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::SigningKey;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::{Problems, SecretInput};
use crate::pii::scrub::ScrubRules;

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PrivacySection {
    master_key_id: String,
    master_key: SecretInput,
    #[serde(default)]
    old_master_keys: Vec<OldKey>,
    audit_key: SecretInput,
    #[serde(default)]
    masking_names: Vec<String>,
    #[serde(default)]
    masking_patterns: Vec<String>,
}

/// The part of the section that signs the audit log.
#[derive(Deserialize)]
pub(super) struct AuditSection {
    audit_key: SecretInput,
}

impl AuditSection {
    pub(super) fn read(self, problems: &mut Problems) -> Option<AuditKey> {
        let key = key(self.audit_key, "privacy.audit_key", problems);
        key.map(|(_, bytes)| AuditKey(SigningKey::from_bytes(&bytes)))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OldKey {
    id: String,
    key: SecretInput,
}

/// Keys and masking rules.
pub struct Privacy {
    /// The master key that wraps new data keys, with its id: 32 bytes, base64.
    pub master_key: (String, SecretString),
    /// Earlier ones, which still unwrap.
    pub old_master_keys: Vec<(String, SecretString)>,
    /// Masking rules for notes and other free text.
    pub scrub: ScrubRules,
}

/// The key that signs the head of the audit chain.
pub struct AuditKey(pub SigningKey);

impl PrivacySection {
    pub(super) fn validate(self, problems: &mut Problems) -> (Option<Privacy>, Option<AuditKey>) {
        let master = key(self.master_key, "privacy.master_key", problems);
        let old = self
            .old_master_keys
            .into_iter()
            .enumerate()
            .filter_map(|(index, old)| {
                let setting = format!("privacy.old_master_keys[{index}].key");
                key(old.key, &setting, problems).map(|(secret, _)| (old.id, secret))
            })
            .collect();
        let audit = AuditSection { audit_key: self.audit_key }.read(problems);
        let scrub = ScrubRules::new(&self.masking_names, &self.masking_patterns)
            .map_err(|error| problems.add("privacy.masking_patterns", error.to_string()))
            .ok();
        let privacy = master.zip(scrub).map(|((secret, _), scrub)| Privacy {
            master_key: (self.master_key_id, secret),
            old_master_keys: old,
            scrub,
        });
        (privacy, audit)
    }
}

/// 32 bytes in base64.
#[expect(clippy::disallowed_methods, reason = "the length of a key must be checked before it is used")]
fn key(input: SecretInput, setting: &str, problems: &mut Problems) -> Option<(SecretString, [u8; 32])> {
    let secret = input.read(setting, problems)?;
    let bytes = BASE64_STANDARD.decode(secret.expose_secret()).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    if bytes.is_none() {
        problems.add(setting, "must be 32 bytes in base64 (openssl rand -base64 32)");
    }
    bytes.map(|bytes| (secret, bytes))
}
