//! A moment, as the person's locale writes it; the full date and the zone on hover.

use kyc_wire::ids::Micros;
use leptos::prelude::*;

use crate::browser;
use crate::shell::Shell;

/// A time of day.
#[component]
pub fn Moment(
    /// When.
    at: Micros,
) -> impl IntoView {
    let lang = Shell::here().lang;
    view! {
        <time class="kyc-time" title=move || browser::write_time(lang.get().tag(), at.0, true)>
            {move || browser::write_time(lang.get().tag(), at.0, false)}
        </time>
    }
    .into_any()
}
