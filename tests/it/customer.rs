//! The customer's page, as a browser without scripts sees it: plain requests, a cookie, forms.

mod link;
mod objects;
pub mod photos;
mod visitor;

pub use visitor::Visitor;
