//! Stand-ins for the outside world, for the demo and the tests: the identity provider, Jumio, Onfido, Veriff, the bank's own system, the
//! platform API of Genesys Cloud and a page that imitates its desktop. Each listens on loopback and speaks its protocol over real HTTP.
//!
//! They refuse to share code with the server: a stand-in that shares code with what it tests proves nothing. They keep
//! everything in memory, know only invented people, and are never part of what ships.

pub mod bank;
pub mod clock;
pub mod genesys_api;
pub mod genesys_host;
pub mod identities;
pub mod idp;
pub mod jumio;
pub mod line;
mod listener;
mod markup;
pub mod onfido;
pub mod pictures;
pub mod saml;
mod secrets;
pub mod seed;
pub mod veriff;

pub use clock::Clock;
pub use listener::Base;
