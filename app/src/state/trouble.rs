//! What can go wrong with a request, as the widget tells it.

use kyc_wire::problem::{Problem, ProblemCode};

use crate::read;

/// A request that did not work out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server said no, in its own words.
    Refused(Problem),
    /// No answer: no network, or the server is away.
    NoAnswer,
    /// An answer that this widget cannot read: a newer server, or something in between.
    Unreadable {
        /// The HTTP status.
        status: u16,
    },
    /// The view that asked is gone.
    Aborted,
}

impl Trouble {
    /// Makes sense of an answer that is not a success.
    pub fn of(status: u16, body: &str) -> Self {
        match read::read(body) {
            Some(problem) => Self::Refused(problem),
            None if matches!(status, 502..=504) => Self::NoAnswer,
            None => Self::Unreadable { status },
        }
    }

    /// The stable code, when the server gave one.
    pub fn code(&self) -> Option<ProblemCode> {
        match self {
            Self::Refused(problem) => Some(problem.code),
            _ => None,
        }
    }

    /// The request's id for the log, when the server gave one.
    pub fn into_request_id(self) -> Option<String> {
        match self {
            Self::Refused(problem) => Some(problem.request_id).filter(|id| !id.is_empty()),
            _ => None,
        }
    }

    /// Whether the sign-in is gone.
    pub fn is_signed_out(&self) -> bool {
        self.code() == Some(ProblemCode::SignInRequired) || *self == Self::Unreadable { status: 401 }
    }

    /// Whether who acts must prove anew who she is.
    pub fn wants_proof(&self) -> bool {
        self.code() == Some(ProblemCode::StepUpRequired)
    }

    /// Whether what is on the screen is out of date and must be read again.
    pub fn is_stale(&self) -> bool {
        use ProblemCode::{
            HeldByColleague, Incomplete, InvalidTransition, LimitReached, NotHolder, OwnCase, StaleVersion,
        };
        matches!(
            self.code(),
            Some(StaleVersion | InvalidTransition | HeldByColleague | NotHolder | Incomplete | OwnCase | LimitReached)
        )
    }

    /// Whether sending the same request again, with the same key, may help.
    pub fn is_worth_retrying(&self) -> bool {
        *self == Self::NoAnswer
            || matches!(
                self.code(),
                Some(
                    ProblemCode::Unavailable
                        | ProblemCode::GenesysUnavailable
                        | ProblemCode::InProgress
                        | ProblemCode::Internal
                )
            )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(code: &str) -> Trouble {
        let body = format!(
            r#"{{"type":"about:blank","title":"t","status":409,"detail":"d","code":"{code}","request_id":"r1"}}"#
        );
        Trouble::of(409, &body)
    }

    #[test]
    fn a_problem_is_told_by_its_code() {
        let trouble = refused("stale_version");
        assert!(trouble.is_stale());
        assert!(!trouble.is_worth_retrying());
        assert_eq!(trouble.into_request_id().as_deref(), Some("r1"));
    }

    #[test]
    fn a_code_of_a_newer_server_is_still_a_problem() {
        assert_eq!(refused("brand_new").code(), Some(ProblemCode::Unknown));
    }

    #[test]
    fn a_proxy_without_a_server_is_no_answer() {
        assert_eq!(Trouble::of(502, "<html>"), Trouble::NoAnswer);
        assert_eq!(Trouble::of(418, "teapot"), Trouble::Unreadable { status: 418 });
    }

    #[test]
    fn only_a_missing_sign_in_signs_out() {
        assert!(refused("sign_in_required").is_signed_out());
        assert!(Trouble::of(401, "").is_signed_out());
        assert!(!refused("forbidden").is_signed_out());
        let proof = refused("insufficient_user_authentication");
        assert!(proof.wants_proof() && !proof.is_signed_out() && !proof.is_worth_retrying());
    }
}
