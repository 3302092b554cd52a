//! What can go wrong between us and a provider, and whether to try again.

use super::backoff::RetryAfter;

/// A call that did not give a result. Holds codes and no bodies: a provider's error text may quote personal data.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// No connection was made, so nothing was sent.
    #[error("could not connect to the provider")]
    NotSent(#[source] reqwest::Error),
    /// The connection broke or the time ran out after sending: the provider may have acted or not.
    #[error("the provider did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// A server error (status 500 to 599).
    #[error("the provider failed with status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
        /// When to come back, if it said so.
        retry_after: Option<RetryAfter>,
    },
    /// Too many requests (429).
    #[error("the provider asks to slow down")]
    RateLimited {
        /// When to come back, if it said so.
        retry_after: Option<RetryAfter>,
    },
    /// The provider does not know the session (404).
    #[error("the provider does not know the session")]
    NotFound,
    /// The provider says no, and will say no again.
    #[error("the provider refused with status {status}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The provider's own code, letters and digits only.
        code: Option<String>,
    },
    /// The answer makes no sense; names the place and never quotes the answer.
    #[error("cannot read the provider's answer: {0}")]
    Unreadable(&'static str),
    /// The answer is longer than such an answer may be, and was not read to its end.
    #[error("the provider's answer is too long")]
    TooLarge,
    /// There was no token to make the call with, so it was not made.
    #[error("the provider gave no token")]
    NoToken(#[source] Box<ProviderError>),
    /// The answer carries a signature that is not the provider's.
    #[error("the provider's answer has a wrong signature")]
    BadSignature,
}

/// What kind of call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// Creates something; twice makes two.
    Start,
    /// Only reads.
    Read,
    /// Deletes; twice is once.
    Delete,
}

/// Whether a failed call may be made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Not: the answer would be the same.
    Never,
    /// After a pause, and not before this if the provider named a time.
    Later(Option<RetryAfter>),
    /// Not blindly: it may have worked. Begin a new attempt that supersedes this one, or look it up where the provider can.
    Ambiguous,
}

impl ProviderError {
    /// Whether `call`, having failed like this, may be made again.
    ///
    /// A start is repeated only when it certainly did not happen: no connection, 429, or 503. After 500, 502 and 504 somebody behind
    /// the gateway may have acted.
    pub fn retry(&self, call: Call) -> Retry {
        match (self, call) {
            // Getting a token may be tried again whatever it is for.
            (Self::NoToken(cause), _) => cause.retry(Call::Read),
            (Self::NotSent(_), _) | (Self::NoAnswer(_), Call::Read | Call::Delete) => Retry::Later(None),
            (Self::RateLimited { retry_after } | Self::Unavailable { status: 503, retry_after }, _)
            | (Self::Unavailable { status: 500 | 502 | 504, retry_after }, Call::Read | Call::Delete) => {
                Retry::Later(*retry_after)
            }
            (
                Self::Unavailable { .. }
                | Self::NoAnswer(_)
                | Self::Unreadable(_)
                | Self::TooLarge
                | Self::BadSignature,
                Call::Start,
            ) => Retry::Ambiguous,
            (
                Self::Unavailable { .. }
                | Self::NotFound
                | Self::Refused { .. }
                | Self::Unreadable(_)
                | Self::TooLarge
                | Self::BadSignature,
                Call::Start | Call::Read | Call::Delete,
            ) => Retry::Never,
        }
    }

    /// Whether it speaks against the provider as a whole, for the circuit breaker, rather than against this call.
    pub fn is_outage(&self) -> bool {
        match self {
            Self::NoToken(cause) => cause.is_outage(),
            _ => matches!(self, Self::NotSent(_) | Self::NoAnswer(_) | Self::Unavailable { .. }),
        }
    }

    /// Whether the provider asks to slow down.
    pub fn is_too_many(&self) -> bool {
        match self {
            Self::NoToken(cause) => cause.is_too_many(),
            _ => matches!(self, Self::RateLimited { .. }),
        }
    }

    /// The code for metrics and logs.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotSent(_) => "not_sent",
            Self::NoAnswer(_) => "no_answer",
            Self::Unavailable { .. } => "unavailable",
            Self::RateLimited { .. } => "rate_limited",
            Self::NotFound => "not_found",
            Self::Refused { .. } => "refused",
            Self::Unreadable(_) => "unreadable",
            Self::TooLarge => "too_large",
            Self::NoToken(_) => "no_token",
            Self::BadSignature => "bad_signature",
        }
    }
}
