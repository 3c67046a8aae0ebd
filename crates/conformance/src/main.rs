//! Checks a backend against the merchant API, rule by rule, with raw calls and with the widget's own
//! state machine. See docs/conformance.md.

#![expect(clippy::print_stdout, reason = "a command-line tool reports on its standard output")]

mod arguments;
mod backend;
mod failure;
mod http;
mod report;
mod rules;
mod shopper;
mod stream;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;
use crate::backend::Backend;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let junit = arguments.junit.clone();
    let wanted = arguments.rules.clone();
    if let Some(name) = rules::unknown(&wanted) {
        eprintln!("opencashier-conformance: no rule's name begins with {name}");
        return ExitCode::from(2);
    }
    let backend = match Backend::new(arguments) {
        Ok(backend) => backend,
        Err(failure) => {
            eprintln!("opencashier-conformance: {failure}");
            return ExitCode::from(2);
        }
    };
    let report = rules::check(&backend, &wanted).await;
    println!("{report}");
    if let Some(path) = junit
        && let Err(error) = report.write_junit(&path)
    {
        eprintln!("opencashier-conformance: {} cannot be written: {error}", path.display());
        return ExitCode::from(2);
    }
    if report.is_passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
