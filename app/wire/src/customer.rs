//! What the script on the customer's page sends and gets. Everything else on that page is plain forms.

use serde::{Deserialize, Serialize};

use crate::ids::UploadId;
use crate::session::CaptureItem;

/// Begins the upload of a photo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewUpload {
    /// What the photo shows.
    pub item: CaptureItem,
    /// Bytes in all.
    pub size: u64,
}

/// How far an upload has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UploadState {
    /// The upload.
    pub id: UploadId,
    /// Bytes that have arrived: where the next part begins.
    pub offset: u64,
    /// Bytes in all.
    pub size: u64,
}

/// What the customer's device and line are capable of, before the call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Precheck {
    /// From 0 to 1, as the quality of a call: the least of camera, bandwidth and latency.
    pub score: f64,
    /// Height of the camera's picture in pixels, if it could be tried.
    pub frame_height: Option<u32>,
    /// Whether the browser can hold a video call at all.
    pub has_video: bool,
}
