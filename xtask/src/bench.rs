//! `cargo xtask bench`: what the product promises, measured on this machine beside floors in the same run.

use crate::widget::Profile;
use crate::{Outcome, command, report, setup, tools, widget, workspace};

/// Measures; `parts` names some of `reads`, `webhooks`, `decisions`, `streams`, `flow`, `growth` and `page`, or is empty for all.
pub fn measure(parts: &[&str]) -> Outcome {
    let ready = setup::prepare(setup::Scope::Everything)?;
    let modules = tools::Toolbox::at(workspace::tools()?).ensure_workflow_core()?;
    widget::build(Profile::Small, &ready)?;
    let is_wanted = |part: &str| parts.is_empty() || parts.contains(&part);
    let all_but_page: Vec<&str> = parts.iter().copied().filter(|part| *part != "page").collect();
    if parts.is_empty() || !all_but_page.is_empty() {
        report::headline("server");
        let mut bench = command::cargo(&["bench", "--locked", "--package", "kyc-tests", "--bench", "bench", "--"]);
        command::run(bench.args(all_but_page).env("KYC_BENCH_MODULES", modules))?;
    }
    if is_wanted("page") {
        report::headline("page");
        let arguments = ["test", "--release", "--locked", "--package", "kyc-tests", "--test", "browser", "--"];
        let mut page = command::cargo(&arguments);
        page.args(["--ignored", "--exact", "--nocapture", "cold_load::from_nothing_to_masked_results"]);
        if let Some(browser) = &ready.browser {
            browser.apply(&mut page);
        }
        command::run(&mut page)?;
    }
    Ok(())
}
