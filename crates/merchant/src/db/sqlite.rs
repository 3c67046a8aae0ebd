//! SQLite in one file, by one connection.
//!
//! A capture must survive a power cut once its notification is acknowledged, hence
//! `synchronous=FULL`.

use std::path::Path;

use super::sql::Connection;
use super::{DbError, Versions, access, migrations};

/// Refuses a database file whose folder does not exist, or that this process may not write: SQLite
/// does not say which. Blocks.
pub(super) fn require_access(file: &Path) -> Result<(), DbError> {
    require_folder(file)?;
    access::require(folder(file), access::Kind::Folder)?;
    for end in ["", "-wal", "-shm", ".lock"] {
        let mut path = file.as_os_str().to_owned();
        path.push(end);
        access::require(Path::new(&path), access::Kind::File)?;
    }
    Ok(())
}

fn require_folder(file: &Path) -> Result<(), DbError> {
    match folder(file) {
        folder if matches!(folder.try_exists(), Ok(false)) => {
            Err(DbError::NoFolder(folder.to_owned()))
        }
        _ => Ok(()),
    }
}

fn folder(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Opens or creates the file, and brings its schema up to date. The caller owns the file. Blocks.
pub(super) fn open(path: &Path) -> Result<Connection, DbError> {
    let connection = connect(path)?;
    migrations::run(&connection)?;
    Ok(Connection::Sqlite(connection))
}

/// Opens the file beside a server that may own it, and changes nothing of its schema. Blocks.
pub(super) fn open_beside_server(path: &Path) -> Result<Connection, DbError> {
    if matches!(path.try_exists(), Ok(false)) {
        return Err(DbError::NoFile(path.to_owned()));
    }
    versions(path)?.require_needed()?;
    connect(path).map(Connection::Sqlite)
}

/// Returns the version of the file's schema, and creates nothing. Blocks.
pub(super) fn versions(path: &Path) -> Result<Versions, DbError> {
    let found = match path.try_exists() {
        Ok(false) => 0,
        _ => {
            let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
            let connection = rusqlite::Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_TIMEOUT)?;
            migrations::version(&connection)?
        }
    };
    Ok(Versions { found, needed: migrations::needed() })
}

/// Reads the whole file, and refuses one that is damaged. Blocks.
pub(super) fn require_sound(path: &Path) -> Result<(), DbError> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = rusqlite::Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    match quick_check(&connection)? {
        None => Ok(()),
        Some(damage) => Err(DbError::Damaged(damage)),
    }
}

/// Returns the first damage that is found, in one line.
fn quick_check(connection: &rusqlite::Connection) -> Result<Option<String>, rusqlite::Error> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    // The first line names the database, which has no other name here.
    let lines: Vec<_> = found.lines().filter(|line| !line.starts_with("***")).collect();
    Ok((found != "ok").then(|| lines.join(", ")))
}

/// Writes a copy into a new file, and checks it. Blocks.
pub(super) fn copy_to(connection: &rusqlite::Connection, file: &Path) -> Result<(), DbError> {
    require_folder(file)?;
    create_private(file).map_err(DbError::NotCreated)?;
    let copied = connection.execute("VACUUM INTO ?1", [file.display().to_string()]);
    if let Err(error) = copied {
        // The incomplete file would make the next attempt fail.
        let _ = std::fs::remove_file(file);
        return Err(error.into());
    }
    let copy = rusqlite::Connection::open(file)?;
    match quick_check(&copy) {
        Ok(None) => Ok(()),
        Ok(Some(damage)) => Err(DbError::DamagedCopy(damage)),
        Err(error) => Err(DbError::DamagedCopy(error.to_string())),
    }
}

fn connect(path: &Path) -> Result<rusqlite::Connection, DbError> {
    if rusqlite::version_number() < FIRST_SOUND_SQLITE {
        return Err(DbError::DamagingSqlite(rusqlite::version()));
    }
    // It mostly exists. Another error is reported when it is opened.
    let _ = create_private(path);
    let connection = rusqlite::Connection::open(path)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    Ok(connection)
}

/// Creates the file with access for its owner only, because it holds personal data; SQLite creates
/// the files beside it likewise.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

const BUSY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
/// The first SQLite without the WAL-reset fault, 3.51.3, as `sqlite3_libversion_number` counts.
const FIRST_SOUND_SQLITE: i32 = 3_051_003;
/// More than there are statements: each is prepared once.
const CACHED_STATEMENTS: usize = 128;
