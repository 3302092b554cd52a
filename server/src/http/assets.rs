//! The widget's files, embedded in the binary. The page itself gets its policy here: the hash of the loader that the build put into it,
//! and who may frame it.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use super::error::ApiError;
use super::guard::widget_policy;
use crate::state::App;

#[derive(RustEmbed)]
#[folder = "../app/dist"]
#[allow_missing = true]
struct Dist;

/// The hashes of the scripts inside the page, as the policy wants them.
fn script_hashes(page: &str) -> Vec<String> {
    let scripts = page.split("<script").skip(1).filter_map(|rest| {
        let (attributes, rest) = rest.split_once('>')?;
        let (body, _) = rest.split_once("</script>")?;
        (!attributes.contains("src=")).then_some(body)
    });
    scripts.map(|body| format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest(body)))).collect()
}

/// The widget's page, whatever its address: the widget itself knows what it shows.
pub async fn page(State(app): State<Arc<App>>) -> Result<Response, ApiError> {
    let Some(file) = Dist::get("index.html") else {
        return Err(ApiError::refused(
            kyc_wire::problem::ProblemCode::Unavailable,
            "This build has no widget: run cargo xtask widget.",
        ));
    };
    let http = &app.config.http;
    let html = String::from_utf8_lossy(&file.data);
    let policy = widget_policy(&script_hashes(&html), &http.frame_ancestors);
    let hosts = http.frame_ancestors.join(" ");
    let html = html.replace("__KYC_HOST_ORIGINS__", &hosts);
    let mut response = html.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let fault =
        |error: header::InvalidHeaderValue| ApiError::Fault(kyc_wire::problem::ProblemCode::Internal, Box::new(error));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).map_err(fault)?);
    // With `same-origin` the sign-in popup would lose its opener.
    headers.insert(
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin-allow-popups"),
    );
    Ok(response)
}

/// A file of the widget. Their names hold a hash of their content, so a browser may keep them for ever.
pub async fn file(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    let is_served_otherwise = matches!(path.rsplit_once('.'), Some((_, "html" | "br")));
    if path.is_empty() || path.starts_with('.') || is_served_otherwise {
        return ApiError::not_found().into_response();
    }
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let takes_brotli = accepts.split(',').any(|coding| coding.trim().split(';').next() == Some("br"));
    let small = takes_brotli.then(|| Dist::get(&format!("{path}.br"))).flatten();
    match (small, Dist::get(path)) {
        (Some(small), Some(plain)) => served(small, plain.metadata.mimetype(), true),
        (None, Some(plain)) => {
            let kind = plain.metadata.mimetype().to_owned();
            served(plain, &kind, false)
        }
        (_, None) => ApiError::not_found().into_response(),
    }
}

fn served(file: EmbeddedFile, kind: &str, is_brotli: bool) -> Response {
    let mut response = (StatusCode::OK, file.data.into_owned()).into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::try_from(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if is_brotli {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scripts_inside_the_page_are_hashed() {
        let page = r#"<script src="/a.js"></script><script type="module">alert(1)</script>"#;
        let expected = format!("sha256-{}", BASE64_STANDARD.encode(Sha256::digest("alert(1)")));
        assert_eq!(script_hashes(page), [expected]);
    }
}
