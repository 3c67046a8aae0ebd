//! Files of SQLite that are damaged: each way to open them says so, and what to do.

use std::path::{Path, PathBuf};

use super::rows::session;
use crate::config::Database;
use crate::db::{Db, DbError, sessions};

/// A file that is removed at the end, with those beside it.
struct File(PathBuf);

impl File {
    fn new() -> Self {
        Self(std::env::temp_dir().join(crate::keys::new_id("damaged-").unwrap()))
    }

    /// Makes a database of some pages.
    async fn with_sessions() -> Self {
        let file = Self::new();
        let (db, _owner) = Db::serve(&file.database()).await.unwrap();
        let open = db.write(|tx| {
            (0..200).try_for_each(|number| sessions::insert(tx, &session(&format!("cs_{number}"))))
        });
        open.await.unwrap();
        db.checkpoint().await.unwrap();
        file
    }

    fn database(&self) -> Database {
        Database::File(self.0.clone())
    }

    fn change(&self, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = std::fs::read(&self.0).unwrap();
        change(&mut bytes);
        std::fs::write(&self.0, bytes).unwrap();
    }
}

impl Drop for File {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", ".lock", ".copy"] {
            let _ = std::fs::remove_file(beside(&self.0, end));
        }
    }
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path = file.as_os_str().to_owned();
    path.push(end);
    path.into()
}

#[track_caller]
fn assert_told(error: Option<DbError>) {
    let error = error.expect("it is damaged");
    assert!(matches!(error, DbError::Damaged(_)), "{error}");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("restore a backup") && text.contains("#back-up-and-restore"), "{text}");
}

#[tokio::test]
async fn a_file_of_another_kind_or_without_its_end_is_damaged() {
    let other = File::new();
    std::fs::write(&other.0, "no database at all\n".repeat(1_000)).unwrap();
    let short = File::with_sessions().await;
    short.change(|bytes| bytes.truncate(bytes.len() / 2));
    for file in [other, short] {
        assert_told(Db::serve(&file.database()).await.err());
        assert_told(Db::beside_server(&file.database()).await.err());
        assert_told(Db::inspect(&file.database()).await.err());
    }
}

#[tokio::test]
async fn damaged_pages_are_found_by_a_check_a_copy_and_a_call() {
    let file = File::with_sessions().await;
    // All but the first page, which has the schema's table.
    file.change(|bytes| bytes[4_096..].iter_mut().for_each(|byte| *byte = 0xA5));
    assert_told(Db::inspect(&file.database()).await.err());
    let (db, _owner) = match Db::serve(&file.database()).await {
        Ok(opened) => opened,
        Err(error) => return assert_told(Some(error)),
    };
    assert_told(db.copy_to(&beside(&file.0, ".copy")).await.err());
    assert_told(db.read(|one| sessions::find(one, "cs_1")).await.err());
}
