//! The licences of the packages that ship: NOTICE, and the texts for who passes a program on.

use std::fs;
use std::process::Command;

use crate::paths::Paths;
use crate::step::{self, Failure};

/// Writes NOTICE, and the texts of all licences into the build output.
///
/// # Errors
/// Cargo cannot resolve the dependencies, or a file cannot be written.
pub(crate) fn write(paths: &Paths) -> Result<(), Failure> {
    let folder = paths.target.join("notice");
    fs::create_dir_all(&folder).map_err(|error| Failure::file("make", &folder, &error))?;
    run(paths, &["write"])?;
    run(paths, &["texts", &folder.display().to_string()])?;
    println!("notice: NOTICE is written; the texts of the licences are in {}", folder.display());
    Ok(())
}

/// Checks that NOTICE is what the dependencies are.
///
/// # Errors
/// It is not.
pub(crate) fn check(paths: &Paths) -> Result<(), Failure> {
    run(paths, &["check"])
}

fn run(paths: &Paths, arguments: &[&str]) -> Result<(), Failure> {
    let mut node = Command::new("node");
    node.arg(paths.xtask("notice.mjs")).args(arguments).current_dir(&paths.root);
    step::run(&mut node, "install Node.js 20 or newer")
}
