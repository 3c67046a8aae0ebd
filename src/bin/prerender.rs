//! Prints the selector's templates as JSON, by locale and layout: `{"en":{"accordion":"<section …`.
//!
//! Reads `www/locales/*.json`; runs in the root of the repository.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};

use opencashier::prerender::templates;

const LOCALES: &str = "www/locales";

fn main() -> Result<(), Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let tasks = tokio::task::LocalSet::new();
    let mut locales = BTreeMap::new();
    for entry in fs::read_dir(LOCALES)? {
        let path = entry?.path();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        let Some(lang) = path.file_stem().and_then(|stem| stem.to_str()).filter(|_| is_json) else {
            continue;
        };
        let texts = serde_json::from_slice(&fs::read(&path)?)?;
        locales.insert(lang.to_owned(), tasks.block_on(&runtime, templates(lang, texts)));
    }
    serde_json::to_writer(io::stdout(), &locales)?;
    writeln!(io::stdout())?;
    Ok(())
}
