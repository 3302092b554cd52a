//! What waits until who acts has proven anew who she is: the same window as for signing in, and then the same requests again, with their
//! keys. What was chosen and typed stays as it is.

use kyc_wire::ids::SessionId;
use kyc_wire::me::{NewStepUp, Place as Value};
use kyc_wire::photo::Photo;
use kyc_wire::session::Act;
use leptos::prelude::request_animation_frame;
use leptos::task::spawn_local;

use super::job::Job;
use super::work::Work;
use crate::api::Intent;
use crate::browser;
use crate::components::notice::PROVE;
use crate::components::panel::Place;
use crate::rendezvous::{self, Errand};
use crate::state::panel::Notice;
use crate::state::sign_in::SignIn;
use crate::text::sign_in as words;

/// Requests that were refused until then.
#[derive(Clone)]
pub enum Waiting {
    /// An act.
    Act(Act, Job, Intent),
    /// Values to be shown.
    Values(Vec<(Place, Intent)>),
    /// Photos to be shown.
    Photos(Vec<(Photo, Intent)>),
}

impl Waiting {
    /// The proof they need; the challenge is not made yet.
    fn proof(&self, session_id: SessionId) -> NewStepUp {
        let mut proof = NewStepUp {
            challenge: String::new(),
            act: Act::Reveal,
            session_id,
            values: Vec::new(),
            photos: Vec::new(),
        };
        match self {
            Self::Act(act, ..) => proof.act = *act,
            Self::Values(wanted) => {
                let values = wanted.iter().map(|((field, origin), _)| Value { field: *field, origin: *origin });
                proof.values = values.collect();
            }
            Self::Photos(wanted) => proof.photos = wanted.iter().map(|(photo, _)| *photo).collect(),
        }
        proof
    }
}

impl Work {
    /// Asks for the proof. It is given in a window, which only a click may open.
    pub(super) fn wait_for_proof(self, waiting: Waiting) {
        self.unproven.try_update_value(|unproven| *unproven = Some(waiting));
        self.panel.notice.set(Some(Notice::Prove(SignIn::Idle)));
        self.shell.say(words::PROVE);
        request_animation_frame(|| browser::focus(PROVE));
    }

    /// Opens the window, and does what waits once the proof is there. A second start does not wait for the first.
    pub(super) fn prove(self) {
        let Some(waiting) = self.unproven.try_get_value().flatten() else { return };
        let ours = self.round.try_update_value(|round| {
            *round += 1;
            *round
        });
        let change = move |now| {
            if self.round.try_get_value() == ours {
                self.panel.notice.set(Some(Notice::Prove(now)));
            }
        };
        let popup = match rendezvous::open_window() {
            Ok(popup) => popup,
            Err(now) => return change(now),
        };
        spawn_local(async move {
            let errand = Errand::Proof(self.client, waiting.proof(self.id));
            match rendezvous::sign_in(self.guest, Some(popup), errand, change).await {
                Ok(()) => {
                    self.shell.announce_sign_in();
                    if self.round.try_get_value() == ours {
                        self.repeat(waiting).await;
                    }
                }
                Err(SignIn::Failed(trouble)) if trouble.is_signed_out() => self.shell.leave(),
                Err(now) => change(now),
            }
        });
    }

    async fn repeat(self, waiting: Waiting) {
        self.unproven.try_update_value(|unproven| *unproven = None);
        self.panel.notice.set(None);
        match waiting {
            Waiting::Act(_, job, intent) => self.send(job, intent).await,
            Waiting::Values(wanted) => self.show_values(wanted).await,
            Waiting::Photos(wanted) => self.show_photos(wanted).await,
        }
    }
}
