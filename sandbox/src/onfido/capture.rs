//! The page of the link, where the customer would take pictures. Here she chooses how the check ends.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::case::{Case, Stage};
use super::report::Outcome;
use super::{Station, lock};
use crate::identities::Identity;
use crate::markup::{escape, page};

/// The endings that the page offers: name in the form, what it is, title and explanation.
const ENDINGS: [(&str, Outcome, &str, &str); 8] = [
    ("clear", Outcome::Clear, "A clean document", "Everything is readable and genuine."),
    (
        "birth-year",
        Outcome::OtherBirthYear,
        "Another birth year",
        "Genuine, but the year is not the one you told the bank.",
    ),
    ("blurry", Outcome::Blurred, "A blurry photo", "You will be asked for another one, by a new link."),
    ("screen", Outcome::Screen, "A photo of a screen", "The check ends with a suspicion."),
    ("other-face", Outcome::OtherFace, "Somebody else's face", "The check ends: the faces do not match."),
    ("doubts", Outcome::Doubts, "Something unclear", "Somebody at the bank has to look at it."),
    ("abandoned", Outcome::Abandoned, "Nothing at all", "You leave, and the check runs out of time."),
    ("error", Outcome::Error, "A broken check", "The provider fails for a technical reason."),
];

/// What the page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    outcome: String,
    /// Key of who the customer is, from the demo's script.
    #[serde(default)]
    identity: Option<String>,
}

/// Shows what can be chosen.
pub(super) async fn show(State(station): State<Arc<Station>>, Path(id): Path<String>) -> Response {
    let Some(case) = station.cases().get(&id).cloned() else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    if case.stage != Stage::Awaited {
        return note(StatusCode::OK, "Thank you", "Your pictures are being checked. You can close this window.");
    }
    let identity = station.identity(case.reference.as_deref().unwrap_or(&case.id));
    let target = case.return_url.as_deref().and_then(|url| Url::parse(url).ok());
    let target = target.map(|url| url.origin().ascii_serialization());
    page(StatusCode::OK, "Verify your identity", &form(&identity), target.as_deref())
}

/// Hands the pictures in; the decision follows after the configured time.
pub(super) async fn submit(
    State(station): State<Arc<Station>>,
    Path(id): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(case) = station.cases().get(&id).filter(|case| case.stage == Stage::Awaited).cloned() else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    let Some(ending) = ENDINGS.iter().find(|ending| ending.0 == choice.outcome) else {
        return note(StatusCode::BAD_REQUEST, "Please choose", "Go back and choose what you show.");
    };
    if let Some(key) = choice.identity.filter(|_| lock(&station.config).allows_casting) {
        let Some(identity) = station.config().identities.into_iter().find(|identity| identity.key == key) else {
            return note(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Nobody is called that",
                "The table of customers is another.",
            );
        };
        station.assign(case.reference.as_deref().unwrap_or(&case.id), identity);
    }
    run(&station, &case, ending.1);
    match case.return_url.as_deref().and_then(|url| Url::parse(url).ok()) {
        Some(url) => Redirect::to(url.as_str()).into_response(),
        None => note(StatusCode::OK, "Thank you", "Your pictures are being checked. You can close this window."),
    }
}

fn run(station: &Arc<Station>, case: &Case, outcome: Outcome) {
    if outcome.has_document() {
        // The caller has just found the case; a deletion in between only means that nothing is submitted.
        let _: Result<(), _> = station.submit(&case.id);
    }
    let (station, id) = (Arc::downgrade(station), case.id.clone());
    tokio::spawn(async move {
        let Some(delay) = station.upgrade().map(|station| station.config().decision_delay) else { return };
        tokio::time::sleep(delay).await;
        if let Some(station) = station.upgrade() {
            let _: Result<(), _> = station.decide(&id, outcome);
        }
    });
}

const HEAD: &str = "<p class=\"mark\" aria-hidden=\"true\"></p>\n<p class=\"org\">Identity check</p>";
const FOOT: &str =
    "<p class=\"foot\">A stand-in for the verification provider. No camera, no pictures, invented people.</p>";

fn note(status: StatusCode, title: &str, text: &str) -> Response {
    let main = format!("{HEAD}\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{FOOT}", escape(title), escape(text));
    page(status, title, &main, None)
}

fn form(identity: &Identity) -> String {
    let mut choices = String::new();
    for (name, _, title, text) in &ENDINGS {
        let checked = if *name == "clear" { " checked" } else { "" };
        let _: Result<(), _> = writeln!(
            choices,
            "<label class=\"outcome\"><input type=\"radio\" name=\"outcome\" value=\"{name}\"{checked}><span>\
             <b>{title}</b>{text}</span></label>"
        );
    }
    format!(
        "{HEAD}\n<h1>Show your document</h1>\n<p class=\"lead\">Choose what the camera sees. The check ends accordingly.</p>\n\
         <dl class=\"sheet\"><dt>You are</dt><dd>{} {}</dd></dl>\n<form method=\"post\">\n<fieldset><legend>The camera sees</legend>\n\
         {choices}</fieldset>\n<button class=\"primary\">Send to check</button>\n</form>\n{FOOT}",
        escape(&identity.first_name),
        escape(&identity.last_name),
    )
}
