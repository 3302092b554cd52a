//! Calls to Onfido's API: where to, by what right, and in what form.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::Onfido;
use super::access::{self, Access};
use super::payload::{AccessToken, Envelope};
use crate::providers::ProviderError;
use crate::providers::transport::{Answer, MAX_BODY};

/// The version of the API that this client speaks.
const VERSION: &str = "v3.6";

/// Where a call goes: segments of the path, and the query.
pub(super) type To<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

impl Onfido {
    /// Creates something.
    pub(super) async fn create<T: DeserializeOwned>(
        &self,
        path: &[&str],
        new: &(impl Serialize + Sync),
        what: &'static str,
    ) -> Result<T, ProviderError> {
        let body = serde_json::to_vec(new).expect("strings serialise");
        let answer = self.call(Method::POST, (path, &[]), Some(body)).await?;
        serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable(what))
    }

    /// Reads something.
    pub(super) async fn read<T: DeserializeOwned>(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        what: &'static str,
    ) -> Result<T, ProviderError> {
        let answer = self.call(Method::GET, (path, query), None).await?;
        serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable(what))
    }

    /// Makes a call. An access token that is refused is replaced once: whoever is refused at the door has not acted.
    pub(super) async fn call(
        &self,
        method: Method,
        to: To<'_>,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        self.call_for(MAX_BODY, method, to, body).await
    }

    /// The same, for an answer of up to `most` bytes.
    pub(super) async fn call_for(
        &self,
        most: usize,
        method: Method,
        to: To<'_>,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        let authorization = self.authorization(None).await?;
        let answer = self.send(most, (method.clone(), to), &authorization, body.clone()).await;
        match answer {
            Err(ProviderError::Refused { status: 401, .. }) if self.has_bearer() => {
                let fresh = self.authorization(Some(&authorization)).await?;
                self.send(most, (method, to), &fresh, body).await
            }
            answer => answer,
        }
    }

    async fn send(
        &self,
        most: usize,
        (method, (path, query)): (Method, To<'_>),
        authorization: &HeaderValue,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.transport.client().request(method, url).header(AUTHORIZATION, authorization);
        let request = match body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
            None => request,
        };
        self.transport.call_for(most, request, error_code).await
    }

    fn has_bearer(&self) -> bool {
        matches!(self.settings.credentials.get().access, Access::Client { .. })
    }

    async fn authorization(&self, stale: Option<&HeaderValue>) -> Result<HeaderValue, ProviderError> {
        let credentials = self.settings.credentials.get();
        match &credentials.access {
            Access::Token(token) => {
                access::token_header(token).ok_or(ProviderError::Refused { status: 401, code: None })
            }
            Access::Client { id, secret } => {
                let form = access::token_form(id, secret);
                let unreadable = || ProviderError::NoToken(Box::new(ProviderError::Unreadable("the access token")));
                self.bearer.header(stale, async || self.access_token(form).await, unreadable).await
            }
        }
    }

    async fn access_token(&self, form: String) -> Result<AccessToken, ProviderError> {
        let request = self.transport.client().request(Method::POST, self.url(&["oauth", "token"]));
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let no_token = |cause| ProviderError::NoToken(Box::new(cause));
        let answer = self.transport.call(request, error_code).await.map_err(no_token)?;
        serde_json::from_slice(&answer.body).map_err(|_| no_token(ProviderError::Unreadable("the access token")))
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.settings.base_url.clone();
        url.path_segments_mut()
            .expect("the configuration takes http and https only")
            .pop_if_empty()
            .push(VERSION)
            .extend(path);
        url
    }
}

/// Onfido's own code of an error, such as `validation_error`.
fn error_code(body: &[u8]) -> Option<String> {
    let envelope = serde_json::from_slice::<Envelope>(body).ok()?;
    envelope.error.0?.kind.code(64).map(str::to_owned)
}
