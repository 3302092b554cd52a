//! The HTTP surface: every route and every layer.

pub mod sign_in;
