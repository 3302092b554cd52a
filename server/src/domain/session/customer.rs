//! What the customer does next. One thing at a time, decided here and nowhere else, so that her page, the flow and the desk never disagree.

use kyc_wire::ids::Micros;
use serde::{Deserialize, Serialize};

use super::{Channel, RunPhase, Session, State};
use crate::domain::check::Group;
use crate::domain::command::{Effect, Refusal};
use crate::domain::policy::Policy;

/// The customer's next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CustomerStep {
    /// She reads what she is asked to consent to.
    Consent,
    /// She photographs her document and looks into the camera, by the provider's link.
    Capture,
    /// The same, as soon as the provider has a link for her.
    CaptureSoon,
    /// She was sent to the provider, which has not said yet whether everything arrived.
    CaptureReturned,
    /// She takes the photo that an agent asks for again.
    Again,
    /// She uploads photos.
    Photos,
    /// Nothing: the provider looks at what it got.
    Checking,
    /// Nothing: it is with the staff.
    Waiting,
    /// Nothing any more.
    Ended,
}

impl CustomerStep {
    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Capture => "capture",
            Self::CaptureSoon => "capture_soon",
            Self::CaptureReturned => "capture_returned",
            Self::Again => "again",
            Self::Photos => "photos",
            Self::Checking => "checking",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        }
    }
}

/// The capture that she was sent to, and what was known of its result then: when either is another one, she has not been there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Number of the run.
    pub run: u32,
    /// Version of the result; 0 when there was none.
    pub result_version: u32,
}

impl Session {
    /// The one thing that she does next.
    pub fn customer_step(&self) -> CustomerStep {
        if self.state.is_final() {
            return CustomerStep::Ended;
        }
        if self.consent.is_none() {
            return CustomerStep::Consent;
        }
        if !self.state.can_be_held() {
            return CustomerStep::Waiting;
        }
        let is_handed_in = self.state == State::DocumentSubmitted && self.provider.phase == RunPhase::Processing;
        if self.wants_photo_again() && !is_handed_in {
            return CustomerStep::Again;
        }
        if self.wants_photos() {
            return CustomerStep::Photos;
        }
        match self.provider.phase {
            RunPhase::NotStarted | RunPhase::Starting | RunPhase::Down => CustomerStep::CaptureSoon,
            RunPhase::WaitingForCustomer if self.sent_to_capture == Some(self.capture_now()) => {
                CustomerStep::CaptureReturned
            }
            RunPhase::WaitingForCustomer => CustomerStep::Capture,
            RunPhase::Processing => CustomerStep::Checking,
            RunPhase::Done if self.takes_capture() => CustomerStep::Capture,
            RunPhase::Done => CustomerStep::Waiting,
        }
    }

    /// Whether there is something for her to do.
    pub fn is_customers_turn(&self) -> bool {
        match self.customer_step() {
            CustomerStep::Consent
            | CustomerStep::Capture
            | CustomerStep::CaptureSoon
            | CustomerStep::CaptureReturned
            | CustomerStep::Again
            | CustomerStep::Photos => true,
            CustomerStep::Checking | CustomerStep::Waiting | CustomerStep::Ended => false,
        }
    }

    /// Whether the provider waits for her, or would again after a run that she did not finish: only then is she sent there.
    pub fn takes_capture(&self) -> bool {
        let waits = match self.provider.phase {
            RunPhase::WaitingForCustomer => self.state.can_be_held(),
            RunPhase::Done => self.has_lapsed() && self.state.has_customer(),
            RunPhase::NotStarted | RunPhase::Starting | RunPhase::Down | RunPhase::Processing => false,
        };
        self.consent.is_some() && waits
    }

    /// Whether a photo does for what is wanted again, or is all that she can do.
    pub(super) fn wants_photo_again(&self) -> bool {
        self.wanted.as_ref().is_some_and(|wanted| {
            self.channel == Channel::AudioUpload || wanted.open().all(|(item, _)| self.takes_photo_of(item))
        })
    }

    /// Whether photos lead: video does not work for her or she has begun with them, and nothing better is there.
    fn wants_photos(&self) -> bool {
        let has = |group| self.result.as_ref().is_some_and(|result| result.has(group));
        let has_begun = self.channel == Channel::AudioUpload || !self.uploads.items.is_empty();
        has_begun
            && self.wanted.is_none()
            && self.uploads.sent_at.is_none()
            && !(has(Group::Document) && has(Group::Liveness))
    }

    fn capture_now(&self) -> Sent {
        Sent { run: self.provider.counting(), result_version: self.result.as_ref().map_or(0, |result| result.version) }
    }

    /// She goes to the provider's page: a sign of life, and the last one until she is back.
    pub(super) fn go_to_capture(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if !self.takes_capture() {
            return Err(self.invalid());
        }
        self.heartbeat(at, effects)?;
        // In a regime that wants a fresh call, who comes back begins anew: there is another run then.
        if !self.takes_capture() {
            return Ok(());
        }
        self.sent_to_capture = Some(self.capture_now());
        Ok(())
    }
}
