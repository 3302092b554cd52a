//! The pages. They alone ask the server for things, and hand values and callbacks to the components.

pub mod conversation;
pub mod ending;
pub mod home;
pub mod not_live;
pub mod review;
pub mod session;
pub mod sign_in;
pub mod sign_ins;
pub mod stuck;
