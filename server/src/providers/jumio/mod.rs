//! Jumio, Platform API version 1 (documentation.jumio.ai).
//!
//! Jumio is told our opaque reference and nothing about the person. It pushes no result and signs nothing: its callbacks wake us up, and the
//! result is read from the configured host under the ids we have kept, never from an address that Jumio sends.

mod decision;
mod echo;
mod extract;
mod findings;
mod media;
mod payload;
mod reasons;
mod settings;
mod source;
mod token;
mod webhook;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use async_trait::async_trait;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use kyc_wire::ids::Micros;
use kyc_wire::text::Localised;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use self::decision::{Reading, Stage};
use self::payload::{Created, Definition, Details, Health, Refusal, Start, StartWeb, Status};
use self::token::{Token, Tokens};
use super::transport::{Answer, MAX_BODY};
use super::{
    Explanation, Fetched, Image, ImageBytes, Kind, Notice, Phase, Provider, ProviderError, ProviderRef,
    SignatureRefused, StartRequest, Started, Transport, Unreadable, Unverified, Verified,
};
use crate::clock::Clock;

pub use settings::{Credentials, Hosts, Settings};
pub use source::{NoSource, Region, Source};

/// Under this name a run keeps the account of its workflow execution.
const ACCOUNT: &str = "account";

/// The client of one integration.
pub struct Jumio {
    settings: Settings,
    transport: Transport,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
}

impl Jumio {
    /// A client.
    pub fn new(settings: Settings, transport: Transport, clock: Arc<dyn Clock>) -> Self {
        Self { settings, transport, tokens: Tokens::new(Arc::clone(&clock)), clock }
    }

    /// A call with a token. One that Jumio does not take any more is replaced once: a call answered with 401 did nothing.
    async fn call(&self, method: Method, url: Url, body: Option<&[u8]>) -> Result<Answer, ProviderError> {
        self.call_for(MAX_BODY, (method, url), "application/json", body).await
    }

    /// The same, for an answer of up to `most` bytes in one of these forms.
    async fn call_for(
        &self,
        most: usize,
        (method, url): (Method, Url),
        accept: &'static str,
        body: Option<&[u8]>,
    ) -> Result<Answer, ProviderError> {
        let token = self.tokens.get(&self.settings, &self.transport, None).await?;
        let to = (&method, &url, accept);
        match self.call_with(most, &token, to, body).await {
            Err(ProviderError::Refused { status: 401, .. }) => {
                let token = self.tokens.get(&self.settings, &self.transport, Some(&token)).await?;
                self.call_with(most, &token, to, body).await
            }
            answered => answered,
        }
    }

    async fn call_with(
        &self,
        most: usize,
        token: &Token,
        (method, url, accept): (&Method, &Url, &'static str),
        body: Option<&[u8]>,
    ) -> Result<Answer, ProviderError> {
        let request = self.transport.client().request(method.clone(), url.clone());
        let request = request.header(USER_AGENT, &self.settings.user_agent).header(ACCEPT, accept);
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.to_vec()),
            None => request,
        };
        self.transport.call_for(most, token.authorize(request), error_code).await
    }

    async fn read<T: DeserializeOwned>(&self, url: Url, what: &'static str) -> Result<T, ProviderError> {
        let answer = self.call(Method::GET, url, None).await?;
        serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable(what))
    }

    fn execution(&self, session: &ProviderRef, more: &[&str]) -> Result<Url, ProviderError> {
        let account = account(session)?;
        let path = ["api", "v1", "accounts", account, "workflow-executions", session.id()];
        Ok(self::path(&self.settings.hosts.retrieval, &[&path[..], more].concat()))
    }

    fn body(&self, request: &StartRequest) -> Vec<u8> {
        let keys = &self.settings.credentials.get().keys;
        let user_reference = echo::write(&request.reference, self.clock.now(), &self.settings.name, keys);
        let return_url = request.return_url.as_ref().map(Url::as_str);
        let start = Start {
            customer_internal_reference: request.reference.as_str(),
            user_reference: &user_reference,
            workflow_definition: Definition { key: self.settings.workflow_key },
            callback_url: request.webhook_url.as_ref().map(Url::as_str),
            token_lifetime: format!("{}m", self.settings.link_minutes),
            web: StartWeb { success_url: return_url, error_url: return_url, locale: language(&request.language) },
        };
        serde_json::to_vec(&start).expect("strings serialise")
    }

    /// The capture address is handed to the customer, so it must be https; http only where the API itself is, on one's own machine.
    fn started(&self, created: &Created) -> Result<Started, ProviderError> {
        let id = |named: Option<&payload::Named>| named.and_then(|named| named.id.text()).map(str::to_owned);
        let workflow = id(created.workflow_execution.0.as_ref()).and_then(|id| ProviderRef::parse(id).ok());
        let workflow = workflow.ok_or(ProviderError::Unreadable("workflowExecution.id"))?;
        let account = id(created.account.0.as_ref()).ok_or(ProviderError::Unreadable("account.id"))?;
        let provider_ref = workflow.with(ACCOUNT, account).map_err(|_| ProviderError::Unreadable("account.id"))?;
        let href = created.web.0.as_ref().and_then(|web| web.href.text()).and_then(|href| Url::parse(href).ok());
        let is_fine = |url: &Url| url.scheme() == "https" || url.scheme() == self.settings.hosts.account.scheme();
        let capture_url = href.filter(is_fine).ok_or(ProviderError::Unreadable(
            "web.href, which Jumio leaves out while no domain name prefix is set in its portal",
        ))?;
        Ok(Started { provider_ref, capture_url: SecretString::from(String::from(capture_url)) })
    }

    /// Begins a workflow with the customer's account, if there is one: another account would be another person to Jumio.
    async fn begin(&self, account: Option<&str>, body: &[u8]) -> Result<Answer, ProviderError> {
        let accounts = ["api", "v1", "accounts"];
        let hosts = &self.settings.hosts;
        if let Some(account) = account {
            let url = path(&hosts.account, &[&accounts[..], &[account]].concat());
            match self.call(Method::PUT, url, Some(body)).await {
                // It was deleted.
                Err(ProviderError::NotFound) => {}
                answered => return answered,
            }
        }
        self.call(Method::POST, path(&hosts.account, &accounts), Some(body)).await
    }

    /// The details, if they can be read by now.
    async fn details(&self, session: &ProviderRef) -> Result<Option<Answer>, ProviderError> {
        match self.call(Method::GET, self.execution(session, &[])?, None).await {
            Err(ProviderError::NotFound) => Ok(None),
            answered => answered.map(Some),
        }
    }
}

/// Reads workflow details, which must be of this session. Never panics, whatever the bytes.
pub fn read_details(bytes: &[u8], session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
    let details: Details = serde_json::from_slice(bytes).map_err(|_| ProviderError::Unreadable("the details"))?;
    let workflow = details.workflow.0.as_ref().and_then(|workflow| workflow.id.text());
    let owner = details.account.0.as_ref().and_then(|account| account.id.text());
    if workflow != Some(session.id()) || owner != Some(account(session)?) {
        return Err(ProviderError::Unreadable("workflow.id or account.id"));
    }
    Ok(match decision::read(&details, now) {
        Reading::Pending(phase) => Fetched::Pending(phase),
        Reading::Decided(result) => Fetched::Decided(result),
    })
}

#[async_trait]
impl Provider for Jumio {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> Kind {
        Kind::Jumio
    }

    async fn start(&self, request: &StartRequest) -> Result<Started, ProviderError> {
        let account = request.previous.as_ref().and_then(|run| run.extra(ACCOUNT));
        let answer = self.begin(account, &self.body(request)).await?;
        let created =
            serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the new workflow"))?;
        self.started(&created)
    }

    /// The status first, because details are not there before the end. What Jumio does not find is not ready: it says so of executions that
    /// it has just made.
    async fn result(&self, session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
        let status: Status = match self.read(self.execution(session, &["status"])?, "the status").await {
            Err(ProviderError::NotFound) => return Ok(Fetched::Pending(Phase::Unknown)),
            answered => answered?,
        };
        let status = status.workflow_execution.0.ok_or(ProviderError::Unreadable("workflowExecution"))?;
        if let Stage::Pending(phase) = decision::stage(status.status.text().unwrap_or_default()) {
            return Ok(Fetched::Pending(phase));
        }
        let Some(details) = self.details(session).await? else { return Ok(Fetched::Pending(Phase::Processing)) };
        read_details(&details.body, session, now)
    }

    async fn images(&self, session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        self.media(session).await
    }

    async fn image(&self, session: &ProviderRef, image: &Image) -> Result<ImageBytes, ProviderError> {
        self.part(session, image).await
    }

    /// Deletes the account: with one execution alone its pictures and data would stay.
    async fn delete(&self, session: &ProviderRef) -> Result<(), ProviderError> {
        let url = path(&self.settings.hosts.retrieval, &["api", "v1", "accounts", account(session)?]);
        match self.call(Method::DELETE, url, None).await {
            Ok(_) | Err(ProviderError::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn verify(&self, webhook: Unverified) -> Result<Verified, SignatureRefused> {
        webhook::verify(webhook, &self.settings)
    }

    fn parse(&self, webhook: &Verified) -> Result<Notice, Unreadable> {
        webhook::parse(webhook)
    }

    fn console_url(&self, session: &ProviderRef) -> Option<Url> {
        self.settings.console.as_ref()?.session(session)
    }

    /// A token shows that our client is accepted, and the status page whether the rest works.
    async fn health(&self) -> Result<(), ProviderError> {
        self.tokens.get(&self.settings, &self.transport, None).await?;
        let request = self.transport.client().get(self.settings.hosts.status.clone());
        let request = request.header(USER_AGENT, &self.settings.user_agent).header(ACCEPT, "application/json");
        let answer = self.transport.call(request, error_code).await?;
        let health: Health =
            serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the health"))?;
        match health.status.text() {
            Some("UP" | "DEGRADED") => Ok(()),
            Some("DOWN") => Err(ProviderError::Unavailable { status: 503, retry_after: None }),
            _ => Err(ProviderError::Unreadable("status")),
        }
    }
}

/// The account of a run; without it nothing can be asked.
fn account(session: &ProviderRef) -> Result<&str, ProviderError> {
    session.extra(ACCOUNT).ok_or(ProviderError::Unreadable("the account of the run"))
}

fn path(host: &Url, segments: &[&str]) -> Url {
    let mut url = host.clone();
    url.path_segments_mut().expect("the configuration takes http and https only").pop_if_empty().extend(segments);
    url
}

/// The sentences behind a check's reason.
pub(super) fn explain(reason: &str) -> Explanation {
    reasons::explain(reason).unwrap_or_else(|| Explanation {
        text: Localised::new(
            "The reason is from an older version of this desk and no longer in its list.",
            "Der Grund stammt aus einer älteren Fassung dieses Programms und steht nicht mehr in der Liste.",
        ),
        look_at: None,
        recapture: None,
    })
}

/// Jumio's own code of an error.
fn error_code(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Refusal>(body).ok()?.status.code(16).map(str::to_owned)
}

/// Two letters; regions are left out, because Jumio has few of them.
fn language(tag: &str) -> Option<&str> {
    let language = tag.split('-').next()?;
    (language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(language)
}
