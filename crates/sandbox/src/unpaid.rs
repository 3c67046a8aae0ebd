//! Notifications about trades that nobody has paid: opened, or closed (gateways.md B9). Alipay
//! sends them to applications with that setting, which two fault switches emulate.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use time::OffsetDateTime;

use crate::book::UnpaidEvent;
use crate::event::{self, About, Event};
use crate::notify::spawn;
use crate::state::Shared;
use crate::wallet::Wallet;

/// Around every call: sends the events of unpaid trades that the call caused, before its answer.
pub(crate) async fn notify_after(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let response = next.run(request).await;
    notify(&shared);
    response
}

/// Sends the events of unpaid trades that the switches want, and drops the others. Returns at once.
pub(crate) fn notify(shared: &Arc<Shared>) {
    let events = shared.book().alipay.take_unpaid_events();
    if events.is_empty() {
        return;
    }
    let (waiting, closed) = {
        let faults = shared.faults();
        (faults.alipay_tells_waiting, faults.alipay_tells_closed)
    };
    for UnpaidEvent { out_trade_no, notify_url, about, expires_at } in events {
        if closed && matches!(about, About::Opened) {
            follow(shared, expires_at);
        }
        let is_wanted = if matches!(about, About::Opened) { waiting } else { closed };
        if is_wanted {
            let id = event::alipay_id(shared.clock.now());
            let event = Event { wallet: Wallet::Alipay, out_trade_no, about, notify_url, id };
            spawn(shared, event);
        }
    }
}

/// Sends the event of a trade's time-out at that time, without a call.
fn follow(shared: &Arc<Shared>, due: OffsetDateTime) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let mut stopped = shared.notifier.stopped();
        tokio::select! {
            () = shared.clock.reach(due) => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let now = shared.clock.now();
        shared.book().alipay.settle(now);
        notify(&shared);
    });
}
