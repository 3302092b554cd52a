//! An interaction of the Genesys desktop: its session is found, or one is started when the flow failed.

use kyc_wire::me::{LanguageChoice, Me};
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::{SessionDetail, StartForConversation};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::SignedIn;
use crate::components::icon::Glyph;
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::held::{State, Stored};
use crate::pages::stuck;
use crate::shell::{Shell, t};
use crate::state::launch::Launch;
use crate::state::trouble::Trouble;
use crate::text::launch as words;
use crate::view::{dynamic, said, signed};

/// The page.
#[component]
pub fn ConversationPage(
    /// The client.
    client: SignedIn,
    /// Who is signed in.
    me: Me,
    /// The Genesys conversation.
    conversation_id: String,
) -> impl IntoView {
    let (shell, client) = (Shell::here(), client.of_view());
    let trouble = State::new(None::<Trouble>);
    let conversation = Stored::new(conversation_id);
    let find = Callback::new(move |()| {
        trouble.set(None);
        spawn_local(async move {
            match client.of_conversation(&conversation.get_value()).await {
                Ok(detail) => open(shell, &detail),
                Err(found) if found.is_signed_out() => shell.leave(),
                Err(Trouble::Aborted) => {}
                Err(found) => trouble.set(Some(found)),
            }
        });
    });
    find.run(());
    let (queues, languages) = (Stored::new(me.queues), Stored::new(me.languages));
    let body = move || match trouble.get() {
        None => stuck::loading(),
        Some(found) if found.code() == Some(ProblemCode::NotFound) => {
            view! { <StartForm client conversation queues=queues.get_value() languages=languages.get_value() /> }
                .into_any()
        }
        Some(of) => stuck::trouble(of, find),
    };
    dynamic(body)
}

/// The address changes without a new entry in the history: going back must not start over.
fn open(shell: Shell, detail: &SessionDetail) {
    let session = Launch::Session { id: detail.summary.id, customer_id: None };
    shell.settle(&session);
    shell.route.set(session);
}

#[component]
fn StartForm(
    /// The client.
    client: SignedIn,
    /// The Genesys conversation.
    conversation: Stored<String>,
    /// The caller's queues.
    queues: Vec<String>,
    /// The languages that customers can read.
    languages: Vec<LanguageChoice>,
) -> impl IntoView {
    let shell = Shell::here();
    // Most likely the customer reads what she reads.
    let language = State::new(shell.lang.get_untracked().tag().to_owned());
    let (trouble, is_busy) = (State::new(None::<Trouble>), State::new(false));
    let customer_id =
        move || shell.drafts.with(|drafts| conversation.with_value(|of| drafts.customer_of(of).to_owned()));
    let keep = move |id| shell.drafts.update(|drafts| drafts.keep_customer(conversation.get_value(), id));
    let named: Vec<String> = queues.into_iter().filter(|queue| queue != "*").collect();
    let queue = State::new(named.first().cloned().unwrap_or_default());
    let can_start =
        move || !is_busy.get() && !customer_id().trim().is_empty() && !queue.with(|queue| queue.trim().is_empty());
    let start = move || {
        is_busy.set(true);
        trouble.set(None);
        let new = StartForConversation {
            customer_id: untrack(customer_id).trim().to_owned(),
            queue: queue.get_untracked().trim().to_owned(),
            language: Some(language.get_untracked()),
        };
        spawn_local(async move {
            match client.start(&conversation.get_value(), &new).await {
                Ok(detail) => {
                    keep(String::new());
                    open(shell, &detail);
                }
                Err(found) if found.is_signed_out() => shell.leave(),
                Err(found) => trouble.set(Some(found)),
            }
            is_busy.set(false);
        });
    };
    view! {
        <main class="kyc-page">
            <div class="kyc-page__menu"><Menu /></div>
            <h1 class="kyc-page__title">{signed(Glyph::Flag, t(words::NO_SESSION).into_any())}</h1>
            {said("kyc-page__text", words::NO_SESSION_DO)}
            <form class="kyc-form" on:submit=move |event| {
                event.prevent_default();
                if can_start() { start() }
            }>
                <label for="kyc-customer">{t(words::CUSTOMER_ID)}</label>
                <input id="kyc-customer" autocomplete="off" maxlength="64" spellcheck="false"
                    aria-describedby="kyc-customer-hint" prop:value=customer_id
                    on:input=move |event| keep(event_target_value(&event)) />
                <p class="kyc-quiet" id="kyc-customer-hint">{t(words::CUSTOMER_ID_HINT)}</p>
                <label for="kyc-queue">{t(words::QUEUE)}</label>
                <QueueField named queue />
                <label for="kyc-language">{t(words::LANGUAGE)}</label>
                <LanguageField languages language />
                {move || trouble.get().map(|of| view! { <TroubleBox of /> })}
                <button type="submit" class="kyc-button kyc-button--primary" data-hue="go" disabled=move || !can_start()>
                    {t(words::START)}
                </button>
            </form>
        </main>
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
    let options = languages
        .into_iter()
        .map(|of| {
            let code = of.code.clone();
            let is_chosen = move || language.with(|chosen| *chosen == code);
            view! { <option value=of.code selected=is_chosen>{of.name}</option> }.into_any()
        })
        .collect_view();
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
    let options = named
        .into_iter()
        .map(|name| view! { <option value=name.clone()>{name.clone()}</option> }.into_any())
        .collect_view();
    view! { <select id="kyc-queue" prop:value=move || queue.get() on:input=keep>{options}</select> }.into_any()
}
