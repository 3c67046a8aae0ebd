//! Payment inside Alipay's app: the buyer's id, and a trade for that buyer (gateways.md B5.2, B11).

use std::fmt;

use serde::Deserialize;

use super::parameters::Parameters;
use super::{Client, response, wire};
use crate::order::require;
use crate::url_text::encode;
use crate::{GatewayError, Order};

const TOKEN: &str = "alipay.system.oauth.token";

/// The Alipay account that pays. Personal data: `Debug` does not print it.
#[derive(Clone, PartialEq, Eq)]
pub enum Buyer {
    /// `buyer_id`: 16 digits beginning 2088.
    UserId(String),
    /// The open id, which newer applications get instead. It belongs to the application that pays:
    /// `op_app_id` of the configuration, or the client's own.
    OpenId(String),
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::UserId(_) => "UserId(***)",
            Self::OpenId(_) => "OpenId(***)",
        })
    }
}

/// A trade for `AlipayJSBridge.call('tradePay', {tradeNO: …})`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Alipay's number of the trade.
    pub trade_no: String,
}

#[derive(Deserialize)]
struct TokenNode {
    user_id: Option<String>,
    open_id: Option<String>,
}

#[derive(Deserialize)]
struct CreateNode {
    out_trade_no: String,
    trade_no: String,
}

impl Client {
    /// Returns the address, for a browser inside Alipay, that redirects to `redirect_uri` with an
    /// `auth_code` and this `state`, without asking the buyer.
    pub fn oauth_url(&self, redirect_uri: &str, state: &str) -> String {
        format!(
            "{}?app_id={}&scope=auth_base&redirect_uri={}&state={}",
            self.oauth_authorize_url,
            encode(&self.app_id),
            encode(redirect_uri),
            encode(state)
        )
    }

    /// Exchanges an `auth_code` for the buyer's id. A code works once.
    ///
    /// # Errors
    /// [`Rejected`](crate::AnswerKind::Rejected) for a code that is used, expired or invented:
    /// redirect the browser to [`oauth_url`](Self::oauth_url) again. Otherwise see
    /// [`GatewayError`].
    pub async fn buyer(&self, auth_code: &str) -> Result<Buyer, GatewayError> {
        require(
            (1..=128).contains(&auth_code.len())
                && auth_code.bytes().all(|byte| byte.is_ascii_graphic()),
            "auth_code",
            "is not a code of Alipay's OAuth",
        )?;
        let mut parameters = Parameters::default();
        parameters.set("grant_type", "authorization_code");
        parameters.set("code", auth_code);
        let node = self.send(TOKEN, parameters).await?.token()?;
        buyer(&node).map_err(|what| response::malformed(what, None))
    }

    /// Creates a trade that only `buyer` can pay, inside Alipay's app. It exists at once.
    ///
    /// # Errors
    /// See [`GatewayError`]; after [`AlreadyPaid`](crate::AnswerKind::AlreadyPaid) and
    /// [`OrderMismatch`](crate::AnswerKind::OrderMismatch) query the order.
    pub async fn trade_create(
        &self,
        order: &Order,
        buyer: &Buyer,
    ) -> Result<Created, GatewayError> {
        let content = wire::create(
            order,
            &self.jsapi_product_code,
            self.op_app_id.as_deref(),
            &self.app_id,
            buyer,
        )?;
        let answer = self.call("alipay.trade.create", content, Some(&order.notify_url)).await?;
        let node: CreateNode = serde_json::from_str(&answer.success()?)
            .map_err(|_invalid| response::malformed("a trade without `trade_no`", None))?;
        if node.out_trade_no != order.out_trade_no {
            return Err(response::malformed("another order than asked for", None));
        }
        if !super::is_number(&node.trade_no) {
            return Err(response::malformed("a trade without `trade_no`", None));
        }
        Ok(Created { trade_no: node.trade_no })
    }
}

fn buyer(node: &str) -> Result<Buyer, &'static str> {
    let node: TokenNode = serde_json::from_str(node).map_err(|_invalid| "not a token")?;
    let present = |text: Option<String>| text.filter(|text| wire::is_buyer(text));
    match (present(node.user_id), present(node.open_id)) {
        (Some(user_id), _) => Ok(Buyer::UserId(user_id)),
        (None, Some(open_id)) => Ok(Buyer::OpenId(open_id)),
        (None, None) => Err("a token without a buyer"),
    }
}
