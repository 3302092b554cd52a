//! A SAML identity provider that nobody here wrote: pysaml2, started by `tests/idps/pysaml2_idp.py`.

use std::path::Path;
use std::process::Stdio;

use kyc_sandbox::idp::people;
use kyc_sandbox::saml::Signer;
use serde_json::{Value, json};
use tempfile::TempDir;
use time::macros::datetime;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};

use super::variable;

/// What it encrypts assertions by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cipher {
    /// Nothing: they are signed only.
    None,
    /// AES-256 in GCM.
    Gcm,
    /// AES-256 in CBC, inside a signed response.
    Cbc,
}

/// A running provider; it ends when this is dropped.
pub struct Pysaml2 {
    folder: TempDir,
    base: String,
    _process: Child,
    _input: ChildStdin,
}

impl Pysaml2 {
    pub async fn start(cipher: Cipher) -> Self {
        let python = variable("KYC_PYSAML2").expect("KYC_PYSAML2 names its Python: `cargo xtask test` sets it");
        let folder = tempfile::tempdir().unwrap();
        let signer = Signer::fresh(2048, datetime!(2099-01-01 00:00:00 UTC));
        let file = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        file("idp.key", signer.key_pem());
        file("idp.crt", signer.certificate_pem());
        let known = |person: kyc_sandbox::idp::Person| {
            (person.login, json!({ "name": person.name, "sub": person.sub, "roles": person.roles }))
        };
        file("people.json", people().into_iter().map(known).collect::<Value>().to_string());
        let (encrypts, name) = match cipher {
            Cipher::None => ("no", ""),
            Cipher::Gcm => ("yes", "http://www.w3.org/2009/xmlenc11#aes256-gcm"),
            Cipher::Cbc => ("yes", "http://www.w3.org/2001/04/xmlenc#aes256-cbc"),
        };
        let mut process = Command::new(python)
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("idps/pysaml2_idp.py"))
            .args([folder.path().to_str().unwrap(), "0"])
            .envs([("ENCRYPTS", encrypts), ("CIPHER", name), ("PYTHONWARNINGS", "ignore")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let base = said.next_line().await.unwrap().expect("pysaml2 ended before it answered");
        let input = process.stdin.take().unwrap();
        Self { folder, base, _process: process, _input: input }
    }

    /// Its metadata, as an administrator would save it.
    pub async fn metadata(&self) -> String {
        reqwest::get(format!("{}/metadata", self.base)).await.unwrap().text().await.unwrap()
    }

    /// Imports the client's metadata.
    pub fn trust(&self, metadata: &str) {
        std::fs::write(self.folder.path().join("sp.xml"), metadata).unwrap();
    }

    /// Where a person signs out.
    pub fn logout_address(&self, login: &str) -> String {
        format!("{}/logout?login={login}", self.base)
    }
}
