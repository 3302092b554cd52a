//! Every error the API answers with, in one place: the status, the stable code, the sentence for the caller, and the one line in
//! the log. The cause never reaches the caller.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::problem::{Problem, ProblemCode};
use kyc_wire::session::Blocker;

use crate::custody::CustodyError;
use crate::domain::audit::AuditError;
use crate::domain::command::Refusal;
use crate::domain::policy::Proof;
use crate::inbox::NotKept;
use crate::pii::vault::VaultError;
use crate::store::StoreError;

/// Why a request is not answered as asked.
#[derive(Debug)]
pub enum ApiError {
    /// Refused: a code and a sentence for the caller.
    Refused(ProblemCode, String),
    /// The same, with seconds after which it makes sense to try again.
    Later(ProblemCode, u32),
    /// Whoever acts must prove anew who she is, in this way.
    Unproven(Proof),
    /// Ours: the cause goes to the log.
    Fault(ProblemCode, Box<dyn std::error::Error + Send + Sync>),
}

impl ApiError {
    /// A refusal with a sentence.
    pub fn refused(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self::Refused(code, detail.into())
    }

    /// It does not exist, or the caller may not see it.
    pub fn not_found() -> Self {
        Self::refused(ProblemCode::NotFound, "There is nothing here that you may see.")
    }

    /// A value that is not acceptable.
    pub fn invalid(field: &str, why: impl std::fmt::Display) -> Self {
        Self::refused(ProblemCode::Invalid, format!("{field}: {why}"))
    }

    /// The code.
    pub const fn code(&self) -> ProblemCode {
        match self {
            Self::Unproven(_) => ProblemCode::StepUpRequired,
            Self::Refused(code, _) | Self::Later(code, _) | Self::Fault(code, _) => *code,
        }
    }

    fn detail(self) -> String {
        match self {
            Self::Refused(_, detail) => detail,
            Self::Unproven(_) => "Confirm who you are, then do it again.".to_owned(),
            Self::Later(..) => "Please wait a moment and try again.".to_owned(),
            Self::Fault(code, cause) => {
                let chain = std::iter::successors(Some(&*cause as &dyn std::error::Error), |error| error.source());
                let chain: Vec<String> = chain.map(ToString::to_string).collect();
                tracing::error!(problem.code = code.as_str(), error.chain = chain.join(": "), "a request failed");
                "Nothing was changed. Please try again; if it stays, name the request id to your administrator."
                    .to_owned()
            }
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let code = self.code();
        let retry_after = match &self {
            Self::Later(_, seconds) => Some(*seconds),
            _ => None,
        };
        let challenge = match &self {
            Self::Unproven(proof) => HeaderValue::try_from(challenge(proof)).ok(),
            _ => None,
        };
        let problem = Problem {
            r#type: format!("about:blank#{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status(),
            detail: self.detail(),
            code,
            request_id: super::request_id::current(),
        };
        let status = StatusCode::from_u16(code.status()).expect("problem codes have valid statuses");
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if let Some(challenge) = challenge {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// What is asked for, as RFC 9470 section 3 writes it. The scheme is that of its examples; here the cookie is the token.
fn challenge(proof: &Proof) -> String {
    let ways = match &*proof.acr_values {
        [] => String::new(),
        ways => format!("acr_values=\"{}\", ", ways.join(" ")),
    };
    format!("Bearer error=\"insufficient_user_authentication\", {ways}max_age=\"{}\"", proof.max_age_seconds)
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict => {
                Self::refused(ProblemCode::StaleVersion, "It has changed; look again and decide anew.")
            }
            StoreError::Corrupt { .. } => Self::Fault(ProblemCode::Internal, Box::new(error)),
            StoreError::Driver(_) => Self::Fault(ProblemCode::Unavailable, Box::new(error)),
        }
    }
}

impl From<NotKept> for ApiError {
    fn from(error: NotKept) -> Self {
        Self::Fault(ProblemCode::Unavailable, Box::new(error))
    }
}

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        Self::Fault(ProblemCode::Unavailable, Box::new(error))
    }
}

impl From<CustodyError> for ApiError {
    fn from(error: CustodyError) -> Self {
        match error {
            CustodyError::Store(error) => error.into(),
            CustodyError::Vault(VaultError::Unavailable(_)) => Self::Fault(ProblemCode::Unavailable, Box::new(error)),
            _ => Self::Fault(ProblemCode::Internal, Box::new(error)),
        }
    }
}

impl From<Refusal> for ApiError {
    fn from(refusal: Refusal) -> Self {
        let (code, detail) = match &refusal {
            Refusal::Stale { .. } => (ProblemCode::StaleVersion, "It has changed; look again and decide anew."),
            Refusal::InvalidTransition { .. } => {
                (ProblemCode::InvalidTransition, "The session is in a state that does not allow this.")
            }
            Refusal::HeldByColleague { .. } => {
                (ProblemCode::HeldByColleague, "A colleague works on it; take it over with a reason.")
            }
            Refusal::NotHolder => (ProblemCode::NotHolder, "Take the session first."),
            Refusal::Blocked(Blocker::OwnCase) => {
                (ProblemCode::OwnCase, "You took part in this case; somebody else must approve it.")
            }
            Refusal::TooMany | Refusal::Blocked(Blocker::UsedUp) => {
                (ProblemCode::LimitReached, "What this session allows of it is used up; escalate, or ask a supervisor.")
            }
            Refusal::Blocked(missing) => return Self::refused(ProblemCode::Incomplete, blocked(*missing)),
            Refusal::OtherConversation => {
                (ProblemCode::OtherConversation, "The session goes on in another conversation, or may not change it.")
            }
            Refusal::BadReason => (ProblemCode::Invalid, "reason: choose one from the list for this act"),
            Refusal::NoSuchLine => (ProblemCode::Invalid, "item: there is no such line in the checklist"),
            Refusal::NotForRole => return Self::not_found(),
            Refusal::WrongAttempt { running } => {
                return Self::invalid("attempt", format!("attempt {running} is running"));
            }
        };
        Self::refused(code, detail)
    }
}

const fn blocked(missing: Blocker) -> &'static str {
    match missing {
        Blocker::NoDocument => "There is no document result yet.",
        Blocker::NoLiveness => "There is no liveness result yet.",
        Blocker::ChecklistOpen => "Some lines of the checklist are open.",
        Blocker::ChecklistFailed => "A line of the checklist failed.",
        Blocker::OwnCase => "You took part in this case.",
        Blocker::Flagged => "The flag must be cleared first.",
        Blocker::UsedUp => "What this session allows of it is used up.",
    }
}
