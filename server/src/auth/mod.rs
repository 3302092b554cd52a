//! Who somebody is: sign-in by the bank's identity provider, and the member of staff it makes. What a role lets her do is in
//! `http/staff.rs`.

pub mod browser;
pub mod confirm_code;
pub mod cookie;
pub mod demand;
pub mod idp;
pub mod oidc;
pub mod roles;
pub mod saml;
pub mod web_session;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use kyc_wire::ids::{Micros, PersonId, SignInId};
use kyc_wire::me::Role;
use sha2::{Digest, Sha256};

use crate::domain::audit::Actor;
use crate::domain::command::Staff as Acting;
use crate::store::sessions::Queues;
use crate::store::sign_ins::SignIn;
use crate::store::{StoreError, Tx};

/// The key of the sign-in in the browser session; nothing else is kept there.
pub const SIGN_IN: &str = "sign_in";

/// SHA-256: what is kept of a ticket, a cookie or a token.
pub fn hashed(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Derives one of the secrets of a sign-in from the handle in the popup's cookie.
pub(crate) fn derived(handle: &str, purpose: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(handle.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(purpose.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
}

/// Somebody who is signed in, in whatever role: her fields are private, and making one looks at the sign-in in the database.
#[derive(Clone, Debug)]
pub struct Staff {
    sign_in: SignIn,
    name: String,
}

impl Staff {
    /// Whoever signed in by this, if the sign-in still lives: not revoked, active since `active_since`, before its last deadline.
    pub async fn find(
        tx: &mut dyn Tx,
        id: SignInId,
        active_since: Micros,
        now: Micros,
    ) -> Result<Option<Self>, StoreError> {
        let found = tx.find_live_sign_in(id, active_since, now).await?;
        Ok(found.map(|(sign_in, name)| Self { sign_in, name }))
    }

    /// The sign-in.
    pub const fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// The sign-in's id.
    pub const fn sign_in_id(&self) -> SignInId {
        self.sign_in.id
    }

    /// Who.
    pub const fn person(&self) -> PersonId {
        self.sign_in.vouched.person
    }

    /// Her name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether she has a role.
    pub fn has(&self, role: Role) -> bool {
        self.sign_in.vouched.roles.contains(&role)
    }

    fn queues_of(&self, is_meant: impl Fn(Role) -> bool) -> Queues {
        let queues = self.sign_in.vouched.queues.iter().filter(|(role, _)| is_meant(*role));
        Queues::of(&queues.map(|(_, queue)| queue.clone()).collect::<Vec<_>>())
    }

    /// The queues she may look at. Auditors look at every queue.
    pub fn queues(&self) -> Queues {
        if self.has(Role::Auditor) { Queues::All } else { self.queues_of(|_| true) }
    }

    /// The queues she works in.
    pub fn working_queues(&self) -> Queues {
        self.queues_of(|role| matches!(role, Role::Agent | Role::Supervisor))
    }

    /// Whether she has a role in a queue: the same person may be a supervisor here and an agent there.
    pub fn has_in(&self, role: Role, queue: &str) -> bool {
        self.queues_of(|of| of == role).contains(queue)
    }

    /// As the domain knows her in a queue.
    pub fn acting_in(&self, queue: &str) -> Acting {
        Acting { person: self.person(), is_supervisor: self.has_in(Role::Supervisor, queue) }
    }

    /// As the audit log knows her.
    pub fn actor(&self) -> Actor {
        Actor::Person { person: self.person(), sign_in: self.sign_in.id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secrets_of_a_sign_in_differ_and_depend_on_the_handle() {
        assert_ne!(derived("h", "state"), derived("h", "nonce"));
        assert_ne!(derived("h", "pkce"), derived("g", "pkce"));
        assert!(derived("h", "pkce").len() >= 43, "RFC 7636 section 4.1");
    }
}
