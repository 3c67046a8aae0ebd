//! Answers of both gateways, through the clients and a socket on loopback: only an answer that the
//! platform signed is a success, it is read correctly, and anything else is an error.

mod alipay;
mod server;
mod wechat_pay;

use std::sync::OnceLock;
use std::time::Duration;

use gateways::{Fen, GatewayError, Order, Refund, RefundOrder, Trade};
use time::OffsetDateTime;
use tokio::runtime::Runtime;

use self::server::{Reply, Server};
use crate::input::Input;
use crate::keys;

pub(crate) const WORDS: &[&str] = &[
    "HTTP/1.1 200 OK\r\n",
    "Content-Length: 0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n",
    "Wechatpay-Signature: ",
    "Retry-After: ",
    "{\"alipay_trade_query_response\":",
    "\"error_response\":{\"code\":\"10000\"",
    "\"sign\":\"",
    "\"code\":\"10000\"",
    "40004",
    "TRADE_NOT_EXIST",
    "ORDER_NOT_EXIST",
    "TRADE_SUCCESS",
    "ORDER_0001",
    "ORDERPAID",
    "FREQUENCY_LIMITED",
    "\"trade_state\":\"SUCCESS\"",
];

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    match input.below(5) {
        0 => garbage(&mut input),
        1 | 2 => alipay::check(&mut input),
        _ => wechat_pay::check(&mut input),
    }
}

/// A call to a gateway about our order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Order,
    Query,
    Close,
    Refund,
    QueryRefund,
}

impl Call {
    fn pick(input: &mut Input<'_>) -> Self {
        input.pick(&[
            Self::Query,
            Self::Query,
            Self::Order,
            Self::Close,
            Self::Refund,
            Self::QueryRefund,
        ])
    }
}

/// The client's result for an answer.
#[derive(Debug)]
enum Said {
    Code(String),
    Trade(Trade),
    Refund(Refund),
    Closed,
}

/// Both clients, with a gateway that sends the given answer.
struct Stage {
    server: Server,
    runtime: Runtime,
    wechat_pay: gateways::wechat_pay::Client,
    alipay: gateways::alipay::Client,
}

const NUMBER: &str = "ORDER_0001";
const REFUND_NUMBER: &str = "RE_0001";

/// Tests arbitrary bytes, or a truncated answer.
fn garbage(input: &mut Input<'_>) {
    let call = Call::pick(input);
    let is_alipay = input.flag();
    let reply = Reply { bytes: input.rest().to_vec(), is_last: true };
    let said =
        if is_alipay { stage().alipay(call, reply) } else { stage().wechat_pay(call, reply) };
    // WeChat Pay does not sign a refusal, and "no such order" is one.
    let is_missing = match &said {
        Ok(Said::Trade(trade)) => trade.state == gateways::TradeState::NotCreated,
        Ok(Said::Refund(refund)) => refund.state == gateways::RefundState::NotFound,
        Ok(Said::Code(_) | Said::Closed) => false,
        Err(_) => return,
    };
    assert!(is_missing && !is_alipay, "believed without a signature: {said:?}");
}

fn stage() -> &'static Stage {
    static STAGE: OnceLock<Stage> = OnceLock::new();
    STAGE.get_or_init(|| {
        let server = Server::start().expect("a port on loopback");
        let (wechat_pay, alipay) = keys::clients(&server.base_url);
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let limit = Duration::from_secs(5);
        Stage {
            server,
            runtime: runtime.expect("a runtime"),
            wechat_pay: wechat_pay.with_timeout(limit),
            alipay: alipay.with_timeout(limit),
        }
    })
}

impl Stage {
    fn wechat_pay(&self, call: Call, reply: Reply) -> Result<Said, GatewayError> {
        self.server.answer_with(reply);
        let client = &self.wechat_pay;
        self.runtime.block_on(async {
            Ok(match call {
                Call::Order => Said::Code(client.native_order(&order()).await?.code_url),
                Call::Query => Said::Trade(client.query(NUMBER).await?),
                Call::Close => client.close(NUMBER).await.map(|()| Said::Closed)?,
                Call::Refund => Said::Refund(client.refund(&refund_order()).await?),
                Call::QueryRefund => Said::Refund(client.query_refund(REFUND_NUMBER).await?),
            })
        })
    }

    fn alipay(&self, call: Call, reply: Reply) -> Result<Said, GatewayError> {
        self.server.answer_with(reply);
        let client = &self.alipay;
        self.runtime.block_on(async {
            Ok(match call {
                Call::Order => Said::Code(client.precreate(&order()).await?.qr_code),
                Call::Query => Said::Trade(client.query(NUMBER).await?),
                Call::Close => client.close(NUMBER).await.map(|_| Said::Closed)?,
                Call::Refund => Said::Refund(client.refund(&refund_order()).await?),
                Call::QueryRefund => {
                    Said::Refund(client.query_refund(NUMBER, REFUND_NUMBER).await?)
                }
            })
        })
    }
}

/// Returns an answer with its length.
fn framed(status: u16, headers: &[(String, String)], body: &[u8]) -> Reply {
    let mut head = format!("HTTP/1.1 {status} Status\r\nContent-Type: application/json\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    // An answer without a body must not have one.
    let body = if status == 204 { &[][..] } else { body };
    if status != 204 {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    Reply { bytes: [head.as_bytes(), body].concat(), is_last: false }
}

fn order() -> Order {
    Order {
        out_trade_no: NUMBER.to_owned(),
        amount: fen(100),
        description: "Tea".to_owned(),
        expires_at: OffsetDateTime::UNIX_EPOCH + time::Duration::days(25_000),
        notify_url: "https://shop.example/notify".to_owned(),
        return_url: None,
        quit_url: None,
        reference: None,
    }
}

fn refund_order() -> RefundOrder {
    RefundOrder {
        out_trade_no: NUMBER.to_owned(),
        out_refund_no: REFUND_NUMBER.to_owned(),
        amount: fen(40),
        total: fen(100),
        reason: "late".to_owned(),
        notify_url: None,
    }
}

fn fen(value: i64) -> Fen {
    Fen::new(value).expect("not negative")
}
