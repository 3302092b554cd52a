//! What happened, who saw what, who decided what, and when the data goes.

use kyc_wire::session::{Decision, RetentionClock, TimelineEntry, Who};
use leptos::prelude::*;

use crate::components::fold::Fold;
use crate::components::moment::Moment;
use crate::components::needs::reason_words;
use crate::components::panel::Panel;
use crate::components::provider_name;
use crate::held::{Derived, State};
use crate::shell::{Shell, t};
use crate::text::{Lang, Say, acts, facts, session, span, timeline};
use crate::view::{Show, dynamic, said, text};

/// Everything, newest first.
#[component]
pub fn Timeline() -> impl IntoView {
    let entries = Panel::here().part(|detail| {
        let told = detail.timeline.iter().rev().filter(|entry| !timeline::is_routine(&entry.action));
        told.cloned().collect::<Vec<_>>()
    });
    list("kyc-timeline", session::TIMELINE, timeline::EMPTY, (entries, false))
}

/// Openings and reveals only, newest first.
#[component]
pub fn WhoSawWhat() -> impl IntoView {
    let entries = Panel::here().part(|detail| {
        let seen = detail.timeline.iter().rev().filter(|entry| timeline::is_seeing(&entry.action));
        seen.cloned().collect::<Vec<_>>()
    });
    list("kyc-seen", timeline::WHO_SAW, timeline::NOBODY_SAW, (entries, true))
}

fn list(id: &'static str, title: Say, empty: Say, (entries, is_open): (Derived<Vec<TimelineEntry>>, bool)) -> AnyView {
    let aside = Derived::new(move || entries.with(Vec::len).to_string());
    let rows = move || entries.get().into_iter().map(entry).collect_view();
    view! {
        <Fold id title aside is_open=State::new(is_open)>
            <Show when=move || entries.with(Vec::is_empty)>
                {said("kyc-quiet", empty)}
            </Show>
            <ol class="kyc-timeline">{dynamic(rows)}</ol>
        </Fold>
    }
    .into_any()
}

fn entry(of: TimelineEntry) -> AnyView {
    let (panel, lang) = (Panel::here(), Shell::here().lang);
    let TimelineEntry { at, action, who, reason, status, fields, is_refused } = of;
    let what = move || match timeline::action(&action) {
        Some(words) => words.to(lang.get()).to_owned(),
        None => action.clone(),
    };
    let details = move || {
        let lang = lang.get();
        let fields = fields.iter().map(|field| facts::field(*field).to(lang).to_owned());
        let status = status.map(|status| format!("→ {}", facts::status(status).to(lang)));
        let reason = reason.as_deref().map(|code| reason_words(panel, code, lang));
        let refused = is_refused.then(|| timeline::REFUSED.to(lang).to_owned());
        fields.chain(status).chain(reason).chain(refused).collect::<Vec<_>>().join(" · ")
    };
    view! {
        <li class="kyc-event" data-state=if is_refused { "refused" } else { "done" }>
            <Moment at />
            <div>
                <p class="kyc-event__what">{text(what)}</p>
                <p class="kyc-event__more">{text(details)}</p>
                <p class="kyc-event__who">{move || who_words(&who, lang.get())}</p>
            </div>
        </li>
    }
    .into_any()
}

fn who_words(who: &Who, lang: Lang) -> String {
    match who {
        Who::Person(colleague) => colleague.name.clone(),
        Who::Flow => timeline::FLOW.to(lang).to_owned(),
        Who::Bank => timeline::BANK.to(lang).to_owned(),
        Who::Provider { name } => provider_name(name),
        Who::Customer => timeline::CUSTOMER.to(lang).to_owned(),
        Who::System => timeline::SYSTEM.to(lang).to_owned(),
    }
}

/// Who decided what.
#[component]
pub fn Decisions() -> impl IntoView {
    let decisions = Panel::here().part(|detail| detail.decisions.clone());
    let aside = Derived::new(move || decisions.with(Vec::len).to_string());
    let rows = move || decisions.get().into_iter().rev().map(decision).collect_view();
    view! {
        <Fold id="kyc-decisions" title=timeline::DECISIONS aside is_open=State::new(true)>
            <Show when=move || decisions.with(Vec::is_empty)>
                {said("kyc-quiet", timeline::NO_DECISIONS)}
            </Show>
            <ol class="kyc-timeline">{dynamic(rows)}</ol>
        </Fold>
    }
    .into_any()
}

fn decision(of: Decision) -> AnyView {
    let (panel, lang) = (Panel::here(), Shell::here().lang);
    let reason = of.reason;
    let words = move || reason.as_deref().map(|code| reason_words(panel, code, lang.get()));
    view! {
        <li class="kyc-event">
            <Moment at=of.at />
            <div>
                {said("kyc-event__what", acts::decided(of.act))}
                <p class="kyc-event__more">{dynamic(words)}</p>
                <p class="kyc-event__who">{of.by.name}</p>
            </div>
        </li>
    }
    .into_any()
}

/// When each class of data goes.
#[component]
pub fn Retention() -> impl IntoView {
    let clocks = Panel::here().part(|detail| detail.clocks.retention.clone());
    view! {
        <Show when=move || !clocks.with(Vec::is_empty)>
            <section class="kyc-retention" aria-labelledby="kyc-retention">
                <h2 class="kyc-block__title" id="kyc-retention">{t(session::RETENTION)}</h2>
                <dl class="kyc-facts">{move || clocks.get().into_iter().map(retention).collect_view()}</dl>
            </section>
        </Show>
    }
    .into_any()
}

fn retention(of: RetentionClock) -> AnyView {
    let RetentionClock { class, purge_at, is_held } = of;
    let class = session::class(&class);
    let shell = Shell::here();
    let when = move || match purge_at {
        Some(at) => {
            let time = span(shell.lang.get(), at.seconds_since(shell.now.get()));
            let words = if is_held { session::HELD } else { session::IN };
            words.with(shell.lang.get(), &[("time", &time)])
        }
        None => session::AFTER_END.to(shell.lang.get()).to_owned(),
    };
    view! { <div><dt>{t(class)}</dt><dd>{text(when)}</dd></div> }.into_any()
}
