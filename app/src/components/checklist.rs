//! The agent's own checks.

use kyc_wire::session::{Act, ChecklistItem, Mark};
use leptos::prelude::*;

use crate::components::fold::Fold;
use crate::components::icon::{Glyph, Icon};
use crate::components::panel::Panel;
use crate::held::{Derived, State};
use crate::shell::{Shell, t};
use crate::state::act;
use crate::text::{Say, session};
use crate::view::{Show, dynamic, said};

/// The block.
#[component]
pub fn Checklist() -> impl IntoView {
    let (panel, lang) = (Panel::here(), Shell::here().lang);
    let lines = panel.part(|detail| detail.checklist.clone());
    let open = panel.part(act::open_checks);
    let can_mark = panel.can(Act::Mark);
    let can_take = panel.can(Act::Take);
    let aside = Derived::new(move || {
        let all = lines.with(Vec::len);
        let done = all - open.get().min(all);
        session::DONE_OF.with(lang.get(), &[("n", &done.to_string()), ("all", &all.to_string())])
    });
    let rows = move || lines.get().into_iter().enumerate().map(|(at, item)| line(at, item, can_mark)).collect_view();
    let title = if panel.is_beside_list { session::CHECKLIST_SEEN } else { session::CHECKLIST };
    view! {
        <Fold id="kyc-checklist" title aside is_open=State::new(true)>
            <Show when=move || !can_mark.get() && can_take.get()>
                {said("kyc-quiet", session::TAKE_FIRST)}
            </Show>
            <ol class="kyc-lines">{dynamic(rows)}</ol>
        </Fold>
    }
    .into_any()
}

fn line(at: usize, item: ChecklistItem, can_mark: Derived<bool>) -> AnyView {
    let lang = Shell::here().lang;
    let ChecklistItem { code, label, mark } = item;
    let state = match mark {
        Mark::Open => "open",
        Mark::Passed => "passed",
        Mark::Failed => "failed",
    };
    view! {
        <li class="kyc-line" data-item data-state=state data-line=code.clone() tabindex="-1" id=format!("kyc-line-{}", at + 1)>
            <kbd class="kyc-key">{(at < 9).then(|| (at + 1).to_string())}</kbd>
            <span class="kyc-line__label">{move || label.pick(lang.get().tag()).to_owned()}</span>
            <span class="kyc-line__marks">
                {toggle(&code, mark, Mark::Passed, can_mark)}
                {toggle(&code, mark, Mark::Failed, can_mark)}
            </span>
        </li>
    }
    .into_any()
}

fn toggle(code: &str, is: Mark, to: Mark, can_mark: Derived<bool>) -> AnyView {
    let panel = Panel::here();
    let (glyph, hue, name): (_, _, Say) = match to {
        Mark::Failed => (Glyph::Cross, "bad", session::MARK_FAILED),
        _ => (Glyph::Check, "good", session::MARK_PASSED),
    };
    let code = code.to_owned();
    let next = if is == to { Mark::Open } else { to };
    view! {
        <button
            type="button"
            class="kyc-mark"
            data-hue=hue
            aria-pressed=(is == to).to_string()
            aria-label=t(name)
            title=t(name)
            disabled=move || !can_mark.get()
            on:click=move |_| panel.on_mark.run((code.clone(), next))
        >
            <Icon of=glyph />
        </button>
    }
    .into_any()
}
