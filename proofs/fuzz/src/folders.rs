//! The folders of inputs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use fuzz::Target;

/// Returns this crate's folder. Read at run time, because checkouts may share a target folder.
pub(crate) fn package() -> PathBuf {
    env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), Into::into)
}

/// Returns the folder of the checkout.
pub(crate) fn workspace() -> PathBuf {
    let package = package();
    package.ancestors().nth(2).unwrap_or(&package).to_path_buf()
}

/// Returns the folder of the inputs in the repository.
pub(crate) fn corpus(target: &Target) -> PathBuf {
    package().join("corpus").join(target.name)
}

/// Creates and returns the folder `below` in `fuzz` in the project's cache.
pub(crate) fn cache(below: &str) -> Result<PathBuf, String> {
    let cache = match env::var_os("OPENCASHIER_CACHE") {
        Some(cache) => PathBuf::from(cache),
        None => {
            let home = env::var_os("HOME").ok_or("HOME is not set: set it or OPENCASHIER_CACHE")?;
            Path::new(&home).join(".cache").join("opencashier")
        }
    };
    let folder = cache.join("fuzz").join(below);
    make(&folder)?;
    Ok(folder)
}

pub(crate) fn make(folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("cannot make {}: {error}", folder.display()))
}

/// Returns the files in `folder`, in a fixed order; none if it does not exist.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}
