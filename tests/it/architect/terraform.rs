//! The Terraform files: they parse, and each resource has arguments that CX as Code takes (genesys.md, section 8). The guide's names are there.

use std::collections::BTreeSet;

use hcl::{Block, Body, Expression};
use serde_json::Value;

use super::{files, json, read};

fn resources() -> Vec<(String, Block)> {
    let mut all = Vec::new();
    for (file, text) in files("terraform", ".tf") {
        let body: Body = hcl::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        all.extend(
            body.into_blocks().filter(|block| block.identifier() == "resource").map(|block| (file.clone(), block)),
        );
    }
    assert!(all.len() > 15, "resources are read: {}", all.len());
    all
}

fn label(block: &Block, at: usize) -> &str {
    block.labels()[at].as_str()
}

fn resource(kind: &str, name: &str) -> Block {
    let found = resources().into_iter().find(|(_, block)| (label(block, 0), label(block, 1)) == (kind, name));
    found.unwrap_or_else(|| panic!("there is no {kind}.{name}")).1
}

fn attribute<'a>(block: &'a Block, name: &str) -> &'a Expression {
    let found = block.body().attributes().find(|attribute| attribute.key() == name);
    found.unwrap_or_else(|| panic!("{name} is not set")).expr()
}

fn inner<'a>(block: &'a Block, name: &str) -> &'a Block {
    block.body().blocks().find(|block| block.identifier() == name).unwrap_or_else(|| panic!("no {name}"))
}

fn fits(at: &str, body: &Body, takes: &Value) {
    let list = |which: &str| takes[which].as_array().unwrap().iter().map(|one| one.as_str().unwrap());
    let has: BTreeSet<&str> = body.attributes().map(hcl::Attribute::key).collect();
    for needed in list("needs") {
        assert!(has.contains(needed), "{at} lacks {needed}");
    }
    let may: BTreeSet<&str> = list("needs").chain(list("may")).collect();
    assert!(has.is_subset(&may), "{at}: {:?}", has.difference(&may));
    for block in body.blocks() {
        let name = block.identifier();
        let takes = takes["blocks"].get(name).unwrap_or_else(|| panic!("{at} takes no {name}"));
        fits(&format!("{at}.{name}"), block.body(), takes);
    }
}

#[test]
fn every_resource_has_the_arguments_that_the_provider_takes() {
    let known = json(include_str!("../../fixtures/genesys/terraform.json"));
    for (file, block) in resources() {
        let kind = label(&block, 0);
        let takes = known.get(kind).unwrap_or_else(|| panic!("{file}: {kind} is not in the provider's list"));
        fits(&format!("{file}: {kind}.{}", label(&block, 1)), block.body(), takes);
    }
}

#[test]
fn every_reference_leads_to_a_resource_or_a_variable() {
    let all = resources();
    let known: BTreeSet<String> =
        all.iter().map(|(_, block)| format!("{}.{}", label(block, 0), label(block, 1))).collect();
    let variables: BTreeSet<String> = read("terraform/variables.tf")
        .split("variable \"")
        .skip(1)
        .map(|rest| rest.split_once('"').unwrap().0.to_owned())
        .collect();
    let word = |rest: &str| -> String {
        rest.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect()
    };
    let mut used = BTreeSet::new();
    for (file, text) in files("terraform", ".tf") {
        for rest in text.split("var.").skip(1) {
            assert!(variables.contains(&word(rest)), "{file}: var.{}", word(rest));
            used.insert(word(rest));
        }
        for rest in text.split("genesyscloud_").skip(1).filter(|rest| {
            rest.split_once(['.', '"', ' ']).is_some_and(|(kind, _)| rest[kind.len()..].starts_with('.'))
        }) {
            let (kind, name) = rest.split_once('.').unwrap();
            assert!(
                known.contains(&format!("genesyscloud_{kind}.{}", word(name))),
                "{file}: genesyscloud_{kind}.{}",
                word(name)
            );
        }
    }
    assert_eq!(used, variables, "a variable that nothing uses says nothing");
}

#[test]
fn the_guides_names_and_figures_are_there() {
    let integration = resource("genesyscloud_integration", "kyc_provider_secure");
    assert_eq!(attribute(inner(&integration, "config"), "name"), &Expression::from("KYC_Provider_Secure"));
    assert_eq!(attribute(&integration, "integration_type"), &Expression::from("custom-rest-actions"));
    let widget = resource("genesyscloud_integration", "kyc_agent_desktop");
    assert_eq!(attribute(inner(&widget, "config"), "name"), &Expression::from("KYC_Agent_Desktop"));
    let queue = resource("genesyscloud_routing_queue", "kyc_specialist");
    assert_eq!(attribute(&queue, "acw_timeout_ms"), &Expression::from(60_000), "60 s to wrap up");
    let policy = resource("genesyscloud_recording_media_retention_policy", "kyc_ephemeral_data");
    assert_eq!(attribute(&policy, "name"), &Expression::from("KYC_Ephemeral_Data"));
    let variables = read("terraform/variables.tf");
    for (variable, default) in
        [("queue_name", "\"KYC_Specialist\""), ("skill_name", "\"KYC_Specialist\""), ("interaction_days", "30")]
    {
        let of = variables.split_once(&format!("variable \"{variable}\"")).unwrap().1.split_once('}').unwrap().0;
        assert!(
            of.lines().any(|line| line.trim().replace(' ', "") == format!("default={default}")),
            "{variable}: {of}"
        );
    }
    assert!(read("terraform/flows.tf").contains("\"Video_KYC_Onboarding\""));
    let video = resource("genesyscloud_webdeployments_configuration", "kyc");
    assert_eq!(attribute(inner(&video, "video"), "enabled"), &Expression::from(true));
}

#[test]
fn no_secret_is_written_down_and_none_gets_into_the_state_by_the_oauth_client() {
    let client = resource("genesyscloud_oauth_client", "kyc_desk");
    assert_eq!(attribute(&client, "expose_client_secret"), &Expression::from(false));
    let variables = read("terraform/variables.tf");
    let secret = variables.split_once("variable \"flow_client_secret\"").unwrap().1.split_once('}').unwrap().0;
    assert!(secret.contains("sensitive   = true") && !secret.contains("default"), "{secret}");
    assert!(read("terraform/integration.tf").contains("clientSecret = var.flow_client_secret"));
}

#[test]
fn the_widget_is_opened_with_what_it_reads() {
    let text = read("terraform/widget.tf");
    let launch = include_str!("../../../app/src/state/launch.rs");
    for (parameter, placeholder) in [
        ("conversation_id", "gcConversationId"),
        ("host_origin", "gcHostOrigin"),
        ("target_env", "gcTargetEnv"),
        ("lang", "gcLangTag"),
    ] {
        assert!(text.contains(&format!("{parameter}={{{{{placeholder}}}}}")), "{parameter}");
        assert!(launch.contains(&format!("\"{parameter}\"")), "the widget does not read {parameter}");
    }
    for forbidden in ["allow-top-navigation", "camera", "microphone", "geolocation"] {
        assert!(!text.contains(forbidden), "{forbidden} is more than it needs");
    }
    assert!(read("terraform/variables.tf").contains(",allow-popups,"), "the sign-in is a popup");
}

#[test]
fn the_script_shows_the_widget_and_takes_the_session_from_the_flow() {
    let script = json(&read("script/KYC_Agent_Desktop.json"));
    assert_eq!(script["name"], "KYC_Agent_Desktop");
    assert_eq!(script["features"]["screenPop"]["properties"]["enabled"]["value"], true, "the flow can pop it");
    let inputs = script["variables"].as_array().unwrap().iter().filter(|one| one["input"] == true);
    let inputs: BTreeSet<&str> = inputs.map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(inputs, BTreeSet::from(["kyc_session_id", "kyc_customer_id"]));
    assert_eq!(inputs, super::flow_file::popped(), "the flow sets what the script takes");
    let page = &script["pages"][0]["rootContainer"]["children"][0];
    let url = page["properties"]["webPageSource"]["value"].as_str().unwrap();
    assert_eq!(page["type"], "webPage");
    assert_eq!(
        url,
        "{{desk_url}}/?conversation_id={{Scripter.Interaction ID}}&session_id={{kyc_session_id}}&customer_id={{kyc_customer_id}}"
    );
    assert_eq!(script["startPageId"], script["pages"][0]["id"]);
}
