//! The prerendered selector in the answer to opening a session.

use std::path::PathBuf;

use contract::SessionCreated;
use merchant::{App, Clock};
use sandbox::DesktopFlow;
use serde_json::{Value, json};

use crate::bench::{Bench, config_with, unique};
use crate::selector::selector_json;

/// A backend with `[embed]`, and the file that it reads.
struct Fixture {
    bench: Bench,
    file: PathBuf,
    section: String,
}

impl Fixture {
    async fn new() -> Self {
        let file = std::env::temp_dir().join(format!("{}.json", unique("selector")));
        std::fs::write(&file, selector_json().to_string()).unwrap();
        let section = format!(
            "[embed]\nselector = \"{}\"\nassets = \"https://shop.example/oc/\"\n",
            file.display()
        );
        Self { bench: Bench::with(DesktopFlow::Precreate, &section).await, file, section }
    }

    /// Opens a session with an embed.
    async fn open(&self, key: &str, embed: Value) -> SessionCreated {
        let answer = self.bench.shop.create(key, json!({ "embed": embed })).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.file);
    }
}

#[tokio::test]
async fn the_answer_has_the_selector_of_the_session() {
    let fixture = Fixture::new().await;
    let embed = json!({ "locale": "zh-TW", "layout": "tabs", "csp_nonce": "abc123==" });
    let created = fixture.open(&unique("key"), embed).await;
    let html = created.embed.unwrap();
    let secret = created.client_secret.unwrap();
    for expected in [
        format!("client-secret=\"{secret}\""),
        format!("api-base=\"{}\"", fixture.bench.shop.base),
        format!("action=\"{}\"", created.session.hosted_url),
        "locale=\"zh-CN\" layout=\"tabs\"".to_owned(),
        "<style nonce=\"abc123==\">".to_owned(),
        "支付 ¥128.00".to_owned(),
        "龙井茶 &lt;b&gt;&amp; tea".to_owned(),
        "<p part=\"merchant\">Tea &amp; Co</p>".to_owned(),
    ] {
        assert!(html.contains(&expected), "{expected}: {html}");
    }
    // Not requested, not returned; reading and listing never return it.
    let plain: SessionCreated = fixture.bench.shop.create(&unique("key"), json!({})).await.json();
    assert_eq!(plain.embed, None);
}

#[tokio::test]
async fn a_repeated_request_has_the_selector_again() {
    let fixture = Fixture::new().await;
    let key = unique("key");
    let embed = |nonce: &str| json!({ "locale": "en", "csp_nonce": nonce });
    let first = fixture.open(&key, embed("first")).await;
    let again = fixture.open(&key, embed("first")).await;
    assert_eq!(again.session.id, first.session.id);
    // The session contains the server's time.
    let without_time = |created: &SessionCreated| {
        let time = created.session.server_time.to_text();
        created.embed.as_ref().unwrap().replace(&time, "")
    };
    assert_eq!(without_time(&again), without_time(&first));
    // A page that is loaded again has another nonce, and may be in another language.
    let reloaded = fixture.open(&key, embed("second")).await;
    assert_eq!(reloaded.session.id, first.session.id);
    assert!(reloaded.embed.unwrap().contains("nonce=\"second\""));
    let answer = fixture.bench.shop.create(&key, json!({ "description": "other" })).await;
    answer.problem(409, "idempotency_key_reused");
}

#[tokio::test]
async fn a_session_with_a_payment_has_no_prerendered_selector() {
    let fixture = Fixture::new().await;
    let key = unique("key");
    let created = fixture.open(&key, json!({ "locale": "en" })).await;
    assert!(created.embed.as_ref().unwrap().contains("<template shadowrootmode=\"open\""));
    let session = crate::bench::Opened {
        id: created.session.id,
        secret: created.client_secret.unwrap(),
        hosted_url: created.session.hosted_url,
    };
    fixture.bench.shop.start_payment(&session, "alipay").await;
    let again = fixture.open(&key, json!({ "locale": "en" })).await;
    let html = again.embed.unwrap();
    assert!(html.starts_with("<open-cashier ") && !html.contains("<template"), "{html}");
}

#[tokio::test]
async fn invalid_embed_requests_are_refused_by_parameter_and_open_nothing() {
    let fixture = Fixture::new().await;
    for (embed, named) in [
        (json!({ "locale": "<" }), "embed.locale"),
        (json!({ "locale": "en", "csp_nonce": "\">" }), "embed.csp_nonce"),
        (json!({ "locale": "en", "return_url": "https://evil.example/" }), "embed.return_url"),
        (json!({ "locale": "en", "return_url": "javascript:alert(1)" }), "embed.return_url"),
        (json!({ "locale": "en", "payment_method_order": ["cash"] }), "embed.payment_method_order"),
        (
            json!({ "locale": "en", "csp_nonce": "abc", "appearance": { "variables": { "colorText": "a;b" } } }),
            "embed.appearance.variables",
        ),
    ] {
        let answer = fixture.bench.shop.create(&unique("key"), json!({ "embed": embed })).await;
        let problem = answer.problem(400, "parameter_invalid");
        assert!(problem.detail.starts_with(&format!("`{named}`")), "{}", problem.detail);
    }
    for embed in [
        json!({}),
        json!({ "locale": "en", "layout": "grid" }),
        json!({ "locale": "en", "rules": {} }),
    ] {
        let answer = fixture.bench.shop.create(&unique("key"), json!({ "embed": embed })).await;
        answer.problem(400, "request_malformed");
    }
    assert_eq!(fixture.bench.shop.stored::<u32>("SELECT COUNT(*) FROM sessions"), 0);
}

#[tokio::test]
async fn without_the_setting_the_answer_names_it() {
    let bench = Bench::new().await;
    let answer = bench.shop.create(&unique("key"), json!({ "embed": { "locale": "en" } })).await;
    let problem = answer.problem(400, "parameter_invalid");
    assert!(problem.detail.contains("embed.selector"), "{}", problem.detail);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_stops_the_start() {
    let fixture = Fixture::new().await;
    let config = config_with(&fixture.bench, &fixture.section);
    std::fs::write(&fixture.file, "{}").unwrap();
    let error = App::start(config, Clock::default()).await.err().unwrap().to_string();
    let file = fixture.file.display();
    assert!(error.starts_with(&format!("embed.selector: {file}: missing field")), "{error}");
}
