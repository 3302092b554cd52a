//! `[auth.idp.*]` with `kind = "saml"`: an identity provider that speaks SAML 2.0.

use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::auth::{self, ClientKey, RoleRule};
use super::http::require_https;
use super::{Problems, SecretInput};
use crate::auth::saml::{Certificate, DecryptionKey, Metadata, SignedPart};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SamlSection {
    #[serde(default)]
    label: String,
    metadata_file: PathBuf,
    entity_id: Option<String>,
    key: Option<SecretInput>,
    #[serde(default)]
    old_keys: Vec<SecretInput>,
    #[serde(default)]
    certificate_file: PathBuf,
    #[serde(default)]
    signs: SignedPart,
    #[serde(default)]
    subject_attribute: String,
    #[serde(default)]
    name_attribute: String,
    #[serde(default)]
    acr_values: Vec<String>,
    roles: Vec<RoleRule>,
}

/// One identity provider.
#[derive(Clone, Debug)]
pub struct SamlIdp {
    /// What staff call it.
    pub label: String,
    /// What it says of itself, as the bank has checked it.
    pub metadata: Metadata,
    /// What it calls us; the address of our own metadata when none is configured.
    pub entity_id: Option<String>,
    /// Our key, where we have one.
    pub keys: Option<Keys>,
    /// What it signs.
    pub signs: SignedPart,
    /// The attribute that says who somebody is; else the persistent name does.
    pub subject_attribute: Option<String>,
    /// The attribute with a name for people.
    pub name_attribute: Option<String>,
    /// Accepted ways of having proven who one is (authentication context classes); any when empty.
    pub acr_values: Vec<String>,
    /// The role mapping.
    pub roles: Vec<RoleRule>,
}

/// By what we sign, and read what was encrypted for us.
#[derive(Clone, Debug)]
pub struct Keys {
    /// Signs requests and answers.
    pub signing: ClientKey,
    /// Its certificate (DER), for our metadata.
    pub certificate: Vec<u8>,
    /// It, and earlier ones for which something may still be encrypted.
    pub decryption: Vec<DecryptionKey>,
}

fn read(setting: &str, file: &Path, problems: &mut Problems) -> Option<String> {
    match std::fs::read_to_string(file) {
        Ok(text) => Some(text),
        Err(error) => {
            problems.add(setting, format!("cannot read {}: {error}", file.display()));
            None
        }
    }
}

fn metadata(setting: &str, file: &Path, problems: &mut Problems) -> Option<Metadata> {
    let text = read(setting, file, problems)?;
    // A reload does not take it over; that it differs is said.
    problems.saw(setting, hex::encode(&Sha256::digest(&text)[..4]));
    match Metadata::parse(&text) {
        Ok(metadata) => {
            metadata.addresses().for_each(|url| require_https(setting, url, problems));
            Some(metadata)
        }
        Err(what) => {
            problems.add(setting, what);
            None
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the key is read")]
fn decryption_key(pem: &SecretString) -> Result<DecryptionKey, &'static str> {
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.expose_secret().as_bytes())
        .map_err(|_| "must be a private key in PEM (BEGIN PRIVATE KEY)")?;
    DecryptionKey::parse(der.secret_pkcs8_der())
}

/// The key with its certificate: an identity provider that is given another key's would refuse what we sign, and encrypt what we
/// cannot read.
fn keys(setting: &dyn Fn(&str) -> String, section: &mut SamlSection, problems: &mut Problems) -> Option<Keys> {
    let input = section.key.take()?;
    let (key_setting, file_setting) = (setting("key"), setting("certificate_file"));
    let pem = input.read(&key_setting, problems)?;
    let parsed = decryption_key(&pem).and_then(|key| Ok((key, ClientKey::parse(&pem, "")?)));
    let (decryption, signing) = parsed.map_err(|what| problems.add(&key_setting, what)).ok()?;
    let text = read(&file_setting, &section.certificate_file, problems)?;
    let der = CertificateDer::from_pem_slice(text.as_bytes());
    let der = der.map_err(|_| problems.add(&file_setting, "holds no certificate in PEM (BEGIN CERTIFICATE)")).ok()?;
    match Certificate::parse(&der) {
        Ok(certificate) if signing.rsa_public_key().is_some_and(|public| certificate.is_of(public)) => {}
        Ok(_) => problems.add(&file_setting, "is the certificate of another key"),
        Err(what) => problems.add(&file_setting, what),
    }
    let mut all = vec![decryption];
    for (index, old) in std::mem::take(&mut section.old_keys).into_iter().enumerate() {
        let setting = format!("{}[{index}]", setting("old_keys"));
        let key = decryption_key(&old.read(&setting, problems)?);
        all.push(key.map_err(|what| problems.add(&setting, what)).ok()?);
    }
    Some(Keys { signing, certificate: der.to_vec(), decryption: all })
}

pub(super) fn idp(name: &str, mut section: SamlSection, problems: &mut Problems) -> Option<SamlIdp> {
    let setting = |key: &str| format!("auth.idp.{name}.{key}");
    if section.roles.is_empty() {
        problems.add(&setting("roles"), "maps no role: everybody would be refused");
    }
    if section.entity_id.as_ref().is_some_and(|id| id.is_empty() || id.len() > 1024 || id.trim() != id) {
        problems.add(&setting("entity_id"), "must have 1 to 1024 characters, and no space around them");
    }
    let metadata = metadata(&setting("metadata_file"), &section.metadata_file, problems);
    let has_key = section.key.is_some();
    if !has_key && metadata.as_ref().is_some_and(|metadata| metadata.wants_signed) {
        problems.add(&setting("key"), "is missing: the identity provider takes signed requests only");
    }
    let keys = keys(&setting, &mut section, problems);
    let given = |text: String| (!text.is_empty()).then_some(text);
    Some(SamlIdp {
        label: auth::label(name, section.label, problems),
        metadata: metadata?,
        entity_id: section.entity_id,
        keys: if has_key { Some(keys?) } else { None },
        signs: section.signs,
        subject_attribute: given(section.subject_attribute),
        name_attribute: given(section.name_attribute),
        acr_values: section.acr_values,
        roles: section.roles,
    })
}
