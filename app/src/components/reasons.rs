//! Choosing a reason: one key, or one click.

use kyc_wire::me::ReasonOption;
use leptos::prelude::*;

use crate::held::Derived;
use crate::shell::Shell;
use crate::text::acts;
use crate::view::said;

/// A numbered list of reasons.
#[component]
pub fn Reasons(
    /// What can be chosen.
    options: Vec<ReasonOption>,
    /// The code that is chosen.
    #[prop(into)]
    chosen: Derived<Option<String>>,
    /// Hears the code.
    on_pick: Callback<String>,
) -> impl IntoView {
    if options.is_empty() {
        return said("kyc-quiet", acts::NO_REASONS);
    }
    let choices = options.into_iter().enumerate().map(|(at, option)| choice(at, option, chosen, on_pick));
    view! { <ol class="kyc-choices">{choices.collect_view()}</ol> }.into_any()
}

fn choice(at: usize, option: ReasonOption, chosen: Derived<Option<String>>, on_pick: Callback<String>) -> AnyView {
    let lang = Shell::here().lang;
    let (code, picked) = (option.code.clone(), option.code);
    let is_chosen = move || chosen.with(|chosen| chosen.as_deref() == Some(code.as_str()));
    let number = (at < 9).then(|| (at + 1).to_string());
    view! {
        <li>
            <button
                type="button"
                class="kyc-choice"
                data-number=number.clone()
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| on_pick.run(picked.clone())
            >
                <kbd class="kyc-key">{number.clone()}</kbd>
                <span>{move || option.label.pick(lang.get().tag()).to_owned()}</span>
            </button>
        </li>
    }
    .into_any()
}
