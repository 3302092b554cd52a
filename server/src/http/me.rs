//! The signed-in person.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use kyc_wire::me::{LanguageChoice, Me, ReasonOption};
use kyc_wire::session::Colleague;

use super::error::ApiError;
use crate::auth::Staff;
use crate::state::App;

/// Who she is, what she may choose from, and when her sign-in ends.
pub async fn show(State(app): State<Arc<App>>, by: Staff) -> Json<Me> {
    let sign_in = by.sign_in();
    let policy = &app.config.policy;
    let queues: BTreeSet<String> = sign_in.vouched.queues.iter().map(|(_, queue)| queue.clone()).collect();
    let reason = |reason: &crate::domain::policy::Reason| ReasonOption {
        code: reason.code.clone(),
        family: reason.family.as_str().to_owned(),
        acts: reason.acts.clone(),
        label: reason.label.clone(),
    };
    let language = |(code, name): (&str, &str)| LanguageChoice { code: code.to_owned(), name: name.to_owned() };
    Json(Me {
        person: Colleague { id: by.person(), name: by.name().to_owned() },
        roles: sign_in.vouched.roles.clone(),
        queues: queues.into_iter().collect(),
        idle_deadline: sign_in.last_activity_at.plus_seconds(app.config.auth.idle_seconds),
        absolute_deadline: sign_in.absolute_deadline,
        now: app.clock.now(),
        reasons: policy.reasons.iter().map(reason).collect(),
        reveal_seconds: policy.reveal_seconds,
        languages: app.config.customer.texts.names().map(language).collect(),
    })
}

/// Real input by the person: keeps the sign-in from ending. Polling and streams never call this.
pub async fn activity(State(app): State<Arc<App>>, by: Staff) -> Result<StatusCode, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin(&app.tenant).await?;
    tx.update_sign_in_activity(by.sign_in_id(), now, now.plus_seconds(-app.config.auth.idle_seconds)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
