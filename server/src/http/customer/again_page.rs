//! What an agent wants of her: the one photo that is asked for again, or better light.

use axum::response::Response;
use maud::{Markup, html};

use super::capture_page;
use super::page::{Frame, Here, Step, icon, refused, shell, tile};
use super::reader::Reader;
use crate::documents::NotAccepted;
use crate::domain::session::Session;
use crate::http::asked;
use crate::state::App;

/// A tile for each item that is wanted again, with why; what is wrong with the last photo on top.
pub fn show((app, reader, visitor, session): Here<'_>, why: Option<NotAccepted>) -> Response {
    let words = &reader.words;
    let title = words.say("again.title");
    let items: Vec<_> = session.wanted.iter().flat_map(|wanted| wanted.items.keys().copied()).collect();
    let main = html! {
        (refused(reader, why))
        (picture(reader, session))
        h1 { (title) }
        p.lead { (words.say("again.lead")) " " (words.say("photos.limits")) }
        @for item in items {
            (reason(app, reader, session, item))
            (tile(reader, visitor, session, item))
        }
        p.quiet { (words.say("again.after")) }
        (capture_page::way_to_check(reader, session))
    };
    shell(app, reader, title, &Frame::of(Step::Capture).about(session), &main)
}

/// Why this is wanted again.
fn reason(app: &App, reader: &Reader, session: &Session, item: kyc_wire::session::CaptureItem) -> Markup {
    let asked = session.wanted.as_ref().and_then(|wanted| wanted.items.get(&item)).filter(|asked| !asked.is_there);
    let why = asked.and_then(|asked| asked::why(&app.config.policy, &reader.words, &asked.reason));
    html! { @if let Some(why) = why { p.next { (why) } } }
}

/// What is wanted again, where the provider takes the picture.
pub fn note(app: &App, reader: &Reader, session: &Session) -> Markup {
    let words = &reader.words;
    let said = session.wanted.as_ref().map(|wanted| asked::message(&app.config.policy, words, wanted, "again.capture"));
    html! { @if let Some(said) = said { p.next { (said) } } }
}

/// What an agent says of the picture of the call.
pub fn picture(reader: &Reader, session: &Session) -> Markup {
    html! {
        @if let Some(said) = asked::picture(&reader.words, session) {
            div.alert role="status" { (icon("sun")) p { (said) } }
        }
    }
}
