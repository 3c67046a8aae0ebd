//! The page's texts, in two languages.

use contract::{PaymentMethod, code};

/// All texts of one language. `{}` is the placeholder of a value.
#[derive(Debug)]
pub(super) struct Texts {
    pub(super) language: &'static str,
    pub(super) title: &'static str,
    pub(super) pay_to: &'static str,
    pub(super) alipay: &'static str,
    pub(super) wechat_pay: &'static str,
    pub(super) choose: &'static str,
    pub(super) pay_with: &'static str,
    pub(super) scan_alipay: &'static str,
    pub(super) scan_wechat_pay: &'static str,
    pub(super) scan_alipay_elsewhere: &'static str,
    pub(super) scan_wechat_pay_elsewhere: &'static str,
    pub(super) open_app: &'static str,
    pub(super) pay_here: &'static str,
    pub(super) not_here: &'static str,
    pub(super) open_in_browser: &'static str,
    pub(super) tap_the_menu: &'static str,
    pub(super) choose_browser: &'static str,
    pub(super) or_copy: &'static str,
    pub(super) code_for_other_phone: &'static str,
    pub(super) choose_again: &'static str,
    pub(super) qr_alt: &'static str,
    pub(super) go_on: &'static str,
    pub(super) waiting: &'static str,
    pub(super) preparing: &'static str,
    pub(super) reloads: &'static str,
    pub(super) minutes_left: &'static str,
    pub(super) last_minute: &'static str,
    pub(super) i_have_paid: &'static str,
    pub(super) fresh_code: &'static str,
    pub(super) try_again: &'static str,
    pub(super) switch_to: &'static str,
    pub(super) cancel: &'static str,
    pub(super) paid: &'static str,
    pub(super) paid_detail: &'static str,
    pub(super) expired: &'static str,
    pub(super) expired_detail: &'static str,
    pub(super) called_off: &'static str,
    pub(super) called_off_detail: &'static str,
    pub(super) refund_pending: &'static str,
    pub(super) refund_done: &'static str,
    pub(super) refund_failed: &'static str,
    pub(super) back: &'static str,
    pub(super) last_failed: &'static str,
    pub(super) last_canceled: &'static str,
    pub(super) last_expired: &'static str,
    pub(super) not_found: &'static str,
    pub(super) not_found_detail: &'static str,
    too_fast: &'static str,
    busy: &'static str,
    flow: &'static str,
    gateway: &'static str,
    failed: &'static str,
}

impl Texts {
    /// Returns the language that the shopper's browser prefers of those available.
    pub(super) fn choose(accept_language: &str) -> &'static Self {
        let mut best = (0_u16, &ENGLISH);
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let tag = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
            let quality = parts.find_map(|part| part.trim().strip_prefix("q=").map(thousandths));
            let quality = quality.unwrap_or(1_000);
            let texts = match tag.split('-').next() {
                Some("zh") => &CHINESE,
                Some("en") => &ENGLISH,
                _ => continue,
            };
            if quality > best.0 {
                best = (quality, texts);
            }
        }
        best.1
    }

    pub(super) fn method(&self, method: PaymentMethod) -> &'static str {
        match method {
            PaymentMethod::Alipay => self.alipay,
            PaymentMethod::WechatPay => self.wechat_pay,
            PaymentMethod::Unknown => "",
        }
    }

    /// Returns the message for a problem code; never text from the address.
    pub(super) fn notice(&self, problem_code: &str) -> &'static str {
        match problem_code {
            code::RATE_LIMITED => self.too_fast,
            code::IDEMPOTENCY_IN_PROGRESS | code::PAYMENT_STILL_OPEN | code::REQUEST_TIMED_OUT => {
                self.busy
            }
            code::FLOW_UNAVAILABLE => self.flow,
            code::GATEWAY_UNAVAILABLE | code::GATEWAY_REJECTED => self.gateway,
            _ => self.failed,
        }
    }
}

/// Parses `0.8` as 800; anything else than a quality is 0.
fn thousandths(quality: &str) -> u16 {
    let (whole, decimals) = quality.trim().split_once('.').unwrap_or((quality.trim(), ""));
    let decimals: String = decimals.chars().chain("000".chars()).take(3).collect();
    match (whole, decimals.parse::<u16>()) {
        ("1", _) => 1_000,
        ("0", Ok(value)) => value,
        _ => 0,
    }
}

const ENGLISH: Texts = Texts {
    language: "en",
    title: "Payment",
    pay_to: "Pay to",
    alipay: "Alipay",
    wechat_pay: "WeChat Pay",
    choose: "Choose how to pay",
    pay_with: "Pay with {}",
    scan_alipay: "Scan this code with the Alipay app",
    scan_wechat_pay: "Scan this code with WeChat",
    scan_alipay_elsewhere: "Scan this code with the Alipay app on another phone",
    scan_wechat_pay_elsewhere: "Scan this code with WeChat on another phone; a long press does nothing",
    open_app: "Open {} on this phone",
    pay_here: "Pay with {} from here",
    not_here: "This app does not open {}. Your order stays as it is and goes on in the browser.",
    open_in_browser: "Open this page in the browser",
    tap_the_menu: "Tap the menu at the top right.",
    choose_browser: "Choose “Open in browser” or “Open in Safari”.",
    or_copy: "Or copy this address into your browser:",
    code_for_other_phone: "Show a {} code for another phone",
    choose_again: "Choose another way",
    qr_alt: "QR code for {}",
    go_on: "Go on to {}",
    waiting: "Waiting for your payment.",
    preparing: "Getting an answer from {}",
    reloads: "This page brings itself up to date.",
    minutes_left: "About {} minutes left",
    last_minute: "Less than a minute left",
    i_have_paid: "I have paid",
    fresh_code: "New code",
    try_again: "Try again",
    switch_to: "Pay with {} instead",
    cancel: "Cancel this payment",
    paid: "Paid",
    paid_detail: "Thank you. The merchant has been told.",
    expired: "The time to pay is over",
    expired_detail: "If you have paid all the same, your payment is not lost: ask for it below.",
    called_off: "This order was called off",
    called_off_detail: "Nothing more can be paid here.",
    refund_pending: "A payment came twice or too late. It goes back to you by itself.",
    refund_done: "A payment came twice or too late. It has gone back to you.",
    refund_failed: "A payment came twice or too late and could not be sent back by itself. The shop has been told: please ask there.",
    back: "Back to the shop",
    last_failed: "{} could not take this payment. Choose again.",
    last_canceled: "The payment was canceled. Choose again.",
    last_expired: "The code was not paid in time. Choose again.",
    not_found: "There is no payment here",
    not_found_detail: "Go back to the shop and open the payment from there. If you have paid, your payment is not lost.",
    too_fast: "That was fast. Wait a moment, then try again.",
    busy: "Still working on it. Wait a moment, then try again.",
    flow: "That wallet cannot be paid with from here. Choose another way.",
    gateway: "The wallet's service does not answer right now. Nothing is lost: try again.",
    failed: "That did not work. Try again.",
};

const CHINESE: Texts = Texts {
    language: "zh-CN",
    title: "付款",
    pay_to: "收款方",
    alipay: "支付宝",
    wechat_pay: "微信支付",
    choose: "请选择支付方式",
    pay_with: "使用{}付款",
    scan_alipay: "请打开支付宝扫描二维码",
    scan_wechat_pay: "请打开微信扫描二维码",
    scan_alipay_elsewhere: "请用另一部手机打开支付宝扫描二维码",
    scan_wechat_pay_elsewhere: "请用另一部手机的微信扫一扫，不支持长按识别",
    open_app: "在本机打开{}",
    pay_here: "在此使用{}付款",
    not_here: "当前应用无法打开{}。订单不变，可在浏览器中继续付款。",
    open_in_browser: "请在浏览器中打开本页",
    tap_the_menu: "点击右上角的菜单。",
    choose_browser: "请在菜单中选择“在浏览器中打开”或“在 Safari 中打开”，以完成支付。",
    or_copy: "或复制此链接到浏览器打开：",
    code_for_other_phone: "显示{}二维码，用另一部手机扫描",
    choose_again: "选择其他方式",
    qr_alt: "{}付款二维码",
    go_on: "前往{}付款",
    waiting: "等待付款。",
    preparing: "正在等待{}响应",
    reloads: "本页会自动更新。",
    minutes_left: "剩余约 {} 分钟",
    last_minute: "剩余不到 1 分钟",
    i_have_paid: "我已付款",
    fresh_code: "刷新二维码",
    try_again: "重试",
    switch_to: "改用{}",
    cancel: "取消本次付款",
    paid: "付款成功",
    paid_detail: "感谢您，商家已收到付款结果。",
    expired: "付款时间已过",
    expired_detail: "如果您已经付款，款项不会丢失，请点击下方按钮查询。",
    called_off: "订单已取消",
    called_off_detail: "此处无法继续付款。",
    refund_pending: "有一笔付款重复或超时，将自动退回给您。",
    refund_done: "有一笔付款重复或超时，已退回给您。",
    refund_failed: "有一笔付款重复或超时，未能自动退回。商家已收到通知，请联系商家。",
    back: "返回商家",
    last_failed: "{}未能受理本次付款，请重新选择。",
    last_canceled: "本次付款已取消，请重新选择。",
    last_expired: "二维码超时未付款，请重新选择。",
    not_found: "此处没有待付款订单",
    not_found_detail: "请返回商家页面重新打开付款。如果您已经付款，款项不会丢失。",
    too_fast: "操作太快，请稍后再试。",
    busy: "正在处理，请稍后再试。",
    flow: "此处无法使用该支付方式，请选择其他方式。",
    gateway: "支付服务暂时没有响应，款项不会丢失，请重试。",
    failed: "操作未成功，请重试。",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages() {
        for (accepted, expected) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
            ("zh-TW", "zh-CN"),
            ("en-GB,en;q=0.9,zh;q=0.8", "en"),
            ("fr,zh;q=0.3,en;q=0.25", "zh-CN"),
            ("en;q=0, zh;q=0.1", "zh-CN"),
            ("fr", "en"),
            ("", "en"),
            (";;,q=,zh;q=x", "en"),
        ] {
            assert_eq!(Texts::choose(accepted).language, expected, "{accepted:?}");
        }
    }
}
