//! Starting a session for a conversation: for which customer, in which queue.

use kyc_wire::me::LanguageChoice;
use kyc_wire::session::StartForConversation;
use leptos::prelude::*;

use crate::components::act_bar::PRIMARY;
use crate::held::State;
use crate::shell::{Shell, t};
use crate::text::launch as words;

/// The form.
#[component]
pub fn StartForm(
    /// The Genesys conversation: what is typed is kept for it.
    conversation: String,
    /// The bank's id of the customer, where it is known.
    customer: String,
    /// The queue that is chosen at first; the first of hers where none is.
    queue: String,
    /// The caller's queues.
    queues: Vec<String>,
    /// The languages that customers can read.
    languages: Vec<LanguageChoice>,
    /// Whether it is being sent.
    is_busy: State<bool>,
    /// Starts it.
    on_start: Callback<StartForConversation>,
    /// What went wrong.
    trouble: AnyView,
) -> impl IntoView {
    let shell = Shell::here();
    let typed = shell.drafts.with_untracked(|drafts| drafts.customer_of(&conversation).to_owned());
    let customer = State::new(if typed.is_empty() { customer } else { typed });
    let keep = move |event| {
        let id = event_target_value(&event);
        shell.drafts.update(|drafts| drafts.keep_customer(conversation.clone(), id.clone()));
        customer.set(id);
    };
    let named: Vec<String> = queues.into_iter().filter(|queue| queue != "*").collect();
    let queue = State::new(if queue.is_empty() { named.first().cloned().unwrap_or_default() } else { queue });
    // Most likely the customer reads what she reads.
    let language = State::new(shell.lang.get_untracked().tag().to_owned());
    let is_off = move || {
        let is_blank = |text: State<String>| text.with(|text| text.trim().is_empty());
        is_busy.get() || is_blank(customer) || is_blank(queue)
    };
    let start = move || {
        let trimmed = |text: State<String>| text.with_untracked(|text| text.trim().to_owned());
        let (customer_id, queue) = (trimmed(customer), trimmed(queue));
        on_start.run(StartForConversation { customer_id, queue, language: Some(language.get_untracked()) });
    };
    view! {
        <form class="kyc-form" on:submit=move |event| {
            event.prevent_default();
            if !untrack(is_off) { start() }
        }>
            <label for="kyc-customer">{t(words::CUSTOMER_ID)}</label>
            <input id="kyc-customer" autocomplete="off" maxlength="64" spellcheck="false"
                aria-describedby="kyc-customer-hint" prop:value=move || customer.get() on:input=keep />
            <p class="kyc-quiet" id="kyc-customer-hint">{t(words::CUSTOMER_ID_HINT)}</p>
            <label for="kyc-queue">{t(words::QUEUE)}</label>
            <QueueField named queue />
            <label for="kyc-language">{t(words::LANGUAGE)}</label>
            <LanguageField languages language />
            {trouble}
            <button type="submit" id=PRIMARY class="kyc-button kyc-button--primary" data-hue="go" disabled=is_off>
                {t(words::START)}
            </button>
        </form>
    }
    .into_any()
}

/// The language in which the customer reads.
#[component]
fn LanguageField(
    /// Those that she can read.
    languages: Vec<LanguageChoice>,
    /// The one that is chosen.
    language: State<String>,
) -> impl IntoView {
    let option = |of: LanguageChoice| {
        let is_first = language.with_untracked(|chosen| *chosen == of.code);
        view! { <option value=of.code selected=is_first>{of.name}</option> }.into_any()
    };
    let options = languages.into_iter().map(option).collect_view();
    view! { <select id="kyc-language" on:input=move |event| language.set(event_target_value(&event))>{options}</select> }
        .into_any()
}

/// A choice among the caller's queues; a free field for those who may use every queue.
#[component]
fn QueueField(
    /// The queues by name.
    named: Vec<String>,
    /// The queue that is chosen.
    queue: State<String>,
) -> impl IntoView {
    let keep = move |event| queue.set(event_target_value(&event));
    if named.is_empty() {
        return view! { <input id="kyc-queue" autocomplete="off" maxlength="64" prop:value=move || queue.get() on:input=keep /> }.into_any();
    }
    let option = |name: String| {
        let is_first = queue.with_untracked(|queue| *queue == name);
        view! { <option value=name.clone() selected=is_first>{name.clone()}</option> }.into_any()
    };
    view! { <select id="kyc-queue" on:input=keep>{named.into_iter().map(option).collect_view()}</select> }.into_any()
}
