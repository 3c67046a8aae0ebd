//! `merchant migrate`, and a start on a database that cannot be used.

use std::process::{Command, Output};

use crate::bench::{SECRET_KEY, path};
use crate::stored::Database;

/// Runs the program with a configuration of this database.
fn run(database: &str, arguments: &[&str]) -> Output {
    let file = path().with_extension("toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:9\"\n\
         secret_key = \"{SECRET_KEY}\"\nsigning_key = \"0123456789abcdef0123456789abcdef\"\n\
         merchant_name = \"Tea\"\ndatabase = \"{database}\"\n{}",
        crate::bench::keys().gateways_toml("http://127.0.0.1:9", sandbox::DesktopFlow::Page)
    );
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_merchant"));
    let output = command.args(arguments).arg("--config").arg(&file).output().unwrap();
    std::fs::remove_file(file).unwrap();
    output
}

fn printed(output: &Output) -> (bool, String) {
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn the_schema_is_checked_and_migrated_in_words() {
    let database = Database::new();
    let check = || printed(&run(&database.setting(), &["migrate", "--check"]));
    let (is_good, text) = check();
    assert!(!is_good && text.contains("the database is empty"), "{text}");
    if let Database::File(path) = &database {
        assert!(!path.exists(), "a check creates nothing");
    }
    for command in [&["orders", "show", "1"][..], &["events", "list"], &["refund", "pay_1"]] {
        let refused = run(&database.setting(), command);
        let errors = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!refused.status.success() && errors.contains("run `merchant migrate`"), "{errors}");
    }
    if let Database::File(path) = &database {
        assert!(!path.exists(), "a command creates nothing");
    }
    let (is_good, text) = printed(&run(&database.setting(), &["migrate"]));
    assert!(is_good && text.contains("was migrated from version 0"), "{text}");
    let (is_good, text) = check();
    assert!(is_good && text.contains("as needed"), "{text}");
    database.execute(match &database {
        Database::File(_) => "PRAGMA user_version = 99",
        Database::Postgres(_) => "UPDATE schema_version SET version = 99",
    });
    let (is_good, text) = check();
    assert!(!is_good && text.contains("start the newer program"), "{text}");
    let refused = run(&database.setting(), &[]);
    let errors = String::from_utf8_lossy(&refused.stderr);
    assert!(errors.contains("has schema 99"), "{errors}");
    database.remove();
}

#[test]
fn a_server_without_its_database_ends_with_the_address_and_no_password() {
    let output = run("postgres://merchant:s3cret@127.0.0.1:1/books", &[]);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    let expected = "server.database: postgres://merchant@127.0.0.1:1/books cannot be opened";
    assert!(errors.contains(expected) && errors.contains("start it, or correct"), "{errors}");
    assert!(!errors.contains("s3cret"), "{errors}");
}
