//! The whole widget in a real Chromium: framed by a page of another site with third-party cookies blocked, and in a tab of its own. Its
//! sign-in in a real Firefox too. Tests name what they press as a screen reader would say it, so that they also prove the names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod choices;
mod cold_load;
mod customer;
mod demo;
mod framed;
mod host;
mod hurry;
mod interrupted;
mod keyboard;
mod launch;
mod photos;
mod real_idps;
mod rendezvous;
mod review;
mod screens;
mod sign_ins;
mod step_up;
mod support;
mod tab;
mod ways;
