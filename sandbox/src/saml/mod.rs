//! A SAML 2.0 identity provider of a bank, and the documents it makes: right ones, and wrong ones on demand.

mod draft;
mod seal;
mod sign;

pub use draft::{AssertionDraft, Draft, Parties, instant};
pub use seal::{Wrapping, sealed};
pub use sign::{Algorithm, Signer, Signs};
