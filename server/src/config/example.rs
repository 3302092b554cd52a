//! The example configuration, which is the documentation of every setting: `kyc-desk config example` prints it.

/// The file. A line that begins with `#` and no space is a setting at its default; tests hold it against what is read.
pub const EXAMPLE: &str = include_str!("../../../deploy/example.toml");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use ring::rand::SystemRandom;
    use ring::signature::Ed25519KeyPair;

    use super::super::{Config, File};
    use super::*;

    /// The example with every setting that it names switched on.
    fn complete() -> String {
        let shown = |line: &str| line.strip_prefix('#').filter(|rest| !rest.starts_with([' ', '#'])).map(str::to_owned);
        EXAMPLE.lines().map(|line| shown(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
    }

    fn client_key() -> String {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        let key = BASE64_STANDARD.encode(key.as_ref());
        format!(r#""-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----""#)
    }

    /// The same with secrets in place of the files that hold them.
    fn usable(text: &str) -> Config {
        let client_key = client_key();
        let fixture = |name: &str| {
            format!("{:?}", Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/saml").join(name))
        };
        let saml_key = format!("{:?}", include_str!("../../../tests/fixtures/saml/sp-key.pem"));
        let secret = |line: &str| match line.split_once("{ file = ") {
            None if line.starts_with("metadata_file =") => format!("metadata_file = {}", fixture("idp.xml")),
            None if line.starts_with("url = \"file:") => "url = \"s3://kyc-desk/photos\"".to_owned(),
            None if line.starts_with("texts_folder =") => {
                format!("texts_folder = {:?}", Path::new(env!("CARGO_MANIFEST_DIR")).join("src/texts"))
            }
            None if line.starts_with("certificate_file =") => format!("certificate_file = {}", fixture("sp.crt")),
            None => line.to_owned(),
            Some((before, rest)) => {
                let after = rest.split_once('}').unwrap().1;
                let value = match line {
                    line if line.contains("event_secret") => "'whsec_ZGVtby1iYW5rLXdlYmhvb2stc2VjcmV0LTEyMzQ1Ng=='",
                    line if line.contains("client_key") => &client_key,
                    line if line.starts_with("key =") => &saml_key,
                    _ => "'ZGVtby1tYXN0ZXIta2V5LW5vdC1hLXNlY3JldC0hISE='",
                };
                let after = if after.contains("{ file = ") { "]" } else { after };
                format!("{before}{value}{after}")
            }
        };
        let text: String = text.lines().map(|line| secret(line) + "\n").collect();
        Config::parse(&text).unwrap_or_else(|problems| panic!("{problems}\n{text}"))
    }

    /// Every table in it, with its path.
    fn tables(value: &toml::Value, path: Vec<String>, found: &mut Vec<(Vec<String>, BTreeSet<String>)>) {
        match value {
            toml::Value::Table(table) => {
                for (name, value) in table {
                    tables(value, [path.clone(), vec![name.clone()]].concat(), found);
                }
                found.push((path, table.keys().cloned().collect()));
            }
            toml::Value::Array(list) => {
                for (index, value) in list.iter().enumerate() {
                    tables(value, [path.clone(), vec![index.to_string()]].concat(), found);
                }
            }
            _ => {}
        }
    }

    fn at<'a>(value: &'a mut toml::Value, path: &[String]) -> &'a mut toml::Table {
        let inner = path.iter().fold(value, |value, name| match value {
            toml::Value::Array(list) => &mut list[name.parse::<usize>().unwrap()],
            table => table.get_mut(name).unwrap(),
        });
        inner.as_table_mut().unwrap()
    }

    /// The settings that a table may have: what serde says when it meets an unknown one. None where any name is taken.
    fn known(example: &toml::Value, path: &[String]) -> Option<BTreeSet<String>> {
        let mut example = example.clone();
        at(&mut example, path).insert("no_such_setting".to_owned(), toml::Value::Boolean(true));
        let said = example.try_into::<File>().err()?.to_string();
        let list = said.split_once("unknown field `no_such_setting`, expected")?.1;
        // What follows on further lines is where it was.
        Some(list.lines().next()?.split('`').skip(1).step_by(2).map(str::to_owned).collect())
    }

    /// Whether both are sections of one kind.
    fn is_sibling(example: &toml::Value, one: &[String], other: &[String]) -> bool {
        let kind = |path: &[String]| {
            let found = path.iter().try_fold(example, |value, name| value.get(name))?;
            found.get("kind").and_then(toml::Value::as_str)
        };
        one.len() == 2 && other.len() == 2 && one[0] == other[0] && kind(one).is_some() && kind(one) == kind(other)
    }

    #[test]
    fn it_names_every_setting_there_is() {
        let example: toml::Value = toml::from_str(&complete()).unwrap();
        let mut found = Vec::new();
        tables(&example, Vec::new(), &mut found);
        let mut checked = 0;
        for (path, named) in &found {
            let Some(known) = known(&example, path) else { continue };
            // Of settings that exclude each other, two sections of one kind show one each.
            let siblings = found.iter().filter(|(other, _)| is_sibling(&example, path, other));
            let named: BTreeSet<String> = siblings.flat_map(|(_, named)| named).chain(named).cloned().collect();
            let missing: Vec<_> = known.difference(&named).collect();
            // Of several rules the first shows everything.
            let is_further = path.iter().any(|name| name == "roles") && path.last().is_some_and(|last| last != "0");
            assert!(missing.is_empty() || is_further, "deploy/example.toml: {path:?} lacks {missing:?}");
            checked += 1;
        }
        assert!(checked > 10, "{checked} tables were held against the sections");
    }

    #[test]
    fn it_can_be_used_as_it_is_and_with_everything_switched_on() {
        usable(EXAMPLE);
        usable(&complete());
    }

    #[test]
    fn what_it_shows_as_default_is_the_default() {
        let (short, mut long) = (usable(EXAMPLE), usable(&complete()));
        assert!(long.auth.idps.remove("adfs").is_some(), "a section of its own, all of which is switched off");
        long.providers.retain(|(name, _)| name == "veriff-de");
        assert_eq!(format!("{:?}", short.http), format!("{:?}", long.http));
        assert_eq!(format!("{:?}", short.auth), format!("{:?}", long.auth));
        assert_eq!(format!("{:?}", short.providers), format!("{:?}", long.providers));
        let lists = |config: &Config| crate::domain::policy::Policy {
            reasons: Vec::new(),
            checklist: Vec::new(),
            step_up: std::collections::BTreeMap::new(),
            ..config.policy.clone()
        };
        assert_eq!(lists(&short), lists(&long));
    }

    #[test]
    fn every_secret_in_it_gets_a_fingerprint() {
        let secrets = usable(&complete()).secrets.get();
        let text = complete();
        let written = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.matches("{ file = ").count());
        // The API key, the ids of our clients and of our key, and an identity provider's metadata are no secrets, but a reload can say that
        // they changed; the database's address may hold a password.
        assert_eq!(secrets.len(), written.sum::<usize>() + 6, "{secrets:?}");
    }

    #[test]
    fn the_guide_names_only_settings_that_exist() {
        let guide = include_str!("../../../docs/configuration.md");
        for word in guide.split('`').skip(1).step_by(2) {
            let is_setting =
                word.contains('.') && word.bytes().all(|byte| byte.is_ascii_alphabetic() || b"._".contains(&byte));
            let setting = word.rsplit('.').next().unwrap();
            if is_setting {
                assert!(complete().contains(&format!("{setting} =")), "docs/configuration.md: {word}");
            }
        }
    }
}
