//! A stage for one story: the installation behind real addresses, the imitated desktop, and browsers.

mod browser;
mod chromium;
pub mod line;
mod pysaml2;
mod stage;

pub use browser::{Browser, variable};
pub use pysaml2::{Cipher, Pysaml2};
pub use stage::Stage;
