//! The companies that check documents and faces: one trait, one client each.
//!
//! A provider is told an opaque reference and nothing about the person. What it answers is translated here into our own words:
//! [`ProviderResult`], whose values about the person are [`Pii`](crate::pii::Pii) from the moment they are parsed. Anything a
//! provider says that we do not know becomes "a person should look", never "verified".
//!
//! This module neither stores nor schedules: whoever calls a client keeps the result, waits, and tries again. The pure rules for
//! that are [`backoff`], [`bucket`] and [`breaker`]. It has no generic client either: the three differ in too much.

pub mod backoff;
pub mod breaker;
pub mod bucket;
mod console;
mod country;
mod error;
mod explanation;
mod image;
pub mod jumio;
mod lenient;
mod notice;
pub mod onfido;
mod reference;
mod result;
mod signature;
mod transport;
pub mod veriff;
mod verified;

pub use console::{ConsoleLink, ConsoleLinkRefused};
pub use error::{Call, ProviderError, Retry};
pub use explanation::{Explanation, explain};
pub use image::{Image, ImageBytes, LARGEST_IMAGE};
pub use notice::{Event, Notice, Unreadable};
pub use reference::{ProviderRef, ReferenceRefused, SessionReference};
pub use result::{DocumentType, Extracted, Fetched, Outcome, Phase, ProviderResult};
pub use signature::{Keys, SignatureRefused};
pub(crate) use transport::Answer;
pub use transport::Transport;
pub use verified::{Unverified, Verified};

use std::fmt;

use async_trait::async_trait;
use kyc_wire::ids::Micros;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// Which company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Onfido, API version 3.6.
    Onfido,
    /// Veriff, Public API version 1.
    Veriff,
    /// Jumio, Platform API version 1.
    Jumio,
}

impl Kind {
    /// The name used in paths, rows, logs and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Onfido => "onfido",
            Self::Veriff => "veriff",
            Self::Jumio => "jumio",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a provider must know to begin. Nothing in it is about the person.
#[derive(Clone, Debug)]
pub struct StartRequest {
    /// Our opaque reference; comes back in webhooks.
    pub reference: SessionReference,
    /// Where the customer's browser goes when the capture is over.
    pub return_url: Option<Url>,
    /// Where results are pushed, for providers that are told per session (Jumio); the others have it in their portal.
    pub webhook_url: Option<Url>,
    /// The run before this one: some providers keep all runs of one customer together, and are told whom to go on with.
    pub previous: Option<ProviderRef>,
    /// Language of the capture pages: a two-letter tag, or one with a region (`de`, `de-AT`).
    pub language: String,
    /// Whether it was tried before, and may have arrived without our hearing of it. A provider where that can be looked up gives what it has
    /// begun since `previous`.
    pub is_repeated: bool,
}

/// A session that exists at the provider.
#[derive(Debug)]
pub struct Started {
    /// How the provider calls it.
    pub provider_ref: ProviderRef,
    /// Where the customer captures document and face. A secret: whoever has it can continue the session.
    pub capture_url: SecretString,
}

/// A provider.
///
/// `verify` has no default body, so that no client can forget it, and `parse` takes what only `verify` gives. The shape fits
/// three ways of being told: Veriff pushes the signed decision; Onfido signs an envelope and is asked for the rest; Jumio signs
/// nothing, so its client checks our own code inside the reference that Jumio echoes, and the notice is a mere wake-up.
///
/// ```
/// # use kyc_desk::providers::*;
/// # struct Mine;
/// #[async_trait::async_trait]
/// impl Provider for Mine {
/// #   fn name(&self) -> &str { "mine" }
/// #   fn kind(&self) -> Kind { Kind::Veriff }
/// #   async fn start(&self, _: &StartRequest) -> Result<Started, ProviderError> { unimplemented!() }
/// #   async fn result(&self, _: &ProviderRef, _: kyc_wire::ids::Micros) -> Result<Fetched, ProviderError> { unimplemented!() }
/// #   async fn delete(&self, _: &ProviderRef) -> Result<(), ProviderError> { unimplemented!() }
/// #   fn parse(&self, _: &Verified) -> Result<Notice, Unreadable> { unimplemented!() }
/// #   fn console_url(&self, _: &ProviderRef) -> Option<url::Url> { None }
/// #   async fn health(&self) -> Result<(), ProviderError> { Ok(()) }
///     // ... every other method, and:
///     fn verify(&self, webhook: Unverified) -> Result<Verified, SignatureRefused> {
///         Err(SignatureRefused::Missing)
///     }
/// }
/// ```
///
/// Without `verify` it does not compile:
///
/// ```compile_fail,E0046
/// # use kyc_desk::providers::*;
/// # struct Mine;
/// #[async_trait::async_trait]
/// impl Provider for Mine {
/// #   fn name(&self) -> &str { "mine" }
/// #   fn kind(&self) -> Kind { Kind::Veriff }
/// #   async fn start(&self, _: &StartRequest) -> Result<Started, ProviderError> { unimplemented!() }
/// #   async fn result(&self, _: &ProviderRef, _: kyc_wire::ids::Micros) -> Result<Fetched, ProviderError> { unimplemented!() }
/// #   async fn delete(&self, _: &ProviderRef) -> Result<(), ProviderError> { unimplemented!() }
/// #   fn parse(&self, _: &Verified) -> Result<Notice, Unreadable> { unimplemented!() }
/// #   fn console_url(&self, _: &ProviderRef) -> Option<url::Url> { None }
/// #   async fn health(&self) -> Result<(), ProviderError> { Ok(()) }
///     // ... every other method
/// }
/// ```
///
/// And what was not verified cannot be parsed:
///
/// ```compile_fail,E0308
/// # use kyc_desk::providers::*;
/// fn read(provider: &dyn Provider, webhook: &Unverified) -> Result<Notice, Unreadable> {
///     provider.parse(webhook)
/// }
/// ```
#[async_trait]
pub trait Provider: Send + Sync {
    /// Name of the configured integration, such as `veriff-de`.
    fn name(&self) -> &str;

    /// Which company it is; decides which table [`explain`] reads.
    fn kind(&self) -> Kind;

    /// Begins a session at the provider. Not idempotent: ask [`ProviderError::retry`] with [`Call::Start`] before another try, and
    /// write down that a start was attempted before calling.
    async fn start(&self, request: &StartRequest) -> Result<Started, ProviderError>;

    /// Asks for the result. `now` stands in where the provider's answer has no time of its own.
    async fn result(&self, session: &ProviderRef, now: Micros) -> Result<Fetched, ProviderError>;

    /// What pictures there are of the result: front and back of the document, face; anything else is left out. Perhaps none yet.
    ///
    /// The default is for a provider whose pictures are not fetched: there are none, and its section of the configuration does not know
    /// `fetch_images`.
    async fn images(&self, _session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        Ok(Vec::new())
    }

    /// Fetches one of them: up to [`LARGEST_IMAGE`], from an address made of the configuration and checked ids.
    async fn image(&self, _session: &ProviderRef, _image: &Image) -> Result<ImageBytes, ProviderError> {
        Err(ProviderError::NotFound)
    }

    /// Asks the provider to delete what it holds about the session. One it no longer knows counts as deleted.
    async fn delete(&self, session: &ProviderRef) -> Result<(), ProviderError>;

    /// Checks that a webhook comes from the provider. No default body, and no "none" algorithm.
    fn verify(&self, webhook: Unverified) -> Result<Verified, SignatureRefused>;

    /// Reads a webhook. Never panics, whatever the bytes.
    fn parse(&self, webhook: &Verified) -> Result<Notice, Unreadable>;

    /// The session in the provider's own console, if its address is one of the hosts the configuration allows.
    fn console_url(&self, session: &ProviderRef) -> Option<Url>;

    /// Whether the provider can be reached and accepts our key; for `doctor` and the circuit breaker's probe.
    async fn health(&self) -> Result<(), ProviderError>;
}
