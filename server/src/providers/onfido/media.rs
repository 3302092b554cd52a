//! Pictures at Onfido: documents and live photos of the applicant (the vendor's `OpenAPI` document for API v3.6, `documents` and `live_photos`).
//! What was captured as a video or in motion has no picture of its own, and is not fetched.

use http::Method;
use kyc_wire::ids::Micros;
use kyc_wire::session::CaptureItem;
use serde::Deserialize;

use super::{Onfido, decision};
use crate::providers::lenient::{List, Object, Scalar};
use crate::providers::{Image, ImageBytes, LARGEST_IMAGE, ProviderError, ProviderRef};

/// What there is of one kind. Addresses and names of files are not even parsed.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Media {
    documents: List<Object<Item>>,
    live_photos: List<Object<Item>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    id: Scalar,
    created_at: Scalar,
    /// Of a document: `front`, `back`, or nothing for what has one side.
    side: Scalar,
    /// Of a document: which kind.
    #[serde(rename = "type")]
    kind: Scalar,
}

impl Onfido {
    pub(super) async fn media(&self, session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        let applicant = self.applicant_of(session).await?;
        let of = [("applicant_id", applicant.as_str())];
        let documents: Media = self.read(&["documents"], &of, "the documents").await?;
        let faces: Media = self.read(&["live_photos"], &of, "the live photos").await?;
        let mut found = images(&documents.documents, document);
        found.extend(images(&faces.live_photos, |_| Some(CaptureItem::Face)));
        // One applicant has all runs of a session: of each kind the latest counts.
        found.sort_by_key(|(created_at, _)| std::cmp::Reverse(*created_at));
        Ok(found.into_iter().map(|(_, image)| image).collect())
    }

    pub(super) async fn download(&self, image: &Image) -> Result<ImageBytes, ProviderError> {
        let kind = if image.item == CaptureItem::Face { "live_photos" } else { "documents" };
        let to = (&[kind, image.id.id(), "download"][..], &[][..]);
        Ok(self.call_for(LARGEST_IMAGE, Method::GET, to, None).await?.body)
    }
}

fn images(list: &List<Object<Item>>, item: fn(&Item) -> Option<CaptureItem>) -> Vec<(Option<Micros>, Image)> {
    let found = list.0.iter().filter_map(|found| found.0.as_ref());
    let image = |found: &Item| {
        let id = ProviderRef::parse(found.id.text()?).ok()?;
        Some((decision::time(&found.created_at), Image { item: item(found)?, id }))
    };
    found.filter_map(image).collect()
}

/// Which side of an identity document it is; bills and other papers are none.
fn document(found: &Item) -> Option<CaptureItem> {
    let kinds = ["passport", "national_identity_card", "driving_licence", "residence_permit"];
    if !kinds.contains(&found.kind.text()?) {
        return None;
    }
    match found.side.text() {
        Some("front") | None => Some(CaptureItem::DocumentFront),
        Some("back") => Some(CaptureItem::DocumentBack),
        Some(_) => None,
    }
}
