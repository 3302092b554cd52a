//! The life of a workflow run or a classic check: the customer is awaited, then Onfido works, then it is over; and again, if Onfido changes
//! its mind.

use serde_json::{Value, json};

use super::report::{self, Outcome};
use super::{Station, lock};
use crate::identities::Identity;
use crate::secrets;

/// There is no such run or check, or it was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

/// Which of the two products.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    Run,
    Check,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Awaited,
    Submitted,
    Decided(Outcome),
}

/// One run or check.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// Counts them, for their order.
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) product: Product,
    pub(super) applicant_id: String,
    /// The caller's own name for it.
    pub(super) reference: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) return_url: Option<String>,
    pub(super) language: Option<String>,
    /// Names of a check's reports.
    pub(super) report_names: Vec<String>,
    pub(super) created_at: String,
    pub(super) updated_at: String,
    pub(super) stage: Stage,
    /// What is answered about it in place of what follows from the rest.
    pub(super) told: Option<Value>,
    /// Id, task or report name, and content of each report, once there are any.
    pub(super) reports: Vec<(String, &'static str, Value)>,
}

impl Case {
    /// Whether the customer can do nothing more.
    pub(super) const fn is_over(&self) -> bool {
        matches!(self.stage, Stage::Decided(_))
    }

    /// What `GET` answers.
    pub(super) fn shown(&self, base: &str) -> Value {
        match (&self.told, self.product) {
            (Some(told), _) => told.clone(),
            (None, Product::Run) => self.run(base),
            (None, Product::Check) => self.check(base),
        }
    }

    fn run(&self, base: &str) -> Value {
        let status = match self.stage {
            Stage::Awaited => "awaiting_input",
            Stage::Submitted => "processing",
            Stage::Decided(outcome) => outcome.status(),
        };
        let error =
            (status == "error").then(|| json!({ "type": "task_failed", "message": "A task of the workflow failed." }));
        json!({
            "id": self.id, "applicant_id": self.applicant_id, "workflow_id": self.report_names.first(),
            "workflow_version_id": 4, "status": status, "customer_user_id": self.reference, "tags": self.tags,
            "dashboard_url": format!("https://dashboard.onfido.com/results/{}", self.id),
            "output": self.is_over().then(|| json!({ "decision": status })), "reasons": [], "error": error,
            "sdk_token": null,
            "link": {
                "url": format!("{base}/l/{}", self.id), "completed_redirect_url": self.return_url,
                "expired_redirect_url": null, "expires_at": null, "language": self.language,
            },
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }

    fn check(&self, base: &str) -> Value {
        let (status, result) = match self.stage {
            Stage::Awaited => ("awaiting_applicant", None),
            Stage::Submitted => ("in_progress", None),
            Stage::Decided(outcome) => match outcome.result() {
                Some(result) => ("complete", Some(result)),
                None => ("withdrawn", None),
            },
        };
        json!({
            "id": self.id, "applicant_id": self.applicant_id, "created_at": self.created_at,
            "href": format!("/v3.6/checks/{}", self.id), "applicant_provides_data": true, "status": status,
            "result": result, "form_uri": format!("{base}/l/{}", self.id), "redirect_uri": self.return_url,
            "results_uri": format!("https://dashboard.onfido.com/checks/{}", self.id),
            "report_ids": self.reports.iter().map(|(id, ..)| id).collect::<Vec<_>>(), "tags": self.tags,
            "sandbox": true, "paused": false, "version": "3.6", "webhook_ids": [],
        })
    }

    /// A report of a check.
    pub(super) fn report(&self, (id, name, content): &(String, &'static str, Value)) -> Value {
        let mut report = content.clone();
        report["id"] = json!(id);
        report["name"] = json!(if *name == "document_check" { "document" } else { "facial_similarity_photo" });
        report["check_id"] = json!(self.id);
        report["created_at"] = json!(self.created_at);
        report["href"] = json!(format!("/v3.6/reports/{id}"));
        report["documents"] = json!([]);
        report
    }

    /// The tasks of a run, without what they came to.
    pub(super) fn tasks(&self) -> Vec<Value> {
        let capture = self.task("document_photo_11", "upload_document_photo");
        let reports = self.reports.iter().map(|(_, name, _)| self.task(&format!("{name}_12"), name));
        std::iter::once(capture).chain(reports).collect()
    }

    fn task(&self, id: &str, definition: &str) -> Value {
        json!({
            "id": id, "workflow_run_id": self.id, "task_def_id": definition, "task_def_version": null,
            "created_at": self.created_at, "updated_at": self.updated_at,
        })
    }

    /// One task with what it came to.
    pub(super) fn whole_task(&self, id: &str) -> Option<Value> {
        let mut task = self.tasks().into_iter().find(|task| task["id"] == id)?;
        let found = self.reports.iter().find(|(_, name, _)| id == format!("{name}_12"));
        task["input"] = json!({});
        task["output"] = found.map_or(json!({}), |(id, _, content)| {
            let mut output = content.clone();
            output["uuid"] = json!(id);
            output
        });
        Some(task)
    }

    /// The webhooks of a case that has ended.
    fn endings(&self, base: &str, identity: &Identity) -> Vec<Value> {
        let at = &self.updated_at;
        match self.product {
            Product::Run => {
                let task = |name: &str| {
                    let id = format!("{name}_12");
                    let mut resource = self.whole_task(&id).unwrap_or_default();
                    resource["input"] = json!({ "first_name": identity.first_name, "last_name": identity.last_name });
                    let object = json!({
                        "id": id, "task_spec_id": id, "task_def_id": name, "workflow_run_id": self.id,
                        "status": "completed", "completed_at_iso8601": at,
                    });
                    envelope("workflow_task", "workflow_task.completed", &object, Some(resource))
                };
                let run = self.shown(base);
                let object = json!({ "id": self.id, "status": run["status"], "completed_at_iso8601": at });
                let tasks = self.reports.iter().map(|(_, name, _)| task(name));
                tasks.chain([envelope("workflow_run", "workflow_run.completed", &object, Some(run))]).collect()
            }
            Product::Check => {
                let shown = self.check(base);
                let action = if shown["status"] == "complete" { "check.completed" } else { "check.withdrawn" };
                let object = json!({ "id": self.id, "status": shown["status"], "completed_at_iso8601": at });
                vec![envelope("check", action, &object, None)]
            }
        }
    }

    fn beginning(&self) -> Value {
        let at = &self.updated_at;
        match self.product {
            Product::Run => {
                let object = json!({
                    "id": "document_photo_11", "task_spec_id": "document_photo_11", "task_def_id": "upload_document_photo",
                    "workflow_run_id": self.id, "status": "completed", "completed_at_iso8601": at,
                });
                envelope("workflow_task", "workflow_task.completed", &object, None)
            }
            Product::Check => {
                let object = json!({ "id": self.id, "status": "in_progress", "completed_at_iso8601": at });
                envelope("check", "check.form_completed", &object, None)
            }
        }
    }
}

fn envelope(kind: &str, action: &str, object: &Value, resource: Option<Value>) -> Value {
    let mut payload = json!({ "resource_type": kind, "action": action, "object": object });
    if let Some(resource) = resource {
        payload["resource"] = resource;
    }
    json!({ "payload": payload })
}

impl Station {
    /// The customer handed in the pictures.
    pub(super) fn submit(&self, id: &str) -> Result<(), Unknown> {
        let at = lock(&self.config).stamp();
        let mut cases = self.cases();
        let case = cases.get_mut(id).ok_or(Unknown)?;
        if case.stage == Stage::Awaited {
            case.stage = Stage::Submitted;
            case.updated_at = at;
            self.tell_of([case.beginning()]);
        }
        Ok(())
    }

    /// Onfido has decided. What it answers changes before the webhook leaves.
    pub(super) fn decide(&self, id: &str, outcome: Outcome) -> Result<(), Unknown> {
        if outcome.has_document() {
            self.submit(id)?;
        }
        let at = lock(&self.config).stamp();
        let reference = self.cases().get(id).ok_or(Unknown)?.reference.clone();
        let identity = self.identity(reference.as_deref().unwrap_or(id));
        let mut cases = self.cases();
        let case = cases.get_mut(id).ok_or(Unknown)?;
        case.stage = Stage::Decided(outcome);
        case.updated_at = at;
        if outcome.has_document() {
            let new_id = || secrets::uuid().to_string();
            case.reports = vec![
                (new_id(), "document_check", report::document(&identity, outcome)),
                (new_id(), "face_check", report::face(outcome)),
            ];
        }
        self.tell_of(case.endings(&self.base, &identity));
        Ok(())
    }

    /// Sends those for which the webhook is registered.
    fn tell_of(&self, bodies: impl IntoIterator<Item = Value>) {
        let events = lock(&self.config).events.clone();
        let is_wanted =
            |body: &Value| events.is_empty() || events.iter().any(|event| body["payload"]["action"] == event.as_str());
        self.outbox.push_all(bodies.into_iter().filter(is_wanted));
    }
}
