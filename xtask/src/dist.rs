//! `cargo xtask dist`: the one binary that ships, with the widget inside, and the list of what is in both.
//!
//! The same sources give the same bytes, in whatever folder they lie (`sameness.rs`).

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::answer::Answer;
use crate::setup::Ready;
use crate::widget::Profile;
use crate::{Outcome, command, report, sameness, setup, tools, widget, workspace};

const START_LIMIT: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(1);
const STARTS: usize = 5;

/// Builds all of it into `dist/`, and says how large it is and how long it takes to start.
pub fn binary() -> Outcome {
    let mut ready = setup::prepare(Profile::Small.scope())?;
    ready.path.extend(tools::Toolbox::at(workspace::tools()?).ensure(&tools::cargo_cyclonedx())?);
    widget::build(Profile::Small, &ready)?;
    report::timed("building kyc-desk (minutes the first time)", || {
        let mut build = command::cargo(&["build", "--release", "--locked", "--package", "kyc-desk"]);
        sameness::of_server(&mut build)?;
        command::run(build.arg("--target-dir").arg(target()))
    })?;
    let folder = workspace::root().join("dist");
    fs::create_dir_all(&folder)?;
    let shipped = folder.join("kyc-desk");
    let bytes = fs::copy(target().join("release").join("kyc-desk"), &shipped)?;
    for package in ["server", "app"] {
        contents(package, &folder, &ready)?;
    }
    report::line(&format!("{}: {}", workspace::shown(&shipped), megabytes(bytes)));
    report::line(&format!("  sha256 {}", workspace::sha256(&shipped)?));
    report::line(&format!("  needs {}", libraries(&shipped)?));
    let (first, again) = start_up(&shipped)?;
    report::line(&format!("  ready {first} ms after its start with a new database, {again} ms with one it has"));
    Ok(())
}

// Its own: every flag below is part of what cargo compares, and the other commands would build everything again.
fn target() -> PathBuf {
    workspace::target().join("dist")
}

/// Writes what a package is made of, as `CycloneDX` lists it.
fn contents(package: &str, folder: &Path, ready: &Ready) -> Outcome {
    let name = format!("{}.cdx", if package == "server" { "kyc-desk" } else { "kyc-desk-widget" });
    let mut list = command::cargo(&["cyclonedx", "--quiet", "--format", "json", "--spec-version", "1.5"]);
    list.arg("--manifest-path").arg(workspace::root().join(package).join("Cargo.toml"));
    list.args(["--override-filename", &name]);
    if package == "app" {
        list.args(["--target", crate::wasm::TARGET]);
    }
    command::with_path(&mut list, &ready.path)?;
    list.env("SOURCE_DATE_EPOCH", sameness::time()?);
    report::timed(&format!("listing what is in {package}"), || command::run(&mut list))?;
    let file = format!("{name}.json");
    // It names the folder that it ran in.
    let root = workspace::root();
    let text = fs::read_to_string(root.join(package).join(&file))?;
    fs::write(folder.join(&file), text.replace(&root.display().to_string(), "/kyc-desk"))?;
    // It writes one beside every Cargo.toml of the workspace.
    for member in ["app", "app/wire", "sandbox", "server", "tests", "xtask"] {
        fs::remove_file(root.join(member).join(&file)).ok();
    }
    Ok(())
}

fn megabytes(bytes: u64) -> String {
    format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10)
}

/// The libraries that it takes from the machine it runs on, and the oldest C library that will do.
fn libraries(file: &Path) -> Outcome<String> {
    let said = command::output(command::program("objdump").arg("-p").arg(file))?;
    let needed = said.lines().filter_map(|line| line.trim().strip_prefix("NEEDED")).map(str::trim);
    let versions = said.split_whitespace().filter_map(|word| word.strip_prefix("GLIBC_2."));
    let newest = versions.filter_map(|minor| minor.parse::<u32>().ok()).max().unwrap_or_default();
    Ok(format!("{}; glibc 2.{newest} or newer", needed.collect::<Vec<_>>().join(", ")))
}

/// Milliseconds until it says that it is ready: the first time, and the median of later ones.
fn start_up(program: &Path) -> Outcome<(u128, u128)> {
    let folder = target().join("start-up");
    fs::remove_dir_all(&folder).ok();
    fs::create_dir_all(&folder)?;
    let ports = [free_port()?, free_port()?, free_port()?];
    let mut config = fs::read_to_string(workspace::root().join("deploy").join("demo.toml"))?
        .replace("sqlite:demo/", &format!("sqlite:{}/", folder.display()));
    for (listener, port) in ["desk", "edge", "operator"].into_iter().zip(ports) {
        let line = config.lines().find(|line| line.starts_with(&format!("{listener}_listen"))).map(str::to_owned);
        let line = line.ok_or("deploy/demo.toml names no listeners")?;
        config = config.replace(&line, &format!("{listener}_listen = \"127.0.0.1:{port}\""));
    }
    let file = folder.join("kyc-desk.toml");
    fs::write(&file, config)?;
    let mut times = Vec::new();
    for _ in 0..=STARTS {
        times.push(start_once(program, &file, &Answer { port: ports[2], path: "/readyz" })?.as_millis());
    }
    let first = times.remove(0);
    times.sort_unstable();
    Ok((first, times[times.len() / 2]))
}

fn start_once(program: &Path, config: &Path, sign: &Answer) -> Outcome<Duration> {
    let mut serve = command::program(program);
    serve.arg("serve").arg("--config").arg(config).stdout(Stdio::null());
    let (_open, pause) = channel::<()>();
    let start = Instant::now();
    let mut child = serve.stderr(Stdio::null()).spawn()?;
    while !sign.is_there() {
        if start.elapsed() > START_LIMIT || child.try_wait()?.is_some() {
            child.kill().ok();
            return Err(format!("{} does not start", workspace::shown(program)).into());
        }
        pause.recv_timeout(LOOK_EVERY).ok();
    }
    let time = start.elapsed();
    command::output(command::program("kill").args(["-TERM", &child.id().to_string()]))?;
    child.wait()?;
    Ok(time)
}

fn free_port() -> Outcome<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
