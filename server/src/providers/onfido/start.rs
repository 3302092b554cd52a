//! How a run or check begins, and how one is found whose beginning got no answer.

use secrecy::SecretString;
use url::Url;

use super::payload::{Applicant, Check, Checks, NewApplicant, NewCheck, NewLink, NewRun, Run};
use super::{APPLICANT, Onfido, Product, id};
use crate::providers::lenient::{List, Scalar};
use crate::providers::{ProviderError, ProviderRef, SessionReference, StartRequest, Started};

/// Stands where Onfido wants a given name.
const FIRST_NAME: &str = "Session";

impl Onfido {
    /// The placeholder that a run or check belongs to.
    pub(super) async fn applicant(&self, reference: &SessionReference) -> Result<String, ProviderError> {
        let new = NewApplicant { first_name: FIRST_NAME, last_name: reference.as_str() };
        let applicant: Applicant = self.create(&["applicants"], &new, "the new applicant").await?;
        Ok(id(&applicant.id, "applicant.id")?.id().to_owned())
    }

    pub(super) async fn begin(&self, applicant: &str, request: &StartRequest) -> Result<Started, ProviderError> {
        let reference = request.reference.as_str();
        let return_url = request.return_url.as_ref().map(Url::as_str);
        match &self.settings.product {
            Product::Workflow { id, .. } => {
                let link = NewLink { completed_redirect_url: return_url, language: language(&request.language) };
                let new = NewRun {
                    applicant_id: applicant,
                    workflow_id: id,
                    customer_user_id: reference,
                    tags: [reference],
                    link,
                };
                self.started_run(&self.create(&["workflow_runs"], &new, "the new workflow run").await?, request)
            }
            Product::Checks { report_names } => {
                let new = NewCheck {
                    applicant_id: applicant,
                    report_names,
                    applicant_provides_data: true,
                    suppress_form_emails: true,
                    redirect_uri: return_url,
                    tags: [reference],
                };
                self.started_check(&self.create(&["checks"], &new, "the new check").await?, request)
            }
        }
    }

    /// What was begun for an applicant of ours although its answer got lost. Each start has an applicant of its own, so there is no doubt.
    pub(super) async fn begun_for(
        &self,
        applicant: &str,
        request: &StartRequest,
    ) -> Result<Option<Started>, ProviderError> {
        let query = [("applicant_id", applicant)];
        match &self.settings.product {
            Product::Workflow { .. } => {
                let runs: List<Run> = self.read(&["workflow_runs"], &query, "the workflow runs").await?;
                runs.0.first().map(|run| self.started_run(run, request)).transpose()
            }
            Product::Checks { .. } => {
                let checks: Checks = self.read(&["checks"], &query, "the checks").await?;
                checks.checks.0.first().map(|check| self.started_check(check, request)).transpose()
            }
        }
    }

    /// What an earlier try began of which we never heard: the newest run with our reference, if it is not the last we know. Checks cannot be
    /// looked up by a reference.
    pub(super) async fn begun_before(&self, request: &StartRequest) -> Result<Option<Started>, ProviderError> {
        if !request.is_repeated || matches!(self.settings.product, Product::Checks { .. }) {
            return Ok(None);
        }
        let query = [("tags", request.reference.as_str()), ("sort", "desc")];
        let runs: List<Run> = self.read(&["workflow_runs"], &query, "the workflow runs").await?;
        let newest = runs.0.first().filter(|run| run.id.text() != request.previous.as_ref().map(ProviderRef::id));
        let is_ours = |run: &&Run| run.customer_user_id.text() == Some(request.reference.as_str());
        newest.filter(is_ours).map(|run| self.started_run(run, request)).transpose()
    }

    fn started_run(&self, run: &Run, request: &StartRequest) -> Result<Started, ProviderError> {
        let link = run.link.0.as_ref().map(|link| &link.url);
        let echoed = run.customer_user_id.text();
        self.started((&run.id, &run.applicant_id), link, echoed, request)
    }

    fn started_check(&self, check: &Check, request: &StartRequest) -> Result<Started, ProviderError> {
        let echoed = check.tags.0.first().and_then(Scalar::text);
        self.started((&check.id, &check.applicant_id), Some(&check.form_uri), echoed, request)
    }

    /// The link is handed to the customer, so it must be https; http only where the API itself is, on one's own machine.
    fn started(
        &self,
        (own, applicant): (&Scalar, &Scalar),
        link: Option<&Scalar>,
        echoed: Option<&str>,
        request: &StartRequest,
    ) -> Result<Started, ProviderError> {
        let url = link.and_then(Scalar::text).and_then(|url| Url::parse(url).ok());
        let is_fine = |url: &Url| url.scheme() == "https" || url.scheme() == self.settings.base_url.scheme();
        let capture_url = url.filter(is_fine).ok_or(ProviderError::Unreadable("the customer's link"))?;
        if echoed.is_some_and(|echoed| echoed != request.reference.as_str()) {
            return Err(ProviderError::Unreadable("our reference"));
        }
        let mut provider_ref = id(own, "id")?;
        if let Some(applicant) = applicant.text() {
            provider_ref =
                provider_ref.with(APPLICANT, applicant).map_err(|_| ProviderError::Unreadable("applicant_id"))?;
        }
        Ok(Started { provider_ref, capture_url: SecretString::from(String::from(capture_url)) })
    }
}

/// The capture pages' language, of those that Onfido has; anything else is left to its own guess.
pub(super) fn language(tag: &str) -> Option<&'static str> {
    let known = ["en_US", "de_DE", "es_ES", "fr_FR", "it_IT", "pt_PT", "nl_NL"];
    let wanted = tag.get(..2).filter(|_| tag.len() == 2 || tag.as_bytes()[2] == b'-')?;
    known.into_iter().find(|known| known[..2].eq_ignore_ascii_case(wanted))
}
