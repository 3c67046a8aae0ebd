//! Messages from the platform's pages and public SDKs: members and values as found, persons replaced.

use super::super::bill::bill_lines;
use super::super::wire::trade;
use super::calls::signed;
use super::notifications::{body, deliver};
use super::{client, refunds};
use crate::test_server::Server;
use crate::{BillKind, BillLine, Fen, RefundState, TradeState};
use time::macros::datetime;

/// The platform's sample of a query's answer, with a coupon and its goods.
const QUERIED: &str = r#"{"amount":{"currency":"CNY","payer_currency":"CNY","payer_total":100,"total":100},"appid":"wxd678efh567hg6787","attach":"自定义数据说明","bank_type":"CMC","mchid":"1230000109","out_trade_no":"1217752501201407033233368018","payer":{"openid":"o-1"},"promotion_detail":[{"amount":100,"coupon_id":"109519","currency":"CNY","goods_detail":[{"discount_amount":1,"goods_id":"M1006","goods_remark":"商品备注信息","quantity":1,"unit_price":100}],"merchant_contribute":0,"name":"单品惠-6","other_contribute":0,"scope":"GLOBAL","stock_id":"931386","type":"CASH","wechatpay_contribute":0}],"scene_info":{"device_id":"013467007045764"},"success_time":"2018-06-08T10:34:56+08:00","trade_state":"SUCCESS","trade_state_desc":"支付成功","trade_type":"MICROPAY","transaction_id":"1217752501201407033233368018"}"#;

/// go-pay/gopay `wechat/v3/papay_scheduled_test.go`: without `attach` and `scene_info`.
const SCHEDULED: &str = r#"{"transaction_id":"1217752501201407033233368018","amount":{"payer_total":100,"total":100,"currency":"CNY","payer_currency":"CNY"},"mchid":"1230000109","trade_state":"SUCCESS","trade_state_desc":"支付成功","trade_type":"PAP","bank_type":"CMC","out_trade_no":"1217752501201407033233368018","success_time":"2020-09-10T13:29:35+08:00","payer":{"openid":"o-1"},"appid":"wxd678efh567hg6787"}"#;

#[test]
fn paid_transactions_are_read_with_and_without_optional_members() {
    for sample in [QUERIED, SCHEDULED] {
        let read = trade(sample.as_bytes()).unwrap();
        assert_eq!((read.state, read.amount), (TradeState::Paid, Fen::new(100)));
        assert_eq!(read.app_id.as_deref(), Some("wxd678efh567hg6787"));
        assert_eq!(read.out_trade_no, "1217752501201407033233368018");
        assert!(read.paid_at.is_some() && read.transaction_id.is_some());
    }
}

/// Page 4012556352 marks `appid` as optional.
#[test]
fn a_transaction_without_an_application_names_none() {
    let unpaid = r#"{"mchid":"1230000109","out_trade_no":"ORDER_0001","trade_state":"NOTPAY"}"#;
    let read = trade(unpaid.as_bytes()).unwrap();
    assert_eq!((read.state, read.app_id), (TradeState::AwaitingPayer, None));
    assert_eq!(read.merchant_id.as_deref(), Some("1230000109"));
}

/// binarywang/WxJava `BaseWxPayServiceImplTest`: an event of another product.
#[test]
fn an_event_of_another_product_carries_no_trade() {
    let read = deliver(&body("MCHTRANSFER.BATCH.FINISHED", "{}")).unwrap();
    assert_eq!((read.event_type.as_str(), read.trade), ("MCHTRANSFER.BATCH.FINISHED", None));
}

/// The platform's sample of a refund, with `from`, `refund_fee` and a promotion.
#[tokio::test]
async fn a_refund_is_read_with_all_its_optional_members() {
    const REFUND: &str = r#"{"refund_id":"50000000382019052709732678859","out_refund_no":"1217752501201407033233368018","transaction_id":"1217752501201407033233368018","out_trade_no":"1217752501201407033233368018","channel":"ORIGINAL","user_received_account":"招商银行信用卡0000","success_time":"2020-12-01T16:18:12+08:00","create_time":"2020-12-01T16:18:12+08:00","status":"SUCCESS","funds_account":"UNSETTLED","amount":{"total":100,"refund":100,"from":[{"account":"AVAILABLE","amount":444}],"payer_total":90,"payer_refund":90,"settlement_refund":100,"settlement_total":100,"discount_refund":10,"currency":"CNY","refund_fee":100},"promotion_detail":[{"promotion_id":"109519","scope":"SINGLE","type":"DISCOUNT","amount":5,"refund_amount":100,"goods_detail":[{"merchant_goods_id":"1217752501201407033233368018","wechatpay_goods_id":"1001","goods_name":"iPhone6s 16G","unit_price":528800,"refund_amount":528800,"refund_quantity":1}]}]}"#;
    let server = Server::start(|_| signed(200, REFUND));
    let refund = client(&server.url).query_refund("1217752501201407033233368018").await.unwrap();
    assert_eq!((refund.state, refund.amount), (RefundState::Succeeded, Fen::new(100)));
}

/// The platform's sample of a refund's notification: no currency. A service provider's names two
/// merchant numbers instead of one (go-pay/gopay `wechat/v3/notify.go`), and is refused.
#[test]
fn a_refund_notification_names_the_merchant_and_no_currency() {
    const NOTICE: &str = r#"{"mchid":"1900007291","transaction_id":"1008450740201411110005820873","out_trade_no":"20150806125346","refund_id":"50200207182018070300011301001","out_refund_no":"7752501201407033233368018","refund_status":"SUCCESS","success_time":"2018-06-08T10:34:56+08:00","user_received_account":"招商银行信用卡0000","amount":{"total":999,"refund":999,"payer_total":999,"payer_refund":999}}"#;
    let read = refunds::deliver(&body("REFUND.SUCCESS", NOTICE)).unwrap().refund;
    assert_eq!((read.state, read.amount), (RefundState::Succeeded, Fen::new(999)));
    let providers = NOTICE.replace(r#""mchid""#, r#""sp_mchid":"1900000100","sub_mchid""#);
    let refused = refunds::deliver(&body("REFUND.SUCCESS", &providers)).unwrap_err();
    assert!(refused.to_string().contains("service provider"), "{refused}");
}

// Bills of binarywang/WxJava `WxPayBillResultTest`; numbers replace what is masked there.

const ALL: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
`2019-07-25 08:35:41,`WWWW,`XXXXXXXX,`0,`,`4200001,`ORDER_0001,`o-1,`JSAPI,`SUCCESS,`PSBC_DEBIT,`CNY,`6.00,`0.00,`0,`0,`0.00,`0.00,`,`,`XXXXXX,`XXXXXXX,`0.04000,`0.60%,`6.00,`0.00,`
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
`48,`5.76,`1.42,`0.00,`0.01000,`5.76,`1.42
";
/// Of type `SUCCESS`: 20 columns, none of refunds, no line feed at the end.
const SUCCESS: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,商品名称,商户数据包,手续费,费率,订单金额,费率备注
`2019-07-23 18:46:41,`XXXX,`XXX,`XXX,`,`4200001,`ORDER_0001,`o-1,`JSAPI,`SUCCESS,`CFT,`CNY,`0.01,`0.00,`XXX,`XXXX,`0.00000,`0.60%,`0.01,`
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
`31,`3.05,`0.00,`0.00,`0.02000,`3.05,`0.00";
/// Of type `REFUND`: 29 columns, with two more times.
const REFUND: &str = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,退款申请时间,退款成功时间,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注
`2019-07-23 20:53:36,`xxx,`xxx,`xxx,`,`4200001,`ORDER_0001,`o-1,`JSAPI,`REFUND,`CFT,`CNY,`0.00,`0.00,`2019-07-23 20:53:36,`2019-07-23 20:53:40,`5030,`R_1,`0.01,`0.00,`ORIGINAL,`SUCCESS,`xxxx,`xxxx,`0.00000,`0.60%,`0.00,`0.01,`
总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额
`4,`0.00,`2.02,`0.00,`-0.02000,`0.00,`2.02";

#[test]
fn bills_of_every_type_are_read() {
    let payment = |fen, at| BillLine {
        out_trade_no: "ORDER_0001".to_owned(),
        transaction_id: "4200001".to_owned(),
        out_refund_no: None,
        amount: Fen::new(fen).unwrap(),
        kind: BillKind::Payment,
        at,
    };
    let refund = BillLine {
        out_refund_no: Some("R_1".to_owned()),
        kind: BillKind::Refund,
        ..payment(1, datetime!(2019-07-23 20:53:36 +8))
    };
    for (file, expected) in [
        (ALL, payment(600, datetime!(2019-07-25 08:35:41 +8))),
        (SUCCESS, payment(1, datetime!(2019-07-23 18:46:41 +8))),
        (REFUND, refund),
    ] {
        let bill = bill_lines(file.as_bytes()).unwrap();
        assert_eq!((bill.lines, bill.unreadable), (vec![expected], Vec::new()));
    }
}

#[test]
fn a_refund_without_the_columns_of_refunds_is_an_unreadable_row() {
    let odd = SUCCESS.replace("`JSAPI,`SUCCESS", "`JSAPI,`REFUND");
    let bill = bill_lines(odd.as_bytes()).unwrap();
    assert_eq!((bill.lines.len(), bill.unreadable.len()), (0, 1));
}

/// A format of about 2014, with `总金额` and colons of full width, is no bill of today's.
#[test]
fn a_bill_of_2014_is_refused() {
    let old = "交易时间,公众账号ID,商户号,子商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,总金额,代金券或立减优惠金额
`2014-11-10 16：33：45,`wx1,`10000100,`0,`1000,`1001,`1415640626,`o-1,`MICROPAY,`SUCCESS,`OTHERS,`CNY,`0.01,`0.0
";
    assert!(bill_lines(old.as_bytes()).is_err());
}
