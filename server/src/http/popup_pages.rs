//! The pages of the popup: the first, from which it goes to the identity provider, and the last, which says what came of it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::address::InPath;
use super::error::ApiError;

/// A page or file of the popup.
fn page(kind: &'static str, body: impl Into<axum::body::Body>) -> Response {
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    let mut response = body.into().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    // The opener is needed for the ticket; this deviates from ASVS 5.0 item 3.4.8 on purpose.
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("unsafe-none"));
    response
}

/// The popup's page.
pub async fn start() -> Response {
    page("text/html; charset=utf-8", include_str!("popup/popup.html"))
}

/// The popup's files.
pub async fn file(InPath(file): InPath<String>) -> Result<Response, ApiError> {
    match file.as_str() {
        "popup.js" => Ok(page("text/javascript; charset=utf-8", include_str!("popup/popup.js"))),
        "result.js" => Ok(page("text/javascript; charset=utf-8", include_str!("popup/result.js"))),
        "popup.css" => Ok(page("text/css; charset=utf-8", include_str!("popup/popup.css"))),
        _ => Err(ApiError::not_found()),
    }
}

/// The popup's last page.
pub(super) fn ended(headers: &HeaderMap, result: &str, name: Option<&str>) -> Response {
    let is_german =
        headers.get(header::ACCEPT_LANGUAGE).is_some_and(|languages| languages.as_bytes().starts_with(b"de"));
    let name = escaped(name.unwrap_or_default());
    let (title, detail) = if is_german { german(result, &name) } else { english(result, &name) };
    let html = include_str!("popup/result.html")
        .replace("{{title}}", &title)
        .replace("{{detail}}", detail)
        .replace("{{result}}", result);
    let html = if is_german { html.replace("lang=\"en\"", "lang=\"de\"") } else { html };
    page("text/html; charset=utf-8", html)
}

fn english(result: &str, name: &str) -> (String, &'static str) {
    let close = "You can close this window.";
    match result {
        "ok" => (format!("Signed in as {name}"), close),
        "proven" => (format!("Confirmed as {name}"), close),
        "no_role" => (
            "No access".to_owned(),
            "You are signed in at your bank, but have no role in this application. Your administrator can give you one.",
        ),
        "signed_out" => ("Signed out".to_owned(), close),
        "left" => ("Signed out at your bank too".to_owned(), close),
        "not_left" => (
            "Signed out here only".to_owned(),
            "Your bank's sign-in has not confirmed that it has ended. If others use this computer, close the browser.",
        ),
        "not_signed_out" => (
            "Still signed in here".to_owned(),
            "Signing out here did not work. Please sign out in the application itself.",
        ),
        _ => ("Sign-in was refused".to_owned(), "Please close this window and try again from the application."),
    }
}

fn german(result: &str, name: &str) -> (String, &'static str) {
    let close = "Sie können dieses Fenster schließen.";
    match result {
        "ok" => (format!("Angemeldet als {name}"), close),
        "proven" => (format!("Bestätigt als {name}"), close),
        "no_role" => (
            "Kein Zugang".to_owned(),
            "Sie sind bei Ihrer Bank angemeldet, haben hier aber keine Rolle. Ihre Administration kann Ihnen eine geben.",
        ),
        "signed_out" => ("Abgemeldet".to_owned(), close),
        "left" => ("Auch bei Ihrer Bank abgemeldet".to_owned(), close),
        "not_left" => (
            "Nur hier abgemeldet".to_owned(),
            "Die Anmeldung Ihrer Bank hat nicht bestätigt, dass sie beendet ist. Wenn andere diesen Computer benutzen, schließen Sie den Browser.",
        ),
        "not_signed_out" => (
            "Hier noch angemeldet".to_owned(),
            "Das Abmelden hat hier nicht geklappt. Bitte melden Sie sich in der Anwendung selbst ab.",
        ),
        _ => (
            "Anmeldung abgelehnt".to_owned(),
            "Bitte schließen Sie dieses Fenster und versuchen Sie es in der Anwendung noch einmal.",
        ),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('{', "&#123;")
}
