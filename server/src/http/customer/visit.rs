//! Who the customer is: whoever has the cookie of a visit whose link is still open. It opens one session, and of that only her own part.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use kyc_wire::ids::{Micros, SessionId};

use super::trouble::Trouble;
use crate::auth::{cookie, derived, hashed};
use crate::domain::session::Session;
use crate::http::guest::{self, Door, Guest};
use crate::http::limits;
use crate::rates::Limit;
use crate::state::App;
use crate::store::customers::StoredLink;

/// From one address come as many requests as from so many links.
const LINKS_OF_ONE_ADDRESS: u32 = 10;

/// A customer on her page. Its fields are private: owning one is the permission.
#[derive(Clone, Debug)]
pub struct Visitor {
    session: SessionId,
    until: Micros,
    form: String,
}

impl Visitor {
    /// The one session that she sees.
    pub const fn session_id(&self) -> SessionId {
        self.session
    }

    /// Until when she may come back.
    pub const fn until(&self) -> Micros {
        self.until
    }

    /// What every form on her page holds, and nobody else knows: no other site can send one in her name, whatever her browser makes of
    /// `SameSite`.
    pub fn form(&self) -> &str {
        &self.form
    }

    /// Her session as it is now.
    pub async fn session(&self, app: &App) -> Result<Session, Trouble> {
        app.store.glance(&app.tenant).await?.find_session(self.session).await?.ok_or(Trouble::Link)
    }
}

/// Counts a request by a link, and by the address it comes from.
pub fn ask(app: &App, guest: &Guest, link: &StoredLink) -> Result<(), Trouble> {
    let most = app.config.customer.requests_per_minute;
    limits::ask(app, "customer", &link.session_id.to_string(), Limit::a_minute(most))?;
    let of_address = Limit::a_minute(most.saturating_mul(LINKS_OF_ONE_ADDRESS));
    Ok(limits::ask(app, "customer_address", guest.network(), of_address)?)
}

/// Refuses what a browser says comes from another site. Old ones say nothing; against those stand the cookie's `SameSite` and the form's
/// own secret. Our pages send no referrer, and with it browsers send `Origin: null`.
pub fn check_own_page(app: &App, headers: &HeaderMap) -> Result<(), Trouble> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let ours = app.config.http.edge_url.origin().ascii_serialization();
    let is_ours = text("sec-fetch-site").is_none_or(|site| site == "same-origin")
        && text(header::ORIGIN.as_str()).is_none_or(|origin| origin == "null" || origin == ours);
    if is_ours { Ok(()) } else { Err(Trouble::Form) }
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Trouble;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Trouble> {
        if !parts.method.is_safe() {
            check_own_page(app, &parts.headers)?;
        }
        let secret = cookie::find(&parts.headers, cookie::VISIT_COOKIE).ok_or(Trouble::Visit)?.to_owned();
        let guest = Guest::of(parts, app);
        guest.show(app, Door::Visit, secret.as_bytes())?;
        let now = app.clock.now();
        let found = app.store.glance(&app.tenant).await?.find_visited_link(&hashed(secret.as_bytes()), now).await?;
        let Some(link) = found else {
            guest.showed_nothing(app, Door::Visit, secret.as_bytes());
            return Err(Trouble::Visit);
        };
        if !link.is_open(now) {
            return Err(Trouble::Link);
        }
        guest::is_good(app, Door::Visit, secret.as_bytes());
        ask(app, &guest, &link)?;
        Ok(Self { session: link.session_id, until: link.expires_at, form: derived(&secret, "customer_form") })
    }
}
