//! What is JavaScript: the options of `www/`, and where the page runs.

use std::process::Command;

use crate::arguments::now;
use crate::folders;

/// Answers whether something was found; the script says what.
pub(crate) fn hunt(seconds: u64) -> Result<bool, String> {
    let status = Command::new("node")
        .arg(folders::package().join("browser").join("options.mjs"))
        .args(["--seconds", &seconds.to_string(), "--seed", &now().to_string()])
        .status()
        .map_err(|error| format!("cannot start node, which runs the JavaScript: {error}"))?;
    Ok(!status.success())
}
