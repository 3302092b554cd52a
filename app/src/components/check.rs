//! Checks of the provider: four groups, quiet when fine.

use kyc_wire::session::{Check, CheckGroup, CheckOutcome, DocumentFacts};
use leptos::prelude::*;

use crate::browser;
use crate::components::icon::{Glyph, Icon};
use crate::components::moment::Moment;
use crate::components::panel::Panel;
use crate::components::provider_name;
use crate::held::Stored;
use crate::shell::{Shell, t};
use crate::state::need::{self, Group};
use crate::text::{facts, session};
use crate::view::{dynamic, text};

/// What there is to know about one check: where, what to look at, the provider's code, the time.
#[component]
pub fn CheckFacts(
    /// The check.
    of: Check,
    /// Whether its explanation stands above already.
    #[prop(optional)]
    has_title: bool,
) -> impl IntoView {
    let lang = Shell::here().lang;
    let provider = Panel::here().part(|detail| provider_name(&detail.provider_view.name));
    let Check { group, outcome, provider_code, explanation, look_at, at } = of;
    let look = look_at.map(|what| {
        let words = move || session::LOOK_AT.with(lang.get(), &[("what", what.pick(lang.get().tag()))]);
        view! { <p class="kyc-check__look">{text(words)}</p> }.into_any()
    });
    let code = provider_code.map(|code| {
        let name = move || session::CODE.with(lang.get(), &[("provider", &provider.get())]);
        view! { <code class="kyc-check__code" title=name>{code}</code> }.into_any()
    });
    let words = (!has_title).then(|| {
        view! { <p class="kyc-check__words">{move || explanation.pick(lang.get().tag()).to_owned()}</p> }.into_any()
    });
    view! {
        {words}
        {look}
        <p class="kyc-check__facts">
            <span>{t(facts::group(group))}</span>
            <span>{t(facts::outcome(Some(outcome)))}</span>
            {at.map(|at| view! { <Moment at /> })}
            {code}
        </p>
    }
    .into_any()
}

/// The four groups.
#[component]
pub fn CheckGroups() -> impl IntoView {
    let panel = Panel::here();
    let document = panel.part(|detail| detail.document.clone());
    let groups = panel.part(need::groups);
    let before = Stored::new(None::<Vec<Group>>);
    let rows = move || {
        let (now, document) = (groups.get(), document.get());
        let before = before.try_update_value(|before| before.replace(now.clone())).flatten();
        let is_fresh = |group: &Group| {
            before
                .as_ref()
                .and_then(|before| before.iter().find(|b| b.of == group.of))
                .is_some_and(|b| b.outcome != group.outcome)
        };
        now.into_iter().map(|group| row(is_fresh(&group), group, document.clone())).collect_view()
    };
    view! {
        <section class="kyc-block" aria-labelledby="kyc-checks">
            <h2 class="kyc-block__title" id="kyc-checks">{t(session::CHECKS)}</h2>
            <ul class="kyc-groups">{dynamic(rows)}</ul>
        </section>
    }
    .into_any()
}

fn row(is_fresh: bool, group: Group, document: DocumentFacts) -> AnyView {
    let outcome = group.outcome;
    let (glyph, hue) = look(outcome);
    let about = (group.of == CheckGroup::Document).then(|| document_facts(document));
    let head = view! {
        <span class="kyc-groups__name">{t(facts::group(group.of))}</span>
        <span class="kyc-groups__about">{about}</span>
        <span class="kyc-groups__outcome" data-hue=hue>
            <span>{t(facts::outcome(outcome))}</span>
            <Icon of=glyph />
        </span>
    };
    if group.checks.is_empty() {
        return view! { <li class="kyc-groups__row" data-fresh=is_fresh.to_string()>{head}</li> }.into_any();
    }
    let checks = group.checks.into_iter().map(|of| view! { <li class="kyc-check"><CheckFacts of /></li> }.into_any());
    view! {
        <li data-fresh=is_fresh.to_string()>
            <details class="kyc-groups__group">
                <summary class="kyc-groups__row" data-item>{head}</summary>
                <ul class="kyc-groups__checks">{checks.collect_view()}</ul>
            </details>
        </li>
    }
    .into_any()
}

const fn look(outcome: Option<CheckOutcome>) -> (Glyph, &'static str) {
    match outcome {
        Some(CheckOutcome::Passed) => (Glyph::Check, "good"),
        Some(CheckOutcome::Review) => (Glyph::Eye, "warn"),
        Some(CheckOutcome::Failed) => (Glyph::Cross, "bad"),
        Some(CheckOutcome::NewCapture) => (Glyph::Camera, "warn"),
        Some(CheckOutcome::Pending) => (Glyph::Clock, "calm"),
        None => (Glyph::Dot, "calm"),
    }
}

/// `Passport · DEU · valid until 4 May 2031` in the panel; the style sheet makes two columns of it where there is room.
fn document_facts(of: DocumentFacts) -> AnyView {
    let lang = Shell::here().lang;
    let kind = of.document_type.map(|code| fact(t(facts::document(&code)).into_any()));
    let country = of.country.map(|country| fact(country.into_any()));
    let until = of.valid_until.map(|day| {
        let words = if of.is_expired { session::EXPIRED_ON } else { session::VALID_UNTIL };
        let words = move || words.with(lang.get(), &[("date", &browser::write_day(lang.get().tag(), &day))]);
        fact(text(words))
    });
    view! { {kind}{country}{until} }.into_any()
}

fn fact(words: AnyView) -> AnyView {
    view! { <span class="kyc-fact">{words}</span> }.into_any()
}
