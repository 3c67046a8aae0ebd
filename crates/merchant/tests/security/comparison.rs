//! Secrets are compared in constant time: checked in the source, not by measuring.
//!
//! The presented secret is hashed, and the hashes are compared by `subtle`; so neither the position
//! of the first wrong byte nor the secret's length changes the comparison's time. The test that
//! measures is run by hand only: on a shared machine its result would be random.

use std::path::{Path, PathBuf};
use std::time::Instant;

use http_body_util::{BodyExt as _, Empty};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::bench::SECRET_KEY;
use crate::forger::bench;

/// The folders in which secrets, signatures and tags are handled.
const ROOMS: [&str; 2] = ["src", "../gateways/src"];
/// Names of secrets and of values derived from one.
const SECRET_NAMES: [&str; 13] = [
    "secret",
    "token",
    "signature",
    "presented",
    "bearer",
    "signing",
    "api_v3_key",
    "private_key",
    "hmac",
    "digest",
    "tag",
    "password",
    "expose",
];
/// Lines that compare something harmless, with the reason.
const HARMLESS: [(&str, &str); 5] = [
    // The names of settings.
    ("config/table.rs", "\"secret_key\" | \"secret\" if text.contains(',')"),
    // An ASN.1 tag in a key's file.
    ("der.rs", "*found != tag"),
    // The length of our own setting, checked at start.
    ("wechat_pay/config.rs", "self.api_v3_key.expose().len() == 32"),
    ("wechat_pay/config.rs", "(1..=128).contains(&secret.expose().len())"),
    // The name of the scheme, which is public.
    ("wechat_pay/signature.rs", "scheme != SCHEME"),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_test = path.to_string_lossy().contains("test");
        if path.is_dir() && !is_test {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
            found.push(path);
        }
    }
    found
}

/// Returns the code of a file without its tests and comments.
fn code(path: &Path) -> String {
    let text = std::fs::read_to_string(path).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect::<Vec<_>>()
        .join("\n")
}

/// True if a line compares something that has a secret's name.
fn compares_a_secret(line: &str) -> bool {
    let line = line.to_lowercase();
    let compares = [
        "==",
        "!=",
        ".eq(",
        ".ne(",
        ".cmp(",
        "starts_with(",
        "ends_with(",
        "contains(",
        "assert_eq",
    ]
    .iter()
    .any(|operator| line.contains(operator));
    let words: Vec<&str> =
        line.split(|letter: char| !letter.is_alphanumeric() && letter != '_').collect();
    let is_secret = words.iter().any(|word| {
        SECRET_NAMES.iter().any(|name| word == name || word.ends_with(&format!("_{name}")))
    });
    compares && is_secret
}

#[test]
fn no_secret_is_compared_by_an_operator() {
    let (mut files, mut found) = (0, Vec::new());
    for room in ROOMS {
        for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join(room)) {
            files += 1;
            let code = code(&path);
            let lines =
                code.lines().filter(|line| compares_a_secret(line) && !is_known(&path, line));
            found.extend(lines.map(|line| format!("{}: {}", path.display(), line.trim())));
        }
    }
    assert!(files > 40, "{files}");
    assert!(found.is_empty(), "compare by subtle:\n{}", found.join("\n"));
    // The check finds what it must find.
    assert!(compares_a_secret("if presented == secret {"));
    assert!(compares_a_secret("stored.secret_hash() != x && client_secret == y"));
    assert!(!compares_a_secret("let secret = make();"));
}

fn is_known(path: &Path, line: &str) -> bool {
    let shape = [
        // The kind of credential, by its public prefix.
        "presented.starts_with(\"sk_\")",
        "text.starts_with(\"sk_\")",
    ];
    shape.iter().any(|known| line.contains(known))
        || HARMLESS.iter().any(|(file, known)| path.ends_with(file) && line.contains(known))
}

#[test]
fn secrets_and_tags_are_compared_by_subtle() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let keys = code(&source.join("keys.rs"));
    assert!(keys.contains("use subtle::ConstantTimeEq as _;"));
    // One for hashes (client secrets and secret keys), one for the tags of hosted tokens and OAuth
    // states, whose expected values are derived from the presented ones, so that their length tells
    // nothing.
    assert_eq!(keys.matches(".ct_eq(").count(), 2, "{keys}");
    let preimage = keys.split("fn is_preimage(").nth(1).unwrap().split("\n}").next().unwrap();
    assert!(preimage.contains("sha256(presented.as_bytes()).as_slice().ct_eq(hash)"), "{preimage}");
    assert!(keys.contains("is_preimage(presented, hash)"));
    let auth = code(&source.join("web/auth.rs"));
    assert!(auth.contains("is_preimage(presented, &session.secret_hash)"));
    assert!(auth.contains("backend.keys.is_secret_key(presented)"));
    // No other file has access to them.
    for path in sources(&source) {
        let code = code(&path);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name != "auth.rs" {
            assert!(!code.contains("AUTHORIZATION)"), "{name} reads the header itself");
        }
        if !["auth.rs", "keys.rs", "sessions.rs", "create.rs"].contains(&name.as_str()) {
            assert!(!code.contains("secret_hash"), "{name} handles hashes of secrets");
        }
    }
}

#[test]
fn signatures_are_verified_by_the_library() {
    let gateways = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateways/src");
    let all: String = sources(&gateways).iter().map(|path| code(path)).collect();
    assert!(all.contains("RSA_PKCS1_2048_8192_SHA256"), "RSA by ring");
    assert!(all.contains("open_in_place"), "the tag of AES-GCM by ring");
}

/// Prints the medians. By hand: `cargo test -p merchant --test security -- --ignored --nocapture
/// timing`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "measures; to be read, not to pass or fail"]
async fn timing_of_wrong_secrets() {
    let bench = bench("").await;
    let session = bench.shop.open().await;
    let own = format!("/v1/checkout/sessions/{}", session.id);
    let nobody = "/v1/checkout/sessions/cs_00000000000000000000000".to_owned() + "0";
    let tail = session.id.len() + "_secret_".len();
    let change = |text: &str, at: usize| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'0' { b'1' } else { b'0' };
        String::from_utf8(bytes).unwrap()
    };
    let secret = &session.secret;
    let token = session.hosted_url.rsplit('/').next().unwrap();
    let hosted = |token: String| format!("/v1/checkout/hosted/{token}");
    let cases = [
        ("client secret, first byte wrong", own.clone(), change(secret, tail)),
        ("client secret, last byte wrong", own.clone(), change(secret, secret.len() - 1)),
        ("client secret, another's length", own.clone(), "x".to_owned()),
        ("client secret, no such session", nobody, secret.clone()),
        ("secret key, first byte wrong", own.clone(), change(SECRET_KEY, 3)),
        ("secret key, last byte wrong", own, change(SECRET_KEY, SECRET_KEY.len() - 1)),
        (
            "hosted token, first byte wrong",
            hosted(change(token, session.id.len() + 1)),
            String::new(),
        ),
        ("hosted token, last byte wrong", hosted(change(token, token.len() - 1)), String::new()),
    ];
    let mut sender = connect(&bench.shop.base).await;
    let mut times: Vec<Vec<u128>> = vec![Vec::new(); cases.len()];
    for round in 0..3_000 {
        // Another order in each round, so that no case always follows the same one.
        for step in 0..cases.len() {
            let index = (step * 3 + round) % cases.len();
            let (_, path, bearer) = &cases[index];
            let request = http::Request::get(path)
                .header("host", "shop")
                .header("authorization", format!("Bearer {bearer}"))
                .body(Empty::<bytes::Bytes>::new())
                .unwrap();
            sender.ready().await.unwrap();
            let start = Instant::now();
            let response = sender.send_request(request).await.unwrap();
            let took = start.elapsed().as_nanos();
            assert!([401, 404].contains(&response.status().as_u16()));
            response.into_body().collect().await.unwrap();
            times[index].push(took);
        }
    }
    for ((name, ..), mut times) in cases.iter().zip(times) {
        times.sort_unstable();
        let at = |part: usize| times[times.len() * part / 100] as f64 / 1_000.0;
        eprintln!(
            "{name:36} median {:8.2} µs, quartiles {:8.2} and {:8.2} µs",
            at(50),
            at(25),
            at(75)
        );
    }
}

async fn connect(base: &str) -> SendRequest<Empty<bytes::Bytes>> {
    let stream = TcpStream::connect(base.strip_prefix("http://").unwrap()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender
}
