//! Draws every screen of the widget, the hosted page and the demo shop.

use std::fs;
use std::path::{Path, PathBuf};

use crate::e2e;
use crate::paths::{Paths, files_below};
use crate::step::Failure;

/// Draws every screen into a folder of the cache or the one in `arguments`, and refreshes those
/// that are committed in `docs/screens`. With `--engine firefox` or `--engine webkit` it draws them
/// in that engine, in four languages, light and dark, and refreshes nothing.
///
/// # Errors
/// A screen could not be reached, or a committed picture is of no screen.
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    let (engine, rest) = match arguments {
        [option, engine, rest @ ..] if option == "--engine" => (engine.as_str(), rest),
        rest => ("", rest),
    };
    if !["", "chromium", "firefox", "webkit"].contains(&engine) {
        return Err(Failure::new(format!("{engine} is no engine: chromium, firefox or webkit")));
    }
    let (folder, is_default) = match rest {
        [] => (paths.cache.join(format!("screens-{engine}").trim_end_matches('-')), true),
        [folder] => (std::env::current_dir().unwrap_or_default().join(folder), false),
        _ => return Err(Failure::new("takes at most one folder")),
    };
    let name = if engine.is_empty() { "screens" } else { "engines-screens" };
    let variables =
        [("OPENCASHIER_SCREENS", folder.as_os_str()), ("OPENCASHIER_ENGINE", engine.as_ref())];
    e2e::run_with(paths, &[name.to_owned()], &variables)?;
    println!("screens: all pictures are in {}", folder.display());
    if is_default && engine.is_empty() {
        refresh(&folder, &paths.root.join("docs").join("screens"))?;
    }
    Ok(())
}

/// Copies the pictures that are committed.
fn refresh(from: &Path, to: &Path) -> Result<(), Failure> {
    let is_picture = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "png");
    for picture in files_below(to)?.into_iter().filter(is_picture) {
        let drawn = from.join(picture.file_name().unwrap_or_default());
        fs::copy(&drawn, &picture).map_err(|error| Failure::file("copy", &drawn, &error))?;
    }
    Ok(())
}
