//! The agent's own sessions, and the next customer.

use kyc_wire::ids::SessionId;
use kyc_wire::list::{ListQuery, SessionPage, Sort, View};
use kyc_wire::session::Status;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::SignedIn;
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::components::session_row::SessionRow;
use crate::held::{Derived, State, Stored, effect};
use crate::pages::stuck::Skeleton;
use crate::shell::{Shell, t};
use crate::state::keys::Press;
use crate::state::launch::Launch;
use crate::state::trouble::Trouble;
use crate::text::{launch as words, shell as shell_words};
use crate::view::{dynamic, said};

/// The page.
#[component]
pub fn HomePage(
    /// The client.
    client: SignedIn,
) -> impl IntoView {
    let (shell, client) = (Shell::here(), client.of_view());
    shell.settle(&Launch::Home);
    let page = Answer::new(None);
    let waiting = State::new(0_usize);
    let is_reading = Stored::new(false);
    let load = move || {
        if !is_reading.get_value() {
            is_reading.set_value(true);
            spawn_local(async move {
                read(shell, client, page, waiting).await;
                is_reading.try_update_value(|is_reading| *is_reading = false);
            });
        }
    };
    effect(move || {
        shell.event.track();
        load();
    });
    shell.hear_keys(|press| match press {
        Press::Next | Press::Previous => {
            crate::browser::step_item(if press == Press::Next { 1 } else { -1 });
            true
        }
        _ => false,
    });
    let retry = Callback::new(move |()| load());
    view! {
        <main class="kyc-page kyc-page--home">
            <div class="kyc-page__bar"><h1 class="kyc-page__title">{t(shell_words::MY_SESSIONS)}</h1><Menu /></div>
            {move || match page.get() {
                None => view! { <Skeleton /> }.into_any(),
                Some(Err(of)) => view! { <TroubleBox of on_retry=retry /> }.into_any(),
                Some(Ok(page)) => rows(page),
            }}
            <NextCustomer client waiting />
        </main>
    }
    .into_any()
}

type Answer = State<Option<Result<SessionPage, Trouble>>>;

async fn read(shell: Shell, client: SignedIn, page: Answer, waiting: State<usize>) {
    let query = ListQuery { view: Some(View::Mine), sort: Some(Sort::Urgency), ..ListQuery::default() };
    match client.list(&query).await {
        Err(trouble) if trouble.is_signed_out() => shell.leave(),
        Err(Trouble::Aborted) => {}
        result => page.set(Some(result)),
    }
    let query = ListQuery {
        view: Some(View::Open),
        status: Some(Status::AgentVerification),
        limit: Some(100),
        ..ListQuery::default()
    };
    if let Ok(found) = client.list(&query).await {
        waiting.set(found.items.iter().filter(|of| of.holder.is_none() && of.flag.is_none()).count());
    }
}

fn rows(page: SessionPage) -> AnyView {
    let shell = Shell::here();
    if page.items.is_empty() {
        return view! {
            {said("kyc-page__text", words::HOME_EMPTY)}
            {said("kyc-quiet", words::HOME_HINT)}
        }
        .into_any();
    }
    let on_open = Callback::new(move |id: SessionId| shell.go(Launch::Session { id, customer_id: None }));
    let is_current = Derived::new(|| false);
    let rows = page.items.into_iter().map(|of| view! { <SessionRow of is_current on_open /> }).collect_view();
    view! { <ul class="kyc-list">{rows}</ul> }.into_any()
}

#[component]
fn NextCustomer(
    /// The client.
    client: SignedIn,
    /// How many sessions wait.
    waiting: State<usize>,
) -> impl IntoView {
    let shell = Shell::here();
    let trouble = State::new(None::<Trouble>);
    let (is_busy, is_nobody) = (State::new(false), State::new(false));
    let line = move || (waiting.get() > 0).then(|| words::WAITING.of(shell.lang.get(), waiting.get()));
    let take = move |_| {
        is_busy.set(true);
        is_nobody.set(false);
        trouble.set(None);
        spawn_local(async move {
            match client.next().await {
                Ok(Some(detail)) => shell.go(Launch::Session { id: detail.summary.id, customer_id: None }),
                Ok(None) => {
                    is_nobody.set(true);
                }
                Err(found) if found.code() == Some(kyc_wire::problem::ProblemCode::NotFound) => {
                    is_nobody.set(true);
                }
                Err(found) if found.is_signed_out() => shell.leave(),
                Err(found) => trouble.set(Some(found)),
            }
            is_busy.set(false);
        });
    };
    view! {
        <div class="kyc-next" role="status">
            <p class="kyc-quiet">{dynamic(line)}</p>
            {move || is_nobody.get().then(|| said("kyc-page__text", words::NOBODY))}
            {move || trouble.get().map(|of| view! { <TroubleBox of /> })}
            <button
                type="button"
                class="kyc-button kyc-button--primary"
                data-hue="go"
                aria-disabled=move || is_busy.get().to_string()
                on:click=move |event| if !is_busy.get_untracked() { take(event) }
            >{t(words::NEXT)}</button>
        </div>
    }
    .into_any()
}
