//! Webhooks from a host that reaches others through a proxy only.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use http::Method;
use sandbox::DesktopFlow;
use serde_json::json;

use crate::bench::{Bench, SECRET_KEY, call, keys, path};

const WEBHOOK_SECRET: &str = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// Listens, and returns the first line that anybody sends.
fn first_line() -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let line = tokio::task::spawn_blocking(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    });
    (address, line)
}

/// Starts the program under a proxy, and lets it send an event to `url`.
async fn send_event(
    bench: &Bench,
    folder: &Path,
    url: &str,
    environment: &[(&str, &str)],
) -> Child {
    std::fs::create_dir(folder).unwrap();
    let own = folder.join("merchant.toml");
    let text = format!(
        "[server]\nlisten = \"127.0.0.1:0\"\npublic_url = \"http://127.0.0.1:1\"\nsecret_key = \"{SECRET_KEY}\"\n\
         signing_key = \"0123456789abcdef0123456789abcdef\"\nmerchant_name = \"Tea\"\ndatabase = \"{}\"\n\
         [webhooks]\nurl = \"{url}\"\nsecret = \"{WEBHOOK_SECRET}\"\n{}",
        folder.join("merchant.db").display(),
        keys().gateways_toml(&bench.sandbox.base_url(), DesktopFlow::Page)
    );
    std::fs::write(&own, text).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_merchant"));
    for name in ["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"] {
        program.env_remove(name).env_remove(name.to_lowercase());
    }
    program.envs(environment.iter().copied()).arg("--config").arg(&own);
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let base = line.trim().strip_prefix("merchant listening on ").expect(&line);
    let authorization = format!("Bearer {SECRET_KEY}");
    let headers = [
        ("authorization", authorization.as_str()),
        ("content-type", "application/json"),
        ("idempotency-key", "k"),
    ];
    let body = json!({
        "order_id": "o", "amount": { "value": 1, "currency": "CNY" }, "description": "tea",
    });
    let url = format!("{base}/v1/checkout/sessions");
    let opened = call(Method::POST, &url, &headers, &body.to_string()).await;
    assert_eq!(opened.status, 201, "{}", opened.text());
    let id = opened.json::<serde_json::Value>()["session"]["id"].as_str().unwrap().to_owned();
    let expired = call(Method::POST, &format!("{url}/{id}/expire"), &headers, "").await;
    assert_eq!(expired.status, 200, "{}", expired.text());
    child
}

fn end(mut child: Child, folder: &Path) {
    child.kill().unwrap();
    child.wait().unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn b13_webhooks_go_through_the_proxy_of_the_environment() {
    let bench = Bench::new().await;
    let folder = path().with_extension("proxy");
    let (proxy, line) = first_line();
    let environment = [("HTTPS_PROXY", format!("http://{proxy}"))];
    let environment = environment.each_ref().map(|(name, value)| (*name, value.as_str()));
    let child = send_event(&bench, &folder, "https://receiver.example/hooks", &environment).await;
    assert_eq!(line.await.unwrap(), "CONNECT receiver.example:443 HTTP/1.1\r\n");
    end(child, &folder);
}

#[tokio::test]
async fn b13_a_receiver_on_this_machine_is_called_without_the_proxy() {
    let bench = Bench::new().await;
    let folder = path().with_extension("direct");
    let (receiver, line) = first_line();
    // Nothing listens there.
    let environment = [("ALL_PROXY", "http://127.0.0.1:9"), ("HTTP_PROXY", "http://127.0.0.1:9")];
    let child =
        send_event(&bench, &folder, &format!("http://{receiver}/hooks"), &environment).await;
    assert_eq!(line.await.unwrap(), "POST /hooks HTTP/1.1\r\n");
    end(child, &folder);
}
