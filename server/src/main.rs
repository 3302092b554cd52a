//! The command line of KYC Desk.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line speaks to a terminal")]

mod cli;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match cli::run(cli::Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("kyc-desk: {error}");
            let mut cause = error.source();
            while let Some(error) = cause {
                eprintln!("  because: {error}");
                cause = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
