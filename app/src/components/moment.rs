//! A moment, as the person's locale writes it: the time of day, with the date once it is no longer the same working day; seconds and
//! the zone on hover.

use kyc_wire::ids::Micros;
use leptos::prelude::*;

use crate::browser;
use crate::shell::Shell;

/// After this many seconds the time of day alone could be any day's.
const WORKING_DAY: i64 = 12 * 3600;

/// A time of day.
#[component]
pub fn Moment(
    /// When.
    at: Micros,
) -> impl IntoView {
    let shell = Shell::here();
    let day = (shell.now.get_untracked().seconds_since(at) > WORKING_DAY).then_some("short");
    let write = move |day, time| browser::write_time(shell.lang.get().tag(), at.0, day, time);
    view! {
        <time class="kyc-time" title=move || write(Some("full"), "long")>
            {move || write(day, "short")}
        </time>
    }
    .into_any()
}
