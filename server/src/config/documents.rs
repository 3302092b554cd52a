//! `[documents]`: where pictures of documents and faces lie, sealed.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use super::database::DatabaseUrl;
use super::http::require_https;
use super::{Problems, SecretInput};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DocumentsSection {
    url: Option<String>,
    region: String,
    endpoint: Option<Url>,
    access_key_id: Option<String>,
    secret_access_key: Option<SecretInput>,
    kms_key_id: Option<String>,
    workers: usize,
}

impl Default for DocumentsSection {
    fn default() -> Self {
        Self {
            url: None,
            region: "eu-central-1".to_owned(),
            endpoint: None,
            access_key_id: None,
            secret_access_key: None,
            kms_key_id: None,
            workers: 2,
        }
    }
}

/// A place for documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of S3, or of what speaks like it.
    S3 {
        /// The bucket.
        bucket: String,
        /// What the names of ours begin with.
        prefix: String,
    },
    /// A container of Azure Blob Storage.
    Azure {
        /// The container.
        container: String,
        /// What the names of ours begin with.
        prefix: String,
    },
}

/// Where documents lie, and how many are worked on at once.
#[derive(Debug)]
pub struct Documents {
    /// Where.
    pub place: Place,
    /// The region of a bucket.
    pub region: String,
    /// Another server than the provider's own.
    pub endpoint: Option<Url>,
    /// Id (at Azure: account) and secret; without, what the machine is given by its cloud.
    pub access_key: Option<(String, SecretString)>,
    /// The key of AWS KMS by which S3 encrypts on top.
    pub kms_key_id: Option<String>,
    /// Pictures decoded at once.
    pub workers: usize,
}

impl DocumentsSection {
    pub(super) fn validate(self, database: Option<&DatabaseUrl>, problems: &mut Problems) -> Option<Documents> {
        let place = match &self.url {
            Some(url) => place(url),
            None => Some(Place::Folder(beside(database))),
        };
        if place.is_none() {
            problems.add("documents.url", "must be file:///folder, s3://bucket/prefix or az://container/prefix");
        }
        if let Some(endpoint) = &self.endpoint {
            require_https("documents.endpoint", endpoint, problems);
        }
        if !(1..=64).contains(&self.workers) {
            problems.add("documents.workers", "must lie between 1 and 64");
        }
        if self.kms_key_id.is_some() && !matches!(place, Some(Place::S3 { .. })) {
            problems.add("documents.kms_key_id", "is for s3:// only");
        }
        let secret = self.secret_access_key.map(|secret| secret.read("documents.secret_access_key", problems));
        if self.access_key_id.is_some() != secret.is_some() {
            problems.add("documents.access_key_id", "and documents.secret_access_key go together");
        }
        Some(Documents {
            place: place?,
            region: self.region,
            endpoint: self.endpoint,
            access_key: self.access_key_id.zip(secret.flatten()),
            kms_key_id: self.kms_key_id,
            workers: self.workers,
        })
    }
}

/// Where documents lie unless somebody says otherwise: beside the embedded database, or in the working folder.
fn beside(database: Option<&DatabaseUrl>) -> PathBuf {
    let file = database.and_then(DatabaseUrl::file);
    file.and_then(|file| file.parent().map(|folder| folder.join("documents"))).unwrap_or_else(|| "documents".into())
}

fn place(url: &str) -> Option<Place> {
    let split = |rest: &str| {
        let (name, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        (!name.is_empty()).then(|| (name.to_owned(), prefix.trim_matches('/').to_owned()))
    };
    if let Some(rest) = url.strip_prefix("s3://") {
        return split(rest).map(|(bucket, prefix)| Place::S3 { bucket, prefix });
    }
    if let Some(rest) = url.strip_prefix("az://") {
        return split(rest).map(|(container, prefix)| Place::Azure { container, prefix });
    }
    // As `sqlite:` is written: file:documents beside the server, file:///var/lib/… anywhere.
    let folder = url.strip_prefix("file:")?;
    let folder = folder.strip_prefix("//").unwrap_or(folder);
    (!folder.is_empty()).then(|| Place::Folder(PathBuf::from(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_place_is_read_and_no_other() {
        assert_eq!(place("file:///var/lib/kyc/documents"), Some(Place::Folder("/var/lib/kyc/documents".into())));
        assert_eq!(place("file:documents"), Some(Place::Folder("documents".into())));
        let s3 = Place::S3 { bucket: "kyc".to_owned(), prefix: "a/b".to_owned() };
        assert_eq!(place("s3://kyc/a/b/"), Some(s3));
        assert_eq!(place("az://kyc"), Some(Place::Azure { container: "kyc".to_owned(), prefix: String::new() }));
        for wrong in ["", "file:", "s3://", "https://bucket.s3.amazonaws.com", "gs://bucket"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
