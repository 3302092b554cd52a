//! What the flow is told: one flat object, and the sentences for the customer in the session's language.

use axum::Json;
use kyc_wire::flow::{FlowAnswer, FlowMessage, NextAction};
use kyc_wire::ids::SessionId;
use kyc_wire::text::Localised;

use crate::casework;
use crate::domain::audit::Actor;
use crate::domain::command::{Next, Report};
use crate::domain::session::Session;
use crate::http::error::ApiError;
use crate::state::App;

/// As things stand.
pub(super) async fn answer(app: &App, id: SessionId) -> Result<Json<FlowAnswer>, ApiError> {
    told_of(app, id, false).await
}

/// The same, for a customer who is back: she may have no link in this conversation.
pub(super) async fn to_who_is_back(app: &App, id: SessionId) -> Result<Json<FlowAnswer>, ApiError> {
    told_of(app, id, true).await
}

async fn told_of(app: &App, id: SessionId, is_back: bool) -> Result<Json<FlowAnswer>, ApiError> {
    let now = app.clock.now();
    let policy = &app.config.policy;
    let session = app.store.read(&app.tenant).await?.find_session(id).await?.ok_or_else(ApiError::not_found)?;
    let session = session.report(Report::Tick, policy, now)?.session;
    let (action, mut message_code, error_ref) = told(session.next_for_flow());
    let capture_url = customers_link(app, &session).await?;
    let is_due = match action {
        // Their own sentences speak of the link.
        NextAction::FallbackAudioUpload | NextAction::MobileApp => false,
        _ if is_back => true,
        _ => message_code == FlowMessage::None && session.attempts.started == 0,
    };
    if is_due && session.is_customers_turn() {
        message_code = FlowMessage::OpenLink;
    }
    let wait_seconds = if action == NextAction::Retry { session.retry_wait_seconds(now) } else { 0 };
    Ok(Json(FlowAnswer {
        session_id: id,
        status: session.status(),
        version: session.version,
        is_final: session.state.is_final(),
        action,
        wait_seconds,
        message_code,
        message: sentence(message_code).pick(session.language.as_str()).to_owned(),
        attempt: session.attempts.started,
        retries_left: session.retries_left(policy),
        capture_url,
        error_ref,
        created_at: session.created_at,
    }))
}

fn told(next: Next) -> (NextAction, FlowMessage, String) {
    let (action, message) = match next {
        Next::Continue => (NextAction::Continue, FlowMessage::None),
        Next::Retry => (NextAction::Retry, FlowMessage::PoorPicture),
        Next::FallbackAudioUpload => (NextAction::FallbackAudioUpload, FlowMessage::ContinueByAudio),
        Next::NoVideo => (NextAction::MobileApp, FlowMessage::NoVideo),
        Next::RouteToAgent { error_ref } => {
            return (NextAction::RouteToAgent, FlowMessage::AgentTakesOver, error_ref);
        }
    };
    (action, message, String::new())
}

/// The way to the customer's own page, on which everything is that she does herself: issued when it is first asked for, and there for as
/// long as an agent may still work on the case. The provider's own link is never told: it is for her alone.
async fn customers_link(app: &App, session: &Session) -> Result<String, ApiError> {
    if !session.state.can_be_held() {
        return Ok(String::new());
    }
    let found = casework::link::find(app, &mut *app.store.read(&app.tenant).await?, session.id).await?;
    if let Some(link) = found {
        return Ok(link.url);
    }
    let mut tx = app.store.begin(&app.tenant).await?;
    let link = casework::link::offer(app, &mut *tx, session, Actor::System).await?;
    tx.commit().await?;
    Ok(link.map(|link| link.url).unwrap_or_default())
}

/// What the customer reads. The sentences about a poor picture and about a browser without video are those of the guide.
fn sentence(message: FlowMessage) -> Localised {
    match message {
        FlowMessage::None => Localised::default(),
        FlowMessage::OpenLink => Localised::new(
            "Please open this link to verify your identity.",
            "Bitte öffnen Sie diesen Link, um Ihre Identität zu bestätigen.",
        ),
        FlowMessage::PoorPicture => Localised::new(
            "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area.",
            "Wir haben Schwierigkeiten, Ihre Identität zu prüfen. Bitte sorgen Sie für gutes Licht.",
        ),
        FlowMessage::NoVideo => Localised::new(
            "Your browser does not support video verification. Please use our mobile app or upload documents.",
            "Ihr Browser unterstützt die Videoprüfung nicht. Bitte nutzen Sie unsere App oder laden Sie Dokumente hoch.",
        ),
        FlowMessage::ContinueByAudio => Localised::new(
            "Your connection is too slow for video. We go on by voice; please upload your documents by this link.",
            "Ihre Verbindung ist für Video zu langsam. Wir sprechen ohne Bild weiter; bitte laden Sie Ihre Dokumente über diesen Link hoch.",
        ),
        FlowMessage::AgentTakesOver => {
            Localised::new("We are connecting you to one of our specialists.", "Wir verbinden Sie mit einer Fachkraft.")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guides_two_sentences_are_there_word_for_word() {
        assert_eq!(
            sentence(FlowMessage::PoorPicture).pick("en"),
            "We are experiencing difficulty verifying your identity. Please ensure you are in a well-lit area."
        );
        assert_eq!(
            sentence(FlowMessage::NoVideo).pick("en"),
            "Your browser does not support video verification. Please use our mobile app or upload documents."
        );
    }

    #[test]
    fn every_sentence_is_there_in_german_and_another_language_gets_english() {
        use FlowMessage::{AgentTakesOver, ContinueByAudio, NoVideo, OpenLink, PoorPicture};
        for message in [OpenLink, PoorPicture, NoVideo, ContinueByAudio, AgentTakesOver] {
            let sentence = sentence(message);
            assert_ne!(sentence.pick("de"), sentence.pick("en"));
            assert_eq!(sentence.pick("fr"), sentence.pick("en"));
        }
    }
}
