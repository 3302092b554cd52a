//! The saved views with their counts, the search, and the order.

use kyc_wire::list::{Floor, Sort, View};
use leptos::prelude::*;

use crate::components::floor_strip::count_of;
use crate::held::State;
use crate::shell::{Shell, t};
use crate::text::review;
use crate::view::text;

/// The views.
#[component]
pub fn ViewList(
    /// The counts.
    floor: State<Floor>,
    /// The view that is shown.
    chosen: State<View>,
) -> impl IntoView {
    let entry = move |view: View| {
        let is_current = move || (chosen.get() == view).to_string();
        let count = move || match count_of(floor, view) {
            0 => String::new(),
            n => n.to_string(),
        };
        view! {
            <li>
                <button type="button" class="kyc-views__view" aria-current=is_current on:click=move |_| chosen.set(view)>
                    <span>{t(review::view(view))}</span>
                    <span class="kyc-views__count">{text(count)}</span>
                </button>
            </li>
        }
        .into_any()
    };
    view! {
        <nav class="kyc-views" aria-label=t(review::VIEWS)>
            <ul>{View::ALL.into_iter().map(entry).collect_view()}</ul>
        </nav>
    }
    .into_any()
}

/// Search and order.
#[component]
pub fn ListTools(
    /// What is searched for.
    query: State<String>,
    /// The order.
    sort: State<Sort>,
) -> impl IntoView {
    let shell = Shell::here();
    let lang = shell.lang;
    let keep = move |event| shell.drafts.update(|drafts| drafts.keep_search(event_target_value(&event)));
    let sorts = [Sort::Urgency, Sort::Newest, Sort::Oldest];
    let options = sorts.map(|of| {
        view! { <option value=of.as_str() selected=move || sort.get() == of>{move || review::sort(of).to(lang.get())}</option> }.into_any()
    });
    let choose = move |event| {
        let code = event_target_value(&event);
        if let Some(of) = sorts.into_iter().find(|of| of.as_str() == code) {
            sort.set(of);
        }
    };
    view! {
        <search class="kyc-tools">
            <input
                type="search"
                id="kyc-search"
                autocomplete="off"
                spellcheck="false"
                maxlength="64"
                aria-label=t(review::SEARCH)
                placeholder=t(review::SEARCH_HINT)
                prop:value=move || query.get()
                on:input=keep
                on:change=move |event| query.set(event_target_value(&event).trim().to_owned())
            />
            <select aria-label=t(review::SORT) on:change=choose>{options.collect_view()}</select>
        </search>
    }
    .into_any()
}
