//! The supervisors' and auditors' page: views, rows, and the session beside them.

mod reading;

use kyc_wire::ids::SessionId;
use kyc_wire::list::View;
use kyc_wire::me::{Me, Role};
use leptos::prelude::*;

use crate::api::SignedIn;
use crate::browser;
use crate::components::floor_strip::FloorStrip;
use crate::components::icon::{Glyph, Icon};
use crate::components::menu::Menu;
use crate::components::notice::TroubleBox;
use crate::components::session_row::SessionRow;
use crate::components::view_list::{ListTools, ViewList};
use crate::held::{Derived, State, Stored};
use crate::pages::session::SessionPage;
use crate::shell::{Shell, t};
use crate::state::keys::Press;
use crate::state::launch::Launch;
use crate::text::{review, shell as words};
use crate::view::{Show, button, dynamic};

use reading::Reading;

/// The page.
#[component]
pub fn ReviewPage(
    /// The client.
    client: SignedIn,
    /// Who is signed in.
    me: Me,
) -> impl IntoView {
    let shell = Shell::here();
    shell.settle(&Launch::Review);
    let first = if me.has(Role::Supervisor) { View::NeedsMyApproval } else { View::Open };
    let reading = Reading::start(client.of_view(), shell, first);
    let open = State::new(None::<SessionId>);
    hear_keys(shell, &reading, open);
    let on_open = Callback::new(move |id: SessionId| {
        reading.board.update(|board| board.select(Some(id)));
        open.set(Some(id));
    });
    let queues = me.queues.clone();
    let me = Stored::new(me);
    let shown = Derived::new(move || open.get());
    let detail = move || match shown.get() {
        Some(id) => view! {
            <button type="button" class="kyc-link kyc-review__back" on:click=move |_| open.set(None)>
                <Icon of=Glyph::Back /><span>{t(words::BACK)}</span>
            </button>
            <SessionPage client me=me.get_value() id customer_id=None is_beside_list=true />
        }
        .into_any(),
        None => view! { <p class="kyc-review__choose">{t(review::CHOOSE)}</p> }.into_any(),
    };
    view! {
        <main class="kyc-review" data-open=move || shown.get().is_some().to_string()>
            <h1 class="kyc-only-heard">{t(words::REVIEW)}</h1>
            <div class="kyc-review__top">
                <FloorStrip floor=reading.floor trends=reading.trends />
                <Menu />
            </div>
            <div class="kyc-review__views"><ViewList floor=reading.floor chosen=reading.view /></div>
            <div class="kyc-review__list">
                <ListTools tools=reading.tools queues />
                <Rows reading open=shown on_open />
            </div>
            <div class="kyc-review__detail">{dynamic(detail)}</div>
        </main>
    }
    .into_any()
}

fn hear_keys(shell: Shell, reading: &Reading, open: State<Option<SessionId>>) {
    let board = reading.board;
    let step = move |by| {
        let next = board.with_untracked(|rows| rows.step(by));
        if let Some(id) = next {
            board.update(|rows| rows.select(Some(id)));
            browser::focus(&format!("kyc-row-{id}"));
        }
    };
    shell.hear_keys(move |press| {
        match press {
            Press::Next => step(1),
            Press::Previous => step(-1),
            Press::Search => browser::focus("kyc-search"),
            Press::Close if open.get_untracked().is_some() => {
                let row = open.get_untracked();
                open.set(None);
                if let Some(id) = row {
                    browser::focus(&format!("kyc-row-{id}"));
                }
            }
            _ => return false,
        }
        true
    });
}

#[component]
fn Rows(
    /// The list.
    reading: Reading,
    /// The session that is open.
    open: Derived<Option<SessionId>>,
    /// Opens a session.
    on_open: Callback<SessionId>,
) -> impl IntoView {
    let lang = Shell::here().lang;
    let retry = Callback::new(move |()| reading.load());
    let row = move |of: kyc_wire::session::SessionSummary, is_gone: bool| {
        let id = of.id;
        let is_current = Derived::new(move || open.get() == Some(id));
        view! { <SessionRow of is_current is_gone on_open /> }
    };
    let rows = Derived::new(move || {
        reading.board.with(|board| {
            let rows = board.rows().iter().map(|row| (row.clone(), board.is_gone(row.id)));
            rows.collect::<Vec<_>>()
        })
    });
    let news = Derived::new(move || reading.board.with(|board| board.has_news().then(|| board.new_count())));
    let pill = move || {
        let words = match news.get()? {
            0 => review::REFRESH.to(lang.get()).to_owned(),
            n => review::NEW.of(lang.get(), n),
        };
        let catch_up = move |_| reading.board.update(crate::state::board::Board::catch_up);
        Some(view! { <button type="button" class="kyc-pill" on:click=catch_up>{words}</button> }.into_any())
    };
    let clear = move || {
        let is_narrowed = reading.empty_words() != review::EMPTY;
        is_narrowed.then(|| button("kyc-button", review::CLEAR, move || reading.tools.clear()))
    };
    view! {
        <div class="kyc-review__news" aria-live="polite">{dynamic(pill)}</div>
        {move || reading.trouble.get().map(|of| view! { <TroubleBox of on_retry=retry /> })}
        <Show when=move || reading.is_loaded.get() && rows.with(Vec::is_empty)>
            <p class="kyc-review__empty">{move || reading.empty_words().to(lang.get())}</p>
            {dynamic(clear)}
        </Show>
        <Show when=move || !reading.is_loaded.get()>
            <div class="kyc-skeleton" aria-busy="true">
                <span class="kyc-skeleton__card"></span>
                <span class="kyc-skeleton__card"></span>
                <span class="kyc-skeleton__card"></span>
            </div>
        </Show>
        <ul class="kyc-list" aria-label=t(review::ROWS)>
            {move || rows.get().into_iter().map(|(of, is_gone)| row(of, is_gone)).collect_view()}
        </ul>
        <Show when=move || reading.board.with(|board| board.next_cursor().is_some())>
            <button type="button" class="kyc-button" on:click=move |_| reading.more()>{t(review::MORE)}</button>
        </Show>
    }
    .into_any()
}
