//! What the customer uploads. A photo is evidence for a person to look at: it brings the case to an agent and never passes a check.

use std::collections::BTreeMap;

use kyc_wire::ids::Micros;
use kyc_wire::session::{Blocker, CaptureItem};
use serde::{Deserialize, Serialize};

use super::{Channel, Session, State};
use crate::domain::command::{Effect, Next, Refusal};
use crate::domain::policy::Policy;

/// What the customer uploaded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploads {
    /// When each item last arrived.
    pub items: BTreeMap<CaptureItem, Micros>,
    /// When she said that it is all.
    pub sent_at: Option<Micros>,
}

/// What must be there before she can say so; a passport has no back.
const NEEDED: [CaptureItem; 2] = [CaptureItem::DocumentFront, CaptureItem::Face];

impl Session {
    /// Whether she may upload: she has consented, and an agent may still work on the case.
    pub const fn takes_uploads(&self) -> bool {
        self.consent.is_some() && self.state.can_be_held()
    }

    /// What is still needed: where something was asked for again, that alone.
    pub fn missing_uploads(&self) -> Vec<CaptureItem> {
        match &self.wanted {
            Some(wanted) => wanted.open().map(|(item, _)| item).collect(),
            None => NEEDED.into_iter().filter(|item| !self.uploads.items.contains_key(item)).collect(),
        }
    }

    pub(super) fn take_upload(
        &mut self,
        item: CaptureItem,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        if !self.takes_uploads() {
            return Err(self.invalid());
        }
        self.heartbeat(at, effects)?;
        self.uploads.items.insert(item, at.1);
        self.note_arrival(item, at.1, effects);
        Ok(())
    }

    pub(super) fn send_uploads(&mut self, at: (&Policy, Micros), effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        if !self.takes_uploads() {
            return Err(self.invalid());
        }
        if !self.missing_uploads().is_empty() {
            return Err(Refusal::Blocked(Blocker::NoDocument));
        }
        self.heartbeat(at, effects)?;
        self.uploads.sent_at = Some(at.1);
        if self.state.has_customer() {
            self.channel = Channel::AudioUpload;
            self.go(State::AgentVerification { error_ref: None }, at.1);
        }
        Ok(())
    }
}

/// What the customer's device and line were found capable of, before the call.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Precheck {
    /// From 0 to 1.
    pub score: f64,
    /// Height of the camera's picture in pixels, if it could be tried.
    pub frame_height: Option<u32>,
    /// Whether the browser can hold a video call.
    pub has_video: bool,
    /// When.
    pub at: Micros,
}

impl Precheck {
    /// Whether there is no use in trying a call.
    fn is_hopeless(&self, policy: &Policy) -> bool {
        !self.has_video || self.frame_height.is_some_and(|height| height < policy.min_frame_height)
    }
}

impl Session {
    /// Before the first attempt it decides between video and upload; afterwards the call itself is what counts.
    pub(super) fn take_precheck(
        &mut self,
        found: Precheck,
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        self.heartbeat(at, effects)?;
        let was_hopeless = self.precheck.is_some_and(|earlier| earlier.is_hopeless(at.0));
        self.precheck = Some(found);
        if self.attempts.started > 0 || !self.state.has_customer() {
            return Ok(());
        }
        if found.is_hopeless(at.0) {
            self.channel = Channel::AudioUpload;
            self.attempts.told = Some(if found.has_video { Next::FallbackAudioUpload } else { Next::NoVideo });
        } else if was_hopeless {
            self.channel = Channel::Video;
            self.attempts.told = None;
        }
        Ok(())
    }
}
