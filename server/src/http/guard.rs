//! Where a request comes from, and what a browser may do with the answer.
//!
//! The sign-in cookie is partitioned, which does not keep other widgets of the same Genesys page from calling us with it. So every
//! request that changes something must come from our own page: `Origin`, Fetch Metadata and a header that no form can send.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kyc_wire::problem::ProblemCode;

use super::error::ApiError;
use crate::state::App;

/// The header that our own page sends with every change.
pub const CSRF_HEADER: &str = "x-kycdesk-csrf";

fn cross_site(what: &str) -> ApiError {
    ApiError::refused(ProblemCode::CrossSite, format!("Refused: {what}."))
}

fn is(headers: &HeaderMap, name: &str, value: &str) -> bool {
    let mut found = headers.get_all(name).iter();
    found.next().is_some_and(|first| first.as_bytes() == value.as_bytes()) && found.next().is_none()
}

fn check(method: &Method, headers: &HeaderMap, origin: &str) -> Result<(), ApiError> {
    if !is(headers, "sec-fetch-site", "same-origin") {
        return Err(cross_site("the request does not come from our own page"));
    }
    if method == Method::GET || method == Method::HEAD {
        return Ok(());
    }
    if !is(headers, "origin", origin) {
        return Err(cross_site("the origin is not ours"));
    }
    if !is(headers, CSRF_HEADER, "1") {
        return Err(cross_site("the X-KycDesk-CSRF header is missing"));
    }
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(ApiError::refused(ProblemCode::UnsupportedMediaType, "Send application/json."));
    }
    Ok(())
}

/// Lets in only what our own page sends.
pub async fn same_origin(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    if let Err(refused) = check(request.method(), request.headers(), &app.config.http.desk_origin()) {
        tracing::warn!(problem.code = refused.code().as_str(), "a request from elsewhere was refused");
        return refused.into_response();
    }
    next.run(request).await
}

const COMMON: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains"),
];

/// What a page may ask its browser for: nothing, unless its handler says otherwise.
const DEFAULTS: [(HeaderName, &str); 3] = [
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()",
    ),
];

/// Headers that every answer has, and those it has unless the handler said otherwise.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in COMMON {
        headers.insert(name, HeaderValue::from_static(value));
    }
    for (name, value) in DEFAULTS {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
        headers.insert(header::CONTENT_SECURITY_POLICY, nothing);
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    response
}

/// The policy of the widget's page: its own scripts and styles only, and framing only by the configured hosts.
pub fn widget_policy(script_hashes: &[String], frame_ancestors: &[String]) -> String {
    let hashes: String = script_hashes.iter().flat_map(|hash| [" '", hash, "'"]).collect();
    let ancestors = if frame_ancestors.is_empty() { "'none'".to_owned() } else { frame_ancestors.join(" ") };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; style-src 'self'; connect-src 'self'; \
         img-src 'self' blob:; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; object-src 'none'; \
         frame-ancestors {ancestors}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "https://desk.bank.example";

    fn headers(changes: &[(&'static str, Option<&'static str>)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let good = [
            ("origin", OURS),
            ("sec-fetch-site", "same-origin"),
            (CSRF_HEADER, "1"),
            ("content-type", "application/json"),
        ];
        for (name, value) in good {
            headers.insert(name, HeaderValue::from_static(value));
        }
        for (name, value) in changes {
            match value {
                Some(value) => headers.insert(*name, HeaderValue::from_static(value)),
                None => headers.remove(*name),
            };
        }
        headers
    }

    #[test]
    fn our_own_page_is_let_in() {
        assert!(check(&Method::POST, &headers(&[]), OURS).is_ok());
        assert!(
            check(&Method::GET, &headers(&[("origin", None), (CSRF_HEADER, None), ("content-type", None)]), OURS)
                .is_ok()
        );
    }

    #[test]
    fn each_sign_of_another_page_is_enough_to_refuse() {
        for change in [
            ("origin", None),
            ("origin", Some("null")),
            ("origin", Some("https://desk.bank.example.evil.example")),
            ("sec-fetch-site", None),
            ("sec-fetch-site", Some("same-site")),
            ("sec-fetch-site", Some("none")),
            (CSRF_HEADER, None),
            (CSRF_HEADER, Some("true")),
        ] {
            let refused = check(&Method::POST, &headers(&[change]), OURS).unwrap_err();
            assert_eq!(refused.code(), ProblemCode::CrossSite, "{change:?}");
        }
        let form = headers(&[("content-type", Some("application/x-www-form-urlencoded"))]);
        assert_eq!(check(&Method::POST, &form, OURS).unwrap_err().code(), ProblemCode::UnsupportedMediaType);
        let get = headers(&[("sec-fetch-site", Some("cross-site"))]);
        assert_eq!(check(&Method::GET, &get, OURS).unwrap_err().code(), ProblemCode::CrossSite);
    }

    #[test]
    fn the_widget_may_be_framed_by_nobody_unless_configured() {
        assert!(widget_policy(&[], &[]).ends_with("frame-ancestors 'none'"));
        let policy = widget_policy(&["sha256-abc".to_owned()], &["https://apps.mypurecloud.de".to_owned()]);
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval' 'sha256-abc';"));
        assert!(policy.ends_with("frame-ancestors https://apps.mypurecloud.de"));
    }
}
