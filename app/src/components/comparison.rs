//! One field, claim beside document.

use kyc_wire::masked::{Agreement, Field};
use kyc_wire::session::{Act, FieldComparison, Origin};
use leptos::prelude::*;

use crate::browser;
use crate::components::masked_field::MaskedField;
use crate::components::panel::{Panel, Place};
use crate::components::reasons::Reasons;
use crate::held::Derived;
use crate::shell::t;
use crate::state::need;
use crate::state::panel::Sheet;
use crate::text::{facts, session};
use crate::view::{Show, dynamic, said, text};

/// The two values, their eyes, and the reasons while one is being revealed.
#[component]
pub fn Comparison(
    /// The field.
    of: FieldComparison,
) -> impl IntoView {
    let can_reveal = Panel::here().can(Act::Reveal);
    let field = of.field;
    view! {
        <dl class="kyc-pair">
            <div>
                <dt>{t(facts::origin(Origin::Claim))}</dt>
                <dd><MaskedField value=of.claim place=(field, Origin::Claim) can_reveal /></dd>
            </div>
            <div>
                <dt>{t(facts::origin(Origin::Document))}</dt>
                <dd><MaskedField value=of.document place=(field, Origin::Document) can_reveal /></dd>
            </div>
        </dl>
        <RevealReasons about=field />
    }
    .into_any()
}

/// The reasons for a reveal, under the field it is about.
#[component]
fn RevealReasons(
    /// The field.
    about: Field,
) -> impl IntoView {
    let panel = Panel::here();
    let places = Derived::new(move || match panel.sheet.get() {
        Sheet::Reveal(places) if places.iter().all(|(field, _)| *field == about) => places,
        _ => vec![],
    });
    let pick = Callback::new(move |reason: String| {
        let places = places.get_untracked();
        let eye = places.first().map(|(field, origin)| eye_of(*field, *origin));
        panel.close();
        panel.on_reveal.run((places, reason));
        request_animation_frame(move || {
            if let Some(eye) = &eye {
                browser::focus_first(eye);
            }
        });
    });
    let picker = move || {
        (!places.get().is_empty()).then(|| {
            let chosen = Derived::new(|| None::<String>);
            view! {
                <div class="kyc-picker" id="kyc-picker" role="group" aria-label=t(session::REVEAL_WHY)>
                    {said("kyc-picker__why", session::REVEAL_WHY)}
                    <Reasons options=panel.reasons_for(Act::Reveal) chosen on_pick=pick />
                </div>
            }
            .into_any()
        })
    };
    dynamic(picker)
}

/// Where the focus goes once a value is shown: to its own button.
fn eye_of(field: Field, origin: Origin) -> String {
    format!("[data-reveal=\"{}:{}\"] button", field.as_str(), origin.as_str())
}

/// Both places of a field that have a value.
pub fn places(of: &FieldComparison) -> Vec<Place> {
    let claim = of.claim.as_ref().map(|_| (of.field, Origin::Claim));
    let document = of.document.as_ref().map(|_| (of.field, Origin::Document));
    claim.into_iter().chain(document).collect()
}

/// The quiet line of what agrees; opens to the fields.
#[component]
pub fn Agreeing() -> impl IntoView {
    let panel = Panel::here();
    let shell = crate::shell::Shell::here();
    let counts = panel.part(need::agreeing);
    let rest = panel.part(|detail| detail.fields.iter().filter(|f| !need::differs(f)).cloned().collect::<Vec<_>>());
    let line = move || {
        let (agree, all) = counts.get();
        session::AGREE.with(shell.lang.get(), &[("n", &agree.to_string()), ("all", &all.to_string())])
    };
    let rows = move || rest.get().into_iter().map(quiet_row).collect_view();
    view! {
        <Show when=move || !rest.with(Vec::is_empty)>
            <details class="kyc-details">
                <summary class="kyc-details__line" data-item>{text(line)}</summary>
                <ul class="kyc-rows">{dynamic(rows)}</ul>
            </details>
        </Show>
    }
    .into_any()
}

fn quiet_row(of: FieldComparison) -> AnyView {
    let word = match of.agreement {
        Agreement::OnlyClaimed => session::ONLY_CLAIMED,
        Agreement::OnlyOnDocument => session::ONLY_ON_DOCUMENT,
        Agreement::Agrees | Agreement::Differs { .. } => session::AGREES,
    };
    let reveal = of.field.as_str();
    view! {
        <li class="kyc-rows__row" data-item data-reveal=reveal tabindex="-1">
            <p class="kyc-rows__title">
                <span>{t(facts::field(of.field))}</span>
                <span class="kyc-quiet">{t(word)}</span>
            </p>
            <Comparison of />
        </li>
    }
    .into_any()
}
