//! The modelled backend: executes the real procedures over the modelled database and gateways.

use contract::PaymentStatus;
use payments::{
    Answer, Key, Open, OrderAnswer, PaymentState, Product, RefundCall, Refusal, Request as Wanted,
    Signal, Situation, Statement, Step, TradeState,
};

use crate::action::CallFault;
use crate::browser::PRODUCTS;
use crate::db::Payment;
use crate::gateway::{Amount, Order, Request, Share};
use crate::rules::Rules;
use crate::task::{Ask, At, Draft, Job, Pending, Problem, Reply};
use crate::world::World;

impl World {
    /// Starts to serve a request: reads the stored state, and begins the procedure.
    pub fn serve(&mut self, rules: &Rules, session: u8, ask: Ask) -> At {
        match ask {
            Ask::Read => self.done(session),
            Ask::Start { method, browser, flow, key } => {
                let product = (rules.product)(method, browser.environment(), flow, PRODUCTS);
                self.serve_start(rules, session, product, key)
            }
            Ask::Authorized(no) => self.serve_authorized(rules, no),
            Ask::Refresh(no) => self.begin(rules, session, Wanted::Refresh, Some(no), None),
            Ask::Check(no) => {
                let active = self.db.active(session);
                // After the session's end the query is for the active payment, and expires the
                // session.
                let no = if self.is_time_up(session) { active.unwrap_or(no) } else { no };
                self.begin(rules, session, Wanted::Check, Some(no), None)
            }
            Ask::Cancel(no) => self.begin(rules, session, Wanted::Cancel, Some(no), None),
            Ask::Open => self.serve_open(rules),
        }
    }

    /// Opens another session of the order, or first ends the one that is open.
    fn serve_open(&mut self, rules: &Rules) -> At {
        match (self.db.decide_open(rules), self.db.open_session()) {
            (Open::Refuse(refusal), _) => failed(refusal),
            (Open::Return, Some(open)) => At::Answered(Reply::Opened(open)),
            (Open::Replace, Some(open)) => {
                let active = self.db.active(open);
                self.begin(rules, open, Wanted::Replace, active, None)
            }
            (Open::Make | Open::Return | Open::Replace, _) => {
                At::Answered(Reply::Opened(self.db.insert_session()))
            }
        }
    }

    /// True if the request needs the session's lock.
    #[must_use]
    pub fn needs_lock(&self, rules: &Rules, session: u8, ask: Ask) -> bool {
        match ask {
            Ask::Read => false,
            Ask::Check(no) => {
                let at = self.situation(session, Some(no));
                (rules.begin)(Wanted::Check, at).procedure.needs_lock()
            }
            Ask::Open => self.db.decide_open(rules) == Open::Replace,
            Ask::Start { .. } | Ask::Authorized(_) | Ask::Refresh(_) | Ask::Cancel(_) => true,
        }
    }

    /// The session and a payment, as stored.
    fn situation(&self, session: u8, no: Option<u8>) -> Situation {
        let payment = no.and_then(|no| self.db.payment(no)).map(|payment| PaymentState {
            is_captured: payment.is_captured,
            is_close_wanted: payment.is_close_wanted,
            ..PaymentState::new(payment.status, payment.has_code)
        });
        Situation {
            session: self.db.status(session),
            is_time_up: self.is_time_up(session),
            late_ms: self.phase.late_ms(),
            payment,
        }
    }

    fn begin(
        &mut self,
        rules: &Rules,
        session: u8,
        wanted: Wanted,
        no: Option<u8>,
        draft: Option<Draft>,
    ) -> At {
        let progress = (rules.begin)(wanted, self.situation(session, no));
        let is_refund = matches!(wanted, Wanted::Refund { .. });
        let pending = Pending::Do(progress.step);
        let procedure = progress.procedure;
        self.take(rules, Job { session, procedure, no, draft, is_refund, pending })
    }

    fn serve_start(&mut self, rules: &Rules, session: u8, product: Option<Product>, key: u8) -> At {
        let made = self.db.of_key(key);
        let no = made.or_else(|| self.db.active(session));
        let is_same_method =
            no.and_then(|no| self.db.payment(no)).is_some_and(|it| Some(it.product) == product);
        let wanted = Wanted::Start {
            key: if made.is_some() { Key::Made } else { Key::New },
            is_same_method,
        };
        let draft = product.map(|product| Draft { product, key });
        let progress = (rules.begin)(wanted, self.situation(session, no));
        // A start that is impossible must not close the existing payment.
        let is_refused = matches!(progress.step, Step::Refuse(_));
        if draft.is_none() && made.is_none() && !is_refused {
            return At::Answered(Reply::Failed(Problem::FlowUnavailable));
        }
        self.begin(rules, session, wanted, no, draft)
    }

    fn serve_authorized(&mut self, rules: &Rules, no: u8) -> At {
        let session = self.db.session_of(no);
        let Some(payment) = self.db.payment(no).copied() else { return self.done(session) };
        if payment.has_code && payment.is_active() && !rules.orders_once {
            return self.order_beside(rules, payment);
        }
        self.begin(rules, session, Wanted::Authorize, Some(no), None)
    }

    /// Broken variant: the backend makes another order for every sign-in.
    fn order_beside(&mut self, rules: &Rules, payment: Payment) -> At {
        let no = u8::try_from(self.db.payments.len()).unwrap_or(u8::MAX);
        self.db.payments.push(Payment { has_code: false, asks_payer: false, ..payment });
        self.orders.push(Order::new(payment.product));
        self.begin(rules, payment.session, Wanted::Refresh, Some(no), None)
    }

    /// Begins the worker's due work for a payment.
    pub fn attend(&mut self, rules: &Rules, no: u8) -> Option<At> {
        let session = self.db.payment(no)?.session;
        Some(self.begin(rules, session, Wanted::Attend, Some(no), None))
    }

    /// Begins the worker's try of a due refund.
    pub fn give_back(&mut self, rules: &Rules, no: u8) -> Option<At> {
        let tries = self.db.begin_refund(no)?;
        let session = self.db.session_of(no);
        Some(self.begin(rules, session, Wanted::Refund { tries }, Some(no), None))
    }

    /// Continues a task until another action could affect it. Returns `false` if there was no call
    /// that `fault` applies to.
    ///
    /// A decision and its gateway call are one step: the call does not read the database, and no
    /// other action changes the decision meanwhile. A query and the write of its result are one
    /// step, too: an unpaid result changes nothing, whenever it is written, and any other result
    /// stays true.
    pub fn run_on(&mut self, rules: &Rules, at: &mut At, fault: Option<CallFault>) -> bool {
        let mut left = fault;
        while let At::Running(job) = *at {
            let Pending::Do(step) = job.pending else { break };
            let Some(request) = Request::of(step, self.refund_amount(job.no)) else { break };
            let Some(answer) = self.call(job.no, request, left.take()) else { return false };
            let job = Job { pending: Pending::Heard(step, answer), ..job };
            *at = At::Running(job);
            if request != Request::Query {
                break;
            }
            *at = self.step(rules, job);
        }
        left.is_none()
    }

    /// The amount of a payment's refund, if it has one.
    fn refund_amount(&self, no: Option<u8>) -> Amount {
        let payment = no.and_then(|no| self.db.payment(no));
        payment.and_then(|payment| payment.refund).map_or(Amount::Whole, |refund| refund.amount)
    }

    /// Calls a gateway; `None` if the fault does not apply to this call.
    fn call(
        &mut self,
        no: Option<u8>,
        request: Request,
        fault: Option<CallFault>,
    ) -> Option<Answer> {
        let no = no?;
        let is_query = matches!(request, Request::Query | Request::Refund(RefundCall::Query, _));
        let is_for_nobody = self.db.payment(no).is_some_and(Payment::is_payer_wanted);
        if is_for_nobody && request == Request::Order {
            // No gateway is called: the shopper is sent to the wallet first, which identifies the
            // payer.
            return fault.is_none().then_some(Answer::Order(OrderAnswer::Taken));
        }
        let order = self.orders.get_mut(usize::from(no))?;
        match fault {
            None => Some(order.carry_out(request)),
            Some(CallFault::Lost) => Some(request.unanswered()),
            Some(CallFault::Overtaken) => None,
            Some(CallFault::Refused) => {
                (request == Request::Order).then_some(Answer::Order(OrderAnswer::Refused))
            }
            // A query that is not answered, or not in time, has no effect.
            Some(_) if is_query => None,
            Some(CallFault::Unheard) => {
                order.carry_out(request);
                Some(request.unanswered())
            }
            Some(CallFault::Late) => {
                if !self.late.contains(&(no, request)) {
                    self.late.push((no, request));
                }
                Some(request.unanswered())
            }
        }
    }

    /// Executes the pending step of a task, and determines the next one.
    pub fn step(&mut self, rules: &Rules, job: Job) -> At {
        let (job, answer) = match job.pending {
            Pending::Do(Step::Insert) => {
                let (no, inserted) = self.insert(rules, job.session, job.draft);
                (Job { no: no.or(job.no), ..job }, Answer::Inserted(inserted))
            }
            Pending::Do(Step::Write(signal)) => {
                self.apply(rules, job.no, signal);
                (job, Answer::Written)
            }
            Pending::Do(Step::ExpireSession) => {
                self.db.expire_idle(rules, job.session, self.is_time_up(job.session));
                (job, Answer::Written)
            }
            Pending::Do(Step::CancelSession) => {
                self.db.cancel_idle(job.session);
                (job, Answer::Written)
            }
            // `run_on` executes the calls, and `take` the other steps.
            Pending::Do(_) => return At::Running(job),
            Pending::Heard(Step::Query { if_closed }, Answer::Trade(state)) => {
                let is_usable = |state: &TradeState| {
                    (rules.judge)(Statement::matching(*state), if_closed).is_ok()
                };
                let state = state.filter(is_usable);
                if let Some(state) = state
                    && let Ok(signal) = (rules.judge)(Statement::matching(state), if_closed)
                {
                    self.apply(rules, job.no, signal);
                }
                (job, Answer::Trade(state))
            }
            Pending::Heard(_, answer) => (job, answer),
        };
        self.proceed(rules, job, answer)
    }

    fn proceed(&mut self, rules: &Rules, job: Job, answer: Answer) -> At {
        let progress = (rules.next)(job.procedure, answer, self.situation(job.session, job.no));
        let pending = Pending::Do(progress.step);
        self.take(rules, Job { procedure: progress.procedure, pending, ..job })
    }

    /// Takes the next step. Steps that belong to the same transaction are executed at once.
    fn take(&mut self, rules: &Rules, job: Job) -> At {
        match job.pending {
            Pending::Do(Step::Done) => self.done(job.session),
            Pending::Do(Step::Refuse(refusal)) => failed(refusal),
            Pending::Do(Step::Write(Signal::Ordered)) => {
                self.apply(rules, job.no, Signal::Ordered);
                self.proceed(rules, job, Answer::Written)
            }
            Pending::Do(Step::IdentifyPayer) => {
                let payment = job.no.and_then(|no| self.db.payments.get_mut(usize::from(no)));
                if let Some(payment) = payment {
                    payment.has_payer = true;
                }
                self.proceed(rules, job, Answer::Payer(true))
            }
            Pending::Do(Step::WriteRefund(signal)) => {
                let is_pending = job.no.is_some_and(|no| self.db.write_refund(rules, no, signal));
                self.proceed(rules, job, Answer::RefundWritten { is_pending })
            }
            _ => At::Running(job),
        }
    }

    fn insert(
        &mut self,
        rules: &Rules,
        session: u8,
        draft: Option<Draft>,
    ) -> (Option<u8>, Result<(), Refusal>) {
        let Some(Draft { product, key }) = draft else {
            return (None, Err(Refusal::OutOfStep));
        };
        match self.db.start(rules, session, product, key, self.is_time_up(session)) {
            Ok(no) => {
                self.orders.push(Order::new(product));
                (Some(no), Ok(()))
            }
            Err(refusal) => (None, Err(refusal)),
        }
    }

    /// A verified notification arrives. It takes no lock and may be repeated.
    pub fn notified(&mut self, rules: &Rules, no: u8, state: TradeState) {
        let if_closed = (rules.found_closed)(self.is_time_up(self.db.session_of(no)));
        if let Ok(signal) = (rules.judge)(Statement::matching(state), if_closed) {
            self.apply(rules, Some(no), signal);
        }
    }

    /// The notification of a refund that staff made arrives, or the bill that lists it. The refund
    /// is queried and proves a capture, which is written first: the process may crash before the
    /// rest.
    pub fn refunded_elsewhere(&mut self, rules: &Rules, no: u8) {
        let Some(payment) = self.db.payment(no) else { return };
        if payment.is_captured {
            let console = self.orders.get(usize::from(no)).map(|order| order.console);
            self.db.record_elsewhere(no, console.unwrap_or_default());
        } else {
            self.apply(rules, Some(no), Signal::Refunded);
        }
    }

    /// True if staff have made a refund of a payment that is not recorded.
    #[must_use]
    pub fn is_refund_unrecorded(&self, no: u8) -> bool {
        let console = self.orders.get(usize::from(no)).map(|order| order.console);
        let console = console.unwrap_or_default();
        console != Share::Nothing && self.db.payment(no).is_some_and(|it| it.elsewhere != console)
    }

    fn apply(&mut self, rules: &Rules, no: Option<u8>, signal: Signal) {
        if let Some(no) = no {
            let is_time_up = self.is_time_up(self.db.session_of(no));
            self.db.apply(rules, no, signal, is_time_up);
        }
    }

    fn done(&self, session: u8) -> At {
        At::Answered(Reply::Session(self.document(session)))
    }

    /// True if a payment has due work of the worker: see `payments::schedule`.
    #[must_use]
    pub fn is_due(&self, no: u8) -> bool {
        self.db.payment(no).is_some_and(|payment| !payment.is_settled)
    }

    /// True if the shopper of a payment should see its code.
    #[must_use]
    pub fn is_waiting(&self, no: u8) -> bool {
        let status = self.db.payment(no).map(|payment| payment.status);
        status == Some(PaymentStatus::RequiresAction)
    }
}

const fn failed(refusal: Refusal) -> At {
    At::Answered(Reply::Failed(Problem::Refused(refusal)))
}
