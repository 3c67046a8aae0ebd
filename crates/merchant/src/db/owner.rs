//! The lock by which one server owns a database file.
//!
//! Two servers on one file would each assume that their locks, streams and claims are the only
//! ones.
//! `merchant reconcile` takes no lock, so that it runs beside a server: each change to a payment
//! or a refund is one transaction, which decides by what is stored then, and none of its procedures
//! needs a session for itself. It must be the server's version, because only the owner of a file
//! migrates its schema.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use super::DbError;

/// Held while a server runs. The system releases it when the process ends, however it ends.
#[derive(Debug)]
pub(crate) struct Owner {
    _lock: File,
}

impl Owner {
    /// Locks a file beside `database`. Not the database itself: closing it would release the locks
    /// that SQLite holds on it. Blocks.
    ///
    /// # Errors
    /// Another server owns the file, or the lock cannot be written.
    pub(crate) fn of(database: &Path) -> Result<Self, DbError> {
        let path = path(database);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        // Any process that can open it can lock it.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let unusable = |cause| DbError::Lock { path: path.clone(), cause };
        let lock = options.open(&path).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DbError::Owned),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// True if a server owns the file. Creates nothing. Blocks.
    pub(super) fn exists(database: &Path) -> bool {
        let lock = File::open(path(database));
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Returns the path of the lock: beside the real file, as SQLite's log is, since a link is not a
/// second database.
fn path(database: &Path) -> PathBuf {
    let real = database.canonicalize().unwrap_or_else(|_| database.to_owned());
    let mut path = real.into_os_string();
    path.push(".lock");
    path.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn d1_a_second_server_on_the_same_file_is_refused_until_the_first_has_ended() {
        let folder = tempfile();
        let database = folder.join("merchant.db");
        let first = Owner::of(&database).unwrap();
        assert!(matches!(Owner::of(&database), Err(DbError::Owned)));
        assert!(Owner::exists(&database));
        drop(first);
        assert!(!Owner::exists(&database) && !Owner::exists(&folder.join("other.db")));
        assert!(Owner::of(&database).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn d1_a_second_server_by_a_link_to_the_file_is_refused() {
        let folder = tempfile();
        let database = folder.join("merchant.db");
        std::fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, folder.join("link.db")).unwrap();
        let _first = Owner::of(&database).unwrap();
        assert!(matches!(Owner::of(&folder.join("link.db")), Err(DbError::Owned)));
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempfile() -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(crate::keys::new_id("opencashier-").unwrap());
        std::fs::create_dir(&folder).unwrap();
        folder
    }
}
