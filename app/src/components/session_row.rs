//! One session in a list: dense, and in words.

use kyc_wire::ids::{Micros, SessionId};
use kyc_wire::session::{Presence, SessionSummary, Status};
use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::components::status_badge::StatusBadge;
use crate::components::{provider_name, short_id};
use crate::held::Derived;
use crate::shell::{Shell, t};
use crate::state::clock;
use crate::text::{facts, review, short_span};
use crate::view::{dynamic, text};

/// A row.
#[component]
pub fn SessionRow(
    /// The session.
    of: SessionSummary,
    /// Whether it is the one that is open.
    #[prop(into)]
    is_current: Derived<bool>,
    /// Whether it has left the list since.
    #[prop(optional)]
    is_gone: bool,
    /// Opens it.
    on_open: Callback<SessionId>,
) -> impl IntoView {
    let shell = Shell::here();
    let (id, since) = (of.id, of.state_since);
    let is_live = of.presence == Presence::Connected && !of.status.is_final();
    // Once it is out of an agent's hands, whose work it is still matters.
    let is_handed_over = of.flag.is_some() || of.status == Status::FinalApproval || of.status.is_final();
    let worker = if is_handed_over { of.last_holder } else { of.holder };
    let worker = worker.map(|colleague| colleague.name);
    let attention = of.attention;
    let is_calm = attention.is_empty();
    let wrong = move || match attention.first() {
        Some(first) => review::attention(shell.lang.get(), *first),
        None => review::CLEAN.to(shell.lang.get()).to_owned(),
    };
    let about = move || {
        let lang = shell.lang.get();
        let nobody = || review::NOBODY.to(lang).to_owned();
        let names = [worker.clone().unwrap_or_else(nobody), facts::channel(&of.channel).to(lang).to_owned()];
        format!("{} · {}", names.join(" · "), provider_name(&of.provider))
    };
    view! {
        <li class="kyc-row" data-state=if is_gone { "gone" } else { "here" }>
            <button
                type="button"
                class="kyc-row__button"
                data-item
                id=format!("kyc-row-{id}")
                aria-current=move || is_current.get().to_string()
                on:click=move |_| on_open.run(id)
            >
                <span class="kyc-row__status"><StatusBadge of=of.status /></span>
                {age(since, of.due_at)}
                <span class="kyc-row__wrong" data-hue=if is_calm { "calm" } else { "warn" }>{text(wrong)}</span>
                <span class="kyc-row__id">{short_id(&of.customer_id)}</span>
                <span class="kyc-row__about">{text(about)}</span>
                {is_live.then(|| view! { <span class="kyc-row__live"><Icon of=Glyph::Dot />{t(review::CONNECTED)}</span> }.into_any())}
                {is_gone.then(|| view! { <span class="kyc-quiet">{t(review::GONE)}</span> }.into_any())}
            </button>
        </li>
    }
    .into_any()
}

/// How long it has been where it is, or for how long it is overdue.
fn age(since: Micros, due_at: Option<Micros>) -> AnyView {
    let shell = Shell::here();
    let age = move || {
        let (lang, now) = (shell.lang.get(), shell.now.get());
        let (state, words) = match clock::late(due_at, now) {
            Some(late) => ("late", review::LATE.with(lang, &[("time", &short_span(lang, late))])),
            None => ("due", short_span(lang, now.seconds_since(since))),
        };
        view! { <span class="kyc-row__age" data-state=state>{words}</span> }.into_any()
    };
    dynamic(age)
}
