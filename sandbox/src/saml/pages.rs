//! What the person sees, and the form that her browser posts on her behalf.

use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use std::fmt::Write as _;
use url::Url;

use crate::idp::Person;
use crate::markup::{self, escape};

const HEAD: &str = "<p class=\"mark\" aria-hidden=\"true\"></p>\n<p class=\"org\">Bank staff sign-in (SAML)</p>";
const FOOT: &str = "<p class=\"foot\">A stand-in for your identity provider. Everybody here is invented.</p>";

/// The list of people to choose from.
pub(super) fn choice(handle: &str, people: &[Person]) -> String {
    let mut list = String::from("<ul class=\"people\">\n");
    for person in people {
        let initials: String = person.name.split(' ').filter_map(|part| part.chars().next()).collect();
        let _: Result<(), _> = writeln!(
            list,
            "<li><button name=\"login\" value=\"{}\"><span class=\"face\" aria-hidden=\"true\">{}</span><span \
             class=\"who\"><b>{}</b><span>{}</span></span></button></li>",
            escape(&person.login),
            escape(&initials),
            escape(&person.name),
            escape(&person.duty)
        );
    }
    format!(
        "{HEAD}\n<h1>Choose who you are</h1>\n<p class=\"lead\">Choosing a name here stands for signing in.</p>\n\
         <form method=\"post\" action=\"/sso\">\n<input type=\"hidden\" name=\"handle\" value=\"{}\">\n{list}</ul>\n</form>\n{FOOT}",
        escape(handle)
    )
}

/// When nothing can be done here.
pub(super) fn sorry(why: &str) -> String {
    format!("{HEAD}\n<h1>That did not work</h1>\n<p class=\"lead\">{}</p>\n{FOOT}", escape(why))
}

/// After signing out.
pub(super) fn signed_out() -> Response {
    let main = format!("{HEAD}\n<h1>You are signed out</h1>\n<p class=\"lead\">You can close this window.</p>\n{FOOT}");
    markup::page(StatusCode::OK, "Signed out", &main, None)
}

/// A form that a script sends at once, and a button for browsers without.
pub(super) fn posting(to: &Url, fields: &str) -> Response {
    let main = format!(
        "{HEAD}\n<h1>Going back to the application</h1>\n<form method=\"post\" action=\"{}\">\n{fields}\
         <button class=\"primary\">Continue</button>\n</form>\n<script src=\"/post.js\"></script>",
        escape(to.as_str())
    );
    let origin = to.origin().ascii_serialization();
    let mut response = markup::page(StatusCode::OK, "Signing in", &main, Some(&origin));
    let policy = response.headers().get(CONTENT_SECURITY_POLICY).and_then(|policy| policy.to_str().ok());
    let policy = format!("{}; script-src 'self'", policy.unwrap_or_default());
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What sends it.
pub(super) async fn script() -> Response {
    markup::asset("text/javascript; charset=utf-8", "document.forms[0].submit();\n")
}
