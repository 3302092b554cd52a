//! What the server must reach: identity providers, providers, the bank. And what time they think it is.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use reqwest::header::DATE;
use serde_json::Value;

use super::{Finding, certificates, genesys, limited};
use crate::auth::oidc;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::config::auth::{Configured, Idp};
use crate::config::providers::Integration;
use crate::providers::{ProviderError, Transport};

/// How far clocks may differ: ID tokens and signed events are refused when they differ by a minute or five, and a `Date` header is a
/// second coarse and as old as its way to us.
const SECONDS_APART: i64 = 5;

/// `apart` says by how much this machine is ahead of whoever was asked already.
pub(super) async fn examine(config: &Config, clock: &dyn Clock, mut apart: Vec<(String, i64)>) -> Vec<Finding> {
    let http = match oidc::http_client(&[]) {
        Ok(http) => http,
        Err(error) => return vec![Finding::bad("HTTP client", said(&error), "look at the machine's roots of trust")],
    };
    let mut findings = Vec::new();
    for (name, idp) in &config.auth.idps {
        let subject = format!("identity provider {name}");
        match idp {
            Configured::Oidc(idp) => {
                let (finding, time) = idp_answers(&subject, idp).await;
                apart.extend(time.map(|time| (subject, seconds(clock) - time)));
                findings.push(finding);
            }
            Configured::Saml(idp) => findings.extend(certificates::examine(&subject, idp, clock.now())),
        }
    }
    for (name, integration) in &config.providers {
        let subject = format!("provider {name}");
        findings.push(limited(&subject, provider_answers(&subject, integration)).await);
        let time = reach(&http, integration.settings.base_url().clone()).await.ok().flatten();
        apart.extend(time.map(|time| (subject, seconds(clock) - time)));
    }
    findings.push(bank_answers(&http, config).await);
    findings.extend(genesys::examine(config, clock).await);
    findings.push(clocks_agree(&apart));
    findings
}

/// The error without the address, and with what is behind it.
fn said(error: &(dyn std::error::Error + 'static)) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}

fn date(answer: &reqwest::Response) -> Option<i64> {
    let text = answer.headers().get(DATE)?.to_str().ok()?;
    let time = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    i64::try_from(time.as_secs()).ok()
}

/// Asks for nothing but whether somebody is there: no cookie, no key, no body. Gives its time.
async fn reach(http: &reqwest::Client, url: url::Url) -> Result<Option<i64>, reqwest::Error> {
    let answer = http.head(url).timeout(Duration::from_secs(8)).send().await.map_err(reqwest::Error::without_url)?;
    Ok(date(&answer))
}

async fn idp_answers(subject: &str, idp: &Idp) -> (Finding, Option<i64>) {
    let mut time = None;
    let http = match oidc::http_client(&idp.roots) {
        Ok(http) => http,
        Err(error) => return (Finding::bad(subject, said(&error), "correct auth.idp.*.ca_file"), None),
    };
    let check = async {
        match metadata(&http, idp, &mut time).await {
            Ok(document) => match unlisted_claim(&document, idp) {
                None => Finding::good(subject, format!("its metadata is there and names the issuer {}", idp.issuer)),
                Some(claim) => Finding::warning(
                    subject,
                    format!(
                        "its metadata lists the claims it gives, and {claim}, by which roles are known, is not among them"
                    ),
                    "let it put the claim into the ID token (docs/sso has a recipe), or correct auth.idp.*.roles; some give claims that \
                     they do not list: if people sign in with their roles, all is well",
                ),
            },
            Err((found, advice)) => Finding::bad(subject, found, advice),
        }
    };
    let finding = limited(subject, check).await;
    (finding, time)
}

/// OpenID Connect Discovery 1.0 section 4.
async fn metadata(http: &reqwest::Client, idp: &Idp, time: &mut Option<i64>) -> Result<Value, (String, &'static str)> {
    let url = format!("{}/.well-known/openid-configuration", idp.issuer.trim_end_matches('/'));
    let unreachable = |error: reqwest::Error| {
        (
            format!("{url} cannot be read: {}", said(&error.without_url())),
            "open the way there (firewall, proxy, name, certificate), or correct auth.idp.*.issuer",
        )
    };
    let answer = http.get(&url).send().await.map_err(unreachable)?;
    *time = date(&answer);
    let status = answer.status();
    let document: Value = match answer.error_for_status() {
        Ok(answer) => answer.json().await.map_err(unreachable)?,
        Err(_) => {
            return Err((format!("{url} answers {status}"), "correct auth.idp.*.issuer: its metadata lies below it"));
        }
    };
    let issuer = document.get("issuer").and_then(Value::as_str).unwrap_or("none");
    if issuer != idp.issuer {
        let found = format!("its metadata names the issuer {issuer}, the configuration {}", idp.issuer);
        return Err((
            found,
            "write auth.idp.*.issuer exactly as the metadata does; every sign-in is refused until then",
        ));
    }
    Ok(document)
}

/// A claim that gives roles and is not listed, where claims are listed at all (OpenID Connect Discovery 1.0 section 3, `claims_supported`).
fn unlisted_claim<'a>(document: &Value, idp: &'a Idp) -> Option<&'a str> {
    let listed: Vec<_> = document.get("claims_supported")?.as_array()?.iter().filter_map(Value::as_str).collect();
    let claims = idp.roles.iter().map(|rule| rule.claim.as_str());
    claims
        .into_iter()
        .find(|claim| !listed.iter().any(|listed| claim.split('.').next() == Some(*listed) || claim == listed))
}

async fn provider_answers(subject: &str, integration: &Integration) -> Finding {
    let client = match Transport::new(reqwest::Client::builder()) {
        Ok(transport) => integration.settings.clone().client(transport, Arc::new(SystemClock)),
        Err(error) => return Finding::bad(subject, said(&error), "look at the machine's roots of trust"),
    };
    match client.health().await {
        Ok(()) => Finding::good(subject, "answers, and accepts our key"),
        Err(error) => Finding::bad(subject, said(&error), advice(&error)),
    }
}

fn advice(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::NotSent(_) | ProviderError::NoAnswer(_) => {
            "open the way to providers.*.base_url or region (firewall, proxy, name, certificate)"
        }
        ProviderError::NoToken(cause) => advice(cause),
        ProviderError::Refused { .. } | ProviderError::BadSignature => {
            "compare providers.*.api_key and shared_secrets, or client_id and client_secret, with the provider's portal"
        }
        ProviderError::RateLimited { .. } | ProviderError::Unavailable { .. } => {
            "the provider has trouble or is asked too often; sessions wait and are started later"
        }
        _ => "compare providers.*.base_url or region with the provider's portal",
    }
}

async fn bank_answers(http: &reqwest::Client, config: &Config) -> Finding {
    let subject = "bank events";
    let Some(bank) = &config.bank else {
        return Finding::good(subject, "not configured: nobody is told of outcomes");
    };
    match reach(http, bank.url.clone()).await {
        Ok(_) => Finding::good(subject, "its host answers (no event was sent)"),
        Err(error) => Finding::bad(
            subject,
            format!("its host cannot be reached: {}", said(&error)),
            "open the way to bank.event_url; events are kept and sent again for about three days",
        ),
    }
}

/// The time now, to be compared at once: examining takes a while.
pub(super) fn seconds(clock: &dyn Clock) -> i64 {
    clock.now().0.div_euclid(1_000_000)
}

fn clocks_agree(apart: &[(String, i64)]) -> Finding {
    let subject = "clock";
    let told = |(who, seconds): &(String, i64)| format!("{seconds} s from {who}");
    let far: Vec<String> = apart.iter().filter(|(_, seconds)| seconds.abs() > SECONDS_APART).map(told).collect();
    if apart.is_empty() {
        return Finding::warning(subject, "nobody could be asked for the time", "see that NTP runs on this machine");
    }
    if far.is_empty() {
        return Finding::good(subject, format!("agrees with {} other(s)", apart.len()));
    }
    let advice = "set this machine's clock by NTP; tokens and signatures are refused when clocks differ";
    Finding::bad(subject, format!("differs: {}", far.join(", ")), advice)
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn clocks_may_differ_by_seconds_only() {
        let others = |apart: i64| vec![("identity provider bank".to_owned(), apart)];
        assert_eq!(clocks_agree(&others(5)).verdict, Verdict::Good);
        let found = clocks_agree(&others(-70));
        assert_eq!((found.verdict, found.found.as_str()), (Verdict::Bad, "differs: -70 s from identity provider bank"));
        assert_eq!(clocks_agree(&[]).verdict, Verdict::Warning);
    }
}
