//! The long runs behind docs/guarantees.md: the model, the chaos run, the fuzz targets, the kills.
//! Short ones of each are among the native tests.

use crate::paths::Paths;
use crate::step::{self, Failure};

/// Runs the program of one of our packages with the given arguments.
///
/// # Errors
/// It does not compile, or found something and printed it.
pub(crate) fn program(paths: &Paths, package: &str, arguments: &[String]) -> Result<(), Failure> {
    let mut cargo = paths.cargo("run");
    cargo.args(["--quiet", "--package", package, "--bin", package, "--"]).args(arguments);
    step::run(&mut cargo, "look at what it printed; the same arguments repeat the run")
}

/// Kills the merchant backend again and again under load and compares its books.
///
/// # Errors
/// Something that was acknowledged is lost, or the books differ.
pub(crate) fn kills(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    let (count, database) = match arguments {
        [count] => (count, "sqlite"),
        [count, option, database] if option == "--database" => (count, database.as_str()),
        _ => return Err(Failure::new(KILLS_USAGE)),
    };
    if count.parse::<u32>().is_err() || !matches!(database, "sqlite" | "postgres") {
        return Err(Failure::new(KILLS_USAGE));
    }
    let mut cargo = paths.cargo("test");
    cargo.args(["--quiet", "--package", "merchant", "--test", "kill", "--", "--nocapture"]);
    cargo.env("OPENCASHIER_KILLS", count).env("OPENCASHIER_TEST_DATABASE", database);
    step::run(&mut cargo, "look at what it printed")
}

const KILLS_USAGE: &str = "cargo xtask kills N [--database sqlite|postgres]: how often to kill";
