//! Which family of browser somebody signed in with. Only that is kept: the whole of what a browser says of itself could tell people apart.

use axum::http::{HeaderMap, header};
use kyc_wire::sign_ins::Browser;

/// What each family says, in an order in which the first that fits is right: most claim to be others too (RFC 9110 section 10.1.5).
const SIGNS: [(&str, Browser); 8] = [
    ("OPR/", Browser::Other),
    ("Edg/", Browser::Edge),
    ("EdgiOS/", Browser::Edge),
    ("Firefox/", Browser::Firefox),
    ("FxiOS/", Browser::Firefox),
    ("CriOS/", Browser::Chrome),
    ("Chrome/", Browser::Chrome),
    ("Safari/", Browser::Safari),
];

/// The family, by the request's `User-Agent`.
pub fn family(headers: &HeaderMap) -> Browser {
    let says = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    SIGNS.iter().find(|(sign, _)| says.contains(sign)).map(|(_, family)| *family).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn each_family_is_told_by_what_only_it_says() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (says, is) in [
            (format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/157.0.0.0 Safari/537.36"), Browser::Chrome),
            (
                format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/157.0.0.0 Safari/537.36 Edg/157.0.0.0"),
                Browser::Edge,
            ),
            (format!("Mozilla/5.0 (X11) {webkit} Chrome/157.0.0.0 Safari/537.36 OPR/120.0.0.0"), Browser::Other),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0".to_owned(), Browser::Firefox),
            (format!("Mozilla/5.0 (Macintosh) {webkit} Version/27.2 Safari/605.1.15"), Browser::Safari),
            (format!("Mozilla/5.0 (iPhone) {webkit} CriOS/157.0 Mobile/15E148 Safari/604.1"), Browser::Chrome),
            ("curl/8.0".to_owned(), Browser::Other),
        ] {
            let headers = HeaderMap::from_iter([(header::USER_AGENT, HeaderValue::try_from(says.as_str()).unwrap())]);
            assert_eq!(family(&headers), is, "{says}");
        }
        assert_eq!(family(&HeaderMap::new()), Browser::Other);
    }
}
