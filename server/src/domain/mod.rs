//! The rules of the business. No I/O below this line.

pub mod check;
