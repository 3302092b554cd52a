//! Says when the screen does not follow the server, and when it does again.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::held::{Derived, effect};
use crate::shell::{Shell, User, t};
use crate::state::live::Live;
use crate::text::shell as words;
use crate::view::{Show, banner};

/// The line, while there is something to say.
#[component]
pub fn NotLive() -> impl IntoView {
    let shell = Shell::here();
    let is_lost =
        Derived::new(move || shell.live.get() == Live::Lost && shell.user.with(|user| matches!(user, User::In(..))));
    let mut was = None::<bool>;
    effect(move || {
        let is_lost = is_lost.get();
        match (was, is_lost) {
            (Some(true), false) => shell.say(words::LIVE_AGAIN),
            (_, true) => shell.say(words::NOT_LIVE),
            _ => {}
        }
        was = Some(is_lost);
    });
    view! {
        <Show when=move || is_lost.get()>
            {banner("warn", Glyph::Offline, t(words::NOT_LIVE).into_any())}
        </Show>
    }
    .into_any()
}
