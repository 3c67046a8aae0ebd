//! The commands of the README: `cargo xtask <command>`.
//!
//! Everything that they install or build lies outside the checkout, except `dist/`, the pictures in
//! `docs/screens`, and this program itself in `target/`.

#![expect(clippy::print_stdout, reason = "a command-line tool prints to its standard output")]

mod bench;
mod build;
mod checkout;
mod citations;
mod demo;
mod dependencies;
mod docs;
mod e2e;
mod interop;
mod notice;
mod openapi;
mod pack;
mod paths;
mod proofs;
mod reproduce;
mod screens;
mod servers;
mod setup;
mod size;
mod step;
mod test;
mod types;

use std::process::ExitCode;

use paths::Paths;
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
    let takes_arguments =
        ["bench", "demo", "e2e", "openapi", "screens", "chaos", "fuzz", "model", "kills"];
    if !takes_arguments.contains(&command) && !rest.is_empty() {
        return Err(Failure::new(format!("takes no arguments, but got: {}", rest.join(" "))));
    }
    if matches!(command, "help" | "-h" | "--help") {
        println!("{HELP}");
        return Ok(());
    }
    let paths = Paths::find()?;
    checkout::claim(&paths)?;
    match command {
        "setup" => setup::everything(&paths),
        "build" => build::run(&paths),
        "size" => {
            build::run(&paths)?;
            size::run(&paths)
        }
        "bench" => bench::run(&paths, rest),
        "demo" => demo::run(&paths, rest),
        "test" => test::run(&paths),
        "test-web" => test::web(&paths),
        "types" => types::run(&paths),
        "citations" => citations::run(&paths),
        "docs" => docs::run(&paths),
        "deny" => dependencies::run(&paths),
        "interop" => interop::run(&paths),
        "openapi" => openapi::run(&paths, rest),
        "pack" => pack::run(&paths).map(|_| ()),
        "notice" => notice::write(&paths),
        "reproduce" => reproduce::run(&paths),
        "test-npm" => pack::test(&paths),
        "e2e" => e2e::run(&paths, rest),
        "screens" => screens::run(&paths, rest),
        "chaos" | "fuzz" | "model" => proofs::program(&paths, command, rest),
        "kills" => proofs::kills(&paths, rest),
        _ => Err(Failure::new(format!("there is no such command\n\n{HELP}"))),
    }
}

const HELP: &str = "\
cargo xtask <command>

  demo [--port-base N] [--origin ORIGIN] [--print-key]
                        a shop, a merchant backend and both gateways' sandbox on loopback; pages of
                        ORIGIN may call, too, and api-base and the secret key are printed
  test                  every check: format, lints, types, tests, size, end to end; what CI runs
  build                 the widget into dist/
  pack                  the npm package, as a folder and as a tarball
  test-npm              the npm package in frameworks and bundlers, from the tarball
  size                  what a shopper downloads, against xtask/budget.toml
  types                 TypeScript's check of all scripts
  docs                  the documentation site by mdBook, and a check of every link
  citations             that every document and heading cited in the repository exists
  notice                NOTICE: the licences of the packages in widget and backend
  reproduce             builds the npm package again in another folder and compares the bytes
  openapi [--check]     docs/openapi.json from crates/contract, and the types that the npm
                        package makes of it; --check compares them, and runs Redocly
  deny                  licences, sources and bans of dependencies, by deny.toml
  test-web              the widget's tests in a headless browser
  interop               other people's clients of both gateways, from npm and PyPI, against
                        our sandbox and our clients
  e2e [NAME…]           the end-to-end tests whose file names begin with a NAME, or all
  screens [FOLDER]      pictures of every screen in both languages, into FOLDER or the cache;
                        those in docs/screens are drawn again
  screens --engine firefox|webkit [FOLDER]
                        in that engine, in four languages, light and dark
  model [--tabs N …]    every behaviour of widgets, backend and gateways over a bad network
  chaos --seed N --checkouts M [--database postgres --instances 3]
                        virtual shoppers and faults of all kinds against the real backend
  kills N [--database postgres]
                        kills the backend N times under load and compares its books
  fuzz [TARGET…] [--seconds N]
                        untrusted input, random and guided by coverage
  bench <bench> …       measures: peers, growth, start, backend, worker; see docs/performance.md
  setup                 installs what all of the above need, and prints what and where

Set OPENCASHIER_CACHE to keep tools and build output elsewhere than in ~/.cache/opencashier,
OPENCASHIER_CHROMIUM and OPENCASHIER_CHROMEDRIVER to use another browser than the PATH's.";
