//! Pages that say why there is nothing to see, and what to do about it.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::components::panel::Panel;
use crate::shell::{Shell, t};
use crate::state::launch::Launch;
use crate::state::trouble::Trouble;
use crate::text::{Say, launch, shell as words};
use crate::view::{button, said, signed, text};

fn is_beside_list() -> bool {
    use_context::<Panel>().is_some_and(|panel| panel.is_beside_list)
}

/// The page's main part; beside a list, which belongs to a page that has one, a part of it.
fn place(class: &'static str, inside: AnyView) -> AnyView {
    let role = if is_beside_list() { "none" } else { "main" };
    view! { <div class=class role=role>{inside}</div> }.into_any()
}

/// The main heading; beside a list, one below it.
fn heading(class: &'static str, inside: AnyView) -> AnyView {
    if is_beside_list() {
        return view! { <h2 class=class>{inside}</h2> }.into_any();
    }
    view! { <h1 class=class>{inside}</h1> }.into_any()
}

/// A page that is loading.
pub fn loading() -> AnyView {
    let inside = view! { {heading("kyc-only-heard", t(words::LOADING).into_any())}<Skeleton /> };
    place("kyc-loading", inside.into_any())
}

/// A page whose contents could not be had, and how to go on.
pub fn trouble(of: Trouble, on_retry: Callback<()>) -> AnyView {
    let inside = view! { {heading("kyc-only-heard", t(words::NOT_SHOWN).into_any())}<TroubleBox of on_retry /> };
    place("kyc-page", inside.into_any())
}

/// The shape of a session while it is loading, so that nothing jumps when it arrives.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="kyc-skeleton" aria-busy="true">
            <span class="kyc-skeleton__line kyc-skeleton__line--head"></span>
            <span class="kyc-skeleton__line"></span>
            <span class="kyc-skeleton__card"></span>
            <span class="kyc-skeleton__line"></span>
            <span class="kyc-skeleton__line"></span>
            <span class="kyc-skeleton__line"></span>
            <span class="kyc-skeleton__line"></span>
        </div>
    }
    .into_any()
}

/// A page with a heading, an explanation, more of it, and a way out.
pub fn page(title: Say, text: Say, more: AnyView) -> AnyView {
    let shell = Shell::here();
    let inside = view! {
        {(!is_beside_list()).then(|| view! { <div class="kyc-page__menu"><Menu /></div> }.into_any())}
        {heading("kyc-page__title", signed(Glyph::Alert, t(title).into_any()))}
        {said("kyc-page__text", text)}
        {more}
        {button("kyc-button", words::MY_SESSIONS, move || shell.go(Launch::Home))}
    };
    place("kyc-page", inside.into_any())
}

/// The host left its placeholders in the address.
pub fn not_interpolated(names: &[String]) -> AnyView {
    let lang = Shell::here().lang;
    let names = names.join(", ");
    let which = move || launch::NOT_FILLED_WHICH.with(lang.get(), &[("names", &names)]);
    let more = view! {
        <p class="kyc-page__detail">{text(which)}</p>
        {said("kyc-page__text", launch::NOT_FILLED_DO)}
    };
    page(launch::NOT_FILLED, launch::NOT_FILLED_WHY, more.into_any())
}

/// The id in the address is none.
pub fn bad_id() -> AnyView {
    page(launch::BAD_ID, launch::BAD_ID_DO, ().into_any())
}

/// It does not exist, or is not hers: nothing tells which.
pub fn not_found() -> AnyView {
    page(launch::NOT_FOUND, launch::NOT_FOUND_DO, ().into_any())
}

/// The launch named a customer who does not belong to the session.
pub fn mismatch() -> AnyView {
    page(launch::MISMATCH, launch::MISMATCH_DO, ().into_any())
}

/// Not for her roles.
pub fn not_yours(whose: Say) -> AnyView {
    page(whose, launch::NOT_YOURS_DO, ().into_any())
}
