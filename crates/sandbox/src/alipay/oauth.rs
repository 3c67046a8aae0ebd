//! Alipay's OAuth: a page that returns an `auth_code`, and `alipay.system.oauth.token`, which
//! exchanges it for the buyer (gateways.md B11, G2.14).

use std::sync::Arc;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use maud::html;
use serde_json::json;

use super::browser::agent;
use super::params::Params;
use super::reply::{self, Node, Refusal};
use crate::page::{self, Page};
use crate::state::Shared;
use crate::wallet::{self, Wallet};
use crate::{clock, loopback, random};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/oauth2/publicAppAuthorize.htm", get(authorize))
}

/// `GET`: inside the app redirects at once with a code; elsewhere the visitor has to log in first.
async fn authorize(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    if agent(&headers).contains("MicroMessenger") {
        return reply::blocked_page();
    }
    let params = Params::merge(query.as_deref().unwrap_or_default(), b"");
    match back(&shared, &params) {
        Err(refusal) => reply::error_page(&refusal),
        Ok(location) if agent(&headers).contains("AlipayClient") => {
            (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
        }
        Ok(location) => login_page(&location),
    }
}

fn back(shared: &Shared, params: &Params) -> Result<String, Refusal> {
    let app_id = params.get("app_id").unwrap_or_default();
    if app_id != shared.keys.alipay.app_id {
        return Err(Refusal::invalid("isv.invalid-app-id", "无效的AppID参数"));
    }
    let scope = params.get("scope").unwrap_or_default();
    if !matches!(scope, "auth_base" | "auth_user") {
        return Err(Refusal::invalid("isv.invalid-scope", "scope参数非法"));
    }
    let redirect_uri = params.get("redirect_uri").unwrap_or_default();
    if loopback::parse(redirect_uri).is_none() {
        return Err(Refusal::invalid("isv.invalid-redirect-uri", "redirect_uri与应用配置不一致"));
    }
    let state = params.get("state").unwrap_or_default();
    if state.len() > MAX_STATE_BYTES {
        return Err(Refusal::invalid("isv.invalid-state", "state参数非法"));
    }
    let user = shared.faults().user().to_owned();
    let code = shared.book().grants.give(Wallet::Alipay, &user, shared.clock.now());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("app_id", app_id).append_pair("source", "alipay_wallet");
    query.append_pair("scope", scope).append_pair("auth_code", &code);
    if !state.is_empty() {
        query.append_pair("state", state);
    }
    let joint = if redirect_uri.contains('?') { '&' } else { '?' };
    Ok(format!("{redirect_uri}{joint}{}", query.finish()))
}

fn login_page(location: &str) -> Response {
    let main = html! {
        (page::mark("支付宝", "Alipay sandbox"))
        (page::heading("Log in", "登录支付宝"))
        p { "Outside the app Alipay asks who you are. Here nobody needs a password." }
        p { a href=(location) { "Log in and go on " span lang="zh-CN" { "登录" } } }
    };
    Page::new("en", "Alipay sandbox login", main).respond()
}

/// `alipay.system.oauth.token`: its parameters are beside the common ones, not in `biz_content`.
pub(super) fn token(shared: &Shared, params: &Params) -> Result<Node, Refusal> {
    if params.get("grant_type") != Some("authorization_code") {
        return Err(Refusal::invalid("isv.grant-type-invalid", "授权类型grant_type无效"));
    }
    let wrong = || Refusal::invalid("isv.code-invalid", "授权码code无效");
    let code = params.get("code").ok_or_else(wrong)?;
    let now = shared.clock.now();
    let as_open_id = shared.faults().alipay_open_id;
    let mut book = shared.book();
    let user = book.grants.redeem(Wallet::Alipay, code, now).map_err(|_| wrong())?;
    let (member, number) = if as_open_id {
        ("open_id", wallet::open_id(&shared.keys.alipay.app_id, &user))
    } else {
        ("user_id", wallet::buyer_id(&user))
    };
    book.alipay.know_buyer(number.clone(), &user);
    Ok(vec![
        ("access_token", json!(format!("authbseB{}", random::lower_hex(32)))),
        ("auth_start", json!(clock::alipay(now))),
        ("expires_in", json!(1_296_000)),
        ("re_expires_in", json!(2_592_000)),
        ("refresh_token", json!(format!("authbseB{}", random::lower_hex(32)))),
        (member, json!(number)),
    ])
}

const MAX_STATE_BYTES: usize = 512;
