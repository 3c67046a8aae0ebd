//! Long runs: `cargo run -p fuzz -- <target|all> --seconds N`. See `--help`.

#![expect(clippy::print_stdout, reason = "a command-line tool reports on its standard output")]

mod arguments;
mod browser;
mod by_chance;
mod engine;
mod folders;

use std::process::ExitCode;

use arguments::{Arguments, Hunt};

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            return ExitCode::from(2);
        }
    };
    match run(&arguments) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(findings) => {
            eprintln!("\n{findings} of the targets found something");
            ExitCode::FAILURE
        }
        Err(message) => {
            eprintln!("\nfuzz: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Returns the number of targets with a finding.
fn run(arguments: &Arguments) -> Result<usize, String> {
    let mut findings = 0;
    if arguments.is_with_browser {
        findings += usize::from(browser::hunt(arguments.seconds)?);
    }
    match &arguments.hunt {
        Hunt::Input(file) => {
            let input = std::fs::read(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            for target in &arguments.targets {
                (target.run)(&input);
                println!("{}: nothing found in {} bytes", target.name, input.len());
            }
        }
        Hunt::ByChance(seed) => {
            for target in &arguments.targets {
                findings += usize::from(by_chance::hunt(target, *seed, arguments.seconds)?);
            }
        }
        Hunt::ByCoverage if arguments.targets.is_empty() => {}
        Hunt::ByCoverage => {
            let engine = engine::Engine::build()?;
            for target in &arguments.targets {
                findings += usize::from(engine.hunt(target, arguments.seconds)?);
                if arguments.keep {
                    engine.keep(target)?;
                }
            }
        }
    }
    Ok(findings)
}
