//! What needs the agent: open, on top, in words.

use kyc_wire::masked::Agreement;
use kyc_wire::session::{Act, Check, CheckOutcome, FieldComparison, Flag, HandedOver, SessionDetail};
use leptos::prelude::*;

use crate::browser;
use crate::components::check::CheckFacts;
use crate::components::comparison::{Comparison, places};
use crate::components::icon::Glyph;
use crate::components::panel::Panel;
use crate::components::provider_name;
use crate::held::{Stored, effect};
use crate::shell::{Shell, t};
use crate::state::need::{self, Need};
use crate::state::panel::Sheet;
use crate::text::{Lang, facts, handed_over, session, span};
use crate::view::{Show, said, signed, text};

/// The block.
#[component]
pub fn Needs() -> impl IntoView {
    let panel = Panel::here();
    let needs = panel.part(need::needs);
    let is_final = panel.part(|detail| detail.summary.status.is_final());
    let has_results = panel.part(need::has_results);
    let count = move || needs.with(|needs| need::count(needs));
    let shell = Shell::here();
    let lang = shell.lang;
    let title = move || match count() {
        0 if has_results.get() => session::NOTHING.to(lang.get()).to_owned(),
        0 => session::NOTHING_YET.to(lang.get()).to_owned(),
        n if is_final.get() => session::NOTED.of(lang.get(), n),
        n => session::NEEDS.of(lang.get(), n),
    };
    let is_first = Stored::new(true);
    // Keyed by their whole content: a card that has not changed is not touched, and keeps the focus.
    let card = move |need: Need| {
        let is_fresh = (!is_first.get_value()).to_string();
        view! { <div class="kyc-need__place" data-fresh=is_fresh>{card(need)}</div> }
    };
    effect(move || {
        needs.track();
        is_first.set_value(false);
    });
    // Said once per change, not while the page is being built.
    let mut was = None::<usize>;
    effect(move || {
        let now = count();
        if was.is_some_and(|was| was != now) {
            shell.spoken.set(title());
        }
        was = Some(now);
    });
    let state = move || if count() == 0 { "calm" } else { "needs" };
    view! {
        <section class="kyc-needs" data-state=state aria-labelledby="kyc-needs">
            <h2 class="kyc-needs__title" id="kyc-needs">{text(title)}</h2>
            <For each=move || needs.get() key=Need::clone children=card />
        </section>
    }
    .into_any()
}

fn card(need: Need) -> AnyView {
    match need {
        Need::HandedOver { of, .. } => gave_up(of),
        Need::Difference(field) => difference(field),
        Need::Check(check) => failed_check(check),
        Need::DocumentExpired => expired(),
        Need::Flag(flag) => flagged(&flag),
        Need::Provider { is_down, since } => provider(is_down, since),
        Need::NoClaims => {
            plain((Glyph::Alert, "warn"), t(session::NO_CLAIMS).into_any(), t(session::NO_CLAIMS_DO).into_any())
        }
    }
}

fn plain((glyph, hue): (Glyph, &'static str), title: AnyView, words: AnyView) -> AnyView {
    view! {
        <article class="kyc-need" data-hue=hue data-item tabindex="-1">
            <h3 class="kyc-need__title">{signed(glyph, title)}</h3>
            <p class="kyc-need__text">{words}</p>
        </article>
    }
    .into_any()
}

/// What failed, what to do now, and the reference for whoever looks into it.
fn gave_up(of: HandedOver) -> AnyView {
    let lang = Shell::here().lang;
    let (cause, reference) = (of.cause, of.error_ref.clone());
    let title = {
        let of = of.clone();
        move || handed_over::title(&of, lang.get())
    };
    let todo = move || {
        let lang = lang.get();
        format!("{} {}", handed_over::measured(&of, lang), handed_over::todo(cause).to(lang)).trim_start().to_owned()
    };
    let named = (!reference.is_empty()).then(|| {
        view! {
            <p class="kyc-check__facts">
                <span>{t(handed_over::REFERENCE)}</span>
                <span class="kyc-check__code">{reference}</span>
            </p>
        }
        .into_any()
    });
    view! {
        <article class="kyc-need" data-hue="warn" data-item tabindex="-1">
            <h3 class="kyc-need__title">{signed(Glyph::Alert, text(title))}</h3>
            <p class="kyc-need__text">{text(todo)}</p>
            {named}
        </article>
    }
    .into_any()
}

fn difference(of: FieldComparison) -> AnyView {
    let panel = Panel::here();
    let (field, both) = (of.field, places(&of));
    let Agreement::Differs { difference } = of.agreement else { return ().into_any() };
    let can = panel.can(Act::Reveal);
    let has_both = both.len() == 2;
    let can_show_both = move || has_both && can.get() && panel.reveals.with(crate::state::reveal::Reveals::is_empty);
    view! {
        <article class="kyc-need" data-hue="bad" data-item data-reveal=field.as_str() tabindex="-1">
            <h3 class="kyc-need__title">{signed(Glyph::Alert, t(facts::difference(field, difference)).into_any())}</h3>
            <Comparison of />
            {said("kyc-need__text", facts::why(field))}
            <Show when=can_show_both>
                <button type="button" class="kyc-link" on:click={
                    let both = both.clone();
                    move |_| panel.toggle(Sheet::Reveal(both.clone()))
                }>{t(session::REVEAL_BOTH)}</button>
            </Show>
        </article>
    }
    .into_any()
}

fn failed_check(check: Check) -> AnyView {
    let lang = Shell::here().lang;
    let (glyph, hue) = match check.outcome {
        CheckOutcome::Failed => (Glyph::Cross, "bad"),
        CheckOutcome::NewCapture => (Glyph::Camera, "warn"),
        _ => (Glyph::Eye, "warn"),
    };
    let explanation = check.explanation.clone();
    let title = move || {
        let lang = lang.get();
        let words = explanation.pick(lang.tag());
        if words.is_empty() { facts::outcome(Some(check.outcome)).to(lang).to_owned() } else { words.to_owned() }
    };
    view! {
        <article class="kyc-need" data-hue=hue data-item tabindex="-1">
            <h3 class="kyc-need__title">{signed(glyph, text(title))}</h3>
            <CheckFacts of=check has_title=true />
        </article>
    }
    .into_any()
}

fn expired() -> AnyView {
    let lang = Shell::here().lang;
    let day = Panel::here().part(|detail| detail.document.valid_until.clone());
    let todo = move || {
        let date = day.get().map(|day| browser::write_day(lang.get().tag(), &day)).unwrap_or_default();
        session::EXPIRED_DO.with(lang.get(), &[("date", &date)])
    };
    plain((Glyph::Alert, "bad"), t(session::EXPIRED).into_any(), text(todo))
}

fn flagged(flag: &Flag) -> AnyView {
    let (lang, panel) = (Shell::here().lang, Panel::here());
    let code = flag.reason.clone();
    let title = move || session::FLAGGED.with(lang.get(), &[("reason", &reason_words(panel, &code, lang.get()))]);
    let can_clear = panel.can(Act::Unflag);
    let todo = move || {
        let words = if can_clear.get() { session::FLAGGED_YOURS } else { session::FLAGGED_DO };
        words.to(lang.get()).to_owned()
    };
    plain((Glyph::Flag, "warn"), text(title), text(todo))
}

/// A reason in words: the configured label, else its code.
pub fn reason_words(panel: Panel, code: &str, lang: Lang) -> String {
    if code == "provider_changed_its_mind" {
        return session::CHANGED_ITS_MIND.to(lang).to_owned();
    }
    panel.reasons.with_value(|all| {
        let known = all.iter().find(|reason| reason.code == code);
        known.map_or_else(|| code.to_owned(), |reason| reason.label.pick(lang.tag()).to_owned())
    })
}

fn provider(is_down: bool, since: kyc_wire::ids::Micros) -> AnyView {
    let shell = Shell::here();
    let name = Panel::here().part(|detail: &SessionDetail| provider_name(&detail.provider_view.name));
    let title = move || {
        let (lang, name) = (shell.lang.get(), name.get());
        if is_down {
            return session::DOWN.with(lang, &[("provider", &name)]);
        }
        let time = span(lang, shell.now.get().seconds_since(since));
        session::SLOW.with(lang, &[("provider", &name), ("time", &time)])
    };
    let todo = if is_down { session::DOWN_DO } else { session::SLOW_DO };
    plain((Glyph::Clock, "warn"), text(title), t(todo).into_any())
}
