//! The page itself. Everything it says comes from [`crate::texts`]; everything it looks like from its style sheet.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use kyc_wire::routes as at;
use kyc_wire::session::{CaptureItem, Status};
use maud::{DOCTYPE, Markup, html};

use super::again_page;
use super::capture_page;
use super::files::{SCRIPT, STYLE};
use super::reader::Reader;
use super::trouble::Told;
use super::visit::Visitor;
use crate::documents::NotAccepted;
use crate::domain::session::{CustomerStep, PoorPicture, Session, State, Wanted};
use crate::http::asked::photo_key;
use crate::http::request_id;
use crate::state::App;

/// While others have their turn: she is asked again by them, or told how it ended.
const LOOK_AGAIN_SECONDS: u32 = 15;

/// Nothing but our own files, and forms to ourselves. No script or style in the page, nobody frames it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob:; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The three steps.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What she agrees to.
    Consent,
    /// Her document and her face: at the provider, or by photos.
    Capture,
    /// Others look at it.
    Review,
}

impl Step {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Consent, "page.step_consent"),
        (Self::Capture, "page.step_capture"),
        (Self::Review, "page.step_review"),
    ];
}

/// How a page is framed.
#[derive(Clone, Default)]
pub struct Frame {
    /// Which step it is part of, if any.
    pub step: Option<Step>,
    /// After how many seconds it is looked at anew, if something may change by itself.
    pub again_seconds: Option<u32>,
    /// What she is asked for, as codes. Where there is something to fill in, the page changes with that alone, and only by the script.
    pub about: Option<String>,
}

impl Frame {
    /// Of a page that stays as it is until she does something.
    pub const fn of(step: Step) -> Self {
        Self { step: Some(step), again_seconds: None, about: None }
    }

    /// Of a page on which something may change by itself.
    pub const fn until(step: Step, again_seconds: u32) -> Self {
        Self { step: Some(step), again_seconds: Some(again_seconds), about: None }
    }

    /// Of a page with something to fill in, which an agent may change by what she asks for.
    pub fn about(self, session: &Session) -> Self {
        let wanted = session.wanted.iter().flat_map(Wanted::open).map(|(item, _)| item.as_str());
        let poor_picture = session.poor_picture().map(PoorPicture::as_str);
        let about = [session.customer_step().as_str()].into_iter().chain(poor_picture).chain(wanted);
        let about = about.collect::<Vec<_>>().join(" ");
        Self { again_seconds: Some(LOOK_AGAIN_SECONDS), about: Some(about), ..self }
    }
}

/// A page that is finished.
fn finished(markup: &Markup) -> Response {
    let mut response = markup.0.clone().into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
    let camera = "accelerometer=(), camera=(self), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), payment=(), usb=()";
    headers.insert(HeaderName::from_static("permissions-policy"), HeaderValue::from_static(camera));
    response
}

/// A page with this title and middle.
pub fn shell(app: &App, reader: &Reader, title: &str, frame: &Frame, main: &Markup) -> Response {
    let step = frame.step;
    let words = &reader.words;
    let bank = &app.config.customer.bank_name;
    finished(&html! {
        (DOCTYPE)
        html lang=(words.code()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="robots" content="noindex";
                title { (title) " · " (if bank.is_empty() { words.say("page.title") } else { bank }) }
                link rel="stylesheet" href=(STYLE.path()) integrity=(STYLE.integrity);
                // A browser with scripts looks without losing the place.
                @if let Some(seconds) = frame.again_seconds.filter(|_| frame.about.is_none()) {
                    noscript { meta http-equiv="refresh" content=(seconds); }
                }
                @if step.is_some() { script type="module" src=(SCRIPT.path()) integrity=(SCRIPT.integrity) {} }
            }
            body data-words=(script_words(reader)) {
                header.top {
                    p.top__name {
                        (icon("shield"))
                        span { @if !bank.is_empty() { strong { (bank) } " " } (words.say("page.title")) }
                    }
                    (languages(app, reader))
                }
                @if let Some(step) = step { (steps(reader, step)) }
                main #main tabindex="-1" data-live[step.is_some()] data-again=[frame.again_seconds]
                    data-about=[frame.about.as_ref()] { (main) }
                p.hidden #told role="status" {}
                footer.foot {
                    p { (icon("lock")) span { (words.say("page.safe")) } }
                    p { (icon("help")) span { (words.say("page.help")) } }
                }
            }
        }
    })
}

/// What the script says, as JSON.
fn script_words(reader: &Reader) -> String {
    let words: BTreeMap<_, _> =
        reader.words.beginning_with("script.").chain(reader.words.beginning_with("check.")).collect();
    serde_json::to_string(&words).expect("texts are plain data")
}

fn languages(app: &App, reader: &Reader) -> Markup {
    html! {
        nav.languages aria-label=(reader.words.say("page.languages")) {
            @for (code, name) in app.config.customer.texts.names() {
                @if code == reader.words.code() {
                    span aria-current="true" lang=(code) { (name) }
                } @else {
                    a href=(reader.here_in(code)) lang=(code) hreflang=(code) { (name) }
                }
            }
        }
    }
}

fn standing(step: Step, now: Step) -> &'static str {
    match step.cmp(&now) {
        Ordering::Less => "done",
        Ordering::Equal => "now",
        Ordering::Greater => "next",
    }
}

fn steps(reader: &Reader, now: Step) -> Markup {
    let words = &reader.words;
    html! {
        nav.steps aria-label=(words.say("page.steps")) {
            ol {
                @for (step, key) in Step::ALL {
                    li data-state=(standing(step, now))
                        aria-current=[(step == now).then_some("step")] {
                        span { (words.say(key)) }
                        @if step < now { span.hidden { " (" (words.say("page.step_done")) ")" } }
                    }
                }
            }
        }
    }
}

/// One of the few pictures, drawn by the style sheet's colours. They say nothing that the words beside them do not.
pub fn icon(name: &str) -> Markup {
    let path = match name {
        "shield" => "M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.500-7-10V6z M9 12l2 2 4-4",
        "lock" => "M7 11V8a5 5 0 0 1 10 0v3 M5 11h14v9H5z",
        "help" => {
            "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z M9.500 9.500a2.500 2.500 0 1 1 3.500 2.300c-.7.3-1 .9-1 1.700 M12 17v.01"
        }
        "check" => "M5 12.500l4.500 4.500L19 7.500",
        "alert" => "M12 4l9 16H3z M12 10v4 M12 17v.01",
        "person" => "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8z M5 20a7 7 0 0 1 14 0",
        "card" => "M3 6h18v12H3z M7 10h4v4H7z M14 10h4 M14 13h4",
        "sun" => {
            "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z M12 2v2 M12 20v2 M2 12h2 M20 12h2 M5 5l1.500 1.500 M17.500 17.500L19 19 M5 19l1.500-1.500 M17.500 6.500L19 5"
        }
        _ => "",
    };
    html! {
        svg.icon viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.75"
            stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" {
            path d=(path) {}
        }
    }
}

/// What the link is for, and the button that begins.
pub fn start(app: &App, reader: &Reader, action: &str) -> Response {
    let words = &reader.words;
    let main = html! {
        h1 { (words.say("start.title")) }
        p.lead { (words.say("start.lead")) }
        form method="post" action=(reader.at(action)) {
            button.primary type="submit" { (words.say("start.button")) }
        }
        section.card {
            h2 { (words.say("start.have_ready")) }
            ul.plain {
                li { (icon("card")) span { (words.say("start.need_document")) } }
                li { (icon("sun")) span { (words.say("start.need_light")) } }
            }
        }
        p.quiet { (words.say("start.note")) }
        (way_out(app, reader))
    };
    shell(app, reader, words.say("start.title"), &Frame::default(), &main)
}

/// The mobile app, where the bank has one.
fn way_out(app: &App, reader: &Reader) -> Markup {
    let words = &reader.words;
    html! {
        @if let Some(url) = &app.config.customer.mobile_app_url {
            p.quiet { (words.say("check.app_hint")) " " a href=(url) rel="noreferrer" { (words.say("check.app")) } }
        }
    }
}

/// Where she is, and the one thing to do next.
pub fn of(app: &App, reader: &Reader, visitor: &Visitor, session: &Session) -> Response {
    let here = (app, reader, visitor, session);
    match session.customer_step() {
        CustomerStep::Ended => ended(app, reader, &session.state),
        CustomerStep::Consent => consent(app, reader, visitor),
        CustomerStep::Again => again_page::show(here, None),
        _ if reader.wants_photos && session.wanted.is_some() => again_page::show(here, None),
        _ if reader.wants_photos && session.takes_uploads() => photos(app, reader, visitor, session, None),
        CustomerStep::Photos => photos(app, reader, visitor, session, None),
        CustomerStep::Capture => capture_page::now(here),
        CustomerStep::CaptureSoon => capture_page::soon(here),
        CustomerStep::CaptureReturned => capture_page::returned(here),
        CustomerStep::Checking => waiting(here, "review.checking"),
        CustomerStep::Waiting if session.uploads.sent_at.is_some() => waiting(here, "review.sent"),
        CustomerStep::Waiting => waiting(here, "review.waiting"),
    }
}

fn consent(app: &App, reader: &Reader, visitor: &Visitor) -> Response {
    let words = &reader.words;
    let main = html! {
        h1 { (words.say("consent.title")) }
        p.lead { (words.say("consent.lead")) }
        form method="post" action=(reader.at(at::CUSTOMER_CONSENT)) {
            input type="hidden" name="form" value=(visitor.form());
            div.card {
                @for part in words.say("consent.text").split('\n').filter(|part| !part.trim().is_empty()) { p { (part) } }
                p.quiet { (words.fill("consent.version_line", "version", words.say("consent.version"))) }
            }
            button.primary type="submit" { (words.say("consent.agree")) }
        }
        details {
            summary { (words.say("consent.refuse_title")) }
            p { (words.say("consent.refuse")) }
        }
    };
    shell(app, reader, words.say("consent.title"), &Frame::of(Step::Consent), &main)
}

/// What a page is made from.
pub type Here<'a> = (&'a App, &'a Reader, &'a Visitor, &'a Session);

fn waiting((app, reader, visitor, session): Here<'_>, key: &str) -> Response {
    let words = &reader.words;
    let title = words.say(&format!("{key}_title"));
    let main = html! {
        (again_page::picture(reader, session))
        div.outcome data-tone="good" { (icon("check")) }
        h1 { (title) }
        p.lead { (words.say(key)) }
        (later(app, reader, visitor))
        @if session.takes_uploads() {
            p { a.button href=(reader.at_photos()) { (words.say("review.again")) } }
        }
    };
    shell(app, reader, title, &Frame::until(Step::Review, LOOK_AGAIN_SECONDS), &main)
}

/// Until when she may come back.
pub fn later(app: &App, reader: &Reader, visitor: &Visitor) -> Markup {
    html! { p.quiet { (reader.words.fill("review.later", "time", &local(app, visitor.until()))) } }
}

/// What is wrong with the last photo.
pub fn refused(reader: &Reader, why: Option<NotAccepted>) -> Markup {
    let words = &reader.words;
    html! {
        @if let Some(why) = why {
            div.alert role="alert" {
                (icon("alert"))
                div { h2 { (words.say("refused.title")) } p { (words.say(why.key())) } }
            }
        }
    }
}

/// A tile for each photo; what is wrong with the last one on top.
pub fn photos(app: &App, reader: &Reader, visitor: &Visitor, session: &Session, why: Option<NotAccepted>) -> Response {
    let words = &reader.words;
    let main = html! {
        (refused(reader, why))
        (again_page::picture(reader, session))
        h1 { (words.say("photos.title")) }
        p.lead { (words.say("photos.lead")) " " (words.say("photos.limits")) }
        @for item in CaptureItem::ALL { (tile(reader, visitor, session, item)) }
        (send(reader, visitor, session))
        (capture_page::way_to_check(reader, session))
        (device(app, reader, session))
    };
    shell(app, reader, words.say("photos.title"), &Frame::of(Step::Capture).about(session), &main)
}

/// A photo that she chooses, with what has become of it.
pub fn tile(reader: &Reader, visitor: &Visitor, session: &Session, item: CaptureItem) -> Markup {
    let (words, code) = (&reader.words, item.as_str());
    let asked = session.wanted.as_ref().and_then(|wanted| wanted.items.get(&item));
    let is_there = asked.map_or_else(|| session.uploads.items.contains_key(&item), |asked| asked.is_there);
    let label = words.say(&format!("photos.{code}"));
    let need = if asked.is_none() && item == CaptureItem::DocumentBack { "photos.optional" } else { "photos.required" };
    html! {
        form.card.tile #(code) method="post" action=(reader.at(at::CUSTOMER_PHOTO)) enctype="multipart/form-data"
            data-begin=(reader.at(at::CUSTOMER_UPLOADS)) data-state=(if is_there { "there" } else { "open" }) {
            input type="hidden" name="form" value=(visitor.form());
            input type="hidden" name="item" value=(code);
            div.tile__head {
                (icon(if item == CaptureItem::Face { "person" } else { "card" }))
                h2 { (label) }
                @if is_there { span.badge data-tone="good" { (icon("check")) (words.say("photos.received")) } }
                @else { span.badge { (words.say(need)) } }
            }
            p.quiet #{(code) "-hint"} { (words.say(&format!("photos.{code}_hint"))) }
            img hidden alt=(words.say("script.preview"));
            div.tile__pick {
                label for={(code) "-file"} {
                    (words.say(if is_there { "photos.choose_again" } else { "photos.choose" }))
                    span.hidden { ": " (label) }
                }
                input #{(code) "-file"} type="file" name="file" accept="image/jpeg,image/png" required
                    aria-describedby={(code) "-hint"};
                button.button type="submit" { (words.say("photos.upload")) span.hidden { ": " (label) } }
            }
            progress hidden max="1" value="0" aria-label=(label) {}
            p.tile__status data-status="" {}
            div.tile__choice hidden data-choice="" {
                button.button type="button" value="retake" { (words.say("script.retake")) }
                button.button type="button" value="use" { (words.say("script.use_anyway")) }
            }
        }
    }
}

fn send(reader: &Reader, visitor: &Visitor, session: &Session) -> Markup {
    let words = &reader.words;
    let missing: Vec<&str> = session.missing_uploads().into_iter().map(|item| words.say(photo_key(item))).collect();
    html! {
        @if missing.is_empty() {
            form method="post" action=(reader.at(at::CUSTOMER_SEND)) {
                input type="hidden" name="form" value=(visitor.form());
                button.primary type="submit" { (words.say("photos.send")) }
                p.quiet { (words.say("photos.after")) }
            }
        } @else {
            p.next { (words.fill("photos.send_missing", "items", &missing.join(", "))) }
        }
    }
}

/// Whether a video call would work. A browser too old to run the script reads what is true of it; the others find out.
pub fn device(app: &App, reader: &Reader, session: &Session) -> Markup {
    let words = &reader.words;
    html! {
        @if session.state.has_customer() {
            section.card.check #check {
                h2 { (words.say("check.title")) }
                p data-verdict="" role="status" { (words.say("check.unsupported")) }
                button.button type="button" hidden { (words.say("check.button")) }
                (way_out(app, reader))
            }
        }
    }
}

/// A moment in the bank's time zone, as everybody reads it.
fn local(app: &App, at: kyc_wire::ids::Micros) -> String {
    let zoned = jiff::Timestamp::from_microsecond(at.0).map(|at| at.to_zoned(app.config.time_zone.clone()));
    zoned.map_or_else(|_| "–".to_owned(), |zoned| zoned.strftime("%d.%m.%Y %H:%M").to_string())
}

fn ended(app: &App, reader: &Reader, state: &State) -> Response {
    let words = &reader.words;
    let code = state.status().as_str();
    let title = words.say(&format!("ended.{code}_title"));
    let is_good = state.status() == Status::Approved;
    let main = html! {
        div.outcome data-tone=(if is_good { "good" } else { "quiet" }) { (icon(if is_good { "check" } else { "alert" })) }
        h1 { (title) }
        p.lead { (agreed(app, reader, state).unwrap_or_else(|| words.say(&format!("ended.{code}")))) }
    };
    shell(app, reader, title, &Frame::default(), &main)
}

/// The sentence that was agreed for the reason, where she reads a language that has it. Of a suspicion there is none: the page is the same,
/// byte by byte, as for every reason that has none.
fn agreed<'a>(app: &'a App, reader: &Reader, state: &State) -> Option<&'a str> {
    let (State::Rejected { reason } | State::CouldNotVerify { reason }) = state else { return None };
    app.config.policy.told_to_customer(reason)?.find(reader.words.code())
}

/// What went wrong, and what to do.
pub fn trouble(app: &App, reader: &Reader, told: Told) -> Response {
    let words = &reader.words;
    let title = words.say(&format!("trouble.{}_title", told.key));
    let main = html! {
        div.outcome data-tone="alert" { (icon("alert")) }
        h1 { (title) }
        p.lead { (words.fill(&format!("trouble.{}", told.key), "id", &request_id::current())) }
        @if told.has_page {
            p { a.button href=(reader.at(at::CUSTOMER_PAGE)) { (words.say("trouble.back")) } }
        }
        (way_out(app, reader))
    };
    shell(app, reader, title, &Frame::default(), &main)
}
