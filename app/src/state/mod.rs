//! What the widget knows, as plain values: tested natively, without a browser. Nothing here touches the page, the network or
//! the clock, and nothing here holds a clear value about a person longer than [`reveal`] allows.

pub mod act;
pub mod board;
pub mod broadcast;
pub mod clock;
#[cfg(test)]
pub mod fixtures;
pub mod host;
pub mod idle;
pub mod keys;
pub mod launch;
pub mod live;
pub mod need;
pub mod panel;
pub mod reveal;
pub mod sign_in;
pub mod sign_ins;
pub mod start;
pub mod trend;
pub mod trouble;
pub mod viewer;
