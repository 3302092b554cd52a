//! The pictures that come with a provider's result. They are evidence for whoever looks at the case, and change nothing else.

use std::collections::BTreeMap;

use kyc_wire::ids::Micros;
use kyc_wire::session::CaptureItem;
use serde::{Deserialize, Serialize};

use super::{ResultFacts, Session};
use crate::domain::command::{Effect, Refusal};

/// What came of asking for one picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultImage {
    /// When.
    pub at: Micros,
    /// Whether it was no picture that may be kept: it is not asked for again.
    pub is_refused: bool,
}

/// By what they show: those of the latest result only.
pub type ResultImages = BTreeMap<CaptureItem, ResultImage>;

impl Session {
    /// Puts a result in place of what was there. Pictures belong to their result: those of an earlier one are not shown beside this.
    pub(super) fn put_result(&mut self, result: ResultFacts, effects: &mut Vec<Effect>) {
        self.mismatches.clone_from(&result.mismatches);
        // Who must capture anew has not shown yet what a person will look at; who never finished has shown nothing.
        let is_to_be_seen = !result.came_to_nothing();
        self.images.clear();
        self.result = Some(result);
        if is_to_be_seen {
            effects.push(Effect::FetchImages);
        }
    }

    /// Whether pictures of this result are still of use: it is the latest, and somebody may look at the case. What is over takes no more
    /// pictures, be it deleted already or not.
    pub fn takes_images(&self, result: u32) -> bool {
        !self.state.is_final() && self.result.as_ref().is_some_and(|latest| latest.version == result)
    }

    pub(super) fn take_image(&mut self, result: u32, item: CaptureItem, image: ResultImage) -> Result<(), Refusal> {
        if !self.takes_images(result) {
            return Err(self.invalid());
        }
        self.images.insert(item, image);
        Ok(())
    }
}
