//! The browser of the tests and the program that drives it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Toolbox;
use crate::{Outcome, command, debian, workspace};

const BROWSERS: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];

/// Chromium and its driver.
#[derive(Debug, PartialEq, Eq)]
pub struct Browser {
    chrome: PathBuf,
    driver: PathBuf,
    axe: PathBuf,
    pysaml2: PathBuf,
}

impl Browser {
    /// Tells a child where all are: `CHROME`, `CHROMEDRIVER`, `KYC_AXE` for the script of axe-core, and `KYC_PYSAML2` for the Python
    /// that has it.
    pub fn apply(&self, command: &mut Command) {
        command.env("CHROME", &self.chrome).env("CHROMEDRIVER", &self.driver);
        command.env("KYC_AXE", &self.axe).env("KYC_PYSAML2", &self.pysaml2);
    }
}

/// Finds both by `CHROME` and `CHROMEDRIVER`, then on `PATH`, then in Debian's packages; else explains.
pub fn ensure(toolbox: &Toolbox) -> Outcome<Browser> {
    let (axe, pysaml2) = (toolbox.ensure_axe()?, toolbox.ensure_pysaml2()?);
    if let Some(found) = find(&axe, &pysaml2) {
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
    find(&axe, &pysaml2).ok_or_else(|| "chromium is installed, but not on PATH".into())
}

fn find(axe: &Path, pysaml2: &Path) -> Option<Browser> {
    let on_path = || BROWSERS.into_iter().find_map(workspace::find_program).filter(|program| !is_snap(program));
    let chrome = workspace::file_from("CHROME").or_else(on_path)?;
    let driver = workspace::file_from("CHROMEDRIVER").or_else(|| workspace::find_program("chromedriver"))?;
    Some(Browser { chrome, driver, axe: axe.to_owned(), pysaml2: pysaml2.to_owned() })
}

// Ubuntu's chromium-browser is a script that asks for the snap.
fn is_snap(program: &Path) -> bool {
    let answer = command::output(command::program(program).arg("--version")).unwrap_or_default();
    answer.is_empty() || answer.contains("snap")
}
