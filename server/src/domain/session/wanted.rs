//! What the customer is asked to capture again: one item or several, while everything else is kept; and how that is taken back.
//!
//! It is there while the session waits for it, and gone as soon as something came of it: a photo, or a result that says something. A run
//! that comes to nothing takes no result away that was there before.

use std::collections::BTreeMap;

use kyc_wire::ids::Micros;
use kyc_wire::session::CaptureItem;
use serde::{Deserialize, Serialize};

use super::{Connection, ProcessClock, ProviderRun, ResultFacts, ResultImages, RunPhase, Session, State};
use crate::domain::check::Group;
use crate::domain::command::{Effect, Next, Refusal, Staff};
use crate::domain::policy::Policy;

/// What is wanted again, and where the session stood before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Each item, with why.
    pub items: BTreeMap<CaptureItem, Asked>,
    /// Where the session goes back to.
    before: Before,
}

/// One item that is wanted again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Code of the reason.
    pub reason: String,
    /// When it was asked for.
    pub at: Micros,
    /// Whether a new photo of it has arrived.
    pub is_there: bool,
}

/// The session as it was when the first item was asked for again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Before {
    state: State,
    since: Micros,
    told: Option<Next>,
    sent_at: Option<Micros>,
    recaptures: BTreeMap<CaptureItem, u32>,
    provider: ProviderRun,
    #[serde(default)]
    result: Option<Box<ResultFacts>>,
    #[serde(default)]
    images: ResultImages,
}

impl Wanted {
    fn is_complete(&self) -> bool {
        self.items.values().all(|asked| asked.is_there)
    }

    /// The items that have not arrived.
    pub fn open(&self) -> impl Iterator<Item = (CaptureItem, &Asked)> {
        self.items.iter().filter(|(_, asked)| !asked.is_there).map(|(item, asked)| (*item, asked))
    }
}

impl Session {
    /// Whether a photo is enough for this item. That somebody alive was in front of the camera only the provider can see.
    pub fn takes_photo_of(&self, item: CaptureItem) -> bool {
        let before = self.wanted.as_ref().and_then(|wanted| wanted.before.result.as_deref());
        let mut results = self.result.iter().chain(before);
        item != CaptureItem::Face || results.any(|result| result.has(Group::Liveness))
    }

    /// What no new capture can be asked of any more.
    pub fn asked_enough(&self, policy: &Policy) -> Vec<CaptureItem> {
        let is_enough =
            |item: &CaptureItem| self.recaptures.get(item).copied().unwrap_or_default() >= policy.recaptures_per_item;
        CaptureItem::ALL.into_iter().filter(is_enough).collect()
    }

    pub(super) fn recapture(
        &mut self,
        by: Staff,
        (item, reason): (CaptureItem, &str),
        at: (&Policy, Micros),
        effects: &mut Vec<Effect>,
    ) -> Result<(), Refusal> {
        let (policy, now) = at;
        self.hold(by, now)?;
        let is_run_for_it = self.wanted.is_some() && self.awaits_capture();
        let mut wanted = self.wanted.take().unwrap_or_else(|| self.nothing_wanted());
        if self.asked_enough(policy).contains(&item) {
            return Err(Refusal::TooMany);
        }
        *self.recaptures.entry(item).or_default() += 1;
        wanted.items.insert(item, Asked { reason: reason.to_owned(), at: now, is_there: false });
        self.wanted = Some(wanted);
        self.attempts.told = None;
        self.uploads.sent_at = None;
        self.begin_her_part(at);
        self.go(State::Created, now);
        if !is_run_for_it {
            self.want_another_run(now, effects);
        }
        Ok(())
    }

    /// Whether the customer can still capture everything in the latest run: nothing of it is handed in, and it is not over.
    const fn awaits_capture(&self) -> bool {
        match self.provider.phase {
            RunPhase::NotStarted | RunPhase::Starting | RunPhase::Down | RunPhase::WaitingForCustomer => true,
            RunPhase::Processing | RunPhase::Done => false,
        }
    }

    fn nothing_wanted(&self) -> Wanted {
        let before = Before {
            state: self.state.clone(),
            since: self.state_since,
            told: self.attempts.told.clone(),
            sent_at: self.uploads.sent_at,
            recaptures: self.recaptures.clone(),
            provider: self.provider.clone(),
            result: self.result.clone().map(Box::new),
            images: self.images.clone(),
        };
        Wanted { items: BTreeMap::new(), before }
    }

    /// The customer's part begins anew: with all its time, and for who is away with as long as ever to come back. Who still has time to
    /// connect keeps that.
    pub(super) fn begin_her_part(&mut self, (policy, now): (&Policy, Micros)) {
        self.goes_on(now);
        self.process = ProcessClock::default();
        let connect_by = self.created_at.plus_seconds(policy.connect_seconds.into());
        let is_away = match self.connection {
            Connection::Waiting => now >= connect_by,
            Connection::Lost { .. } => true,
            Connection::Connected { .. } => false,
        };
        if is_away {
            self.connection = Connection::Lost { since: now };
        }
    }

    /// Takes back what was asked for again and has not arrived: the session stands where it stood. What did arrive of it is kept.
    pub(super) fn withdraw(&mut self, by: Staff, now: Micros, effects: &mut Vec<Effect>) -> Result<(), Refusal> {
        self.hold(by, now)?;
        let Some(Wanted { items, before }) = self.wanted.take() else { return Err(self.invalid()) };
        let arrived = |item: &CaptureItem| items.get(item).is_some_and(|asked| asked.is_there);
        self.recaptures.retain(|item, count| {
            let earlier = before.recaptures.get(item).copied();
            *count = if arrived(item) { *count } else { earlier.unwrap_or_default() };
            *count > 0
        });
        self.go_back_to_result((before.result, before.images));
        let has_new = items.values().any(|asked| asked.is_there) && !before.state.has_customer();
        self.uploads.sent_at = if has_new { Some(now) } else { before.sent_at };
        self.attempts.told = before.told;
        self.go_back_to_run(before.provider, now, effects);
        self.go(before.state, now);
        self.state_since = before.since;
        Ok(())
    }

    /// Takes note that a photo of an item arrived. With the last one that is wanted, the session goes on as before.
    pub(super) fn note_arrival(&mut self, item: CaptureItem, now: Micros, effects: &mut Vec<Effect>) {
        let Some(wanted) = &mut self.wanted else { return };
        let Some(asked) = wanted.items.get_mut(&item) else { return };
        asked.is_there = true;
        if !wanted.is_complete() {
            return;
        }
        let Before { state, provider, result, images, .. } = wanted.before.clone();
        self.wanted = None;
        self.go_back_to_result((result, images));
        self.uploads.sent_at = Some(now);
        self.go_back_to_run(provider, now, effects);
        let is_agents = matches!(state, State::AgentVerification { .. });
        self.go(if is_agents { state } else { State::AgentVerification { error_ref: None } }, now);
    }

    /// The session has moved on without a photo of what was wanted: photos that were sent before are sent still.
    pub(super) fn want_nothing(&mut self) {
        if let Some(Wanted { before, .. }) = self.wanted.take() {
            self.uploads.sent_at = self.uploads.sent_at.or(before.sent_at);
            self.go_back_to_result((before.result, before.images));
        }
    }

    /// From now on the result counts again that did when something was asked for, if nothing came of the capture since. What was read in it
    /// is kept and compared all the same.
    fn go_back_to_result(&mut self, (before, images): (Option<Box<ResultFacts>>, ResultImages)) {
        let Some(latest) = self.result.as_ref().filter(|latest| latest.came_to_nothing()) else { return };
        let Some(before) = before.filter(|before| before.version < latest.version) else { return };
        let (values_at, mismatches) = (latest.values_at, latest.mismatches.clone());
        self.result = Some(ResultFacts { mismatches, values_at, ..*before });
        self.images = images;
    }

    /// From now on the run counts again that did when the other one was asked for. Where that had not begun, the other one is the only one.
    fn go_back_to_run(&mut self, before: ProviderRun, now: Micros, effects: &mut Vec<Effect>) {
        let has_begun = matches!(before.phase, RunPhase::WaitingForCustomer | RunPhase::Processing | RunPhase::Done);
        if !has_begun {
            return;
        }
        let is_done = before.phase == RunPhase::Done;
        let kept = Some(before.counting());
        self.provider = ProviderRun { run: self.provider.run, kept, since: now, ..before };
        if !is_done {
            effects.push(Effect::AskProvider);
        }
    }
}
