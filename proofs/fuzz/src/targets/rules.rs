//! The backend's rules: in any order of signals, a session keeps one payment at most, and every
//! captured fen is kept or refunded. `proofs/model` explores the same rules exhaustively within
//! bounds; here there are none.

use contract::{PaymentStatus, SessionStatus};
use payments::{
    Change, Ending, Key, PaymentState, Refundable, Signal, Standing, Start, Starting, change,
    expire, insert, refundable, start,
};

use crate::input::Input;

/// A payment as the database holds it.
struct Payment {
    status: PaymentStatus,
    is_alipay: bool,
    is_handed_out: bool,
    is_captured: bool,
    is_kept: bool,
    is_due: bool,
}

struct Books {
    session: SessionStatus,
    is_time_up: bool,
    payments: Vec<Payment>,
    /// The amount of the kept payment that is refunded or being refunded, in fen.
    held: i64,
}

const PRICE: i64 = 12_800;

pub(crate) fn run(data: &[u8]) {
    let mut input = Input::new(data);
    let mut books =
        Books { session: SessionStatus::Open, is_time_up: false, payments: Vec::new(), held: 0 };
    while !input.is_empty() {
        match input.below(8) {
            0 => books.is_time_up = true,
            1 => books.start(&mut input),
            2 => books.expire(),
            3 => books.refund(&mut input),
            4 => {
                if books.session == SessionStatus::Open
                    && books.active().is_none()
                    && input.one_in(8)
                {
                    books.session = SessionStatus::Canceled;
                }
            }
            _ => books.signal(&mut input),
        }
        books.check();
    }
}

impl Books {
    fn active(&self) -> Option<&Payment> {
        self.payments.iter().find(|payment| !payment.status.is_final())
    }

    fn start(&mut self, input: &mut Input<'_>) {
        let is_alipay = input.flag();
        let state = |payment: &Payment| PaymentState::new(payment.status, payment.is_handed_out);
        let active = self.active();
        let starting = Starting {
            session: self.session,
            is_time_up: self.is_time_up,
            key: Key::New,
            is_same_method: active.is_some_and(|payment| payment.is_alipay == is_alipay),
            payment: active.map(state),
        };
        if start(starting) == Start::Make
            && insert(self.session, self.is_time_up, active.is_some()).is_ok()
        {
            assert_eq!(self.session, SessionStatus::Open, "a payment of a session that is over");
            self.payments.push(Payment {
                status: PaymentStatus::Processing,
                is_alipay,
                is_handed_out: false,
                is_captured: false,
                is_kept: false,
                is_due: false,
            });
        }
    }

    fn expire(&mut self) {
        let has_active = self.active().is_some();
        if let Some(status) = expire(self.session, has_active, self.is_time_up) {
            assert_eq!((self.session, status), (SessionStatus::Open, SessionStatus::Expired));
            self.session = status;
        }
    }

    fn signal(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.payments.len());
        let signal = input.pick(&[
            Signal::Captured,
            Signal::Captured,
            Signal::Ordered,
            Signal::Ordered,
            Signal::Pending,
            Signal::Refused,
            Signal::Unclear,
            Signal::Refunded,
            Signal::Closed(Ending::Canceled),
            Signal::Closed(Ending::Expired),
            Signal::Abandoned(Ending::Canceled),
            Signal::Abandoned(Ending::Expired),
            Signal::GivenUp(Ending::Canceled),
            Signal::GivenUp(Ending::Expired),
        ]);
        let is_paid_otherwise =
            self.payments.iter().enumerate().any(|(other, payment)| other != at && payment.is_kept);
        let Some(payment) = self.payments.get(at) else { return };
        let standing = Standing {
            payment: payment.status,
            session: self.session,
            is_handed_out: payment.is_handed_out,
            is_captured: payment.is_captured,
            is_paid_otherwise,
            is_time_up: self.is_time_up,
        };
        self.write(at, signal, change(standing, signal));
    }

    /// Writes a change as the database does.
    fn write(&mut self, at: usize, signal: Signal, change: Change) {
        if change.is_overtaking {
            for (other, payment) in self.payments.iter_mut().enumerate() {
                if other != at && !payment.status.is_final() {
                    payment.status = PaymentStatus::Canceled;
                }
            }
        }
        let Some(payment) = self.payments.get_mut(at) else { return };
        let is_news = matches!(signal, Signal::Captured | Signal::Refunded) && !payment.is_captured;
        if let Some(status) = change.payment {
            let is_won = is_news && status == PaymentStatus::Succeeded;
            assert!(!payment.status.is_final() || is_won, "{} became {status}", payment.status);
            assert!(is_won == (status == PaymentStatus::Succeeded), "won by {signal:?}");
            payment.status = status;
        }
        payment.is_handed_out |= signal == Signal::Ordered && !payment.status.is_final();
        if is_news {
            payment.is_captured = true;
            payment.is_kept = change.refund_due.is_none();
            payment.is_due = change.refund_due.is_some();
            let is_won = payment.status == PaymentStatus::Succeeded;
            assert_eq!(payment.is_kept, is_won, "captured, and neither kept nor going back");
        } else {
            assert_eq!(change.refund_due, None, "a refund without a capture");
        }
        if let Some(status) = change.session {
            assert_eq!(
                self.session,
                SessionStatus::Open,
                "a session that was over became {status}"
            );
            assert_eq!(status == SessionStatus::Complete, is_news, "{status} by {signal:?}");
            self.session = status;
        }
    }

    fn refund(&mut self, input: &mut Input<'_>) {
        let at = input.below(self.payments.len());
        let Some(payment) = self.payments.get_mut(at) else { return };
        let asked = if input.flag() { Some(input.i64()) } else { Some(i64::from(input.u16())) };
        let asked = asked.filter(|_| !input.one_in(4));
        let money = Refundable { payment: payment.status, captured: PRICE, held: self.held, asked };
        if let Ok(amount) = refundable(money) {
            assert!(payment.is_kept, "a refund of what was not kept");
            assert!(asked.is_none_or(|asked| asked == amount) && amount >= 1);
            self.held += amount;
        }
    }

    fn check(&self) {
        let kept = self.payments.iter().filter(|payment| payment.is_kept).count();
        let active = self.payments.iter().filter(|payment| !payment.status.is_final()).count();
        assert!(kept <= 1, "{kept} payments are kept");
        assert!(active <= 1, "{active} payments are active");
        assert_eq!(self.session == SessionStatus::Complete, kept == 1, "{}", self.session);
        assert!(active == 0 || self.session == SessionStatus::Open, "paying a {}", self.session);
        assert!((0..=PRICE).contains(&self.held), "{} of {PRICE} fen go back", self.held);
        for payment in &self.payments {
            assert!(!payment.is_captured || payment.is_kept != payment.is_due);
        }
    }
}
