//! What is open on the session page, and what was typed there.

use kyc_wire::ids::{PersonId, SessionId};
use kyc_wire::masked::Field;
use kyc_wire::session::{Act, CaptureItem, Origin};

use crate::state::sign_in::SignIn;
use crate::state::trouble::Trouble;

/// The one thing that is open over the page's quiet state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Sheet {
    /// Nothing.
    #[default]
    None,
    /// Further acts.
    More,
    /// An act that wants a reason or a confirmation.
    Act(Act),
    /// A reveal that wants a reason.
    Reveal(Vec<(Field, Origin)>),
    /// A look at the photos, which wants a reason.
    Photos,
}

impl Sheet {
    /// The same thing, or nothing when it is open already.
    #[must_use]
    pub fn toggled(&self, other: Self) -> Self {
        if *self == other { Self::None } else { other }
    }
}

/// What was chosen for an act so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    /// What to capture again.
    pub item: Option<CaptureItem>,
    /// Code of the reason.
    pub reason: Option<String>,
}

impl Choice {
    /// Whether everything that `act` wants is chosen.
    pub fn is_complete(&self, act: Act, needs_reason: bool) -> bool {
        (!needs_reason || self.reason.is_some()) && (act != Act::Recapture || self.item.is_some())
    }
}

/// What the last act came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// It worked.
    Done(Done),
    /// It did not.
    Trouble {
        /// What went wrong.
        trouble: Trouble,
        /// Whether the same request can be sent again with the same key.
        can_retry: bool,
    },
    /// It waits until who acts has proven anew who she is.
    Prove(SignIn),
}

/// What worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// An act.
    Act(Act),
    /// A note was saved.
    Note,
    /// The link lies in the draft of the conversation.
    InChat,
    /// The sentence for the customer lies there.
    Asked,
    /// The next customer was asked for, and nobody waits.
    NobodyWaits,
}

/// What was typed and not sent: kept while the person signs in again, and for nobody else. Memory only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drafts {
    of: Option<PersonId>,
    list: Narrowed,
    notes: Vec<(SessionId, String)>,
    start: Start,
}

/// What narrows the supervisors' list down, and its order, as codes; empty where nothing is chosen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrowed {
    /// What is searched for.
    pub query: String,
    /// Only this state.
    pub status: String,
    /// Only this queue.
    pub queue: String,
    /// The order.
    pub sort: String,
}

/// A session that is about to be started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// For this conversation, and never for the next one.
    pub conversation: String,
    /// The customer.
    pub customer: String,
    /// The queue.
    pub queue: String,
    /// The language in which the customer reads.
    pub language: String,
}

impl Drafts {
    /// Begins anew for another person.
    pub fn belong_to(&mut self, person: PersonId) {
        if self.of != Some(person) {
            *self = Self { of: Some(person), ..Self::default() };
        }
    }

    /// What the supervisors' list was narrowed down to.
    pub fn list(&self) -> &Narrowed {
        &self.list
    }

    /// Keeps that.
    pub fn keep_list(&mut self, list: Narrowed) {
        self.list = list;
    }

    /// Keeps what is being typed into the search.
    pub fn keep_search(&mut self, text: String) {
        self.list.query = text;
    }

    /// The unsent note of a session.
    pub fn note(&self, id: SessionId) -> &str {
        self.notes.iter().find(|(of, _)| *of == id).map_or("", |(_, text)| text)
    }

    /// The session of this conversation that was about to be started.
    pub fn start_of(&self, conversation: &str) -> Start {
        if self.start.conversation == conversation { self.start.clone() } else { Start::default() }
    }

    /// Keeps that.
    pub fn keep_start(&mut self, start: Start) {
        self.start = start;
    }

    /// Keeps an unsent note; an empty one is forgotten.
    pub fn keep_note(&mut self, id: SessionId, text: String) {
        self.notes.retain(|(of, _)| *of != id);
        if !text.is_empty() {
            self.notes.push((id, text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_capture_wants_an_item_and_a_reason() {
        let mut choice = Choice { reason: Some("blurred".into()), item: None };
        assert!(!choice.is_complete(Act::Recapture, true));
        choice.item = Some(CaptureItem::Face);
        assert!(choice.is_complete(Act::Recapture, true));
        assert!(Choice::default().is_complete(Act::Approve, false));
    }

    #[test]
    fn an_unsent_note_belongs_to_its_session() {
        let (a, b) = (SessionId::new(uuid::Uuid::from_u128(1)), SessionId::new(uuid::Uuid::from_u128(2)));
        let mut drafts = Drafts::default();
        drafts.keep_note(a, "half a sent".into());
        assert_eq!((drafts.note(a), drafts.note(b)), ("half a sent", ""));
        drafts.keep_note(a, String::new());
        assert_eq!(drafts, Drafts::default());
    }

    #[test]
    fn what_somebody_typed_is_kept_for_her_and_gone_for_the_next() {
        let (mira, jo) = (PersonId::new(uuid::Uuid::from_u128(1)), PersonId::new(uuid::Uuid::from_u128(2)));
        let session = SessionId::new(uuid::Uuid::from_u128(3));
        let mut drafts = Drafts::default();
        drafts.belong_to(mira);
        drafts.keep_search("C-1".into());
        drafts.keep_note(session, "half a sent".into());
        drafts.belong_to(mira);
        assert_eq!((drafts.list().query.as_str(), drafts.note(session)), ("C-1", "half a sent"));
        drafts.keep_list(Narrowed { queue: "retail-de".into(), ..drafts.list().clone() });
        drafts.belong_to(mira);
        assert_eq!((drafts.list().query.as_str(), drafts.list().queue.as_str()), ("C-1", "retail-de"));
        drafts.belong_to(jo);
        assert_eq!((drafts.list(), drafts.note(session)), (&Narrowed::default(), ""));
    }

    #[test]
    fn a_typed_customer_id_never_reaches_another_conversation() {
        let mut drafts = Drafts::default();
        let one =
            Start { conversation: "one".into(), customer: "C-1".into(), queue: "q".into(), language: "de".into() };
        drafts.keep_start(one.clone());
        assert_eq!((drafts.start_of("one"), drafts.start_of("two")), (one, Start::default()));
    }

    #[test]
    fn opening_what_is_open_closes_it() {
        let escalate = Sheet::Act(Act::Escalate);
        assert_eq!(Sheet::More.toggled(Sheet::More), Sheet::None);
        assert_eq!(Sheet::More.toggled(escalate.clone()), escalate);
    }
}
