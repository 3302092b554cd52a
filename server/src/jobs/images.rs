//! Fetches the pictures of a provider's result, where the bank wants them.

use kyc_wire::session::CaptureItem;

use super::provider::{NO_INTEGRATION, names_of, retry};
use super::{Outcome, find};
use crate::casework;
use crate::documents::provided::{self, Provided};
use crate::documents::{self, UploadError};
use crate::http::error::ApiError;
use crate::outbound::{Outbound, Urgency};
use crate::providers::{Call, Image, LARGEST_IMAGE, ProviderError, ProviderRef, backoff};
use crate::state::App;

/// How often pictures are asked for that are not there yet.
const TRIES: u32 = 8;

const _: () = assert!(LARGEST_IMAGE == documents::LARGEST, "a provider's picture may be as large as an upload");

/// Fetches what there is: `subject` is the session's id, a colon, and the version of its result. Each picture is kept before the next is asked
/// for, so what breaks off goes on where it was.
pub async fn fetch(app: &App, subject: &str, attempts: u32) -> Result<Outcome, ApiError> {
    let parts = subject.split_once(':').and_then(|(id, result)| Some((id.parse().ok()?, result.parse::<u32>().ok()?)));
    let Some((id, result)) = parts else { return Ok(Outcome::Dead("its subject is no result")) };
    let Some(session) = find(app, id).await?.filter(|session| session.takes_images(result)) else {
        return Ok(Outcome::Done);
    };
    let run = casework::counting_run(&mut *app.store.glance(&app.tenant).await?, &session).await?;
    let Some(run) = run else { return Ok(Outcome::Done) };
    let Some(outbound) = app.providers.get(&run.integration) else { return Ok(NO_INTEGRATION) };
    if !outbound.fetches_images {
        return Ok(Outcome::Done);
    }
    let Some(provider_ref) = names_of(&run) else { return Ok(Outcome::Dead("the run's reference cannot be read")) };
    provided::forget_earlier(app, &session).await?;
    let images = match list(app, outbound, &provider_ref, attempts).await {
        Ok(images) => images,
        Err(outcome) => return Ok(outcome),
    };
    let of = Provided { session: id, result, integration: &run.integration };
    for item in CaptureItem::ALL.into_iter().filter(|item| !session.images.contains_key(item)) {
        let Some(image) = images.iter().find(|image| image.item == item) else { continue };
        if let Some(outcome) = one(app, outbound, (&provider_ref, image), (&of, attempts)).await? {
            return Ok(outcome);
        }
    }
    Ok(Outcome::Done)
}

/// What pictures there are. An agent waits for them at most, and she has the result already: customers who wait for a link go before.
async fn list(
    app: &App,
    outbound: &Outbound,
    provider_ref: &ProviderRef,
    attempts: u32,
) -> Result<Vec<Image>, Outcome> {
    let pass = outbound.gate.pass(Urgency::Nobody).map_err(Outcome::NotYet)?;
    let images = outbound.images(provider_ref).await;
    pass.ended((&images).into());
    match images {
        Ok(images) if !images.is_empty() => Ok(images),
        Ok(_) => Err(not_there(app, attempts)),
        Err(error) => Err(failed(app, &error, attempts)),
    }
}

/// Fetches one picture and takes it in. Says what becomes of the job, if it cannot go on with the next.
async fn one(
    app: &App,
    outbound: &Outbound,
    (provider_ref, image): (&ProviderRef, &Image),
    (of, attempts): (&Provided<'_>, u32),
) -> Result<Option<Outcome>, ApiError> {
    let pass = match outbound.gate.pass(Urgency::Nobody) {
        Ok(pass) => pass,
        Err(wait) => return Ok(Some(Outcome::NotYet(wait))),
    };
    let file = outbound.image(provider_ref, image).await;
    pass.ended((&file).into());
    match file {
        Ok(file) => match provided::take_in(app, of, image.item, file).await {
            Ok(()) => Ok(None),
            Err(UploadError::Other(error)) => Err(error),
            Err(UploadError::File(why)) => unreachable!("{why}: written down, not handed on"),
        },
        // It would be no other the next time.
        Err(ProviderError::TooLarge) => {
            provided::refuse(app, of, image.item, "too_large").await?;
            Ok(None)
        }
        Err(error) => Ok(Some(failed(app, &error, attempts))),
    }
}

fn failed(app: &App, error: &ProviderError, attempts: u32) -> Outcome {
    match error {
        ProviderError::NotFound => not_there(app, attempts),
        error => retry(app, error, Call::Read, attempts),
    }
}

/// Pictures may come a little later than the result. In the end an operator is told: perhaps the provider keeps none for this contract.
fn not_there(app: &App, attempts: u32) -> Outcome {
    if attempts + 1 >= TRIES {
        return Outcome::Dead("the provider has no pictures of this result");
    }
    Outcome::Again(backoff::delay(attempts + 1, None, &*app.rng))
}
