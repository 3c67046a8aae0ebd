//! The program itself: what it prints, how it ends.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use http::Method;
use sandbox::DesktopFlow;

use crate::bench::{Bench, SECRET_KEY, call, database, keys};

fn merchant(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_merchant"))
        .args(arguments)
        .env("OPENCASHIER_SERVER__MERCHANT_NAME", "From the environment")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[tokio::test]
async fn it_serves_until_it_is_told_to_end() {
    let bench = Bench::new().await;
    let folder = database().with_extension("");
    std::fs::create_dir(&folder).unwrap();
    let (own, gateways) = (folder.join("merchant.toml"), folder.join("gateways.toml"));
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\ndatabase = \"{}\"\n",
        folder.join("merchant.db").display()
    );
    std::fs::write(&own, text).unwrap();
    keys().write_gateways_toml(&folder, &bench.sandbox.base_url(), DesktopFlow::Page).unwrap();
    let mut child =
        merchant(&["--config", own.to_str().unwrap(), "--config", gateways.to_str().unwrap()]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("merchant listening on ").expect(&line);
    assert_eq!(call(Method::GET, &format!("{base}/healthz"), &[], "").await.status, 200);

    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    assert!(!folder.join("merchant.db-wal").exists(), "the log is in the file");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn it_says_all_that_is_wrong() {
    for arguments in
        [&[][..], &["--help-me"], &["--config"], &["--config", "/nowhere/merchant.toml"]]
    {
        let mut child = merchant(arguments);
        let mut text = String::new();
        child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(
            text.contains("usage:")
                || text.contains("/nowhere/merchant.toml: the file cannot be read"),
            "{text}"
        );
    }
}
