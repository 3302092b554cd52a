//! The sign-in, as seen from the frame: a window of our own is opened in the click, gets a one-time ticket by a message that only
//! our own origin can read, and the finished sign-in is redeemed from the server with a secret that never leaves this page's
//! memory. Nothing secret ever comes back from the window.

use core::cell::Cell;
use std::rc::Rc;

use js_sys::{Reflect, Uint8Array};
use kyc_wire::me::{NewStepUp, NewTxn, Redeem, Txn, TxnState};
use kyc_wire::problem::ProblemCode;
use kyc_wire::routes;
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageEvent, Window};

use crate::api::{Guest, SignedIn};
use crate::browser;
use crate::state::sign_in::{LIMIT_MS, Sign, SignIn, Signs, pause_ms};
use crate::state::trouble::Trouble;

/// Opens the sign-in window. Must be called in the click itself, before anything is awaited: a popup blocker allows it then.
pub fn open_window() -> Result<Window, SignIn> {
    let opened = window().open_with_url_and_target_and_features(routes::POPUP, "_blank", "popup,width=520,height=680");
    let nothing = || if browser::has_opened_unseen() { SignIn::OutOfReach } else { SignIn::PopupBlocked };
    opened.ok().flatten().ok_or_else(nothing)
}

/// What the window is opened for.
pub enum Errand {
    /// To sign in.
    SignIn {
        /// By whom, if one was chosen.
        idp: Option<String>,
    },
    /// To prove anew who one is, for an act; the challenge is put in here.
    Proof(SignedIn, NewStepUp),
}

/// Carries one sign-in through, by the window if there is one that can be reached, else by a code. `on_change` hears how it stands; the end is `Ok` when the cookie has been set.
pub async fn sign_in(
    guest: Guest,
    window: Option<Window>,
    errand: Errand,
    on_change: impl Fn(SignIn),
) -> Result<(), SignIn> {
    on_change(SignIn::Waiting(Sign::None));
    let verifier = base64url(&browser::random::<32>());
    let challenge = challenge(&verifier).await.ok_or(SignIn::Failed(Trouble::NoAnswer))?;
    // The window may be ready before the ticket is, so its message is awaited from the start.
    let door = window.map(Door::open);
    let opened = match errand {
        Errand::SignIn { idp } => guest.open_txn(&NewTxn { challenge, idp, by_code: door.is_none() }).await,
        Errand::Proof(client, wanted) => client.open_step_up(&NewStepUp { challenge, ..wanted }).await,
    };
    let result = match opened {
        Ok(txn) => {
            match (&door, &txn.code) {
                (Some(door), _) => door.give(&txn),
                (None, Some(code)) => on_change(SignIn::ByCode(code.clone())),
                (None, None) => return Err(SignIn::OutOfReach),
            }
            wait(guest, &txn, verifier, door.as_ref(), on_change).await
        }
        Err(trouble) => Err(SignIn::Failed(trouble)),
    };
    if let (Err(_), Some(door)) = (&result, &door) {
        let _ = door.state.popup.close();
    }
    result
}

/// Hands the window what it needs to sign out at the identity provider. What comes of it is said there: nothing here depends on it.
pub async fn sign_out(popup: Window, txn: Txn) {
    let door = Door::open(popup);
    door.give(&txn);
    // Heard until the window has had time to load; what it is told, it is told once.
    browser::sleep(LIMIT_MS).await;
}

async fn wait(
    guest: Guest,
    txn: &Txn,
    verifier: String,
    door: Option<&Door>,
    on_change: impl Fn(SignIn),
) -> Result<(), SignIn> {
    let redeem = Redeem { verifier };
    let (mut waited_ms, mut signs) = (0, Signs::default());
    for n in 0.. {
        let pause = pause_ms(n);
        match door {
            Some(door) => door.sleep(pause).await,
            None => browser::sleep(pause).await,
        }
        waited_ms += pause;
        match guest.redeem(txn.txn_id, &redeem).await {
            Ok(TxnState::Redeemed) => return Ok(()),
            Ok(TxnState::Refused { code }) => return Err(SignIn::Refused(code)),
            Ok(TxnState::Pending) => {}
            // The server forgets a sign-in after its five minutes.
            Err(trouble) if trouble.code() == Some(ProblemCode::NotFound) => return Err(SignIn::TimedOut),
            Err(trouble) if trouble.is_worth_retrying() => {}
            Err(trouble) => return Err(SignIn::Failed(trouble)),
        }
        if waited_ms > LIMIT_MS {
            return Err(SignIn::TimedOut);
        }
        if let Some(door) = door {
            let is_closed = door.state.popup.closed().unwrap_or(true);
            on_change(SignIn::Waiting(signs.read(door.state.is_sandboxed.get(), is_closed, waited_ms)));
        }
    }
    Err(SignIn::TimedOut)
}

/// RFC 7636 section 4.2: the base64url of the SHA-256 of the verifier's characters.
async fn challenge(verifier: &str) -> Option<String> {
    let subtle = window().crypto().ok()?.subtle();
    let bytes = Uint8Array::from(verifier.as_bytes());
    let digest = subtle.digest_with_str_and_buffer_source("SHA-256", &bytes).ok()?;
    let digest = JsFuture::from(digest).await.ok()?;
    Some(base64url(&Uint8Array::new(&digest).to_vec()))
}

/// The messages between us and the window. Both sides check origin and source; the window never tells us anything but "ready",
/// "sandboxed" and "done".
struct Door {
    state: Rc<DoorState>,
    heard: Closure<dyn Fn(MessageEvent)>,
}

struct DoorState {
    popup: Window,
    ticket: Cell<Option<JsValue>>,
    is_ready: Cell<bool>,
    is_sandboxed: Cell<bool>,
    is_done: Cell<bool>,
}

impl Door {
    fn open(popup: Window) -> Self {
        let state = DoorState {
            popup,
            ticket: Cell::default(),
            is_ready: Cell::new(false),
            is_sandboxed: Cell::new(false),
            is_done: Cell::new(false),
        };
        let state = Rc::new(state);
        let ours = Rc::clone(&state);
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| ours.hear(&event));
        let _ = window().add_event_listener_with_callback("message", heard.as_ref().unchecked_ref());
        Self { state, heard }
    }

    fn give(&self, txn: &Txn) {
        let message = js_sys::Object::new();
        for (name, value) in
            [("kyc", "ticket"), ("ticket", txn.ticket.as_str()), ("txn_id", txn.txn_id.to_string().as_str())]
        {
            let _ = Reflect::set(&message, &JsValue::from_str(name), &JsValue::from_str(value));
        }
        self.state.ticket.set(Some(message.into()));
        self.state.answer();
    }

    /// Waits, but not a moment longer once the window says that it is done.
    async fn sleep(&self, ms: u32) {
        const STEP_MS: u32 = 100;
        let mut left = ms;
        while left > 0 && !self.state.is_done.replace(false) {
            browser::sleep(STEP_MS.min(left)).await;
            left = left.saturating_sub(STEP_MS);
        }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        let _ = window().remove_event_listener_with_callback("message", self.heard.as_ref().unchecked_ref());
    }
}

impl DoorState {
    fn hear(&self, event: &MessageEvent) {
        let is_popup = event.source().is_some_and(|source| js_sys::Object::is(&source, &self.popup));
        if event.origin() != browser::origin() || !is_popup {
            return;
        }
        let word = browser::property(&event.data(), "kyc").and_then(|value| value.as_string());
        match word.as_deref() {
            Some("ready") => {
                self.is_ready.set(true);
                self.answer();
            }
            Some("sandboxed") => self.is_sandboxed.set(true),
            Some("done") => self.is_done.set(true),
            _ => {}
        }
    }

    /// Hands the ticket over, once, when both sides are there.
    fn answer(&self) {
        if !self.is_ready.get() {
            return;
        }
        if let Some(message) = self.ticket.take() {
            let _ = self.popup.post_message(&message, &browser::origin());
        }
    }
}

/// RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..=chunk.len() {
            let index = (word >> (18 - 6 * place)) & 63;
            out.push(char::from(SIGNS[index as usize]));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64url_is_that_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")] {
            assert_eq!(base64url(plain.as_bytes()), coded);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }
}
