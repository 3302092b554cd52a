//! An OpenID Connect provider that nobody here wrote: npm's oidc-provider, started by `tests/idps/oidc_provider.mjs`.

use std::path::Path;
use std::process::Stdio;

use kyc_sandbox::idp::{Person, people};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::variable;

/// Our secret there.
pub const SECRET: &str = "a-secret-of-the-tests-and-of-nothing-else";

/// A running provider; it ends when this is dropped.
pub struct OidcProvider {
    folder: TempDir,
    /// Its name of itself.
    pub issuer: String,
    _process: Child,
    _input: ChildStdin,
    /// It ends when it cannot say what it has to say.
    _said: Lines<BufReader<ChildStdout>>,
}

impl OidcProvider {
    pub async fn start() -> Self {
        let of = |name| variable(name).unwrap_or_else(|| panic!("{name} is not set: `cargo xtask test` does"));
        let folder = tempfile::tempdir().unwrap();
        let known = |who: Person| (who.login, json!({ "name": who.name, "sub": who.sub, "roles": who.roles }));
        let known = people().into_iter().map(known).collect::<Value>();
        std::fs::write(folder.path().join("people.json"), known.to_string()).unwrap();
        let mut process = Command::new(of("KYC_NODE"))
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("idps/oidc_provider.mjs"))
            .args([of("KYC_OIDC_PROVIDER").as_str(), folder.path().to_str().unwrap()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let issuer = said.next_line().await.unwrap().expect("oidc-provider ended before it answered");
        let input = process.stdin.take().unwrap();
        Self { folder, issuer, _process: process, _input: input, _said: said }
    }

    /// Registers us, at these addresses.
    pub fn trust(&self, callback: &str, backchannel_logout: &str) {
        let client = json!({
            "client_id": "kyc-desk",
            "client_secret": SECRET,
            "redirect_uris": [callback],
            "id_token_signed_response_alg": "ES256",
            "backchannel_logout_uri": backchannel_logout,
            "backchannel_logout_session_required": true,
        });
        std::fs::write(self.folder.path().join("client.json"), client.to_string()).unwrap();
    }

    /// Where a person signs out.
    pub fn logout_address(&self) -> String {
        format!("{}/session/end", self.issuer)
    }
}
