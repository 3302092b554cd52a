//! What an administrator imports into Genesys (`genesys/`), held against our API and against what Genesys takes; and the Architect flow, run step
//! by step against the product.

mod actions;
mod expression;
mod flow_file;
mod run;
mod stories;
mod terraform;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("genesys")
}

fn read(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("genesys/{path}: {error}"))
}

/// Every file in a folder with this ending, by its name.
fn files(of: &str, ending: &str) -> BTreeMap<String, String> {
    let entries =
        fs::read_dir(folder().join(of)).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeMap<_, _> = entries
        .filter(|name| name.ends_with(ending))
        .map(|name| (name.clone(), read(&format!("{of}/{name}"))))
        .collect();
    assert!(!found.is_empty(), "genesys/{of} has no {ending}");
    found
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn yaml(text: &str) -> Value {
    yaml_serde::from_str(text).unwrap()
}

/// What Terraform fills into a flow, as its variables stand by default.
fn filled(text: &str) -> String {
    let values = [
        ("flow_name", "Video_KYC_Onboarding"),
        ("ready_flow", "Video_KYC_Ready"),
        ("ended_flow", "Video_KYC_Ended"),
        ("division", "Home"),
        ("language", "en-us"),
        ("bot_language", "en"),
        ("category", "KYC_Provider_Secure"),
        ("queue", "retail-de"),
        ("skill", "KYC_Specialist"),
        ("script_name", "KYC_Agent_Desktop"),
        ("customer_id_attribute", "context.kyc_customer_id"),
        ("session_id_attribute", "context.kyc_session_id"),
        ("video_attribute", "context.kyc_supports_video"),
        ("ready_question", "Please answer yes when you are done."),
        ("please_wait", "One moment, please."),
    ];
    let text =
        values.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), value));
    assert!(!text.contains("{{"), "nothing fills in {}", &text[text.find("{{").unwrap_or(0)..][..40]);
    text
}

/// The schema of a type in our API's document.
fn schema(document: &Value, name: &str) -> Value {
    document["components"]["schemas"][name].clone()
}

fn document() -> Value {
    serde_json::to_value(kyc_desk::http::openapi::document()).unwrap()
}

/// The codes of one of our enumerations.
fn codes(name: &str) -> Vec<String> {
    let schema = schema(&document(), name);
    let of = |value: &Value| value.as_str().map(str::to_owned);
    let plain = schema["enum"].as_array().into_iter().flatten().filter_map(of);
    let described = schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|one| one["enum"].as_array().cloned().unwrap_or_default());
    let all: Vec<String> = plain.chain(described.filter_map(|value| of(&value)).collect::<Vec<_>>()).collect();
    assert!(!all.is_empty(), "{name} has no codes: {schema}");
    all
}
