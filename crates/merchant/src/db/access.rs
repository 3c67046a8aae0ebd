//! Checks that this process may use a path, without opening it: closing a database file would release
//! the locks that SQLite holds on it.

use std::path::Path;

use super::DbError;

/// The kind of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A file to read and write, if it exists.
    File,
    /// A folder to create files in.
    Folder,
}

/// Refuses a path that exists and that this process may not use. Blocks.
#[cfg(unix)]
pub(super) fn require(path: &Path, kind: Kind) -> Result<(), DbError> {
    use rustix::fs::{Access, access};
    use rustix::io::Errno;
    let wanted = match kind {
        Kind::File => Access::READ_OK | Access::WRITE_OK,
        Kind::Folder => Access::WRITE_OK | Access::EXEC_OK,
    };
    let advice = match access(path, wanted) {
        Err(Errno::ACCESS | Errno::PERM) => owner(path),
        Err(Errno::ROFS) => "its file system is read-only: mount it for writing".to_owned(),
        // Other faults are named when it is opened.
        _ => return Ok(()),
    };
    Err(DbError::NoAccess { path: path.to_owned(), advice })
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "as on Unix")]
pub(super) fn require(_path: &Path, _kind: Kind) -> Result<(), DbError> {
    Ok(())
}

#[cfg(unix)]
fn owner(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt as _;
    let own = rustix::process::geteuid().as_raw();
    match std::fs::metadata(path) {
        Ok(found) => format!(
            "it belongs to user {} and has mode {:o}, and this program runs as user {own}: run it as that user, or change the owner by chown",
            found.uid(),
            found.mode() & 0o7777
        ),
        Err(_) => format!("user {own}, as whom this program runs, may not enter its folder"),
    }
}
