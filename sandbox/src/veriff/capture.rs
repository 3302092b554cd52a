//! The page of the session's address, where the customer would take pictures. Here she chooses how the check ends.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use url::Url;

use super::Station;
use super::decision::Outcome;
use super::session::{Session, Stage};
use crate::identities::Identity;
use crate::markup::{escape, page};

/// An ending that the page offers: its name in the form, what it is, title and explanation.
type Ending = (&'static str, Ended, &'static str, &'static str);

/// The endings that most demonstrations need.
const USUAL: [Ending; 6] = [
    ("clean", decided(Outcome::Clean), "A clean document", "Everything is readable and genuine."),
    (
        "birth-year",
        decided(Outcome::OtherBirthYear),
        "Another birth year",
        "Genuine, but the year is not the one you told the bank.",
    ),
    ("blurry", decided(Outcome::Resubmission(204)), "A blurry photo", "You are asked to take the photo again, here."),
    ("tampered", decided(Outcome::Declined(102)), "A changed document", "The check ends with a suspicion."),
    ("review", decided(Outcome::Review), "Something unclear", "A specialist of the provider has to look at it."),
    ("expired", decided(Outcome::Expired), "Nothing at all", "You leave, and the check runs out of time."),
];

/// The others.
const OTHERS: [Ending; 9] = [
    (
        "face-missing",
        decided(Outcome::Resubmission(201)),
        "No picture of the face",
        "Asked again: a picture is missing.",
    ),
    ("face-dark", decided(Outcome::Resubmission(202)), "A face in the dark", "Asked again: the face is not clear."),
    ("cut-off", decided(Outcome::Resubmission(203)), "Half a document", "Asked again: it is not fully visible."),
    ("damaged", decided(Outcome::Resubmission(205)), "A torn document", "Asked again: it is damaged."),
    ("other-kind", decided(Outcome::Resubmission(206)), "A library card", "Asked again: that kind is not accepted."),
    ("outdated", decided(Outcome::Resubmission(207)), "A document past its date", "Asked again: it has expired."),
    ("face-other", decided(Outcome::Declined(103)), "Somebody else's face", "The check ends: the faces do not match."),
    ("outdated-final", decided(Outcome::Declined(511)), "Past its date, for good", "The check ends: it has expired."),
    ("submitted", Ended::Undecided, "Pictures only", "Handed in; the provider never answers."),
];

/// What follows from the customer's choice.
#[derive(Clone, Copy, Debug)]
enum Ended {
    Decided(Outcome),
    Undecided,
}

const fn decided(outcome: Outcome) -> Ended {
    Ended::Decided(outcome)
}

/// What the page's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    outcome: String,
    /// Key of who the customer is, from the demo's script.
    #[serde(default)]
    identity: Option<String>,
}

/// Opening the page starts the attempt.
pub(super) async fn show(State(station): State<Arc<Station>>, Path(token): Path<String>) -> Response {
    let Some(session) = station.by_token(&token) else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    if session.is_over() {
        return note(
            StatusCode::OK,
            "This check is finished",
            "There is nothing more to do. You can close this window.",
        );
    }
    if session.stage == Stage::Submitted {
        return checking();
    }
    // The session was found above; a deletion in between only means that nothing starts.
    let _: Result<(), _> = station.open(&session.id);
    let identity = station.identity(session.vendor_data.as_deref().unwrap_or(&session.id));
    page(StatusCode::OK, "Verify your identity", &form(&session, &identity), callback_origin(&session).as_deref())
}

/// Submitting ends the attempt; the decision follows after the configured time.
pub(super) async fn submit(
    State(station): State<Arc<Station>>,
    Path(token): Path<String>,
    Form(choice): Form<Choice>,
) -> Response {
    let Some(session) = station.by_token(&token).filter(|session| !session.is_over()) else {
        return note(StatusCode::NOT_FOUND, "This link does not work", "Ask the bank for a new one.");
    };
    let Some(ending) = USUAL.iter().chain(&OTHERS).find(|ending| ending.0 == choice.outcome) else {
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
        station.assign(session.vendor_data.as_deref().unwrap_or(&session.id), identity);
    }
    run(&station, &session, ending.1);
    match session.callback.as_deref().and_then(|callback| Url::parse(callback).ok()) {
        Some(callback) => Redirect::to(callback.as_str()).into_response(),
        None => checking(),
    }
}

/// Submits now and decides later. A test integration's word wins over the choice.
fn run(station: &Arc<Station>, session: &Session, chosen: Ended) {
    let outcome = match (session.forced, chosen) {
        (Some(outcome), _) | (None, Ended::Decided(outcome)) => Some(outcome),
        (None, Ended::Undecided) => None,
    };
    if outcome.is_none_or(Outcome::has_document) {
        // The caller has just found the session; a deletion in between only means that nothing is submitted.
        let _: Result<(), _> = station.submit(&session.id);
    }
    let Some(outcome) = outcome else { return };
    let (station, id) = (Arc::downgrade(station), session.id.clone());
    tokio::spawn(async move {
        let Some(delay) = station.upgrade().map(|station| station.config().decision_delay) else { return };
        tokio::time::sleep(delay).await;
        if let Some(station) = station.upgrade() {
            let _: Result<(), _> = station.decide(&id, outcome);
        }
    });
}

fn callback_origin(session: &Session) -> Option<String> {
    Url::parse(session.callback.as_deref()?).ok().map(|url| url.origin().ascii_serialization())
}

const HEAD: &str = "<p class=\"mark\" aria-hidden=\"true\"></p>\n<p class=\"org\">Identity check</p>";
const FOOT: &str =
    "<p class=\"foot\">A stand-in for the verification provider. No camera, no pictures, invented people.</p>";

fn note(status: StatusCode, title: &str, text: &str) -> Response {
    let main = format!("{HEAD}\n<h1>{}</h1>\n<p class=\"lead\">{}</p>\n{FOOT}", escape(title), escape(text));
    page(status, title, &main, None)
}

fn checking() -> Response {
    note(
        StatusCode::OK,
        "Thank you",
        "Your pictures are being checked. You can close this window and go on with the call.",
    )
}

fn form(session: &Session, identity: &Identity) -> String {
    let (title, lead) = match session.stage {
        Stage::Decided(_) => {
            ("Please try again", "The last photo could not be used. Choose what the camera sees this time.")
        }
        _ => ("Show your document", "Choose what the camera sees. The check ends accordingly."),
    };
    let kind = identity
        .kind
        .to_lowercase()
        .replace('_', " ")
        .replace("drivers", "driving")
        .replace("license", "licence")
        .replace("id ", "ID ");
    format!(
        "{HEAD}\n<h1>{title}</h1>\n<p class=\"lead\">{lead}</p>\n<dl class=\"sheet\"><dt>You are</dt><dd>{} {}</dd>\
         <dt>You hold</dt><dd>{kind}, {}</dd></dl>\n<form method=\"post\">\n<fieldset><legend>The camera sees</legend>\n\
         {}\n<details><summary>More endings</summary>\n{}</details></fieldset>\n<button class=\"primary\">Send to check</button>\n</form>\n{FOOT}",
        escape(&identity.first_name),
        escape(&identity.last_name),
        escape(&identity.country),
        choices(&USUAL, "clean"),
        choices(&OTHERS, ""),
    )
}

fn choices(endings: &[Ending], checked: &str) -> String {
    let mut list = String::new();
    for (name, _, title, text) in endings {
        let checked = if *name == checked { " checked" } else { "" };
        let _: Result<(), _> = writeln!(
            list,
            "<label class=\"outcome\"><input type=\"radio\" name=\"outcome\" value=\"{name}\"{checked}><span>\
             <b>{title}</b>{text}</span></label>"
        );
    }
    list
}
