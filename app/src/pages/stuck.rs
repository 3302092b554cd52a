//! Pages that say why there is nothing to see, and what to do about it.

use leptos::prelude::*;

use crate::components::icon::Glyph;
use crate::components::menu::Menu;
use crate::components::panel::Panel;
use crate::shell::{Shell, t};
use crate::state::launch::Launch;
use crate::text::{Say, launch, shell as words};
use crate::view::{button, said, signed, text};

fn is_beside_list() -> bool {
    use_context::<Panel>().is_some_and(|panel| panel.is_beside_list)
}

/// Beside the list, the page around both is the main part already.
const fn role(is_beside_list: bool) -> &'static str {
    if is_beside_list { "group" } else { "main" }
}

/// The shape of a session while it is loading, so that nothing jumps when it arrives.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <div class="kyc-skeleton" role=role(is_beside_list()) aria-busy="true">
            {said("kyc-only-heard", words::LOADING)}
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
    let is_beside_list = is_beside_list();
    view! {
        <div class="kyc-page" role=role(is_beside_list)>
            {(!is_beside_list).then(|| view! { <div class="kyc-page__menu"><Menu /></div> }.into_any())}
            <h1 class="kyc-page__title">{signed(Glyph::Alert, t(title).into_any())}</h1>
            {said("kyc-page__text", text)}
            {more}
            {button("kyc-button", words::MY_SESSIONS, move || shell.go(Launch::Home))}
        </div>
    }
    .into_any()
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
pub fn not_yours() -> AnyView {
    page(launch::NOT_YOURS, launch::NOT_YOURS_DO, ().into_any())
}
