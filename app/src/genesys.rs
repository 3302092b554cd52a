//! The bridge to the Genesys desktop that frames us. It speaks only to the one origin that both the address names and the
//! server allows, and never about a person.

use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlMetaElement, MessageEvent};

use crate::browser;
use crate::state::host::{self, Hook, Message};
use crate::text::shell::NAME;
use crate::text::{Lang, Say};

/// A host that may be talked to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    origin: String,
}

impl Bridge {
    /// The host, if we are framed and `origin` is one the server allows, in the environment that the address names.
    pub fn find(origin: Option<&str>, environment: Option<&str>) -> Option<Self> {
        let window = window();
        let parent = window.parent().ok().flatten()?;
        let is_framed = !js_sys::Object::is(&parent, &window);
        let origin = origin
            .filter(|origin| is_framed && host::is_of(origin, environment) && host::is_allowed(origin, &allowed()))?;
        Some(Self { origin: origin.to_owned() })
    }

    fn send(&self, message: Message<'_>) {
        let Some(parent) = window().parent().ok().flatten() else { return };
        if let Ok(envelope) = js_sys::JSON::parse(&message.to_json()) {
            let _ = parent.post_message(&envelope, &self.origin);
        }
    }

    /// Tells the host that there is something to see.
    pub fn bootstrapped(&self) {
        self.send(Message::Bootstrapped);
    }

    /// Tells the host that everything is put away.
    pub fn stopped(&self) {
        self.send(Message::Stopped);
    }

    /// Sets the number on our icon.
    pub fn set_attention(&self, count: usize) {
        self.send(Message::Attention(count));
    }

    /// Shows one of our own sentences over the desktop.
    pub fn toast(&self, lang: Lang, message: Say) {
        self.send(Message::Toast { title: NAME.to(lang), message: message.to(lang) });
    }

    /// Asks the host to open a window.
    pub fn open_window(&self, url: &str) {
        self.send(Message::OpenWindow(url));
    }

    /// Puts a text into the draft of the interaction that is open. The desktop takes it only where she has just pressed something.
    pub fn propose(&self, text: &str) {
        self.send(Message::Propose(text));
    }

    /// Shows an interaction in the desktop.
    pub fn show_interaction(&self, conversation: &str, is_hers: bool) {
        self.send(Message::ShowInteraction { conversation, is_hers });
    }

    /// Calls `on_hook` for each hook of the host. Lives as long as the page.
    pub fn listen(&self, on_hook: impl Fn(Hook) + 'static) {
        let origin = self.origin.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(hook) = read(&event, &origin) {
                on_hook(hook);
            }
        });
        let _ = window().add_event_listener_with_callback("message", heard.as_ref().unchecked_ref());
        heard.forget();
    }
}

/// The hook in a message, if it truly comes from the host.
fn read(event: &MessageEvent, origin: &str) -> Option<Hook> {
    let parent = window().parent().ok().flatten()?;
    let source = event.source()?;
    if event.origin() != origin || !js_sys::Object::is(&source, &parent) {
        return None;
    }
    let data = event.data();
    // A plain object and nothing else: neither a text that holds one nor a list that has such properties.
    if !data.is_object() || js_sys::Array::is_array(&data) {
        return None;
    }
    let text = |name| browser::property(&data, name).and_then(|value: JsValue| value.as_string());
    Hook::read(&text("purecloudEventType")?, &text("hook")?)
}

/// The hosts the server allows, written into the page by the server.
fn allowed() -> String {
    let found = document().query_selector(r#"meta[name="kyc-host-origins"]"#).ok().flatten();
    found.and_then(|element| element.dyn_into::<HtmlMetaElement>().ok()).map(|meta| meta.content()).unwrap_or_default()
}
