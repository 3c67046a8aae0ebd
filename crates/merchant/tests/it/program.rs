//! The program: its output and its exit.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http::Method;
use merchant_test_support::stored::Database;
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Bench, SECRET_KEY, call, keys, path, start_body, unique};

fn merchant(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_merchant"))
        .args(arguments)
        .env("OPENCASHIER_SERVER__MERCHANT_NAME", "From the environment")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Writes a configuration whose gateways are never called.
fn write_config(file: &Path, database: &Path) {
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n{}",
        database.display(),
        keys().gateways_toml("http://127.0.0.1:2", DesktopFlow::Page)
    );
    std::fs::write(file, text).unwrap();
}

#[tokio::test]
async fn the_program_serves_until_sigterm() {
    let bench = Bench::new().await;
    let folder = path().with_extension("");
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

    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let parent = format!("00-{trace}-00f067aa0ba902b7-01");
    let url = format!("{base}/v1/checkout/sessions/cs_unknown");
    let refused = call(Method::GET, &url, &[("traceparent", parent.as_str())], "").await;
    assert_eq!(refused.status, 401);

    let mut errors = child.stderr.take().unwrap();
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    assert!(status.success(), "{status}");
    let mut log = String::new();
    errors.read_to_string(&mut log).unwrap();
    assert!(log.contains("WARN") && log.contains("server.allowed_origins is empty"), "{log}");
    assert!(log.contains(&format!("trace.id=\"{trace}\"")), "{log}");
    assert!(!folder.join("merchant.db-wal").exists(), "the log is in the file");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn the_program_ends_in_time_while_a_gateway_hangs() {
    let gateway = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let folder = path().with_extension("hanging");
    std::fs::create_dir(&folder).unwrap();
    let database = Database::new();
    let own = folder.join("merchant.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\ndatabase = \"{}\"\n{}",
        database.setting(),
        keys().gateways_toml(
            &format!("http://{}", gateway.local_addr().unwrap()),
            DesktopFlow::Precreate
        )
    );
    std::fs::write(&own, text).unwrap();
    let mut child = merchant(&["--config", own.to_str().unwrap()]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("merchant listening on ").expect(&line).to_owned();
    let authorization = format!("Bearer {SECRET_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = json!({ "order_id": "1", "amount": { "value": 1, "currency": "CNY" }, "description": "tea" });
    let url = format!("{base}/v1/checkout/sessions");
    let opened = call(Method::POST, &url, &headers, &body.to_string()).await;
    let opened: contract::SessionCreated = opened.json();
    let start = tokio::spawn(async move {
        let authorization = format!("Bearer {}", opened.client_secret.unwrap());
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", "k"),
        ];
        let url = format!("{base}/v1/checkout/sessions/{}/payments", opened.session.id);
        call(Method::POST, &url, &headers, &start_body("wechat_pay").to_string()).await
    });
    // The gateway takes the order, and never answers.
    let _connection = gateway.accept().await.unwrap();
    let id = child.id().to_string();
    let asked = std::time::Instant::now();
    assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let status = tokio::task::spawn_blocking(move || child.wait()).await.unwrap().unwrap();
    let took = asked.elapsed();
    assert!(status.success() && took.as_secs() < 20, "{status} after {took:?}");
    start.abort();
    database.remove();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_program_prints_every_configuration_problem() {
    for arguments in [
        &[][..],
        &["--help-me"],
        &["--config"],
        &["--config", "/nowhere/merchant.toml"],
        &["reconcile", "--config", "/nowhere/merchant.toml"],
        &["reconcile", "--date"],
        // `--date` is an argument of `reconcile` only.
        &["--date", "2026-11-27", "--config", "/nowhere/merchant.toml"],
    ] {
        let mut child = merchant(arguments);
        let mut text = String::new();
        child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(
            text.contains("try '--help'")
                || text.contains("/nowhere/merchant.toml: the file cannot be read"),
            "{text}"
        );
    }
}

#[test]
fn a_databases_folder_that_does_not_exist_is_named() {
    let folder = path().with_extension("folder");
    std::fs::create_dir(&folder).unwrap();
    let own = folder.join("merchant.toml");
    let missing = folder.join("missing");
    write_config(&own, &missing.join("merchant.db"));
    let mut child = merchant(&["--config", own.to_str().unwrap()]);
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert!(!child.wait().unwrap().success());
    let expected = format!("the folder {} does not exist", missing.display());
    assert!(errors.contains(&expected), "{errors}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn a_database_of_another_user_is_named_with_what_to_do() {
    use std::os::unix::fs::{PermissionsExt as _, chown};
    let folder = path().with_extension("owner");
    std::fs::create_dir(&folder).unwrap();
    let (own, database) = (folder.join("merchant.toml"), folder.join("merchant.db"));
    write_config(&own, &database);
    std::fs::write(&database, "").unwrap();
    let is_root = chown(&database, Some(65_534), None).is_ok();
    let mode = if is_root { 0o600 } else { 0o000 };
    std::fs::set_permissions(&database, std::fs::Permissions::from_mode(mode)).unwrap();
    // As root without the right to open every file.
    let program = env!("CARGO_BIN_EXE_merchant");
    let without = ["--bounding-set=-dac_override,-dac_read_search", program];
    let mut command = Command::new(if is_root { "setpriv" } else { program });
    command.args(if is_root { &without[..] } else { &[] });
    let output = command.arg("check-config").arg("--offline").arg("--config").arg(&own).output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let expected =
        format!("problem: server.database: {} cannot be read and written", database.display());
    assert!(text.contains(&expected) && text.contains("change the owner by chown"), "{text}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_address_that_is_in_use_is_named_with_what_to_do() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let folder = path().with_extension("listen");
    std::fs::create_dir(&folder).unwrap();
    let own = folder.join("merchant.toml");
    write_config(&own, &folder.join("merchant.db"));
    for setting in ["LISTEN", "METRICS"] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_merchant"));
        command.arg("--config").arg(&own).env(format!("OPENCASHIER_SERVER__{setting}"), &address);
        let errors = String::from_utf8(command.output().unwrap().stderr).unwrap();
        let expected =
            format!("server.{}: {address} cannot be listened on", setting.to_lowercase());
        assert!(errors.contains(&expected) && errors.contains("set another port"), "{errors}");
        let mut check = Command::new(env!("CARGO_BIN_EXE_merchant"));
        check.args(["check-config", "--offline", "--config"]).arg(&own);
        let found = check.env(format!("OPENCASHIER_SERVER__{setting}"), &address).output().unwrap();
        let found = String::from_utf8(found.stdout).unwrap();
        assert!(found.contains(&format!("problem: {expected}")), "{found}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_damaged_database_is_named_with_what_to_do() {
    let folder = path().with_extension("damaged");
    std::fs::create_dir(&folder).unwrap();
    let (own, database) = (folder.join("merchant.toml"), folder.join("merchant.db"));
    write_config(&own, &database);
    std::fs::write(&database, "no database").unwrap();
    for arguments in [&[][..], &["check-config", "--offline"], &["backup", "copy.db"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_merchant"));
        let output = command.args(arguments).arg("--config").arg(&own).output().unwrap();
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        let expected = format!("server.database: {}", database.display());
        assert!(!output.status.success() && text.contains(&expected), "{arguments:?}: {text}");
        assert!(text.contains("restore a backup"), "{arguments:?}: {text}");
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn an_amount_in_yuan_is_refused_with_the_amount_in_fen() {
    for (amount, expected) in [
        ("8.00", "write 800 for 8.00 yuan"),
        ("8.5", "write 850 for 8.5 yuan"),
        ("eight", "a whole number from 1: write 800 for 8.00 yuan"),
        ("0", "a whole number from 1"),
    ] {
        let arguments = ["refund", "pay_1", "--amount", amount, "--config", "x"];
        let output = Command::new(env!("CARGO_BIN_EXE_merchant")).args(arguments).output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && errors.contains(expected), "{amount}: {errors}");
    }
}

#[test]
fn a_log_setting_that_is_not_understood_is_refused() {
    for (variable, value, is_good) in [
        ("OPENCASHIER_LOG", "verbose", false),
        ("OPENCASHIER_LOG", "merchant=chatty", false),
        ("OPENCASHIER_LOG", "warn,hyper=debug", true),
        ("OPENCASHIER_LOG", "", true),
        ("OPENCASHIER_LOG_FORMAT", "xml", false),
        ("OPENCASHIER_LOG_FORMAT", "json", true),
        ("OPENCASHIER_LOG_FORMAT", "text", true),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_merchant"))
            .args(["--config", "/nowhere/merchant.toml"])
            .env(variable, value)
            .output()
            .unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{errors}");
        let expected =
            if is_good { "/nowhere/merchant.toml: the file cannot be read" } else { variable };
        assert!(errors.contains(expected), "{variable}={value}: {errors}");
    }
}

#[tokio::test]
async fn a_days_bills_are_compared_from_the_command_line() {
    let bench = Bench::new().await;
    let folder = std::env::temp_dir().join(unique("opencashier-reconcile"));
    std::fs::create_dir_all(&folder).unwrap();
    let (own, gateways) = (folder.join("merchant.toml"), folder.join("gateways.toml"));
    let text = format!(
        "[server]\npublic_url = \"http://127.0.0.1:9\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\n\
         database = \"{}\"\n",
        folder.join("merchant.db").display()
    );
    std::fs::write(&own, text).unwrap();
    keys().write_gateways_toml(&folder, &bench.sandbox.base_url(), DesktopFlow::Page).unwrap();
    let command = async |command: Vec<String>| {
        let (own, gateways) = (own.clone(), gateways.clone());
        let running = tokio::task::spawn_blocking(move || {
            let files = ["--config", own.to_str().unwrap(), "--config", gateways.to_str().unwrap()];
            let command: Vec<&str> = command.iter().map(String::as_str).collect();
            let arguments = [&command[..], &files].concat();
            let mut child = merchant(&arguments);
            let (mut out, mut errors) = (String::new(), String::new());
            child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
            child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
            (child.wait().unwrap().success(), out, errors)
        });
        running.await.unwrap()
    };
    let run =
        async |date: &str| command(["reconcile", "--date", date].map(str::to_owned).to_vec()).await;
    let china = time::UtcOffset::from_hms(8, 0, 0).unwrap();
    let yesterday = time::OffsetDateTime::now_utc().to_offset(china).date() - time::Duration::DAY;
    let (is_good, _, errors) = run(&yesterday.to_string()).await;
    assert!(!is_good && errors.contains("there is no database file"), "{errors}");
    let (is_good, _, errors) = command(vec!["migrate".to_owned()]).await;
    assert!(is_good, "{errors}");
    let (is_good, out, errors) = run(&yesterday.to_string()).await;
    assert!(is_good, "{out} {errors}");
    let day: contract::Reconciliation = serde_json::from_str(&out).unwrap();
    assert_eq!((day.date, day.reports.len()), (yesterday.to_string(), 2));
    let today = yesterday.next_day().unwrap();
    let (is_good, out, errors) = run(&today.to_string()).await;
    let expected = format!("the bills of {today} do not exist yet");
    assert!(!is_good && out.is_empty() && errors.contains(&expected), "{errors}");
    let year_ago = yesterday - time::Duration::days(365);
    let (is_good, out, errors) = run(&year_ago.to_string()).await;
    let expected = format!("do not have the bills of {year_ago} any more");
    assert!(!is_good && out.is_empty() && errors.contains(&expected), "{errors}");
    assert!(errors.contains("three months") && errors.contains("does not help"), "{errors}");
    let (is_good, out, errors) = run("yesterday").await;
    assert!(
        !is_good && out.is_empty() && errors.contains("not a day such as 2026-11-28"),
        "{errors}"
    );
    std::fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn m6_the_program_refuses_to_start_with_too_few_open_files() {
    let folder = path().with_extension("limit");
    std::fs::create_dir(&folder).unwrap();
    let own = folder.join("merchant.toml");
    write_config(&own, &folder.join("merchant.db"));
    let run = format!(
        "ulimit -n 1024; exec {} --config {}",
        env!("CARGO_BIN_EXE_merchant"),
        own.display()
    );
    let output = Command::new("sh").args(["-c", &run]).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success(), "{errors}");
    assert!(errors.contains("limits.connections") && errors.contains("LimitNOFILE"), "{errors}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn m3_its_log_says_at_the_start_which_identity_is_missing() {
    let mut bench = Bench::new().await;
    let session = bench.shop.open().await;
    bench.shop.start_payment(&session, "wechat_pay").await;
    bench.shop.stop().await;
    let database = bench.shop.database.clone();
    database.execute("UPDATE payments SET app_id = 'wx_former', merchant_id = '1900000009'");
    let folder = path().with_extension("former");
    std::fs::create_dir(&folder).unwrap();
    let own = folder.join("merchant.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmetrics = \"127.0.0.1:0\"\ndatabase = \"{}\"\n{}",
        database.setting(),
        keys().gateways_toml(&bench.sandbox.base_url(), DesktopFlow::Page)
    );
    std::fs::write(&own, text).unwrap();
    let mut child = merchant(&["--config", own.to_str().unwrap()]);
    let log = BufReader::new(child.stderr.take().unwrap());
    let lines = tokio::task::spawn_blocking(move || {
        let mut lines = log.lines().map_while(Result::ok);
        let metrics =
            lines.find_map(|line| line.split_once("metrics at ").map(|(_, url)| url.to_owned()));
        (metrics, lines.find(|line| line.contains("[[wechat_pay_former]]")))
    });
    let (metrics, alarm) = lines.await.unwrap();
    let alarm = alarm.expect("an alarm");
    for part in ["ERROR", "mchid = \"1900000009\"", "appid = \"wx_former\""] {
        assert!(alarm.contains(part), "{part}: {alarm}");
    }
    let metrics = call(Method::GET, metrics.expect("metrics").trim(), &[], "").await.text();
    let counted = "opencashier_alarms_total{kind=\"identity_missing\"} 1";
    assert!(metrics.contains(counted), "{metrics}");
    assert!(metrics.contains("opencashier_alarms_total{kind=\"refund_overdue\"} 0"), "{metrics}");
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    database.remove();
}
