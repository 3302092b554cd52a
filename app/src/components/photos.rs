//! Photos of the case, uploaded or from the provider: side by side, enlarged and turned together, with the name of whoever looks across them, for a while.

use kyc_wire::photo::Photo;
use kyc_wire::session::{Act, CustomerLink, Upload};
use leptos::prelude::*;

use crate::browser;
use crate::components::panel::Panel;
use crate::components::reasons::Reasons;
use crate::held::{Derived, effect};
use crate::shell::{Shell, t};
use crate::state::panel::{Done, Notice, Sheet};
use crate::state::viewer::Move;
use crate::text::{photos, session, shell as words, span};
use crate::view::{Show, button, dynamic, said, text};

/// What the tools do, in their order.
const TOOLS: [Move; 4] = [Move::Out, Move::In, Move::Fit, Move::Turn];
/// Where the focus goes once there is a link.
pub const LINK: &str = "kyc-link";
/// Where the focus goes once the photos are put away.
pub const OPEN: &str = "kyc-photos-open";

/// What there is, and the photos while they are shown.
#[component]
pub fn Photos() -> impl IntoView {
    let (lang, panel) = (Shell::here().lang, Panel::here());
    let all = panel.part(|detail| detail.uploads.iter().map(Upload::photo).collect::<Vec<_>>());
    let can_look = panel.can(Act::Reveal);
    let is_shown = Derived::new(move || panel.viewer.with(|viewer| !viewer.photos.is_empty()));
    let is_coming = move || panel.viewer.with(|viewer| viewer.is_coming);
    let names = move || {
        let lang = lang.get();
        if is_coming() {
            return words::LOADING.to(lang).to_owned();
        }
        all.get().into_iter().map(|photo| photos::photo(photo).to(lang)).collect::<Vec<_>>().join(" · ")
    };
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <section class="kyc-photos" aria-labelledby="kyc-photos">
                <h2 id="kyc-photos">{t(photos::TITLE)}</h2>
                <p class="kyc-quiet">{text(names)}</p>
                <Show when=move || can_look.get() && !is_shown.get() && !is_coming()>
                    <button
                        type="button"
                        id=OPEN
                        class="kyc-button"
                        data-item
                        aria-expanded=move || (panel.sheet.get() == Sheet::Photos).to_string()
                        on:click=move |_| panel.toggle(Sheet::Photos)
                    >{t(photos::LOOK)}</button>
                    <Why />
                </Show>
                <Show when=move || is_shown.get()><Frame /></Show>
            </section>
        </Show>
    }
    .into_any()
}

/// The reasons for looking.
#[component]
fn Why() -> impl IntoView {
    let panel = Panel::here();
    let pick = Callback::new(move |reason: String| {
        panel.close();
        panel.on_photos.run(reason);
    });
    view! {
        <Show when=move || panel.sheet.get() == Sheet::Photos>
            <div class="kyc-picker" id="kyc-picker" role="group" aria-label=t(session::REVEAL_WHY)>
                {said("kyc-picker__why", session::REVEAL_WHY)}
                <Reasons options=panel.reasons_for(Act::Reveal) chosen=Derived::new(|| None::<String>) on_pick=pick />
            </div>
        </Show>
    }
    .into_any()
}

/// The photos with their tools.
#[component]
fn Frame() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let left = move || {
        let seconds = panel.viewer.with(|viewer| viewer.until.seconds_since(shell.now.get())).max(0);
        let lang = shell.lang.get();
        photos::LEFT.with(lang, &[("time", &span(lang, seconds))])
    };
    let look = move |to| {
        panel.look(to);
    };
    let tools = TOOLS.map(|to| button("kyc-button", photos::button(to), move || look(to)));
    let all = Derived::new(move || panel.viewer.with(|viewer| viewer.photos.clone()));
    let figures = move || all.get().into_iter().map(|(photo, url)| figure(photo, url)).collect_view();
    view! {
        <div class="kyc-photos__tools">
            {tools.collect_view()}
            {button("kyc-button", photos::HIDE, move || panel.put_photos_away())}
            <span class="kyc-quiet">{text(left)}</span>
        </div>
        <div class="kyc-photos__frames">{dynamic(figures)}</div>
    }
    .into_any()
}

fn figure(photo: Photo, url: String) -> AnyView {
    let panel = Panel::here();
    let transform = move || panel.viewer.with(|viewer| viewer.look.transform());
    let mark = format!("kyc-mark-{}", photo.as_str());
    let fill = format!("url(#{mark})");
    let who = panel.who.with_value(Clone::clone);
    view! {
        <figure class="kyc-photo">
            <svg viewBox="0 0 100 100" role="img" aria-label=t(photos::photo(photo))>
                <defs>
                    <pattern id=mark width="50" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(-24)">
                        <text class="kyc-photo__mark" x="0" y="8">{who}</text>
                    </pattern>
                </defs>
                <g transform=transform><image href=url width="100" height="100" /></g>
                <rect width="100" height="100" fill=fill />
            </svg>
            <figcaption>{t(photos::photo(photo))}</figcaption>
        </figure>
    }
    .into_any()
}

/// The link that was issued last, to be sent in the chat or copied; forgotten once she cannot issue one any more, because it may be dead.
#[component]
pub fn IssuedLink() -> impl IntoView {
    let (shell, panel) = (Shell::here(), Panel::here());
    let has_chat = panel.part(|detail| detail.conversation_id.is_some());
    let can_send = panel.can(Act::SendLink);
    effect(move || {
        if !can_send.get() && panel.link.with_untracked(Option::is_some) {
            panel.link.set(None);
        }
    });
    let field = move || {
        let CustomerLink { url, message, .. } = panel.link.get()?;
        let into_chat = (shell.has_desktop() && has_chat.get()).then(|| {
            let propose = move || {
                shell.propose(&message);
                panel.notice.set(Some(Notice::Done(Done::InChat)));
                shell.say(photos::IN_CHAT);
            };
            button("kyc-button", photos::INTO_CHAT, propose)
        });
        let link = view! {
            <div class="kyc-photos">
                <label for=LINK>{t(photos::LINK)}</label>
                <input id=LINK type="text" readonly value=url on:focus=move |_| browser::select(LINK) />
                {into_chat}
                {said("kyc-quiet", photos::LINK_HINT)}
                {button("kyc-button", photos::NEW_LINK, move || panel.on_new_link.run(()))}
            </div>
        };
        Some(link.into_any())
    };
    dynamic(field)
}
