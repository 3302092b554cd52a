//! Veriff, Public API version 1 (devdocs.veriff.com).
//!
//! Veriff pushes the whole decision, signed with the integration's shared secret, and answers the same when asked. It is told our
//! opaque reference and nothing about the person. Its `reason` texts, comments and network addresses are not even parsed.

mod decision;
mod extract;
mod general;
mod media;
mod payload;
mod reasons;
mod webhook;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use http::Method;
use kyc_wire::ids::Micros;
use kyc_wire::text::Localised;
use secrecy::SecretString;
use url::Url;

use self::decision::Reading;
use self::general::General;
use self::media::Media;
use self::payload::{Body, NewSession, NewVerification, Verification};
use super::image::LARGEST_IMAGE;
use super::transport::{Answer, MAX_BODY};
use super::{
    ConsoleLink, Explanation, Fetched, Image, ImageBytes, Keys, Kind, Notice, Phase, Provider, ProviderError,
    ProviderRef, SignatureRefused, StartRequest, Started, Transport, Unreadable, Unverified, Verified, signature,
};
use crate::live::Live;

/// Names the integration's key, towards Veriff and back.
const AUTH_CLIENT: &str = "x-auth-client";
/// Carries the HMAC.
const HMAC_SIGNATURE: &str = "x-hmac-signature";
/// Asked for to see whether Veriff answers: no session has this id.
const NO_SESSION: &str = "00000000-0000-0000-0000-000000000000";

/// What a Veriff integration is configured with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Name of the integration in the configuration.
    pub name: String,
    /// The integration's base URL from Veriff's portal, without `/v1`.
    pub base_url: Url,
    /// What the two sides know each other by.
    pub credentials: Live<Credentials>,
    /// Where staff find a session in Veriff's portal.
    pub console: ConsoleLink,
}

/// An integration's API key and secrets: replaced together, so that no call is signed with the secret of another key.
#[derive(Debug)]
pub struct Credentials {
    /// The integration's API key, which is a name and no secret.
    pub api_key: String,
    /// The shared secrets that are live, the newest first.
    pub keys: Keys,
}

/// The client of one integration.
#[derive(Debug)]
pub struct Veriff {
    settings: Settings,
    transport: Transport,
}

impl Veriff {
    /// A client.
    pub const fn new(settings: Settings, transport: Transport) -> Self {
        Self { settings, transport }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.settings.base_url.clone();
        url.path_segments_mut()
            .expect("the configuration takes http and https only")
            .pop_if_empty()
            .push("v1")
            .extend(path);
        url
    }

    /// A signed call: over the body where there is one, else over the id in the path (devdocs.veriff.com, "HMAC authentication and
    /// endpoint security").
    async fn call(
        &self,
        method: Method,
        path: &[&str],
        signed: &[u8],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        self.call_for(MAX_BODY, method, (path, signed), body).await
    }

    /// The same, for an answer of up to `most` bytes.
    async fn call_for(
        &self,
        most: usize,
        method: Method,
        (path, signed): (&[&str], &[u8]),
        body: Option<Vec<u8>>,
    ) -> Result<Answer, ProviderError> {
        let credentials = self.settings.credentials.get();
        let request = self.transport.client().request(method, self.url(path));
        let request =
            request.header(AUTH_CLIENT, &credentials.api_key).header(HMAC_SIGNATURE, credentials.keys.sign(signed));
        let request = match body {
            Some(body) => request.header(http::header::CONTENT_TYPE, "application/json").body(body),
            None => request,
        };
        let answer = self.transport.call_for(most, request, error_code).await?;
        check_answer(&answer, &credentials)?;
        Ok(answer)
    }

    async fn decision(&self, id: &str) -> Result<Body, ProviderError> {
        let answer = self.call(Method::GET, &["sessions", id, "decision"], id.as_bytes(), None).await?;
        serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the decision"))
    }

    /// The capture address is handed to the customer, so it must be https; http only where the API itself is, on one's own machine.
    fn started(&self, verification: &Verification, request: &StartRequest) -> Result<Started, ProviderError> {
        let provider_ref = verification.id.text().and_then(|id| ProviderRef::parse(id).ok());
        let url = verification.url.text().and_then(|url| Url::parse(url).ok());
        let is_fine = |url: &Url| url.scheme() == "https" || url.scheme() == self.settings.base_url.scheme();
        let capture_url = url.filter(is_fine).ok_or(ProviderError::Unreadable("verification.url"))?;
        if verification.vendor_data.text().is_some_and(|echoed| echoed != request.reference.as_str()) {
            return Err(ProviderError::Unreadable("verification.vendorData"));
        }
        Ok(Started {
            provider_ref: provider_ref.ok_or(ProviderError::Unreadable("verification.id"))?,
            capture_url: SecretString::from(String::from(capture_url)),
        })
    }
}

/// Veriff signs its answers. A proxy may strip that, so a missing signature is accepted; a wrong one never is.
fn check_answer(answer: &Answer, credentials: &Credentials) -> Result<(), ProviderError> {
    let header = |name| signature::only_value(&answer.headers, name).map_err(|_| ProviderError::BadSignature);
    if header(AUTH_CLIENT)?.is_some_and(|client| client != credentials.api_key) {
        return Err(ProviderError::BadSignature);
    }
    match header(HMAC_SIGNATURE)? {
        Some(signature) => credentials.keys.check(&answer.body, signature).map_err(|_| ProviderError::BadSignature),
        None => Ok(()),
    }
}

#[async_trait]
impl Provider for Veriff {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn kind(&self) -> Kind {
        Kind::Veriff
    }

    async fn start(&self, request: &StartRequest) -> Result<Started, ProviderError> {
        let verification = NewVerification {
            vendor_data: request.reference.as_str(),
            callback: request.return_url.as_ref().map(Url::as_str),
            lang: is_language(&request.language).then_some(request.language.as_str()),
        };
        let body = serde_json::to_vec(&NewSession { verification }).expect("strings serialise");
        let answer = self.call(Method::POST, &["sessions"], &body, Some(body.clone())).await?;
        let body: Body =
            serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the new session"))?;
        let verification = body.verification.0.ok_or(ProviderError::Unreadable("verification"))?;
        self.started(&verification, request)
    }

    async fn result(&self, session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError> {
        let body = self.decision(session.id()).await?;
        let is_success = webhook::is_success(&body);
        let Some(verification) = body.verification.0 else {
            return Ok(Fetched::Pending(Phase::Unknown));
        };
        if verification.id.text() != Some(session.id()) {
            return Err(ProviderError::Unreadable("verification.id"));
        }
        Ok(match decision::read(&verification, is_success, now) {
            Reading::Pending(phase) => Fetched::Pending(phase),
            Reading::Decided(result) => Fetched::Decided(result),
        })
    }

    /// A session may have several attempts: the pictures are those of the one that was decided on.
    async fn images(&self, session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        let verification = self.decision(session.id()).await?.verification.0;
        let verification = verification.filter(|verification| verification.id.text() == Some(session.id()));
        let verification = verification.ok_or(ProviderError::Unreadable("verification.id"))?;
        let attempt = verification.attempt_id.text().and_then(|id| ProviderRef::parse(id).ok());
        let (of, id) = attempt.as_ref().map_or(("sessions", session.id()), |attempt| ("attempts", attempt.id()));
        let answer = self.call(Method::GET, &[of, id, "media"], id.as_bytes(), None).await?;
        let media: Media = serde_json::from_slice(&answer.body).map_err(|_| ProviderError::Unreadable("the media"))?;
        Ok(media.images())
    }

    async fn image(&self, _: &ProviderRef, image: &Image) -> Result<ImageBytes, ProviderError> {
        let id = image.id.id();
        Ok(self.call_for(LARGEST_IMAGE, Method::GET, (&["media", id], id.as_bytes()), None).await?.body)
    }

    async fn delete(&self, session: &ProviderRef) -> Result<(), ProviderError> {
        match self.call(Method::DELETE, &["sessions", session.id()], session.id().as_bytes(), None).await {
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
        self.settings.console.session(session)
    }

    /// Veriff publishes no health endpoint. A signed question about a session that cannot exist is answered with 400 or 404 when all is
    /// well, and with 401 or 403 when the key is not accepted.
    async fn health(&self) -> Result<(), ProviderError> {
        match self.decision(NO_SESSION).await {
            Err(ProviderError::NotFound | ProviderError::Refused { status: 400 | 422, .. }) | Ok(_) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// The sentences behind a check's reason.
pub(super) fn explain(reason: &str) -> Explanation {
    if let Some(row) = reasons::any(reason) {
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

/// Veriff's own code of an error, such as 1104.
fn error_code(body: &[u8]) -> Option<String> {
    serde_json::from_slice::<Body>(body).ok()?.code.code(16).map(str::to_owned)
}

/// A two-letter language, with a region perhaps; anything else is left to Veriff's own guess.
fn is_language(tag: &str) -> bool {
    let (language, region) = tag.split_once('-').map_or((tag, None), |(language, region)| (language, Some(region)));
    let is_letters = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_letters(language) && region.is_none_or(is_letters)
}
