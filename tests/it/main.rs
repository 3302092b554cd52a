//! In-process tests: the real routers, a real database in a temporary directory, and HTTP stand-ins for everybody else. Time moves only
//! by hand.

mod story;
mod support;
