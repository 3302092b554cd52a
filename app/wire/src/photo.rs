//! Which photo of a session: what it shows, and who handed it over. The two are kept apart, so neither takes the other's place.

use serde::{Deserialize, Serialize};

use crate::session::CaptureItem;

/// For how many times as long as a value photos are shown: comparing two pictures takes longer than reading a number.
const TIMES_AS_LONG: u32 = 3;

/// For how many seconds photos are shown, where a value is for `reveal_seconds`. The page puts them away by it, the recording stands still
/// by it, and looking again meanwhile counts as the same look.
pub const fn seconds_shown(reveal_seconds: u32) -> u32 {
    reveal_seconds.saturating_mul(TIMES_AS_LONG)
}

/// Who handed a photo over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PhotoSource {
    /// The customer, on her page.
    #[default]
    Customer,
    /// The provider, with its result.
    Provider,
}

impl PhotoSource {
    /// All.
    pub const ALL: [Self; 2] = [Self::Customer, Self::Provider];

    /// The code, as on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Provider => "provider",
        }
    }
}

/// One photo of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// Who handed it over.
    pub source: PhotoSource,
    /// What it shows.
    pub item: CaptureItem,
}

impl Photo {
    /// One that the customer uploaded.
    pub const fn uploaded(item: CaptureItem) -> Self {
        Self { source: PhotoSource::Customer, item }
    }

    /// One that came with a provider's result.
    pub const fn provided(item: CaptureItem) -> Self {
        Self { source: PhotoSource::Provider, item }
    }

    /// The code under which it is stored, sealed and recorded. Those of uploads are older than the others, and stay as they were.
    pub const fn as_str(self) -> &'static str {
        match (self.source, self.item) {
            (PhotoSource::Customer, item) => item.as_str(),
            (PhotoSource::Provider, CaptureItem::DocumentFront) => "provider_document_front",
            (PhotoSource::Provider, CaptureItem::DocumentBack) => "provider_document_back",
            (PhotoSource::Provider, CaptureItem::Face) => "provider_face",
        }
    }

    /// The photo with this code.
    pub fn parse(code: &str) -> Option<Self> {
        let all = CaptureItem::ALL.into_iter().flat_map(|item| [Self::uploaded(item), Self::provided(item)]);
        all.into_iter().find(|photo| photo.as_str() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_photo_has_a_code_of_its_own_that_leads_back() {
        for item in CaptureItem::ALL {
            for source in PhotoSource::ALL {
                let photo = Photo { source, item };
                assert_eq!(Photo::parse(photo.as_str()), Some(photo));
            }
        }
        assert_eq!(Photo::parse("provider"), None);
    }
}
