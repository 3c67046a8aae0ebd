//! What the backend does: the steps of `merchant::service` and `merchant::reconcile`, each
//! decision by the rules.

use contract::PaymentStatus;
use payments::{
    AfterClose, AfterOrder, AfterRefusal, Checking, CloseAnswer, EndStep, Ended, Ending,
    ExpiryGrace, Key, OrderAnswer, PaymentState, Product, RefundCall, Signal, Start, Starting,
    Statement, TradeState, WorkerAction,
};

use crate::action::Mishap;
use crate::db::Payment;
use crate::gateway::{Answer, Order, Request};
use crate::place::PRODUCTS;
use crate::rules::Rules;
use crate::task::{After, Aim, Ask, At, Job, Problem, Reply, Step};
use crate::world::World;

impl World {
    /// Takes up a request: what `service` reads and decides before its first other step.
    pub fn serve(&mut self, rules: &Rules, ask: Ask) -> At {
        match ask {
            Ask::Read => self.done(),
            Ask::Start { method, place, flow, key } => {
                let product = (rules.product)(method, place.environment(), flow, PRODUCTS);
                self.serve_start(rules, product, key)
            }
            Ask::Authorized(no) => self.serve_authorized(rules, no),
            Ask::Refresh(no) => {
                let Some(payment) = self.db.payment(no) else { return self.done() };
                let (status, is_captured) = (payment.status, payment.is_captured);
                let start =
                    (rules.refresh)(self.db.session, self.is_time_up(), status, is_captured);
                self.go_on(rules, start, Aim::Order, no)
            }
            Ask::Check(no) => match self.checking(rules, no) {
                Checking::AsItIs => self.done(),
                Checking::Expire => self.expire(rules),
                Checking::Ask => call(Aim::Ask, no, Request::Query, After::Nothing),
            },
            Ask::Cancel(no) => match self.db.payment(no).map(|payment| payment.status) {
                Some(status) if (rules.is_cancelable)(status) => self.end(rules, Aim::Cancel, no),
                _ => self.done(),
            },
        }
    }

    /// Whether the request needs the session's lock.
    #[must_use]
    pub fn needs_lock(&self, rules: &Rules, ask: Ask) -> bool {
        match ask {
            Ask::Read => false,
            Ask::Check(no) => self.checking(rules, no) == Checking::Expire,
            Ask::Start { .. } | Ask::Authorized(_) | Ask::Refresh(_) | Ask::Cancel(_) => true,
        }
    }

    fn checking(&self, rules: &Rules, no: u8) -> Checking {
        let is_captured = self.db.payment(no).is_some_and(|payment| payment.is_captured);
        (rules.check)(self.db.session, self.is_time_up(), is_captured)
    }

    fn serve_start(&mut self, rules: &Rules, product: Option<Product>, key: u8) -> At {
        let made = self.db.of_key(key);
        let active = self.db.active();
        let is_same_method =
            active.and_then(|no| self.db.payment(no)).is_some_and(|it| Some(it.product) == product);
        let starting = Starting {
            session: self.db.session,
            is_time_up: self.is_time_up(),
            key: made.and_then(|no| self.under(no)).map_or(Key::New, Key::Made),
            active: active.and_then(|no| self.under(no)),
            is_same_method,
        };
        let start = (rules.start)(starting);
        let no = made.or(active).unwrap_or(0);
        if let (Start::Refuse(_), _) | (_, Some(_)) = (start, made) {
            return self.go_on(rules, start, Aim::Order, no);
        }
        // What cannot be started at all must not close what is there.
        let Some(product) = product else { return failed(Problem::FlowUnavailable) };
        if matches!(start, Start::AsItIs | Start::OrderAgain) {
            self.db.keys.push((key, no));
        }
        let aim = match start {
            Start::OrderAgain => Aim::Order,
            _ => Aim::Start { product, key },
        };
        self.go_on(rules, start, aim, no)
    }

    /// `service::authorized`: learns who pays, and orders for them.
    fn serve_authorized(&mut self, rules: &Rules, no: u8) -> At {
        let Some(payment) = self.db.payment(no).copied() else { return self.done() };
        let is_time_up = self.is_time_up();
        let start =
            (rules.refresh)(self.db.session, is_time_up, payment.status, payment.is_captured);
        if start == Start::OrderAgain && payment.has_code && !rules.orders_once {
            return self.order_beside(payment);
        }
        if start != Start::OrderAgain || payment.has_code {
            return self.done();
        }
        if let Some(payment) = self.db.payments.get_mut(usize::from(no)) {
            payment.has_payer = true;
        }
        call(Aim::Order, no, Request::Order, After::Nothing)
    }

    /// What the broken backend does that orders for every word of who pays.
    fn order_beside(&mut self, payment: Payment) -> At {
        let no = u8::try_from(self.db.payments.len()).unwrap_or(u8::MAX);
        self.db.payments.push(Payment { has_code: false, asks_payer: false, ..payment });
        self.orders.push(Order::new(payment.product));
        call(Aim::Order, no, Request::Order, After::Nothing)
    }

    fn under(&self, no: u8) -> Option<PaymentState> {
        let payment = self.db.payment(no)?;
        Some(PaymentState { status: payment.status, is_handed_out: payment.has_code })
    }

    fn go_on(&mut self, rules: &Rules, start: Start, aim: Aim, no: u8) -> At {
        match start {
            Start::AsItIs => self.done(),
            Start::OrderAgain => call(aim, no, Request::Order, After::Nothing),
            Start::CloseFirst => self.end(rules, aim, no),
            Start::Make => running(aim, no, Step::Insert),
            Start::Refuse(refusal) => failed(Problem::Refused(refusal)),
        }
    }

    /// Begins to end a payment.
    fn end(&self, rules: &Rules, aim: Aim, no: u8) -> At {
        let has_code = self.db.payment(no).is_some_and(|payment| payment.has_code);
        match (rules.end)(has_code, aim.ending()) {
            EndStep::Write(signal) => running(aim, no, Step::Write(signal)),
            EndStep::Close => call(aim, no, Request::Close, After::Nothing),
        }
    }

    /// Begins to expire the session.
    fn expire(&self, rules: &Rules) -> At {
        match self.db.active() {
            Some(no) => self.end(rules, Aim::Expire, no),
            None => running(Aim::Expire, 0, Step::ExpireIdle),
        }
    }

    /// The worker turns to a payment that is due.
    #[must_use]
    pub fn attend(&self, rules: &Rules, no: u8) -> Option<At> {
        let payment = self.db.payment(no)?;
        let duty = (rules.attend)(payment.status, self.is_time_up(), payment.is_close_wanted);
        Some(match duty {
            WorkerAction::Expire => self.expire(rules),
            WorkerAction::Close => call(Aim::Close, no, Request::Close, After::Nothing),
            WorkerAction::Ask => call(Aim::Ask, no, Request::Query, After::Nothing),
        })
    }

    /// The worker turns to a refund that is due.
    pub fn give_back(&mut self, rules: &Rules, no: u8) -> Option<At> {
        let first = self.db.refund_tried(rules, no, None)?;
        Some(call(Aim::Refund, no, Request::Refund(first), After::Refund(first)))
    }

    /// Goes on with a task until something else could make a difference.
    ///
    /// A decision and the gateway call that follows from it are one step: the call does not
    /// look at the database, and nothing that others do meanwhile changes the decision. So are
    /// a query and the writing of what it says: "nobody has paid" changes nothing, whenever it
    /// is written, and what else a query says stays true. The answer `false` says that there
    /// was no call for `mishap` to befall.
    pub fn run_on(&mut self, rules: &Rules, at: &mut At, mishap: Option<Mishap>) -> bool {
        let mut left = mishap;
        while let At::Running(job) = *at {
            let Step::Call(request, after) = job.step else { break };
            let Some(answer) = self.call(job.no, request, left.take()) else { return false };
            let job = Job { step: Step::Heard(answer, after), ..job };
            *at = At::Running(job);
            if request != Request::Query {
                break;
            }
            *at = self.step(rules, job);
        }
        left.is_none()
    }

    /// Calls a gateway; none if the mishap cannot befall this call.
    fn call(&mut self, no: u8, request: Request, mishap: Option<Mishap>) -> Option<Answer> {
        let is_query = matches!(request, Request::Query | Request::Refund(RefundCall::Query));
        let is_for_nobody = self.db.payment(no).is_some_and(Payment::is_payer_wanted);
        if is_for_nobody && request == Request::Order {
            // No gateway is called: the shopper is asked who pays first.
            return mishap.is_none().then_some(Answer::Order(OrderAnswer::Taken));
        }
        let order = self.orders.get_mut(usize::from(no))?;
        match mishap {
            None => Some(order.carry_out(request)),
            Some(Mishap::Lost) => Some(request.unanswered()),
            Some(Mishap::Overtaken) => None,
            Some(Mishap::Refused) => {
                (request == Request::Order).then_some(Answer::Order(OrderAnswer::Refused))
            }
            // A question that is not answered, or not in time, has done nothing.
            Some(_) if is_query => None,
            Some(Mishap::Unheard) => {
                order.carry_out(request);
                Some(request.unanswered())
            }
            Some(Mishap::Late) => {
                if !self.late.contains(&(no, request)) {
                    self.late.push((no, request));
                }
                Some(request.unanswered())
            }
        }
    }

    /// Takes the next step of a task.
    pub fn step(&mut self, rules: &Rules, job: Job) -> At {
        match job.step {
            Step::Insert => self.insert(rules, job),
            // `run_on` makes the call.
            Step::Call(..) => At::Running(job),
            Step::Heard(answer, after) => self.hear(rules, job, answer, after),
            Step::Write(signal) => {
                self.apply(rules, job.no, signal);
                match (job.aim, signal) {
                    (Aim::Expire, Signal::Unclear) => failed(Problem::GatewayUnavailable),
                    (Aim::Expire | Aim::Start { .. } | Aim::Cancel, _) => {
                        self.ended(rules, job, (rules.ended)(self.db.session))
                    }
                    (Aim::Order | Aim::Ask | Aim::Close | Aim::Refund, _) => self.done(),
                }
            }
            Step::ExpireIdle => {
                self.db.expire_idle(rules, self.is_time_up());
                self.done()
            }
        }
    }

    fn insert(&mut self, rules: &Rules, job: Job) -> At {
        let Aim::Start { product, key } = job.aim else { return self.done() };
        match self.db.start(rules, product, key, self.is_time_up()) {
            Ok(no) => {
                self.orders.push(Order::new(product));
                call(Aim::Order, no, Request::Order, After::Nothing)
            }
            Err(refusal) => failed(Problem::Refused(refusal)),
        }
    }

    fn hear(&mut self, rules: &Rules, job: Job, answer: Answer, after: After) -> At {
        match (answer, after) {
            (Answer::Order(answer), _) => match (rules.order)(answer) {
                AfterOrder::HandOut => {
                    self.apply(rules, job.no, Signal::Ordered);
                    self.done()
                }
                AfterOrder::Leave => failed(Problem::GatewayUnavailable),
                AfterOrder::Query => call(job.aim, job.no, Request::Query, After::Refused),
            },
            (Answer::Close(close), _) => {
                let is_query_needed = match job.aim {
                    Aim::Close => close == CloseAnswer::Failed,
                    _ => (rules.is_query_needed)(close),
                };
                if is_query_needed {
                    call(job.aim, job.no, Request::Query, After::Close(close))
                } else {
                    self.closed(rules, job, close, None)
                }
            }
            (Answer::Trade(state), after) => {
                let state = state.filter(|state| self.judge(rules, job, *state));
                self.queried(rules, job, state, after)
            }
            (Answer::Refund(signal), After::Refund(call_made)) => {
                match self.db.refund_tried(rules, job.no, Some((call_made, signal))) {
                    Some(next) => call(job.aim, job.no, Request::Refund(next), After::Refund(next)),
                    None => self.done(),
                }
            }
            (Answer::Refund(_), _) => self.done(),
        }
    }

    /// Judges what a query said and writes its effect; `false` if it cannot be used.
    fn judge(&mut self, rules: &Rules, job: Job, state: TradeState) -> bool {
        let if_closed = match job.aim {
            Aim::Ask => (rules.found_closed)(self.is_time_up()),
            aim => aim.ending(),
        };
        let signal = (rules.judge)(Statement::matching(state), if_closed);
        if let Ok(signal) = signal {
            self.apply(rules, job.no, signal);
        }
        signal.is_ok()
    }

    fn queried(&mut self, rules: &Rules, job: Job, state: Option<TradeState>, after: After) -> At {
        match after {
            After::Close(close) => self.closed(rules, job, close, state),
            After::Refused => {
                let payment = self.db.payment(job.no);
                let has_ended = payment.is_some_and(|payment| payment.status.is_final());
                let has_code = payment.is_some_and(|payment| payment.has_code);
                match (rules.after_refusal)(state, has_ended, has_code) {
                    AfterRefusal::AsItIs => self.done(),
                    AfterRefusal::KeepCode => failed(Problem::GatewayRejected),
                    AfterRefusal::Write(signal) => running(job.aim, job.no, Step::Write(signal)),
                }
            }
            After::Nothing | After::Refund(_) if state.is_some() => self.done(),
            After::Nothing | After::Refund(_) => failed(Problem::GatewayUnavailable),
        }
    }

    fn closed(
        &mut self,
        rules: &Rules,
        job: Job,
        close: CloseAnswer,
        state: Option<TradeState>,
    ) -> At {
        if job.aim == Aim::Close {
            return match (rules.after_worker_close)(close, state, false) {
                Some(signal) => running(job.aim, job.no, Step::Write(signal)),
                None => self.done(),
            };
        }
        match (rules.after_close)(close, state, self.db.session, job.aim.ending()) {
            AfterClose::Paid => self.ended(rules, job, Ended::Paid),
            AfterClose::Write(signal) => running(job.aim, job.no, Step::Write(signal)),
            AfterClose::StillOpen => self.ended(rules, job, Ended::StillOpen),
        }
    }

    /// What a task does once it is known what has become of the payment that was to end.
    fn ended(&mut self, rules: &Rules, job: Job, ended: Ended) -> At {
        match job.aim {
            Aim::Start { .. } => {
                let start = (rules.after_closing)(ended);
                self.go_on(rules, start, job.aim, job.no)
            }
            Aim::Expire if ended == Ended::StillOpen => {
                let signal = match (rules.expiry_grace)(self.phase.late_ms()) {
                    ExpiryGrace::Wait => Signal::Unclear,
                    ExpiryGrace::GiveUp => Signal::GivenUp(Ending::Expired),
                };
                running(job.aim, job.no, Step::Write(signal))
            }
            Aim::Expire => running(job.aim, job.no, Step::ExpireIdle),
            _ if ended == Ended::StillOpen => {
                failed(Problem::Refused(payments::Refusal::StillOpen))
            }
            _ => self.done(),
        }
    }

    /// A verified notification arrives. It takes no lock and may be repeated.
    pub fn notified(&mut self, rules: &Rules, no: u8, state: TradeState) {
        let if_closed = (rules.found_closed)(self.is_time_up());
        if let Ok(signal) = (rules.judge)(Statement::matching(state), if_closed) {
            self.apply(rules, no, signal);
        }
    }

    fn apply(&mut self, rules: &Rules, no: u8, signal: Signal) {
        let is_time_up = self.is_time_up();
        self.db.apply(rules, no, signal, is_time_up);
    }

    fn done(&self) -> At {
        At::Answered(Reply::Session(self.document()))
    }

    /// Whether the worker has a payment to attend to: see `merchant::schedule`.
    #[must_use]
    pub fn is_due(&self, no: u8) -> bool {
        self.db.payment(no).is_some_and(|payment| !payment.is_settled)
    }

    /// Whether the code of a payment is what its shopper should see.
    #[must_use]
    pub fn is_waiting(&self, no: u8) -> bool {
        let status = self.db.payment(no).map(|payment| payment.status);
        status == Some(PaymentStatus::RequiresAction)
    }
}

const fn call(aim: Aim, no: u8, request: Request, after: After) -> At {
    running(aim, no, Step::Call(request, after))
}

const fn running(aim: Aim, no: u8, step: Step) -> At {
    At::Running(Job { aim, no, step })
}

const fn failed(problem: Problem) -> At {
    At::Answered(Reply::Failed(problem))
}
