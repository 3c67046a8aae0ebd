//! Builds the npm package a second time, elsewhere and with nothing cached, and compares the bytes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::pack;
use crate::paths::{Paths, files_below};
use crate::step::{self, Failure};

/// Compares the package of this checkout with that of a copy in another folder.
///
/// # Errors
/// A build failed, or a file differs; the message names the files.
pub(crate) fn run(paths: &Paths) -> Result<(), Failure> {
    let here = pack::run(paths)?;
    let home = paths.cache.join("reproduce");
    remove(&home)?;
    // The folders' names differ in length too, so that a path in the output moves what follows it.
    let copy = Paths {
        root: home.join("a-copy-of-the-checkout-in-another-folder"),
        cache: paths.cache.clone(),
        target: home.join("output"),
    };
    copy_checkout(&paths.root, &copy.root)?;
    let there = pack::run(&copy)?;

    let mut differing = differences(&here, &there)?;
    if read(&pack::tarball(&here))? != read(&pack::tarball(&there))? {
        differing.push("the tarball".to_owned());
    }
    if !differing.is_empty() {
        return Err(Failure::new(format!(
            "two builds of the same sources differ in {}; the second is in {}",
            differing.join(", "),
            there.display()
        )));
    }
    println!("reproduce: {} files and the tarball are the same", files_below(&here)?.len());
    remove(&home)
}

/// Copies every file that Git knows or would add.
fn copy_checkout(root: &Path, to: &Path) -> Result<(), Failure> {
    let mut git = Command::new("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(root);
    let list = step::output(&mut git, "install Git")?;
    for name in list.split('\0').filter(|name| root.join(name).is_file()) {
        let file = to.join(name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::file("make", folder, &error))?;
        }
        fs::copy(root.join(name), &file).map_err(|error| Failure::file("write", &file, &error))?;
    }
    Ok(())
}

/// The names of the files that only one folder has, or that differ.
fn differences(one: &Path, other: &Path) -> Result<Vec<String>, Failure> {
    let names = |folder: &Path| -> Result<Vec<PathBuf>, Failure> {
        let files = files_below(folder)?;
        Ok(files
            .iter()
            .filter_map(|it| Some(it.strip_prefix(folder).ok()?.to_path_buf()))
            .collect())
    };
    let mut all = names(one)?;
    all.extend(names(other)?);
    all.sort();
    all.dedup();
    let differs = |name: &PathBuf| fs::read(one.join(name)).ok() != fs::read(other.join(name)).ok();
    Ok(all.iter().filter(|name| differs(name)).map(|name| name.display().to_string()).collect())
}

fn read(file: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(file).map_err(|error| Failure::file("read", file, &error))
}

fn remove(folder: &Path) -> Result<(), Failure> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| Failure::file("remove", folder, &error))?;
    }
    Ok(())
}
