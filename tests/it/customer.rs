//! The customer's page, as a browser without scripts sees it: plain requests, a cookie, forms.

mod again;
mod capture;
mod ends;
mod entries;
mod link;
mod objects;
pub mod photos;
mod visitor;

pub use photos::{at_photos, hand_in, png, session_of, view};
pub use visitor::{Visitor, capture_of};
