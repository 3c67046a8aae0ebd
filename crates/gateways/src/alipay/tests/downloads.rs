//! A certificate that Alipay has begun to sign with (gateways.md B8).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};

use super::{config, order};
use crate::alipay::{Certificates, Client, Config};
use crate::certificate::hex;
use crate::test_certificates::{Wanted, certificate};
use crate::test_keys::{Keys, merchant, platform};
use crate::test_server::{Reaction, Server};
use crate::{GatewayError, NotificationError, SignatureError};

const ALIPAY: Wanted<'static> = Wanted {
    subject: "Alipay",
    organization: "Ant",
    issuer: "Class 2",
    serial: &[2],
    until: "20991231235959Z",
    algorithm: 0x0b,
};
const NEW: Wanted<'static> = Wanted { serial: &[9], ..ALIPAY };
const CLASS_2: Wanted<'static> =
    Wanted { subject: "Class 2", organization: "", issuer: "Root", serial: &[3], ..ALIPAY };

/// The platform's key is that of every authority; Alipay signs with it, too.
fn issued(wanted: &Wanted<'_>, key: &Keys) -> String {
    certificate(wanted, key, platform())
}

fn alipay_sn(wanted: &Wanted<'_>) -> String {
    hex(&Md5::digest(format!("CN={},C=CN{}", wanted.issuer, wanted.serial[0])))
}

fn client(base_url: &str) -> Arc<Client> {
    let app =
        Wanted { subject: "App", organization: "Shop", issuer: "Class 1", serial: &[1], ..ALIPAY };
    let root = Wanted { subject: "Root", organization: "", issuer: "Root", serial: &[4], ..ALIPAY };
    let config = Config {
        gateway_url: format!("{base_url}/gateway.do"),
        alipay_public_key: None,
        certificates: Some(Certificates {
            app_cert: issued(&app, merchant()),
            alipay_cert: issued(&ALIPAY, platform()) + &issued(&CLASS_2, platform()),
            alipay_root_cert: issued(&root, platform()),
        }),
        ..config()
    };
    Arc::new(Client::new(config).unwrap())
}

/// A gateway that signs under the certificate `cert_sn`, and hands out `content`. Counts downloads.
fn gateway(cert_sn: String, content: String) -> (Server, Arc<AtomicUsize>) {
    slow_gateway(cert_sn, content, Duration::ZERO)
}

/// The same, but each download takes `delay`.
fn slow_gateway(cert_sn: String, content: String, delay: Duration) -> (Server, Arc<AtomicUsize>) {
    let downloads = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&downloads);
    let server = Server::start(move |request| {
        let body = if request.target.contains("alipaycert.download") {
            counted.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(delay);
            let content = STANDARD.encode(&content);
            format!(
                r#"{{"alipay_open_app_alipaycert_download_response":{{"code":"10000","msg":"Success","alipay_cert_content":"{content}"}}}}"#
            )
        } else {
            let node = r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https://q"}"#;
            let sign = platform().sign(node.as_bytes());
            format!(
                r#"{{"alipay_trade_precreate_response":{node},"alipay_cert_sn":"{cert_sn}","sign":"{sign}"}}"#
            )
        };
        Reaction::Answer { status: 200, headers: Vec::new(), body: body.into_bytes() }
    });
    (server, downloads)
}

fn notification(cert_sn: &str) -> Vec<u8> {
    let plain = "notify_id=n1&out_trade_no=ORDER_0001&trade_status=TRADE_SUCCESS";
    let sign = crate::url_text::encode(&platform().sign(plain.as_bytes()));
    format!("{plain}&sign={sign}&alipay_cert_sn={cert_sn}").into_bytes()
}

#[tokio::test]
async fn b14_a_new_certificate_of_the_same_root_is_downloaded_once_and_believed() {
    let (server, downloads) = gateway(alipay_sn(&NEW), issued(&NEW, platform()));
    let client = client(&server.url);
    assert!(client.precreate(&order()).await.is_ok());
    assert!(client.precreate(&order()).await.is_ok());
    assert!(client.notification(&notification(&alipay_sn(&NEW))).is_ok());
    assert!(client.notification(&notification(&alipay_sn(&ALIPAY))).is_ok(), "the former one, too");
    assert_eq!(downloads.load(Ordering::Relaxed), 1);
    let told = client.downloaded_certificates();
    assert_eq!((told.len(), told[0].field, &*told[0].serial), (1, "alipay.alipay_cert", "9"));
    let received = server.received();
    let download = received.iter().find(|one| one.target.contains("alipaycert.download")).unwrap();
    let query = download.target.split_once('?').unwrap().1.as_bytes();
    let parameters = super::verified(&[query, &download.body]);
    let content = format!(r#"{{"alipay_cert_sn":"{}"}}"#, alipay_sn(&NEW));
    assert_eq!(parameters["biz_content"], content);
}

#[tokio::test]
async fn b14_a_notification_under_a_new_certificate_is_opened_after_its_download() {
    let (server, _) = gateway(alipay_sn(&NEW), issued(&NEW, platform()));
    let client = client(&server.url);
    let body = notification(&alipay_sn(&NEW));
    let refused = client.notification(&body).unwrap_err();
    assert!(matches!(refused, NotificationError::UnknownSerial { .. }), "{refused:?}");
    client.learn_signer(&body).await.unwrap();
    assert!(client.notification(&body).is_ok());
}

#[tokio::test]
async fn b14_a_new_certificate_may_come_with_its_own_authority() {
    let class = Wanted { subject: "Class 3", ..CLASS_2 };
    let new = Wanted { issuer: "Class 3", ..NEW };
    let content = issued(&new, platform()) + &issued(&class, platform());
    let (server, _) = gateway(alipay_sn(&new), content);
    assert!(client(&server.url).precreate(&order()).await.is_ok());
}

#[tokio::test]
async fn b14_a_certificate_that_proves_nothing_is_not_believed() {
    let other = Wanted { serial: &[8], ..NEW };
    // An application's: of the same organization, and with a key that is not this application's.
    let applications = Wanted { subject: "2088000000000001-2021000000000001", ..NEW };
    let nameless = Wanted { subject: "", ..NEW };
    let ended = Wanted { until: "20250101000000Z", ..NEW };
    // Issued by the certificate of an application, which the root vouches for.
    let app = Wanted { subject: "App", organization: "Ant", ..ALIPAY };
    let by_app = Wanted { issuer: "App", ..NEW };
    for (what, named, content) in [
        ("another root", NEW, certificate(&NEW, platform(), merchant())),
        ("another serial", NEW, issued(&other, platform())),
        ("an application's", NEW, issued(&applications, platform())),
        ("no name", NEW, issued(&nameless, platform())),
        ("one that has ended", NEW, issued(&ended, platform())),
        ("the application's own key", NEW, issued(&NEW, merchant())),
        (
            "issued by an application",
            by_app,
            issued(&by_app, platform()) + &issued(&app, platform()),
        ),
        ("no certificate", NEW, "x".to_owned()),
    ] {
        let (server, downloads) = gateway(alipay_sn(&named), content);
        let error = client(&server.url).precreate(&order()).await.unwrap_err();
        assert!(
            matches!(
                &error,
                GatewayError::Unverified { cause: SignatureError::UnknownSerial { .. }, .. }
            ),
            "{what}: {error:?}"
        );
        assert_eq!(downloads.load(Ordering::Relaxed), 1, "{what}");
    }
}

#[tokio::test]
async fn b14_invented_serials_cost_one_download_and_hold_up_no_answer() {
    let (server, downloads) = gateway(alipay_sn(&NEW), issued(&NEW, platform()));
    let client = client(&server.url);
    for number in 0..50 {
        let invented = format!("{number:032x}");
        let _ = client.learn_signer(&notification(&invented)).await;
    }
    for no_serial in ["", "x", &"a".repeat(33), &"g".repeat(32)] {
        let _ = client.learn_signer(&notification(no_serial)).await;
    }
    assert_eq!(downloads.load(Ordering::Relaxed), 1);
    // The genuine certificate is downloaded nevertheless, for the next answer.
    assert!(client.precreate(&order()).await.is_ok());
    assert_eq!(downloads.load(Ordering::Relaxed), 2);
    client.downloads.age(Duration::from_secs(61)).await;
    let _ = client.learn_signer(&notification(&"0".repeat(32))).await;
    assert_eq!(downloads.load(Ordering::Relaxed), 3, "after a while it may be asked for");
}

#[tokio::test]
async fn b14_a_download_for_a_message_ends_though_its_sender_hangs_up() {
    let delay = Duration::from_millis(300);
    let (server, downloads) = slow_gateway(alipay_sn(&NEW), issued(&NEW, platform()), delay);
    let client = client(&server.url);
    let body = notification(&alipay_sn(&NEW));
    // The web server drops the handler.
    let hung_up = tokio::time::timeout(Duration::from_millis(100), client.learn_signer(&body));
    assert!(hung_up.await.is_err());

    client.learn_signer(&body).await.unwrap();
    assert!(client.notification(&body).is_ok());
    assert_eq!(downloads.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn b14_in_public_key_mode_nothing_is_downloaded() {
    let (server, downloads) = gateway(alipay_sn(&NEW), issued(&NEW, platform()));
    let client = Arc::new(super::client(&server.url));
    client.learn_signer(&notification(&alipay_sn(&NEW))).await.unwrap();
    assert!(client.precreate(&order()).await.is_ok(), "the one key signs");
    assert_eq!(downloads.load(Ordering::Relaxed), 0);
}
