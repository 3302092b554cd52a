//! Errors as the API tells them (RFC 9457, `application/problem+json`).

use serde::{Deserialize, Serialize};

/// An error. The sentence is for people, the code for programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// `about:blank#` and the code: RFC 9457 section 3.1.1.
    pub r#type: String,
    /// A short title.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What to do about it.
    pub detail: String,
    /// The stable code.
    pub code: ProblemCode,
    /// The request, for the log.
    pub request_id: String,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $title:literal;)+) => {
        /// Every error the API knows, with one HTTP status each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)+
            /// A code that this widget does not know yet.
            #[serde(rename = "unknown", other)]
            Unknown,
        }

        impl ProblemCode {
            /// Every code but [`ProblemCode::Unknown`].
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// The code, as on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ Self::Unknown => "unknown" }
            }

            /// The HTTP status that goes with it.
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)+ Self::Unknown => 500 }
            }

            /// The short title.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)+ Self::Unknown => "Unknown problem" }
            }
        }
    };
}

codes! {
    /// The request could not be read: wrong JSON, unknown field, wrong type.
    BadRequest = "bad_request", 400, "The request could not be read";
    /// Nobody is signed in, or the token is not valid.
    SignInRequired = "sign_in_required", 401, "Sign-in required";
    /// Who acts must prove anew who she is: not recently enough, or not strongly enough, for this act (RFC 9470).
    StepUpRequired = "insufficient_user_authentication", 401, "Prove again who you are";
    /// The request did not come from our own page.
    CrossSite = "cross_site", 403, "The request did not come from this application";
    /// The token lacks the scope.
    Forbidden = "forbidden", 403, "Not allowed";
    /// The contact centre does not name the caller among the agents of the conversation.
    NotOnConversation = "not_on_conversation", 403, "You are not on this conversation";
    /// It does not exist, or the caller may not see it.
    NotFound = "not_found", 404, "Not found";
    /// The path exists, but not with this method.
    MethodNotAllowed = "method_not_allowed", 405, "Method not allowed";
    /// The session changed in the meantime.
    StaleVersion = "stale_version", 409, "The session has changed";
    /// The session is in a state that does not allow this.
    InvalidTransition = "invalid_transition", 409, "Not possible in this state";
    /// A colleague holds the session.
    HeldByColleague = "held_by_colleague", 409, "A colleague works on this session";
    /// The caller must take the session first.
    NotHolder = "not_holder", 409, "Take the session first";
    /// The launch named a customer who does not belong to the session.
    CustomerMismatch = "customer_mismatch", 409, "Session and customer do not belong together";
    /// The session belongs to another conversation.
    OtherConversation = "other_conversation", 409, "The session belongs to another conversation";
    /// The caller took part in the case and cannot approve it.
    OwnCase = "own_case", 409, "A second person must approve";
    /// Something is missing before this can be done.
    Incomplete = "incomplete", 409, "Something is missing first";
    /// A session with this id exists already.
    AlreadyExists = "already_exists", 409, "Already exists";
    /// A request with the same key is being handled right now.
    InProgress = "in_progress", 409, "The same request is being handled";
    /// The body is too large.
    TooLarge = "too_large", 413, "Too large";
    /// The content type is not the expected one.
    UnsupportedMediaType = "unsupported_media_type", 415, "Unsupported content type";
    /// A value is not acceptable.
    Invalid = "invalid", 422, "A value is not acceptable";
    /// The key was used for another request.
    KeyReused = "idempotency_key_reused", 422, "The key was used for another request";
    /// A header is missing or does not fit.
    BadHeader = "bad_header", 400, "A header is missing or does not fit";
    /// What this case allows of it is used up: waiting does not help.
    LimitReached = "limit_reached", 409, "The limit of this case is reached";
    /// Too many requests.
    TooMany = "too_many", 429, "Too many requests";
    /// A fault on our side.
    Internal = "internal", 500, "Something went wrong";
    /// The contact centre cannot be asked, and nothing is opened or shown without its word.
    GenesysUnavailable = "genesys_unavailable", 503, "Genesys cannot be asked";
    /// Something we depend on is down; try again.
    Unavailable = "unavailable", 503, "Temporarily unavailable";
}
