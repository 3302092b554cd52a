//! The page's style sheet and script: served by us alone, under names that change with what is in them.

use std::sync::LazyLock;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use kyc_wire::routes;
use sha2::{Digest, Sha256};

use crate::http::address::InPath;
use crate::http::error::ApiError;

/// A file of the page.
pub struct File {
    /// What is in it.
    text: &'static str,
    kind: &'static str,
    name: String,
    /// For `integrity`: a browser takes no other content than the page was made for.
    pub integrity: String,
}

impl File {
    fn new(stem: &str, ending: &str, kind: &'static str, text: &'static str) -> Self {
        let hash = Sha256::digest(text);
        let name = format!("{stem}-{}.{ending}", BASE64_URL_SAFE_NO_PAD.encode(&hash[..9]));
        Self { text, kind, name, integrity: format!("sha256-{}", BASE64_STANDARD.encode(hash)) }
    }

    /// Its path.
    pub fn path(&self) -> String {
        routes::CUSTOMER_FILE.replace("{name}", &self.name)
    }
}

/// The looks.
pub static STYLE: LazyLock<File> =
    LazyLock::new(|| File::new("page", "css", "text/css; charset=utf-8", include_str!("page.css")));

/// What the page can do besides.
pub static SCRIPT: LazyLock<File> =
    LazyLock::new(|| File::new("page", "js", "text/javascript; charset=utf-8", include_str!("page.js")));

/// Hands out one of them.
pub async fn show(InPath(name): InPath<String>) -> Result<Response, ApiError> {
    let all = [&*STYLE, &*SCRIPT];
    let file = all.into_iter().find(|file| file.name == name).ok_or_else(ApiError::not_found)?;
    let mut response = file.text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}
