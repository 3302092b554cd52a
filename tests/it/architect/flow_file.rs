//! The flows' YAML: actions and their arguments as Genesys takes them (genesys.md, section 5), our codes spelled as we spell them, every variable
//! declared, every task and data action there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::actions::DataAction;
use super::{codes, files, filled, json, read, yaml};

/// What Terraform hands to the flows.
fn substitutions() -> BTreeSet<String> {
    let text = read("terraform/flows.tf");
    let block = text.split_once("substitutions = {").unwrap().1.split_once('}').unwrap().0;
    block.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name.trim().to_owned()).collect()
}

/// Every flow, filled in.
pub fn flows() -> BTreeMap<String, Value> {
    files("flows", ".yaml").into_iter().map(|(name, text)| (name, yaml(&filled(&text)))).collect()
}

/// Every action in a flow, with its name, however deep.
fn walk<'a>(value: &'a Value, found: &mut Vec<(&'a str, &'a Value)>) {
    match value {
        Value::Object(fields) => {
            for list in fields.iter().filter(|(name, _)| *name == "actions").filter_map(|(_, list)| list.as_array()) {
                for action in list {
                    let (name, with) = action.as_object().unwrap().iter().next().unwrap();
                    found.push((name, with));
                }
            }
            fields.values().for_each(|one| walk(one, found));
        }
        Value::Array(all) => all.iter().for_each(|one| walk(one, found)),
        _ => {}
    }
}

fn actions(flow: &Value) -> Vec<(&str, &Value)> {
    let mut found = Vec::new();
    walk(flow, &mut found);
    assert!(!found.is_empty());
    found
}

/// Every text below a value.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(all) => all.iter().for_each(|one| texts(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| texts(one, found)),
        _ => {}
    }
}

#[test]
fn every_placeholder_is_filled_in_by_terraform_and_every_substitution_is_used() {
    let mut used = BTreeSet::new();
    for (name, text) in files("flows", ".yaml") {
        yaml(&text);
        for part in text.split("{{").skip(1) {
            let placeholder = part.split_once("}}").unwrap_or_else(|| panic!("{name}: {part}")).0;
            used.insert(placeholder.to_owned());
        }
    }
    assert_eq!(used, substitutions());
}

#[test]
fn every_action_is_one_of_architects_with_the_arguments_it_takes() {
    let known = json(include_str!("../../fixtures/genesys/architect.json"));
    for (file, flow) in flows() {
        for (name, with) in actions(&flow) {
            let takes =
                known.get(name).unwrap_or_else(|| panic!("{file}: {name} is no action that was seen in a real flow"));
            let list =
                |which: &str| takes[which].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned());
            let has: BTreeSet<String> = with.as_object().unwrap().keys().cloned().collect();
            for needed in list("needs") {
                assert!(has.contains(&needed), "{file}: {name} {} lacks {needed}", with["name"]);
            }
            let may: BTreeSet<String> = list("needs").chain(list("may")).collect();
            assert!(has.is_subset(&may), "{file}: {name} {}: {:?}", with["name"], has.difference(&may));
        }
    }
}

/// What the flow hands to the script.
pub fn popped() -> BTreeSet<&'static str> {
    let flow = flows().remove("Video_KYC_Onboarding.yaml").unwrap();
    let known = ["kyc_session_id", "kyc_customer_id"];
    let of = actions(&flow).into_iter().find(|(name, _)| *name == "setScreenPop").unwrap().1;
    let inputs = of["screenPopScript"]["KYC_Agent_Desktop"]["inputs"].as_object().unwrap();
    assert_eq!(inputs.len(), known.len(), "{inputs:?}");
    known.into_iter().filter(|name| inputs.contains_key(*name)).collect()
}

#[test]
fn every_milestone_that_is_provisioned_is_reached_by_a_flow() {
    let text = read("terraform/flows.tf");
    let is_used = files("flows", ".yaml").values().any(|flow| flow.contains("Milestone"));
    assert_eq!(text.contains("flow_milestone"), is_used);
}

#[test]
fn data_actions_are_called_with_what_they_take_and_give() {
    let known = DataAction::all();
    let mut called = BTreeSet::new();
    for (file, flow) in flows() {
        for (_, with) in actions(&flow).into_iter().filter(|(name, _)| *name == "callData") {
            let (category, of) = with["category"].as_object().unwrap().iter().next().unwrap();
            assert_eq!(category, "KYC_Provider_Secure", "{file}");
            let (name, call) = of["dataAction"].as_object().unwrap().iter().next().unwrap();
            let action = known.get(name).unwrap_or_else(|| panic!("{file}: there is no data action {name}"));
            let given: Vec<&String> = call["inputs"].as_object().unwrap().keys().collect();
            assert!(given.iter().all(|input| action.inputs().contains_key(*input)), "{file}: {name}: {given:?}");
            assert_eq!(given.len(), action.inputs().len(), "{file}: {name}: {given:?}");
            for output in call["successOutputs"].as_object().into_iter().flatten().map(|(output, _)| output) {
                assert!(action.outputs().contains_key(output), "{file}: {name} gives no {output}");
            }
            let seconds = with["timeout"]["lit"]["seconds"].as_u64().unwrap();
            assert!(seconds > 10, "{file}: {name}: the flow must not give up before the action does");
            called.insert(name.clone());
        }
    }
    let unused: Vec<_> = known.keys().filter(|name| !called.contains(*name)).collect();
    assert_eq!(unused, ["KYC Read Decision"], "the flow says that she is there when it asks");
}

#[test]
fn every_variable_is_declared_and_every_task_is_there() {
    for (file, flow) in flows() {
        let body = flow.as_object().unwrap().values().next().unwrap();
        let declared: BTreeSet<&str> = body["variables"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one.as_object().unwrap().values().next().unwrap()["name"].as_str().unwrap())
            .collect();
        let mut all = Vec::new();
        texts(body, &mut all);
        for text in &all {
            for part in text.split("Flow.").skip(1) {
                let name: String =
                    part.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect();
                assert!(declared.contains(format!("Flow.{name}").as_str()), "{file}: Flow.{name} is not declared");
            }
        }
        let tasks: BTreeSet<String> = body["tasks"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| format!("/inboundShortMessage/tasks/task[{}]", one["task"]["refId"].as_str().unwrap()))
            .collect();
        for text in all.iter().filter(|text| text.contains("/tasks/task[")) {
            assert!(tasks.contains(*text), "{file}: {text} leads nowhere");
        }
    }
}

#[test]
fn the_codes_that_the_flow_knows_are_exactly_ours() {
    let text = files("flows", ".yaml")["Video_KYC_Onboarding.yaml"].clone();
    let compared: BTreeSet<String> =
        text.split("Flow.action == \"").skip(1).map(|rest| rest.split_once('"').unwrap().0.to_owned()).collect();
    assert_eq!(compared, codes("NextAction").into_iter().collect(), "every action is handled, and no other");
    let flow = flows().remove("Video_KYC_Onboarding.yaml").unwrap();
    let calls = actions(&flow);
    let causes: BTreeSet<&str> = calls
        .iter()
        .filter_map(|(_, with)| with["category"]["KYC_Provider_Secure"]["dataAction"].as_object())
        .flat_map(|of| of.values())
        .filter_map(|call| call["inputs"]["cause"]["lit"].as_str())
        .collect();
    assert!(
        !causes.is_empty() && causes.iter().all(|cause| codes("FlowTrouble").contains(&(*cause).to_owned())),
        "{causes:?}"
    );
}

#[test]
fn every_call_has_a_way_out_when_it_fails_or_takes_too_long() {
    let flow = flows().remove("Video_KYC_Onboarding.yaml").unwrap();
    for (_, with) in actions(&flow).into_iter().filter(|(name, _)| *name == "callData") {
        // The call of the way out itself has none: what follows it hands over in any case.
        if with["name"] == "Hand it over" {
            continue;
        }
        for end in ["failure", "timeout"] {
            let out =
                with["outputs"][end]["actions"].as_array().unwrap_or_else(|| panic!("{} has no {end}", with["name"]));
            assert!(out.iter().any(|action| action.get("callTask").is_some()), "{} {end}: {out:?}", with["name"]);
        }
    }
}
