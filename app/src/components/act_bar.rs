//! The bottom bar: one primary action, always at the same place; the rest beside it or in a menu.

use kyc_wire::session::{Act, Status};
use leptos::prelude::*;

use crate::browser;
use crate::components::act_sheet::ActSheet;
use crate::components::icon::{Glyph, Icon};
use crate::components::notice::NoticeLine;
use crate::components::panel::Panel;
use crate::components::start_form::StartForm;
use crate::held::Derived;
use crate::shell::{Shell, t};
use crate::state::act::{self, Primary};
use crate::state::panel::Sheet;
use crate::text::{Say, acts, launch};
use crate::view::{Show, button, dynamic, text};

/// Id of the primary button.
pub const PRIMARY: &str = "kyc-primary";

/// The bar.
#[component]
pub fn ActBar() -> impl IntoView {
    view! {
        <div class="kyc-bar">
            <NoticeLine />
            <ActSheet />
            <Others />
            <Anew />
            <PrimaryButton />
        </div>
    }
    .into_any()
}

/// The start of another session for the same conversation, where this one ended without a judgement. Beside a list nobody is on the line.
#[component]
fn Anew() -> impl IntoView {
    let panel = Panel::here();
    let is_wanted = panel.part(|detail| act::primary(detail, false) == Primary::StartAnew);
    let is_closed = Derived::new(move || !matches!(panel.sheet.get(), Sheet::Act(_)));
    let form = move || {
        let wanted = is_wanted.get() && is_closed.get() && !panel.is_beside_list;
        let of = panel.detail.with_untracked(|detail| {
            let detail = detail.as_ref().filter(|_| wanted)?;
            let conversation = detail.conversation_id.clone().unwrap_or_default();
            Some((conversation, detail.summary.customer_id.clone(), detail.summary.queue.clone()))
        });
        let (conversation, customer, queue) = of?;
        let form = view! {
            <StartForm
                conversation
                customer
                queue
                queues=panel.queues.get_value()
                languages=panel.languages.get_value()
                is_busy=panel.is_busy
                on_start=panel.on_start
                trouble=().into_any()
            />
        };
        let form = view! {
            {button("kyc-button", acts::NEXT_CUSTOMER, move || panel.on_next.run(()))}
            <section class="kyc-anew" aria-labelledby="kyc-anew">
                <h2 id="kyc-anew">{t(launch::ANEW)}</h2>
                {form.into_any()}
            </section>
        };
        Some(form.into_any())
    };
    dynamic(form)
}

/// Does what the primary button does.
pub fn do_primary(panel: Panel) {
    let has_link = panel.link.with_untracked(Option::is_some);
    let primary = panel.detail.with_untracked(|detail| detail.as_ref().map(|detail| act::primary(detail, has_link)));
    let Some(primary) = primary else { return };
    if panel.is_busy.get_untracked() {
        return;
    }
    match primary {
        Primary::Do(act) => panel.start(act),
        Primary::NextCheck { .. } => focus_open_line(panel),
        Primary::NextCustomer if panel.is_beside_list => {}
        Primary::NextCustomer => panel.on_next.run(()),
        // The form is there already.
        Primary::StartAnew => browser::focus(PRIMARY),
        Primary::Wait(_) => {}
    }
}

fn focus_open_line(panel: Panel) {
    let at = panel.detail.with_untracked(|detail| {
        let lines = &detail.as_ref()?.checklist;
        lines.iter().position(|line| line.mark == kyc_wire::session::Mark::Open)
    });
    if let Some(at) = at {
        browser::focus(&format!("kyc-line-{}", at + 1));
    }
}

#[component]
fn PrimaryButton() -> impl IntoView {
    let (panel, lang) = (Panel::here(), Shell::here().lang);
    let primary = panel.part(move |detail| Some(act::primary(detail, panel.link.with(Option::is_some))));
    let is_new = panel.part(|detail| detail.summary.status == Status::Created);
    let label = move || {
        let lang = lang.get();
        match primary.get() {
            None | Some(Primary::StartAnew) => String::new(),
            Some(_) if panel.is_busy.get() => acts::SENDING.to(lang).to_owned(),
            Some(Primary::Do(Act::Recapture)) => acts::confirm(Act::Recapture).to(lang).to_owned(),
            Some(Primary::Do(Act::SendLink)) if is_new.get() => acts::GET_LINK.to(lang).to_owned(),
            Some(Primary::Do(Act::SendLink)) => acts::GET_LINK_CHECK.to(lang).to_owned(),
            Some(Primary::Do(act)) => acts::label(act).to(lang).to_owned(),
            Some(Primary::NextCheck { left }) => acts::NEXT_CHECK.of(lang, left),
            Some(Primary::NextCustomer) => acts::NEXT_CUSTOMER.to(lang).to_owned(),
            Some(Primary::Wait(wait)) => acts::wait(wait).to(lang).to_owned(),
        }
    };
    let hue = move || match primary.get() {
        Some(Primary::Do(act)) if act::is_grave(act) => "grave",
        Some(Primary::Wait(_)) | None => "wait",
        _ => "go",
    };
    let is_off = move || panel.is_busy.get() || hue() == "wait";
    // Beside a list, the next one is chosen there.
    let is_there = move || {
        let is_elsewhere = match primary.get() {
            Some(Primary::NextCustomer) => panel.is_beside_list,
            other => other == Some(Primary::StartAnew),
        };
        !is_elsewhere && !matches!(panel.sheet.get(), Sheet::Act(_))
    };
    view! {
        <Show when=is_there>
            <button
                type="button"
                id=PRIMARY
                class="kyc-button kyc-button--primary"
                data-hue=hue
                aria-disabled=move || is_off().to_string()
                on:click=move |_| if !is_off() { do_primary(panel) }
            >{text(label)}</button>
        </Show>
    }
    .into_any()
}

#[component]
fn Others() -> impl IntoView {
    let panel = Panel::here();
    let more = panel.part(move |detail| act::more(detail, panel.link.with(Option::is_some)));
    let is_closed = move || !matches!(panel.sheet.get(), Sheet::Act(_));
    let (can_ask, can_escalate) = (panel.can(Act::Recapture), panel.can(Act::Escalate));
    let has_any = move || can_ask.get() || can_escalate.get() || !more.with(Vec::is_empty);
    view! {
        <Show when=move || is_closed() && has_any()>
            <div class="kyc-bar__others">
                {side(Act::Recapture, Glyph::Camera, acts::label(Act::Recapture))}
                {side(Act::Escalate, Glyph::Flag, acts::label(Act::Escalate))}
                <Show when=move || !more.with(Vec::is_empty)>
                    <MoreButton more />
                </Show>
            </div>
        </Show>
    }
    .into_any()
}

fn side(act: Act, of: Glyph, label: Say) -> AnyView {
    let panel = Panel::here();
    let can = panel.can(act);
    view! {
        <Show when=move || can.get()>
            <button type="button" class="kyc-button" on:click=move |_| panel.start(act)>
                <Icon of />
                <span>{t(label)}</span>
            </button>
        </Show>
    }
    .into_any()
}

#[component]
fn MoreButton(
    /// The acts.
    more: Derived<Vec<Act>>,
) -> impl IntoView {
    let panel = Panel::here();
    let is_open = move || panel.sheet.get() == Sheet::More;
    let entries = move || {
        let entry = |act: Act| {
            let grave = if act::is_grave(act) { "grave" } else { "calm" };
            view! {
                <button type="button" class="kyc-menu__entry" data-hue=grave on:click=move |_| panel.start(act)>
                    {t(acts::label(act))}
                </button>
            }
            .into_any()
        };
        more.get().into_iter().map(entry).collect_view()
    };
    view! {
        <div class="kyc-menu kyc-menu--up">
            <button
                type="button"
                class="kyc-button"
                aria-expanded=move || is_open().to_string()
                on:click=move |_| panel.toggle(Sheet::More)
            >
                <span>{t(acts::MORE)}</span>
                <Icon of=Glyph::Chevron />
            </button>
            <Show when=is_open>
                <div class="kyc-menu__list">{dynamic(entries)}</div>
            </Show>
        </div>
    }
    .into_any()
}
