//! In-process tests: the real routers, a real database in a temporary directory, and HTTP stand-ins for everybody else. Time moves only
//! by hand.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod architect;
mod audit;
mod bad_input;
mod config;
mod conversation;
mod coverage;
mod customer;
mod faults;
mod flow;
mod fuzz;
mod genesys;
mod guests;
mod images;
mod inbox;
mod jobs;
mod jumio;
mod matrix;
mod older_data;
mod once;
mod onfido;
mod openapi;
mod ops;
mod order;
mod outage;
mod overdue;
mod pace;
mod privacy;
mod providers;
mod regressions;
mod retention;
mod rules;
mod saml;
mod security;
mod sign_in;
mod store_contract;
mod story;
mod sweep;
mod two_servers;
