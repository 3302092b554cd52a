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
