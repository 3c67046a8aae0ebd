//! The targets in JavaScript: the options of `www/`, and the detection of the environment.

use std::process::Command;

use crate::arguments::now;
use crate::folders;

/// Returns true if something was found; the script prints it.
pub(crate) fn hunt(seconds: u64) -> Result<bool, String> {
    let status = Command::new("node")
        .arg(folders::package().join("browser").join("options.mjs"))
        .args(["--seconds", &seconds.to_string(), "--seed", &now().to_string()])
        .status()
        .map_err(|error| format!("cannot start node, which runs the JavaScript: {error}"))?;
    Ok(!status.success())
}
