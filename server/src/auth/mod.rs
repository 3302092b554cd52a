//! Who may do what: sign-in by the bank's identity provider, and the extractors that are the permission.
//!
//! A handler that takes [`Desk`], [`Supervisor`], [`Auditor`] or [`Staff`] has been authorised: their fields are private, and making one
//! checks the sign-in in the database on every request. What a caller may not see does not exist for her: a wrong role is 404.

pub mod cookie;
pub mod oidc;
pub mod roles;
pub mod web_session;

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kyc_wire::ids::{PersonId, SignInId};
use kyc_wire::me::Role;
use kyc_wire::problem::ProblemCode;
use sha2::{Digest, Sha256};
use tower_sessions::Session;

use crate::domain::audit::Actor;
use crate::domain::command::Staff as Acting;
use crate::http::error::ApiError;
use crate::state::App;
use crate::store::sessions::Queues;
use crate::store::sign_ins::SignIn;

/// The key of the sign-in in the browser session; nothing else is kept there.
pub const SIGN_IN: &str = "sign_in";

/// Why somebody is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Nobody is signed in, or the sign-in has ended.
    #[error("Please sign in.")]
    SignInRequired,
    /// Not for this role: it does not exist for her.
    #[error("There is nothing here that you may see.")]
    NotForRole,
}

impl AuthError {
    /// The code for the caller.
    pub const fn code(self) -> ProblemCode {
        match self {
            Self::SignInRequired => ProblemCode::SignInRequired,
            Self::NotForRole => ProblemCode::NotFound,
        }
    }
}

/// SHA-256: what is kept of a ticket, a cookie or a token.
pub fn hashed(secret: &[u8]) -> [u8; 32] {
    Sha256::digest(secret).into()
}

/// Somebody who is signed in, in whatever role.
#[derive(Clone, Debug)]
pub struct Staff {
    sign_in: SignIn,
    name: String,
}

impl Staff {
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

    /// The queues she may see. Auditors see every queue.
    pub fn queues(&self) -> Queues {
        if self.has(Role::Auditor) { Queues::All } else { Queues::of(&self.sign_in.vouched.queues) }
    }

    /// As the domain knows her.
    pub fn acting(&self) -> Acting {
        Acting { person: self.person(), is_supervisor: self.has(Role::Supervisor) }
    }

    /// As the audit log knows her.
    pub fn actor(&self) -> Actor {
        Actor::Person { person: self.person(), sign_in: self.sign_in.id }
    }
}

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let refused = || ApiError::from(AuthError::SignInRequired);
        let session = Session::from_request_parts(parts, app).await.map_err(|_| refused())?;
        let id: Option<SignInId> =
            session.get(SIGN_IN).await.map_err(|error| ApiError::Fault(ProblemCode::Unavailable, Box::new(error)))?;
        let now = app.clock.now();
        let mut tx = app.store.read(&app.tenant).await?;
        let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
        let found = tx.find_live_sign_in(id.ok_or_else(refused)?, active_since, now).await?;
        let (sign_in, name) = found.ok_or_else(refused)?;
        Ok(Self { sign_in, name })
    }
}

macro_rules! role {
    ($(#[$doc:meta])* $name:ident = $($role:ident)|+) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Staff);

        impl std::ops::Deref for $name {
            type Target = Staff;

            fn deref(&self) -> &Staff {
                &self.0
            }
        }

        impl FromRequestParts<Arc<App>> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
                let staff = Staff::from_request_parts(parts, app).await?;
                if [$(Role::$role),+].into_iter().any(|role| staff.has(role)) {
                    Ok(Self(staff))
                } else {
                    Err(AuthError::NotForRole.into())
                }
            }
        }
    };
}

role! {
    /// Somebody who works on sessions: an agent or a supervisor.
    ///
    /// ```compile_fail,E0423
    /// use kyc_desk::auth::{Desk, Staff};
    /// fn promote(staff: Staff) -> Desk { Desk(staff) }
    /// ```
    Desk = Agent | Supervisor
}
role! {
    /// Somebody who may look at sessions: those who work on them, and auditors.
    Reader = Agent | Supervisor | Auditor
}
role! {
    /// A supervisor.
    Supervisor = Supervisor
}
role! {
    /// Somebody who sees the whole floor: a supervisor or an auditor.
    Overseer = Supervisor | Auditor
}
role! {
    /// An auditor.
    Auditor = Auditor
}
