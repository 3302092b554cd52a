//! A value about a person: masked, which is its normal state, or shown for a few seconds.

use kyc_wire::masked::MaskedValue;
use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::components::panel::{Panel, Place};
use crate::shell::{Shell, t};
use crate::state::panel::Sheet;
use crate::state::reveal::Shown;
use crate::text::{facts, session, span};

/// One value with its eye. There is no variant that takes clear text.
#[component]
pub fn MaskedField(
    /// The masked value, if this side has one.
    value: Option<MaskedValue>,
    /// Which field of which side.
    place: Place,
    /// Whether the caller may reveal it.
    #[prop(into)]
    can_reveal: Signal<bool>,
) -> impl IntoView {
    let panel = Panel::here();
    let Some(value) = value else {
        return view! { <span class="kyc-quiet">{t(session::NO_VALUE)}</span> }.into_any();
    };
    let shown = Memo::new(move |_| panel.reveals.with(|reveals| reveals.get(place.0, place.1).cloned()));
    let masked = value.text().to_owned();
    view! {
        <span class="kyc-value" data-reveal=format!("{}:{}", place.0.as_str(), place.1.as_str())>
            {move || match shown.get() {
                Some(shown) => clear(shown, place),
                None => hidden(&masked, place, can_reveal),
            }}
        </span>
    }
    .into_any()
}

fn hidden(masked: &str, place: Place, can_reveal: Signal<bool>) -> AnyView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let name = move || {
        let lang = shell.lang.get();
        let names = [("field", facts::field(place.0).to(lang)), ("origin", facts::origin(place.1).to(lang))];
        session::REVEAL.with(lang, &names)
    };
    let is_open = move || panel.sheet.with(|sheet| *sheet == Sheet::Reveal(vec![place])).to_string();
    view! {
        <span class="kyc-value__masked">{masked.to_owned()}</span>
        <Show when=move || can_reveal.get()>
            <button
                type="button"
                class="kyc-eye"
                aria-label=name
                title=name
                aria-expanded=is_open
                on:click=move |_| panel.toggle(Sheet::Reveal(vec![place]))
            >
                <Icon of=Glyph::Eye />
            </button>
        </Show>
    }
    .into_any()
}

fn clear(shown: Shown, place: Place) -> AnyView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let text = shown.text.clone();
    let left = {
        let shown = shown.clone();
        move || {
            session::VISIBLE_FOR
                .with(shell.lang.get(), &[("time", &span(shell.lang.get(), shown.seconds_left(shell.now.get())))])
        }
    };
    let percent = move || (100 - shown.percent_left(shell.now.get())).to_string();
    view! {
        <span class="kyc-value__clear">{text}</span>
        <button
            type="button"
            class="kyc-eye kyc-eye--on"
            aria-label=t(session::HIDE)
            title=left
            on:click=move |_| panel.reveals.update(|reveals| reveals.hide(place.0, place.1))
        >
            <svg class="kyc-ring" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
                <circle class="kyc-ring__track" cx="10" cy="10" r="8" />
                <circle class="kyc-ring__left" cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="100" stroke-dashoffset=percent />
            </svg>
        </button>
    }
    .into_any()
}
