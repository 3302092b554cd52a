//! The page of the customer's link, where she would take pictures. Here she chooses how the check ends.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::Station;
use super::details::Outcome;
use super::execution::{Execution, Step};
use crate::markup::{escape, page};

/// The endings that the page offers: name in the form, what follows (nothing: pictures without a decision), title and explanation.
const ENDINGS: [(&str, Option<Outcome>, &str, &str); 10] = [
    ("clean", Some(Outcome::Clean), "A clean document", "Everything is readable and genuine."),
    (
        "birth-year",
        Some(Outcome::OtherBirthYear),
        "Another birth year",
        "Genuine, but the year is not the one you told the bank.",
    ),
    ("blurry", Some(Outcome::Blurred), "A blurry photo", "You are sent a new link."),
    ("face-dark", Some(Outcome::DarkFace), "A face in the dark", "You are sent a new link."),
    ("tampered", Some(Outcome::Tampered), "A changed document", "The check ends with a suspicion."),
    ("screen", Some(Outcome::ScreenCopy), "A document on a screen", "The check ends, and the face is another."),
    ("face-other", Some(Outcome::OtherFace), "Somebody else's face", "The check ends: the faces do not match."),
    ("review", Some(Outcome::RepeatedFace), "A face that was seen before", "A person has to look at it."),
    ("expired", Some(Outcome::SessionExpired), "Nothing at all", "You leave, and the check runs out of time."),
    ("submitted", None, "Pictures only", "Handed in; the provider never answers."),
];

/// What the page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    outcome: String,
    /// Key of who the customer is, from the demo's script.
    #[serde(default)]
    identity: Option<String>,
}

/// Opening the page begins the capture.
pub(super) async fn show(State(station): State<Arc<Station>>, Path(token): Path<String>) -> Response {
    let Some(execution) = station.by_token(&token) else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    if execution.is_over() {
        return note(StatusCode::OK, "This check is finished", "There is nothing more to do here.");
    }
    // The execution was found above; a deletion in between only means that nothing begins.
    let _: Result<(), _> = station.reach(&execution.id, Step::Started);
    let target = origin(&execution);
    page(StatusCode::OK, "Verify your identity", &form(&station, &execution), target.as_deref())
}

/// Handing in the pictures; the decision follows after the configured time.
pub(super) async fn submit(
    State(station): State<Arc<Station>>,
    Path(token): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(execution) = station.by_token(&token).filter(|execution| !execution.is_over()) else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    let Some(ending) = ENDINGS.iter().find(|ending| ending.0 == choice.outcome) else {
        return note(StatusCode::BAD_REQUEST, "Please choose", "Go back and choose what you show.");
    };
    if let Some(key) = choice.identity.filter(|_| station.config().allows_casting) {
        let Some(identity) = station.config().identities.into_iter().find(|identity| identity.key == key) else {
            return note(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Nobody is called that",
                "The table of customers is another.",
            );
        };
        station.assign(&execution.reference, identity);
    }
    run(&station, &execution, ending.1);
    match execution.success_url.as_deref().and_then(|url| Url::parse(url).ok()) {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => note(
            StatusCode::OK,
            "Thank you",
            "Your pictures are being checked. You can close this window and go on with the call.",
        ),
    }
}

/// Submits now and decides later.
fn run(station: &Arc<Station>, execution: &Execution, outcome: Option<Outcome>) {
    if outcome.is_none_or(Outcome::has_document) {
        // The caller has just found the execution; a deletion in between only means that nothing is submitted.
        let _: Result<(), _> = station.reach(&execution.id, Step::Submitted);
    }
    let Some(outcome) = outcome else { return };
    let (station, id) = (Arc::downgrade(station), execution.id.clone());
    tokio::spawn(async move {
        let Some(delay) = station.upgrade().map(|station| station.config().decision_delay) else { return };
        tokio::time::sleep(delay).await;
        if let Some(station) = station.upgrade() {
            let _: Result<(), _> = station.decide(&id, outcome);
        }
    });
}

fn origin(execution: &Execution) -> Option<String> {
    Url::parse(execution.success_url.as_deref()?).ok().map(|url| url.origin().ascii_serialization())
}

const HEAD: &str = "<p class=\"mark\" aria-hidden=\"true\"></p>\n<p class=\"org\">Identity check</p>";
const FOOT: &str =
    "<p class=\"foot\">A stand-in for the verification provider. No camera, no pictures, invented people.</p>";

fn note(status: StatusCode, title: &str, text: &str) -> Response {
    let main = format!("{HEAD}\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{FOOT}", escape(title), escape(text));
    page(status, title, &main, None)
}

fn form(station: &Station, execution: &Execution) -> String {
    let identity = station.identity(&execution.reference);
    let mut list = String::new();
    for (at, (name, _, title, text)) in ENDINGS.iter().enumerate() {
        let checked = if at == 0 { " checked" } else { "" };
        let _: Result<(), _> = writeln!(
            list,
            "<label class=\"outcome\"><input type=\"radio\" name=\"outcome\" value=\"{name}\"{checked}><span>\
             <b>{title}</b>{text}</span></label>"
        );
    }
    format!(
        "{HEAD}\n<h1>Show your document</h1>\n<p class=\"lead\">Choose what the camera sees. The check ends accordingly.</p>\n\
         <dl class=\"sheet\"><dt>You are</dt><dd>{} {}</dd></dl>\n<form method=\"post\">\n\
         <fieldset><legend>The camera sees</legend>\n{list}</fieldset>\n\
         <button class=\"primary\">Send to check</button>\n</form>\n{FOOT}",
        escape(&identity.first_name),
        escape(&identity.last_name),
    )
}
