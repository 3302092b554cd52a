//! KYC Desk: the server behind the widget in the Genesys agent desktop.
//!
//! Dependencies point one way: `domain` ← `pii` ← `store`, `providers`, `auth` ← `audit` ← `http`. Wiring happens in this file and
//! nowhere else.

pub mod clock;
pub mod domain;
pub mod pii;
pub mod providers;
pub mod store;
