//! Prints the OpenAPI document. `cargo xtask openapi` writes it to `docs/openapi.json`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let text = serde_json::to_string_pretty(&contract::openapi::document())?;
    writeln!(std::io::stdout(), "{text}")
}
