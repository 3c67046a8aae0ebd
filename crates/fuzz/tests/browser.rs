//! The short run of what is JavaScript: any user agent, any option.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "tests")]

use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

#[test]
fn options() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join("options.mjs");
    match Command::new("node").arg(script).output() {
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{said}");
        }
        // Only the end-to-end tests need node, and they say so.
        Err(error) if error.kind() == ErrorKind::NotFound => eprintln!("skipped: there is no node"),
        Err(error) => panic!("node does not start: {error}"),
    }
}
