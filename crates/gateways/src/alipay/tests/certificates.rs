//! Certificate mode (gateways.md B8).

use super::{config, order};
use crate::alipay::{Certificates, Client, Config};
use crate::published_test_vectors::*;
use crate::test_certificates::{Wanted, certificate};
use crate::test_keys::{merchant, platform};
use crate::test_server::{Reaction, Server};
use crate::{ConfigError, GatewayError, NotificationError, SignatureError};

/// The application's certificate, and Alipay's, issued by an authority of the root. All authorities
/// have the platform's key.
fn certificates() -> Certificates {
    let issued = |subject, issuer, serial: u8, key| {
        let wanted = Wanted { subject, issuer, serial: &[serial], ..Wanted::default() };
        certificate(&wanted, key, platform())
    };
    Certificates {
        app_cert: issued("App", "Class 1", 1, merchant()),
        alipay_cert: issued("Alipay", "Class 2", 2, platform())
            + &issued("Class 2", "Root", 3, platform()),
        alipay_root_cert: issued("Root", "Root", 4, platform()) + ALIPAY_ROOT_CERTS,
    }
}

fn client(base_url: &str, certificates: Certificates) -> Result<Client, ConfigError> {
    Client::new(Config {
        gateway_url: format!("{base_url}/gateway.do"),
        alipay_public_key: None,
        certificates: Some(certificates),
        ..config()
    })
}

fn md5(text: &str) -> String {
    use md5::{Digest, Md5};
    crate::certificate::hex(&Md5::digest(text))
}

#[tokio::test]
async fn serials_go_with_every_request_and_come_with_every_answer() {
    let alipay_sn = md5("CN=Class 2,C=CN2");
    let named = alipay_sn.clone();
    let server = Server::start(move |_| precreated(&named));
    let client = client(&server.url, certificates()).unwrap();
    assert_eq!(client.precreate(&order()).await.unwrap().qr_code, "https://q");
    let request = &server.received()[0];
    let query = request.target.split_once('?').unwrap().1.as_bytes();
    let parameters = super::verified(&[query, &request.body]);
    assert_eq!(parameters["app_cert_sn"], md5("CN=Class 1,C=CN1"));
    assert_eq!(
        parameters["alipay_root_cert_sn"],
        format!("{}_{ALIPAY_ROOT_CERT_SN}", md5("CN=Root,C=CN4"))
    );
    let page = client.page_pay_url(&order(), time::OffsetDateTime::now_utc()).unwrap();
    assert!(page.contains("app_cert_sn=") && page.contains("alipay_root_cert_sn="));
}

#[tokio::test]
async fn an_answer_by_another_certificate_is_not_believed() {
    let server = Server::start(move |_| precreated(ALIPAY_CERT_SN));
    let error = client(&server.url, certificates()).unwrap().precreate(&order()).await.unwrap_err();
    assert!(
        matches!(&error, GatewayError::Unverified { cause: SignatureError::UnknownSerial { serial }, .. } if serial == ALIPAY_CERT_SN),
        "{error:?}"
    );
}

#[test]
fn a_notification_may_name_its_certificate() {
    let client = client("http://127.0.0.1:9", certificates()).unwrap();
    let plain = "notify_id=n1&out_trade_no=ORDER_0001&trade_status=TRADE_SUCCESS";
    let sign = crate::url_text::encode(&platform().sign(plain.as_bytes()));
    let form = |cert_sn: &str| format!("{plain}&sign={sign}&alipay_cert_sn={cert_sn}");
    for cert_sn in ["", &md5("CN=Class 2,C=CN2"), &md5("CN=Class 2,C=CN2").to_uppercase()] {
        assert!(client.notification(form(cert_sn).as_bytes()).is_ok(), "{cert_sn}");
    }
    assert!(matches!(
        client.notification(form(ALIPAY_CERT_SN).as_bytes()),
        Err(NotificationError::UnknownSerial { .. })
    ));
}

#[test]
fn certificates_that_cannot_work_are_named() {
    let refused = |change: &dyn Fn(&mut Certificates)| {
        let mut certificates = certificates();
        change(&mut certificates);
        client("http://127.0.0.1:9", certificates).unwrap_err().field
    };
    assert_eq!(refused(&|c| c.app_cert = "x".to_owned()), "alipay.app_cert");
    assert_eq!(
        refused(&|c| c.app_cert = ALIPAY_APP_CERT.to_owned()),
        "alipay.app_cert",
        "other key"
    );
    assert_eq!(refused(&|c| c.alipay_cert = String::new()), "alipay.alipay_cert");
    assert_eq!(refused(&|c| c.alipay_root_cert = "x".to_owned()), "alipay.alipay_root_cert");

    let both = Client::new(Config { certificates: Some(certificates()), ..config() });
    assert_eq!(both.unwrap_err().field, "alipay.alipay_public_key");
}

/// Certificate sets as Alipay hands them out (gateways.md B8).
#[tokio::test]
async fn a_configured_certificate_without_a_chain_to_the_roots_works_with_a_warning() {
    let issued = |subject, issuer, serial: u8| {
        let wanted = Wanted { subject, issuer, serial: &[serial], ..Wanted::default() };
        certificate(&wanted, platform(), platform())
    };
    let class = "Ant Financial Certification Authority Class 2 R1 test";
    let test_root = "Ant Financial Certification Authority R1 test";
    let sandbox = Certificates {
        alipay_cert: issued("Alipay", class, 2)
            + &issued(class, test_root, 3)
            + &issued(test_root, test_root, 4),
        alipay_root_cert: ALIPAY_ROOT_CERTS.to_owned(),
        ..certificates()
    };
    let alone = Certificates { alipay_cert: issued("Alipay", "Class 2", 2), ..certificates() };
    // A production certificate as the Node SDK's test has it: without the authority between.
    let production = Certificates {
        alipay_cert: ALIPAY_CERT.to_owned(),
        alipay_root_cert: ALIPAY_ROOT_CERTS.to_owned(),
        ..certificates()
    };
    for (issuer, set) in [(Some(class), sandbox), (Some("Class 2"), alone), (None, production)] {
        let named = issuer.map(|issuer| md5(&format!("CN={issuer},C=CN2")));
        let server = Server::start(move |_| match &named {
            Some(named) => precreated(named),
            None => Reaction::HangUp,
        });
        let client = client(&server.url, set).unwrap();
        let warnings = client.warnings();
        assert_eq!((warnings.len(), warnings[0].field), (1, "alipay.alipay_cert"));
        assert!(warnings[0].problem.contains("does not chain"), "{}", warnings[0].problem);
        if issuer.is_some() {
            assert!(client.precreate(&order()).await.is_ok(), "{issuer:?}");
        }
    }
    assert_eq!(client("http://127.0.0.1:9", certificates()).unwrap().warnings(), []);
}

/// An answer to an order that names the certificate `cert_sn`.
fn precreated(cert_sn: &str) -> Reaction {
    let node =
        r#"{"code":"10000","msg":"Success","out_trade_no":"ORDER_0001","qr_code":"https://q"}"#;
    let sign = platform().sign(node.as_bytes());
    let body = format!(
        r#"{{"alipay_trade_precreate_response":{node},"alipay_cert_sn":"{cert_sn}","sign":"{sign}"}}"#
    );
    Reaction::Answer { status: 200, headers: Vec::new(), body: body.into_bytes() }
}

#[tokio::test]
async fn b14_while_alipay_changes_its_certificate_both_are_believed() {
    let wanted = |serial: &'static [u8]| Wanted {
        subject: "Alipay",
        issuer: "Class 2",
        serial,
        until: "20300101000000Z",
        ..Wanted::default()
    };
    let both = Certificates {
        alipay_cert: certificate(&wanted(&[9]), platform(), platform())
            + &certificates().alipay_cert,
        ..certificates()
    };
    for serial in ["9", "2"] {
        let named = md5(&format!("CN=Class 2,C=CN{serial}"));
        let server = Server::start(move |_| precreated(&named));
        let client = client(&server.url, both.clone()).unwrap();
        assert!(client.precreate(&order()).await.is_ok(), "{serial}");
        let ends: Vec<_> = client.certificates().iter().map(|one| one.not_after.year()).collect();
        assert_eq!(ends, [2099, 2030, 2099]);
    }
}
