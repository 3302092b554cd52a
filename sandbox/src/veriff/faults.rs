//! What can go wrong on demand.

/// Which API call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `POST /v1/sessions`.
    Create,
    /// `GET /v1/sessions/{id}/decision`.
    Decision,
    /// `GET /v1/attempts/{id}/media`: what pictures there are.
    Media,
    /// `GET /v1/media/{id}`: one of them.
    Picture,
    /// `DELETE /v1/sessions/{id}`.
    Delete,
    /// Any of them.
    Any,
}

/// How an API call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429.
    RateLimited {
        /// `Retry-After` in seconds, if it is sent.
        retry_after: Option<u64>,
    },
    /// Another status, with Veriff's error envelope.
    Status(u16),
    /// Answers correctly, after so many milliseconds.
    Slow(u64),
    /// The connection is reset and nothing has happened.
    Reset,
    /// The call is carried out, then the connection is reset: the caller cannot know.
    ResetAfterwards,
    /// The answer's signature was made with another secret.
    WrongSignature,
    /// 200 with a web page instead of JSON, as proxies do.
    NotJson,
    /// 200 with more bytes than anybody should take.
    TooLarge,
}

/// How a webhook goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookFault {
    /// Signed with another secret; Veriff would not repeat it differently, so a retry is wrong as well.
    WrongSignature,
    /// Names another integration's key.
    WrongClient,
    /// Sent twice.
    Duplicated,
    /// Sent after the one that follows it.
    Overtaken,
    /// Never sent.
    Lost,
}

/// What was planned and has not happened yet.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<(Call, Fault)>);

impl Faults {
    pub(super) fn plan(&mut self, call: Call, fault: Fault, times: usize) {
        self.0.extend(std::iter::repeat_n((call, fault), times));
    }

    /// The fault for this call, if one was planned.
    pub(super) fn take(&mut self, call: Call) -> Option<Fault> {
        let at = self.0.iter().position(|&(planned, _)| planned == call || planned == Call::Any)?;
        Some(self.0.remove(at).1)
    }
}
