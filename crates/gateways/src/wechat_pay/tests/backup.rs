//! The disaster-recovery host: what may be asked there (gateways.md A1).

use super::calls::{assert_authorized, signed, unsigned};
use super::{config, order};
use crate::test_server::{Reaction, Server};
use crate::wechat_pay::{Client, Config};
use crate::{AnswerKind, TradeState};

const CODE_URL: &str = r#"{"code_url":"weixin://wxpay/bizpayurl?pr=JyC91EIz1"}"#;
const PAID: &str =
    r#"{"appid":"a","mchid":"m","out_trade_no":"ORDER_0001","trade_state":"SUCCESS"}"#;

fn client(main: &str, backup: &str) -> Client {
    let (base_url, backup_base_url) = (main.to_owned(), Some(backup.to_owned()));
    Client::new(Config { base_url, backup_base_url, ..config() }).unwrap()
}

/// A port that was free a moment ago.
fn nobody() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    format!("http://{free}")
}

#[tokio::test]
async fn what_was_not_sent_may_go_to_the_backup() {
    let backup = Server::start(|_| signed(200, CODE_URL));
    let client = client(&nobody(), &backup.url);
    assert!(client.native_order(&order()).await.is_ok());
    assert_authorized(&backup.received()[0]);
}

#[tokio::test]
async fn the_backups_answer_is_the_answer() {
    let backup = Server::start(|_| Reaction::HangUp);
    let error = client(&nobody(), &backup.url).native_order(&order()).await.unwrap_err();
    assert!(error.is_outcome_unknown(), "it may have arrived at the backup: {error:?}");
}

#[tokio::test]
async fn an_order_that_may_have_arrived_is_not_repeated_there() {
    let backup = Server::start(|_| signed(200, CODE_URL));
    for status in [0, 500, 502, 503] {
        let main = Server::start(move |_| match status {
            0 => Reaction::HangUp,
            status => unsigned(status, ""),
        });
        let error = client(&main.url, &backup.url).native_order(&order()).await.unwrap_err();
        assert!(error.is_outcome_unknown(), "{error:?}");
    }
    assert!(backup.received().is_empty());
}

#[tokio::test]
async fn a_query_that_may_have_arrived_is_repeated_there() {
    for status in [0, 502, 503, 504] {
        let main = Server::start(move |_| match status {
            0 => Reaction::HangUp,
            status => unsigned(status, ""),
        });
        let backup = Server::start(|_| signed(200, PAID));
        let trade = client(&main.url, &backup.url).query("ORDER_0001").await.unwrap();
        assert_eq!(trade.state, TradeState::Paid);
    }
    let main = Server::start(|_| unsigned(404, r#"{"code":"PARAM_ERROR","message":"m"}"#));
    let backup = Server::start(|_| signed(200, PAID));
    let error = client(&main.url, &backup.url).query("ORDER_0001").await.unwrap_err();
    assert_eq!(error.kind(), Some(AnswerKind::Rejected), "an answer is an answer");
    assert!(backup.received().is_empty());
}
