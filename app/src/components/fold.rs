//! A section that can be folded away. In the widest layout its contents are always shown: a column of its own.

use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::held::{Derived, State};
use crate::shell::t;
use crate::text::Say;

/// A titled section with a fold.
#[component]
pub fn Fold(
    /// Id of the section; its heading is labelled by it.
    id: &'static str,
    /// The heading.
    title: Say,
    /// A short word beside the heading.
    #[prop(into, optional)]
    aside: Option<Derived<String>>,
    /// Whether it is open.
    is_open: State<bool>,
    /// What is inside.
    children: Children,
) -> impl IntoView {
    let body = format!("{id}-body");
    view! {
        <section class="kyc-fold" data-open=move || is_open.get().to_string() aria-labelledby=id>
            <h2 class="kyc-fold__title" id=id>
                <button
                    type="button"
                    class="kyc-fold__button"
                    data-item
                    aria-expanded=move || is_open.get().to_string()
                    aria-controls=body.clone()
                    on:click=move |_| is_open.update(|open| *open = !*open)
                >
                    <Icon of=Glyph::Chevron />
                    <span>{t(title)}</span>
                    <span class="kyc-fold__aside">{move || aside.map(Derived::get)}</span>
                </button>
            </h2>
            <div class="kyc-fold__body" id=body>{children()}</div>
        </section>
    }
    .into_any()
}
