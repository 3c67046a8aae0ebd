//! `server.database`: a file of SQLite, or a database of PostgreSQL.

use std::fmt;
use std::path::PathBuf;

use super::table::Settings;
use crate::db::postgres::address::Address;

const SECTION: &str = "server";
/// Enough for a shop of a thousand payments a minute; far below PostgreSQL's usual 100.
const DEFAULT_CONNECTIONS: i64 = 10;
const MAX_CONNECTIONS: i64 = 200;

/// The database that holds the backend's records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Database {
    /// A file of SQLite, of one server.
    File(PathBuf),
    /// A database of PostgreSQL, which several instances may share.
    Postgres {
        /// Its address.
        address: Address,
        /// `database_connections`: the most connections of this instance.
        connections: usize,
    },
}

/// Without the password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres { address, .. } => write!(f, "{address}"),
        }
    }
}

/// Reads the settings; `None` if they are invalid, which is then among the problems.
pub(super) fn read(settings: &mut Settings) -> Option<Database> {
    let text = settings.text(SECTION, "database").unwrap_or_else(|| "merchant.db".to_owned());
    let password = settings.text(SECTION, "database_password");
    let connections = settings.integer(SECTION, "database_connections");
    if !Address::is_meant(&text) {
        let is_address = text.contains("://")
            || text.starts_with("postgres")
            || ["host=", "dbname="].iter().any(|part| text.contains(part));
        if is_address {
            settings.problem(
                "server.database: must be the path of a file, or postgres://user@host:5432/database",
            );
            return None;
        }
        if password.is_some() || connections.is_some() {
            settings.problem(
                "server.database_password, server.database_connections: are for PostgreSQL only; remove them, or write server.database = \"postgres://user@host:5432/database\"",
            );
            return None;
        }
        return Some(Database::File(text.into()));
    }
    let connections = connections.unwrap_or(DEFAULT_CONNECTIONS);
    if !(1..=MAX_CONNECTIONS).contains(&connections) {
        settings.problem(format!("server.database_connections: must be 1 to {MAX_CONNECTIONS}"));
        return None;
    }
    match Address::parse(&text, password.as_deref()) {
        Ok(address) => {
            let connections = usize::try_from(connections).unwrap_or(1);
            Some(Database::Postgres { address, connections })
        }
        Err(error) => {
            settings.problem(format!("server.database: {error}"));
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn of(text: &str) -> (Option<Database>, Vec<String>) {
        let mut settings = Settings::default();
        settings.merge_toml(Path::new("merchant.toml"), &format!("[server]\n{text}"));
        let database = read(&mut settings);
        (database, settings.into_problems())
    }

    #[test]
    fn a_path_is_a_file_and_an_address_is_a_server() {
        let name = |text: &str| of(text).0.unwrap().to_string();
        assert_eq!(name(""), "merchant.db");
        assert_eq!(name("database = \"/var/lib/shop.db\""), "/var/lib/shop.db");
        let server = "database = \"postgres://shop:s3cret@db.example/books\"";
        assert_eq!(name(server), "postgres://shop@db.example:5432/books");
        let file = std::env::temp_dir().join(crate::keys::new_id("opencashier-").unwrap());
        std::fs::write(&file, "of-a-file\n").unwrap();
        let text = format!(
            "database = \"postgres://shop@db.example/books\"\ndatabase_password_file = \"{}\"\ndatabase_connections = 3",
            file.display()
        );
        let (database, problems) = of(&text);
        std::fs::remove_file(file).unwrap();
        let Some(Database::Postgres { address, connections: 3 }) = database else {
            panic!("{problems:?}")
        };
        assert_eq!(address.password(), Some(&b"of-a-file"[..]));
        assert!(!format!("{address:?}").contains("of-a-file"));
    }

    #[test]
    fn what_cannot_work_is_named_without_the_password() {
        for (text, part) in [
            (
                "database = \"mysql://shop:s3cret@h/b\"",
                "must be the path of a file, or postgres://",
            ),
            ("database = \"host=h user=shop password=s3cret dbname=b\"", "or postgres://"),
            ("database = \"postgres//shop:s3cret@h/b\"", "or postgres://"),
            ("database_password = \"s3cret\"", "for PostgreSQL only"),
            (
                "database = \"postgres://shop:s3cret@h/b\"\ndatabase_password = \"s3cret\"",
                "remove the one in the address",
            ),
            ("database = \"postgres://:s3cret@h/b\"", "names no user"),
            ("database = \"postgres://shop:s3cret@h/b?sslmode=allow\"", "an unknown sslmode"),
            (
                "database = \"postgres://shop:s3cret@h/b\"\ndatabase_connections = 0",
                "server.database_connections: must be 1 to 200",
            ),
        ] {
            let (database, problems) = of(text);
            assert!(database.is_none(), "{text}");
            assert!(problems.len() == 1 && problems[0].contains(part), "{text}: {problems:?}");
            assert!(!problems[0].contains("s3cret"), "{problems:?}");
        }
    }
}
