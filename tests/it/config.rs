//! Configurations that cannot be used say everything that is wrong with them.

use kyc_desk::config::Config;

#[test]
fn five_mistakes_are_named_at_once() {
    let text = r#"
time_zone = "Mars/Olympus"
[http]
desk_url = "http://desk.bank.example"
edge_url = "https://edge.bank.example"
frame_ancestors = ["*"]
[database]
url = "mysql://x"
[privacy]
master_key_id = "k"
master_key = "too-short"
audit_key = "ZGVtby1hdWRpdC1rZXktbm90LWEtc2VjcmV0LS0hISE="
[auth]
idle_minutes = 90
[auth.idp.bank]
kind = "oidc"
issuer = "https://idp.bank.example"
client_id = "kyc"
client_secret = { file = "/nonexistent" }
roles = []
"#;
    let Err(problems) = Config::parse(text) else { panic!("it was accepted") };
    let said = problems.to_string();
    for setting in [
        "time_zone",
        "http.desk_url",
        "http.frame_ancestors",
        "database.url",
        "privacy.master_key",
        "auth.idle_minutes",
        "auth.idp.bank.client_secret",
        "auth.idp.bank.roles",
    ] {
        assert!(said.contains(&format!("  {setting}: ")), "{setting} is missing in:\n{said}");
    }
    assert!(!said.contains("too-short"), "a secret is not repeated");
}

#[test]
fn a_call_is_known_to_be_silent_before_her_time_is_over_and_after_whoever_beats() {
    let demo = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo.toml")).unwrap();
    assert!(demo.contains("\n[policy]\n"));
    for (seconds, is_fine) in [(0, false), (44, false), (45, true), (599, true), (600, false)] {
        let text = demo.replace("\n[policy]\n", &format!("\n[policy]\ncall_silent_seconds = {seconds}\n"));
        match Config::parse(&text) {
            Ok(_) => assert!(is_fine, "{seconds} was accepted"),
            Err(problems) => {
                assert!(!is_fine && problems.to_string().contains("policy.call_silent_seconds"), "{problems}");
            }
        }
    }
}

#[test]
fn an_unknown_setting_is_a_mistake() {
    let Err(problems) = Config::parse("[htpp]\n") else { panic!("it was accepted") };
    assert!(problems.to_string().contains("htpp"));
}

#[test]
fn the_demo_configuration_can_be_used() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo.toml")).unwrap();
    if let Err(problems) = Config::parse(&text) {
        panic!("{problems}");
    }
}

/// The demo's configuration with another identity provider in it.
fn with_second_idp(issuer: &str) -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo.toml")).unwrap();
    format!(
        "{text}\n[auth.idp.second]\nkind = \"oidc\"\nissuer = \"{issuer}\"\nclient_id = \"kyc-desk-2\"\nclient_secret = \"s\"\n\
         roles = [{{ claim = \"roles\", value = \"kyc-agent\", role = \"agent\" }}]\n"
    )
}

#[test]
fn two_identity_providers_with_one_issuer_are_refused() {
    let Err(problems) = Config::parse(&with_second_idp("http://127.0.0.1:7301")) else { panic!("it was accepted") };
    let said = problems.to_string();
    assert!(said.contains("auth.idp.second.issuer: is the issuer of bank too"), "{said}");
    assert!(Config::parse(&with_second_idp("https://other.example")).is_ok());
}

#[test]
fn an_issuer_is_kept_exactly_as_it_is_written() {
    for issuer in
        ["https://idp.example", "https://idp.example/", "https://idp.example/realms/a/", "https://IDP.example"]
    {
        let config = Config::parse(&with_second_idp(issuer)).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(config.auth.idps["second"].issuer(), issuer);
    }
    for wrong in [
        "idp.example",
        "https://idp.example/?tenant=1",
        "https://idp.example/#x",
        "http://idp.example",
        " https://idp.example",
    ] {
        let Err(problems) = Config::parse(&with_second_idp(wrong)) else { panic!("{wrong} was accepted") };
        assert!(problems.to_string().contains("auth.idp.second.issuer: "), "{wrong}: {problems}");
    }
}

/// The configuration of a recipe in `docs/sso`, with what lies in files in its place.
fn recipe(page: &str) -> Option<String> {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/saml");
    let section = page.split_once("```toml\n")?.1.split_once("```")?.0;
    let key = format!("{:?}", include_str!("../fixtures/saml/sp-key.pem"));
    let line = |line: &str| match line.split_once(" = ") {
        Some((name @ ("client_key" | "key"), _)) => format!("{name} = {key}"),
        Some((name @ "client_secret", _)) => format!("{name} = \"a-secret\""),
        Some((name @ "metadata_file", _)) => format!("{name} = \"{fixtures}/idp.xml\""),
        Some((name @ "certificate_file", _)) => format!("{name} = \"{fixtures}/sp.crt\""),
        _ => line.to_owned(),
    };
    section.starts_with("[auth.idp.").then(|| section.lines().map(line).collect::<Vec<_>>().join("\n"))
}

fn pages() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/sso");
    let pages = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    pages.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).unwrap())).collect()
}

#[test]
fn every_recipe_can_be_used_as_it_is() {
    let demo = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo.toml")).unwrap();
    let recipes: Vec<_> = pages().into_iter().filter_map(|(name, page)| Some((name, recipe(&page)?))).collect();
    assert!(recipes.len() >= 5, "{recipes:?}");
    for (name, section) in recipes {
        if let Err(problems) = Config::parse(&format!("{demo}\n{section}\n")) {
            panic!("{name}: {problems}");
        }
    }
}

#[test]
fn every_recipe_for_a_provider_can_be_used_as_it_is() {
    let demo = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo.toml")).unwrap();
    let demo = demo.replace("edge_url = \"http://localhost:7311\"", "edge_url = \"https://edge.bank.example\"");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/providers");
    let mut recipes = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let page = std::fs::read_to_string(&path).unwrap();
        let Some((_, rest)) = page.split_once("```toml\n") else { continue };
        let section = rest.split_once("```").unwrap().0;
        let secret = |line: &str| match line.split_once("{ file = ") {
            Some((before, rest)) => {
                format!("{before}'0123456789abcdef0123456789abcdef'{}", rest.split_once('}').unwrap().1)
            }
            None => line.to_owned(),
        };
        let section: String = section.lines().map(|line| secret(line) + "\n").collect();
        if let Err(problems) = Config::parse(&format!("{demo}\n{section}\n")) {
            panic!("{}: {problems}", path.display());
        }
        recipes += 1;
    }
    assert!(recipes >= 1);
}

#[test]
fn every_code_that_the_pages_explain_is_one_that_is_given() {
    let sources = crate::rules::sources("server/src", "rs");
    let (_, page) = pages().into_iter().find(|(name, _)| name.ends_with("README.md")).unwrap();
    let table = page.split_once("| Code |").unwrap().1;
    let mut explained = 0;
    for cell in table.lines().filter(|line| line.starts_with("| `")).filter_map(|line| line.split('|').nth(1)) {
        for code in cell.split('`').skip(1).step_by(2) {
            let literal = format!("\"{code}\"");
            assert!(sources.iter().any(|(_, text)| text.contains(&literal)), "docs/sso/README.md: {code}");
            explained += 1;
        }
    }
    assert!(explained > 25, "{explained} were found");
}
