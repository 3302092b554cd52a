//! In which language somebody reads: the one she chose by the switch, else the first that her browser accepts.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;

use kyc_wire::routes as at;

use crate::state::App;
use crate::texts::Words;

/// Whoever reads the page. The choice travels in the address, where it is no secret, and needs no cookie.
#[derive(Clone, Debug)]
pub struct Reader {
    /// What she reads.
    pub words: Words,
    /// The language she chose, if she did.
    chosen: Option<String>,
    /// Whether she wants to add a photo, having sent what she has.
    pub wants_photos: bool,
    /// Where she is.
    path: String,
}

impl FromRequestParts<Arc<App>> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        Ok(Self::of(parts, app))
    }
}

impl Reader {
    /// Whoever sends this request.
    pub fn of(parts: &Parts, app: &App) -> Self {
        let texts = &app.config.customer.texts;
        let query = parts.uri.query().unwrap_or_default();
        let asked = query.split('&').find_map(|pair| pair.strip_prefix("lang="));
        let chosen = asked.and_then(|code| texts.find(code)).map(|words| words.code().to_owned());
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let words = texts.choose(chosen.as_deref(), accepted.unwrap_or_default()).clone();
        let wants_photos = query.split('&').any(|pair| pair == "photos");
        Self { words, chosen, wants_photos, path: parts.uri.path().to_owned() }
    }

    /// A path of the page, in the language that was chosen.
    pub fn at(&self, path: &str) -> String {
        self.chosen.as_ref().map_or_else(|| path.to_owned(), |code| format!("{path}?lang={code}"))
    }

    /// The page with the photos, also when they were sent.
    pub fn at_photos(&self) -> String {
        let path = self.at(at::CUSTOMER_PAGE);
        let joint = if path.contains('?') { '&' } else { '?' };
        format!("{path}{joint}photos")
    }

    /// Where she is, in another language.
    pub fn here_in(&self, code: &str) -> String {
        // What a form was sent to is no page to go to.
        let path = if self.path.starts_with("/c/step/") { at::CUSTOMER_PAGE } else { self.path.as_str() };
        format!("{path}?lang={code}")
    }
}
