//! Pictures that customers upload, or that come with a result: looked at, encoded anew, sealed, and kept where the configuration says.
//!
//! Decoding is work for a processor, and a picture in memory is large: so few are decoded at once, on threads of their own, and the rest
//! wait.

mod image;
mod objects;
pub mod provided;

use std::sync::Arc;

use kyc_wire::ids::{SessionId, UploadId};
use kyc_wire::photo::Photo;
use kyc_wire::session::CaptureItem;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

pub use self::image::{Format, LARGEST, NotAccepted};
pub use self::objects::{ObjectError, Objects};

use crate::casework;
use crate::config::documents::Documents as Settings;
use crate::custody::{self, CustodyError};
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::command::Report;
use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::http::request_id;
use crate::pii::Picture;
use crate::pii::vault::{DataKey, KeyScope, Unsealable};
use crate::state::App;
use crate::store::documents::{StoredDocument, StoredUpload};
use crate::store::{StoreError, Tx};

/// How long a photo may lie in the store before a row names it.
const UNNAMED_SECONDS: i64 = 3600;

/// What works on pictures.
pub struct Documents {
    objects: Objects,
    workers: Arc<Semaphore>,
}

/// Why a picture is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    /// It is the file.
    #[error("the file is not accepted")]
    File(#[from] NotAccepted),
    /// It is something else.
    #[error("it could not be taken in")]
    Other(ApiError),
}

impl From<ApiError> for UploadError {
    fn from(error: ApiError) -> Self {
        Self::Other(error)
    }
}

impl From<StoreError> for UploadError {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<CustodyError> for UploadError {
    fn from(error: CustodyError) -> Self {
        Self::Other(error.into())
    }
}

impl From<ObjectError> for UploadError {
    fn from(error: ObjectError) -> Self {
        Self::Other(error.into())
    }
}

impl Documents {
    /// On the configured place.
    pub fn open(settings: &Settings) -> Result<Self, ObjectError> {
        Ok(Self { objects: Objects::open(settings)?, workers: Arc::new(Semaphore::new(settings.workers)) })
    }

    /// The picture in a file, encoded anew, once a worker is free.
    async fn anew(&self, photo: Photo, file: Zeroizing<Vec<u8>>) -> Result<(Format, Picture), NotAccepted> {
        // Told at once, whoever else waits.
        Format::of(&file)?;
        let turn = Arc::clone(&self.workers).acquire_owned().await.map_err(|_| NotAccepted::Broken)?;
        let work = tokio::task::spawn_blocking(move || {
            let done = image::anew(&file);
            drop(turn);
            done
        });
        // A decoder that panics has met a file that is broken in a new way.
        let (format, bytes) = work.await.map_err(|_| NotAccepted::Broken)??;
        Ok((format, Picture::new(photo, bytes)))
    }

    /// Deletes every photo of a session that no row names and that was written an hour ago or earlier: one that is younger may be about to
    /// be named.
    pub async fn forget_unnamed(&self, app: &App, session: SessionId) -> Result<(), ApiError> {
        let before = app.clock.now().plus_seconds(-UNNAMED_SECONDS);
        // The objects first: what is named after they were listed was not among them, or is young.
        let old = self.objects.list(&session.to_string(), before).await?;
        let named = app.store.glance(&app.tenant).await?.list_objects(session).await?;
        for object in old.into_iter().filter(|object| !named.contains(object)) {
            self.objects.delete(&object).await?;
        }
        Ok(())
    }

    async fn forget(&self, object: &str) {
        if self.objects.delete(object).await.is_err() {
            // It can be read by nobody once the session's key is gone.
            tracing::warn!(document.object = object, "an object that is no longer used could not be deleted");
        }
    }
}

impl From<ObjectError> for ApiError {
    fn from(error: ObjectError) -> Self {
        Self::Fault(kyc_wire::problem::ProblemCode::Unavailable, Box::new(error))
    }
}

/// The key of a session, made when it has none.
async fn key(app: &App, session: SessionId) -> Result<DataKey, ApiError> {
    let scope = KeyScope::Session(session);
    let mut tx = app.store.begin(&app.tenant).await?;
    let key = custody::key(&mut *tx, &app.vault, &app.tenant, &scope).await?;
    tx.commit().await?;
    Ok(key)
}

/// Takes in a file as the picture of an item: in place of an earlier one, which is deleted once the new one counts.
pub async fn receive(
    app: &App,
    session: SessionId,
    item: CaptureItem,
    file: Zeroizing<Vec<u8>>,
) -> Result<Session, UploadError> {
    let photo = Photo::uploaded(item);
    let (format, picture) = app.documents.anew(photo, file).await?;
    let sealed = key(app, session).await?.seal_picture(&picture);
    drop(picture);
    let document = lay_down(app, session, (photo, format), sealed).await?;
    match keep(app, session, item, &document).await {
        Ok((session, earlier)) => {
            if let Some(earlier) = earlier {
                app.documents.forget(&earlier).await;
            }
            Ok(session)
        }
        Err(error) => {
            app.documents.forget(&document.object).await;
            Err(error.into())
        }
    }
}

/// Lays down what is sealed, under a name of its own each time: what counts is decided by the row, so nothing is lost when this ends half-way.
async fn lay_down(
    app: &App,
    session: SessionId,
    (photo, format): (Photo, Format),
    sealed: Vec<u8>,
) -> Result<StoredDocument, ObjectError> {
    let object = format!("{session}/{}-{}", photo.as_str(), app.ids.opaque());
    app.documents.objects.put(&object, sealed).await?;
    let media_type = format.media_type().to_owned();
    Ok(StoredDocument { photo, object, media_type, received_at: app.clock.now() })
}

async fn keep(
    app: &App,
    id: SessionId,
    item: CaptureItem,
    document: &StoredDocument,
) -> Result<(Session, Option<String>), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    let earlier = tx.find_document(id, document.photo).await?.map(|earlier| earlier.object);
    tx.upsert_document(id, document).await?;
    // With the last photo that was asked for again, the session goes on.
    let entry = NewEntry::done(Actor::Customer, Action::DocumentUploaded).on(id).with(item.as_str());
    let entry = entry.in_request(&request_id::current());
    let changed = casework::report_as(app, tx, session, Report::Uploaded(item), entry).await?;
    Ok((changed.commit(app).await?, earlier))
}

/// The customer says that it is all.
pub async fn send(app: &App, id: SessionId) -> Result<Session, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let session = tx.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    if session.uploads.sent_at.is_some() && session.state.can_be_held() && !session.state.has_customer() {
        return Ok(session);
    }
    let report = (Actor::Customer, Action::DocumentsSent);
    casework::report(app, tx, session, Report::UploadsSent, report).await?.commit(app).await
}

/// A photo as it lies in the store.
pub struct Kept {
    photo: Photo,
    /// `image/jpeg` or `image/png`.
    pub media_type: String,
    sealed: Vec<u8>,
}

/// A photo, sealed: fetched before the transaction in which it is opened, which must not wait for another machine.
pub async fn find(app: &App, session: SessionId, photo: Photo) -> Result<Option<Kept>, ApiError> {
    let document = app.store.glance(&app.tenant).await?.find_document(session, photo).await?;
    let Some(StoredDocument { object, media_type, .. }) = document else { return Ok(None) };
    Ok(Some(Kept { photo, media_type, sealed: app.documents.objects.find(&object).await? }))
}

/// Opens it.
pub async fn open(app: &App, tx: &mut dyn Tx, session: SessionId, kept: &Kept) -> Result<Picture, ApiError> {
    let key = custody::existing_key(tx, &app.vault, &app.tenant, &KeyScope::Session(session)).await?;
    let key = key.ok_or(CustodyError::from(Unsealable))?;
    Ok(key.open_picture(&kept.sealed, kept.photo).map_err(CustodyError::from)?)
}

/// Which place in the upload a part is sealed for: moved to another, it does not open.
fn place(id: UploadId, start: u64) -> String {
    format!("upload_part:{id}:{start}")
}

/// Keeps a part of an upload that begins where the last one ended. Gives the bytes that have arrived now.
pub async fn keep_part(app: &App, upload: &StoredUpload, part: &[u8]) -> Result<u64, ApiError> {
    let key = key(app, upload.session_id).await?;
    let sealed = key.seal_bytes(part, upload.item.as_str(), &place(upload.id, upload.received));
    let received = upload.received + part.len() as u64;
    let mut tx = app.store.begin(&app.tenant).await?;
    let now = tx.find_upload(upload.id).await?.ok_or_else(ApiError::not_found)?;
    if now.received != upload.received {
        return Ok(now.received);
    }
    tx.insert_part(upload, &sealed, received).await?;
    tx.commit().await?;
    Ok(received)
}

/// Takes in an upload whose parts have all arrived. What is refused must be begun anew.
pub async fn finish(app: &App, upload: &StoredUpload) -> Result<Session, UploadError> {
    let key = key(app, upload.session_id).await?;
    let parts = app.store.read(&app.tenant).await?.list_parts(upload.id).await?;
    let mut file = Zeroizing::new(Vec::with_capacity(usize::try_from(upload.size).unwrap_or_default()));
    for (start, sealed) in parts {
        let part = key.open_bytes(&sealed, upload.item.as_str(), &place(upload.id, start));
        file.extend(part.map_err(CustodyError::from)?.iter());
    }
    let taken = receive(app, upload.session_id, upload.item, file).await;
    if !matches!(taken, Err(UploadError::Other(_))) {
        let mut tx = app.store.begin(&app.tenant).await?;
        tx.delete_upload(upload.id).await?;
        tx.commit().await?;
    }
    taken
}
