//! A conversation as Genesys describes it (`GET /api/v2/conversations/{id}`): of a long answer with names and numbers in it, only ids,
//! kinds and times are read.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// What is recorded and wrapped up apart from each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// Telephone calls.
    Calls,
    /// Messages, web messaging among them.
    Messages,
    /// Video.
    Videos,
}

impl Media {
    /// The segment of a path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::Messages => "messages",
            Self::Videos => "videos",
        }
    }
}

/// One line of a participant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Communication {
    /// Its id.
    pub id: String,
    /// Of what kind.
    pub media: Media,
    /// Whether it goes on.
    pub is_open: bool,
}

/// Somebody, or something, that takes part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Its id in this conversation.
    pub id: String,
    /// What for: `customer`, `agent`, `acd` and others.
    pub purpose: String,
    /// The user, where it is one.
    pub user: Option<String>,
    /// Its lines.
    pub communications: Vec<Communication>,
}

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conversation {
    /// Whether it is over for everybody.
    pub has_ended: bool,
    /// Who takes part, in the order in which they came.
    pub participants: Vec<Participant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    end_time: Option<IgnoredAny>,
    #[serde(default)]
    participants: Vec<WireParticipant>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireParticipant {
    id: String,
    #[serde(default)]
    purpose: String,
    user_id: Option<String>,
    user: Option<WireUser>,
    calls: Option<Vec<WireCommunication>>,
    messages: Option<Vec<WireCommunication>>,
    videos: Option<Vec<WireCommunication>>,
}

#[derive(Deserialize)]
struct WireUser {
    id: Option<String>,
}

#[derive(Deserialize)]
struct WireCommunication {
    id: Option<String>,
    state: Option<String>,
}

impl Conversation {
    /// Reads what was answered.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let wire: Wire = serde_json::from_slice(body).ok()?;
        let participants = wire.participants.into_iter().map(WireParticipant::read).collect();
        Some(Self { has_ended: wire.end_time.is_some(), participants })
    }

    /// The participant whose attributes the flow reads: the customer, or who was called.
    pub fn customer(&self) -> Option<&Participant> {
        let of = |purpose: &str| self.participants.iter().find(|one| one.purpose == purpose);
        of("customer").or_else(|| of("external"))
    }

    /// Ids of the users who are, or were, agents in it, the latest first.
    pub fn agents(&self) -> impl Iterator<Item = &str> {
        self.agent_parts().filter_map(|one| one.user.as_deref())
    }

    /// The agents' parts, the latest first. `user` is an agent who was called without a queue.
    pub fn agent_parts(&self) -> impl Iterator<Item = &Participant> {
        self.participants.iter().rev().filter(|one| matches!(one.purpose.as_str(), "agent" | "user"))
    }

    /// The media that go on, each once.
    pub fn open_media(&self) -> Vec<Media> {
        let open = |media: &Media| {
            let mut lines = self.participants.iter().flat_map(|one| &one.communications);
            lines.any(|line| line.media == *media && line.is_open)
        };
        [Media::Calls, Media::Messages, Media::Videos].into_iter().filter(open).collect()
    }
}

impl WireParticipant {
    fn read(self) -> Participant {
        let lines = [(Media::Calls, self.calls), (Media::Messages, self.messages), (Media::Videos, self.videos)];
        let line = |media: Media| {
            move |line: WireCommunication| {
                let is_over = matches!(line.state.as_deref(), Some("disconnected" | "terminated"));
                Some(Communication { id: line.id?, media, is_open: !is_over })
            }
        };
        Participant {
            id: self.id,
            purpose: self.purpose,
            user: self.user_id.or_else(|| self.user?.id),
            communications: lines
                .into_iter()
                .flat_map(|(media, lines)| lines.unwrap_or_default().into_iter().filter_map(line(media)))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_kinds_and_times_are_read_and_nothing_else() {
        let body = r#"{"id":"c","startTime":"2026-11-23T09:00:00.000Z","participants":[
            {"id":"p1","purpose":"customer","name":"Mara Keller","address":"tel:+491700000000","attributes":{"x":"y"},
             "messages":[{"id":"m1","state":"connected"}]},
            {"id":"p2","purpose":"acd","queueId":"q"},
            {"id":"p3","purpose":"agent","userId":"u1","endTime":"2026-11-23T09:01:00.000Z","messages":[{"id":"m2","state":"disconnected"}]},
            {"id":"p4","purpose":"agent","user":{"id":"u2"},"calls":[{"id":"a1","state":"disconnected"}],"videos":null}]}"#;
        let read = Conversation::read(body.as_bytes()).unwrap();
        assert!(!read.has_ended);
        assert_eq!(read.customer().unwrap().id, "p1");
        assert_eq!(read.agents().collect::<Vec<_>>(), ["u2", "u1"]);
        assert_eq!(read.open_media(), [Media::Messages]);
        assert!(!format!("{read:?}").contains("Keller") && !format!("{read:?}").contains("tel:"));
    }

    #[test]
    fn who_only_listens_or_is_called_is_no_agent() {
        let body = r#"{"participants":[{"id":"p1","purpose":"customer","userId":"u1"},{"id":"p2","purpose":"monitor","userId":"u2"},
            {"id":"p3","purpose":"external","userId":"u3"},{"id":"p4","purpose":"user","userId":"u4"},{"id":"p5","userId":"u5"}]}"#;
        let read = Conversation::read(body.as_bytes()).unwrap();
        assert_eq!(read.agents().collect::<Vec<_>>(), ["u4"], "a user was called without a queue");
    }

    #[test]
    fn an_end_ends_it_and_nonsense_is_none() {
        let ended = Conversation::read(br#"{"endTime":"2026-11-23T09:00:00.000Z"}"#).unwrap();
        assert!(ended.has_ended && ended.customer().is_none());
        assert!(!Conversation::read(br#"{"endTime":null}"#).unwrap().has_ended);
        assert!(Conversation::read(b"[]").is_none());
    }
}
