//! Several checkouts may share one target folder. Cargo compares the times of files: the output of
//! one checkout would count as newer than the older files of another one, and be used for it.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use crate::paths::{Paths, files_below, has_extension};
use crate::step::Failure;

/// The folders with the workspace's crates.
const CRATES: [&str; 5] = ["crates", "proofs", "src", "tests", "xtask"];

/// Makes the sources newer than the target folder's files if another checkout built there last.
///
/// # Errors
/// A file could not be read or changed.
pub(crate) fn claim(paths: &Paths) -> Result<(), Failure> {
    let record = paths.target.join("checkout");
    let root = paths.root.as_os_str().as_encoded_bytes();
    if fs::read(&record).is_ok_and(|last| last == root) {
        return Ok(());
    }
    if paths.target.exists() {
        for folder in CRATES {
            touch(&paths.root.join(folder))?;
        }
    }
    fs::create_dir_all(&paths.target)
        .and_then(|()| fs::write(&record, root))
        .map_err(|error| Failure::file("write", &record, &error))
}

fn touch(folder: &Path) -> Result<(), Failure> {
    let now = SystemTime::now();
    for source in files_below(folder)?.iter().filter(|path| has_extension(path, "rs")) {
        File::options()
            .write(true)
            .open(source)
            .and_then(|file| file.set_modified(now))
            .map_err(|error| Failure::file("change the time of", source, &error))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_checkout_is_newer_than_the_output_of_another_one() {
        let folder = std::env::temp_dir().join(format!("opencashier-claim-{}", std::process::id()));
        let checkout = |name: &str| {
            let root = folder.join(name);
            for crates in CRATES {
                fs::create_dir_all(root.join(crates)).unwrap();
            }
            let paths = Paths { root, cache: folder.clone(), target: folder.join("target") };
            let source = paths.root.join("src").join("lib.rs");
            fs::write(&source, "").unwrap();
            let old = SystemTime::now() - Duration::from_secs(3_600);
            File::options().write(true).open(&source).unwrap().set_modified(old).unwrap();
            (paths, source)
        };
        let is_old = |source: &Path| {
            let age = fs::metadata(source).unwrap().modified().unwrap().elapsed().unwrap();
            age > Duration::from_secs(60)
        };
        let [(one, one_source), (other, other_source)] = ["one", "other"].map(checkout);
        claim(&one).unwrap();
        assert!(is_old(&one_source), "there is no output yet");
        fs::write(one.target.join("checkout"), "a third").unwrap();
        claim(&one).unwrap();
        assert!(!is_old(&one_source) && is_old(&other_source));
        claim(&other).unwrap();
        assert!(!is_old(&other_source));

        let old = SystemTime::now() - Duration::from_secs(3_600);
        File::options().write(true).open(&other_source).unwrap().set_modified(old).unwrap();
        claim(&other).unwrap();
        assert!(is_old(&other_source), "its own output is used again");
        fs::remove_dir_all(&folder).unwrap();
    }
}
