//! The payer's openid for JSAPI orders, by WeChat's OAuth (gateways.md A11.1).
//!
//! This is not WeChat Pay: nothing is signed, and errors are an `errcode` with status 200.

use http::header::ACCEPT;
use http::{HeaderValue, Method};
use reqwest::Request;
use serde::Deserialize;
use url::Url;

use super::{Client, malformed, wire};
use crate::error::short_message;
use crate::http::Reply;
use crate::order::require;
use crate::url_text::encode;
use crate::{AnswerKind, Gateway, GatewayError, Secret};

/// An answer of the token endpoint. The access token in it is not used and not kept.
#[derive(Deserialize)]
struct Answer {
    errcode: Option<i64>,
    errmsg: Option<String>,
    openid: Option<String>,
}

impl Client {
    /// Returns the address, for a browser inside WeChat, that redirects to `redirect_uri` with a
    /// `code` and this `state` (at most 128 bytes), without asking the payer. `None` without an app
    /// secret.
    pub fn oauth_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        self.app_secret.as_ref()?;
        // WeChat accepts the parameters in this order only.
        Some(format!(
            "{}?appid={}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}#wechat_redirect",
            self.oauth_authorize_url,
            encode(&self.appid),
            encode(redirect_uri),
            encode(state)
        ))
    }

    /// Exchanges a `code` for the payer's openid. A code works once, within 5 min.
    ///
    /// An openid is personal data: keep it out of logs.
    ///
    /// # Errors
    /// [`Rejected`](crate::AnswerKind::Rejected) for a code that is used, expired or invented:
    /// redirect the browser to [`oauth_url`](Self::oauth_url) again. Otherwise see
    /// [`GatewayError`].
    pub async fn openid(&self, code: &str) -> Result<String, GatewayError> {
        let Some(secret) = &self.app_secret else {
            return Err(GatewayError::NotSent {
                gateway: Gateway::WechatPay,
                code: "no_app_secret",
                problem: "wechat_pay.app_secret is not set",
            });
        };
        require(
            (1..=512).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic()),
            "code",
            "is not a code of WeChat's OAuth",
        )?;
        let reply = self.transport.send(self.token_request(secret, code)?).await?;
        opened(&reply)
    }

    fn token_request(&self, secret: &Secret, code: &str) -> Result<Request, GatewayError> {
        let url = format!(
            "{}?appid={}&secret={}&code={}&grant_type=authorization_code",
            self.oauth_token_url,
            encode(&self.appid),
            encode(secret.expose()),
            encode(code)
        );
        let url =
            Url::parse(&url).map_err(|_never| GatewayError::cannot_sign(Gateway::WechatPay))?;
        let mut request = Request::new(Method::GET, url);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(request)
    }
}

fn opened(reply: &Reply) -> Result<String, GatewayError> {
    let status = reply.status.as_u16();
    if !reply.status.is_success() {
        let kind = match status {
            429 => AnswerKind::RateLimited,
            500.. => AnswerKind::Unavailable,
            _ => AnswerKind::Rejected,
        };
        return Err(answered(kind, status, format!("HTTP_{status}"), String::new()));
    }
    let answer: Answer = serde_json::from_slice(&reply.body)
        .map_err(|_invalid| malformed("something that is no answer of OAuth", reply))?;
    match answer.errcode {
        None | Some(0) => answer
            .openid
            .filter(|openid| wire::is_openid(openid))
            .ok_or_else(|| malformed("a token without an openid", reply)),
        Some(code) => {
            Err(answered(kind(code), status, code.to_string(), answer.errmsg.unwrap_or_default()))
        }
    }
}

fn kind(errcode: i64) -> AnswerKind {
    match errcode {
        -1 => AnswerKind::Unavailable,
        45009 | 45011 | 45047 => AnswerKind::RateLimited,
        // App id, secret, their match, this server's address, the account's rights.
        40001 | 40002 | 40013 | 40125 | 40164 | 41002 | 41004 | 48001 | 50002 => {
            AnswerKind::Misconfigured
        }
        // 40029, 40163, 42003: not a code, used, expired.
        _ => AnswerKind::Rejected,
    }
}

fn answered(kind: AnswerKind, status: u16, code: String, message: String) -> GatewayError {
    let (gateway, request_id, message) = (Gateway::WechatPay, None, short_message(&message));
    GatewayError::Answered { kind, gateway, status, code, message, request_id }
}
