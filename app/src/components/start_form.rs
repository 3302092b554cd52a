//! Starting a session for a conversation: for which customer, in which queue.

use kyc_wire::me::LanguageChoice;
use kyc_wire::session::StartForConversation;
use leptos::prelude::*;

use crate::components::act_bar::PRIMARY;
use crate::held::{State, effect};
use crate::shell::{Shell, t};
use crate::state::panel::Start;
use crate::state::start::{self, Queues};
use crate::text::{acts, launch as words};
use crate::view::text;

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
    let kept = shell.drafts.with_untracked(|drafts| drafts.start_of(&conversation));
    let or = |kept: String, given: String| if kept.is_empty() { given } else { kept };
    let Queues { named, first } = start::queues(queues, or(kept.queue, queue));
    // Most likely the customer reads what she reads.
    let language = or(kept.language, shell.lang.get_untracked().tag().to_owned());
    let (customer, queue, language) =
        (State::new(or(kept.customer, customer)), State::new(first), State::new(language));
    let fields = [customer, queue, language];
    keep(shell, conversation, fields);
    let is_off = move || {
        let is_blank = |text: State<String>| text.with(|text| text.trim().is_empty());
        is_busy.get() || is_blank(customer) || is_blank(queue)
    };
    let label = move || {
        let words = if is_busy.get() { acts::SENDING } else { words::START };
        words.to(shell.lang.get()).to_owned()
    };
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if !untrack(is_off) {
            on_start.run(filled_in(fields));
        }
    };
    view! {
        <form class="kyc-form" on:submit=submit>
            <label for="kyc-customer">{t(words::CUSTOMER_ID)}</label>
            <input id="kyc-customer" autocomplete="off" maxlength="64" spellcheck="false"
                aria-describedby="kyc-customer-hint" prop:value=move || customer.get()
                on:input=keep_in(customer) />
            <p class="kyc-quiet" id="kyc-customer-hint">{t(words::CUSTOMER_ID_HINT)}</p>
            <label for="kyc-queue">{t(words::QUEUE)}</label>
            <QueueField named queue />
            <label for="kyc-language">{t(words::LANGUAGE)}</label>
            <LanguageField languages language />
            {trouble}
            {send_button(is_off, label)}
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
    view! { <select id="kyc-language" on:input=keep_in(language)>{options}</select> }.into_any()
}

/// A choice among the caller's queues; a free field for those who may use every queue.
#[component]
fn QueueField(
    /// The queues by name.
    named: Vec<String>,
    /// The queue that is chosen.
    queue: State<String>,
) -> impl IntoView {
    if named.is_empty() {
        return view! { <input id="kyc-queue" autocomplete="off" maxlength="64" prop:value=move || queue.get() on:input=keep_in(queue) /> }.into_any();
    }
    let option = |name: String| {
        let is_first = queue.with_untracked(|queue| *queue == name);
        view! { <option value=name.clone() selected=is_first>{name.clone()}</option> }.into_any()
    };
    view! { <select id="kyc-queue" on:input=keep_in(queue)>{named.into_iter().map(option).collect_view()}</select> }
        .into_any()
}

/// Keeps what is filled in over a sign-in.
fn keep(shell: Shell, conversation: String, [customer, queue, language]: [State<String>; 3]) {
    effect(move || {
        let (customer, queue, language) = (customer.get(), queue.get(), language.get());
        let start = Start { conversation: conversation.clone(), customer, queue, language };
        shell.drafts.update(|drafts| drafts.keep_start(start));
    });
}

fn filled_in(fields: [State<String>; 3]) -> StartForConversation {
    let [customer, queue, language] = fields;
    let trimmed = |text: State<String>| text.with_untracked(|text| text.trim().to_owned());
    StartForConversation { customer_id: trimmed(customer), queue: trimmed(queue), language: Some(trimmed(language)) }
}

/// It stays where it is, with the focus, while it is sent.
fn send_button(
    is_off: impl Fn() -> bool + Send + Sync + 'static,
    label: impl Fn() -> String + Send + 'static,
) -> AnyView {
    view! {
        <button
            type="submit"
            id=PRIMARY
            class="kyc-button kyc-button--primary"
            data-hue="go"
            aria-disabled=move || is_off().to_string()
        >{text(label)}</button>
    }
    .into_any()
}

fn keep_in(field: State<String>) -> impl Fn(web_sys::Event) {
    move |event| field.set(event_target_value(&event))
}
