//! What the customer is asked for now, in the words that she reads: to be said, put into the chat, or taken back.

use kyc_wire::session::{Act, Asked, AskedItem};
use leptos::prelude::*;

use crate::components::panel::Panel;
use crate::held::effect;
use crate::shell::{Shell, t};
use crate::state::panel::{Done, Notice};
use crate::text::{acts, asked, facts};
use crate::view::{Show, button, dynamic, text};

/// What stands on her page.
#[component]
pub fn AskedFor() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let asked = panel.part(|detail| detail.asked.clone());
    let part = move || asked.get().map(block);
    let there = panel.part(|detail| {
        detail.asked.as_ref().map_or(0, |asked| asked.items.iter().filter(|item| item.is_there).count())
    });
    let mut before = there.get_untracked();
    effect(move || {
        // Said aloud: she looks at the customer meanwhile.
        if there.get() > before {
            shell.say(asked::ARRIVED);
        }
        before = there.get_untracked();
    });
    dynamic(part)
}

fn block(of: Asked) -> AnyView {
    let title = if of.items.is_empty() { asked::PICTURE } else { asked::AGAIN };
    let items = of.items.into_iter().map(item).collect_view();
    view! {
        <section class="kyc-photos" aria-labelledby="kyc-asked">
            <h2 id="kyc-asked">{t(title)}</h2>
            {items}
            <p class="kyc-quiet">{of.message.clone()}</p>
            <div class="kyc-photos__tools">
                {into_chat(of.message)}
                {offered(Act::SendLink)}
                {offered(Act::Withdraw)}
            </div>
        </section>
    }
    .into_any()
}

/// An item, why, and whether it has come.
fn item(of: AskedItem) -> AnyView {
    let (lang, panel) = (Shell::here().lang, Panel::here());
    let line = move || {
        let lang = lang.get();
        let reasons = panel.reasons_for(Act::Recapture);
        let reason = reasons.iter().find(|reason| reason.code == of.reason);
        let reason = reason.map_or_else(|| of.reason.clone(), |reason| reason.label.pick(lang.tag()).to_owned());
        let stands = if of.is_there { asked::THERE } else { asked::OPEN };
        [facts::capture(of.item).to(lang), &reason, stands.to(lang)].join(" · ")
    };
    view! { <p>{text(line)}</p> }.into_any()
}

fn into_chat(message: String) -> Option<AnyView> {
    let (shell, panel) = (Shell::here(), Panel::here());
    let has_chat = panel.detail.with_untracked(|detail| detail.as_ref().is_some_and(|d| d.conversation_id.is_some()));
    let propose = move || {
        shell.propose(&message);
        panel.notice.set(Some(Notice::Done(Done::Asked)));
        shell.say(asked::IN_CHAT);
    };
    (shell.has_desktop() && has_chat).then(|| button("kyc-button", asked::INTO_CHAT, propose))
}

/// An act as a button, while it is offered.
fn offered(act: Act) -> AnyView {
    let panel = Panel::here();
    let can = panel.can(act);
    view! {
        <Show when=move || can.get()>{button("kyc-button", acts::label(act), move || panel.start(act))}</Show>
    }
    .into_any()
}
