//! The browsers of the tests, the programs that drive them, and the identity providers that they meet.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Toolbox;
use crate::{Outcome, command, debian, workspace};

const CHROMES: [&str; 4] = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
const FIREFOXES: [&str; 2] = ["firefox-esr", "firefox"];
/// The first that keeps partitioned cookies.
const OLDEST_FIREFOX: u32 = 141;

/// What the browser tests stand on: each by the variable that tells it.
#[derive(Debug, PartialEq, Eq)]
pub struct Browsers {
    told: Vec<(&'static str, PathBuf)>,
}

impl Browsers {
    /// Tells a child where all are: `CHROME` and `CHROMEDRIVER`, `FIREFOX` and `GECKODRIVER`, `KYC_AXE` for the script of axe-core,
    /// `KYC_PYSAML2` for the Python that has it, `KYC_OIDC_PROVIDER` and `KYC_NODE` for that provider's folder and what it runs on.
    pub fn apply(&self, command: &mut Command) {
        command.envs(self.told.iter().map(|(name, place)| (*name, place)));
    }
}

/// Finds them by the variables of these names, then on `PATH`, then in Debian's packages; else explains.
pub fn ensure(toolbox: &Toolbox) -> Outcome<Browsers> {
    let (chrome, driver) = chromium()?;
    let firefox = firefox()?;
    let geckodriver = workspace::file_from("GECKODRIVER").map_or_else(|| toolbox.ensure_geckodriver(), Ok)?;
    let (provider, node) = toolbox.ensure_oidc_provider()?;
    let told = vec![
        ("CHROME", chrome),
        ("CHROMEDRIVER", driver),
        ("FIREFOX", firefox),
        ("GECKODRIVER", geckodriver),
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

fn firefox() -> Outcome<PathBuf> {
    let explained = |problem: &str| {
        format!(
            "the browser tests need Firefox {OLDEST_FIREFOX} or newer, best the ESR: {problem}\n\
             Install one that is no snap (`npx @puppeteer/browsers install firefox@esr`), then set FIREFOX to the program."
        )
    };
    let find = || found("FIREFOX", &FIREFOXES);
    if find().is_none() {
        // Ubuntu has no package of this name, and its `firefox` is a snap: not offered, not tried.
        debian::install(&["firefox-esr"]).map_err(|problem| explained(&problem.to_string()))?;
    }
    let firefox = find().ok_or("firefox-esr is installed, but not on PATH")?;
    let version = command::output(command::program(&firefox).arg("--version"))?;
    if major(&version) < Some(OLDEST_FIREFOX) {
        // Debian brings new ones by its security suite.
        return Err(explained(&format!("{} is {version}", firefox.display())).into());
    }
    Ok(firefox)
}

/// 153 of `Mozilla Firefox 153.7.0esr`.
fn major(version: &str) -> Option<u32> {
    version.split_once("Firefox ")?.1.split('.').next()?.parse().ok()
}

fn found(variable: &str, names: &[&str]) -> Option<PathBuf> {
    let on_path = || names.iter().find_map(|name| workspace::find_program(name).filter(|program| !is_snap(program)));
    workspace::file_from(variable).or_else(on_path)
}

// Ubuntu's chromium-browser and firefox are scripts that ask for the snap, or start it.
fn is_snap(program: &Path) -> bool {
    let is_link = fs::canonicalize(program).is_ok_and(|leads_to| leads_to.ends_with("snap"));
    let says_so = || {
        let answer = command::output(command::program(program).arg("--version")).unwrap_or_default();
        answer.is_empty() || answer.contains("snap")
    };
    is_link || names_snap(program).unwrap_or(false) || says_so()
}

fn names_snap(program: &Path) -> io::Result<bool> {
    let mut start = Vec::new();
    fs::File::open(program)?.take(16_384).read_to_end(&mut start)?;
    Ok(start.starts_with(b"#!") && String::from_utf8_lossy(&start).contains("/snap/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firefox_is_as_old_as_it_says() {
        assert_eq!(major("Mozilla Firefox 153.7.0esr"), Some(153));
        assert_eq!(major("Mozilla Firefox 141.0"), Some(141));
        assert!(major("no answer") < Some(OLDEST_FIREFOX));
    }

    #[test]
    fn what_starts_a_snap_is_one() {
        let folder = std::env::temp_dir().join(format!("snap-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (script, link) = (folder.join("firefox"), folder.join("linked"));
        fs::write(&script, "#!/bin/sh\nexec /snap/bin/firefox \"$@\"\n").unwrap();
        fs::write(folder.join("snap"), "").unwrap();
        std::os::unix::fs::symlink(folder.join("snap"), &link).unwrap();
        assert!(is_snap(&script) && is_snap(&link));
        assert!(is_snap(&folder.join("nothing")), "what does not answer is of no use either");
        assert!(!is_snap(&workspace::find_program("cargo").unwrap()));
        fs::remove_dir_all(folder).unwrap();
    }
}
