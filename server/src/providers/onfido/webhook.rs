//! Onfido's webhooks: an envelope that says what happened to what. Results in it are not read: they are asked for, so that an old message that
//! comes late tells what is so now.

use sha2::{Digest, Sha256};

use super::Settings;
use super::decision;
use super::payload::{Envelope, Happened, Payload, Resource};
use crate::providers::lenient::Scalar;
use crate::providers::{
    Event, Notice, ProviderRef, SessionReference, SignatureRefused, Unreadable, Unverified, Verified,
};

/// Carries the HMAC-SHA256 of the raw body under the webhook's token, in hexadecimal.
const SIGNATURE: &str = "x-sha2-signature";
/// An HMAC-SHA1, from before.
const LEGACY_SIGNATURE: &str = "x-signature";

/// Checks that the webhook is signed with one of our live tokens.
pub(super) fn verify(webhook: Unverified, settings: &Settings) -> Result<Verified, SignatureRefused> {
    if !webhook.has_header(SIGNATURE) && webhook.has_header(LEGACY_SIGNATURE) {
        return Err(SignatureRefused::Outdated);
    }
    webhook.check_body_mac(SIGNATURE, &settings.credentials.get().webhook_tokens)
}

/// Reads an envelope.
pub(super) fn parse(webhook: &Verified) -> Result<Notice, Unreadable> {
    let envelope: Envelope =
        serde_json::from_slice(webhook.body()).map_err(|_| Unreadable("not a JSON object of the expected shape"))?;
    let payload = envelope.payload.0.ok_or(Unreadable("payload"))?;
    let object = payload.object.0.as_ref().ok_or(Unreadable("payload.object"))?;
    let event = match payload.action.text().ok_or(Unreadable("payload.action"))? {
        "workflow_task.started" | "check.started" => Event::Started,
        "check.form_completed" => Event::Submitted(None),
        "workflow_run.completed" | "check.completed" => Event::Decision(None),
        _ => Event::WakeUp,
    };
    Ok(Notice {
        provider_ref: provider_ref(&payload, object)?,
        our_reference: payload.resource.0.as_ref().and_then(our_reference),
        event,
        occurred_at: decision::time(&object.completed_at_iso8601)
            .or_else(|| decision::time(&object.started_at_iso8601)),
        // The same for every delivery of one message: they are sent again as they are.
        dedupe_key: hex::encode(Sha256::digest(webhook.body())),
    })
}

/// The run or check that a message is about, also where it is about a part of one.
fn provider_ref(payload: &Payload, object: &Happened) -> Result<ProviderRef, Unreadable> {
    let check = payload.resource.0.as_ref().map(|resource| &resource.check_id);
    let ids = [Some(&object.workflow_run_id), check, Some(&object.id)];
    let id = ids.into_iter().flatten().find_map(Scalar::text);
    id.and_then(|id| ProviderRef::parse(id).ok()).ok_or(Unreadable("payload.object.id"))
}

/// Our reference, where the message carries the thing itself. Tags may hold others' words: only one that is a session's name counts.
fn our_reference(resource: &Resource) -> Option<SessionReference> {
    let own = resource.customer_user_id.text().and_then(|id| SessionReference::parse(id).ok());
    own.or_else(|| match &resource.tags.0[..] {
        [tag] => tag.text().and_then(|tag| SessionReference::parse(tag).ok()),
        _ => None,
    })
}
