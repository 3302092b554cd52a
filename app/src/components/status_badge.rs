//! Where a session stands: a hue, an icon and a word, never the hue alone.

use kyc_wire::session::Status;
use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::shell::t;
use crate::text::facts;
use crate::view::signed;

/// The state.
#[component]
pub fn StatusBadge(
    /// The state.
    of: Status,
) -> impl IntoView {
    let (glyph, hue) = look(of);
    view! {
        <span class="kyc-status" data-hue=hue>{signed(glyph, t(facts::status(of)).into_any())}</span>
    }
    .into_any()
}

const fn look(status: Status) -> (Glyph, &'static str) {
    match status {
        Status::Created | Status::DocumentSubmitted | Status::LivenessCheck => (Glyph::Clock, "calm"),
        Status::AgentVerification => (Glyph::Person, "info"),
        Status::FinalApproval => (Glyph::Eye, "info"),
        Status::Approved => (Glyph::Check, "good"),
        Status::Rejected => (Glyph::Cross, "bad"),
        Status::CouldNotVerify => (Glyph::Alert, "warn"),
        Status::Expired | Status::Abandoned | Status::Unknown => (Glyph::Dot, "calm"),
    }
}
