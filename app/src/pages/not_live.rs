//! Says when the screen does not follow the server, and when it does again.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::held::{Derived, effect};
use crate::shell::{Shell, User, t};
use crate::state::live::Live;
use crate::text::shell as words;
use crate::view::Show;

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
            <p class="kyc-banner" data-hue="warn"><Icon of=Glyph::Offline /><span>{t(words::NOT_LIVE)}</span></p>
        </Show>
    }
    .into_any()
}
