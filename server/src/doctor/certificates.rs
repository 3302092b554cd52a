//! What an identity provider that speaks SAML was pinned by, and until when that holds. Nothing is asked of it: the browser alone goes there.

use kyc_wire::ids::Micros;
use time::OffsetDateTime;

use super::Finding;
use crate::auth::saml::Certificate;
use crate::config::saml::SamlIdp;

const WARNING_DAYS: i64 = 30;
const DAY_SECONDS: i64 = 24 * 60 * 60;

fn day(at: Micros) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at.0.div_euclid(1_000_000));
    at.map_or_else(|_| "never".to_owned(), |at| at.date().to_string())
}

pub(super) fn examine(subject: &str, idp: &SamlIdp, now: Micros) -> Vec<Finding> {
    let mut found = vec![theirs(subject, idp, now)];
    let ours = idp.keys.as_ref().and_then(|keys| Certificate::parse(&keys.certificate).ok());
    found.extend(ours.map(|ours| ours_for(&format!("our certificate for {subject}"), &ours, now)));
    found
}

fn theirs(subject: &str, idp: &SamlIdp, now: Micros) -> Finding {
    let soon = now.plus_seconds(WARNING_DAYS * DAY_SECONDS);
    match idp.metadata.valid_until {
        Some(end) if end <= now => {
            let found = format!("its metadata file has ended ({}): nobody can sign in by it", day(end));
            return Finding::bad(subject, found, "get a new file from it, and compare the fingerprints");
        }
        Some(end) if end <= soon => {
            let found = format!("its metadata file ends on {}; nobody can sign in by it from then on", day(end));
            return Finding::warning(subject, found, "get a new file from it, and compare the fingerprints");
        }
        _ => {}
    }
    let said = |one: &Certificate| format!("{} until {}", one.fingerprint(), day(one.expires_at()));
    let pinned = idp.metadata.certificates.iter().map(said).collect::<Vec<_>>().join(", ");
    let last = idp.metadata.certificates.iter().map(Certificate::expires_at).max();
    if last.is_none_or(|last| last <= soon) {
        let found = format!("the certificates by which it signs end soon: {pinned}");
        let advice = "it will sign by another one: get its new metadata before that, with both in it";
        return Finding::warning(subject, found, advice);
    }
    Finding::good(subject, format!("is pinned: {} signs by {pinned} (SHA-256)", idp.metadata.entity_id))
}

fn ours_for(subject: &str, ours: &Certificate, now: Micros) -> Finding {
    let end = ours.expires_at();
    let advice =
        "make a new key and certificate, list the old key in old_keys, and give the identity provider the new metadata";
    if end <= now {
        return Finding::bad(subject, format!("has ended ({}): what we sign is refused by most", day(end)), advice);
    }
    if end <= now.plus_seconds(WARNING_DAYS * DAY_SECONDS) {
        return Finding::warning(subject, format!("ends on {}", day(end)), advice);
    }
    Finding::good(subject, format!("holds until {}", day(end)))
}
