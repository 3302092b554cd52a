//! A photo by a plain form, for any browser; and the button that says that it is all.

use std::sync::Arc;

use axum::extract::multipart::{Field, Multipart};
use axum::extract::{Form, FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use kyc_wire::session::CaptureItem;
use zeroize::Zeroizing;

use super::reader::Reader;
use super::trouble::Trouble;
use super::visit::Visitor;
use super::{Answer, Plain, again_page, check_form, page, see_page};
use crate::documents::{self, LARGEST, NotAccepted, UploadError};
use crate::state::App;

/// A photo and what stands around it in a form.
pub const LARGEST_FORM: usize = LARGEST + 64 * 1024;

/// What a form with a photo says.
#[derive(Default)]
struct Sent {
    form: String,
    item: Option<CaptureItem>,
    file: Zeroizing<Vec<u8>>,
}

/// Why a form with a photo is not taken.
enum Refused {
    Form,
    File(NotAccepted),
}

async fn read(mut form: Multipart) -> Result<Sent, Refused> {
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.map_err(|error| refused(error.status()))? {
        match field.name() {
            Some("form") => sent.form = text(field).await?,
            Some("item") => sent.item = CaptureItem::parse(&text(field).await?),
            Some("file") => sent.file = file(field).await?,
            _ => return Err(Refused::Form),
        }
    }
    Ok(sent)
}

async fn text(field: Field<'_>) -> Result<String, Refused> {
    field.text().await.map_err(|error| refused(error.status()))
}

/// Grows with what arrives: nobody reserves memory by announcing a large file.
async fn file(mut field: Field<'_>) -> Result<Zeroizing<Vec<u8>>, Refused> {
    let mut file = Zeroizing::new(Vec::new());
    while let Some(chunk) = field.chunk().await.map_err(|error| refused(error.status()))? {
        if file.len() + chunk.len() > LARGEST {
            return Err(Refused::File(NotAccepted::TooLarge));
        }
        file.extend(&chunk);
    }
    Ok(file)
}

fn refused(status: StatusCode) -> Refused {
    if status == StatusCode::PAYLOAD_TOO_LARGE { Refused::File(NotAccepted::TooLarge) } else { Refused::Form }
}

/// Takes in a photo, and shows the page again.
pub async fn photo(State(app): State<Arc<App>>, visitor: Visitor, reader: Reader, request: Request) -> Answer {
    if !visitor.session(&app).await?.takes_uploads() {
        return Err(Trouble::NotNow);
    }
    let form = Multipart::from_request(request, &app).await.map_err(|_| Trouble::Form)?;
    let sent = match read(form).await {
        Ok(sent) => sent,
        Err(Refused::Form) => return Err(Trouble::Form),
        Err(Refused::File(why)) => return again(&app, &reader, &visitor, why).await,
    };
    check_form(&visitor, &sent.form)?;
    let item = sent.item.ok_or(Trouble::Form)?;
    match documents::receive(&app, visitor.session_id(), item, sent.file).await {
        Ok(_) => Ok(see_page(&reader)),
        Err(UploadError::File(why)) => again(&app, &reader, &visitor, why).await,
        Err(UploadError::Other(error)) => Err(error.into()),
    }
}

/// The page with what is wrong with the file on top.
async fn again(app: &App, reader: &Reader, visitor: &Visitor, why: NotAccepted) -> Answer {
    let session = visitor.session(app).await?;
    let mut response: Response = if session.wanted.is_some() {
        again_page::show((app, reader, visitor, &session), Some(why))
    } else {
        page::photos(app, reader, visitor, &session, Some(why))
    };
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// She says that it is all: a person looks at it now.
pub async fn send(State(app): State<Arc<App>>, visitor: Visitor, reader: Reader, request: Request) -> Answer {
    let Form(sent) = Form::<Plain>::from_request(request, &app).await.map_err(|_| Trouble::Form)?;
    check_form(&visitor, &sent.form)?;
    documents::send(&app, visitor.session_id()).await?;
    Ok(see_page(&reader))
}
