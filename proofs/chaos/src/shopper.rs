//! One virtual shopper: pages, a phone, and a plan.

mod acting;
mod leaving;
mod staff;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use checkout::{Event, State};
use contract::RefundStatus;
use leaving::Deferred;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::api::Api;
use crate::opened::Opened;
use crate::page::{KeyMint, Page, PageEvent, Scannable};
use crate::phone::Paid;
use crate::plan::{Choice, Late, Plan, Turn};
use crate::route::{Browser, has_way_on};
use crate::storage::Storage;
use crate::world::{Count, World};

/// A shopper, and the record of what was on the screens.
pub(crate) struct Shopper {
    world: Arc<World>,
    plan: Plan,
    api: Arc<Api>,
    began_at_ms: u64,
    ends_at_ms: u64,
    pages: Vec<Page>,
    /// The visible tab, as an index into `pages`.
    current: usize,
    pages_loaded: u32,
    sender: UnboundedSender<PageEvent>,
    receiver: UnboundedReceiver<PageEvent>,
    /// Every code that was ever on a screen, oldest first.
    codes: Vec<Scannable>,
    visits: usize,
    sheets: usize,
    /// True if the first wallet was selected.
    has_picked: bool,
    /// Actions outside of the pages, by their times.
    deferred: Vec<(u64, Deferred)>,
    dead_ends: Vec<String>,
    turn: usize,
    hidden_until_ms: Option<u64>,
    offline_until_ms: Option<u64>,
    late: Vec<(u64, Late)>,
    saw_paid: bool,
    integration_errors: u32,
    paid: Vec<Paid>,
    trace: Vec<String>,
}

/// A shopper's record of the checkout.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) index: u32,
    pub(crate) session_id: String,
    pub(crate) amount_fen: i64,
    /// True if "paid" was on a screen at any time.
    pub(crate) saw_paid: bool,
    /// The number of integration errors shown for an answer of the backend.
    pub(crate) integration_errors: u32,
    /// Screens without an action or anything to wait for, a quarter of an hour after the end.
    pub(crate) dead_ends: Vec<String>,
    /// The payments that the wallets confirmed.
    pub(crate) paid: Vec<Paid>,
    /// The last screen of each open tab.
    pub(crate) screens: Vec<Screen>,
    pub(crate) trace: Vec<String>,
}

/// The screen of a tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    pub(crate) state: &'static str,
    /// True if the screen shows that the session has ended.
    pub(crate) is_final: bool,
    /// The refund status on the screen.
    pub(crate) refund: Option<RefundStatus>,
}

impl Shopper {
    pub(crate) fn new(world: &Arc<World>, plan: Plan, opened: &Opened) -> Self {
        let api = Api::new(world, plan.index, opened, plan.fault_rates);
        let (sender, receiver) = unbounded_channel();
        let mut late: Vec<(u64, Late)> = plan
            .late
            .iter()
            .map(|late| (opened.ends_at_ms.saturating_add_signed(late.after_end_ms), *late))
            .collect();
        late.sort_by_key(|(at, _)| *at);
        Self {
            world: Arc::clone(world),
            plan,
            api: Arc::new(api),
            began_at_ms: world.clock.now_ms(),
            ends_at_ms: opened.ends_at_ms,
            pages: Vec::new(),
            current: 0,
            pages_loaded: 0,
            sender,
            receiver,
            codes: Vec::new(),
            visits: 0,
            sheets: 0,
            has_picked: false,
            deferred: Vec::new(),
            dead_ends: Vec::new(),
            turn: 0,
            hidden_until_ms: None,
            offline_until_ms: None,
            late,
            saw_paid: false,
            integration_errors: 0,
            paid: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// Runs until every tab is closed or shows the end, or a timeout.
    pub(crate) async fn live(&mut self) {
        self.load(self.plan.route.browser, Storage::default());
        let give_up_ms = self.ends_at_ms + END_TIMEOUT_MS;
        let mut next_turn_ms = self.after_think();
        while !self.is_over() && self.world.clock.now_ms() < give_up_ms {
            let turn_ms = self.may_act().then_some(next_turn_ms);
            let wake_ms = self
                .pages
                .iter()
                .filter_map(Page::wake_at_ms)
                .chain(turn_ms)
                .chain(self.hidden_until_ms)
                .chain(self.offline_until_ms)
                .chain(self.late.first().map(|(at, _)| *at))
                .chain(self.deferred.iter().map(|(at, _)| *at))
                .fold(give_up_ms, u64::min);
            tokio::select! {
                event = self.receiver.recv() => {
                    if let Some(event) = event {
                        self.handle_page_event(event);
                    }
                }
                () = self.world.clock.sleep_until(wake_ms) => {
                    self.tick();
                    self.end_interruptions();
                    self.pay_late().await;
                    self.do_deferred().await;
                    let now = self.world.clock.now_ms();
                    if self.may_act() && next_turn_ms <= now {
                        self.take_turn().await;
                        next_turn_ms = self.after_think();
                    }
                }
            }
            self.follow_navigation().await;
            self.call_bridges();
            self.schedule_console_refund();
        }
        if !self.is_over() {
            self.note("gave up waiting for the end");
            self.look_for_dead_ends();
        }
        // Requests under way would disturb the final check.
        for page in &mut self.pages {
            page.cut();
        }
        self.note_all();
    }

    pub(crate) fn session_id(&self) -> &str {
        &self.api.session_id
    }

    /// Shows every tab again, without faults, and returns the record.
    pub(crate) async fn look(mut self) -> Seen {
        self.api.is_offline.store(false, Ordering::Relaxed);
        self.note("looks once more");
        for index in 0..self.pages.len() {
            self.show_again(index);
        }
        let give_up_ms = self.world.clock.now_ms() + LOOK_TIMEOUT_MS;
        let mut retry_ms = self.world.clock.now_ms() + RETRY_MS;
        let is_done = |page: &Page| page.is_final() && !page.is_asking() && page.has_read();
        while !self.pages.iter().all(is_done) {
            let now = self.world.clock.now_ms();
            if now >= give_up_ms {
                self.note("stuck");
                break;
            }
            if now >= retry_ms {
                retry_ms = now + RETRY_MS;
                self.retry_where_offered();
                // Ten seconds of a page's timeout are one real second: on a busy machine a page may
                // give up a read shortly before its answer. So the read is repeated.
                for index in 0..self.pages.len() {
                    if self.pages.get(index).is_some_and(|page| page.is_final() && !page.has_read())
                    {
                        self.show_again(index);
                    }
                }
            }
            let wakes = self.pages.iter().filter_map(Page::wake_at_ms);
            let wake_ms = wakes.fold(give_up_ms.min(retry_ms), u64::min);
            tokio::select! {
                event = self.receiver.recv() => {
                    if let Some(event) = event {
                        self.handle_page_event(event);
                    }
                }
                () = self.world.clock.sleep_until(wake_ms) => self.tick(),
            }
        }
        let screens = self.pages.iter().map(|page| Screen {
            state: page.checkout.state().name(),
            is_final: page.is_final(),
            refund: page.checkout.session().and_then(|session| session.refund),
        });
        Seen {
            index: self.plan.index,
            session_id: self.api.session_id.clone(),
            amount_fen: self.plan.amount_fen,
            saw_paid: self.saw_paid,
            integration_errors: self.integration_errors,
            dead_ends: std::mem::take(&mut self.dead_ends),
            paid: std::mem::take(&mut self.paid),
            screens: screens.collect(),
            trace: std::mem::take(&mut self.trace),
        }
    }

    /// Hides a tab and shows it again.
    fn show_again(&mut self, index: usize) {
        if let Some(page) = self.pages.get_mut(index) {
            page.forget_read();
        }
        self.handle(index, Event::PageHidden);
        self.handle(index, Event::PageShown);
    }

    /// Presses "try again" if nothing else is offered.
    fn retry_where_offered(&mut self) {
        for index in 0..self.pages.len() {
            let is_offered = self
                .pages
                .get(index)
                .is_some_and(|page| matches!(page.checkout.state(), State::Unavailable { .. }));
            if is_offered {
                self.handle(index, Event::RetryRequested);
            }
        }
    }

    /// Records the state of every tab that does not show the end.
    fn look_for_dead_ends(&mut self) {
        for page in self.pages.iter().filter(|page| !page.is_final()) {
            let state = page.checkout.state().name();
            let is_watching = page.is_watching();
            let rest = if is_watching { "and looking again by themselves" } else { "at rest" };
            let name = format!("tabs still {state} a quarter of an hour after the end, {rest}");
            self.world.count(Count::Outcome, &name);
            self.world.record_max(
                Count::Outcome,
                "most calls of such a tab",
                page.asked_late.into(),
            );
            // A hidden tab reads the session when it is shown.
            if page.checkout.is_visible() && !has_way_on(&page.checkout, is_watching) {
                self.dead_ends.push(format!("{:?} has no way on", page.checkout.state()));
            }
            if page.asked_late > MAX_LATE_CALLS {
                self.dead_ends.push(format!("a tab asked {} times after the end", page.asked_late));
            }
        }
    }

    fn is_over(&self) -> bool {
        self.late.is_empty()
            && self.deferred.is_empty()
            && self.hidden_until_ms.is_none()
            && self.offline_until_ms.is_none()
            && self.pages.iter().all(Page::is_final)
    }

    /// True if a tab is visible and not final.
    fn may_act(&self) -> bool {
        self.hidden_until_ms.is_none() && self.pages.iter().any(|page| !page.is_final())
    }

    /// Returns the time of the next turn. After the planned turns a shopper only retries.
    fn after_think(&self) -> u64 {
        let think_ms = self.plan.turns.get(self.turn).map_or(RETRY_MS, |turn| turn.think_ms);
        self.world.clock.now_ms() + think_ms
    }

    async fn take_turn(&mut self) {
        let Some(turn) = self.plan.turns.get(self.turn).cloned() else {
            self.retry_where_offered();
            return;
        };
        self.turn += 1;
        if let Some(disturbance) = turn.disturbance {
            self.disturb(disturbance).await;
        }
        if self.hidden_until_ms.is_some() {
            return;
        }
        if let Some(choice) = self.choice(&turn) {
            self.act(choice).await;
        }
    }

    fn choice(&self, turn: &Turn) -> Option<Choice> {
        let page = self.pages.get(self.current)?;
        Some(match page.checkout.state() {
            State::Selecting(_) | State::Guiding(_) => turn.selecting,
            State::Awaiting(_) => turn.awaiting,
            State::Confirming(_) => turn.confirming,
            State::Failed { .. }
            | State::Canceled { session_over: false }
            | State::Unavailable { .. } => turn.ended,
            State::Loading | State::Starting(_) | State::Closing(_) => turn.busy,
            State::Succeeded | State::Expired | State::Canceled { session_over: true } => {
                return None;
            }
        })
    }

    fn load(&mut self, browser: Browser, storage: Storage) {
        self.pages_loaded += 1;
        let id = self.pages_loaded;
        let keys = KeyMint {
            prefix: format!("{}-{}-{id}", self.world.seed, self.plan.index),
            is_shared: !self.plan.shares_nothing,
            minted: 0,
        };
        let page =
            Page::load(id, &self.api, &self.plan, browser, storage, keys, self.sender.clone());
        self.pages.push(page);
        self.current = self.pages.len().saturating_sub(1);
        self.note(&format!("tab {id} is loaded in {browser:?}"));
    }

    fn handle(&mut self, index: usize, event: Event) {
        if let Some(page) = self.pages.get_mut(index) {
            page.handle(event);
        }
        self.note_all();
    }

    fn handle_everywhere(&mut self, event: &Event) {
        for page in &mut self.pages {
            page.handle(event.clone());
        }
        self.note_all();
    }

    fn handle_page_event(&mut self, event: PageEvent) {
        if let Some(page) = self.pages.iter_mut().find(|page| page.id == event.page) {
            page.handle_page_event(event);
        }
        self.note_all();
    }

    fn tick(&mut self) {
        let now = self.world.clock.now_ms();
        for page in &mut self.pages {
            if page.wake_at_ms().is_some_and(|at| at <= now) {
                page.handle(Event::Tick);
            }
        }
        self.note_all();
    }

    /// Records the content of the screens.
    fn note_all(&mut self) {
        let at_ms = self.world.clock.now_ms().saturating_sub(self.began_at_ms);
        for page in &mut self.pages {
            self.integration_errors += std::mem::take(&mut page.integration_errors);
            for text in page.log.drain(..) {
                if self.trace.len() < MAX_TRACE_LINES {
                    self.trace.push(format!("{at_ms:>7} tab {}: {text}", page.id));
                }
            }
            if let Some(code) = page.scannable()
                && !self.codes.contains(&code)
            {
                self.codes.push(code);
            }
            self.saw_paid |= *page.checkout.state() == State::Succeeded;
        }
    }

    fn note(&mut self, text: &str) {
        let at_ms = self.world.clock.now_ms().saturating_sub(self.began_at_ms);
        if self.trace.len() < MAX_TRACE_LINES {
            self.trace.push(format!("{at_ms:>7} {text}"));
        }
    }
}

/// Time after a session's end in which the screen must show how it ended: the backend itself waits
/// ten minutes for a gateway that does not answer.
const END_TIMEOUT_MS: u64 = 15 * 60_000;
/// Limit of a tab's requests in that time: one every two seconds, if the backend answers each time
/// that the session is open after its end.
const MAX_LATE_CALLS: u32 = 450;
/// Timeout of the final check of all tabs.
const LOOK_TIMEOUT_MS: u64 = 5 * 60_000;
const RETRY_MS: u64 = 5_000;
/// Limit of the lines of a shopper's trace.
const MAX_TRACE_LINES: usize = 400;
