//! The API's types: what the server sends and the widget reads.
//!
//! This crate is the only code both sides compile. It depends on serde, time and uuid alone and holds no logic beyond
//! the masks, which both sides apply. It never holds a clear value about a person, except [`masked::RevealedValue`], which
//! crosses the wire once and is shown for a few seconds.
//!
//! A type here is never stored and never a domain type: conversions sit next to the handlers that use them.

pub mod bank;
pub mod customer;
pub mod flow;
pub mod ids;
pub mod list;
pub mod masked;
pub mod me;
pub mod photo;
pub mod problem;
pub mod regions;
pub mod routes;
pub mod session;
pub mod sign_ins;
pub mod stream;
pub mod text;
