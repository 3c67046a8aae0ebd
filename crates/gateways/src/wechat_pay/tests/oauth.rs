use super::config;
use crate::test_server::{Reaction, Received, Server};
use crate::wechat_pay::{Client, Config};
use crate::{AnswerKind, GatewayError};

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

fn with_token_url(url: &str) -> Client {
    Client::new(Config { oauth_token_url: format!("{url}/sns/oauth2/access_token"), ..config() })
        .unwrap()
}

fn text(status: u16, body: &str) -> Reaction {
    let headers = vec![("Content-Type", "text/plain".to_owned())];
    Reaction::Answer { status, headers, body: body.as_bytes().to_vec() }
}

async fn openid(
    react: impl Fn(&Received) -> Reaction + Send + 'static,
) -> Result<String, GatewayError> {
    let server = Server::start(react);
    with_token_url(&server.url).openid("a-code").await
}

#[test]
fn the_payer_is_sent_to_wechat_with_everything_in_its_order() {
    let client = Client::new(config()).unwrap();
    assert_eq!(
        client.oauth_url("https://shop.example/v1/returns?x=1", "st.at/e+").as_deref(),
        Some(
            "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wxd678efh567hg6787&redirect_uri=https%3A%2F%2Fshop.example%2Fv1%2Freturns%3Fx%3D1&response_type=code&scope=snsapi_base&state=st.at%2Fe%2B#wechat_redirect"
        )
    );
    let without = Client::new(Config { app_secret: None, ..config() }).unwrap();
    assert_eq!(without.oauth_url("https://shop.example", "s"), None);
}

#[tokio::test]
async fn a_code_becomes_an_openid() {
    let server = Server::start(|_| {
        text(
            200,
            &format!(
                r#"{{"access_token":"t","expires_in":7200,"refresh_token":"r","openid":"{OPENID}","scope":"snsapi_base"}}"#
            ),
        )
    });
    assert_eq!(with_token_url(&server.url).openid("a+code").await.as_deref(), Ok(OPENID));
    let request = &server.received()[0];
    assert_eq!(request.method, "GET");
    assert_eq!(
        request.target,
        "/sns/oauth2/access_token?appid=wxd678efh567hg6787&secret=an-app-secret&code=a%2Bcode&grant_type=authorization_code"
    );
    assert_eq!(request.header("Authorization"), "", "nothing of WeChat Pay's goes there");
}

#[tokio::test]
async fn an_errcode_is_an_error_of_its_kind() {
    for (errcode, expected) in [
        (40029, "rejected"),
        (40163, "rejected"),
        (42003, "rejected"),
        (40125, "misconfigured"),
        (40164, "misconfigured"),
        (45011, "rate limited"),
        (-1, "unavailable"),
    ] {
        let body = format!(r#"{{"errcode":{errcode},"errmsg":"text, rid: 1"}}"#);
        let error = openid(move |_| text(200, &body)).await.unwrap_err();
        let kind = match &error {
            GatewayError::Answered { kind: AnswerKind::Rejected, .. } => "rejected",
            GatewayError::Answered { kind: AnswerKind::Misconfigured, .. } => "misconfigured",
            GatewayError::Answered { kind: AnswerKind::RateLimited, .. } => "rate limited",
            GatewayError::Answered { kind: AnswerKind::Unavailable, .. } => "unavailable",
            other => panic!("{other:?}"),
        };
        assert_eq!((kind, error.code()), (expected, errcode.to_string().as_str()));
        assert!(error.to_string().contains("text, rid: 1"));
    }
}

#[tokio::test]
async fn what_is_no_token_is_malformed_and_the_secret_stays_secret() {
    for body in ["", "<html>", "{}", r#"{"openid":""}"#, r#"{"openid":"a b"}"#, r#"{"openid":7}"#] {
        let error = openid(move |_| text(200, body)).await.unwrap_err();
        assert!(matches!(error, GatewayError::Malformed { .. }), "{body}: {error:?}");
    }
    let error = openid(|_| text(502, "")).await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::Unavailable), "{error:?}");
    let error = openid(|_| Reaction::HangUp).await.unwrap_err();
    assert!(matches!(error, GatewayError::Interrupted { .. }), "{error:?}");
    assert!(!format!("{error:?} {error}").contains("an-app-secret"));
}

#[tokio::test]
async fn without_a_secret_or_a_code_nothing_is_sent() {
    let server = Server::start(|_| Reaction::HangUp);
    let client = with_token_url(&server.url);
    for code in ["", "a b", "a\nb", &"c".repeat(513)] {
        let refused = client.openid(code).await;
        assert!(matches!(refused, Err(GatewayError::InvalidOrder { field: "code", .. })));
    }
    let without = Client::new(Config { app_secret: None, ..config() }).unwrap();
    let refused = without.openid("code").await;
    assert!(
        matches!(refused, Err(GatewayError::NotSent { code: "no_app_secret", .. })),
        "{refused:?}"
    );
    assert!(server.received().is_empty());
}
