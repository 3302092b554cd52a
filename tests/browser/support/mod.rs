//! A stage for one story: the installation behind real addresses, the imitated desktop, and browsers.

mod browser;
mod chromium;
mod driver;
mod firefox;
pub mod line;
mod oidc_provider;
mod pysaml2;
mod stage;

pub use browser::{Browser, PATIENCE, variable};
pub use driver::{Cookies, Engine};
pub use oidc_provider::{OidcProvider, SECRET};
pub use pysaml2::{Cipher, Pysaml2};
pub use stage::Stage;
