//! The pages around the provider's check of document and face: before it, while it is prepared, and when she is back.

use axum::response::Response;
use kyc_wire::routes as at;
use maud::{Markup, html};

use super::again_page::{note, picture};
use super::page::{Frame, Here, Step, device, icon, later, shell};
use super::reader::Reader;
use crate::domain::session::Session;

/// A run is started within moments.
const SOON_SECONDS: u32 = 3;
/// A provider says within moments that everything arrived, or that it did not.
const RETURNED_SECONDS: u32 = 5;

/// The way to the newest run. A plain link in the same window: it works everywhere, and on a phone the provider leads her back here.
fn way(reader: &Reader, key: &str) -> Markup {
    html! { a.primary href=(reader.at(at::CUSTOMER_CAPTURE)) rel="noreferrer" { (reader.words.say(key)) } }
}

/// The step that leads to the provider.
pub fn now((app, reader, _, session): Here<'_>) -> Response {
    let words = &reader.words;
    let has_photos = session.uploads.sent_at.is_some();
    let main = html! {
        @if has_photos {
            p.next.next--done { (icon("check")) span { (words.say("capture.after_photos")) } }
        }
        (picture(reader, session))
        h1 { (words.say("capture.title")) }
        p.lead { (words.say("capture.lead")) }
        (note(app, reader, session))
        (way(reader, "capture.button"))
        p.quiet { (words.say("capture.note")) }
        (way_to_photos(reader, session))
        (device(app, reader, session))
    };
    shell(app, reader, words.say("capture.title"), &Frame::of(Step::Capture).about(session), &main)
}

/// There is no link for her yet.
pub fn soon((app, reader, _, session): Here<'_>) -> Response {
    let words = &reader.words;
    let main = html! {
        (picture(reader, session))
        h1 { (words.say("capture.soon_title")) }
        p.lead { (words.say("capture.soon")) }
        (note(app, reader, session))
        (way_to_photos(reader, session))
    };
    shell(app, reader, words.say("capture.soon_title"), &Frame::until(Step::Capture, SOON_SECONDS), &main)
}

/// She was at the provider. It tells us within moments; if it does not, she may not have finished.
pub fn returned((app, reader, visitor, session): Here<'_>) -> Response {
    let words = &reader.words;
    let main = html! {
        (picture(reader, session))
        h1 { (words.say("capture.returned_title")) }
        p.lead { (words.say("capture.returned")) }
        (note(app, reader, session))
        p.next { (words.say("capture.unfinished")) }
        (way(reader, "capture.go_on"))
        (way_to_photos(reader, session))
        (later(app, reader, visitor))
    };
    shell(app, reader, words.say("capture.returned_title"), &Frame::until(Step::Capture, RETURNED_SECONDS), &main)
}

/// For whom the check does not work; who has sent photos may add to them.
fn way_to_photos(reader: &Reader, session: &Session) -> Markup {
    let words = &reader.words;
    html! {
        @if session.uploads.sent_at.is_some() {
            p { a.button href=(reader.at_photos()) { (words.say("review.again")) } }
        } @else {
            section.card {
                h2 { (words.say("capture.photos_title")) }
                p { (words.say("capture.photos")) }
                p { a.button href=(reader.at_photos()) { (words.say("capture.photos_button")) } }
            }
        }
    }
}

/// Below the photos: the check says all that they cannot, where it works.
pub fn way_to_check(reader: &Reader, session: &Session) -> Markup {
    let words = &reader.words;
    html! {
        @if session.takes_capture() {
            section.card {
                h2 { (words.say("capture.title")) }
                p { (words.say("capture.instead")) }
                p { a.button href=(reader.at(at::CUSTOMER_CAPTURE)) rel="noreferrer" { (words.say("capture.button")) } }
            }
        }
    }
}
