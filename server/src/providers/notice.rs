//! What a verified webhook tells us.

use std::time::Duration;

use kyc_wire::ids::Micros;

use super::{ProviderRef, ProviderResult, SessionReference};
use crate::domain::session::CaptureId;

/// A webhook, read.
#[derive(Debug)]
pub struct Notice {
    /// The session it is about.
    pub provider_ref: ProviderRef,
    /// Our own reference, if the provider echoed one; it must belong to the same session.
    pub our_reference: Option<SessionReference>,
    /// What happened.
    pub event: Event,
    /// When, by the provider's clock, for ordering. Not every provider says (Veriff's events do not): then only the order
    /// started, submitted, decided holds.
    pub occurred_at: Option<Micros>,
    /// The same for the same message, however often it is delivered; at most 100 ASCII characters, no personal data.
    pub dedupe_key: String,
}

/// What happened at the provider.
#[derive(Debug)]
pub enum Event {
    /// The customer opened the capture pages.
    Started,
    /// The customer handed everything in; which capture that was, where the provider tells them apart.
    Submitted(Option<CaptureId>),
    /// The provider decided; with the result, or without it when it has to be fetched.
    Decision(Option<Box<ProviderResult>>),
    /// The provider decided, and the result has to be fetched; it may not be readable yet, and is asked for at once and then so long
    /// after the notice.
    Announced(&'static [Duration]),
    /// Something changed, or something we do not know: fetch the result.
    WakeUp,
}

/// A signed body that cannot be read. It names the place and never quotes the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the provider's message: {0}")]
pub struct Unreadable(pub &'static str);
