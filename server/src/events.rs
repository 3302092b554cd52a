//! What changed: to open streams inside, and to the bank outside.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use kyc_wire::ids::{SessionId, SignInId};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use tokio::sync::broadcast;

/// Messages a slow stream may lag behind before it is told to begin anew.
const CAPACITY: usize = 1024;

/// One message to open streams.
#[derive(Clone, Debug)]
pub enum Message {
    /// A session changed.
    Changed {
        /// Which.
        session: SessionId,
        /// Its version.
        version: u64,
        /// Its queue: who may not see it is not told.
        queue: String,
    },
    /// A sign-in has ended: its streams close.
    SignInEnded(SignInId),
    /// Something may have been missed: whoever watches reads everything again.
    BeginAnew,
}

/// The fan-out to open streams of this server.
#[derive(Clone, Debug)]
pub struct Events(broadcast::Sender<Message>);

impl Default for Events {
    fn default() -> Self {
        Self(broadcast::channel(CAPACITY).0)
    }
}

impl Events {
    /// Listens from now on.
    pub fn subscribe(&self) -> broadcast::Receiver<Message> {
        self.0.subscribe()
    }

    /// A session changed. Call after the commit only.
    pub fn changed(&self, session: SessionId, version: u64, queue: &str) {
        self.send(Message::Changed { session, version, queue: queue.to_owned() });
    }

    /// A sign-in has ended.
    pub fn sign_in_ended(&self, id: SignInId) {
        self.send(Message::SignInEnded(id));
    }

    /// Something may have been missed.
    pub fn begin_anew(&self) {
        self.send(Message::BeginAnew);
    }

    /// Hands on a message.
    pub fn send(&self, message: Message) {
        // Nobody listening is no error.
        drop(self.0.send(message));
    }
}

/// The key in a secret of Standard Webhooks: base64 after `whsec_`, 24 to 64 bytes.
#[expect(clippy::disallowed_methods, reason = "the signature needs the key's bytes")]
pub fn signing_key(secret: &SecretString) -> Result<Vec<u8>, &'static str> {
    let text = secret.expose_secret().strip_prefix("whsec_").ok_or("must begin with whsec_")?;
    let key = BASE64_STANDARD.decode(text).map_err(|_| "must be base64 after whsec_")?;
    if (24..=64).contains(&key.len()) { Ok(key) } else { Err("must hold 24 to 64 bytes") }
}

/// The signature of an event for the bank: `v1,` and base64 of HMAC-SHA256 over `id.timestamp.body` (Standard Webhooks, symmetric).
pub fn signature(key: &[u8], id: &str, timestamp: i64, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_of_standard_webhooks_is_met() {
        let key = signing_key(&SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap();
        let body = r#"{"test": 2432232314}"#;
        let found = signature(&key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(found, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }
}
