//! Lists: which sessions, in which order, how many.

use serde::{Deserialize, Serialize};

use crate::session::{SessionSummary, Status};

/// The saved views of `/review`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// In final approval, and not the caller's own.
    NeedsMyApproval,
    /// Flagged, by an agent or because the provider changed its mind.
    Flagged,
    /// A customer is connected now.
    Live,
    /// Waits for an agent for more than two minutes.
    Waiting,
    /// Should have been acted on by now: verified by an agent, or approved.
    Overdue,
    /// The provider is slow or down.
    ProviderTrouble,
    /// Rejected since midnight in the bank's time zone.
    RejectedToday,
    /// Held by the caller.
    Mine,
    /// Everything not final.
    Open,
    /// Everything.
    All,
}

impl View {
    /// All views in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::NeedsMyApproval,
        Self::Flagged,
        Self::Live,
        Self::Waiting,
        Self::Overdue,
        Self::ProviderTrouble,
        Self::RejectedToday,
        Self::Mine,
        Self::Open,
        Self::All,
    ];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsMyApproval => "needs_my_approval",
            Self::Flagged => "flagged",
            Self::Live => "live",
            Self::Waiting => "waiting",
            Self::Overdue => "overdue",
            Self::ProviderTrouble => "provider_trouble",
            Self::RejectedToday => "rejected_today",
            Self::Mine => "mine",
            Self::Open => "open",
            Self::All => "all",
        }
    }
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Flagged first, then longest in its state.
    #[default]
    Urgency,
    /// Newest first.
    Newest,
    /// Oldest first.
    Oldest,
}

impl Sort {
    /// All orders.
    pub const ALL: [Self; 3] = [Self::Urgency, Self::Newest, Self::Oldest];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgency => "urgency",
            Self::Newest => "newest",
            Self::Oldest => "oldest",
        }
    }
}

/// What to list; sent as a query string.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields)]
pub struct ListQuery {
    /// A saved view; `open` when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// Only this state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Only this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<String>,
    /// The beginning of a session id, a whole customer id or a whole conversation id. Never clear text about a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
    /// The order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sort: Option<Sort>,
    /// Where the page before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// Rows on a page, 1 to 100; 50 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// One page of sessions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionPage {
    /// The rows.
    pub items: Vec<SessionSummary>,
    /// Where the next page begins; none on the last.
    pub next_cursor: Option<String>,
}

/// How many sessions a view holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ViewCount {
    /// The view.
    pub view: View,
    /// Sessions in it.
    pub count: u32,
}

/// The strip on top of `/review`: is my floor all right?
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Floor {
    /// How many sessions each view holds.
    pub counts: Vec<ViewCount>,
    /// Seconds the longest-waiting session has waited for an agent.
    pub oldest_wait_seconds: Option<u32>,
}
