//! A value about a person: masked, which is its normal state, or shown for a few seconds.

use kyc_wire::masked::MaskedValue;
use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::components::panel::{Panel, Place};
use crate::held::Derived;
use crate::shell::{Shell, t};
use crate::state::panel::Sheet;
use crate::state::reveal::Shown;
use crate::text::{facts, session, span};
use crate::view::{Show, dynamic};

/// One value with its eye. There is no variant that takes clear text.
#[component]
pub fn MaskedField(
    /// The masked value, if this side has one.
    value: Option<MaskedValue>,
    /// Which field of which side.
    place: Place,
    /// Whether the caller may reveal it.
    #[prop(into)]
    can_reveal: Derived<bool>,
) -> impl IntoView {
    let panel = Panel::here();
    let Some(value) = value else {
        return view! { <span class="kyc-quiet">{t(session::NO_VALUE)}</span> }.into_any();
    };
    let shown = Derived::new(move || panel.reveals.with(|reveals| reveals.get(place.0, place.1).cloned()));
    let masked = value.text().to_owned();
    let text = move || match shown.get() {
        Some(shown) => view! { <span class="kyc-value__clear">{shown.text}</span> }.into_any(),
        None => view! { <span class="kyc-value__masked">{masked.clone()}</span> }.into_any(),
    };
    let has_eye = Derived::new(move || can_reveal.get() || shown.with(Option::is_some));
    view! {
        <span class="kyc-value" data-reveal=format!("{}:{}", place.0.as_str(), place.1.as_str())>
            {dynamic(text)}
            <Show when=move || has_eye.get()>
                <Eye place shown />
            </Show>
        </span>
    }
    .into_any()
}

/// One button for both directions, so that the focus stays where it is when the value comes and when it goes.
#[component]
fn Eye(
    /// Which field of which side.
    place: Place,
    /// The value, while it is shown.
    shown: Derived<Option<Shown>>,
) -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let name = move || {
        let lang = shell.lang.get();
        if shown.with(Option::is_some) {
            return session::HIDE.to(lang).to_owned();
        }
        let names = [("field", facts::field(place.0).to(lang)), ("origin", facts::origin(place.1).to(lang))];
        session::REVEAL.with(lang, &names)
    };
    let left = move || match shown.get() {
        Some(shown) => {
            let time = span(shell.lang.get(), shown.seconds_left(shell.now.get()));
            session::VISIBLE_FOR.with(shell.lang.get(), &[("time", &time)])
        }
        None => name(),
    };
    let is_open = move || panel.sheet.with(|sheet| *sheet == Sheet::Reveal(vec![place])).to_string();
    let press = move |_| {
        if shown.with_untracked(Option::is_some) {
            panel.reveals.update(|reveals| reveals.hide(place.0, place.1));
        } else {
            panel.toggle(Sheet::Reveal(vec![place]));
        }
    };
    let sign = move || match shown.get() {
        Some(shown) => ring(shown),
        None => view! { <Icon of=Glyph::Eye /> }.into_any(),
    };
    view! {
        <button type="button" class="kyc-eye" aria-label=name title=left aria-expanded=is_open on:click=press>{dynamic(sign)}</button>
    }
    .into_any()
}

fn ring(shown: Shown) -> AnyView {
    let shell = Shell::here();
    let gone = move || (100 - shown.percent_left(shell.now.get())).to_string();
    view! {
        <svg class="kyc-ring" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <circle class="kyc-ring__track" cx="10" cy="10" r="8" />
            <circle class="kyc-ring__left" cx="10" cy="10" r="8" pathLength="100" stroke-dasharray="100" stroke-dashoffset=gone />
        </svg>
    }
    .into_any()
}
