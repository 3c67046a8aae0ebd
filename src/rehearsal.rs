//! The rehearsal: what an answer with a code brings, gone through once for nobody to see.
//!
//! Browsers compile a function of Wasm when it is called for the first time, which takes a slow
//! phone longer than the function itself. That is done while the shopper chooses a wallet, so that
//! the code is there sooner when "pay" was pressed.

use core::sync::atomic::{AtomicU8, Ordering};

use checkout::{Checkout, Effect, Event, State};
use yew::Html;

use crate::driver::{self, Driver, clock};
use crate::options::{Kept, Options};
use crate::view;

/// How many of the parts are done. Once is enough for all checkouts on a page.
static DONE: AtomicU8 = AtomicU8::new(0);
const PARTS: u8 = 3;

/// Whether there is something left to rehearse that has not been done in earnest.
pub(crate) fn is_due() -> bool {
    DONE.load(Ordering::Relaxed) < PARTS
}

/// There is nothing left to rehearse.
pub(crate) fn done() {
    DONE.store(PARTS, Ordering::Relaxed);
}

/// The next part, if one is left. First a code is encoded; then a request is made, and a sample of
/// an answer is read and taken to a machine of its own; and then that once more, which is quick now,
/// and what it shows is drawn with `look`. Neither the request, nor what the machine wants, nor what
/// is drawn goes anywhere.
pub(crate) fn hold(options: &Options, driver: &Driver, look: impl FnOnce(&Checkout) -> Html) {
    if !is_due() {
        return;
    }
    let part = DONE.load(Ordering::Relaxed);
    DONE.store(part + 1, Ordering::Relaxed);
    if part == 0 {
        view::draw("weixin://wxpay/bizpayurl?pr=0000000zz");
        return;
    }
    driver.rehearse();
    let Some(session) = driver::session(SAMPLE) else { return };
    let mut config = options.config(Kept::default(), true, 0);
    config.session_id = String::new();
    let (mut checkout, effects) = Checkout::new(config, clock::now());
    if let Some(Effect::Send(request, _)) = effects.0.first() {
        let answer = Ok(Box::new(session));
        drop(checkout.handle(clock::now(), Event::Answered { request: *request, answer }));
    }
    debug_assert!(matches!(checkout.state(), State::Awaiting(_)), "the sample brings no code");
    if part > 1 {
        drop(look(&checkout));
    }
}

/// As the backend answers, in one line: whitespace is downloaded, too.
const SAMPLE: &str = concat!(
    r#"{"id":"","revision":0,"status":"open","amount":{"value":1,"currency":"CNY"},"#,
    r#""description":"","merchant_name":"","hosted_url":"","payment_methods":[],"#,
    r#""server_time":"2026-01-01T00:00:00Z","expires_at":"2026-01-01T00:00:01Z","payment":{"id":"","#,
    r#""payment_method":"wechat_pay","flow":"qr_code","status":"requires_action","#,
    r#""created_at":"2026-01-01T00:00:00Z","next_action":{"type":"display_qr_code","#,
    r#""data":"weixin://wxpay/bizpayurl?pr=0000000zz"}}}"#,
);
