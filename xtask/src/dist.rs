//! `cargo xtask dist`: the one binary that ships, with the widget inside.

use std::fs;

use crate::widget::Profile;
use crate::{Outcome, command, report, setup, widget, workspace};

/// Builds the widget and the server and leaves `dist/kyc-desk`.
pub fn binary() -> Outcome {
    let ready = setup::prepare(Profile::Small.scope())?;
    widget::build(Profile::Small, &ready)?;
    report::timed("building kyc-desk", || {
        command::run(&mut command::cargo(&["build", "--release", "--locked", "--package", "kyc-desk"]))
    })?;
    let folder = workspace::root().join("dist");
    fs::create_dir_all(&folder)?;
    let shipped = folder.join("kyc-desk");
    let bytes = fs::copy(workspace::target().join("release").join("kyc-desk"), &shipped)?;
    let megabytes = format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10);
    report::line(&format!("{}: {megabytes}", workspace::shown(&shipped)));
    Ok(())
}
