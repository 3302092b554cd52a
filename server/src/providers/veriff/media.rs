//! Pictures at Veriff (devdocs.veriff.com, "GET /v1/attempts/{attemptId}/media", "GET /v1/media/{mediaId}").

use kyc_wire::session::CaptureItem;
use serde::Deserialize;

use crate::providers::lenient::{List, Object, Scalar};
use crate::providers::{Image, ProviderRef};

/// What there is. Videos and addresses are not even parsed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    images: List<Object<Item>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    id: Scalar,
    context: Scalar,
}

impl Media {
    /// The pictures that are shown. Everything else that Veriff may list (frames, crops, chips) is left where it is.
    pub(super) fn images(self) -> Vec<Image> {
        let found = self.images.0.into_iter().filter_map(|image| image.0);
        found.filter_map(|image| Some(Image { item: item(image.context.text()?)?, id: id(&image)? })).collect()
    }
}

fn item(context: &str) -> Option<CaptureItem> {
    match context {
        "document-front" => Some(CaptureItem::DocumentFront),
        "document-back" => Some(CaptureItem::DocumentBack),
        "face" => Some(CaptureItem::Face),
        _ => None,
    }
}

fn id(image: &Item) -> Option<ProviderRef> {
    ProviderRef::parse(image.id.text()?).ok()
}
