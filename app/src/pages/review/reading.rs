//! The requests of the supervisors' page: the rows of the chosen view, and the counts.

use kyc_wire::list::{Floor, ListQuery, Sort, View};
use kyc_wire::session::Status;
use leptos::task::spawn_local;

use crate::api::SignedIn;
use crate::browser;
use crate::components::floor_strip::WATCHED;
use crate::components::view_list::Tools;
use crate::held::{State, Stored, effect};
use crate::shell::Shell;
use crate::state::board::Board;
use crate::state::trend::Trend;
use crate::state::trouble::Trouble;
use crate::text::{Say, review};

/// What is read, and what came of it.
#[derive(Clone, Copy)]
pub struct Reading {
    /// The rows.
    pub board: State<Board>,
    /// The counts.
    pub floor: State<Floor>,
    /// The last hour of each watched count.
    pub trends: State<Vec<Trend>>,
    /// The view.
    pub view: State<View>,
    /// The search, the filters and the order.
    pub tools: Tools,
    /// Why the rows could not be read.
    pub trouble: State<Option<Trouble>>,
    /// Whether there is an answer yet.
    pub is_loaded: State<bool>,
    client: SignedIn,
    shell: Shell,
    is_hearing: Stored<bool>,
    wants_hearing: Stored<bool>,
    asked: Stored<u32>,
}

/// What becomes of an answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Show,
    Hear,
    Append,
}

impl Reading {
    /// Begins to read the `first` view, and follows the stream.
    pub fn start(client: SignedIn, shell: Shell, first: View) -> Self {
        let reading = Self {
            board: State::new(Board::default()),
            floor: State::new(Floor::default()),
            trends: State::new(vec![Trend::default(); WATCHED.len()]),
            view: State::new(first),
            tools: Tools::new(&shell.drafts.with_untracked(|drafts| drafts.list().clone())),
            trouble: State::new(None),
            is_loaded: State::new(false),
            client,
            shell,
            is_hearing: Stored::new(false),
            wants_hearing: Stored::new(false),
            asked: Stored::new(0),
        };
        effect(move || {
            reading.view.track();
            let list = reading.tools.get();
            shell.drafts.update(|drafts| drafts.keep_list(list));
            reading.load();
        });
        let mut seen = None::<u64>;
        effect(move || {
            let (number, _) = shell.event.get();
            if seen.is_some_and(|seen| seen != number) {
                reading.hear();
            }
            seen = Some(number);
        });
        browser::every(60, move || reading.hear());
        reading
    }

    /// Why the list is empty.
    pub fn empty_words(self) -> Say {
        let of = self.tools.get();
        match (of.status.is_empty() && of.queue.is_empty(), of.query.is_empty()) {
            (true, true) => review::EMPTY,
            (true, false) => review::NOT_FOUND,
            _ => review::NO_MATCH,
        }
    }

    /// Reads the chosen view from its beginning.
    pub fn load(self) {
        self.is_loaded.set(false);
        self.ask(None, Use::Show);
        self.count();
    }

    /// Reads the page after the last row.
    pub fn more(self) {
        let cursor = self.board.with_untracked(|board| board.next_cursor().map(str::to_owned));
        self.ask(cursor, Use::Append);
    }

    /// Reads the view again because something changed; never two readings at a time, however many events come.
    fn hear(self) {
        if self.is_hearing.get_value() {
            self.wants_hearing.set_value(true);
            return;
        }
        self.is_hearing.set_value(true);
        self.ask(None, Use::Hear);
        self.count();
    }

    fn ask(self, cursor: Option<String>, then: Use) {
        if then == Use::Show {
            self.asked.update_value(|asked| *asked += 1);
        }
        let asked = self.asked.get_value();
        let Tools { query, status, queue, sort } = self.tools;
        let (text, queue) = (query.get_untracked(), queue.get_untracked());
        let is_search = !text.is_empty();
        let query = ListQuery {
            // A search looks everywhere: who looks for a session does not know its state.
            view: Some(if is_search { View::All } else { self.view.get_untracked() }),
            q: is_search.then_some(text),
            status: status.with_untracked(|code| Status::ALL.into_iter().find(|of| of.as_str() == code)),
            queue: (!queue.is_empty()).then_some(queue),
            sort: sort.with_untracked(|code| Sort::ALL.into_iter().find(|of| of.as_str() == code)),
            cursor,
            ..ListQuery::default()
        };
        spawn_local(async move {
            let result = self.client.list(&query).await;
            if self.asked.try_get_value() != Some(asked) {
                return self.end_hearing(then);
            }
            match result {
                Ok(page) => {
                    self.trouble.set(None);
                    self.board.try_update(|board| match then {
                        Use::Show => board.show(page),
                        Use::Hear => board.hear(page),
                        Use::Append => board.append(page),
                    });
                }
                Err(Trouble::Aborted) => return,
                Err(found) if found.is_signed_out() => self.shell.leave(),
                Err(found) => self.trouble.set(Some(found)),
            }
            self.is_loaded.set(true);
            self.end_hearing(then);
        });
    }

    fn end_hearing(self, then: Use) {
        if then != Use::Hear {
            return;
        }
        self.is_hearing.try_update_value(|is_hearing| *is_hearing = false);
        if self.wants_hearing.try_update_value(core::mem::take) == Some(true) {
            self.hear();
        }
    }

    fn count(self) {
        spawn_local(async move {
            let Ok(floor) = self.client.floor().await else { return };
            let now = self.shell.now.get_untracked();
            self.trends.try_update(|trends| {
                for (trend, view) in trends.iter_mut().zip(WATCHED) {
                    let count = floor.counts.iter().find(|count| count.view == view).map_or(0, |count| count.count);
                    trend.note(now, count);
                }
            });
            self.floor.set(floor);
        });
    }
}
