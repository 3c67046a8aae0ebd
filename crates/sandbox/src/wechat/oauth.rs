//! OAuth in WeChat: a page that returns a code, a call that exchanges it for the openid
//! (gateways.md A11.1, G1.12). Neither is signed.

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use maud::html;
use serde_json::{Value, json};

use crate::book::GrantError;
use crate::page::{self, Page};
use crate::state::Shared;
use crate::wallet::{self, Wallet};
use crate::{loopback, random};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/connect/oauth2/authorize", get(authorize))
        .route("/sns/oauth2/access_token", get(access_token))
}

/// `GET`: redirects the browser back with a code, without asking (`snsapi_base`).
async fn authorize(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if !agent.unwrap_or_default().contains("MicroMessenger") {
        return refused("请在微信客户端打开链接");
    }
    let query = query.unwrap_or_default();
    let pairs: Vec<(String, String)> =
        form_urlencoded::parse(query.as_bytes()).into_owned().take(MAX_PAIRS).collect();
    match back(&shared, &pairs) {
        Ok(location) => (StatusCode::FOUND, [(header::LOCATION, location)]).into_response(),
        Err(text) => refused(text),
    }
}

/// Returns the address to go back to. WeChat matches the parameters in their documented order.
fn back(shared: &Shared, pairs: &[(String, String)]) -> Result<String, &'static str> {
    let names: Vec<&str> = pairs.iter().map(|(name, _)| name.as_str()).collect();
    let value = |name: &str| {
        let found = pairs.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    if value("appid") != shared.keys.wechat_pay.appid {
        return Err("AppID参数错误，错误码10013");
    }
    if !names.starts_with(&["appid", "redirect_uri", "response_type", "scope"])
        || names.get(4).is_some_and(|name| *name != "state")
        || value("response_type") != "code"
    {
        return Err("链接参数错误，错误码10004");
    }
    if !matches!(value("scope"), "snsapi_base" | "snsapi_userinfo") {
        return Err("Scope 参数错误或没有 Scope 权限，错误码10005");
    }
    let (redirect_uri, state) = (value("redirect_uri"), value("state"));
    if loopback::parse(redirect_uri).is_none() {
        return Err("redirect_uri域名与后台配置不一致，错误码10003");
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.~".contains(&byte);
    if state.len() > MAX_STATE_BYTES || !state.bytes().all(plain) {
        return Err("state参数错误，错误码10006");
    }
    let user = shared.faults().user().to_owned();
    let code = shared.book().grants.give(Wallet::WechatPay, &user, shared.clock.now());
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    Ok(format!("{redirect_uri}{joint}code={code}&state={state}"))
}

/// `GET`, by the merchant's backend: always 200, errors by `errcode`.
async fn access_token(State(shared): State<Arc<Shared>>, RawQuery(query): RawQuery) -> Response {
    let answer = match exchange(&shared, query.as_deref().unwrap_or_default()) {
        Ok(answer) => answer,
        Err((errcode, errmsg)) => {
            let errmsg = format!("{errmsg}, rid: {}", random::lower_hex(24));
            json!({ "errcode": errcode, "errmsg": errmsg })
        }
    };
    // Another content type than JSON, as WeChat sends: clients must not insist on it.
    ([(header::CONTENT_TYPE, "text/plain")], answer.to_string()).into_response()
}

fn exchange(shared: &Shared, query: &str) -> Result<Value, (u32, &'static str)> {
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    };
    let keys = &shared.keys.wechat_pay;
    if value("appid").as_deref() != Some(keys.appid.as_str()) {
        return Err((40013, "invalid appid"));
    }
    if value("secret").as_deref() != Some(keys.app_secret.expose()) {
        return Err((40125, "invalid appsecret"));
    }
    if value("grant_type").as_deref() != Some("authorization_code") {
        return Err((40002, "invalid grant_type"));
    }
    let code = value("code").filter(|code| !code.is_empty()).ok_or((41008, "missing code"))?;
    let mut book = shared.book();
    let user =
        book.grants.redeem(Wallet::WechatPay, &code, shared.clock.now()).map_err(|error| {
            match error {
                GrantError::Unknown => (40029, "invalid code"),
                GrantError::Used => (40163, "code been used"),
                GrantError::Expired => (42003, "code expired"),
            }
        })?;
    let openid = wallet::openid(&keys.appid, &user);
    book.wechat.know_openid(openid.clone(), &user);
    Ok(json!({
        "access_token": random::alphanumerics(100),
        "expires_in": 7200,
        "refresh_token": random::alphanumerics(100),
        "openid": openid,
        "scope": "snsapi_base",
    }))
}

fn refused(text: &str) -> Response {
    let main = html! {
        (page::mark("微信", "WeChat sandbox"))
        h1 { (text) }
        p lang="en" { "WeChat does not tell this page who the visitor is." }
    };
    Page::new("zh-CN", "微信", main).wechat().respond()
}

/// The longest `state` that WeChat carries, in bytes.
const MAX_STATE_BYTES: usize = 128;
const MAX_PAIRS: usize = 20;
