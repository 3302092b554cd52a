//! An act before it is sent: what will happen, in one sentence; what it wants chosen; and the button that does it. Inline, never a
//! chain of dialogs.

use kyc_wire::session::{Act, CaptureItem};
use leptos::prelude::*;

use crate::browser;
use crate::components::act_bar::PRIMARY;
use crate::components::panel::Panel;
use crate::components::reasons::Reasons;
use crate::held::Derived;
use crate::shell::t;
use crate::state::act;
use crate::state::panel::Sheet;
use crate::text::{acts, facts, shell as words};
use crate::view::{Show, button, dynamic};

/// Id of the button that does it.
pub const CONFIRM: &str = "kyc-confirm";

/// The sheet of the open act, if one is open.
#[component]
pub fn ActSheet() -> impl IntoView {
    let panel = Panel::here();
    let open = Derived::new(move || match panel.sheet.get() {
        Sheet::Act(act) => Some(act),
        _ => None,
    });
    let sheet = move || open.get().map(|act| view! { <Sheet of=act /> });
    dynamic(sheet)
}

#[component]
fn Sheet(
    /// The act.
    of: Act,
) -> impl IntoView {
    let panel = Panel::here();
    let needs_reason = panel.part(move |detail| act::needs_reason(of, detail));
    let is_complete = move || panel.choice.with(|choice| choice.is_complete(of, needs_reason.get()));
    let confirm = move |_| {
        if is_complete() && !panel.is_busy.get_untracked() {
            let choice = panel.choice.get_untracked();
            panel.close();
            panel.on_act.run((of, choice));
            request_animation_frame(|| browser::focus(PRIMARY));
        }
    };
    // After the next paint, so that the elements exist. Where nothing is asked, Enter confirms at once.
    let first = if needs_reason.get_untracked() || of == Act::Recapture { "kyc-sheet" } else { CONFIRM };
    request_animation_frame(move || {
        // She may have picked a reason by its number before that.
        if !browser::has_focus(".kyc-sheet") {
            browser::focus(first);
        }
    });
    let hue = if act::is_grave(of) { "grave" } else { "go" };
    view! {
        <section class="kyc-sheet" aria-labelledby="kyc-sheet">
            <h2 class="kyc-sheet__title" id="kyc-sheet" tabindex="-1">{t(acts::confirm(of))}</h2>
            <p class="kyc-sheet__what" id="kyc-sheet-what">{t(acts::consequence(of))}</p>
            {(of == Act::Recapture).then(|| view! { <Items /> })}
            <Show when=move || needs_reason.get()>
                <ActReasons of />
            </Show>
            <div class="kyc-sheet__buttons">
                {button("kyc-button", words::CANCEL, move || panel.close())}
                <button
                    type="button"
                    id=CONFIRM
                    class="kyc-button kyc-button--primary"
                    data-hue=hue
                    aria-describedby="kyc-sheet-what"
                    aria-disabled=move || (!is_complete()).to_string()
                    on:click=confirm
                >{t(acts::confirm(of))}</button>
            </div>
        </section>
    }
    .into_any()
}

#[component]
fn ActReasons(
    /// The act.
    of: Act,
) -> impl IntoView {
    let panel = Panel::here();
    let pick = Callback::new(move |code: String| {
        panel.choice.update(|choice| choice.reason = Some(code));
        browser::focus(CONFIRM);
    });
    let chosen = Derived::new(move || panel.choice.with(|choice| choice.reason.clone()));
    view! {
        <fieldset class="kyc-picker" id="kyc-picker">
            <legend>{t(acts::WHY)}<span class="kyc-quiet">{t(acts::PICK_HINT)}</span></legend>
            <Reasons options=panel.reasons_for(of) chosen on_pick=pick />
        </fieldset>
    }
    .into_any()
}

#[component]
fn Items() -> impl IntoView {
    let panel = Panel::here();
    let button = move |item: CaptureItem| {
        let pressed = move || panel.choice.with(|choice| choice.item == Some(item)).to_string();
        let pick = move |_| panel.choice.update(|choice| choice.item = Some(item));
        view! { <button type="button" aria-pressed=pressed on:click=pick>{t(facts::capture(item))}</button> }.into_any()
    };
    // What was asked for often enough is not offered.
    let items = move || {
        let enough = panel.detail.with(|detail| detail.as_ref().map(|d| d.asked_enough.clone())).unwrap_or_default();
        let left = CaptureItem::ALL.into_iter().filter(|item| !enough.contains(item));
        left.map(button).collect_view()
    };
    view! {
        <fieldset class="kyc-picker">
            <legend>{t(acts::WHAT)}</legend>
            <div class="kyc-segment kyc-segment--stack">{dynamic(items)}</div>
        </fieldset>
    }
    .into_any()
}
