//! Draws every screen of the widget, the hosted page and the demo shop.

use std::fs;
use std::path::{Path, PathBuf};

use crate::e2e;
use crate::paths::{Paths, files_below};
use crate::step::Failure;

/// Draws every screen into a folder of the cache or the one in `arguments`, and refreshes those
/// that are committed in `docs/screens`.
///
/// # Errors
/// A screen could not be reached, or a committed picture is of no screen.
pub(crate) fn run(paths: &Paths, arguments: &[String]) -> Result<(), Failure> {
    let (folder, is_refresh) = match arguments {
        [] => (paths.cache.join("screens"), true),
        [folder] => (std::env::current_dir().unwrap_or_default().join(folder), false),
        _ => return Err(Failure::new("takes at most one folder")),
    };
    e2e::run_with(paths, &["screens".to_owned()], &[("OPENCASHIER_SCREENS", &folder)])?;
    println!("screens: all pictures are in {}", folder.display());
    if is_refresh {
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
