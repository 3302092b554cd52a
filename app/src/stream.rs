//! The event stream. All widgets of one browser partition share one: whoever holds a Web Lock keeps it and passes events on to its
//! siblings, because a browser opens six connections to a host over HTTP/1.1 and an agent may have ten widgets.
//!
//! Events hold ids and versions; nothing here fetches a session.

use core::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{Function, Promise, Reflect};
use kyc_wire::routes;
use kyc_wire::stream::StreamEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BroadcastChannel, EventSource, MessageEvent};

use crate::api::Guest;
use crate::browser;
use crate::read;
use crate::shell::{Shell, User};
use crate::state::broadcast::{Broadcast, CHANNEL, LOCK};
use crate::state::live::{Live, pause_ms};

/// Our end of the stream and of the talk between siblings.
#[derive(Clone)]
pub struct Stream(Rc<Inner>);

struct Inner {
    shell: Shell,
    guest: Guest,
    channel: Option<BroadcastChannel>,
    is_leader: Cell<bool>,
    source: RefCell<Option<EventSource>>,
    tries: Cell<u32>,
}

impl Inner {
    /// Whether the server says that nobody is signed in. Who signs in while it is asked is somebody, whatever it says of before.
    async fn is_nobody_there(&self) -> bool {
        let entries = self.shell.entries.get_value();
        let answer = self.guest.resume().await;
        answer.is_err_and(|trouble| trouble.is_signed_out()) && self.shell.entries.get_value() == entries
    }
}

impl Stream {
    /// Joins the siblings, and stands for holding the stream.
    pub fn join(shell: Shell, guest: Guest) -> Self {
        let channel = BroadcastChannel::new(CHANNEL).ok();
        let inner = Inner {
            shell,
            guest,
            channel,
            is_leader: Cell::new(false),
            source: RefCell::new(None),
            tries: Cell::new(0),
        };
        let stream = Self(Rc::new(inner));
        stream.listen_to_siblings();
        stream.stand_for_leader();
        stream.tell(&Broadcast::Ask);
        stream
    }

    /// Tells the siblings something.
    pub fn tell(&self, message: &Broadcast) {
        if let Some(channel) = &self.0.channel {
            let _ = channel.post_message(&JsValue::from_str(&message.to_text()));
        }
    }

    /// Opens the stream if it is ours to open and somebody is signed in; closes it otherwise.
    pub fn follow_user(&self) {
        let is_in = matches!(self.0.shell.user.get_untracked(), User::In(..));
        let has_source = self.0.source.borrow().is_some();
        if is_in && self.0.is_leader.get() && !has_source {
            self.open();
        } else if is_in && !self.0.is_leader.get() {
            self.tell(&Broadcast::Ask);
        } else if !is_in {
            self.close();
        }
    }

    fn close(&self) {
        if let Some(source) = self.0.source.take() {
            source.close();
        }
    }

    fn listen_to_siblings(&self) {
        let Some(channel) = &self.0.channel else { return };
        let stream = self.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(message) = event.data().as_string().and_then(|text| Broadcast::read(&text)) {
                stream.hear(message);
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        heard.forget();
    }

    fn hear(&self, message: Broadcast) {
        let shell = self.0.shell;
        let is_in = matches!(shell.user.get_untracked(), User::In(..));
        match message {
            Broadcast::SignedIn if !is_in => self.resume(),
            Broadcast::SignedIn => shell.renewed.update(|n| *n += 1),
            Broadcast::SignedOut if is_in => shell.leave(),
            Broadcast::Event { event } if is_in => self.deliver(event),
            Broadcast::Live { is_live } if is_in && !self.0.is_leader.get() => {
                shell.live.set(if is_live { Live::Following } else { Live::Lost });
            }
            Broadcast::Ask if self.0.is_leader.get() => {
                let is_live = shell.live.get_untracked() == Live::Following;
                self.tell(&Broadcast::Live { is_live });
            }
            _ => {}
        }
    }

    fn deliver(&self, event: StreamEvent) {
        let shell = self.0.shell;
        if event == StreamEvent::SignedOut {
            self.verify();
        } else {
            shell.event.update(|(n, last)| (*n, *last) = (*n + 1, Some(event)));
        }
    }

    /// The sign-in of the stream has ended. The cookie may be of a newer one already: then the stream begins anew.
    fn verify(&self) {
        let stream = self.clone();
        spawn_local(async move {
            if stream.0.is_nobody_there().await {
                stream.0.shell.leave();
            } else {
                stream.close();
                stream.follow_user();
            }
        });
    }

    /// Asks the server who is there; a sibling's word is a hint, not a proof.
    fn resume(&self) {
        let (guest, shell) = (self.0.guest, self.0.shell);
        spawn_local(async move {
            if let Ok((client, me)) = guest.resume().await {
                shell.enter(client, me);
            }
        });
    }

    /// Asks for the lock, and keeps it as long as the page lives. Without Web Locks every widget keeps its own stream.
    fn stand_for_leader(&self) {
        let stream = self.clone();
        let elected = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |_| {
            stream.0.is_leader.set(true);
            stream.follow_user();
            // Never kept: the lock is given back when the page goes.
            Promise::new(&mut |_, _| {})
        });
        if request_lock(elected.as_ref().unchecked_ref()).is_none() {
            self.0.is_leader.set(true);
        }
        elected.forget();
    }

    fn open(&self) {
        let Ok(source) = EventSource::new(routes::EVENTS) else { return };
        let stream = self.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(event) = event.data().as_string().and_then(|text| read::read(&text)) {
                stream.arrive(event);
            }
        });
        let stream = self.clone();
        let failed = Closure::<dyn Fn(JsValue)>::new(move |_| stream.fail());
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        source.set_onerror(Some(failed.as_ref().unchecked_ref()));
        heard.forget();
        failed.forget();
        self.0.source.replace(Some(source));
    }

    fn arrive(&self, event: StreamEvent) {
        if event == StreamEvent::Hello {
            self.0.tries.set(0);
            self.0.shell.live.set(Live::Following);
            self.tell(&Broadcast::Live { is_live: true });
        }
        self.tell(&Broadcast::Event { event: event.clone() });
        self.deliver(event);
    }

    /// The stream broke: it is tried again after a pause, unless the reason is that nobody is signed in.
    fn fail(&self) {
        self.close();
        let shell = self.0.shell;
        let n = self.0.tries.replace(self.0.tries.get().saturating_add(1));
        if n > 0 {
            shell.live.set(Live::Lost);
            self.tell(&Broadcast::Live { is_live: false });
        }
        let stream = self.clone();
        spawn_local(async move {
            browser::sleep(pause_ms(n, browser::chance())).await;
            if stream.0.is_nobody_there().await {
                stream.tell(&Broadcast::SignedOut);
                shell.leave();
            } else {
                stream.follow_user();
            }
        });
    }
}

/// `navigator.locks.request(name, callback)`; nothing when the browser has no Web Locks.
fn request_lock(callback: &Function) -> Option<()> {
    let navigator: JsValue = window().navigator().into();
    let locks = browser::property(&navigator, "locks")?;
    let request: Function = Reflect::get(&locks, &JsValue::from_str("request")).ok()?.dyn_into().ok()?;
    request.call2(&locks, &JsValue::from_str(LOCK), callback).ok().map(drop)
}
