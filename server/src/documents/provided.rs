//! Pictures that come with a provider's result: taken in as uploads are, and kept beside them, never in their place.

use kyc_wire::ids::SessionId;
use kyc_wire::photo::Photo;
use kyc_wire::session::CaptureItem;
use zeroize::Zeroizing;

use super::{NotAccepted, UploadError, lay_down};
use crate::casework;
use crate::custody;
use crate::domain::audit::{Action, Actor, NewEntry};
use crate::domain::command::Report;
use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::pii::vault::{DataKey, KeyScope};
use crate::state::App;
use crate::store::documents::StoredDocument;

/// Whose pictures they are.
pub struct Provided<'a> {
    /// Of which session.
    pub session: SessionId,
    /// Version of the result that they belong to.
    pub result: u32,
    /// The integration that hands them over.
    pub integration: &'a str,
}

/// The session's key. One that is gone is not made anew: what it sealed is over.
async fn key(app: &App, session: SessionId) -> Result<Option<DataKey>, ApiError> {
    let mut tx = app.store.glance(&app.tenant).await?;
    Ok(custody::existing_key(&mut *tx, &app.vault, &app.tenant, &KeyScope::Session(session)).await?)
}

/// Takes in the picture of an item, or writes down that it is none that may be kept. Changes nothing once the session takes no more of them.
pub async fn take_in(
    app: &App,
    of: &Provided<'_>,
    item: CaptureItem,
    file: Zeroizing<Vec<u8>>,
) -> Result<(), UploadError> {
    let photo = Photo::provided(item);
    let (format, picture) = match app.documents.anew(photo, file).await {
        Ok(anew) => anew,
        Err(why) => return Ok(refuse(app, of, item, code(why)).await?),
    };
    let Some(key) = key(app, of.session).await? else { return Ok(()) };
    let sealed = key.seal_picture(&picture);
    drop(picture);
    let document = lay_down(app, of.session, (photo, format), sealed).await?;
    match keep(app, of, item, &document).await {
        Ok(Some(earlier)) => {
            if let Some(earlier) = earlier {
                app.documents.forget(&earlier).await;
            }
            Ok(())
        }
        Ok(None) => {
            app.documents.forget(&document.object).await;
            Ok(())
        }
        Err(error) => {
            app.documents.forget(&document.object).await;
            Err(error.into())
        }
    }
}

/// Gives the object that it replaces, if there was one; nothing at all where the session takes no more pictures.
async fn keep(
    app: &App,
    of: &Provided<'_>,
    item: CaptureItem,
    document: &StoredDocument,
) -> Result<Option<Option<String>>, ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(of.session).await?.filter(|session| session.takes_images(of.result)) else {
        return Ok(None);
    };
    let earlier = tx.find_document(of.session, document.photo).await?.map(|earlier| earlier.object);
    tx.upsert_document(of.session, document).await?;
    let report = Report::Image { result: of.result, item, is_refused: false };
    let entry = NewEntry::done(actor(of), Action::ImageReceived).on(of.session).with(item.as_str());
    casework::report_as(app, tx, session, report, entry).await?.commit(app).await?;
    Ok(Some(earlier))
}

/// Writes down that a picture is none that may be kept: it is not asked for again, and the case goes on without it.
pub async fn refuse(app: &App, of: &Provided<'_>, item: CaptureItem, code: &'static str) -> Result<(), ApiError> {
    let mut tx = app.store.begin(&app.tenant).await?;
    let Some(session) = tx.find_session(of.session).await?.filter(|session| session.takes_images(of.result)) else {
        return Ok(());
    };
    let report = Report::Image { result: of.result, item, is_refused: true };
    let entry = NewEntry::refused(actor(of), Action::ImageReceived, code).on(of.session).with(item.as_str());
    casework::report_as(app, tx, session, report, entry).await?.commit(app).await?;
    tracing::warn!(session.id = %of.session, provider.name = of.integration, problem = code, "a provider's picture was not kept");
    Ok(())
}

fn actor(of: &Provided<'_>) -> Actor {
    Actor::Provider { integration: of.integration.to_owned() }
}

/// Deletes pictures that an earlier result brought: beside this one they would mislead.
pub async fn forget_earlier(app: &App, session: &Session) -> Result<(), ApiError> {
    for item in CaptureItem::ALL.into_iter().filter(|item| !session.images.contains_key(item)) {
        let photo = Photo::provided(item);
        let Some(earlier) = app.store.glance(&app.tenant).await?.find_document(session.id, photo).await? else {
            continue;
        };
        let mut tx = app.store.begin(&app.tenant).await?;
        // A later result may have brought this one while we looked.
        let now = tx.find_session(session.id).await?;
        if now.is_none_or(|now| now.images.contains_key(&item)) {
            continue;
        }
        tx.delete_document(session.id, photo).await?;
        tx.commit().await?;
        app.documents.forget(&earlier.object).await;
    }
    Ok(())
}

const fn code(why: NotAccepted) -> &'static str {
    match why {
        NotAccepted::NoFile => "no_file",
        NotAccepted::TooLarge => "too_large",
        NotAccepted::TooManyPixels => "too_many_pixels",
        NotAccepted::Pdf => "pdf",
        NotAccepted::NotAPicture => "not_a_picture",
        NotAccepted::Broken => "broken",
    }
}
