//! `cargo xtask run`: the demo. Starts the stand-ins for the outside world and the server, says where to look, and
//! stops both when it is asked to or when one of them ends.

use std::fs;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::answer::Answer;
use crate::widget::Profile;
use crate::{Outcome, command, report, setup, widget, workspace};

/// What the demo does with the data of the last one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// Begins with seeded sessions.
    Fresh,
    /// Goes on where the last demo ended.
    Kept,
}

const CONFIG: &str = "deploy/demo.toml";
const HOST_PORT: u16 = 7300;
const IDP_PORT: u16 = 7301;
const VERIFF_PORT: u16 = 7302;
const JUMIO_PORT: u16 = 7304;
const DESK_URL: &str = "http://localhost:7310";
const EDGE_URL: &str = "http://localhost:7311";
const OPERATOR_PORT: u16 = 7312;

/// How long a program may take until it answers: the first start migrates and seeds.
const START_LIMIT: Duration = Duration::from_mins(1);
/// How long a program may take to end once asked.
const STOP_LIMIT: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(100);

/// Builds what is needed, starts the demo and returns when it was stopped.
pub fn demo(data: Data) -> Outcome {
    let ready = setup::prepare(Profile::Quick.scope())?;
    widget::build(Profile::Quick, &ready)?;
    report::timed("building the server and its stand-ins (minutes the first time)", || {
        command::run(&mut command::cargo(&["build", "--locked", "--package", "kyc-desk", "--package", "kyc-sandbox"]))
    })?;
    let folder = workspace::root().join("demo");
    if data == Data::Fresh && folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let stop = stop_requests()?;
    let mut running = Running::default();
    running.start("kyc-sandbox", &mut sandbox(), &Answer { port: HOST_PORT, path: "/" }, &stop)?;
    running.start("kyc-desk", &mut desk(), &Answer { port: OPERATOR_PORT, path: "/healthz" }, &stop)?;
    if data == Data::Fresh {
        report::timed("seeding sessions of invented people", || command::run(&mut seed()))?;
    }
    report::line(&welcome());
    running.wait(&stop)
}

fn sandbox() -> Command {
    let mut sandbox = command::program(workspace::target().join("debug").join("kyc-sandbox"));
    sandbox.arg("serve");
    for (name, port) in [
        ("--port-host", HOST_PORT),
        ("--port-idp", IDP_PORT),
        ("--port-veriff", VERIFF_PORT),
        ("--port-jumio", JUMIO_PORT),
    ] {
        sandbox.arg(name).arg(port.to_string());
    }
    sandbox.args(["--desk-url", DESK_URL, "--edge-url", EDGE_URL]);
    sandbox
}

/// Drives the product's own API, as the flow, the bank and the customers would.
fn seed() -> Command {
    let mut seed = command::program(workspace::target().join("debug").join("kyc-sandbox"));
    seed.args(["seed", "--edge-url", EDGE_URL, "--host-url"]).arg(format!("http://127.0.0.1:{HOST_PORT}"));
    seed
}

fn desk() -> Command {
    let mut desk = command::program(workspace::target().join("debug").join("kyc-desk"));
    desk.args(["serve", "--config", CONFIG]);
    desk
}

fn welcome() -> String {
    format!(
        "\nKYC Desk is running.\n\n  \
         the agent's desktop with the widget in it   http://127.0.0.1:{HOST_PORT}/\n  \
         the same widget in a tab of its own          {DESK_URL}/\n  \
         the supervisor's queue                      {DESK_URL}/review\n\n\
         Ctrl-C stops it."
    )
}

/// The programs of the demo. Dropping it stops them, so that a failed start leaves nothing behind.
#[derive(Default)]
struct Running {
    programs: Vec<(&'static str, Child)>,
}

impl Running {
    /// Starts a program and waits until it answers.
    fn start(&mut self, name: &'static str, command: &mut Command, sign: &Answer, stop: &Stop) -> Outcome {
        if sign.is_there() {
            return Err(format!("port {} is taken: is another demo running?", sign.port).into());
        }
        let child = command.spawn().map_err(|error| format!("cannot start `{}`: {error}", command::shown(command)))?;
        self.programs.push((name, child));
        let start = Instant::now();
        while !sign.is_there() {
            if start.elapsed() > START_LIMIT {
                return Err(format!("{name} does not answer at http://127.0.0.1:{}{}", sign.port, sign.path).into());
            }
            if self.pause(stop)? == Pause::Stopped {
                return Err("stopped before the demo was up".into());
            }
        }
        Ok(())
    }

    /// Waits until the demo is stopped; it is a failure if a program ends by itself.
    fn wait(&mut self, stop: &Stop) -> Outcome {
        while self.pause(stop)? == Pause::Over {}
        report::line("\nstopping the demo");
        Ok(())
    }

    fn pause(&mut self, stop: &Stop) -> Outcome<Pause> {
        match stop.recv_timeout(POLL) {
            Ok(()) => return Ok(Pause::Stopped),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Err("nobody listens for Ctrl-C any more".into()),
        }
        for (name, child) in &mut self.programs {
            if let Some(status) = child.try_wait()? {
                return Err(format!("{name} ended: {status}").into());
            }
        }
        Ok(Pause::Over)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // The server first: it may have something left to say to the others.
        for (name, child) in self.programs.iter_mut().rev() {
            stop(name, child);
        }
    }
}

type Stop = Receiver<()>;

#[derive(PartialEq, Eq)]
enum Pause {
    Over,
    Stopped,
}

/// Asks a program to end, and ends it if it does not.
fn stop(name: &str, child: &mut Child) {
    // By the shell's own means: the standard library only knows the signal that leaves no time to close a database.
    command::output(command::program("kill").args(["-TERM", &child.id().to_string()])).ok();
    let (_never, wait) = channel::<()>();
    let start = Instant::now();
    while matches!(child.try_wait(), Ok(None)) {
        if start.elapsed() > STOP_LIMIT {
            report::warning(&format!("{name} did not end within {}", report::elapsed(STOP_LIMIT)));
            child.kill().ok();
            child.wait().ok();
            return;
        }
        wait.recv_timeout(POLL).ok();
    }
}

/// One message per Ctrl-C or request to end.
fn stop_requests() -> Outcome<Stop> {
    let mut signals = Signals::new([SIGINT, SIGTERM])?;
    let (sender, receiver) = channel();
    std::thread::spawn(move || signals.forever().try_for_each(|_| sender.send(())));
    Ok(receiver)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_asked_to_end_before_it_is_made_to() {
        let mut child =
            Command::new("sh").args(["-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"]).spawn().unwrap();
        let (_open, pause) = channel::<()>();
        pause.recv_timeout(Duration::from_millis(300)).ok();
        stop("sh", &mut child);
        assert_eq!(child.wait().unwrap().code(), Some(7));
    }

    #[test]
    fn a_program_that_ends_by_itself_ends_the_demo() {
        let child = Command::new("false").spawn().unwrap();
        let mut running = Running { programs: vec![("kyc-desk", child)] };
        let (_open, stop) = channel();
        let problem = running.wait(&stop).unwrap_err().to_string();
        assert!(problem.starts_with("kyc-desk ended"), "{problem}");
    }
}
