//! What the widget sends, and the link that it is handed.

use serde::{Deserialize, Serialize};

use super::{CaptureItem, Mark, Origin};
use crate::ids::Micros;
use crate::masked::Field;
use crate::photo::{Photo, PhotoSource};

/// A command without more to say than what it was decided on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Plain {
    /// The version the caller saw.
    pub expected_version: u64,
}

/// Asks for a link to the customer's page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AskLink {
    /// The version that the caller saw.
    pub expected_version: u64,
    /// Whether the one in force will do, so that what the customer has begun by it goes on. Another one is issued where there is none.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub in_force: bool,
}

/// A link to the customer's page. Whoever has it is taken for the customer.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerLink {
    /// The address.
    pub url: String,
    /// When it ends.
    pub expires_at: Micros,
    /// The sentence with which it is sent to her, in her language.
    pub message: String,
}

impl core::fmt::Debug for CustomerLink {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CustomerLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// A command with a reason from the configured list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WithReason {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the reason.
    pub reason: String,
}

/// Take a session; with a reason when a colleague holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Take {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the reason; needed to take over.
    pub reason: Option<String>,
}

/// See one field in clear text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// Which field.
    pub field: Field,
    /// Of the claim or of the document.
    pub origin: Origin,
    /// Code of the reason.
    pub reason: String,
}

/// Ask for a new capture of one item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Recapture {
    /// The version the caller saw.
    pub expected_version: u64,
    /// What to capture again.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
}

/// Look at a photo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ViewPhoto {
    /// Who handed it over; the customer, where nothing is said.
    #[serde(default)]
    pub source: PhotoSource,
    /// What it shows.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
}

impl ViewPhoto {
    /// Which photo is asked for.
    pub const fn photo(&self) -> Photo {
        Photo { source: self.source, item: self.item }
    }
}

/// Mark one line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MarkItem {
    /// The version the caller saw.
    pub expected_version: u64,
    /// Code of the line.
    pub item: String,
    /// The mark; `open` takes it back.
    pub mark: Mark,
}

/// Write a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct WriteNote {
    /// The text, at most 2,000 characters.
    pub text: String,
}

/// Start a session for a conversation whose flow failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StartForConversation {
    /// The bank's opaque id of the customer.
    pub customer_id: String,
    /// The queue; must be one of the caller's.
    pub queue: String,
    /// The customer's language, as a tag such as `de`; English when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}
