//! A SAML 2.0 identity provider of a bank, and the documents it makes: right ones, and wrong ones on demand.

mod client;
mod draft;
mod message;
mod pages;
mod provider;
mod seal;
mod sign;

pub use draft::{AssertionDraft, Draft, Parties, instant};
pub use provider::{CONTEXT_PASSWORD, SamlConfig, SamlIdp};
pub use seal::{Wrapping, sealed};
pub use sign::{Algorithm, Signer, Signs};
