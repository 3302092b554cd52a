//! The extractors that are the permission.
//!
//! A handler that takes [`Desk`], [`Supervisor`], [`Auditor`] or [`Staff`] has been authorised: their fields are private, and making one
//! checks the sign-in in the database on every request. What a caller may not see does not exist for her: a wrong role is 404.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use kyc_wire::ids::SignInId;
use kyc_wire::me::Role;
use kyc_wire::problem::ProblemCode;
use tower_sessions::Session;

use super::error::ApiError;
use super::guest::{self, Door, Guest};
use super::limits;
use crate::auth::{SIGN_IN, Staff, cookie};
use crate::rates::Limit;
use crate::state::App;

impl FromRequestParts<Arc<App>> for Staff {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let refused = || ApiError::refused(ProblemCode::SignInRequired, "Please sign in.");
        let cookie = cookie::find(&parts.headers, cookie::SIGN_IN_COOKIE).ok_or_else(refused)?.to_owned();
        let guest = Guest::of(parts, app);
        guest.show(app, Door::Cookie, cookie.as_bytes())?;
        let nothing = || {
            guest.showed_nothing(app, Door::Cookie, cookie.as_bytes());
            refused()
        };
        let session = Session::from_request_parts(parts, app).await.map_err(|_| refused())?;
        let id: Option<SignInId> =
            session.get(SIGN_IN).await.map_err(|error| ApiError::Fault(ProblemCode::Unavailable, Box::new(error)))?;
        let now = app.clock.now();
        let id = id.ok_or_else(nothing)?;
        let mut tx = app.store.glance(&app.tenant).await?;
        let active_since = now.plus_seconds(-app.config.auth.idle_seconds);
        let found = Self::find(&mut *tx, id, active_since, now).await?.ok_or_else(nothing)?;
        guest::is_good(app, Door::Cookie, cookie.as_bytes());
        let limit = Limit::a_minute(app.config.http.staff_requests_per_minute);
        limits::ask(app, "staff", &found.sign_in_id().to_string(), limit)?;
        Ok(found)
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
                    Err(ApiError::not_found())
                }
            }
        }
    };
}

role! {
    /// Somebody who works on sessions: an agent or a supervisor.
    ///
    /// ```compile_fail,E0423
    /// use kyc_desk::auth::Staff;
    /// use kyc_desk::http::staff::Desk;
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
role! {
    /// An administrator: looks after sign-ins, and sees no session.
    ///
    /// ```compile_fail,E0423
    /// use kyc_desk::auth::Staff;
    /// use kyc_desk::http::staff::Admin;
    /// fn promote(staff: Staff) -> Admin { Admin(staff) }
    /// ```
    Admin = Admin
}
