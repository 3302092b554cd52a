//! Replacing secrets while the server runs: what a reload takes over from a new configuration, and what it leaves for a restart.
//!
//! Taken over are the clients of the flow and bank APIs, the credentials of providers, our secret at each identity provider and at
//! Genesys, and the secret that signs events. Each only where its address, and the name we go by there, are still the same: a secret is sent nowhere but
//! where it belongs.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::auth::Configured;
use super::{Config, Fingerprints};

/// What a reload did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replaced {
    /// Settings whose new secret is in use.
    pub settings: Vec<String>,
    /// Settings and sections that differ and wait for a restart.
    pub waiting: Vec<String>,
}

impl Config {
    /// Takes over from `new` what may change while the server runs.
    pub fn adopt(&self, new: &Self) -> Replaced {
        let adopted = self.adopt_secrets(new);
        let is_adopted = |setting: &str| adopted.iter().any(|prefix| setting.starts_with(prefix));
        let (before, after) = (self.secrets.get(), new.secrets.get());
        let (settings, mut waiting): (Vec<_>, Vec<_>) =
            differing(&before, &after).into_iter().partition(|setting| is_adopted(setting));
        waiting.extend(differing(&self.fixed, &new.fixed));
        let kept = before.iter().filter(|(setting, _)| !is_adopted(setting));
        let taken = after.iter().filter(|(setting, _)| is_adopted(setting));
        let secrets: Fingerprints = kept.chain(taken).map(|(name, print)| (name.clone(), print.clone())).collect();
        self.secrets.adopt(&crate::live::Live::new(secrets));
        Replaced { settings, waiting }
    }

    /// Gives the beginnings of the names of what was taken over.
    fn adopt_secrets(&self, new: &Self) -> Vec<String> {
        self.clients.adopt(&new.clients);
        let mut adopted = vec!["clients.".to_owned()];
        if let (Some(ours), Some(theirs)) = (&self.bank, &new.bank)
            && ours.url == theirs.url
        {
            ours.secret.adopt(&theirs.secret);
            adopted.push("bank.".to_owned());
        }
        if let (Some(ours), Some(theirs)) = (&self.genesys, &new.genesys)
            && ours.adopt(theirs)
        {
            adopted.push("genesys.".to_owned());
        }
        for (name, idp) in self.auth.idps.iter().filter_map(|(name, idp)| Some((name, idp.oidc()?))) {
            let theirs = new.auth.idps.get(name).and_then(Configured::oidc);
            if let Some(theirs) = theirs.filter(|theirs| idp.is_same_client(theirs)) {
                idp.credential.adopt(&theirs.credential);
                adopted.push(format!("auth.idp.{name}."));
            }
        }
        for (name, integration) in &self.providers {
            let theirs = new.providers.iter().find(|(theirs, _)| theirs == name);
            if theirs.is_some_and(|(_, theirs)| integration.settings.adopt(&theirs.settings)) {
                adopted.push(format!("providers.{name}."));
            }
        }
        adopted
    }
}

fn differing<T: PartialEq>(before: &BTreeMap<String, T>, after: &BTreeMap<String, T>) -> Vec<String> {
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    let new = after.iter().filter(|(name, value)| before.get(*name) != Some(value)).map(|(name, _)| name);
    gone.chain(new).cloned().collect()
}

/// A hash for each section, without what a reload takes over.
pub(super) fn fixed(text: &str) -> BTreeMap<String, [u8; 32]> {
    let mut file: toml::Table = toml::from_str(text).unwrap_or_default();
    file.remove("clients");
    forget(file.get_mut("bank"), &["event_secret"]);
    forget(file.get_mut("genesys"), &["client_secret"]);
    for idp in tables(file.get_mut("auth").and_then(|auth| auth.get_mut("idp"))) {
        forget(Some(idp), &["client_secret", "client_key", "client_key_id"]);
    }
    for integration in tables(file.get_mut("providers")) {
        forget(Some(integration), &["api_key", "shared_secrets"]);
    }
    file.iter().map(|(name, section)| (name.clone(), Sha256::digest(section.to_string()).into())).collect()
}

fn tables(value: Option<&mut toml::Value>) -> impl Iterator<Item = &mut toml::Value> {
    value.and_then(toml::Value::as_table_mut).into_iter().flat_map(|table| table.iter_mut().map(|(_, value)| value))
}

fn forget(section: Option<&mut toml::Value>, settings: &[&str]) {
    if let Some(table) = section.and_then(toml::Value::as_table_mut) {
        table.retain(|name, _| !settings.contains(&name));
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::super::auth::Credential;
    use super::*;

    const DEMO: &str = include_str!("../../../deploy/demo.toml");

    fn config(changes: &[(&str, &str)]) -> Config {
        let text = changes.iter().fold(DEMO.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "{from}");
            text.replace(from, to)
        });
        Config::parse(&text).unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks")]
    fn secret_of(config: &Config) -> String {
        match &*config.auth.idps["bank"].oidc().unwrap().credential.get() {
            Credential::Secret(secret) => secret.expose_secret().to_owned(),
            Credential::Key(_) => panic!("it has a key"),
        }
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test looks")]
    fn secrets_are_taken_over_and_named() {
        let running = config(&[]);
        let replaced = running.adopt(&config(&[
            ("demo-flow-secret", "another"),
            ("[\"demo-veriff-secret\"]", "[\"newer\", \"demo-veriff-secret\"]"),
            ("demo-client-secret", "another-too"),
        ]));
        let settings =
            ["providers.veriff-demo.shared_secrets[1]", "auth.idp.bank.client_secret", "clients.flow.secret"];
        for setting in settings {
            assert!(replaced.settings.iter().any(|found| found == setting), "{setting}: {replaced:?}");
        }
        assert!(replaced.waiting.is_empty(), "{replaced:?}");
        assert_eq!(running.clients.get()["flow"].secrets[0].expose_secret(), "another");
        assert_eq!(running.adopt(&config(&[("demo-flow-secret", "another")])).settings.len(), 3, "and back again");
    }

    #[test]
    fn what_needs_a_restart_is_named_and_left() {
        let running = config(&[]);
        let replaced = running.adopt(&config(&[
            ("ZGVtby1tYXN0ZXIta2V5LW5vdC1hLXNlY3JldC0hISE=", "bm90LXRoZS1kZW1vLW1hc3Rlci1rZXktYXQtYWxsLSE="),
            ("idle_minutes = 30", "idle_minutes = 20"),
        ]));
        assert_eq!(
            replaced,
            Replaced {
                settings: Vec::new(),
                waiting: ["privacy.master_key", "auth", "privacy"].map(str::to_owned).into(),
            }
        );
        assert_eq!(running.auth.idle_seconds, 30 * 60);
    }

    #[test]
    fn a_secret_stays_where_its_address_has_changed() {
        let running = config(&[]);
        let replaced = running.adopt(&config(&[
            ("http://127.0.0.1:7301", "https://elsewhere.example"),
            ("demo-client-secret", "for-elsewhere"),
        ]));
        assert_eq!(replaced.waiting, ["auth.idp.bank.client_secret", "auth"]);
        assert_eq!(secret_of(&running), "demo-client-secret");
    }

    #[test]
    fn the_secret_of_another_client_id_waits_with_it() {
        let running = config(&[]);
        let replaced = running.adopt(&config(&[
            ("client_id = \"kyc-desk\"", "client_id = \"kyc-desk-2\""),
            ("demo-client-secret", "of-the-second"),
            ("demo-flow-secret", "another"),
        ]));
        assert_eq!(replaced.settings, ["clients.flow.secret"]);
        assert_eq!(replaced.waiting, ["auth.idp.bank.client_secret", "auth"]);
        assert_eq!(secret_of(&running), "demo-client-secret");
    }
}
