mod cancel;
mod environments;
mod fuzz;
mod leave;
mod notices;
mod other_ways;
mod preloaded;
mod press;
mod recordings;
mod scenario;
mod stream;
mod unit;

use std::collections::VecDeque;

use contract::{
    Amount, Environment, Flow, NextAction, NextActionType, Payment, PaymentMethod, PaymentStatus,
    Session, SessionStatus, Timestamp,
};

use super::*;

pub(super) const ID: &str = "cs_1";
pub(super) const SERVER_START: i64 = 1_800_000_000_000;
pub(super) const LIFE_MS: i64 = 1_800_000;

pub(super) fn config() -> Config {
    Config {
        session_id: ID.to_owned(),
        environment: Environment::Desktop,
        return_url: Some("https://shop.example/cart".to_owned()),
        flow: None,
        payment_methods: vec![],
        payment_method_order: vec![],
        read_only: false,
        api_origin: "https://shop.example".to_owned(),
        redirect_hosts: Vec::new(),
        remembered: None,
        has_left: false,
        selected: None,
        visible: true,
        jitter_seed: 7,
    }
}

pub(super) fn session(revision: u32, payment: Option<Payment>) -> Session {
    Session {
        id: ID.to_owned(),
        status: SessionStatus::Open,
        revision,
        amount: Amount::fen(12_800),
        description: "Tea".to_owned(),
        merchant_name: "Tea House".to_owned(),
        payment_methods: vec![PaymentMethod::Alipay, PaymentMethod::WechatPay],
        payment_method_options: vec![],
        payment,
        expires_at: Timestamp::from_unix_ms(SERVER_START + LIFE_MS),
        server_time: Timestamp::from_unix_ms(SERVER_START),
        refund: None,
        hosted_url: "https://shop.example/hosted".to_owned(),
    }
}

pub(super) fn payment(id: &str, method: PaymentMethod, status: PaymentStatus) -> Payment {
    Payment {
        id: id.to_owned(),
        payment_method: method,
        flow: Flow::QrCode,
        status,
        next_action: Some(NextAction {
            kind: NextActionType::DisplayQrCode,
            data: Some(format!("weixin://wxpay/bizpayurl?pr={id}")),
            url: None,
            fields: vec![],
            expires_at: None,
        }),
        failure_code: None,
        created_at: Timestamp::from_unix_ms(SERVER_START),
    }
}

pub(super) fn redirect(id: &str, url: &str) -> Payment {
    Payment {
        flow: Flow::Redirect,
        next_action: Some(NextAction {
            kind: NextActionType::RedirectToUrl,
            data: None,
            url: Some(url.to_owned()),
            fields: vec![],
            expires_at: None,
        }),
        ..payment(id, PaymentMethod::Alipay, PaymentStatus::RequiresAction)
    }
}

/// A machine with a virtual clock.
pub(super) struct Bench {
    pub(super) machine: Checkout,
    pub(super) now: Millis,
    pub(super) last: Vec<Effect>,
    pub(super) log: Vec<Effect>,
    /// The page's answer to every question; none leaves them open.
    pub(super) allows: Option<bool>,
    /// The key that another tab holds for the next intent.
    pub(super) shared_key: Option<String>,
    keys: u32,
}

impl Bench {
    pub(super) fn new(config: Config) -> Self {
        let now = Millis(1_000);
        let (machine, effects) = Checkout::new(config, now);
        Self {
            machine,
            now,
            last: effects.0.clone(),
            log: effects.0,
            allows: Some(true),
            shared_key: None,
            keys: 0,
        }
    }

    /// A bench whose selector is shown.
    pub(super) fn selecting() -> Self {
        let mut bench = Self::new(config());
        bench.answer(session(1, None));
        bench
    }

    /// A bench that shows a WeChat Pay code `pay_1`.
    pub(super) fn awaiting() -> Self {
        let mut bench = Self::selecting();
        bench.pay(PaymentMethod::WechatPay);
        bench.answer(session(
            2,
            Some(payment("pay_1", PaymentMethod::WechatPay, PaymentStatus::RequiresAction)),
        ));
        bench
    }

    pub(super) fn event(&mut self, event: Event) -> &mut Self {
        self.last.clear();
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let effects = self.machine.handle(self.now, event).0;
            events.extend(effects.iter().filter_map(|effect| self.reply(effect)));
            self.log.extend(effects.iter().cloned());
            self.last.extend(effects);
        }
        self
    }

    /// Answers a question at once, as the page and the browser do.
    fn reply(&mut self, effect: &Effect) -> Option<Event> {
        let is_allowed = self.allows?;
        match effect {
            Effect::AskPage { question, .. } => {
                Some(Event::PageAnswered { question: *question, is_allowed })
            }
            Effect::TakeKey { question, .. } => {
                Some(Event::KeyTaken { question: *question, key: Some(self.next_key()) })
            }
            _ => None,
        }
    }

    /// Leaves all later questions open.
    pub(super) fn leave_open(&mut self) -> &mut Self {
        self.allows = None;
        self
    }

    pub(super) fn next_key(&mut self) -> String {
        self.shared_key.take().unwrap_or_else(|| {
            self.keys += 1;
            format!("key_{}", self.keys)
        })
    }

    pub(super) fn pay(&mut self, method: PaymentMethod) -> &mut Self {
        self.event(Event::Selected(method));
        self.press_pay()
    }

    pub(super) fn press_pay(&mut self) -> &mut Self {
        self.event(Event::PayRequested)
    }

    pub(super) fn request(&self) -> RequestId {
        self.machine.awaited().expect("a request in flight")
    }

    pub(super) fn answer(&mut self, mut session: Session) -> &mut Self {
        session.server_time =
            Timestamp::from_unix_ms(SERVER_START + i64::try_from(self.now.0).unwrap() - 1_000);
        let request = self.request();
        self.event(Event::Answered { request, answer: Ok(Box::new(session)) })
    }

    pub(super) fn fail(&mut self, fault: Fault) -> &mut Self {
        let request = self.request();
        self.event(Event::Answered { request, answer: Err(fault) })
    }

    pub(super) fn push(&mut self, session: Session) -> &mut Self {
        self.event(Event::StreamSession(Box::new(session)))
    }

    /// Advances the clock by `ms`, waking the machine at each deadline.
    pub(super) fn wait(&mut self, ms: u64) -> &mut Self {
        let end = self.now.plus(ms);
        while let Some(next) = self.machine.next_deadline().filter(|next| *next <= end) {
            assert!(next >= self.now, "a deadline lies in the past");
            self.now = next;
            self.event(Event::Tick);
            let again = self.machine.next_deadline();
            assert!(again.is_none_or(|again| again > self.now), "a deadline does not pass");
        }
        self.now = end;
        self
    }

    /// Advances the clock until the machine sends a request.
    pub(super) fn wait_for_request(&mut self) -> &mut Self {
        while self.machine.awaited().is_none() {
            let next = self.machine.next_deadline().expect("something to wait for");
            self.wait(next.0 - self.now.0);
        }
        self
    }

    pub(super) fn state(&self) -> &'static str {
        self.machine.state().name()
    }

    pub(super) fn calls(&self) -> Vec<Call> {
        self.log
            .iter()
            .filter_map(|effect| match effect {
                Effect::Send(_, call) => Some(call.clone()),
                _ => None,
            })
            .collect()
    }

    pub(super) fn starts(&self) -> Vec<String> {
        self.calls()
            .into_iter()
            .filter_map(|call| match call {
                Call::Start(_, key) => Some(key),
                _ => None,
            })
            .collect()
    }

    pub(super) fn emitted(&self, wanted: &HostEvent) -> usize {
        self.log
            .iter()
            .filter(|effect| matches!(effect, Effect::Emit(event) if event == wanted))
            .count()
    }
}
