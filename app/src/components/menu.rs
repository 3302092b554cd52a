//! The menu: other pages, keys, language, appearance, the end of the sign-in.

use kyc_wire::me::{Me, Role};
use kyc_wire::routes;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::browser;
use crate::components::icon::{Glyph, Icon};
use crate::held::Derived;
use crate::shell::{Overlay, Shell, Theme, User, t};
use crate::state::launch::Launch;
use crate::text::{Lang, Say, session, shell as words, sign_ins};
use crate::view::{Show, dynamic, text};

/// The menu's button, and the menu while it is open.
#[component]
pub fn Menu(
    /// Name of the provider and the link to the session in its console.
    #[prop(into, optional)]
    console: Option<Derived<Option<(String, String)>>>,
    /// The conversation in the desktop, and whether she is on it.
    #[prop(into, optional)]
    interaction: Option<Derived<Option<(String, bool)>>>,
) -> impl IntoView {
    let shell = Shell::here();
    let is_open = move || shell.overlay.get() == Overlay::Menu;
    let toggle = move |_| {
        shell.overlay.update(|open| *open = if *open == Overlay::Menu { Overlay::None } else { Overlay::Menu });
    };
    let leave = move |event: web_sys::FocusEvent| {
        let into: Option<web_sys::Node> = event.related_target().and_then(|target| target.dyn_into().ok());
        let menu: Option<web_sys::Node> = event.current_target().and_then(|target| target.dyn_into().ok());
        if into.is_some() && !menu.is_some_and(|menu| menu.contains(into.as_ref())) && is_open() {
            shell.overlay.set(Overlay::None);
        }
    };
    view! {
        <div class="kyc-menu" on:focusout=leave>
            <button
                type="button"
                id="kyc-menu"
                class="kyc-icon-button"
                aria-label=t(words::MENU)
                aria-expanded=move || is_open().to_string()
                aria-controls="kyc-menu-list"
                on:click=toggle
            >
                <Icon of=Glyph::Dots />
            </button>
            <Show when=is_open>
                <div class="kyc-menu__list" id="kyc-menu-list">
                    <Places console interaction />
                    <Settings />
                    <Leaving />
                </div>
            </Show>
        </div>
    }
    .into_any()
}

/// Closes the menu and does something.
fn entry(label: AnyView, glyph: Option<Glyph>, act: Box<dyn Fn()>) -> AnyView {
    let shell = Shell::here();
    let run = move |_| {
        shell.overlay.set(Overlay::None);
        act();
    };
    view! {
        <button type="button" class="kyc-menu__entry" on:click=run>
            <span>{label}</span>
            {glyph.map(|of| view! { <Icon of /> })}
        </button>
    }
    .into_any()
}

#[component]
fn Places(
    /// Name of the provider and the link to its console.
    console: Option<Derived<Option<(String, String)>>>,
    /// The conversation in the desktop, and whether she is on it.
    interaction: Option<Derived<Option<(String, bool)>>>,
) -> impl IntoView {
    let shell = Shell::here();
    let consoles = move || {
        console.and_then(Derived::get).map(|(name, url)| {
            let label = move || session::CONSOLE.with(shell.lang.get(), &[("provider", &name)]);
            entry(text(label), Some(Glyph::Out), Box::new(move || shell.open_outside(&url)))
        })
    };
    let me_is = move |is: fn(&Me) -> bool| matches!(shell.user.get(), User::In(_, me) if is(&me));
    let own = move || entry(t(words::MY_SESSIONS).into_any(), None, Box::new(move || shell.go(Launch::Home)));
    let sign_ins = move || entry(t(sign_ins::TITLE).into_any(), None, Box::new(move || shell.go(Launch::SignIns)));
    let interactions = move || {
        interaction.filter(|_| shell.has_desktop()).and_then(Derived::get).map(|(conversation, is_hers)| {
            let show = move || shell.show_interaction(&conversation, is_hers);
            entry(t(words::SHOW_INTERACTION).into_any(), Some(Glyph::Out), Box::new(show))
        })
    };
    let review = move || entry(t(words::REVIEW).into_any(), None, Box::new(move || shell.go(Launch::Review)));
    let exports = move || {
        let export =
            |format: &'static str, label: Say| entry(t(label).into_any(), None, Box::new(move || take(shell, format)));
        [export("jsonl", words::AUDIT_JSONL), export("csv", words::AUDIT_CSV)].collect_view()
    };
    let pop_out = move || shell.open_outside(&shell.absolute(&shell.route.get_untracked()));
    view! {
        <div class="kyc-menu__group">
            {dynamic(move || me_is(Me::reads_sessions).then(own))}
            {dynamic(move || me_is(|me| me.has(Role::Supervisor) || me.has(Role::Auditor)).then(review))}
            {dynamic(move || me_is(|me| me.has(Role::Auditor)).then(exports))}
            {dynamic(move || me_is(|me| me.has(Role::Admin)).then(sign_ins))}
            {entry(t(words::POP_OUT).into_any(), Some(Glyph::Out), Box::new(pop_out))}
            {dynamic(interactions)}
            {dynamic(consoles)}
        </div>
    }
    .into_any()
}

/// Takes the audit log with her, if she still may: a page that is left for a refusal tells nobody anything.
fn take(shell: Shell, format: &str) {
    let User::In(client, _) = shell.user.get_untracked() else { return };
    let address = format!("{}?format={format}", routes::AUDIT);
    spawn_local(async move {
        match client.me().await {
            Err(trouble) if trouble.is_signed_out() => shell.leave(),
            _ => browser::download(&address),
        }
    });
}

#[component]
fn Settings() -> impl IntoView {
    let shell = Shell::here();
    let languages = Lang::ALL.map(|(lang, name)| {
        let pressed = move || (shell.lang.get() == lang).to_string();
        view! {
            <button type="button" lang=lang.tag() aria-pressed=pressed on:click=move |_| shell.lang.set(lang)>{name}</button>
        }
        .into_any()
    });
    let themes =
        [(Theme::Auto, words::THEME_AUTO), (Theme::Light, words::THEME_LIGHT), (Theme::Dark, words::THEME_DARK)];
    let themes = themes.map(|(theme, name)| {
        let pressed = move || (shell.theme.get() == theme).to_string();
        view! { <button type="button" aria-pressed=pressed on:click=move |_| shell.theme.set(theme)>{t(name)}</button> }
            .into_any()
    });
    let letters = move |_| shell.letters_on.update(|on| *on = !*on);
    view! {
        <div class="kyc-menu__group">
            <button type="button" class="kyc-menu__entry" on:click=move |_| shell.overlay.set(Overlay::Help)>
                <span>{t(words::KEYS)}</span>
                <kbd class="kyc-key">"?"</kbd>
            </button>
            <button
                type="button"
                class="kyc-menu__entry"
                role="switch"
                aria-checked=move || shell.letters_on.get().to_string()
                on:click=letters
            >
                <span>{t(words::LETTERS)}</span>
                <span class="kyc-switch" aria-hidden="true"></span>
            </button>
            <div class="kyc-segment" role="group" aria-label=t(words::LANGUAGE)>{languages.collect_view()}</div>
            <div class="kyc-segment" role="group" aria-label=t(words::THEME)>{themes.collect_view()}</div>
        </div>
    }
    .into_any()
}

#[component]
fn Leaving() -> impl IntoView {
    let shell = Shell::here();
    let who = move || match shell.user.get() {
        User::In(_, me) => Some(words::SIGNED_IN_AS.with(shell.lang.get(), &[("name", &me.person.name)])),
        _ => None,
    };
    view! {
        <div class="kyc-menu__group">
            <p class="kyc-menu__who">{dynamic(who)}</p>
            {entry(t(words::SIGN_OUT).into_any(), None, Box::new(move || shell.on_sign_out()))}
        </div>
    }
    .into_any()
}
