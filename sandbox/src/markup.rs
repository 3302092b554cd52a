//! The little HTML that the stand-ins' pages need: one frame, escaping, and a policy that allows no script.

use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_FRAME_OPTIONS};
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Response};

/// The style sheet of the IdP's and Veriff's pages.
const SHEET: &str = include_str!("pages.css");

/// Text that is safe between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// A page with `main` inside. Forms may end at this origin and at `form_target`, because browsers apply `form-action` to
/// the redirect that follows a form as well.
pub(crate) fn page(status: StatusCode, title: &str, main: &str, form_target: Option<&str>) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{}</title>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<link rel=\"stylesheet\" href=\"/pages.css\">\n</head>\n\
         <body>\n<main>\n{main}\n</main>\n</body>\n</html>\n",
        escape(title)
    );
    let policy = format!(
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' {}",
        form_target.unwrap_or_default()
    );
    (
        status,
        [
            (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (CONTENT_SECURITY_POLICY, policy.trim_end().to_owned()),
            (X_FRAME_OPTIONS, "DENY".to_owned()),
            (REFERRER_POLICY, "no-referrer".to_owned()),
            (CACHE_CONTROL, "no-store".to_owned()),
            (HeaderName::from_static("x-content-type-options"), "nosniff".to_owned()),
        ],
        html,
    )
        .into_response()
}

/// The style sheet.
pub(crate) async fn sheet() -> Response {
    asset("text/css; charset=utf-8", SHEET)
}

/// A file that is compiled in.
pub(crate) fn asset(kind: &'static str, text: &'static str) -> Response {
    ([(CONTENT_TYPE, kind), (CACHE_CONTROL, "no-cache")], text).into_response()
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn text_cannot_leave_its_attribute() {
        assert_eq!(escape(r#"a"><b>'&"#), "a&quot;&gt;&lt;b&gt;&#39;&amp;");
    }
}
