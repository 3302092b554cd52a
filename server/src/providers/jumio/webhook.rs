//! Jumio's callbacks. They are not signed, so nothing in them is believed: a callback that brings our own code back wakes us up for its
//! session, and what happened is read from Jumio.

use std::time::Duration;

use kyc_wire::ids::Micros;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::decision::{self, Stage};
use super::payload::Callback;
use super::{Settings, echo};
use crate::providers::{Event, Notice, ProviderRef, SignatureRefused, Unreadable, Unverified, Verified};

/// When details are asked for again that are announced and not readable yet, in seconds after the callback (docs.jumio.com, "Callback").
const SCHEDULE: [Duration; 10] = [
    Duration::from_secs(40),
    Duration::from_mins(1),
    Duration::from_secs(100),
    Duration::from_secs(160),
    Duration::from_mins(4),
    Duration::from_secs(340),
    Duration::from_secs(460),
    Duration::from_mins(10),
    Duration::from_secs(760),
    Duration::from_secs(940),
];

/// Checks that a callback comes from one of Jumio's addresses and brings back what we gave Jumio alone.
pub(super) fn verify(webhook: Unverified, settings: &Settings) -> Result<Verified, SignatureRefused> {
    // A sender that nobody knows is nobody.
    let is_known = webhook.sender().is_some_and(|sender| settings.sources.iter().any(|source| source.contains(sender)));
    if !is_known {
        return Err(SignatureRefused::OtherSender);
    }
    let (credentials, now) = (settings.credentials.get(), webhook.received_at());
    webhook.check_echo(|body| {
        let callback: Callback = serde_json::from_slice(body).map_err(|_| SignatureRefused::Malformed)?;
        let reference = callback.user_reference.text().ok_or(SignatureRefused::Missing)?;
        echo::check(reference, now, &settings.name, &credentials.keys)
    })
}

/// Reads a callback.
pub(super) fn parse(webhook: &Verified) -> Result<Notice, Unreadable> {
    let callback: Callback =
        serde_json::from_slice(webhook.body()).map_err(|_| Unreadable("not a JSON object of the expected shape"))?;
    let workflow = callback.workflow_execution.0.as_ref().ok_or(Unreadable("workflowExecution"))?;
    let reference = callback.user_reference.text().and_then(echo::reference);
    Ok(Notice {
        provider_ref: provider_ref(&callback).ok_or(Unreadable("workflowExecution.id or account.id"))?,
        // Without it the callback would belong to any session whose execution it names.
        our_reference: Some(reference.ok_or(Unreadable("userReference"))?),
        event: match decision::stage(workflow.status.text().unwrap_or_default()) {
            Stage::Processed | Stage::Ended(_) => Event::Announced(&SCHEDULE),
            Stage::Pending(_) => Event::WakeUp,
        },
        occurred_at: callback.callback_sent_at.text().and_then(micros),
        dedupe_key: hex::encode(Sha256::digest(webhook.body())),
    })
}

fn provider_ref(callback: &Callback) -> Option<ProviderRef> {
    let workflow = callback.workflow_execution.0.as_ref()?.id.text()?;
    let account = callback.account.0.as_ref()?.id.text()?;
    ProviderRef::parse(workflow).ok()?.with(super::ACCOUNT, account).ok()
}

fn micros(text: &str) -> Option<Micros> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos().div_euclid(1_000)).ok().map(Micros)
}
