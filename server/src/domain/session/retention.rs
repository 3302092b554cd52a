//! What is kept how long after the end, and who wants it kept longer. A clock like the others: the session wakes when something is due.

use std::collections::BTreeMap;

use kyc_wire::ids::Micros;
use serde::{Deserialize, Serialize};

use super::{DocumentFacts, Session, Uploads};
use crate::domain::command::{Effect, Refusal};
use crate::domain::policy::Policy;

/// A class of data that is deleted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataClass {
    /// Photos: those that the customer uploaded, and those that came with a result.
    Documents,
    /// Which conversation of the contact centre it belonged to.
    Interaction,
    /// Everything that is sealed about her: claims, values that a provider read, notes; and what the provider itself keeps.
    Results,
}

impl DataClass {
    /// All, in the order in which they may go.
    pub const ALL: [Self; 3] = [Self::Documents, Self::Interaction, Self::Results];

    /// The code, as on the wire and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Documents => "documents",
            Self::Interaction => "interaction",
            Self::Results => "results",
        }
    }
}

/// Nothing is deleted while this lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// The client that asked for it.
    pub by: String,
    /// The bank's own reference for why: a code, no words.
    pub reason: String,
    /// Until when.
    pub until: Micros,
}

/// What is gone, and what must not go yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// When each class was deleted.
    pub gone: BTreeMap<DataClass, Micros>,
    /// Whether it is held.
    pub hold: Option<Hold>,
    /// Whether it belonged to a conversation that is forgotten: then nobody was on it any more. Stays when the case is opened again.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub has_forgotten_conversation: bool,
}

impl Session {
    /// Whether it is of a conversation that is not known any more.
    pub const fn is_of_forgotten_conversation(&self) -> bool {
        self.conversation_id.is_none() && self.retention.has_forgotten_conversation
    }

    /// Whether what is known about the customer is gone.
    pub fn is_purged(&self) -> bool {
        self.retention.gone.contains_key(&DataClass::Results)
    }

    /// Which classes are still there, and when each goes; none while the session is open.
    pub fn purges(&self, policy: &Policy) -> Vec<(DataClass, Option<Micros>)> {
        let kept = DataClass::ALL.into_iter().filter(|class| !self.retention.gone.contains_key(class));
        let kept = kept.filter(|class| *class != DataClass::Interaction || self.conversation_id.is_some());
        kept.map(|class| (class, self.state.is_final().then(|| self.purge_at(class, policy)))).collect()
    }

    fn purge_at(&self, class: DataClass, policy: &Policy) -> Micros {
        let days = match class {
            DataClass::Documents => policy.retention.documents_days,
            DataClass::Interaction => policy.retention.interaction_days,
            DataClass::Results => policy.retention.results_days,
        };
        let end = self.state_since.plus_seconds(i64::from(days) * 24 * 3600);
        self.retention.hold.as_ref().map_or(end, |hold| end.max(hold.until))
    }

    /// When the next class goes.
    pub(super) fn next_purge(&self, policy: &Policy) -> Option<Micros> {
        self.purges(policy).into_iter().filter_map(|(_, at)| at).min()
    }

    /// Deletes what is due.
    pub(super) fn purge(&mut self, (policy, now): (&Policy, Micros), effects: &mut Vec<Effect>) {
        for (class, at) in self.purges(policy) {
            if at.is_some_and(|at| at <= now) {
                self.retention.gone.insert(class, now);
                effects.push(Effect::Purge(class));
                self.forget(class);
            }
        }
    }

    /// What the session itself says of a class.
    fn forget(&mut self, class: DataClass) {
        match class {
            DataClass::Documents => {
                // Opened again, the case needs new ones.
                self.uploads = Uploads::default();
                self.images.clear();
            }
            DataClass::Interaction => {
                self.retention.has_forgotten_conversation |= self.conversation_id.take().is_some();
            }
            DataClass::Results => {
                if let Some(result) = &mut self.result {
                    // A validity date alone may lead to a person.
                    result.document = DocumentFacts::default();
                }
            }
        }
    }

    /// Holds what is there, or lets it go its way again.
    pub(super) fn keep_from_purge(&mut self, hold: Option<Hold>, policy: &Policy) -> Result<(), Refusal> {
        if self.purges(policy).is_empty() {
            return Err(self.invalid());
        }
        self.retention.hold = hold;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kyc_wire::ids::SessionId;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::{Channel, NewSession, State};
    use super::*;
    use crate::domain::command::Report;
    use crate::domain::names::{ConversationId, CustomerId, Language, Queue};
    use crate::domain::policy::Retention as Days;

    const START: Micros = Micros(1_800_000_000_000_000);
    const DAY: i64 = 24 * 3600;

    fn over() -> Session {
        let new = NewSession {
            id: SessionId::new(Uuid::from_u128(7)),
            queue: Queue::parse("retail-de").unwrap(),
            customer_id: CustomerId::parse("C-4F2A").unwrap(),
            conversation_id: Some(ConversationId::parse("0198c5a0-0000-7000-8000-00000000000c").unwrap()),
            channel: Channel::Video,
            integration: "veriff-de".to_owned(),
            language: Language::default(),
        };
        let mut session = Session::open(new, &Policy::default(), START).session;
        session.go(State::Abandoned, START);
        session
    }

    fn hold(seconds: i64) -> Report {
        let (by, reason, until) = ("bank".to_owned(), "case-17".to_owned(), START.plus_seconds(seconds));
        Report::Held(Some(Hold { by, reason, until }))
    }

    proptest! {
        /// Whenever it is looked at and however it is held: nothing goes before its time or during a hold, everything due goes at once, each
        /// class once, and the clock wakes for the next.
        #[test]
        fn each_class_goes_once_at_its_time(
            (first, between, more) in (0_u32..40, 0_u32..80, 0_u32..40),
            steps in proptest::collection::vec((0..20 * DAY, proptest::option::of((any::<bool>(), 0..60 * DAY))), 1..30),
        ) {
            let retention =
                Days { documents_days: first, interaction_days: between, results_days: first + more, ..Days::default() };
            let days_of = |class| match class {
                DataClass::Documents => first,
                DataClass::Interaction => between,
                DataClass::Results => first + more,
            };
            let policy = Policy { retention, ..Policy::default() };
            let (mut session, mut now, mut gone) = (over(), 0_i64, Vec::new());
            let mut held_until = 0;
            for (wait, change) in steps {
                now += wait;
                let at = START.plus_seconds(now);
                if let Some((is_hold, length)) = change && !session.purges(&policy).is_empty() {
                    held_until = if is_hold { now + length } else { 0 };
                    let report = if is_hold { hold(held_until) } else { Report::Held(None) };
                    session = session.report(report, &policy, at).unwrap().session;
                }
                let applied = session.report(Report::Tick, &policy, at).unwrap();
                session = applied.session;
                let went = applied.effects.into_iter().filter_map(|effect| match effect {
                    Effect::Purge(class) => Some(class),
                    _ => None,
                });
                for class in went {
                    prop_assert!(now >= i64::from(days_of(class)) * DAY && now >= held_until, "{class:?} went at {now}");
                    prop_assert!(!gone.contains(&class), "{class:?} went twice");
                    gone.push(class);
                }
                prop_assert_eq!(session.conversation_id.is_none(), gone.contains(&DataClass::Interaction));
                for class in DataClass::ALL {
                    let due = (i64::from(days_of(class)) * DAY).max(held_until);
                    prop_assert_eq!(gone.contains(&class) || now < due, true, "{:?} is still there at {}", class, now);
                }
                let next = session.wakes_at(&policy);
                prop_assert_eq!(next.is_none(), gone.len() == DataClass::ALL.len());
                prop_assert!(next.is_none_or(|next| next > at));
            }
        }
    }

    #[test]
    fn the_bank_may_hold_whatever_is_still_there() {
        let retention = Days { documents_days: 1, interaction_days: 30, results_days: 2, ..Days::default() };
        let policy = Policy { retention, ..Policy::default() };
        let at = |days| START.plus_seconds(days * DAY);
        let session = over().report(Report::Tick, &policy, at(2)).unwrap().session;
        assert!(session.is_purged() && session.conversation_id.is_some());
        let held = session.report(hold(40 * DAY), &policy, at(3)).unwrap().session;
        let session = held.report(Report::Tick, &policy, at(39)).unwrap().session;
        assert!(session.conversation_id.is_some(), "the bank wants to know which conversation it was");
        let gone = session.report(Report::Tick, &policy, at(40)).unwrap().session;
        assert!(gone.report(hold(50 * DAY), &policy, at(41)).is_err(), "nothing is left");
    }

    #[test]
    fn what_was_opened_again_has_its_own_time() {
        let policy = Policy::default();
        let mut session = over();
        session.uploads.items.insert(kyc_wire::session::CaptureItem::Face, START);
        session.uploads.sent_at = Some(START);
        let session = session.report(Report::Tick, &policy, START.plus_seconds(30 * DAY)).unwrap().session;
        assert_eq!(session.uploads, Uploads::default(), "what is gone is not listed");
        assert_eq!(session.retention.gone.keys().collect::<Vec<_>>(), [&DataClass::Documents, &DataClass::Interaction]);
        let by = crate::domain::command::Staff {
            person: kyc_wire::ids::PersonId::new(Uuid::from_u128(1)),
            is_supervisor: true,
        };
        let reopen = crate::domain::command::StaffCommand::Reopen { reason: "new_information".to_owned() };
        let again = session.command(&reopen, by, None, (&policy, START.plus_seconds(31 * DAY))).unwrap().session;
        assert!(again.retention.gone.is_empty());
        assert!(again.purges(&policy).iter().all(|(_, at)| at.is_none()), "an open session keeps what it has");
    }
}
