//! The program that drives a browser, and what it is told about the person in front of it.

use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::{chromium, firefox, variable};

/// Which browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    Chromium,
    Firefox,
}

/// What becomes of cookies that a page of another site sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookies {
    /// All are kept.
    Allowed,
    /// Only partitioned ones are kept, or all are, and each as if it were partitioned.
    Blocked,
    /// None is, partitioned or not.
    Refused,
}

impl Engine {
    /// What the driver is asked for.
    pub fn capabilities(self, cookies: Cookies) -> Value {
        match self {
            Self::Chromium => chromium::capabilities(cookies),
            Self::Firefox => firefox::capabilities(cookies),
        }
    }

    /// The driver: the variable that names it, what it is called on `PATH`, its arguments, and what it says before its port.
    const fn driver(self) -> (&'static str, &'static str, &'static [&'static str], &'static str) {
        match self {
            Self::Chromium => ("CHROMEDRIVER", "chromedriver", &["--port=0"], "successfully on port "),
            Self::Firefox => ("GECKODRIVER", "geckodriver", &["--port=0"], "Listening on 127.0.0.1:"),
        }
    }
}

/// The driver, and the browser it started: a process group, so that both end with the test.
pub struct Driver {
    /// Where it listens.
    pub port: u16,
    process: Child,
    _folder: TempDir,
}

impl Drop for Driver {
    fn drop(&mut self) {
        if let Some(leader) = self.process.id() {
            let kill = std::process::Command::new("kill").args(["-KILL", "--", &format!("-{leader}")]).status();
            assert!(kill.is_ok_and(|status| status.success()), "the browser was left running");
        }
    }
}

impl Driver {
    /// Starts it.
    pub async fn start(engine: Engine) -> Self {
        // The port that ChromeDriver finds free for IPv4 may be taken for IPv6; then it ends, and the next one finds another.
        for _ in 0..5 {
            if let Some(started) = Self::started(engine).await {
                return started;
            }
        }
        panic!("the driver of {engine:?} ends without a word about its port")
    }

    async fn started(engine: Engine) -> Option<Self> {
        let (named, program, arguments, before_port) = engine.driver();
        let program = variable(named).unwrap_or_else(|| program.to_owned());
        // What the browser leaves behind when it is killed goes with the test.
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(&program)
            .args(arguments)
            .env("TMPDIR", folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}; `cargo xtask setup` installs it"));
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, port)) = line.split_once(before_port) {
                let port = port.trim_end_matches('.').parse().unwrap();
                // Somebody must read the rest, or the driver waits for ever.
                tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
                return Some(Self { port, process, _folder: folder });
            }
        }
        let _ = process.wait().await;
        None
    }
}
