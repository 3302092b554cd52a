//! Parts of a configuration, for commands that need no more: the secrets of the other parts may exist only while the service runs, and a
//! mistake elsewhere must not keep anybody from restoring a database.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::database::{self, DatabaseUrl};
use super::privacy::AuditSection;
use super::{AuditKey, DatabaseSection, Problems};

#[derive(Deserialize)]
struct DatabaseFile {
    database: DatabaseSection,
}

#[derive(Deserialize)]
struct AuditFile {
    database: DatabaseSection,
    privacy: AuditSection,
}

/// Where the database is.
pub fn load_database(path: &Path) -> Result<DatabaseUrl, Problems> {
    let file: DatabaseFile = read(path)?;
    let mut problems = Problems::default();
    let url = file.database.read(&mut problems);
    whole(url, problems)
}

/// Where the database is, and the key that signs the audit log.
pub fn load_audit(path: &Path) -> Result<(DatabaseUrl, AuditKey), Problems> {
    let file: AuditFile = read(path)?;
    let mut problems = Problems::default();
    let url = file.database.read(&mut problems);
    let key = file.privacy.read(&mut problems);
    whole(url.zip(key), problems)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, Problems> {
    let text = super::text(path)?;
    toml::from_str(&text).map_err(|error| super::syntax(&text, &error))
}

fn whole<T>(read: Option<T>, problems: Problems) -> Result<T, Problems> {
    read.filter(|_| problems.is_empty()).ok_or(problems)
}

impl DatabaseSection {
    pub(super) fn read(self, problems: &mut Problems) -> Option<DatabaseUrl> {
        let url = self.url.read("database.url", problems)?;
        database::read(&url, problems)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    /// As it is while the service does not run: nothing at `/run/credentials`, no secret that it may read.
    #[test]
    fn a_command_needs_no_secret_but_its_own() {
        let folder = std::env::temp_dir().join(format!("kyc-desk-parts-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (path, key) = (folder.join("kyc-desk.toml"), folder.join("audit_key"));
        let example = super::super::example::EXAMPLE;
        std::fs::write(&path, example).unwrap();
        assert!(Config::load(&path).is_err(), "the secrets of the example are nowhere");
        assert_eq!(load_database(&path).unwrap().file().unwrap().to_str().unwrap(), "/var/lib/kyc-desk/kyc-desk.db");
        let problems = load_audit(&path).err().unwrap().to_string();
        assert!(problems.contains("privacy.audit_key") && problems.contains(" 1 problem"), "{problems}");
        std::fs::write(&key, "ZGVtby1hdWRpdC1rZXktbm90LWEtc2VjcmV0LS0hISE=").unwrap();
        let there = example.replace("/run/credentials/kyc-desk.service/audit_key", &key.display().to_string());
        std::fs::write(&path, there).unwrap();
        assert!(load_audit(&path).is_ok());
        std::fs::write(&path, "[database]\nurl = \"mysql://x\"").unwrap();
        assert!(load_database(&path).unwrap_err().to_string().contains("database.url"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
