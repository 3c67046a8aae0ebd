//! Fault switches: faults that a real gateway may have (gateways.md G1.16, G2.15).
//!
//! A new switch is a new member of [`Faults`]; the JSON API shows and sets it without more code, and
//! `assets/phone-settings.js` puts it into words for the wallet phone.

mod answer;
mod changed;

use serde::{Deserialize, Serialize};

pub(crate) use answer::Answer;

use crate::book::RefundState;
use crate::book::wechat::Product;

/// The switches, all off at the start.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Faults {
    /// The next WeChat Pay call that would succeed, except for queries, takes effect but is answered
    /// with this status (400–599, body `SYSTEM_ERROR`). Once.
    pub(crate) wechat_next_status: Option<u16>,
    /// The next Alipay call that would succeed takes effect but is answered `20000 aop.unknow-error`. Once.
    pub(crate) alipay_next_unknown: bool,
    /// Notifications are lost: never sent, never retried.
    pub(crate) drop_notifications: bool,
    /// Notifications state one fen more than was ordered, correctly signed.
    pub(crate) notification_wrong_amount: bool,
    /// Each notification is sent twice at the same moment.
    pub(crate) duplicate_notifications: bool,
    /// WeChat Pay's answers carry a probe signature (`WECHATPAY/SIGNTEST/…`, gateways.md A6).
    pub(crate) signtest_response: bool,
    /// The first try of each WeChat Pay notification carries a probe signature; its retry is right.
    pub(crate) signtest_notification: bool,
    /// Alipay's answers are not signed.
    pub(crate) alipay_unsigned: bool,
    /// Alipay's JSON does not escape slashes (by default it does: `https:\/\/qr…`).
    pub(crate) alipay_plain_slashes: bool,
    /// Alipay signs its answers as if slashes were not escaped, while the text has `\/`. Alipay's Java
    /// client accepts both, so both occur.
    pub(crate) alipay_signs_plain_slashes: bool,
    /// The time that a WeChat Pay refund is `PROCESSING`, in milliseconds of the sandbox's clock, which
    /// can be pushed. `null` is a minute divided by the speed of notifications.
    pub(crate) refund_delay_ms: Option<u64>,
    /// The end of WeChat Pay's refunds: `SUCCESS`, `ABNORMAL` or `CLOSED`.
    pub(crate) refund_outcome: RefundState,
    /// The time that an Alipay refund takes, in milliseconds; at 0 it is done when it is answered.
    pub(crate) alipay_refund_delay_ms: u64,
    /// Alipay's refunds go to a bank card with this state, if the refund query requests
    /// `deposit_back_info`. `null` is a refund to the balance.
    pub(crate) alipay_deposit_back: Option<DepositBack>,
    /// Refunds are refused because the balance is too low (`NOT_ENOUGH`,
    /// `ACQ.SELLER_BALANCE_NOT_ENOUGH`).
    pub(crate) refund_not_enough: bool,
    /// The owner of the phone: the payer on H5 pages, cashiers and in the apps. `null` is `shopper`.
    pub(crate) phone_user: Option<String>,
    /// Close of an unknown number answers 404 `ORDER_NOT_EXIST`, as the error table says, in place of
    /// 204, as merchants report (gateways.md A4.2).
    pub(crate) wechat_close_unknown_404: bool,
    /// Close of an unpaid order is refused with this error.
    pub(crate) wechat_close_error: Option<CloseError>,
    /// A second refund of one WeChat Pay order within a minute, divided by the speed of notifications,
    /// is answered 429 `FREQUENCY_LIMITED`. Off by default, because a merchant that has no such queue
    /// is not wrong, only slower.
    pub(crate) wechat_refunds_spaced: bool,
    /// WeChat Pay's query leaves out `appid`, which its documentation marks as optional.
    pub(crate) wechat_without_appid: bool,
    /// WeChat Pay's products that the merchant has no permission for (`NO_AUTH`).
    pub(crate) wechat_no_auth: Vec<Product>,
    /// The answer of `getBrandWCPayRequest` at its sheet.
    pub(crate) jsapi_answer: Answer,
    /// The answer of `tradePay` at its sheet.
    pub(crate) tradepay_answer: Answer,
    /// The delay until the bridges in the apps are ready, in milliseconds after the page's scripts begin to run;
    /// `null` is 200. Goes into `/bridge.js` when that is fetched.
    pub(crate) bridge_ready_ms: Option<u64>,
    /// Alipay names buyers by `open_id` in place of `user_id`.
    pub(crate) alipay_open_id: bool,
    /// Alipay's payments are `TRADE_FINISHED`, not `TRADE_SUCCESS`: paid, but not to be refunded.
    pub(crate) alipay_finished: bool,
    /// The domain registered for H5 payments; `null` is `127.0.0.1` and `localhost`.
    pub(crate) h5_domain: Option<String>,
    /// The H5 page does not go back to `redirect_url` by itself; the real one does after five seconds.
    pub(crate) h5_stays: bool,
    /// H5 orders with `payer_client_ip` `127.0.0.1` are refused by their page, as in real life. Off by
    /// default, because on loopback there is no other address.
    pub(crate) h5_checks_client_ip: bool,
    /// The keys by which WeChat Pay signs; switching them in between is what merchants see at a rotation.
    pub(crate) wechat_trust: Trust,
    /// WeChat Pay names a key that nobody has.
    pub(crate) wechat_unknown_serial: bool,
    /// The application is set to certificate mode: requests name certificates, and so do answers and
    /// notifications.
    pub(crate) alipay_certificates: bool,
    /// Alipay signs under a new certificate, of the same root, which merchants have to download.
    pub(crate) alipay_new_certificate: bool,
    /// Alipay signs by a key that is not its own.
    pub(crate) alipay_wrong_key: bool,
    /// Alipay's notifications name another merchant's `seller_id`, correctly signed.
    pub(crate) alipay_other_seller: bool,
    /// Alipay's notifications write `total_amount` with one decimal where that is the same: `1.0`.
    pub(crate) alipay_short_amount: bool,
    /// Alipay notifies of a trade that a buyer has opened (`WAIT_BUYER_PAY`), as it does for
    /// applications with that setting.
    pub(crate) alipay_tells_waiting: bool,
    /// Alipay notifies of a trade that was closed unpaid (`TRADE_CLOSED`), by a call or its
    /// time-out.
    pub(crate) alipay_tells_closed: bool,
    /// Notifications are sent this much later, in milliseconds, at most a minute.
    pub(crate) notify_delay_ms: u64,
    /// Orders are paid at once, and the notification is sent before the order's answer. So is that
    /// of a refund that ends within five seconds.
    pub(crate) notify_before_answer: bool,
    /// A payment's notification is sent only after that of another event of its order, such as its
    /// refund's `TRADE_CLOSED`, but at most a minute later.
    pub(crate) payment_told_last: bool,
    /// Both gateways have a bill of the current day; real ones do not.
    pub(crate) bills_of_today: bool,
    /// The fault of bills.
    pub(crate) bill_fault: Option<BillFault>,
    /// The gateways' clocks are ahead of the real one by this many seconds, or behind, at most a day.
    pub(crate) clock_skew_s: i64,
    /// Too many calls: WeChat Pay answers 429, Alipay `40005`. Not executed.
    pub(crate) limited: bool,
    /// Calls are executed, then the connection is closed without an answer.
    pub(crate) drop_answers: bool,
    /// Gateways answer this much later, in milliseconds, at most a minute.
    pub(crate) slow_ms: u64,
    /// Gateways answer 503 to everything and execute nothing.
    pub(crate) down: bool,
}

/// The keys by which WeChat Pay signs (gateways.md A6).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trust {
    #[default]
    PublicKey,
    /// The newest platform certificate.
    Certificate,
    /// In turn, as during a merchant's switch from certificates to the public key.
    Both,
}

/// The errors by which WeChat Pay refuses to close an unpaid order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CloseError {
    /// 202 `USER_PAYING`: the payer is entering the password.
    UserPaying,
    /// 403 `TRADE_ERROR`.
    TradeError,
}

/// The states of a refund to a bank card, after Alipay has sent it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DepositBack {
    /// The bank has not answered.
    Processing,
    /// The bank has accepted it.
    Success,
    /// The bank has refused it: the money goes to the buyer's balance.
    Failed,
}

/// Faults of a day's bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BillFault {
    /// The first line is missing.
    DropLine,
    /// The first line has one fen more.
    AlterLine,
}

impl Faults {
    /// Returns the owner of the phone.
    pub(crate) fn user(&self) -> &str {
        self.phone_user.as_deref().unwrap_or("shopper")
    }
}
