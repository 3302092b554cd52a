//! Looking at photos: how they are enlarged, moved and turned, all of them together, and for how long they are there.

use kyc_wire::ids::Micros;
use kyc_wire::photo::Photo;

/// How much larger each step is, in percent.
const ZOOM: [i32; 5] = [100, 150, 225, 340, 500];
/// How far one key moves, in percent of the frame.
const STEP: i32 = 15;

/// What a key or a button does to the photos.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Larger.
    In,
    /// Smaller.
    Out,
    /// As it was at first.
    Fit,
    /// Enlarged: to the left. Else: a quarter turn to the left.
    Left,
    /// Enlarged: to the right. Else: a quarter turn to the right.
    Right,
    /// Up, when enlarged.
    Up,
    /// Down, when enlarged.
    Down,
    /// A quarter turn to the right, enlarged or not.
    Turn,
}

/// How the photos are looked at: side by side, so that the same place of both is seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    step: usize,
    quarters: i32,
    x: i32,
    y: i32,
}

impl Look {
    /// After a move.
    #[must_use]
    pub fn after(mut self, to: Move) -> Self {
        let is_enlarged = self.step > 0;
        match to {
            Move::In => self.step = (self.step + 1).min(ZOOM.len() - 1),
            Move::Out => self.step = self.step.saturating_sub(1),
            Move::Fit => self = Self::default(),
            Move::Left if is_enlarged => self.x += STEP,
            Move::Right if is_enlarged => self.x -= STEP,
            Move::Up => self.y += STEP,
            Move::Down => self.y -= STEP,
            Move::Left => self.quarters = (self.quarters + 3) % 4,
            Move::Right | Move::Turn => self.quarters = (self.quarters + 1) % 4,
        }
        // Never further than to its edge.
        let most = (self.percent() - 100) / 2;
        self.x = self.x.clamp(-most, most);
        self.y = self.y.clamp(-most, most);
        self
    }

    /// How large, in percent.
    pub fn percent(self) -> i32 {
        ZOOM[self.step]
    }

    /// For a drawing of 100 by 100.
    pub fn transform(self) -> String {
        let (x, y, turn) = (50 + self.x, 50 + self.y, self.quarters * 90);
        let (whole, part) = (self.percent() / 100, self.percent() % 100);
        format!("translate({x} {y}) scale({whole}.{part:02}) rotate({turn}) translate(-50 -50)")
    }
}

/// The photos that are shown now: addresses of bytes that only this page has. And those that are on their way: what was asked for before
/// she asked again, put them away or looked away is not wanted any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Each with its address.
    pub photos: Vec<(Photo, String)>,
    /// When they go.
    pub until: Micros,
    /// How they are looked at.
    pub look: Look,
    /// Whether some are still coming.
    pub is_coming: bool,
    asked: u32,
}

impl Default for Viewer {
    fn default() -> Self {
        Self { photos: Vec::new(), until: Micros(0), look: Look::default(), is_coming: false, asked: 0 }
    }
}

impl Viewer {
    /// Takes the photos away when their time is over, for their addresses to be forgotten.
    pub fn tick(&mut self, now: Micros) -> Vec<(Photo, String)> {
        let is_over = now >= self.until && !self.photos.is_empty();
        if is_over { self.put_away() } else { Vec::new() }
    }

    /// Takes the photos away at once, and wants none that are on their way.
    pub fn put_away(&mut self) -> Vec<(Photo, String)> {
        let asked = self.asked + 1;
        core::mem::replace(self, Self { asked, ..Self::default() }).photos
    }

    /// More are asked for: the number of this wish.
    pub fn ask(&mut self) -> u32 {
        self.asked += 1;
        self.is_coming = true;
        self.asked
    }

    /// Whether what was asked for under this number is still wanted.
    pub fn wants(&self, asked: u32) -> bool {
        self.asked == asked
    }

    /// All of it has come that will.
    pub fn finish(&mut self, asked: u32) {
        self.is_coming &= self.asked != asked;
    }
}

#[cfg(test)]
mod tests {
    use kyc_wire::session::CaptureItem;

    use super::*;

    fn after(moves: &[Move]) -> Look {
        moves.iter().fold(Look::default(), |look, to| look.after(*to))
    }

    #[test]
    fn arrows_turn_what_fits_and_move_what_is_enlarged() {
        assert_eq!(after(&[Move::Right]).transform(), "translate(50 50) scale(1.00) rotate(90) translate(-50 -50)");
        assert_eq!(after(&[Move::Left]).transform(), "translate(50 50) scale(1.00) rotate(270) translate(-50 -50)");
        let moved = after(&[Move::In, Move::In, Move::Right, Move::Down]);
        assert_eq!(moved.transform(), "translate(35 35) scale(2.25) rotate(0) translate(-50 -50)");
        assert_eq!(after(&[Move::In, Move::Right, Move::Turn, Move::Fit]), Look::default());
    }

    #[test]
    fn nothing_is_moved_out_of_sight() {
        let far = after(&[Move::In, Move::Right, Move::Right, Move::Right]);
        assert_eq!(far.transform(), "translate(25 50) scale(1.50) rotate(0) translate(-50 -50)");
        assert_eq!(far.after(Move::Out), Look::default(), "what fits lies in the middle");
        assert_eq!(after(&[Move::Out, Move::Up]), Look::default());
        assert_eq!(after(&[Move::In; 9]).percent(), 500);
    }

    #[test]
    fn only_the_last_look_counts_and_none_once_she_has_looked_away() {
        let mut viewer = Viewer::default();
        let (one, other) = (viewer.ask(), viewer.ask());
        assert!(!viewer.wants(one) && viewer.wants(other));
        viewer.finish(one);
        assert!(viewer.is_coming, "the other one is");
        viewer.finish(other);
        assert!(!viewer.is_coming && viewer.wants(other));
        let last = viewer.ask();
        viewer.put_away();
        assert!(!viewer.is_coming && !viewer.wants(last));
    }

    #[test]
    fn photos_go_by_themselves() {
        let photos = vec![(Photo::provided(CaptureItem::Face), "blob:1".to_owned())];
        let mut viewer = Viewer { photos: photos.clone(), until: Micros(10), ..Viewer::default() };
        assert!(viewer.tick(Micros(9)).is_empty());
        assert_eq!((viewer.tick(Micros(10)), viewer.photos.len()), (photos, 0));
    }
}
