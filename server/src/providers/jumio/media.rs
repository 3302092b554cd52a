//! Pictures at Jumio: parts of the credentials of a workflow execution (Jumio's API guide, "Get workflow details").

use http::Method;
use kyc_wire::session::CaptureItem;
use serde::Deserialize;

use super::payload::{Named, Workflow};
use super::{Jumio, account, path};
use crate::providers::lenient::{List, Object, Scalar};
use crate::providers::{Image, ImageBytes, LARGEST_IMAGE, ProviderError, ProviderRef};

/// Under this name an image keeps which part of its credential it is.
const PART: &str = "part";

/// What there is. The addresses of parts are not even parsed.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Media {
    workflow: Object<Workflow>,
    account: Object<Named>,
    credentials: List<Object<Credential>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Credential {
    id: Scalar,
    category: Scalar,
    parts: List<Object<Part>>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    classifier: Scalar,
}

impl Jumio {
    pub(super) async fn media(&self, session: &ProviderRef) -> Result<Vec<Image>, ProviderError> {
        let media: Media = self.read(self.execution(session, &[])?, "the credentials").await?;
        let workflow = media.workflow.0.as_ref().and_then(|workflow| workflow.id.text());
        let owner = media.account.0.as_ref().and_then(|account| account.id.text());
        if workflow != Some(session.id()) || owner != Some(account(session)?) {
            return Err(ProviderError::Unreadable("workflow.id or account.id"));
        }
        Ok(media.credentials.0.iter().filter_map(|credential| credential.0.as_ref()).flat_map(images).collect())
    }

    pub(super) async fn part(&self, session: &ProviderRef, image: &Image) -> Result<ImageBytes, ProviderError> {
        let part = image.id.extra(PART).ok_or(ProviderError::NotFound)?;
        let of = ["api", "v1", "accounts", account(session)?, "credentials", image.id.id(), "parts", part];
        let url = path(&self.settings.hosts.retrieval, &of);
        Ok(self
            .call_for(LARGEST_IMAGE, (Method::GET, url), "image/jpeg, image/png, application/json", None)
            .await?
            .body)
    }
}

fn images(credential: &Credential) -> Vec<Image> {
    let parts = credential.parts.0.iter().filter_map(|part| part.0.as_ref());
    let image = |part: &Part| {
        let classifier = part.classifier.text()?;
        let item = item(credential.category.text()?, classifier)?;
        let id = ProviderRef::parse(credential.id.text()?).ok()?.with(PART, classifier).ok()?;
        Some(Image { item, id })
    };
    parts.filter_map(image).collect()
}

/// Face maps and the pictures of a liveness check stay where they are: nobody here looks at them.
fn item(category: &str, classifier: &str) -> Option<CaptureItem> {
    match (category, classifier) {
        ("ID", "FRONT") => Some(CaptureItem::DocumentFront),
        ("ID", "BACK") => Some(CaptureItem::DocumentBack),
        ("SELFIE", "FACE") => Some(CaptureItem::Face),
        _ => None,
    }
}
