//! Opens a session of an order: at most one kept payment an order.

use super::Refusal;

/// The stored state of an order when a session of it is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct OrderState {
    /// True if a session of the order is complete.
    pub is_paid: bool,
    /// The open session of the order; there is at most one.
    pub open: Option<OpenSession>,
}

/// An open session of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OpenSession {
    /// True if it has the requested amount.
    pub is_same_amount: bool,
    /// True if its client secret can be returned; it is lost with the signing key that made it.
    pub is_secret_known: bool,
    /// Milliseconds until the session expires.
    pub left_ms: i64,
}

/// The effect of a request to open a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Open {
    /// Opens a session.
    Make,
    /// Opens nothing: the open session is the answer.
    Return,
    /// First ends the open session ([`Request::Replace`](super::Request::Replace)), then decides
    /// again.
    Replace,
    /// Opens nothing: the request is refused.
    Refuse(Refusal),
}

/// Decides what a request to open a session of an order does.
#[must_use]
pub const fn open(order: OrderState) -> Open {
    match order {
        OrderState { is_paid: true, .. } => Open::Refuse(Refusal::OrderPaid),
        OrderState { open: None, .. } => Open::Make,
        OrderState { open: Some(open), .. } => {
            // A session that is about to expire would leave the shopper no time to pay.
            if open.is_same_amount && open.is_secret_known && open.left_ms >= MIN_LEFT_MS {
                Open::Return
            } else {
                Open::Replace
            }
        }
    }
}

/// Shortest remaining time of an open session that is returned.
const MIN_LEFT_MS: i64 = 60_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m4_an_order_has_one_open_session_and_is_sold_once() {
        let open_session = |is_same_amount, left_ms| OrderState {
            is_paid: false,
            open: Some(OpenSession { is_same_amount, is_secret_known: true, left_ms }),
        };
        for (order, expected) in [
            (OrderState::default(), Open::Make),
            (open_session(true, 1_800_000), Open::Return),
            (open_session(false, 1_800_000), Open::Replace),
            (open_session(true, 59_999), Open::Replace),
            (open_session(true, -5), Open::Replace),
            (
                OrderState {
                    is_paid: false,
                    open: Some(OpenSession {
                        is_same_amount: true,
                        is_secret_known: false,
                        left_ms: 1_800_000,
                    }),
                },
                Open::Replace,
            ),
            (
                OrderState { is_paid: true, ..open_session(true, 1_800_000) },
                Open::Refuse(Refusal::OrderPaid),
            ),
        ] {
            assert_eq!(open(order), expected, "{order:?}");
        }
    }
}
