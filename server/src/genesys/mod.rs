//! The platform API of Genesys Cloud, as far as we need it: one conversation, its participants' attributes, its recordings, its wrap-up.
//!
//! It is told ids and codes and nothing about anybody. What it answers is full of people: of that only ids, kinds and times are read, and
//! a user's e-mail address becomes a hash at once. It neither stores nor schedules: whoever calls keeps, waits, and tries again.

pub mod attributes;
mod conversation;
mod token;
mod user;

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use kyc_wire::ids::Micros;
use serde_json::{Value, json};
use url::Url;

pub use self::conversation::{Communication, Conversation, Media, Participant};
pub use self::user::UserHash;

use self::token::Tokens;
use self::user::Users;
use crate::clock::Clock;
use crate::config::genesys::{Genesys as Settings, UserBy};
use crate::domain::names::ConversationId;
use crate::outbound::{Gate, Urgency};
use crate::providers::backoff::{LONGEST_RETRY_AFTER, RetryAfter};
use crate::providers::{Answer, ProviderError, Transport};

/// Why a call gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum GenesysError {
    /// It is not called for so long: it is down, or was asked too often.
    #[error("it is not the turn of this call")]
    Wait(Duration),
    /// The call failed.
    #[error("the call failed")]
    Call(#[source] ProviderError),
}

impl GenesysError {
    /// The code, for logs and metrics.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Wait(_) => "wait",
            Self::Call(error) => error.as_str(),
        }
    }

    /// Whether there is no such thing there.
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::Call(ProviderError::NotFound))
    }

    /// Whether it will be answered the same however often it is asked.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Call(ProviderError::Refused { .. } | ProviderError::NotFound))
    }

    /// How long it asks to be left alone.
    pub fn asks_to_wait(&self, now: Micros) -> Option<Duration> {
        let asked = match self {
            Self::Wait(wait) => return Some(*wait),
            Self::Call(ProviderError::RateLimited { retry_after } | ProviderError::Unavailable { retry_after, .. }) => {
                *retry_after
            }
            Self::Call(_) => None,
        };
        asked.map(|asked: RetryAfter| asked.wait(now).min(LONGEST_RETRY_AFTER))
    }
}

/// The client, behind its gate.
pub struct Genesys {
    settings: Settings,
    transport: Transport,
    clock: Arc<dyn Clock>,
    tokens: Tokens,
    users: Users,
    gate: Gate,
}

impl Genesys {
    /// From the configuration. Nothing is asked yet.
    pub fn new(settings: Settings, transport: Transport, clock: Arc<dyn Clock>) -> Self {
        let gate = Gate::new("genesys", settings.rate, Arc::clone(&clock));
        Self { settings, transport, clock, tokens: Tokens::default(), users: Users::default(), gate }
    }

    /// Its configuration.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A conversation, with who takes part in it.
    pub async fn conversation(&self, id: &ConversationId, urgency: Urgency) -> Result<Conversation, GenesysError> {
        let body = self.call(urgency, Method::GET, &["conversations", id.as_str()], None).await?;
        Conversation::read(&body).ok_or(GenesysError::Call(ProviderError::Unreadable("the conversation")))
    }

    /// Whether the user of this name is, or was, an agent in the conversation.
    pub async fn is_agent_on(&self, conversation: &Conversation, user: &UserHash) -> Result<bool, GenesysError> {
        for id in conversation.agents() {
            let found = match self.settings.user_by {
                UserBy::Id => Some(UserHash::of(id)),
                UserBy::Email => self.user(id).await?,
            };
            if found.as_ref() == Some(user) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The e-mail address of a user, as a hash; none when she has none or is no user any more.
    async fn user(&self, id: &str) -> Result<Option<UserHash>, GenesysError> {
        let now = self.clock.now();
        if let Some(known) = self.users.find(id, now) {
            return Ok(Some(known));
        }
        let body = match self.call(Urgency::Someone, Method::GET, &["users", id], None).await {
            Err(error) if error.is_not_found() => return Ok(None),
            other => other?,
        };
        let found = UserHash::read(&body, id).map_err(|what| GenesysError::Call(ProviderError::Unreadable(what)))?;
        if let Some(found) = &found {
            self.users.keep(id, found.clone(), now);
        }
        Ok(found)
    }

    /// Writes attributes of a participant: those that are named, and no others.
    pub async fn set_attributes(
        &self,
        (conversation, participant): (&ConversationId, &str),
        attributes: &Value,
        urgency: Urgency,
    ) -> Result<(), GenesysError> {
        let path = ["conversations", conversation.as_str(), "participants", participant, "attributes"];
        self.call(urgency, Method::PATCH, &path, Some(json!({ "attributes": attributes }))).await.map(drop)
    }

    /// Pauses the recording of one medium of a conversation, or goes on with it.
    pub async fn set_recording(
        &self,
        conversation: &ConversationId,
        media: Media,
        is_paused: bool,
    ) -> Result<(), GenesysError> {
        let path = ["conversations", media.as_str(), conversation.as_str(), "recordingstate"];
        let state = if is_paused { "PAUSED" } else { "ACTIVE" };
        self.call(Urgency::Someone, Method::PUT, &path, Some(json!({ "recordingState": state }))).await.map(drop)
    }

    /// Gives an agent's part in a conversation its wrap-up code and note.
    pub async fn wrap_up(
        &self,
        conversation: &ConversationId,
        (participant, communication): (&str, &Communication),
        (code, notes): (&str, &str),
    ) -> Result<(), GenesysError> {
        let path = [
            "conversations",
            communication.media.as_str(),
            conversation.as_str(),
            "participants",
            participant,
            "communications",
            &communication.id,
            "wrapup",
        ];
        let body = json!({ "code": code, "notes": notes });
        self.call(Urgency::Nobody, Method::POST, &path, Some(body)).await.map(drop)
    }

    /// Whether it answers and knows our client. Asks for what needs no permission.
    pub async fn health(&self) -> Result<(), GenesysError> {
        self.call(Urgency::Someone, Method::GET, &["tokens", "me"], None).await.map(drop)
    }

    /// One call, if it is its turn; how it ended is told to the gate.
    async fn call(
        &self,
        urgency: Urgency,
        method: Method,
        path: &[&str],
        body: Option<Value>,
    ) -> Result<Vec<u8>, GenesysError> {
        let pass = self.gate.pass(urgency).map_err(GenesysError::Wait)?;
        let answer = self.call_with_token(method, path, body).await;
        pass.ended((&answer).into());
        let code = answer.as_ref().err().map_or("ok", ProviderError::as_str);
        metrics::counter!("kyc_genesys_calls_total", "outcome" => code).increment(1);
        answer.map(|answer| answer.body.to_vec()).map_err(GenesysError::Call)
    }

    /// A token that is not taken any more, as when its client was changed there, is replaced once.
    async fn call_with_token(
        &self,
        method: Method,
        path: &[&str],
        body: Option<Value>,
    ) -> Result<Answer, ProviderError> {
        let request = || {
            let request = self.transport.client().request(method.clone(), self.url(path));
            if let Some(body) = &body { request.json(body) } else { request }
        };
        let token = self.tokens.get(&self.settings, &self.transport, &*self.clock).await?;
        match self.transport.call(token.put_on(request()), error_code).await {
            Err(ProviderError::Refused { status: 401, .. }) => {
                self.tokens.forget(&token).await;
                let token = self.tokens.get(&self.settings, &self.transport, &*self.clock).await?;
                self.transport.call(token.put_on(request()), error_code).await
            }
            answer => answer,
        }
    }

    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.settings.api_url.clone();
        url.path_segments_mut()
            .expect("the configuration takes http and https only")
            .pop_if_empty()
            .extend(["api", "v2"])
            .extend(path);
        url
    }
}

/// The stable code of a refusal. Its message is not read: it may repeat what was sent.
fn error_code(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let code = body.get("code").or_else(|| body.get("error"))?.as_str()?;
    let is_code = code.len() <= 64 && code.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    is_code.then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_refusal_a_code_is_kept_and_no_words() {
        let of = |body: &str| error_code(body.as_bytes());
        assert_eq!(of(r#"{"code":"not.authorized","message":"mara@example.org"}"#).as_deref(), Some("not.authorized"));
        assert_eq!(of(r#"{"error":"invalid_client"}"#).as_deref(), Some("invalid_client"));
        let long = format!(r#"{{"code":"{}"}}"#, "a".repeat(65));
        for words in [r#"{"code":"Mara Keller"}"#, r#"{"code":"mara@example.org"}"#, r#"{"code":7}"#, "<html>", &long] {
            assert_eq!(of(words), None, "{words}");
        }
    }
}
