//! What every page shares: who is signed in, language, appearance, the server's clock, and whether we are live. Handed down as
//! a context; memory only.

use core::ops::Deref;

use kyc_wire::ids::Micros;
use kyc_wire::me::{Me, Txn};
use kyc_wire::stream::StreamEvent;
use leptos::prelude::*;

use crate::api::SignedIn;
use crate::browser;
use crate::genesys::Bridge;
use crate::held::{State, Stored};
use crate::state::clock::ServerClock;
use crate::state::keys::Press;
use crate::state::launch::{Kept, Launch};
use crate::state::live::Live;
use crate::state::panel::Drafts;
use crate::text::{Lang, Say};

/// Who is there.
#[derive(Clone)]
pub enum User {
    /// Not asked yet.
    Unknown,
    /// Nobody; `has_ended` when somebody was.
    Guest {
        /// Whether a sign-in has just ended.
        has_ended: bool,
    },
    /// Somebody, and the client that may act for her.
    In(SignedIn, Box<Me>),
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device is set.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The value of `data-theme`; none leaves it to the device.
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The context: one per page load, and as long-lived as the page.
#[derive(Clone, Copy)]
pub struct Shell(&'static Shared);

impl Deref for Shell {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        self.0
    }
}

/// What is shared.
pub struct Shared {
    /// Who is there.
    pub user: State<User>,
    /// What the address asks for.
    pub route: State<Launch>,
    /// What stays in every address.
    pub kept: Stored<Kept>,
    /// The language.
    pub lang: State<Lang>,
    /// Light or dark.
    pub theme: State<Theme>,
    /// Whether single letters do something.
    pub letters_on: State<bool>,
    /// Whether we follow the server.
    pub live: State<Live>,
    /// The last event of the stream, with a number that tells equal events apart.
    pub event: State<(u64, Option<StreamEvent>)>,
    /// The server's clock.
    pub clock: State<ServerClock>,
    /// The server's time, once a second.
    pub now: State<Micros>,
    /// What a screen reader says next.
    pub spoken: State<String>,
    /// What was typed and not sent.
    pub drafts: State<Drafts>,
    /// The host, if there is one we may talk to.
    pub bridge: Stored<Option<Bridge>>,
    /// Whether the host has sent us to the background.
    pub is_blurred: State<bool>,
    /// What is open over the page.
    pub overlay: State<Overlay>,
    /// Who wants to hear keys; the last one first.
    handlers: Stored<Vec<(u32, Callback<Press, bool>)>>,
    /// Ends the sign-in; set by the root.
    sign_out: Stored<Option<Callback<()>>>,
    /// Tells the siblings that somebody signed in; set by the root.
    announce: Stored<Option<Callback<()>>>,
    /// How often a sibling has said so while somebody was signed in: when it ends may have changed.
    pub renewed: State<u32>,
    /// With this she who has just signed out here may do so at her identity provider too, once.
    pub at_idp: State<Option<Txn>>,
    /// How often somebody has entered: an answer to what was asked before the last time says nothing about her.
    pub entries: Stored<u32>,
}

/// What is open over any page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// The menu.
    Menu,
    /// The list of keys.
    Help,
}

impl Shell {
    /// A shell for what the address asks for.
    pub fn new(launch: Launch, kept: Kept, lang: Lang) -> Self {
        let bridge = Bridge::find(kept.host_origin.as_deref(), kept.target_env.as_deref());
        let shared = Shared {
            user: State::new(User::Unknown),
            route: State::new(launch),
            kept: Stored::new(kept),
            lang: State::new(lang),
            theme: State::new(Theme::Auto),
            letters_on: State::new(true),
            live: State::new(Live::Connecting),
            event: State::new((0, None)),
            clock: State::new(ServerClock::default()),
            now: State::new(Micros(0)),
            spoken: State::new(String::new()),
            drafts: State::new(Drafts::default()),
            bridge: Stored::new(bridge),
            is_blurred: State::new(false),
            overlay: State::new(Overlay::None),
            handlers: Stored::new(Vec::new()),
            sign_out: Stored::new(None),
            announce: Stored::new(None),
            renewed: State::new(0),
            at_idp: State::new(None),
            entries: Stored::new(0),
        };
        Self(Box::leak(Box::new(shared)))
    }

    /// Hears keys as long as the current view lives. `handler` says whether it did something.
    pub fn hear_keys(self, handler: impl Fn(Press) -> bool + Send + Sync + 'static) {
        let number = self.handlers.with_value(|all| all.iter().map(|(n, _)| n + 1).max().unwrap_or(0));
        self.handlers.update_value(|all| all.push((number, Callback::new(handler))));
        on_cleanup(move || {
            self.handlers.try_update_value(|all| all.retain(|(n, _)| *n != number));
        });
    }

    /// Says how a sign-in is ended.
    pub fn set_sign_out(self, sign_out: Callback<()>) {
        self.sign_out.set_value(Some(sign_out));
    }

    /// Ends the sign-in.
    pub fn on_sign_out(self) {
        if let Some(sign_out) = self.sign_out.get_value() {
            sign_out.run(());
        }
    }

    /// Says how the siblings hear of a sign-in.
    pub fn set_announce(self, announce: Callback<()>) {
        self.announce.set_value(Some(announce));
    }

    /// The cookie has changed while somebody is signed in: the siblings hear of it.
    pub fn announce_sign_in(self) {
        if let Some(announce) = self.announce.get_value() {
            announce.run(());
        }
    }

    /// Offers a key to whoever hears keys; whether somebody took it.
    pub fn press(self, press: Press) -> bool {
        let handlers: Vec<_> = self.handlers.with_value(|all| all.iter().rev().map(|(_, handler)| *handler).collect());
        handlers.into_iter().any(|handler| handler.run(press))
    }

    /// The shell of the current view.
    pub fn here() -> Self {
        use_context().expect("the root provides the shell before any view exists")
    }

    /// Takes the server's word for the time.
    pub fn set_clock(self, now: Micros) {
        self.clock.set(ServerClock::set(now, browser::monotonic_ms()));
        self.tick();
    }

    /// Moves the visible clocks on.
    pub fn tick(self) {
        self.now.set(self.clock.get_untracked().at(browser::monotonic_ms()));
    }

    /// Says a sentence to a screen reader.
    pub fn say(self, sentence: Say) {
        self.spoken.set(sentence.to(self.lang.get_untracked()).to_owned());
    }

    /// Somebody is signed in.
    pub fn enter(self, client: SignedIn, me: Me) {
        self.set_clock(me.now);
        self.drafts.update(|drafts| drafts.belong_to(me.person.id));
        self.at_idp.set(None);
        self.entries.update_value(|entries| *entries += 1);
        self.user.set(User::In(client, Box::new(me)));
    }

    /// Nobody is signed in any more. What was typed stays in memory.
    pub fn leave(self) {
        // The answer to a sign-out and the stream's word of it come in any order, and the later one must not begin the sign-in page anew: she
        // may be signing in on it.
        let has_ended = self.user.with_untracked(|user| match user {
            User::Unknown => Some(false),
            User::In(..) => Some(true),
            User::Guest { .. } => None,
        });
        let Some(has_ended) = has_ended else { return };
        self.user.set(User::Guest { has_ended });
        self.live.set(Live::Connecting);
    }

    /// Goes to another page of ours, keeping host and language in the address.
    pub fn go(self, to: Launch) {
        let path = path_of(&to);
        let address = self.kept.with_value(|kept| kept.address(&path));
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
        self.route.set(to);
    }

    /// Writes the address of what is open, without a new entry in the history: ids given at launch leave the address.
    pub fn settle(self, on: &Launch) {
        let address = self.kept.with_value(|kept| kept.address(&path_of(on)));
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&address));
        }
    }

    /// The absolute address of a page of ours, for a tab of its own.
    pub fn absolute(self, to: &Launch) -> String {
        let lang = self.kept.with_value(|kept| kept.lang.clone());
        let kept = Kept { lang, ..Kept::default() };
        format!("{}{}", browser::origin(), kept.address(&path_of(to)))
    }

    /// Opens an address outside: through the host where there is one, because its sandbox would weigh on a window of ours.
    pub fn open_outside(self, url: &str) {
        self.bridge.with_value(|bridge| match bridge {
            Some(bridge) => bridge.open_window(url),
            None => browser::open_tab(url),
        });
    }
}

impl Shell {
    /// Whether there is a desktop that can show an interaction.
    pub fn has_desktop(self) -> bool {
        self.bridge.with_value(Option::is_some)
    }

    /// Puts a text into the draft of the interaction that is open in the desktop.
    pub fn propose(self, text: &str) {
        self.bridge.with_value(|bridge| {
            if let Some(bridge) = bridge {
                bridge.propose(text);
            }
        });
    }

    /// Shows an interaction in the desktop.
    pub fn show_interaction(self, conversation: &str, is_hers: bool) {
        self.bridge.with_value(|bridge| {
            if let Some(bridge) = bridge {
                bridge.show_interaction(conversation, is_hers);
            }
        });
    }
}

fn path_of(page: &Launch) -> String {
    use kyc_wire::routes;
    match page {
        Launch::Session { id, .. } => routes::of_session(routes::SESSION_PAGE, *id),
        Launch::Review => routes::REVIEW_PAGE.to_owned(),
        Launch::SignIns => routes::SIGN_INS_PAGE.to_owned(),
        _ => routes::HOME.to_owned(),
    }
}

/// A sentence that follows the language. One closure type for all of them keeps the program small.
pub fn t(sentence: Say) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    let lang = Shell::here().lang;
    move || sentence.to(lang.get())
}
