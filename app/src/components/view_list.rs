//! The saved views with their counts, the search, the filters, and the order.

use kyc_wire::list::{Floor, Sort, View};
use kyc_wire::session::Status;
use leptos::prelude::*;

use crate::browser;
use crate::components::floor_strip::count_of;
use crate::held::State;
use crate::shell::{Shell, t};
use crate::state::panel::Narrowed;
use crate::text::{Say, facts, review};
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

/// What narrows a list down, and its order, as codes; empty where nothing is chosen.
#[derive(Clone, Copy)]
pub struct Tools {
    /// What is searched for.
    pub query: State<String>,
    /// Only this state.
    pub status: State<String>,
    /// Only this queue.
    pub queue: State<String>,
    /// The order.
    pub sort: State<String>,
}

impl Tools {
    /// What was chosen before.
    pub fn new(of: &Narrowed) -> Self {
        let [query, status, queue, sort] =
            [&of.query, &of.status, &of.queue, &of.sort].map(|code| State::new(code.clone()));
        Self { query, status, queue, sort }
    }

    /// What is chosen now; follows it.
    pub fn get(self) -> Narrowed {
        let Self { query, status, queue, sort } = self;
        let [query, status, queue, sort] = [query, status, queue, sort].map(State::get);
        Narrowed { query, status, queue, sort }
    }

    /// Takes search and filters back; the order stays.
    pub fn clear(self) {
        browser::empty("#kyc-search, #kyc-queue, .kyc-tools > select:first-of-type");
        for code in [self.query, self.status, self.queue] {
            code.set(String::new());
        }
    }
}

/// Search, filters and order.
#[component]
pub fn ListTools(
    /// What is chosen.
    tools: Tools,
    /// The caller's queues.
    queues: Vec<String>,
) -> impl IntoView {
    let shell = Shell::here();
    let Tools { query, status, queue, sort } = tools;
    let keep = move |event| shell.drafts.update(|drafts| drafts.keep_search(event_target_value(&event)));
    let mut statuses = vec![option("", review::ANY_STATUS, status)];
    statuses.extend(Status::ALL.map(|of| option(of.as_str(), facts::status(of), status)));
    let orders = Sort::ALL.map(|of| option(of.as_str(), review::sort(of), sort));
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
                on:change=keep_in(query)
            />
            {select(review::STATUS, statuses, status)}
            {queue_filter(queues, queue)}
            {select(review::SORT, orders.into(), sort)}
        </search>
    }
    .into_any()
}

/// Keeps what was typed or chosen, once it is.
fn keep_in(field: State<String>) -> impl Fn(web_sys::Event) {
    move |event| field.set(event_target_value(&event).trim().to_owned())
}

fn option(code: &'static str, label: Say, chosen: State<String>) -> AnyView {
    let is_chosen = chosen.with_untracked(|chosen| chosen == code);
    view! { <option value=code selected=is_chosen>{t(label)}</option> }.into_any()
}

fn select(label: Say, options: Vec<AnyView>, chosen: State<String>) -> AnyView {
    view! { <select aria-label=t(label) on:change=keep_in(chosen)>{options}</select> }.into_any()
}

/// A field that proposes the caller's queues; who looks at every queue types any.
fn queue_filter(queues: Vec<String>, queue: State<String>) -> AnyView {
    let named = queues.into_iter().filter(|name| name != "*");
    let options = named.map(|name| view! { <option value=name></option> }.into_any()).collect_view();
    view! {
        <input
            id="kyc-queue"
            list="kyc-queues"
            autocomplete="off"
            maxlength="64"
            aria-label=t(review::QUEUE)
            placeholder=t(review::ANY_QUEUE)
            value=queue.get_untracked()
            on:change=keep_in(queue)
        />
        <datalist id="kyc-queues">{options}</datalist>
    }
    .into_any()
}
