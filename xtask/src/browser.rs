//! The browsers of the tests, the programs that drive them, and the identity providers that they meet.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Toolbox;
use crate::{Outcome, command, debian, workspace};

const CHROMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

/// What the browser tests stand on: each by the variable that tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Browsers {
    told: Vec<(&'static str, PathBuf)>,
}

impl Browsers {
    /// Tells a child where all are: `CHROME` and `CHROMEDRIVER`, `KYC_AXE` for the script of axe-core, `KYC_PYSAML2` for
    /// the Python that has it, `KYC_OIDC_PROVIDER` and `KYC_NODE` for that provider's folder and what it runs on.
    pub fn apply(&self, command: &mut Command) {
        command.envs(self.told.iter().map(|(name, place)| (*name, place)));
    }
}

/// Finds them by the variables of these names, then on `PATH`, then in Debian's packages; else explains.
pub fn ensure(toolbox: &Toolbox) -> Outcome<Browsers> {
    let (chrome, driver) = chromium()?;
    let (provider, node) = toolbox.ensure_oidc_provider()?;
    let told = vec![
        ("CHROME", chrome),
        ("CHROMEDRIVER", driver),
        ("KYC_AXE", toolbox.ensure_axe()?),
        ("KYC_PYSAML2", toolbox.ensure_pysaml2()?),
        ("KYC_OIDC_PROVIDER", provider),
        ("KYC_NODE", node),
    ];
    Ok(Browsers { told })
}

fn chromium() -> Outcome<(PathBuf, PathBuf)> {
    let find = || {
        let chrome = found("CHROME", &CHROMES)?;
        Some((chrome, found("CHROMEDRIVER", &["chromedriver"])?))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    // Ubuntu's packages of these names are snaps, which see neither /tmp nor hidden folders: not offered, not tried.
    debian::install(&["chromium", "chromium-driver", "fonts-liberation"]).map_err(|problem| {
        format!(
            "the browser tests need Chromium and a ChromeDriver of the same version: {problem}\n\
             Install both (`npx @puppeteer/browsers install chrome@stable`, and `chromedriver@stable`), then set \
             CHROME and CHROMEDRIVER to the two programs."
        )
    })?;
    find().ok_or_else(|| "chromium is installed, but not on PATH".into())
}

fn found(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let on_path = || names.iter().find_map(|name| workspace::find_program(name)).filter(|program| !is_snap(program));
    workspace::file_from(variable).or_else(on_path)
}

// Ubuntu's chromium-browser is a script that asks for the snap.
fn is_snap(program: &Path) -> bool {
    let answer = command::output(command::program(program).arg("--version")).unwrap_or_default();
    answer.is_empty() || answer.contains("snap")
}
