//! The rules of the business. No I/O below this line: no axum, no sqlx, no reqwest, no clock. Time comes in as a value.

pub mod audit;
pub mod check;
pub mod command;
pub mod idempotency;
pub mod names;
pub mod policy;
pub mod session;
