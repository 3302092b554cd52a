//! Veriff's webhooks: decisions, and the events `started` and `submitted`.

use sha2::{Digest, Sha256};

use super::decision::{self, Reading};
use super::payload::{Body, Verification};
use super::{AUTH_CLIENT, HMAC_SIGNATURE, Settings};
use crate::providers::lenient::Scalar;
use crate::providers::{
    Event, Notice, Phase, ProviderRef, SessionReference, SignatureRefused, Unreadable, Unverified, Verified,
};

/// A plain hash of body and secret, from before the HMAC. It can be extended by an attacker (Veriff's own advice is to avoid it).
const LEGACY_SIGNATURE: &str = "x-signature";

/// Checks that the webhook names our key and is signed with one of our live secrets.
pub(super) fn verify(webhook: Unverified, settings: &Settings) -> Result<Verified, SignatureRefused> {
    if !webhook.has_header(HMAC_SIGNATURE) && webhook.has_header(LEGACY_SIGNATURE) {
        return Err(SignatureRefused::Outdated);
    }
    let credentials = settings.credentials.get();
    if webhook.header(AUTH_CLIENT)? != credentials.api_key {
        return Err(SignatureRefused::OtherKey);
    }
    webhook.check_body_mac(HMAC_SIGNATURE, &credentials.keys)
}

/// Reads a decision or an event.
pub(super) fn parse(webhook: &Verified) -> Result<Notice, Unreadable> {
    let body: Body =
        serde_json::from_slice(webhook.body()).map_err(|_| Unreadable("not a JSON object of the expected shape"))?;
    let dedupe_key = fingerprint(webhook.body());
    match &body.verification.0 {
        Some(verification) => decided(&body, verification, webhook, dedupe_key),
        None => happened(&body, dedupe_key),
    }
}

fn decided(
    body: &Body,
    verification: &Verification,
    webhook: &Verified,
    dedupe_key: String,
) -> Result<Notice, Unreadable> {
    let event = match decision::read(verification, is_success(body), webhook.received_at()) {
        Reading::Decided(result) => Event::Decision(Some(result)),
        Reading::Pending(Phase::Processing) => Event::Submitted(decision::capture(&verification.attempt_id)),
        Reading::Pending(_) => Event::WakeUp,
    };
    Ok(Notice {
        provider_ref: provider_ref(&verification.id, "verification.id")?,
        our_reference: our_reference(&verification.vendor_data),
        event,
        occurred_at: decision::decided_at(verification),
        dedupe_key,
    })
}

/// An event says too little to act on beyond its two known kinds; whatever else it is, the result is worth fetching.
fn happened(body: &Body, dedupe_key: String) -> Result<Notice, Unreadable> {
    let event = match (body.action.text(), body.code.text()) {
        (Some("started"), Some("7001")) => Event::Started,
        (Some("submitted"), Some("7002")) => Event::Submitted(decision::capture(&body.attempt_id)),
        _ => Event::WakeUp,
    };
    Ok(Notice {
        provider_ref: provider_ref(&body.id, "id").or_else(|_| provider_ref(&body.session_id, "id"))?,
        our_reference: our_reference(&body.vendor_data),
        event,
        occurred_at: None,
        dedupe_key,
    })
}

/// Whether the envelope says nothing against the decision inside.
pub(super) fn is_success(body: &Body) -> bool {
    body.status.text().is_none_or(|status| status == "success")
}

fn provider_ref(id: &Scalar, place: &'static str) -> Result<ProviderRef, Unreadable> {
    id.text().and_then(|id| ProviderRef::parse(id).ok()).ok_or(Unreadable(place))
}

fn our_reference(vendor_data: &Scalar) -> Option<SessionReference> {
    vendor_data.text().and_then(|token| SessionReference::parse(token).ok())
}

/// Veriff gives its messages no id. The bytes hold session, attempt, code and time, so their hash is the same for every delivery of
/// one message and another for every other.
fn fingerprint(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}
