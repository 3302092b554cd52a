//! What the customer captures, and what is asked of her again.

use serde::{Deserialize, Serialize};

use crate::ids::Micros;
use crate::photo::{Photo, PhotoSource};

/// What an agent wants of the customer now: it stands on her page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Asked {
    /// What she is to capture again; nothing where the picture of the call is too poor.
    pub items: Vec<AskedItem>,
    /// The sentence that says it, in her language: for the chat.
    pub message: String,
}

/// One item that is wanted again.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AskedItem {
    /// Which.
    pub item: CaptureItem,
    /// Code of the reason.
    pub reason: String,
    /// When it was asked for.
    pub at: Micros,
    /// Whether it has arrived, while another one has not.
    pub is_there: bool,
}

/// What can be captured again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaptureItem {
    /// Front of the document.
    DocumentFront,
    /// Back of the document.
    DocumentBack,
    /// The customer's face.
    Face,
}

impl CaptureItem {
    /// All items, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::DocumentFront, Self::DocumentBack, Self::Face];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DocumentFront => "document_front",
            Self::DocumentBack => "document_back",
            Self::Face => "face",
        }
    }

    /// The item with this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|item| item.as_str() == code)
    }
}

/// A photo that was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Upload {
    /// Who handed it over.
    pub source: PhotoSource,
    /// What it shows.
    pub item: CaptureItem,
    /// When it last arrived.
    pub at: Micros,
}

impl Upload {
    /// Which photo it is.
    pub const fn photo(&self) -> Photo {
        Photo { source: self.source, item: self.item }
    }
}
