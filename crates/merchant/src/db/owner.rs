//! The lock by which one server owns a database file.
//!
//! Two servers on one file would each take their locks, streams and claims for the only ones.
//! `merchant reconcile` takes no part: its changes are single transactions that decide anew.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

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
        let mut path = database.as_os_str().to_owned();
        path.push(".lock");
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DbError::Owned),
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }
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
        drop(first);
        assert!(Owner::of(&database).is_ok());
        std::fs::remove_dir_all(folder).unwrap();
    }

    fn tempfile() -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(crate::keys::new_id("opencashier-").unwrap());
        std::fs::create_dir(&folder).unwrap();
        folder
    }
}
