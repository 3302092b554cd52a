//! An interaction of the Genesys desktop: its session is found, or one is started when the flow failed.

use kyc_wire::me::{LanguageChoice, Me};
use kyc_wire::problem::ProblemCode;
use kyc_wire::session::SessionDetail;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::SignedIn;
use crate::components::icon::Glyph;
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::components::start_form::StartForm;
use crate::held::{State, Stored};
use crate::pages::stuck;
use crate::shell::{Shell, t};
use crate::state::launch::Launch;
use crate::state::panel::Start;
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
            view! { <StartPage client conversation queues=queues.get_value() languages=languages.get_value() /> }
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
fn StartPage(
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
    let (trouble, is_busy) = (State::new(None::<Trouble>), State::new(false));
    let start = Callback::new(move |new| {
        is_busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match client.start(&conversation.get_value(), &new).await {
                Ok(detail) => {
                    shell.drafts.update(|drafts| drafts.keep_start(Start::default()));
                    open(shell, &detail);
                }
                Err(found) if found.is_signed_out() => shell.leave(),
                Err(found) => trouble.set(Some(found)),
            }
            is_busy.set(false);
        });
    });
    let trouble = dynamic(move || trouble.get().map(|of| view! { <TroubleBox of /> }));
    view! {
        <main class="kyc-page">
            <div class="kyc-page__menu"><Menu /></div>
            <h1 class="kyc-page__title">{signed(Glyph::Flag, t(words::NO_SESSION).into_any())}</h1>
            {said("kyc-page__text", words::NO_SESSION_DO)}
            <StartForm conversation=conversation.get_value() customer=String::new() queue=String::new() queues languages is_busy on_start=start trouble />
        </main>
    }
    .into_any()
}
