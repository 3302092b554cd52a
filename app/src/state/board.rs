//! The list of `/review`: what arrives while somebody reads it never moves the rows under the cursor.

use kyc_wire::ids::SessionId;
use kyc_wire::list::SessionPage;
use kyc_wire::session::SessionSummary;

/// The rows on the screen, and what waits to be shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Board {
    rows: Vec<SessionSummary>,
    gone: Vec<SessionId>,
    waiting: Option<SessionPage>,
    selected: Option<SessionId>,
    next_cursor: Option<String>,
}

impl Board {
    /// The rows in the order in which they are shown.
    pub fn rows(&self) -> &[SessionSummary] {
        &self.rows
    }

    /// Where the next page begins.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }

    /// Whether a row has left this view since it was shown.
    pub fn is_gone(&self, id: SessionId) -> bool {
        self.gone.contains(&id)
    }

    /// How many sessions have arrived that are not shown yet.
    pub fn new_count(&self) -> usize {
        self.waiting.as_ref().map_or(0, |page| page.items.iter().filter(|row| !self.has(row.id)).count())
    }

    /// Whether the list on the screen is not the list of the server any more.
    pub fn has_news(&self) -> bool {
        self.new_count() > 0 || !self.gone.is_empty()
    }

    /// Shows a page from its beginning: another view, another search, or asked for.
    pub fn show(&mut self, page: SessionPage) {
        self.rows = page.items;
        self.next_cursor = page.next_cursor;
        self.gone.clear();
        self.waiting = None;
    }

    fn has(&self, id: SessionId) -> bool {
        self.rows.iter().any(|row| row.id == id)
    }

    /// Adds the page after the last row.
    pub fn append(&mut self, page: SessionPage) {
        for row in page.items {
            if !self.has(row.id) {
                self.rows.push(row);
            }
        }
        self.next_cursor = page.next_cursor;
    }

    /// News from the server: known rows change in place, those that left are marked, new ones wait.
    pub fn hear(&mut self, page: SessionPage) {
        let reach = page.items.len();
        let is_whole = page.next_cursor.is_none();
        for (at, row) in self.rows.iter_mut().enumerate() {
            match page.items.iter().find(|item| item.id == row.id) {
                Some(item) => {
                    row.clone_from(item);
                    self.gone.retain(|id| *id != item.id);
                }
                None if (is_whole || at < reach) && !self.gone.contains(&row.id) => self.gone.push(row.id),
                None => {}
            }
        }
        self.waiting = Some(page);
    }

    /// Shows what waits.
    pub fn catch_up(&mut self) {
        if let Some(page) = self.waiting.take() {
            self.show(page);
        }
    }

    /// Selects a row.
    pub fn select(&mut self, id: Option<SessionId>) {
        self.selected = id;
    }

    /// The row `by` places further, stopping at the ends; the first when none is selected.
    pub fn step(&self, by: isize) -> Option<SessionId> {
        let last = self.rows.len().checked_sub(1)?;
        let at = self.selected.and_then(|id| self.rows.iter().position(|row| row.id == id));
        let to = at.map_or(0, |at| at.saturating_add_signed(by).min(last));
        Some(self.rows[to].id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::fixtures::summary;

    fn page(ids: &[u128]) -> SessionPage {
        SessionPage { items: ids.iter().map(|n| summary(*n)).collect(), next_cursor: None }
    }

    fn ids(board: &Board) -> Vec<u128> {
        board.rows().iter().map(|row| row.id.as_uuid().as_u128()).collect()
    }

    #[test]
    fn a_new_session_waits_until_it_is_asked_for() {
        let mut board = Board::default();
        board.show(page(&[1, 2]));
        board.hear(page(&[9, 2, 1]));
        assert_eq!(ids(&board), [1, 2]);
        assert_eq!(board.new_count(), 1);
        board.catch_up();
        assert_eq!(ids(&board), [9, 2, 1]);
        assert!(!board.has_news());
    }

    #[test]
    fn a_session_that_left_the_view_keeps_its_place_and_is_marked() {
        let mut board = Board::default();
        board.show(page(&[1, 2]));
        board.hear(page(&[2]));
        assert_eq!(ids(&board), [1, 2]);
        assert!(board.is_gone(board.rows()[0].id));
        board.hear(page(&[2, 1]));
        assert!(!board.has_news());
    }

    #[test]
    fn rows_beyond_the_page_that_was_read_are_left_alone() {
        let mut board = Board::default();
        board.show(page(&[1, 2]));
        board.append(page(&[2, 3]));
        board.hear(SessionPage { next_cursor: Some("c".into()), ..page(&[1, 2]) });
        assert_eq!(ids(&board), [1, 2, 3]);
        assert!(!board.has_news());
    }

    #[test]
    fn known_rows_change_in_place() {
        let mut board = Board::default();
        board.show(page(&[1, 2]));
        let mut news = page(&[2, 1]);
        news.items[1].version = 40;
        board.hear(news);
        assert_eq!(board.rows()[0].version, 40);
        assert!(!board.has_news());
    }

    #[test]
    fn the_cursor_stops_at_both_ends() {
        let mut board = Board::default();
        assert_eq!(board.step(1), None);
        board.show(page(&[1, 2]));
        board.select(board.step(1));
        assert_eq!(board.selected, Some(board.rows()[0].id));
        board.select(board.step(1));
        assert_eq!(board.step(1), Some(board.rows()[1].id));
        board.select(board.step(-5));
        assert_eq!(board.selected, Some(board.rows()[0].id));
    }
}
