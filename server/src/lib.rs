//! KYC Desk: the server behind the widget in the Genesys agent desktop.
//!
//! Dependencies point one way: `domain` ← `pii` ← `store`, `providers`, `auth` ← `audit` ← `http`. Wiring happens in this file and
//! nowhere else.

pub mod auth;
pub mod config;
pub mod domain;
pub mod http;
pub mod store;
