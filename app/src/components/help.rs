//! The list of keys.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::shell::{Overlay, Shell, t};
use crate::state::keys;
use crate::text::shell as words;
use crate::view::said;

/// The list, over the page.
#[component]
pub fn Help() -> impl IntoView {
    let shell = Shell::here();
    let rows = keys::LIST.iter().map(|(name, press)| {
        let names = name.split(' ').map(|name| view! { <kbd class="kyc-key">{name}</kbd> }.into_any()).collect_view();
        view! { <div><dt>{names}</dt><dd>{t(words::key(*press))}</dd></div> }.into_any()
    });
    view! {
        <div class="kyc-overlay">
            <div class="kyc-dialog" role="dialog" aria-modal="true" aria-labelledby="kyc-help">
                <div class="kyc-dialog__head">
                    <h2 id="kyc-help" tabindex="-1">{t(words::KEYS)}</h2>
                    <button
                        type="button"
                        id="kyc-help-close"
                        class="kyc-icon-button"
                        aria-label=t(words::CLOSE)
                        on:click=move |_| shell.overlay.set(Overlay::None)
                    >
                        <Icon of=Glyph::Cross />
                    </button>
                </div>
                {said("kyc-quiet", words::KEYS_HINT)}
                <dl class="kyc-keys">{rows.collect_view()}</dl>
            </div>
        </div>
    }
    .into_any()
}
