//! The commands of the README: `cargo xtask <command>`.
//!
//! Everything that they install or build lives outside the checkout, except `dist/`.

#![expect(clippy::print_stdout, reason = "a command-line tool speaks on its standard output")]

mod bench;
mod build;
mod demo;
mod e2e;
mod places;
mod proofs;
mod servers;
mod setup;
mod size;
mod step;
mod strangers;
mod test;

use std::process::ExitCode;

use places::Places;
use step::Failure;

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\ncargo xtask {command}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Result<(), Failure> {
    let takes_arguments = ["bench", "demo", "e2e", "chaos", "fuzz", "model", "kills"];
    if !takes_arguments.contains(&command) && !rest.is_empty() {
        return Err(Failure::new(format!("takes no arguments, but got: {}", rest.join(" "))));
    }
    match command {
        "setup" => setup::everything(&Places::find()?),
        "build" => build::run(&Places::find()?),
        "size" => {
            let places = Places::find()?;
            build::run(&places)?;
            size::run(&places)
        }
        "bench" => bench::run(&Places::find()?, rest),
        "demo" => demo::run(&Places::find()?, rest),
        "test" => test::run(&Places::find()?),
        "test-web" => test::web(&Places::find()?),
        "strangers" => strangers::run(&Places::find()?),
        "e2e" => e2e::run(&Places::find()?, rest),
        "chaos" | "fuzz" | "model" => proofs::program(&Places::find()?, command, rest),
        "kills" => proofs::kills(&Places::find()?, rest),
        "help" | "-h" | "--help" => {
            println!("{HELP}");
            Ok(())
        }
        _ => Err(Failure::new(format!("there is no such command\n\n{HELP}"))),
    }
}

const HELP: &str = "\
cargo xtask <command>

  demo [--port-base N]  a shop, a merchant backend and both gateways' sandbox on loopback
  test                  every check: format, lints, tests, size, end to end; what CI runs
  build                 the widget into dist/
  size                  what a shopper downloads, against xtask/budget.toml
  test-web              the widget's tests in a headless browser
  strangers             other people's clients of both gateways, from npm and PyPI, against
                        our sandbox and our clients
  e2e [NAME…]           the end-to-end tests whose file names begin with a NAME, or all
  model [--tabs N …]    every behaviour of widgets, backend and gateways over a bad network
  chaos --seed N --checkouts M
                        virtual shoppers and faults of all kinds against the real backend
  kills N               kills the backend N times under load and compares its books
  fuzz [TARGET…] [--seconds N]
                        what strangers can send, by chance and by coverage
  bench <bench> …       measures: peers, growth, start, backend; see docs/performance.md
  setup                 installs what all of the above need, and says what and where

Set OPENCASHIER_CACHE to keep tools and build output elsewhere than in ~/.cache/opencashier,
OPENCASHIER_CHROMIUM and OPENCASHIER_CHROMEDRIVER to use another browser than the PATH's.";
