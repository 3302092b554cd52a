//! The sign-in cookie, byte for byte.
//!
//! The widget lives in a frame of another site, so the cookie must be `SameSite=None` and, where third-party cookies are blocked,
//! `Partitioned` (CHIPS). `tower-sessions` cannot write that attribute, and when it removes the cookie it leaves out what a browser needs
//! to find it. So this layer sits outside and rewrites what it sets.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// The sign-in cookie. `__Host-Http-`: ours alone, for all paths, and out of reach of scripts (RFC 6265bis section 4.1.3).
pub const SIGN_IN_COOKIE: &str = "__Host-Http-kyc";

/// The popup's cookie: binds the callback to the browser in which the sign-in began.
pub const LOGIN_COOKIE: &str = "__Host-Http-kyc-login";

/// The cookie of a customer's visit. `Lax`: it must come along when she follows a link to her page from a message.
pub const VISIT_COOKIE: &str = "__Host-kyc-visit";

/// Sets it for so many seconds.
pub fn visit(secret: &str, seconds: i64) -> String {
    format!("{VISIT_COOKIE}={secret}; Path=/; Max-Age={}; Secure; HttpOnly; SameSite=Lax", seconds.max(0))
}

/// How long the popup's cookie lives, in seconds.
const LOGIN_SECONDS: u32 = 600;

/// The cookie that binds a popup to its sign-in. `Lax`: it must come along when the identity provider sends the browser back. A form
/// that the identity provider's page posts does not bring a `Lax` cookie along, so there it must be `None`.
pub fn login(handle: &str, is_posted_back: bool) -> String {
    let same_site = if is_posted_back { "None" } else { "Lax" };
    format!("{LOGIN_COOKIE}={handle}; Path=/; Max-Age={LOGIN_SECONDS}; Secure; HttpOnly; SameSite={same_site}")
}

/// Removes it.
pub fn forget_login() -> String {
    format!("{LOGIN_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// The value of a cookie in a request. One that comes twice counts as absent: somebody is playing games.
pub fn find<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name)
        .map(|(_, value)| value);
    let value = found.next();
    if found.next().is_some() { None } else { value }
}

/// Gives the sign-in cookie its attributes, when it is set and when it is removed.
pub async fn rewrite(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let cookies: Vec<HeaderValue> = response.headers().get_all(header::SET_COOKIE).iter().map(rewritten).collect();
    response.headers_mut().remove(header::SET_COOKIE);
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn rewritten(cookie: &HeaderValue) -> HeaderValue {
    let Some(value) = cookie.to_str().ok().and_then(|text| text.strip_prefix(SIGN_IN_COOKIE)?.strip_prefix('=')) else {
        return cookie.clone();
    };
    let mut parts = value.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default();
    let age = parts.find(|part| part.to_ascii_lowercase().starts_with("max-age="));
    let age = age.map(|age| format!("; {age}")).unwrap_or_default();
    let text = format!("{SIGN_IN_COOKIE}={value}; Path=/{age}; Secure; HttpOnly; SameSite=None; Partitioned");
    HeaderValue::try_from(text).unwrap_or_else(|_| cookie.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(cookie: &str) -> String {
        rewritten(&HeaderValue::try_from(cookie).unwrap()).to_str().unwrap().to_owned()
    }

    #[test]
    fn the_cookie_is_partitioned_byte_for_byte() {
        assert_eq!(
            after(
                "__Host-Http-kyc=abc; HttpOnly; SameSite=None; Secure; Path=/; Domain=x.example; Expires=Mon, 01 Jan 2029 00:00:00 GMT"
            ),
            "__Host-Http-kyc=abc; Path=/; Secure; HttpOnly; SameSite=None; Partitioned"
        );
    }

    #[test]
    fn its_removal_is_addressed_byte_for_byte() {
        assert_eq!(
            after("__Host-Http-kyc=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),
            "__Host-Http-kyc=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=None; Partitioned"
        );
    }

    #[test]
    fn other_cookies_stay_as_they_are() {
        let posted = login("h", true);
        assert_eq!(posted, "__Host-Http-kyc-login=h; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None");
        let login = login("h", false);
        assert_eq!((after(&login), after(&posted)), (login.clone(), posted));
        assert_eq!(login, "__Host-Http-kyc-login=h; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax");
    }

    #[test]
    fn a_cookie_that_comes_twice_counts_as_absent() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, HeaderValue::from_static("a=1; b=2; a=3"));
        assert_eq!((find(&headers, "a"), find(&headers, "b"), find(&headers, "c")), (None, Some("2"), None));
    }
}
