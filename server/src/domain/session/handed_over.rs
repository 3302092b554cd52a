//! Why a case came to an agent before it was finished, for her who meets the customer next.

use kyc_wire::session::{HandOverCause, HandedOver};

use super::{Channel, ResultOutcome, RunPhase, Session, State};
use crate::domain::command::Next;
use crate::domain::policy::Policy;

impl Session {
    /// What the flow could not do, while an agent may still do something about it.
    pub fn handed_over(&self, policy: &Policy) -> Option<HandedOver> {
        let (cause, error_ref) = self.trouble(policy).filter(|_| self.state.can_be_held())?;
        let seen = self.attempts.measured.and_then(|measured| measured.frame_height);
        Some(HandedOver {
            cause,
            error_ref,
            attempts: self.attempts.started,
            best_permille: self.attempts.best_permille,
            needed_permille: super::attempts::permille(policy.quality_threshold),
            frame_height: seen.or_else(|| self.precheck.and_then(|found| found.frame_height)),
            needed_height: policy.min_frame_height,
        })
    }

    fn trouble(&self, policy: &Policy) -> Option<(HandOverCause, String)> {
        if let State::AgentVerification { error_ref: Some(error_ref) } = &self.state {
            return Some((self.attempts.cause.unwrap_or_else(|| self.likely_cause(policy)), error_ref.clone()));
        }
        if self.channel == Channel::AudioUpload {
            return self.without_video().map(|cause| (cause, String::new()));
        }
        if self.state.has_customer() && self.never_connected() {
            return Some((HandOverCause::NotConnected, self.reference("connect")));
        }
        self.are_captures_used_up().then(|| (HandOverCause::CaptureFailed, String::new()))
    }

    /// What the previous release did not write down.
    fn likely_cause(&self, policy: &Policy) -> HandOverCause {
        let score = self.attempts.measured.and_then(|measured| measured.score_permille);
        let is_poor = score.is_some_and(|score| score < super::attempts::permille(policy.quality_threshold));
        if is_poor { HandOverCause::PoorPicture } else { HandOverCause::FlowFailed }
    }

    fn without_video(&self) -> Option<HandOverCause> {
        let is_poor = self.attempts.measured.is_some_and(|measured| measured.score_permille == Some(0));
        match self.attempts.told {
            Some(Next::NoVideo) => Some(HandOverCause::NoVideo),
            Some(Next::FallbackAudioUpload) if is_poor => Some(HandOverCause::PoorPicture),
            Some(Next::FallbackAudioUpload) => Some(HandOverCause::SmallPicture),
            _ => None,
        }
    }

    /// Whether no other run was begun for a capture that failed, or was not finished.
    fn are_captures_used_up(&self) -> bool {
        let outcome = self.result.as_ref().map(|result| result.outcome);
        !self.state.has_customer()
            && self.provider.phase == RunPhase::Done
            && matches!(outcome, Some(ResultOutcome::NewRun | ResultOutcome::Expired))
    }
}
