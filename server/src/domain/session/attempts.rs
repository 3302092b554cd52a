//! Video attempts. The server owns count and pace: whatever a flow asks, it is told to hand over to a person in the end.

use kyc_wire::flow::{FlowTrouble, Reporter};
use kyc_wire::ids::Micros;
use kyc_wire::session::HandOverCause;
use serde::{Deserialize, Serialize};

use super::{Call, Channel, Session, Sign, State};
use crate::domain::command::{Effect, Next, Quality, Refusal, Staff};
use crate::domain::policy::Policy;

/// How many attempts were made, and what the flow was last told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    /// Attempts started.
    pub started: u32,
    /// The last attempt whose quality was reported.
    pub reported: u32,
    /// What the flow was told last.
    pub told: Option<Next>,
    /// When the next attempt may begin, after a poor one.
    #[serde(default)]
    pub not_before: Option<Micros>,
    /// What was measured last.
    #[serde(default)]
    pub measured: Option<Measured>,
    /// The best score that was measured, in thousandths.
    #[serde(default)]
    pub best_permille: Option<u16>,
    /// Why the flow gave up, if it did.
    #[serde(default)]
    pub cause: Option<HandOverCause>,
}

/// What was measured of an attempt, in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// Who measured.
    pub by: Reporter,
    /// The score in thousandths, if any.
    pub score_permille: Option<u16>,
    /// The picture's height in pixels, if known.
    pub frame_height: Option<u32>,
    /// Packets lost, in thousandths, if known.
    pub loss_permille: Option<u16>,
}

/// What becomes of a picture that an agent finds too poor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoorPicture {
    /// The customer looks for better light.
    LookForLight,
    /// It goes on by voice, and by photos that she uploads.
    GoOnByPhotos,
}

impl PoorPicture {
    /// The code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::LookForLight => "look_for_light",
            Self::GoOnByPhotos => "go_on_by_photos",
        }
    }
}

impl Measured {
    fn of(quality: &Quality) -> Self {
        Self {
            by: quality.by,
            score_permille: quality.score.map(permille),
            frame_height: quality.frame_height,
            loss_permille: quality.loss.map(permille),
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1000 after the clamp")]
pub(super) fn permille(share: f64) -> u16 {
    (share.clamp(0.0, 1.0) * 1000.0).round() as u16
}

const fn cause_of(trouble: FlowTrouble) -> HandOverCause {
    match trouble {
        FlowTrouble::CustomerAsked => HandOverCause::CustomerAsked,
        FlowTrouble::NoReply => HandOverCause::NoReply,
        FlowTrouble::FlowFailed => HandOverCause::FlowFailed,
    }
}

impl Session {
    /// Retries that are left: attempts after the first one, or after the running one.
    pub fn retries_left(&self, policy: &Policy) -> u32 {
        policy.attempts.saturating_sub(self.attempts.started.max(1))
    }

    /// Seconds until the next attempt may begin.
    pub fn retry_wait_seconds(&self, now: Micros) -> u32 {
        let left = self.attempts.not_before.map_or(0, |at| (at.0 - now.0).max(0));
        u32::try_from(left.unsigned_abs().div_ceil(1_000_000)).unwrap_or(u32::MAX)
    }

    /// A reference that leads to this session in the log, with what happened.
    pub(super) fn reference(&self, what: &str) -> String {
        let id = self.id.to_string();
        format!("E-{}-{what}", &id[id.len() - 8..])
    }

    /// What the flow must do as things stand. Who did not connect in time is asked to by a person; where an agent is due, or the session
    /// ended by itself, nothing is tried any more.
    pub fn next_for_flow(&self) -> Next {
        match &self.state {
            State::Expired | State::Abandoned => {
                Next::RouteToAgent { error_ref: self.reference(self.status().as_str()) }
            }
            State::AgentVerification { error_ref } => {
                Next::RouteToAgent { error_ref: error_ref.clone().unwrap_or_default() }
            }
            state if !state.has_customer() => Next::Continue,
            _ if self.never_connected() && matches!(self.attempts.told, None | Some(Next::Continue)) => {
                Next::RouteToAgent { error_ref: self.reference("connect") }
            }
            _ => self.attempts.told.clone().unwrap_or(match self.channel {
                Channel::Video => Next::Continue,
                Channel::AudioUpload => Next::FallbackAudioUpload,
            }),
        }
    }

    pub(super) fn start_attempt(
        &mut self,
        number: Option<u32>,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if !self.state.has_customer() {
            return Ok(());
        }
        // The first one invites her, and is no sign of her. In a call it is one; where that is a fresh one, this attempt is its first.
        if self.call != Call::None {
            self.see(Sign::Call, at, effects)?;
        }
        if self.is_flow_finished() || number.is_some_and(|number| number <= self.attempts.started) {
            return Ok(());
        }
        self.begin_attempt(at);
        Ok(())
    }

    /// Whether the next attempt began: not before the wait is over, and not where there is none left.
    fn begin_attempt(&mut self, (policy, now): (&Policy, Micros)) -> bool {
        if self.attempts.not_before.is_some_and(|at| now < at) {
            return false;
        }
        if self.attempts.started >= policy.attempts {
            let cause =
                if self.attempts.measured.is_some() { HandOverCause::PoorPicture } else { HandOverCause::NoPicture };
            self.give_up(cause, self.reference("attempts"), now);
            return false;
        }
        self.attempts.started += 1;
        self.attempts.told = Some(Next::Continue);
        self.attempts.not_before = None;
        true
    }

    /// Whether the flow was told to stop trying video.
    fn is_flow_finished(&self) -> bool {
        let told = &self.attempts.told;
        self.channel == Channel::AudioUpload
            || matches!(told, Some(Next::RouteToAgent { .. } | Next::FallbackAudioUpload | Next::NoVideo))
    }

    pub(super) fn judge_quality(
        &mut self,
        quality: Quality,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        match quality.by {
            Reporter::CustomerPage => self.see(Sign::Page, at, effects)?,
            // Whose picture was measured is there, unless the word comes late. What her device cannot do is known without her.
            Reporter::Flow | Reporter::VideoService if quality.supports_video && self.call != Call::Over => {
                self.see(Sign::Call, at, effects)?;
            }
            Reporter::Flow | Reporter::VideoService | Reporter::Agent => {}
        }
        if !self.state.has_customer() || self.is_flow_finished() {
            return Ok(());
        }
        let running = self.attempts.started;
        match quality.attempt {
            Some(attempt) if attempt == 0 || attempt != running => return Err(Refusal::WrongAttempt { running }),
            Some(attempt) if attempt == self.attempts.reported => return Ok(()),
            // Whether a device can do video needs no attempt.
            None if self.attempts.reported == running && quality.supports_video && !self.begin_attempt(at) => {
                return Ok(());
            }
            _ => {}
        }
        self.attempts.reported = self.attempts.started;
        let measured = Measured::of(&quality);
        self.attempts.best_permille = self.attempts.best_permille.max(measured.score_permille);
        self.attempts.measured = Some(measured);
        self.judge(quality, at);
        Ok(())
    }

    fn judge(&mut self, quality: Quality, at: (&Policy, Micros)) {
        let policy = at.0;
        if !quality.supports_video {
            self.leave_video(Next::NoVideo);
        } else if quality.frame_height.is_some_and(|height| height < policy.min_frame_height) {
            self.leave_video(Next::FallbackAudioUpload);
        } else if quality.score.is_none_or(|score| score >= policy.quality_threshold) {
            self.attempts.told = Some(Next::Continue);
        } else {
            self.poor(quality.error_ref, at);
        }
    }

    fn leave_video(&mut self, next: Next) {
        // Who carries the video beats no more; the call goes on by voice.
        if self.call == Call::Watched {
            self.call = Call::Open;
        }
        self.channel = Channel::AudioUpload;
        self.attempts.told = Some(next);
        self.attempts.not_before = None;
    }

    fn poor(&mut self, error_ref: String, (policy, now): (&Policy, Micros)) {
        if self.attempts.started < policy.attempts {
            self.attempts.told = Some(Next::Retry);
            self.attempts.not_before = Some(now.plus_seconds(policy.retry_wait_seconds.into()));
        } else if self.state.has_customer() && self.wanted.is_none() {
            self.give_up(HandOverCause::PoorPicture, error_ref, now);
        } else {
            // A person has the case already: she goes on by voice.
            self.leave_video(Next::FallbackAudioUpload);
        }
    }

    /// The agent sees for herself that the picture is too poor: a report about the running attempt, or about another one where that one is
    /// judged. While the customer looks for better light, saying it again changes nothing.
    pub(super) fn picture_is_poor(&mut self, by: Staff, at: (&Policy, Micros)) -> Result<(), Refusal> {
        self.hold(by, at.1)?;
        if self.channel == Channel::AudioUpload {
            return Err(self.invalid());
        }
        if self.attempts.not_before.is_some_and(|until| at.1 < until) {
            return Ok(());
        }
        if self.attempts.reported == self.attempts.started {
            self.attempts.started = at.0.attempts.min(self.attempts.started + 1);
        }
        self.attempts.reported = self.attempts.started;
        self.attempts.measured =
            Some(Measured { by: Reporter::Agent, score_permille: Some(0), frame_height: None, loss_permille: None });
        self.poor(self.reference("picture"), at);
        Ok(())
    }

    /// What the customer is told of the picture, while an agent's word on it is the last one.
    pub fn poor_picture(&self) -> Option<PoorPicture> {
        let is_agents = self.attempts.measured.is_some_and(|measured| measured.by == Reporter::Agent);
        match (&self.attempts.told, self.channel) {
            _ if !is_agents || !self.state.can_be_held() => None,
            (Some(Next::Retry | Next::RouteToAgent { .. }), Channel::Video) => Some(PoorPicture::LookForLight),
            (Some(Next::FallbackAudioUpload), Channel::AudioUpload) => Some(PoorPicture::GoOnByPhotos),
            _ => None,
        }
    }

    pub(super) fn hand_over(&mut self, trouble: FlowTrouble, error_ref: String, now: Micros) -> Result<(), Refusal> {
        if self.state.is_final() {
            return Err(self.invalid());
        }
        if self.state.has_customer() {
            self.give_up(cause_of(trouble), error_ref, now);
        }
        Ok(())
    }

    fn give_up(&mut self, cause: HandOverCause, error_ref: String, now: Micros) {
        self.attempts.cause = Some(cause);
        self.attempts.told = Some(Next::RouteToAgent { error_ref: error_ref.clone() });
        self.attempts.not_before = None;
        // What a person asked for again is waited for all the same.
        if self.wanted.is_none() {
            self.go(State::AgentVerification { error_ref: Some(error_ref) }, now);
        }
    }
}
