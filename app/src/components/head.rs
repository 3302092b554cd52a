//! The first two lines: where we are, how much time is left, who it is (opaque), who works on it.

use kyc_wire::session::{Presence, SessionDetail, Status};
use leptos::prelude::*;

use crate::components::icon::{Glyph, Icon};
use crate::components::menu::Menu;
use crate::components::panel::Panel;
use crate::components::status_badge::StatusBadge;
use crate::components::{provider_name, short_id};
use crate::held::Derived;
use crate::shell::{Shell, t};
use crate::state::clock;
use crate::text::{facts, review, session, span};
use crate::view::{banner, dynamic, signed};

/// The header of the session page.
#[component]
pub fn Head() -> impl IntoView {
    let panel = Panel::here();
    let status = panel.part(|detail| Some(detail.summary.status));
    let console = panel.part(|detail| {
        let view = &detail.provider_view;
        view.console_url.clone().map(|url| (provider_name(&view.name), url))
    });
    let interaction = panel.part(|detail| detail.conversation_id.clone().map(|id| (id, detail.is_mine)));
    view! {
        <div class="kyc-head">
            <div class="kyc-head__line">
                {title(panel.is_beside_list, move || status.get().map(|of| view! { <StatusBadge of /> }).into_any())}
                <ProcessClock />
                {(!panel.is_beside_list).then(|| view! { <Menu console interaction /> })}
            </div>
            <Who />
            <Late />
        </div>
    }
    .into_any()
}

/// The main heading, unless the page beside the list has one already.
fn title(is_beside_list: bool, status: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    if is_beside_list {
        return view! { <h2 class="kyc-head__status" id="kyc-title" tabindex="-1">{status}</h2> }.into_any();
    }
    view! { <h1 class="kyc-head__status" id="kyc-title" tabindex="-1">{status}</h1> }.into_any()
}

#[component]
fn ProcessClock() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let clocks = panel.part(|detail| {
        let is_shown = matches!(
            detail.summary.status,
            Status::Created | Status::DocumentSubmitted | Status::LivenessCheck | Status::AgentVerification
        );
        is_shown.then(|| detail.clocks.clone())
    });
    let clock = Derived::new(move || clocks.with(|clocks| clocks.as_ref().map(|c| clock::process(c, shell.now.get()))));
    let words = move || {
        clock.get().map(|clock| {
            let paused = (!clock.is_running).then(|| session::CLOCK_PAUSED.to(shell.lang.get()));
            view! {
                <span class="kyc-clock" data-state=state(clock) title=t(session::CLOCK)>
                    <Icon of=Glyph::Clock />
                    <span class="kyc-only-heard">{t(session::CLOCK)}</span>
                    <span>{clock::digits(clock.left)}</span>
                    {paused.map(|paused| view! { <span class="kyc-clock__paused">{paused}</span> }.into_any())}
                </span>
            }
            .into_any()
        })
    };
    dynamic(words)
}

const fn state(clock: clock::ProcessClock) -> &'static str {
    match (clock.is_running, clock.is_tight) {
        (true, true) => "tight",
        (true, false) => "running",
        (false, _) => "paused",
    }
}

#[component]
fn Who() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let facts_of = panel.part(read_who);
    let line = move || {
        let lang = shell.lang.get();
        let (customer, channel, attempt, allowed, holder, is_mine, is_final) = facts_of.get();
        let attempt = (attempt > 0)
            .then(|| session::ATTEMPT.with(lang, &[("n", &attempt.to_string()), ("all", &allowed.to_string())]));
        let holder = match holder {
            _ if is_final => None,
            _ if is_mine => Some(session::HELD_BY_ME.to(lang).to_owned()),
            holder => holder.map(|name| session::HELD_BY.with(lang, &[("name", &name)])),
        };
        let place = if is_mine { "mine" } else { "other" };
        view! {
            <span class="kyc-head__id" title=customer.clone()>
                <span class="kyc-only-heard">{t(session::CUSTOMER)}</span>
                {short_id(&customer)}
            </span>
            <span>{facts::channel(&channel).to(lang)}</span>
            {attempt.map(|attempt| view! { <span>{attempt}</span> }.into_any())}
            {holder.map(|words| view! {
                <span class="kyc-head__holder" data-state=place>{signed(Glyph::Person, words.into_any())}</span>
            }.into_any())}
        }
    };
    view! { <p class="kyc-head__who">{dynamic(line)}</p> }.into_any()
}

/// That somebody should have acted by now, and since when.
#[component]
fn Late() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let words = Derived::new(move || {
        let time = span(
            shell.lang.get(),
            clock::late(panel.detail.with(|detail| detail.as_ref()?.summary.due_at), shell.now.get())?,
        );
        Some(review::LATE.with(shell.lang.get(), &[("time", &time)]))
    });
    dynamic(move || words.get().map(|words| banner("warn", Glyph::Clock, words.into_any())))
}

type WhoFacts = (String, String, u32, u32, Option<String>, bool, bool);

fn read_who(detail: &SessionDetail) -> WhoFacts {
    let summary = &detail.summary;
    (
        summary.customer_id.clone(),
        summary.channel.clone(),
        summary.attempt,
        summary.attempts_allowed,
        summary.holder.as_ref().map(|holder| holder.name.clone()),
        detail.is_mine,
        summary.status.is_final(),
    )
}

/// The customer's connection, when there is something to say about it.
#[component]
pub fn PresenceLine() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let facts_of = panel.part(|detail| {
        let is_open = !detail.summary.status.is_final() && detail.summary.status != Status::FinalApproval;
        is_open.then_some((detail.summary.presence, detail.clocks.connect_by, detail.clocks.resume_by))
    });
    let words = move || {
        let (presence, connect_by, resume_by) = facts_of.get()?;
        let (lang, now) = (shell.lang.get(), shell.now.get());
        let left = |at: kyc_wire::ids::Micros| crate::text::span(lang, at.seconds_since(now));
        let (first, second) = match presence {
            Presence::Connected => return None,
            Presence::NotConnected => (
                session::NOT_CONNECTED.to(lang).to_owned(),
                connect_by.map(|at| session::CONNECT_BY.with(lang, &[("time", &left(at))])),
            ),
            Presence::Lost { since } => (
                session::LOST.with(lang, &[("time", &crate::text::span(lang, now.seconds_since(since)))]),
                Some(match resume_by {
                    Some(at) => session::RESUME_BY.with(lang, &[("time", &left(at))]),
                    None => session::NOTHING_EXPIRES.to(lang).to_owned(),
                }),
            ),
        };
        Some(format!("{first} {}", second.unwrap_or_default()))
    };
    let words = Derived::new(words);
    let line = move || words.get().map(|words| banner("warn", Glyph::Offline, words.into_any()));
    dynamic(line)
}
