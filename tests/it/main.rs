//! In-process tests: the real routers, a real database in a temporary directory, and HTTP stand-ins for everybody else. Time moves only
//! by hand.

mod audit;
mod bad_input;
mod config;
mod coverage;
mod privacy;
mod providers;
mod rules;
mod sign_in;
mod story;
