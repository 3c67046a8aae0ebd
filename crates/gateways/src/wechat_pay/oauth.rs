//! Who the payer is: WeChat's OAuth for the openid that JSAPI orders need (gateways.md A11.1).
//!
//! This is not WeChat Pay: nothing is signed, and errors come as `errcode` under status 200.

use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{Method, Request};
use http_body_util::Full;
use serde::Deserialize;

use super::{Client, malformed, wire};
use crate::blame::Blame;
use crate::http::Reply;
use crate::order::require;
use crate::url_text::encode;
use crate::{Gateway, GatewayError, Secret};

/// An answer of the token endpoint. The access token in it is not used and not kept.
#[derive(Deserialize)]
struct Answer {
    errcode: Option<i64>,
    errmsg: Option<String>,
    openid: Option<String>,
}

impl Client {
    /// Where a browser inside WeChat goes, so that it comes to `redirect_uri` with a `code` and
    /// this `state` (at most 128 bytes). The payer is not asked. `None` without an app secret.
    pub fn oauth_url(&self, redirect_uri: &str, state: &str) -> Option<String> {
        self.app_secret.as_ref()?;
        // WeChat takes the parameters in this order only.
        Some(format!(
            "{}?appid={}&redirect_uri={}&response_type=code&scope=snsapi_base&state={}#wechat_redirect",
            self.oauth_authorize_url,
            encode(&self.appid),
            encode(redirect_uri),
            encode(state)
        ))
    }

    /// The openid that a `code` stands for. A code works once, for 5 min.
    ///
    /// An openid is personal data: keep it out of logs.
    ///
    /// # Errors
    /// [`Rejected`](GatewayError::Rejected) for a code that is used, expired or made up: send
    /// the browser to [`oauth_url`](Self::oauth_url) again. Otherwise see [`GatewayError`].
    pub async fn openid(&self, code: &str) -> Result<String, GatewayError> {
        let Some(secret) = &self.app_secret else {
            return Err(answered(
                Blame::Misconfigured,
                0,
                "no_app_secret".to_owned(),
                "wechat_pay.app_secret is not set; nothing was sent".to_owned(),
            ));
        };
        require(
            (1..=512).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic()),
            "code",
            "is not a code of WeChat's OAuth",
        )?;
        let reply = self.transport.send(self.token_request(secret, code)?).await?;
        opened(&reply)
    }

    fn token_request(
        &self,
        secret: &Secret,
        code: &str,
    ) -> Result<Request<Full<Bytes>>, GatewayError> {
        let url = format!(
            "{}?appid={}&secret={}&code={}&grant_type=authorization_code",
            self.oauth_token_url,
            encode(&self.appid),
            encode(secret.expose()),
            encode(code)
        );
        Request::builder()
            .method(Method::GET)
            .uri(url)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, crate::http::USER_AGENT)
            .body(Full::default())
            .map_err(|_invalid| GatewayError::InvalidOrder {
                field: "code",
                problem: "does not fit into a URL",
            })
    }
}

fn opened(reply: &Reply) -> Result<String, GatewayError> {
    let status = reply.status.as_u16();
    if !reply.status.is_success() {
        let blame = match status {
            429 => Blame::RateLimited,
            500.. => Blame::Unavailable,
            _ => Blame::Rejected,
        };
        return Err(answered(blame, status, format!("HTTP_{status}"), String::new()));
    }
    let answer: Answer = serde_json::from_slice(&reply.body)
        .map_err(|_invalid| malformed("something that is no answer of OAuth", reply))?;
    match answer.errcode {
        None | Some(0) => answer
            .openid
            .filter(|openid| wire::is_openid(openid))
            .ok_or_else(|| malformed("a token without an openid", reply)),
        Some(code) => {
            Err(answered(blame(code), status, code.to_string(), answer.errmsg.unwrap_or_default()))
        }
    }
}

fn blame(errcode: i64) -> Blame {
    match errcode {
        -1 => Blame::Unavailable,
        45009 | 45011 | 45047 => Blame::RateLimited,
        // App id, secret, their match, this server's address, the account's rights.
        40001 | 40002 | 40013 | 40125 | 40164 | 41002 | 41004 | 48001 | 50002 => {
            Blame::Misconfigured
        }
        // 40029, 40163, 42003: not a code, used, expired.
        _ => Blame::Rejected,
    }
}

fn answered(blame: Blame, status: u16, code: String, message: String) -> GatewayError {
    GatewayError::answered(blame, Gateway::WechatPay, status, code, message, None)
}
