//! The properties of every state that can be reached.

use checkout::{Deadline, State};
use contract::{RefundStatus, SessionStatus};
use stateright::Property;

use crate::Shop;
use crate::db::{Payment, Session};
use crate::gateway::{Amount, Share, Standing};
use crate::settle::settle;
use crate::tab::{Line, Tab};
use crate::world::{Left, Phase, World};

/// Name of the property: at most one payment of an order is kept.
pub const KEPT: &str = "at most one payment is kept";
/// Name of the property: captured money is kept or refunded.
pub const DUE: &str = "a captured payment is kept or goes back";
/// Name of the property: kept money was captured.
pub const CAPTURED: &str = "a payment is kept only if a gateway captured it";
/// Name of the property: an order has one open or complete session.
pub const ONE_SESSION: &str = "an order has one session at most that is open or complete";
/// Name of the property: one payment is active at a time.
pub const ACTIVE: &str = "at most one payment is active";
/// Name of the property: no screen is a dead end.
pub const WAY_ON: &str = "the widget has a way on";
/// Name of the property: the widget obeys a refusal of the page.
pub const OBEYS: &str = "a refused or destroyed widget does nothing";
/// Name of the property: every payment that can still be paid is queried.
pub const WATCHED: &str = "the backend watches whatever may still be paid";
/// Name of the property: every state settles without faults.
pub const SETTLES: &str = "when faults stop, the session settles";

/// Returns all properties: those that must always hold, and situations that must be reached,
/// because otherwise the others could hold only for want of actions.
#[must_use]
pub(crate) fn all(left: Left) -> Vec<Property<Shop>> {
    let mut all = always();
    all.extend(seen());
    if left.consoles > 0 {
        all.extend(seen_of_consoles());
    }
    all
}

fn always() -> Vec<Property<Shop>> {
    vec![
        Property::always(KEPT, |_, world: &World| kept(world) <= 1),
        Property::always(DUE, |_, world: &World| {
            let is_right = |payment: &Payment| {
                payment.is_captured == (payment.is_kept() != payment.refund.is_some())
            };
            world.db.payments.iter().all(is_right)
        }),
        Property::always(ACTIVE, |_, world: &World| {
            world.db.payments.iter().filter(|payment| payment.is_active()).count() <= 1
        }),
        Property::always(ONE_SESSION, |_, world: &World| {
            let is_live = |session: &&Session| {
                matches!(session.status, SessionStatus::Open | SessionStatus::Complete)
            };
            world.db.sessions.iter().filter(is_live).count() <= 1
        }),
        Property::always(CAPTURED, |_, world: &World| {
            let mut pairs = world.db.payments.iter().zip(&world.orders);
            pairs.all(|(payment, order)| !payment.is_kept() || order.was_captured())
        }),
        Property::always("a kept payment is never refunded", |_, world: &World| {
            let mut pairs = world.db.payments.iter().zip(&world.orders);
            pairs.all(|(payment, order)| !payment.is_kept() || order.returned.is_none())
        }),
        Property::always("what staff refund is recorded as it was", |_, world: &World| {
            let mut pairs = world.db.payments.iter().zip(&world.orders);
            pairs.all(|(payment, order)| {
                payment.elsewhere == Share::Nothing
                    || payment.is_captured && payment.elsewhere == order.console
            })
        }),
        Property::always(
            "what is refunded was captured and is written down",
            |_, world: &World| {
                let mut pairs = world.db.payments.iter().zip(&world.orders);
                pairs.all(|(payment, order)| {
                    let has_gone_back = order.returned.is_some();
                    let is_done =
                        payment.refund.is_some_and(|it| it.status == RefundStatus::Succeeded);
                    (!has_gone_back || payment.refund.is_some()) && (!is_done || has_gone_back)
                })
            },
        ),
        Property::always(
            "a session is complete exactly when a payment of it is kept",
            |_, world: &World| {
                let mut numbered = (0..).zip(&world.db.sessions);
                numbered.all(|(no, session)| {
                    let own = world.db.payments.iter().filter(|payment| payment.session == no);
                    let kept = own.filter(|payment| payment.is_kept()).count();
                    (session.status == SessionStatus::Complete) == (kept == 1)
                })
            },
        ),
        Property::always("a screen shows an end only if it is true", |_, world: &World| {
            world.tabs.iter().all(|tab| match tab.state() {
                State::Succeeded => world.db.status(tab.session) == SessionStatus::Complete,
                State::Expired => world.db.status(tab.session) == SessionStatus::Expired,
                State::Canceled { session_over: true } => {
                    world.db.status(tab.session) == SessionStatus::Canceled
                }
                _ => true,
            })
        }),
        Property::always("no screen takes the session for broken", |_, world: &World| {
            world.tabs.iter().all(|tab| match tab.state() {
                State::Unavailable { fault } => fault.retryable,
                _ => true,
            })
        }),
        Property::always(OBEYS, |_, world: &World| !world.tabs.iter().any(|tab| tab.has_disobeyed)),
        Property::always(WAY_ON, |_, world: &World| {
            world.tabs.iter().zip(&world.lines).all(|(tab, line)| has_way_on(tab, *line))
        }),
        Property::always(WATCHED, |_, world: &World| {
            let mut numbered = world.orders.iter().zip(&world.db.payments);
            numbered.all(|(order, payment)| {
                let may_take_money =
                    order.next_by_wallet().is_some() || order.standing == Standing::Captured;
                !may_take_money || payment.is_captured || !payment.is_settled
            })
        }),
        Property::always(SETTLES, |shop: &Shop, world: &World| {
            settle(&shop.bounds, &shop.settled, world).is_ok()
        }),
    ]
}

fn seen() -> Vec<Property<Shop>> {
    vec![
        Property::sometimes("a screen shows paid", |_, world: &World| {
            world.tabs.iter().any(|tab| *tab.state() == State::Succeeded)
        }),
        Property::sometimes("a second payment has gone back", |_, world: &World| {
            kept(world) == 1 && world.orders.iter().any(|it| it.returned.is_some())
        }),
        Property::sometimes("a late payment has gone back", |_, world: &World| {
            world.db.sessions.iter().any(|it| it.status == SessionStatus::Expired)
                && world.orders.iter().any(|it| it.returned.is_some())
        }),
        Property::sometimes("a payment in the last second is kept", |_, world: &World| {
            world.phase > Phase::Open && kept(world) == 1
        }),
    ]
}

fn seen_of_consoles() -> Vec<Property<Shop>> {
    vec![
        Property::sometimes(
            "the rest goes back after staff refunded a part",
            |_, world: &World| {
                world.orders.iter().any(|order| order.returned == Some(Amount::Rest))
            },
        ),
        Property::sometimes("staff refund whole what was not captured yet", |_, world: &World| {
            let mut pairs = world.db.payments.iter().zip(&world.orders);
            pairs.any(|(payment, order)| !payment.is_captured && order.console == Share::Whole)
        }),
    ]
}

fn kept(world: &World) -> usize {
    world.db.payments.iter().filter(|payment| payment.is_kept()).count()
}

/// True if the screen offers an action, or an answer, event or deadline is still to come. A screen
/// that waits for money must also be able to receive its status.
fn has_way_on(tab: &Tab, line: Line) -> bool {
    let is_awaited = tab.checkout.awaited().is_some();
    let will_ask = !tab.has_stopped
        && [Deadline::Again, Deadline::Reopen, Deadline::Silence]
            .into_iter()
            .any(|deadline| tab.checkout.is_set(deadline));
    let is_current = line != Line::Closed;
    if tab.away.is_some() || !tab.checkout.is_visible() {
        // A hidden page sends nothing; it reads the session when it is shown.
        return true;
    }
    match tab.state() {
        State::Loading | State::Starting(_) | State::Closing(_) => {
            is_awaited || (!tab.has_stopped && tab.checkout.is_set(Deadline::Again))
        }
        State::Awaiting(_) | State::Confirming(_) => is_awaited || will_ask || is_current,
        State::Selecting(_)
        | State::Guiding(_)
        | State::Succeeded
        | State::Failed { .. }
        | State::Expired
        | State::Canceled { .. }
        | State::Unavailable { .. } => true,
    }
}
