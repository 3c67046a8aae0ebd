//! The rehearsal: what an answer with a code brings, gone through once for nobody to see.
//!
//! Browsers compile a function of Wasm when it is called for the first time, which takes a slow
//! phone longer than the function itself. That is done while the shopper chooses a wallet, so that
//! the code is there sooner when "pay" was pressed.

use core::sync::atomic::{AtomicBool, Ordering};

use checkout::{Checkout, Effect, Event, State};
use yew::Html;

use crate::driver::{self, clock};
use crate::options::{Kept, Options};
use crate::view::{self, Drawing};

/// Once is enough for all checkouts on a page.
static IS_DONE: AtomicBool = AtomicBool::new(false);

/// Whether nothing has been rehearsed yet, nor drawn in earnest.
pub(crate) fn is_due() -> bool {
    !IS_DONE.load(Ordering::Relaxed)
}

/// There is nothing left to rehearse.
pub(crate) fn done() {
    IS_DONE.store(true, Ordering::Relaxed);
}

/// Reads a sample of an answer, takes it to a machine of its own, and draws what that shows with
/// `look`. Neither what the machine wants nor what is drawn goes anywhere.
pub(crate) fn hold(options: &Options, look: impl FnOnce(&Checkout, Option<&Drawing>) -> Html) {
    done();
    let Some(session) = driver::session(SAMPLE) else { return };
    let mut config = options.config(Kept::default(), true, 0);
    config.session_id = String::new();
    let (mut checkout, effects) = Checkout::new(config, clock::now());
    if let Some(Effect::Send(request, _)) = effects.0.first() {
        let answer = Ok(Box::new(session));
        drop(checkout.handle(clock::now(), Event::Answered { request: *request, answer }));
    }
    debug_assert!(matches!(checkout.state(), State::Awaiting(_)), "the sample brings no code");
    let drawing = view::draw("weixin://wxpay/bizpayurl?pr=0000000zz");
    drop(look(&checkout, drawing.as_ref()));
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
