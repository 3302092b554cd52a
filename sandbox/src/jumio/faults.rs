//! What can go wrong on demand.

/// Which call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// For a token.
    Token,
    /// `POST` or `PUT …/accounts`.
    Start,
    /// `GET …/status`.
    Status,
    /// `GET …/workflow-executions/{id}`.
    Details,
    /// `GET …/credentials/{id}/parts/{classifier}`.
    Picture,
    /// `DELETE`.
    Delete,
    /// Any of them.
    Any,
}

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429.
    RateLimited {
        /// `Retry-After` in seconds, if it is sent.
        retry_after: Option<u64>,
    },
    /// Another status.
    Status(u16),
    /// Answers correctly, after so many milliseconds.
    Slow(u64),
    /// The connection is reset and nothing has happened.
    Reset,
    /// The call is carried out, then the connection is reset: the caller cannot know.
    ResetAfterwards,
    /// 200 with a web page instead of JSON, as proxies do.
    NotJson,
    /// 200 with more bytes than anybody should take.
    TooLarge,
}

/// How a callback goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallbackFault {
    /// Somebody else's: it names the execution and does not know the reference that Jumio was given.
    Forged,
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
