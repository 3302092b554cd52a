//! What the parts of the session page share: the session as values, and callbacks for everything that changes it. No part of
//! the page knows how a request is made.

use kyc_wire::masked::Field;
use kyc_wire::me::{LanguageChoice, ReasonOption};
use kyc_wire::session::{Act, CustomerLink, Mark, Origin, SessionDetail, StartForConversation};
use leptos::prelude::*;

use crate::browser;
use crate::held::{Derived, State, Stored};
use crate::state::act;
use crate::state::panel::{Choice, Notice, Sheet};
use crate::state::reveal::Reveals;
use crate::state::viewer::{Move, Viewer};

/// One field of one side.
pub type Place = (Field, Origin);

/// The session page's shared values and callbacks.
#[derive(Clone, Copy)]
pub struct Panel {
    /// The session, once it has been read.
    pub detail: State<Option<SessionDetail>>,
    /// What is open.
    pub sheet: State<Sheet>,
    /// What was chosen for the open act.
    pub choice: State<Choice>,
    /// What is shown in clear text now.
    pub reveals: State<Reveals>,
    /// What the last act came to.
    pub notice: State<Option<Notice>>,
    /// Whether something is being sent.
    pub is_busy: State<bool>,
    /// The configured reasons.
    pub reasons: Stored<Vec<ReasonOption>>,
    /// Whether the list of another page is beside us, which then owns `j` and `k`.
    pub is_beside_list: bool,
    /// Carries out an act.
    pub on_act: Callback<(Act, Choice)>,
    /// Marks a line of the checklist.
    pub on_mark: Callback<(String, Mark)>,
    /// Saves a note.
    pub on_note: Callback<String>,
    /// Reveals values for a reason.
    pub on_reveal: Callback<(Vec<Place>, String)>,
    /// The photos that are shown now.
    pub viewer: State<Viewer>,
    /// How often she has looked away: what was asked for before that is not shown.
    pub aways: Stored<u32>,
    /// The link that was issued last.
    pub link: State<Option<CustomerLink>>,
    /// Issues another link in place of that one.
    pub on_new_link: Callback<()>,
    /// Who looks: written across every photo.
    pub who: Stored<String>,
    /// Shows the photos for a reason.
    pub on_photos: Callback<String>,
    /// The caller's queues.
    pub queues: Stored<Vec<String>>,
    /// The languages that customers can read.
    pub languages: Stored<Vec<LanguageChoice>>,
    /// Starts another session for the same conversation.
    pub on_start: Callback<StartForConversation>,
    /// Takes the next customer.
    pub on_next: Callback<()>,
    /// Sends the last request again, with its key.
    pub on_retry: Callback<()>,
    /// Opens the window in which one proves who one is, and then does what waits for it. Call in the click itself.
    pub on_prove: Callback<()>,
}

impl Panel {
    /// The panel of the current session page.
    pub fn here() -> Self {
        use_context().expect("the session page provides the panel before its parts exist")
    }

    /// A part of the session that tells its view only when it has changed.
    pub fn part<T>(self, read: impl Fn(&SessionDetail) -> T + Send + Sync + 'static) -> Derived<T>
    where
        T: Default + PartialEq + Send + Sync + 'static,
    {
        Derived::new(move || self.detail.with(|detail| detail.as_ref().map(&read).unwrap_or_default()))
    }

    /// Whether the caller may do this now.
    pub fn can(self, act: Act) -> Derived<bool> {
        self.part(move |detail| act::is_open(detail, act))
    }

    /// Opens something, or closes it when it is open already.
    pub fn toggle(self, sheet: Sheet) {
        self.choice.set(Choice::default());
        self.sheet.update(|open| *open = open.toggled(sheet));
    }

    /// Closes what is open.
    pub fn close(self) {
        self.sheet.set(Sheet::None);
    }

    /// Starts an act: at once where nothing is asked, else by opening its sheet.
    pub fn start(self, act: Act) {
        if act::is_immediate(act) {
            self.close();
            self.on_act.run((act, Choice::default()));
        } else {
            self.toggle(Sheet::Act(act));
            let item = self.detail.with_untracked(|detail| detail.as_ref().map(act::likely_item));
            self.choice.update(|choice| choice.item = item);
        }
    }

    /// Enlarges, moves or turns the photos; whether there are any.
    pub fn look(self, to: Move) -> bool {
        let is_shown = self.viewer.with_untracked(|viewer| !viewer.photos.is_empty());
        if is_shown {
            self.viewer.update(|viewer| viewer.look = viewer.look.after(to));
        }
        is_shown
    }

    /// Takes the photos away; their addresses lead nowhere any more.
    pub fn put_photos_away(self) {
        let gone = self.viewer.try_update(Viewer::put_away).unwrap_or_default();
        for (_, url) in &gone {
            browser::forget_bytes(url);
        }
    }

    /// Nobody looks at the page any more: nothing stays in clear, and nothing appears that is on its way.
    pub fn look_away(self) {
        self.put_photos_away();
        self.reveals.update(Reveals::clear);
        self.aways.update_value(|aways| *aways += 1);
    }

    /// The reasons for an act.
    pub fn reasons_for(self, act: Act) -> Vec<ReasonOption> {
        self.reasons.with_value(|all| act::reasons(act, all))
    }
}
