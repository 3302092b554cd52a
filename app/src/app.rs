//! The root: reads the address, provides the shell, chooses the page, and keeps the clocks, the keys and the host informed.

use kyc_wire::me::Role;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;

use crate::api::Guest;
use crate::browser;
use crate::components::help::Help;
use crate::held::{Derived, State, Stored, effect};
use crate::pages::conversation::ConversationPage;
use crate::pages::ending::EndingLine;
use crate::pages::home::HomePage;
use crate::pages::not_live::NotLive;
use crate::pages::review::ReviewPage;
use crate::pages::session::SessionPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::sign_ins::SignInsPage;
use crate::pages::stuck;
use crate::shell::{Overlay, Shell, User};
use crate::state::broadcast::Broadcast;
use crate::state::host::Hook;
use crate::state::keys::{Key, Keyboard, Press};
use crate::state::launch::{self, Launch};
use crate::state::trouble::Trouble;
use crate::stream::Stream;
use crate::text::{Lang, launch as launch_words, shell as words, sign_ins};
use crate::view::Show;

/// Starts the widget.
pub fn start() {
    std::panic::set_hook(Box::new(|_| show_broken()));
    mount_to_body(App);
}

/// A program that has stopped cannot repair its page, but it can say so. The message of the panic is not shown or logged: it
/// might hold a value.
fn show_broken() {
    let lang = document().document_element().and_then(|root| root.get_attribute("lang"));
    let sentence = words::BROKEN.to(lang.as_deref().and_then(Lang::of_tag).unwrap_or_default());
    let (Some(body), Ok(notice)) = (document().body(), document().create_element("p")) else { return };
    notice.set_class_name("kyc-broken");
    notice.set_text_content(Some(sentence));
    let _ = notice.set_attribute("role", "alert");
    let _ = body.prepend_with_node_1(&notice);
}

#[component]
fn App() -> impl IntoView {
    let location = window().location();
    let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
    let (launch, kept) = launch::read(&path, &search);
    let of_browser = window().navigator().language().and_then(|tag| Lang::of_tag(&tag));
    let lang = kept.lang.as_deref().and_then(Lang::of_tag).or(of_browser).unwrap_or_default();
    let shell = Shell::new(launch, kept, lang);
    provide_context(shell);
    let guest = Guest::of_view();
    let trouble = State::new(None);
    resume(shell, guest, trouble);
    keep_signed_in(shell, guest);
    keep_time(shell);
    keep_address(shell);
    keep_appearance(shell);
    hear_keys(shell);
    greet_host(shell);
    view! {
        <div class="kyc-app">
            <header><NotLive /><EndingLine /></header>
            {move || page(shell, guest, trouble)}
            <Show when=move || shell.overlay.get() == Overlay::Help>
                <Help />
            </Show>
            <p class="kyc-only-heard" role="status" aria-live="polite">{move || shell.spoken.get()}</p>
        </div>
    }
}

/// Which page. Who is there comes first; then what the address asks for.
fn page(shell: Shell, guest: Guest, trouble: State<Option<Trouble>>) -> AnyView {
    let retry = Callback::new(move |()| resume(shell, guest, trouble));
    match shell.user.get() {
        User::Unknown => match trouble.get() {
            Some(of) => stuck::trouble(of, retry),
            None => stuck::loading(),
        },
        User::Guest { has_ended } => view! { <SignInPage has_ended on_done=retry /> }.into_any(),
        User::In(client, me) => match shell.route.get() {
            Launch::Session { id, customer_id } => {
                view! { <SessionPage client me=*me id customer_id is_beside_list=false /> }.into_any()
            }
            Launch::Conversation { id } => view! { <ConversationPage client me=*me conversation_id=id /> }.into_any(),
            Launch::NotInterpolated { names } => stuck::not_interpolated(&names),
            Launch::BadId => stuck::bad_id(),
            Launch::SignIns if me.has(Role::Admin) => view! { <SignInsPage client /> }.into_any(),
            Launch::SignIns => stuck::not_yours(sign_ins::NOT_YOURS),
            Launch::Home if me.reads_sessions() => view! { <HomePage client /> }.into_any(),
            Launch::Home => view! { <SignInsPage client /> }.into_any(),
            Launch::Review if me.has(Role::Supervisor) || me.has(Role::Auditor) => {
                view! { <ReviewPage client me=*me /> }.into_any()
            }
            Launch::Review => stuck::not_yours(launch_words::NOT_YOURS),
        },
    }
}

fn resume(shell: Shell, guest: Guest, trouble: State<Option<Trouble>>) {
    trouble.set(None);
    spawn_local(async move {
        match guest.resume().await {
            Ok((client, me)) => shell.enter(client, me),
            Err(found) if found.is_signed_out() => shell.leave(),
            Err(found) => trouble.set(Some(found)),
        }
    });
}

/// The stream follows the user; siblings hear of sign-in and sign-out.
fn keep_signed_in(shell: Shell, guest: Guest) {
    let stream = StoredValue::new_local(Stream::join(shell, guest));
    let is_in = Derived::new(move || shell.user.with(|user| matches!(user, User::In(..))));
    let mut was = None::<bool>;
    effect(move || {
        let is_in = is_in.get();
        stream.with_value(|stream| {
            stream.follow_user();
            if is_in && was == Some(false) {
                stream.tell(&Broadcast::SignedIn);
            }
        });
        was = Some(is_in);
    });
    shell.set_announce(Callback::new(move |()| stream.with_value(|stream| stream.tell(&Broadcast::SignedIn))));
    shell.set_sign_out(Callback::new(move |()| {
        let User::In(client, _) = shell.user.get_untracked() else { return };
        spawn_local(async move {
            if let Ok(ended) = client.of_view().sign_out().await {
                shell.at_idp.set(ended.at_idp);
                stream.with_value(|stream| stream.tell(&Broadcast::SignedOut));
                shell.leave();
            }
        });
    }));
}

fn keep_time(shell: Shell) {
    // Of ten widgets nine are in the background: their clocks take longer steps until somebody looks at them again.
    browser::every(15, move || shell.tick());
    browser::every(1, move || {
        if !shell.is_blurred.get_untracked() {
            shell.tick();
        }
    });
}

/// Back and forward.
fn keep_address(shell: Shell) {
    browser::hear("popstate", move |_| {
        let location = window().location();
        let (launch, _) =
            launch::read(&location.pathname().unwrap_or_default(), &location.search().unwrap_or_default());
        shell.route.set(launch);
    });
}

fn keep_appearance(shell: Shell) {
    effect(move || {
        let (lang, theme) = (shell.lang.get(), shell.theme.get());
        let Some(root) = document().document_element() else { return };
        let _ = root.set_attribute("lang", lang.tag());
        let _ = root.set_attribute("data-blurred", if shell.is_blurred.get() { "true" } else { "false" });
        let _ = match theme.as_str() {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
        document().set_title(words::NAME.to(lang));
    });
}

fn hear_keys(shell: Shell) {
    let keyboard = Stored::new(Keyboard::default());
    browser::hear("keydown", move |event| {
        let event: web_sys::KeyboardEvent = event.unchecked_into();
        let name = event.key();
        let is_chord = event.ctrl_key() || event.alt_key() || event.meta_key();
        let is_typing = browser::is_typing(browser::focused().as_ref());
        let key = Key { name: &name, is_chord, is_typing, is_repeat: event.repeat() };
        let letters_on = shell.letters_on.get_untracked();
        let press = keyboard.try_update_value(|keyboard| keyboard.press(key, letters_on)).flatten();
        if press.is_some_and(|press| act_on(shell, press)) {
            event.prevent_default();
        }
    });
}

/// Keys that work everywhere; the rest goes to the page.
fn act_on(shell: Shell, press: Press) -> bool {
    let overlay = shell.overlay.get_untracked();
    match press {
        Press::Help => {
            shell.overlay.set(if overlay == Overlay::Help { Overlay::None } else { Overlay::Help });
            request_animation_frame(|| browser::focus("kyc-help-close"));
        }
        Press::Close if overlay != Overlay::None => {
            shell.overlay.set(Overlay::None);
            browser::focus("kyc-menu");
        }
        Press::MySessions => shell.go(Launch::Home),
        _ if overlay == Overlay::Help => return false,
        _ => return shell.press(press),
    }
    true
}

/// Tells the host that we are here as soon as anything is painted, whatever comes of the sign-in.
fn greet_host(shell: Shell) {
    let Some(bridge) = shell.bridge.get_value() else { return };
    let answer = bridge.clone();
    bridge.listen(move |hook| match hook {
        Hook::Bootstrap => answer.bootstrapped(),
        Hook::Focus => {
            shell.is_blurred.set(false);
            shell.tick();
        }
        Hook::Blur => shell.is_blurred.set(true),
        Hook::Stop => {
            shell.is_blurred.set(true);
            answer.stopped();
        }
    });
    request_animation_frame(move || bridge.bootstrapped());
}
