//! `cargo xtask matrix`: the sign-in in every cell of the browser matrix, of which `cargo xtask test` tries a dozen.

use crate::widget::Profile;
use crate::{Outcome, command, setup, widget};

/// Tries every cell, and writes what came of it into `docs/sso/browsers.md`.
pub fn all() -> Outcome {
    let ready = setup::prepare(setup::Scope::Everything)?;
    widget::build(Profile::Small, &ready)?;
    let mut test = command::cargo(&["test", "--workspace", "--locked", "--test", "browser", "--"]);
    test.args(["--ignored", "--exact", "--nocapture", "ways::every_cell_signs_in_or_names_its_cause"]);
    if let Some(browsers) = &ready.browser {
        browsers.apply(&mut test);
    }
    command::run(&mut test)
}
