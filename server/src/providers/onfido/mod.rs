//! Onfido (Entrust IDV), API version 3.6: workflow runs made in its Studio, or classic checks with its hosted form.
//!
//! Onfido insists on an applicant with a name. It is given our opaque reference where the name belongs, and nothing about the person. Its
//! webhooks are a signed envelope; what a run or check came to is asked for. Its texts, comments and links are not even parsed, but for the one
//! link that the customer gets.

mod access;
mod api;
mod decision;
mod extract;
mod general;
mod media;
mod payload;
mod reasons;
mod report;
mod start;
mod subject;
mod webhook;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use http::Method;
use kyc_wire::ids::Micros;
use kyc_wire::text::Localised;
use url::Url;

pub use self::access::Access;

use self::access::Bearer;
use self::general::General;
use self::payload::{Check, Reports, Run, Task};
use self::report::Findings;
use super::lenient::{List, Scalar};
use super::{
    Call, ConsoleLink, Explanation, Fetched, Image, ImageBytes, Keys, Kind, Notice, Provider, ProviderError,
    ProviderRef, Retry, SignatureRefused, StartRequest, Started, Transport, Unreadable, Unverified, Verified,
};
use crate::live::Live;

/// Asked for to see whether Onfido answers: nothing has this id.
const NOBODY: &str = "00000000-0000-0000-0000-000000000000";
/// Under this name a reference keeps its applicant.
const APPLICANT: &str = "applicant";
/// So many reports of a run are asked for.
const MAX_REPORTS: usize = 16;

/// What an Onfido integration is configured with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the integration in the configuration.
    pub name: String,
    /// The region's host, without `/v3.6`.
    pub base_url: Url,
    /// What the two sides know each other by.
    pub credentials: Live<Credentials>,
    /// What is begun for a session.
    pub product: Product,
    /// Where staff find a session in Onfido's dashboard.
    pub console: ConsoleLink,
}

/// What an integration proves itself by, and what webhooks are signed with: replaced together.
#[derive(Debug)]
pub struct Credentials {
    /// Towards Onfido.
    pub access: Access,
    /// The tokens of the registered webhooks that are live, the newest first.
    pub webhook_tokens: Keys,
}

/// What is begun for a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Product {
    /// A run of a workflow made in Onfido's Studio.
    Workflow {
        /// Its id.
        id: String,
        /// Parts of the names of those of its tasks that are reports. Onfido publishes no list of these names.
        report_tasks: Vec<String>,
    },
    /// A classic check: the customer hands everything in on Onfido's form.
    Checks {
        /// Which reports it is made of.
        report_names: Vec<String>,
    },
}

/// The client of one integration.
#[derive(Debug)]
pub struct Onfido {
    settings: Settings,
    transport: Transport,
    bearer: Bearer,
}

impl Onfido {
    /// A client.
    pub fn new(settings: Settings, transport: Transport) -> Self {
        Self { settings, transport, bearer: Bearer::default() }
    }

    async fn run(&self, session: &ProviderRef) -> Result<Run, ProviderError> {
        let run: Run = self.read(&["workflow_runs", session.id()], &[], "the workflow run").await?;
        if run.id.text() == Some(session.id()) { Ok(run) } else { Err(ProviderError::Unreadable("workflow_run.id")) }
    }

    async fn check(&self, session: &ProviderRef) -> Result<Check, ProviderError> {
        let check: Check = self.read(&["checks", session.id()], &[], "the check").await?;
        if check.id.text() == Some(session.id()) { Ok(check) } else { Err(ProviderError::Unreadable("check.id")) }
    }

    async fn run_result(
        &self,
        session: &ProviderRef,
        report_tasks: &[String],
        now: Micros,
    ) -> Result<Fetched, ProviderError> {
        let run = self.run(session).await?;
        if let Err(phase) = decision::of_run(&run) {
            return Ok(Fetched::Pending(phase));
        }
        let is_judged = matches!(run.status.text(), Some("approved" | "declined" | "review"));
        let findings = if is_judged { self.task_reports(session, report_tasks).await? } else { Findings::default() };
        Ok(Fetched::Decided(Box::new(decision::read_run(&run, findings, now))))
    }

    /// The reports of a run are the outputs of its tasks.
    async fn task_reports(&self, session: &ProviderRef, names: &[String]) -> Result<Findings, ProviderError> {
        let path = ["workflow_runs", session.id(), "tasks"];
        let tasks: List<Task> = self.read(&path, &[], "the tasks").await?;
        let mut findings = Findings::default();
        let named = tasks.0.iter().filter_map(|task| Some((task.id.code(128)?, task.task_def_id.code(64)?)));
        let is_report = |(_, name): &(&str, &str)| names.iter().any(|part| name.contains(part.as_str()));
        for (id, name) in named.filter(is_report).take(MAX_REPORTS) {
            let task: Task = self.read(&[&path[..], &[id]].concat(), &[], "the task").await?;
            if let Some(output) = task.output.0.filter(report::is_report) {
                findings.take(&output, name);
            }
        }
        Ok(findings)
    }

    async fn check_result(&self, session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
        let check = self.check(session).await?;
        if let Err(phase) = decision::of_check(&check) {
            return Ok(Fetched::Pending(phase));
        }
        let reports: Reports = self.read(&["reports"], &[("check_id", session.id())], "the reports").await?;
        let mut findings = Findings::default();
        for report in &reports.reports.0 {
            findings.take(report, "report");
        }
        Ok(Fetched::Decided(Box::new(decision::read_check(&check, findings, now))))
    }

    async fn applicant_of(&self, session: &ProviderRef) -> Result<String, ProviderError> {
        if let Some(known) = session.extra(APPLICANT) {
            return Ok(known.to_owned());
        }
        let applicant = match self.settings.product {
            Product::Workflow { .. } => self.run(session).await?.applicant_id,
            Product::Checks { .. } => self.check(session).await?.applicant_id,
        };
        Ok(id(&applicant, "applicant_id")?.id().to_owned())
    }
}

#[async_trait]
impl Provider for Onfido {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> Kind {
        Kind::Onfido
    }

    async fn start(&self, request: &StartRequest) -> Result<Started, ProviderError> {
        if let Some(begun) = self.begun_before(request).await? {
            return Ok(begun);
        }
        let applicant = self.applicant(&request.reference).await?;
        match self.begin(&applicant, request).await {
            Err(error) if error.retry(Call::Start) == Retry::Ambiguous => {
                self.begun_for(&applicant, request).await.ok().flatten().ok_or(error)
            }
            outcome => outcome,
        }
    }

    async fn result(&self, session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
        match &self.settings.product {
            Product::Workflow { report_tasks, .. } => self.run_result(session, report_tasks, now).await,
            Product::Checks { .. } => self.check_result(session, now).await,
        }
    }

    async fn images(&self, session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        self.media(session).await
    }

    async fn image(&self, _: &ProviderRef, image: &Image) -> Result<ImageBytes, ProviderError> {
        self.download(image).await
    }

    /// Onfido deletes an applicant with all that belongs to it: softly at first, for good after the account's delay.
    async fn delete(&self, session: &ProviderRef) -> Result<(), ProviderError> {
        let deleted = match self.applicant_of(session).await {
            Ok(applicant) => self.call(Method::DELETE, (&["applicants", &applicant], &[]), None).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match deleted {
            Err(ProviderError::NotFound) => Ok(()),
            outcome => outcome,
        }
    }

    fn verify(&self, webhook: Unverified) -> Result<Verified, SignatureRefused> {
        webhook::verify(webhook, &self.settings)
    }

    fn parse(&self, webhook: &Verified) -> Result<Notice, Unreadable> {
        webhook::parse(webhook)
    }

    fn console_url(&self, session: &ProviderRef) -> Option<Url> {
        self.settings.console.session(session)
    }

    /// `GET /ping` answers anybody. A question about something that cannot exist is answered with 404 only to whom Onfido knows.
    async fn health(&self) -> Result<(), ProviderError> {
        let nobody = ProviderRef::parse(NOBODY).expect("zeros are an id");
        let asked = match self.settings.product {
            Product::Workflow { .. } => self.run(&nobody).await.map(|_| ()),
            Product::Checks { .. } => self.check(&nobody).await.map(|_| ()),
        };
        match asked {
            Err(ProviderError::NotFound | ProviderError::Refused { status: 400 | 422, .. }) => Ok(()),
            outcome => outcome,
        }
    }
}

/// The sentences behind a check's reason.
pub(super) fn explain(reason: &str) -> Explanation {
    if let Some(row) = reasons::at(reason) {
        return row.explanation();
    }
    General::from_key(reason).map_or_else(no_longer_known, General::explanation)
}

fn no_longer_known() -> Explanation {
    Explanation {
        text: Localised::new(
            "The reason is from an older version of this desk and no longer in its list.",
            "Der Grund stammt aus einer älteren Fassung dieses Programms und steht nicht mehr in der Liste.",
        ),
        look_at: None,
        recapture: None,
    }
}

/// An id in an answer.
fn id(scalar: &Scalar, place: &'static str) -> Result<ProviderRef, ProviderError> {
    scalar.text().and_then(|id| ProviderRef::parse(id).ok()).ok_or(ProviderError::Unreadable(place))
}
