//! What can go wrong on demand.

/// Which API call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// `POST /oauth/token`.
    Token,
    /// `POST /applicants`.
    Applicant,
    /// `POST /workflow_runs` or `POST /checks`.
    Create,
    /// Any other `GET`.
    Read,
    /// `GET /documents` or `GET /live_photos`: what pictures there are.
    Media,
    /// One of them.
    Picture,
    /// `DELETE /applicants/{id}`.
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
    /// Another status, with Onfido's error envelope.
    Status(u16),
    /// Answers correctly, after so many milliseconds.
    Slow(u64),
    /// The connection is reset and nothing has happened.
    Reset,
    /// The call is carried out, then the connection is reset: the caller cannot know.
    ResetAfterwards,
    /// The call is carried out, and not answered before [`Onfido::answer_now`](super::Onfido::answer_now).
    Unanswered,
    /// 200 with a web page instead of JSON, as proxies do.
    NotJson,
    /// 200 with more bytes than anybody should take.
    TooLarge,
}

/// How a webhook goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookFault {
    /// Signed with another token.
    WrongSignature,
    /// Signed rightly over JSON that is cut off.
    BrokenJson,
    /// Sent twice.
    Duplicated,
    /// Sent after the one that follows it.
    Overtaken,
    /// Never sent.
    Lost,
}

/// What was planned and has not happened yet.
#[derive(Debug, Default)]
pub(super) struct Faults {
    planned: Vec<(Call, Fault)>,
    /// Until then, in seconds since 1970, every call ends with a reset.
    down_until: i64,
}

impl Faults {
    pub(super) fn plan(&mut self, call: Call, fault: Fault, times: usize) {
        self.planned.extend(std::iter::repeat_n((call, fault), times));
    }

    pub(super) const fn be_down(&mut self, until: i64) {
        self.down_until = until;
    }

    /// The fault for this call, if one was planned or there is an outage.
    pub(super) fn take(&mut self, call: Call, now: i64) -> Option<Fault> {
        if let Some(at) = self.planned.iter().position(|&(planned, _)| planned == call || planned == Call::Any) {
            return Some(self.planned.remove(at).1);
        }
        (now < self.down_until).then_some(Fault::Reset)
    }
}
