//! A conversation, and how the API describes it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{CUSTOMER_NAME, CUSTOMER_NUMBER};
use crate::secrets;

/// What an agent's part was wrapped up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapUp {
    /// The participant.
    pub participant: String,
    /// Code.
    pub code: String,
    /// Note.
    pub notes: String,
}

#[derive(Clone, Debug)]
struct Agent {
    id: String,
    user: String,
    line: String,
}

/// A conversation by web messaging, in which a customer is with agents.
#[derive(Clone, Debug)]
pub struct Conversation {
    customer: String,
    agents: Vec<Agent>,
    /// The customer's attributes.
    pub attributes: BTreeMap<String, String>,
    /// `ACTIVE` or `PAUSED`, and every state it was put into.
    pub recording: Vec<String>,
    /// Wrap-ups, in the order in which they came.
    pub wrap_ups: Vec<WrapUp>,
    has_ended: bool,
}

impl Default for Conversation {
    fn default() -> Self {
        Self {
            customer: secrets::uuid().to_string(),
            agents: Vec::new(),
            attributes: BTreeMap::new(),
            recording: vec!["ACTIVE".to_owned()],
            wrap_ups: Vec::new(),
            has_ended: false,
        }
    }
}

impl Conversation {
    pub(super) fn join(&mut self, user: &str) {
        let id = || secrets::uuid().to_string();
        self.agents.push(Agent { id: id(), user: user.to_owned(), line: id() });
    }

    pub(super) const fn end(&mut self) {
        self.has_ended = true;
    }

    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    pub(super) fn is_customer(&self, participant: &str) -> bool {
        self.customer == participant
    }

    pub(super) fn has_line(&self, participant: &str, line: &str) -> bool {
        self.agents.iter().any(|agent| agent.id == participant && agent.line == line)
    }

    /// As `GET /api/v2/conversations/{id}` gives it.
    pub(super) fn json(&self, id: &str) -> Value {
        let (start, end) = ("2026-11-23T08:59:00.000Z", self.has_ended.then_some("2026-11-23T09:20:00.000Z"));
        let state = if self.has_ended { "disconnected" } else { "connected" };
        let customer = json!({
            "id": self.customer, "purpose": "customer", "name": CUSTOMER_NAME, "address": CUSTOMER_NUMBER,
            "attributes": self.attributes, "startTime": start, "endTime": end,
            "messages": [{ "id": format!("{}-line", self.customer), "state": state, "provider": "PureCloud Messaging" }],
        });
        let queue =
            json!({ "id": "acd-1", "purpose": "acd", "queueId": "queue-1", "startTime": start, "endTime": start });
        let agents = self.agents.iter().map(|agent| {
            json!({
                "id": agent.id, "purpose": "agent", "userId": agent.user, "startTime": start, "endTime": end,
                "messages": [{ "id": agent.line, "state": state }],
            })
        });
        let participants: Vec<Value> = [customer, queue].into_iter().chain(agents).collect();
        json!({ "id": id, "startTime": start, "endTime": end, "recordingState": self.recording.last(), "participants": participants })
    }
}
