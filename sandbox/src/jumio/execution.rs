//! A workflow execution's life: initiated, capture begun, pictures there, processed; or out of time.

use serde_json::{Value, json};

use super::details::{self, Outcome};
use super::{Station, lock};
use crate::secrets;

/// There is no such execution, or it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

/// What the customer does before anything is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Opens the page.
    Started,
    /// Hands in the pictures.
    Submitted,
}

/// One workflow execution.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    /// Counts executions, for their order.
    pub(super) number: usize,
    pub(super) id: String,
    pub(super) account: String,
    pub(super) token: String,
    pub(super) workflow_key: u32,
    pub(super) reference: String,
    pub(super) user_reference: Option<String>,
    pub(super) callback_url: Option<String>,
    pub(super) success_url: Option<String>,
    pub(super) created_at: String,
    pub(super) completed_at: String,
    pub(super) status: &'static str,
    pub(super) details: Option<Value>,
}

/// How an execution can end.
const ENDS: [&str; 3] = ["PROCESSED", "TOKEN_EXPIRED", "SESSION_EXPIRED"];

impl Execution {
    /// Whether the customer can do nothing more.
    pub(super) fn is_over(&self) -> bool {
        ENDS.contains(&self.status)
    }

    fn rank(&self) -> u8 {
        match self.status {
            "INITIATED" => 0,
            "ACQUISITION_STARTED" => 1,
            "ACQUIRED" => 2,
            _ => 3,
        }
    }
}

impl Station {
    /// The execution of a page's token.
    pub(super) fn by_token(&self, token: &str) -> Option<Execution> {
        self.executions().values().find(|execution| execution.token == token).cloned()
    }

    /// The customer is this far; what comes before it has happened too.
    pub(super) fn reach(&self, id: &str, step: Step) -> Result<(), Unknown> {
        self.go(id, "ACQUISITION_STARTED", 1)?;
        if step == Step::Submitted { self.go(id, "ACQUIRED", 2) } else { Ok(()) }
    }

    fn go(&self, id: &str, status: &'static str, rank: u8) -> Result<(), Unknown> {
        let mut executions = self.executions();
        let execution = executions.get_mut(id).ok_or(Unknown)?;
        if execution.rank() < rank {
            execution.status = status;
            self.tell(execution);
        }
        Ok(())
    }

    /// Jumio has decided, or the time is over. What can be read changes before the callback leaves.
    pub(super) fn decide(&self, id: &str, outcome: Outcome) -> Result<(), Unknown> {
        match outcome {
            Outcome::TokenExpired => {}
            Outcome::SessionExpired => self.reach(id, Step::Started)?,
            _ => self.reach(id, Step::Submitted)?,
        }
        let reference = self.executions().get(id).ok_or(Unknown)?.reference.clone();
        let (person, now) = (self.identity(&reference), lock(&self.config).stamp());
        let mut executions = self.executions();
        let execution = executions.get_mut(id).ok_or(Unknown)?;
        execution.completed_at = now;
        execution.status = outcome.status();
        execution.details = Some(details::of(execution, &person, outcome, &self.host("retrieval")));
        self.tell(execution);
        Ok(())
    }

    /// As [`Self::decide`], with these details.
    pub(super) fn tell_as_written(&self, id: &str, mut details: Value) -> Result<(), Unknown> {
        let status =
            details["workflow"]["status"].as_str().and_then(|status| ENDS.into_iter().find(|end| *end == status));
        self.reach(id, if status == Some("PROCESSED") { Step::Submitted } else { Step::Started })?;
        let mut executions = self.executions();
        let execution = executions.get_mut(id).ok_or(Unknown)?;
        details["workflow"]["id"] = json!(execution.id);
        details["account"]["id"] = json!(execution.account);
        execution.status = status.unwrap_or("PROCESSED");
        execution.details = Some(details);
        self.tell(execution);
        Ok(())
    }

    /// Sends a callback about how an execution stands now.
    fn tell(&self, execution: &Execution) {
        let Some(url) = &execution.callback_url else { return };
        let account = format!("{}/api/v1/accounts/{}", self.host("retrieval"), execution.account);
        let body = json!({
            "callbackSentAt": lock(&self.config).stamp(),
            "userReference": execution.user_reference,
            "workflowExecution": {
                "id": execution.id,
                "href": format!("{account}/workflow-executions/{}", execution.id),
                "definitionKey": execution.workflow_key.to_string(),
                "status": execution.status,
            },
            "account": { "id": execution.account, "href": account },
        });
        self.outbox.push(url, body);
    }

    /// A new execution.
    pub(super) fn add(&self, account: Option<String>, new: Execution) -> Execution {
        let mut executions = self.executions();
        let number = executions.values().map(|execution| execution.number + 1).max().unwrap_or_default();
        let account = account.unwrap_or_else(|| secrets::uuid().to_string());
        let execution = Execution { number, account, ..new };
        executions.insert(execution.id.clone(), execution.clone());
        execution
    }
}
