//! Who somebody is: sign-in by the bank's identity provider, and the member of staff it makes. What a role lets her do is in
//! `http/staff.rs`.

pub mod cookie;
pub mod oidc;
pub mod roles;
pub mod saml;
pub mod web_session;

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
