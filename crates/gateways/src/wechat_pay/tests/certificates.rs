//! Certificate mode: fetched when needed, once, and changed without a restart.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use time::OffsetDateTime;

use super::{API_V3_KEY, config, header_map, order, signed_headers};
use crate::test_certificates::{Wanted, certificate};
use crate::test_keys::{self, Keys};
use crate::test_server::{Reaction, Received, Server};
use crate::wechat_pay::{Client, Config};
use crate::{AnswerKind, GatewayError, NotificationError, SignatureError, TradeState};

const PATH: &str = "/v3/certificates";
const OLD: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const NEW: &str = "0A57F09EFDC096DE15EBE81A47057A7232F1B8E2";
const PAID: &str =
    r#"{"appid":"a","mchid":"m","out_trade_no":"ORDER_0001","trade_state":"SUCCESS"}"#;

fn client(base_url: &str) -> Arc<Client> {
    let config = Config {
        base_url: base_url.to_owned(),
        public_key_id: None,
        public_key: None,
        platform_certificates: true,
        ..config()
    };
    Arc::new(Client::new(config).unwrap())
}

fn bytes(serial: &str) -> Vec<u8> {
    (0..serial.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&serial[at..at + 2], 16).unwrap())
        .collect()
}

/// A list entry: the certificate of `serial`, encrypted for us.
fn item(serial: &str, keys: &Keys, until: &str) -> serde_json::Value {
    let raw = bytes(serial);
    let wanted = Wanted { serial: &raw, until, ..Wanted::default() };
    sealed(serial, &certificate(&wanted, keys, keys))
}

fn sealed(serial: &str, text: &str) -> serde_json::Value {
    let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, API_V3_KEY.as_bytes()).unwrap());
    let nonce = Nonce::try_assume_unique_for_key(b"61f9c719728a").unwrap();
    let mut data = text.as_bytes().to_vec();
    key.seal_in_place_append_tag(nonce, Aad::from(b"certificate"), &mut data).unwrap();
    serde_json::json!({
        "serial_no": serial,
        "effective_time": "2020-01-01T08:00:00+08:00",
        "expire_time": "2099-12-31T08:00:00+08:00",
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": "61f9c719728a",
            "associated_data": "certificate",
            "ciphertext": STANDARD.encode(data),
        },
    })
}

fn list(items: &[serde_json::Value]) -> String {
    serde_json::json!({ "data": items }).to_string()
}

const FOREVER: &str = "20991231235959Z";

/// An answer signed under this serial, by the platform's key whatever the serial.
fn signed(serial: &str, body: &str) -> Reaction {
    let mut headers = signed_headers(OffsetDateTime::now_utc(), body.as_bytes());
    headers.retain(|(name, _)| *name != "Wechatpay-Serial");
    headers.push(("Wechatpay-Serial", serial.to_owned()));
    Reaction::Answer { status: 200, headers, body: body.as_bytes().to_vec() }
}

fn downloads(server: &Server) -> usize {
    server.received().iter().filter(|request| request.target == PATH).count()
}

#[tokio::test]
async fn the_first_answer_fetches_the_certificate_and_the_next_do_not() {
    let listed = list(&[item(OLD, test_keys::platform(), FOREVER)]);
    let server = Server::start(move |request: &Received| {
        signed(OLD, if request.target == PATH { &listed } else { PAID })
    });
    let client = client(&server.url);
    for _ in 0..3 {
        assert_eq!(client.query("ORDER_0001").await.unwrap().state, TradeState::Paid);
    }
    assert_eq!(downloads(&server), 1);
    assert_eq!(server.received()[0].header("Wechatpay-Serial"), "", "no public key is claimed");
}

#[tokio::test]
async fn all_who_need_a_certificate_wait_for_one_download() {
    let listed = list(&[item(OLD, test_keys::platform(), FOREVER)]);
    let server = Server::start(move |request: &Received| {
        signed(OLD, if request.target == PATH { &listed } else { PAID })
    });
    let client = client(&server.url);
    let (one, two, three) = tokio::join!(
        client.query("ORDER_0001"),
        client.query("ORDER_0001"),
        client.query("ORDER_0001")
    );
    assert!(one.is_ok() && two.is_ok() && three.is_ok());
    assert_eq!(downloads(&server), 1);
}

#[tokio::test]
async fn a_new_certificate_takes_over_without_a_restart() {
    let is_changed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&is_changed);
    let server = Server::start(move |request: &Received| {
        let serial = if seen.load(Ordering::SeqCst) { NEW } else { OLD };
        let listed = list(&[item(serial, test_keys::platform(), FOREVER)]);
        signed(serial, if request.target == PATH { &listed } else { PAID })
    });
    let client = client(&server.url);
    assert!(client.query("ORDER_0001").await.is_ok());

    is_changed.store(true, Ordering::SeqCst);
    let error = client.query("ORDER_0001").await.unwrap_err();
    assert!(
        matches!(&error, GatewayError::Unverified { cause: SignatureError::UnknownSerial { serial }, .. } if serial == NEW),
        "at most one download a minute: {error:?}"
    );
    assert_eq!(downloads(&server), 1);

    client.refresher.as_ref().unwrap().age(Duration::from_secs(61)).await;
    assert!(client.query("ORDER_0001").await.is_ok());
    assert_eq!(downloads(&server), 2);

    client.refresher.as_ref().unwrap().age(Duration::from_secs(12 * 60 * 60)).await;
    assert!(client.query("ORDER_0001").await.is_ok());
    assert_eq!(downloads(&server), 3, "and every 12 h");
    assert!(!client.platform_keys.knows(OLD), "what the platform withdrew is forgotten");
}

#[tokio::test]
async fn several_certificates_are_good_at_once() {
    let items =
        [item(OLD, test_keys::platform(), FOREVER), item(NEW, test_keys::platform(), FOREVER)];
    let listed = list(&items);
    let server = Server::start(move |request: &Received| match request.target.as_str() {
        PATH => signed(NEW, &listed),
        _ if request.method == "POST" => signed(OLD, r#"{"code_url":"weixin://x"}"#),
        _ => signed(NEW, PAID),
    });
    let client = client(&server.url);
    assert!(client.query("ORDER_0001").await.is_ok());
    assert!(client.native_order(&order()).await.is_ok());
    assert_eq!(downloads(&server), 1);
}

#[tokio::test]
async fn a_notification_under_a_new_serial_is_opened_after_one_download() {
    let listed = list(&[item(OLD, test_keys::platform(), FOREVER)]);
    let server = Server::start(move |_| signed(OLD, &listed));
    let client = client(&server.url);
    let now = OffsetDateTime::now_utc();
    let text = super::notifications::body("COUPON.USE", "{}");
    let mut headers = header_map(&signed_headers(now, text.as_bytes()));
    headers.insert("Wechatpay-Serial", OLD.parse().unwrap());
    let refused = client.notification(&headers, text.as_bytes(), now);
    assert!(matches!(refused, Err(NotificationError::UnknownSerial { .. })));

    client.learn_signer(&headers).await.unwrap();
    assert!(client.notification(&headers, text.as_bytes(), now).is_ok());
    client.learn_signer(&headers).await.unwrap();

    // Invented serials cause no more downloads.
    for serial in [NEW, "x", "PUB_KEY_ID_1"] {
        headers.insert("Wechatpay-Serial", serial.parse().unwrap());
        client.learn_signer(&headers).await.unwrap();
        assert!(client.notification(&headers, text.as_bytes(), now).is_err());
    }
    assert_eq!(downloads(&server), 1);
}

/// Returns the headers of a message under this serial, as anybody can send it.
fn named(serial: &str) -> http::HeaderMap {
    header_map(&[("Wechatpay-Serial", serial.to_owned())])
}

#[tokio::test]
async fn a_download_for_a_notification_ends_though_its_sender_hangs_up() {
    let listed = list(&[item(OLD, test_keys::platform(), FOREVER)]);
    let server = Server::start(move |_| {
        std::thread::sleep(Duration::from_millis(300));
        signed(OLD, &listed)
    });
    let client = client(&server.url);
    let headers = named(NEW);
    // The web server drops the handler.
    let hung_up = tokio::time::timeout(Duration::from_millis(100), client.learn_signer(&headers));
    assert!(hung_up.await.is_err());

    // The genuine sender waits for the same download.
    client.learn_signer(&named(OLD)).await.unwrap();
    assert!(client.platform_keys.knows(OLD));
    assert_eq!(downloads(&server), 1);
}

#[tokio::test]
async fn what_others_send_does_not_hold_up_answers() {
    let is_down = Arc::new(AtomicBool::new(true));
    let seen = Arc::clone(&is_down);
    let listed = list(&[item(OLD, test_keys::platform(), FOREVER)]);
    let server = Server::start(move |request: &Received| match request.target.as_str() {
        PATH if seen.load(Ordering::SeqCst) => super::calls::unsigned(503, "{}"),
        PATH => signed(OLD, &listed),
        _ => signed(OLD, PAID),
    });
    let client = client(&server.url);
    assert!(client.learn_signer(&named(NEW)).await.is_err());
    is_down.store(false, Ordering::SeqCst);
    client.learn_signer(&named(NEW)).await.unwrap();
    assert_eq!(downloads(&server), 1, "at most one a minute for messages");

    assert!(client.query("ORDER_0001").await.is_ok());
    assert_eq!(downloads(&server), 2, "and one for answers");
}

#[tokio::test]
async fn a_list_that_is_not_proved_changes_nothing() {
    let platform = test_keys::platform();
    let forged = list(&[item(OLD, test_keys::merchant(), FOREVER)]);
    let expired = list(&[item(OLD, platform, "20210101000000Z")]);
    let misnamed = list(&[sealed(NEW, &certificate(&Wanted::default(), platform, platform))]);
    let no_certificate = list(&[sealed(OLD, &platform.public_pem)]);
    let other_key = list(&[item(OLD, platform, FOREVER)]).replace("61f9c719728a", "61f9c719728b");
    for (body, expected) in [
        (forged, "unverified"),
        (expired, "unverified"),
        (misnamed, "malformed"),
        (no_certificate, "malformed"),
        (other_key, "malformed"),
        ("{}".to_owned(), "malformed"),
        (r#"{"data":[]}"#.to_owned(), "unverified"),
    ] {
        let answer = body.clone();
        let server = Server::start(move |_| signed(OLD, &answer));
        let client = client(&server.url);
        let error = client.download_platform_certificates().await.unwrap_err();
        assert_eq!(error.code(), expected, "{body}: {error:?}");
        assert!(!client.platform_keys.knows(OLD));
    }
}

/// D11: merchants since October 2024 have no certificates, which the error states.
#[tokio::test]
async fn d11_no_certificates_is_a_typed_error() {
    let body = r#"{"code":"RESOURCE_NOT_EXISTS","message":"无可用的平台证书，请在商户平台-API安全申请使用微信支付公钥。"}"#;
    let server = Server::start(move |_| super::calls::unsigned(404, body));
    let error = client(&server.url).download_platform_certificates().await.unwrap_err();
    assert!(
        matches!(&error, GatewayError::Answered { kind: AnswerKind::Rejected, status: 404, .. }),
        "{error:?}"
    );
    assert!(error.to_string().contains("微信支付公钥"));
}

#[tokio::test]
async fn public_key_mode_never_fetches_certificates() {
    let server = Server::start(move |_| signed(OLD, PAID));
    let client = Client::new(Config { base_url: server.url.clone(), ..config() }).unwrap();
    let error = client.query("ORDER_0001").await.unwrap_err();
    assert!(matches!(
        error,
        GatewayError::Unverified { cause: SignatureError::UnknownSerial { .. }, .. }
    ));
    assert_eq!(downloads(&server), 0);
}
