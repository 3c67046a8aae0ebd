//! WeChat Pay's platform certificates: fetched, rotated, mixed with the public key (gateways.md A6,
//! G1.6); and Alipay's certificate mode (B8).

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use rsa::RsaPublicKey;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::signature::Verifier as _;
use sandbox::{AlipayChain, Options, Running, Sandbox};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{
    Answer, NOWHERE, Receiver, alipay_params, alipay_send, alipay_signed, approve,
    is_wechat_signed, keys, native, native_code, node, own, start, verifies, wechat,
};

const PATH: &str = "/v3/certificates";

/// One DER element: its content, and what comes after it.
fn element(der: &[u8]) -> (&[u8], &[u8]) {
    let (head, length) = match der[1] {
        short if short < 0x80 => (2, usize::from(short)),
        long => {
            let digits = usize::from(long & 0x7f);
            let length =
                der[2..2 + digits].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (2 + digits, length)
        }
    };
    (&der[head..head + length], &der[head + length..])
}

/// The certificates of a PEM file, one by one.
fn blocks(pem: &str) -> Vec<&str> {
    pem.split_inclusive("-----END CERTIFICATE-----\n").collect()
}

/// Serial and key of a certificate, which `issuer` or its own key has signed.
fn read(pem: &str, issuer: Option<&RsaPublicKey>) -> (String, RsaPublicKey) {
    let (serial, key, check) = parse(pem);
    check(issuer.unwrap_or(&key));
    (serial, key)
}

/// Serial of a certificate whose issuer is not at hand.
fn serial_of(pem: &str) -> String {
    parse(pem).0
}

/// Serial and key of a certificate, and the check of its signature by its issuer's key.
fn parse(pem: &str) -> (String, RsaPublicKey, impl FnOnce(&RsaPublicKey)) {
    let text: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = STANDARD.decode(text).unwrap();
    let (whole, rest) = element(&der);
    assert!(rest.is_empty());
    let (body, after_body) = element(whole);
    let signed = &whole[..whole.len() - after_body.len()];
    let (_, bits) = element(after_body);
    let (version, body) = (element(body).0, element(body).1);
    assert_eq!(version, [2, 1, 2]);
    let (serial, body) = element(body);
    let serial: String = serial.iter().map(|byte| format!("{byte:02X}")).collect();
    // Algorithm, issuer, validity, subject.
    let body = (0..4).fold(body, |body, _| element(body).1);
    let key = &body[..body.len() - element(body).1.len()];
    let key = RsaPublicKey::from_public_key_der(key).unwrap();
    let signature = Signature::try_from(&element(bits).0[1..]).unwrap();
    let signed = signed.to_vec();
    let check = move |issuer: &RsaPublicKey| {
        VerifyingKey::<Sha256>::new(issuer.clone()).verify(&signed, &signature).unwrap();
    };
    (serial, key, check)
}

fn opened(item: &Value) -> (String, RsaPublicKey) {
    let sealed = &item["encrypt_certificate"];
    let text = |name: &str| sealed[name].as_str().unwrap();
    assert_eq!(text("associated_data"), "certificate");
    let key = Aes256Gcm::new_from_slice(keys().wechat_pay.api_v3_key.expose().as_bytes()).unwrap();
    let nonce: [u8; 12] = text("nonce").as_bytes().try_into().unwrap();
    let ciphertext = STANDARD.decode(text("ciphertext")).unwrap();
    let payload = Payload { msg: &ciphertext, aad: b"certificate" };
    let pem = String::from_utf8(key.decrypt(&nonce.into(), payload).unwrap()).unwrap();
    let (serial, key) = read(&pem, None);
    assert_eq!(item["serial_no"], serial.as_str());
    (serial, key)
}

async fn certificates(running: &Running) -> (Answer, Vec<(String, RsaPublicKey)>) {
    let answer = wechat(running, "GET", PATH, "").await;
    let list = answer.json()["data"].as_array().unwrap().iter().map(opened).collect();
    (answer, list)
}

fn is_signed_by(headers: &http::HeaderMap, body: &[u8], key: &RsaPublicKey) -> bool {
    let text = |name: &str| headers[name].to_str().unwrap();
    let body = String::from_utf8_lossy(body);
    let message = format!("{}\n{}\n{body}\n", text("wechatpay-timestamp"), text("wechatpay-nonce"));
    let signature = STANDARD.decode(text("wechatpay-signature")).unwrap();
    let signature = Signature::try_from(signature.as_slice()).unwrap();
    VerifyingKey::<Sha256>::new(key.clone()).verify(message.as_bytes(), &signature).is_ok()
}

async fn trust(running: &Running, trust: &str) {
    let answer = own(running, "/sandbox/faults", json!({ "wechat_trust": trust })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn public_key_merchants_have_no_certificates() {
    let running = start().await;
    let answer = wechat(&running, "GET", PATH, "").await;
    assert_eq!(answer.status, 404);
    assert_eq!(answer.json()["code"], "RESOURCE_NOT_EXISTS");
    assert!(answer.json()["message"].as_str().unwrap().starts_with("无可用的平台证书"));
}

#[tokio::test]
async fn certificates_sign_answers_and_notifications_and_rotate() {
    let running = start().await;
    trust(&running, "certificate").await;
    let (answer, list) = certificates(&running).await;
    let [(serial, key)] = list.as_slice() else { panic!("{list:?}") };
    assert_eq!(serial.len(), 40);
    assert_eq!(answer.header("wechatpay-serial"), serial);
    assert!(is_signed_by(&answer.headers, &answer.body, key), "one of those it carries");

    let mut shop = Receiver::start(&[(200, "")]).await;
    let code = native_code(&running, &native("CERT_0001", &shop.url)).await;
    approve(&running, &code).await;
    let told = shop.told().await;
    assert_eq!(told.headers["wechatpay-serial"], serial.as_str());
    assert!(is_signed_by(&told.headers, &told.body, key));

    let rotated = own(&running, "/sandbox/certificates/rotate", json!({})).await.json();
    let (answer, list) = certificates(&running).await;
    assert_eq!(list.len(), 2, "the old one stays valid");
    assert_eq!(&list[0].0, serial);
    assert_eq!(rotated["serial_no"], list[1].0.as_str());
    assert_eq!(answer.header("wechatpay-serial"), list[1].0);
    assert!(is_signed_by(&answer.headers, &answer.body, &list[1].1));
}

#[tokio::test]
async fn during_a_switch_both_kinds_of_keys_sign() {
    let running = start().await;
    trust(&running, "both").await;
    let mut seen = Vec::new();
    for number in 0..4 {
        let body = native(&format!("CERT_1{number:03}"), NOWHERE).to_string();
        let answer = wechat(&running, "POST", "/v3/pay/transactions/native", body).await;
        let by_key = is_wechat_signed(&answer.headers, &answer.body);
        assert_eq!(by_key, answer.header("wechatpay-serial").starts_with("PUB_KEY_ID_"));
        seen.push(by_key);
    }
    assert_eq!(seen.iter().filter(|by_key| **by_key).count(), 2);
    trust(&running, "public_key").await;
    own(&running, "/sandbox/faults", json!({ "wechat_unknown_serial": true })).await;
    let body = native("CERT_0002", NOWHERE).to_string();
    let answer = wechat(&running, "POST", "/v3/pay/transactions/native", body).await;
    assert_ne!(answer.header("wechatpay-serial"), keys().wechat_pay.public_key_id);
}

/// A certificate's name in Alipay's messages, for one that the root certificate has signed.
fn sn(serial: &str) -> String {
    let issuer = "CN=Ant Financial Certification Authority R1 (sandbox),OU=Certification Authority,O=Ant Financial,C=CN";
    sn_of(issuer, serial)
}

fn sn_of(issuer: &str, serial: &str) -> String {
    let number = rsa::BigUint::parse_bytes(serial.as_bytes(), 16).unwrap();
    Md5::digest(format!("{issuer}{number}")).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn alipays_certificate_mode_wants_them_named_and_names_its_own() {
    let running = start().await;
    let keys = keys().alipay;
    let (root_serial, root) = read(&keys.alipay_root_cert, None);
    let (app_serial, app) = read(&keys.app_cert, Some(&root));
    let (alipay_serial, alipay) = read(&keys.alipay_cert, Some(&root));
    assert_eq!(alipay, RsaPublicKey::from_public_key_pem(&keys.alipay_public_key).unwrap());
    assert_ne!(app, alipay);

    own(&running, "/sandbox/faults", json!({ "alipay_certificates": true })).await;
    const METHOD: &str = "alipay.trade.precreate";
    let mut shop = Receiver::start(&[(200, "success")]).await;
    let content = json!({ "out_trade_no": "CERT_0003", "total_amount": "1.00", "subject": "茶" });
    let notify_url = shop.url.clone();
    let call = |app_sn: Option<String>, root_sn: Option<String>| {
        let mut params = alipay_params(METHOD, &content);
        params.insert("notify_url".into(), notify_url.clone());
        params.extend(app_sn.map(|sn| ("app_cert_sn".to_owned(), sn)));
        params.extend(root_sn.map(|sn| ("alipay_root_cert_sn".to_owned(), sn)));
        let running = &running;
        async move { alipay_send(running, &alipay_signed(params)).await }
    };
    let (app_sn, root_sn) = (sn(&app_serial), sn(&root_serial));
    for (app_sn, root_sn, sub_code) in [
        (None, None, "isv.missing-signature-config"),
        (Some("0".repeat(32)), Some(root_sn.clone()), "isv.app-cert-not-exist"),
        (Some(app_sn.clone()), None, "isv.invalid-alipay-root-cert-sn"),
    ] {
        let (refused, is_signed) = node(&call(app_sn, root_sn).await, METHOD);
        assert!(is_signed && refused["sub_code"] == sub_code, "{refused}");
    }
    let answer = call(Some(app_sn.clone()), Some(root_sn.clone())).await;
    let (made, is_signed) = node(&answer, METHOD);
    assert!(is_signed && made["code"] == "10000", "{made}");
    assert_eq!(answer.json()["alipay_cert_sn"], sn(&alipay_serial));
    approve(&running, made["qr_code"].as_str().unwrap()).await;
    let pairs: std::collections::BTreeMap<String, String> =
        form_urlencoded::parse(&shop.told().await.body).into_owned().collect();
    assert_eq!(pairs["alipay_cert_sn"], sn(&alipay_serial));
    let text = crate::support::canonical(&pairs, &["sign", "sign_type", "alipay_cert_sn"]);
    assert!(verifies(&keys.alipay_public_key, &text, &pairs["sign"]));

    own(&running, "/sandbox/faults", json!({ "alipay_certificates": false })).await;
    let (refused, _) = node(&call(Some(app_sn), Some(root_sn)).await, METHOD);
    assert_eq!(refused["sub_code"], "isv.app-cert-not-exist", "one mode at a time");
}

#[tokio::test]
async fn alipay_signs_under_a_new_certificate_that_is_to_be_downloaded() {
    let running = start().await;
    let keys = keys().alipay;
    let (_, root) = read(&keys.alipay_root_cert, None);
    let (app_serial, _) = read(&keys.app_cert, Some(&root));
    let (old_serial, _) = read(&keys.alipay_cert, Some(&root));
    let (root_serial, _) = read(&keys.alipay_root_cert, None);
    let faults = json!({ "alipay_certificates": true, "alipay_new_certificate": true });
    own(&running, "/sandbox/faults", faults).await;
    let call = |method: &'static str, content: Value| {
        let mut params = alipay_params(method, &content);
        params.insert("notify_url".into(), NOWHERE.into());
        params.insert("app_cert_sn".into(), sn(&app_serial));
        params.insert("alipay_root_cert_sn".into(), sn(&root_serial));
        let running = &running;
        async move { alipay_send(running, &alipay_signed(params)).await }
    };
    let order = json!({ "out_trade_no": "CERT_0004", "total_amount": "1.00", "subject": "茶" });
    let answer = call("alipay.trade.precreate", order).await;
    let named = answer.json()["alipay_cert_sn"].as_str().unwrap().to_owned();
    assert_ne!(named, sn(&old_serial));

    const DOWNLOAD: &str = "alipay.open.app.alipaycert.download";
    let answer = call(DOWNLOAD, json!({ "alipay_cert_sn": named })).await;
    assert!(answer.json().get("sign").is_none(), "only the chain proves it");
    let (found, _) = node(&answer, DOWNLOAD);
    let pem = STANDARD.decode(found["alipay_cert_content"].as_str().unwrap()).unwrap();
    let (serial, _) = read(std::str::from_utf8(&pem).unwrap(), Some(&root));
    assert_eq!(sn(&serial), named);
    let unknown = call(DOWNLOAD, json!({ "alipay_cert_sn": "0".repeat(32) })).await;
    assert_eq!(node(&unknown, DOWNLOAD).0["code"], "40004");
}

#[test]
fn a_test_chain_ends_at_a_root_that_the_merchant_does_not_get() {
    let keys = keys().with_alipay_chain(AlipayChain::Test).unwrap().alipay;
    let chain = blocks(&keys.alipay_cert);
    let [leaf, link, top] = chain.as_slice() else { panic!("{chain:?}") };
    let (_, top) = read(top, None);
    let (_, issuer) = read(link, Some(&top));
    let (_, key) = read(leaf, Some(&issuer));
    assert_eq!(key, RsaPublicKey::from_public_key_pem(&keys.alipay_public_key).unwrap());
    read(&keys.app_cert, Some(&issuer));
    let (_, root) = read(&keys.alipay_root_cert, None);
    assert!(root != top && root != issuer);
}

#[tokio::test]
async fn a_certificate_without_its_issuer_is_signed_by_one_that_the_root_certifies() {
    let keys = keys().with_alipay_chain(AlipayChain::Leaf).unwrap();
    let options = Options { keys: Some(keys.clone()), ..Options::default() };
    let running = Sandbox::start(options).await.unwrap();
    let [leaf] = blocks(&keys.alipay.alipay_cert)[..] else { panic!("only the leaf") };
    let class_2 = "CN=Ant Financial Certification Authority Class 2 R1 (sandbox),OU=Certification Authority,O=Ant Financial,C=CN";
    let root = "CN=Ant Financial Certification Authority R1 (sandbox),OU=Certification Authority,O=Ant Financial,C=CN";
    let (_, root_key) = read(&keys.alipay.alipay_root_cert, None);

    let faults = json!({ "alipay_certificates": true, "alipay_new_certificate": true });
    own(&running, "/sandbox/faults", faults).await;
    let sent = async |method: &str, content: Value| {
        let mut params = alipay_params(method, &content);
        let issued = |issuer, pem: &str| sn_of(issuer, &serial_of(pem));
        params.insert("app_cert_sn".into(), issued(class_2, &keys.alipay.app_cert));
        params.insert("alipay_root_cert_sn".into(), issued(root, &keys.alipay.alipay_root_cert));
        alipay_send(&running, &alipay_signed(params)).await
    };
    let unknown = json!({ "out_trade_no": "CERT_0005" });
    let named = sent("alipay.trade.query", unknown).await.json()["alipay_cert_sn"].clone();
    const DOWNLOAD: &str = "alipay.open.app.alipaycert.download";
    let found = sent(DOWNLOAD, json!({ "alipay_cert_sn": named })).await;
    let (found, _) = node(&found, DOWNLOAD);
    let pem = STANDARD.decode(found["alipay_cert_content"].as_str().unwrap()).unwrap();
    let pem = String::from_utf8(pem).unwrap();
    let [new, link] = blocks(&pem)[..] else { panic!("{pem}") };
    let (_, issuer) = read(link, Some(&root_key));
    read(new, Some(&issuer));
    read(leaf, Some(&issuer));
}
