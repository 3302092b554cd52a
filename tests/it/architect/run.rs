//! A run of the Architect flow: the YAML's actions, one after the other, with its data actions made over HTTP against the product.

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;

use axum::body::Body;
use axum::http::Request;
use kyc_sandbox::veriff::Outcome;
use kyc_tests::{Caller, TestApp};
use serde_json::{Value, json};

use super::actions::{DataAction, EDGE, fill};
use super::expression::{self, Variables};
use super::flow_file::flows;
use crate::customer::Visitor;

/// What the customer does until she says that she is done.
#[derive(Clone, Copy, Default)]
pub struct Turn {
    /// How long that takes.
    pub seconds: u64,
    /// What her video service measured: score and height.
    pub measured: Option<(&'static str, &'static str)>,
    /// Whether she hands in her document, and the provider finds everything in order.
    pub hands_in: bool,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// With a specialist: the queue, and the session that the script shows her.
    Agent {
        /// Where.
        queue: String,
        /// The session.
        session: String,
    },
    /// The customer was cut off after so many actions.
    Dropped,
}

/// What an action leads to.
#[derive(PartialEq)]
enum Next {
    On,
    LeaveLoop,
    LeaveTask,
    Over(End),
}

/// The flow in one conversation.
pub struct Run<'a> {
    app: &'a TestApp,
    caller: Caller<'a>,
    flow: &'a Value,
    data_actions: BTreeMap<String, DataAction>,
    conversation: String,
    variables: Variables,
    /// The customer's participant data.
    pub attributes: BTreeMap<String, String>,
    /// What was written to her.
    pub said: Vec<String>,
    /// The data actions that were called, in order.
    pub called: Vec<String>,
    turns: VecDeque<Turn>,
    popped: String,
    left: usize,
}

type Running<'s> = Pin<Box<dyn Future<Output = Next> + 's>>;

impl<'a> Run<'a> {
    /// A new conversation of this customer.
    pub async fn new(app: &'a TestApp, flow: &'a Value, conversation: &str) -> Self {
        let mut variables = Variables::from([("Message.ConversationId".to_owned(), json!(conversation))]);
        for variable in flow["inboundShortMessage"]["variables"].as_array().unwrap() {
            let with = variable.as_object().unwrap().values().next().unwrap();
            variables.insert(with["name"].as_str().unwrap().to_owned(), with["initialValue"]["lit"].clone());
        }
        let attributes = BTreeMap::from([("context.kyc_customer_id".to_owned(), "C-4F2A-0093".to_owned())]);
        Self {
            app,
            caller: app.guest().with_token(app.guest().token("flow", "flow-secret").await),
            flow,
            data_actions: DataAction::all(),
            conversation: conversation.to_owned(),
            variables,
            attributes,
            said: Vec::new(),
            called: Vec::new(),
            turns: VecDeque::new(),
            popped: String::new(),
            left: usize::MAX,
        }
    }

    /// The same, with what the customer does.
    pub fn with(mut self, turns: &[Turn]) -> Self {
        self.turns = turns.iter().copied().collect();
        self
    }

    /// The same, with participant data of the bank's site.
    pub fn knowing(mut self, name: &str, value: &str) -> Self {
        self.attributes.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The same, in which the customer is cut off after so many actions.
    pub fn cut_after(mut self, actions: usize) -> Self {
        self.left = actions;
        self
    }

    /// Runs it to its end.
    pub async fn finish(&mut self) -> End {
        let actions = self.flow["inboundShortMessage"]["states"][0]["state"]["actions"].as_array().unwrap();
        match self.run(actions).await {
            Next::Over(end) => end,
            _ => panic!("the flow ended without an end"),
        }
    }

    /// The session, as the conversation's attributes name it.
    pub fn session(&self) -> String {
        self.attributes.get("kyc_session_id").cloned().unwrap_or_default()
    }

    /// What `Video_KYC_Ended` does when the customer has left: it finds the session in the attributes and says that the conversation is over.
    pub async fn customer_left(&mut self) {
        if self.session().is_empty() {
            return;
        }
        let inputs = Variables::from([
            ("input.session_id".to_owned(), json!(self.session())),
            ("input.conversation_id".to_owned(), json!(self.conversation)),
        ]);
        self.call_api("KYC End Conversation", &inputs).await.expect("the end is taken");
    }

    fn run<'s>(&'s mut self, actions: &'a [Value]) -> Running<'s> {
        Box::pin(async move {
            for action in actions {
                if self.left == 0 {
                    return Next::Over(End::Dropped);
                }
                self.left -= 1;
                let (name, with) = action.as_object().unwrap().iter().next().unwrap();
                let next = self.act(name, with).await;
                if next != Next::On {
                    return next;
                }
            }
            Next::On
        })
    }

    async fn act(&mut self, name: &str, with: &'a Value) -> Next {
        match name {
            "decision" => {
                let is_true = self.value(&with["condition"]) == json!(true);
                self.branch(&with["outputs"][if is_true { "yes" } else { "no" }]).await
            }
            "callTask" => match self.run(self.task(with["targetTaskRef"].as_str().unwrap())).await {
                Next::LeaveTask => Next::On,
                next => next,
            },
            "endTask" => Next::LeaveTask,
            "loop" => self.rounds(with).await,
            "loopExit" => Next::LeaveLoop,
            "callData" => self.call(with).await,
            "callBotFlow" => self.turn().await,
            "transferToAcd" => {
                let queue = with["targetQueue"]["lit"]["name"].as_str().unwrap().to_owned();
                Next::Over(End::Agent { queue, session: self.popped.clone() })
            }
            _ => self.set(name, with),
        }
    }

    /// Actions that only change what is known or say something.
    fn set(&mut self, name: &str, with: &Value) -> Next {
        let attributes = || with["attributes"].as_array().unwrap().iter().map(|one| &one["attribute"]);
        match name {
            "sendResponse" => {
                let text = expression::text(&self.value(&with["messageBody"]));
                self.said.push(text);
            }
            "updateData" => {
                for statement in with["statements"].as_array().unwrap() {
                    let of = statement.as_object().unwrap().values().next().unwrap();
                    let value = self.value(&of["value"]);
                    self.keep(of["variable"].as_str().unwrap(), value);
                }
            }
            "setParticipantData" => {
                for of in attributes() {
                    let value = expression::text(&self.value(&of["value"]));
                    self.attributes.insert(of["name"]["lit"].as_str().unwrap().to_owned(), value);
                }
            }
            "getParticipantData" => {
                for of in attributes() {
                    let value = self.attributes.get(of["name"]["lit"].as_str().unwrap()).cloned();
                    self.keep(of["variable"].as_str().unwrap(), json!(value));
                }
            }
            "setScreenPop" => {
                let script = &with["screenPopScript"]["KYC_Agent_Desktop"]["inputs"]["kyc_session_id"];
                self.popped = expression::text(&self.value(script));
            }
            other => panic!("{other} is not played"),
        }
        Next::On
    }

    fn keep(&mut self, variable: &str, value: Value) {
        let known = self.variables.get_mut(variable).unwrap_or_else(|| panic!("{variable} is not declared"));
        *known = value;
    }

    fn value(&self, of: &Value) -> Value {
        match (of.get("exp").and_then(Value::as_str), of.get("lit")) {
            (Some(text), _) => expression::value(text, &self.variables),
            (None, Some(literal)) => literal.clone(),
            (None, None) => Value::Null,
        }
    }

    async fn branch(&mut self, output: &'a Value) -> Next {
        match output["actions"].as_array() {
            Some(actions) => self.run(actions).await,
            None => Next::On,
        }
    }

    fn task(&self, reference: &str) -> &'a [Value] {
        let id = reference.split_once("/task[").unwrap().1.trim_end_matches(']');
        let tasks = self.flow["inboundShortMessage"]["tasks"].as_array().unwrap();
        let task = tasks.iter().find(|task| task["task"]["refId"] == id).unwrap();
        task["task"]["actions"].as_array().unwrap()
    }

    async fn rounds(&mut self, with: &'a Value) -> Next {
        for round in 0..with["loopCount"]["lit"].as_u64().unwrap() {
            self.keep(with["currentIndex"]["var"].as_str().unwrap(), json!(round));
            match self.branch(&with["outputs"]["loop"]).await {
                Next::On => {}
                Next::LeaveLoop => break,
                next => return next,
            }
        }
        Next::On
    }

    /// The customer does her part and says that she is done; while she is there, her page gives signs of life.
    async fn turn(&mut self) -> Next {
        let turn = self.turns.pop_front().unwrap_or(Turn { seconds: 15, ..Turn::default() });
        self.app.advance(turn.seconds);
        if let Some((score, height)) = turn.measured {
            self.attributes.insert("kyc_video_score".to_owned(), score.to_owned());
            self.attributes.insert("kyc_video_height".to_owned(), height.to_owned());
        }
        if turn.hands_in {
            self.captures().await;
            self.app.decide(&self.session(), Outcome::Clean).await;
        }
        Next::On
    }

    /// The link that she was sent last.
    pub fn link(&self) -> Option<&str> {
        self.said.iter().rev().find_map(|text| text.split(' ').find(|word| word.contains("/c/")))
    }

    /// What she does before the provider can decide anything: she opens the link that she was sent, and goes where it leads.
    async fn captures(&self) {
        let link = self.link().unwrap_or_else(|| panic!("she was sent no link: {:?}", self.said));
        let capture = Visitor::by_link(self.app, link).await.capture().await;
        assert!(capture.starts_with(self.app.veriff.base_url()), "{capture}");
    }

    async fn call(&mut self, with: &'a Value) -> Next {
        let of = with["category"].as_object().unwrap().values().next().unwrap();
        let (name, call) = of["dataAction"].as_object().unwrap().iter().next().unwrap();
        let inputs: Variables = call["inputs"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(input, value)| (format!("input.{input}"), self.value(value)))
            .collect();
        self.called.push(name.clone());
        let (given, outputs, then) = match self.call_api(name, &inputs).await {
            Ok(given) => (given, "successOutputs", "success"),
            Err(given) => (given, "failureOutputs", "failure"),
        };
        for (output, into) in call[outputs].as_object().into_iter().flatten() {
            if let Some(variable) = into["var"].as_str() {
                self.keep(variable, given[output].clone());
            }
        }
        self.branch(&with["outputs"][then]).await
    }

    /// The request of a data action, and what it makes of the answer.
    async fn call_api(&self, name: &str, inputs: &Variables) -> Result<Value, Value> {
        let action = &self.data_actions[name];
        let value = |of: &str| inputs.get(of).map(expression::text).unwrap_or_default();
        let url = fill(action.request("requestUrlTemplate"), &value);
        let is_get = action.request("requestType") == "GET";
        let body = if is_get { String::new() } else { fill(action.request("requestTemplate"), &value) };
        let mut request = Request::builder().method(action.request("requestType")).uri(url.strip_prefix(EDGE).unwrap());
        for (header, template) in action.headers().filter(|(header, _)| *header != "Authorization") {
            request = request.header(header, fill(template, &value));
        }
        let mut request = request.body(Body::from(body)).unwrap();
        self.caller.identify(&mut request);
        let answer = self.caller.send(&self.app.edge, request).await;
        self.app.work().await;
        if !(200..300).contains(&answer.status) {
            let reference = answer.json()["request_id"].clone();
            return Err(json!({ "errorCode": answer.status.to_string(), "correlationId": reference }));
        }
        let json = answer.json();
        let template = action.response()["successTemplate"].as_str().unwrap();
        let filled =
            fill(template, &|field| json.get(field).unwrap_or_else(|| panic!("no {field}: {json}")).to_string());
        Ok(serde_json::from_str(&filled).unwrap())
    }
}

/// The onboarding flow.
pub fn onboarding() -> Value {
    flows().remove("Video_KYC_Onboarding.yaml").unwrap()
}
