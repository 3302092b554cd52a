//! A stage for one story: the installation behind real addresses, the imitated desktop, and browsers.

mod browser;
mod chromium;
mod line;
mod stage;

pub use browser::{Browser, variable};
pub use stage::Stage;
