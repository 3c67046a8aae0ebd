//! A shopper's actions on the page and with the phone.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use checkout::{Action, Event, State};
use contract::PaymentMethod;
use tokio::task::JoinSet;

use super::Shopper;
use crate::away;
use crate::page::{Page, Scannable};
use crate::phone;
use crate::plan::{Choice, Code, Disturbance};
use crate::storage::Storage;
use crate::world::Count;

impl Shopper {
    pub(super) async fn act(&mut self, choice: Choice) {
        if choice != Choice::Wait {
            self.note(&format!("turn {}: {choice:?}", self.turn));
        }
        match choice {
            Choice::Wait => {}
            Choice::Confirm { wallet, clicks, all_tabs } => {
                let wallet = if self.has_picked { wallet } else { self.plan.route.wallet };
                let wanted = if self.plan.methods.contains(&wallet) {
                    Some(wallet)
                } else {
                    self.plan.methods.first().copied()
                };
                let Some(wallet) = wanted else { return };
                for index in 0..self.pages.len() {
                    if !all_tabs && index != self.current {
                        continue;
                    }
                    let guided = self.guided(index);
                    if guided.is_some_and(|method| method != wallet.method()) {
                        self.handle(index, Event::SwitchRequested);
                    }
                    self.has_picked |= self.is_at_the_selector(index);
                    self.handle(index, Event::Selected(wallet.method()));
                    for _ in 0..clicks {
                        self.handle(index, Event::PayRequested);
                    }
                }
            }
            // If there is no code to scan, the shopper presses the button again to pay.
            Choice::Pay(Code::Newest) | Choice::PayAndClaim if self.is_to_go() => {
                self.handle(self.current, Event::ContinueRequested);
            }
            Choice::Pay(code) => self.pay(code).await,
            Choice::PayAndClaim => {
                self.handle(self.current, Event::PaidClaimed);
                self.pay(Code::Newest).await;
            }
            Choice::Scan => {
                if let Some(Scannable::Code(code)) = self.codes.last() {
                    phone::scan(&self.world, code, &self.user("")).await;
                }
            }
            Choice::Claim => self.handle(self.current, Event::PaidClaimed),
            Choice::Refresh => self.handle(self.current, Event::RefreshRequested),
            Choice::Switch => self.handle(self.current, Event::SwitchRequested),
            Choice::Cancel => self.handle(self.current, Event::CancelRequested),
            Choice::Retry => self.handle(self.current, Event::RetryRequested),
            Choice::Continue => self.handle(self.current, Event::ContinueRequested),
            Choice::Reload => self.reload(),
            Choice::Leave => {
                self.pages.clear();
                self.current = 0;
                self.world.count(Count::Outcome, "shoppers who left for good");
            }
        }
    }

    pub(super) async fn disturb(&mut self, disturbance: Disturbance) {
        self.note(&format!("{disturbance:?}"));
        let now = self.world.clock.now_ms();
        match disturbance {
            Disturbance::Hide { ms, pays } => {
                self.hidden_until_ms = Some(now + ms);
                self.handle_everywhere(&Event::PageHidden);
                if pays {
                    self.pay(Code::Newest).await;
                }
            }
            Disturbance::Offline { ms } => {
                self.world.count(Count::Fault, "shopper offline");
                self.offline_until_ms = Some(now + ms);
                self.api.is_offline.store(true, Ordering::Relaxed);
                self.cut();
            }
            Disturbance::Sleep { ms, clock_stands } => {
                self.world.count(Count::Fault, "device asleep");
                self.cut();
                self.world.clock.sleep(ms).await;
                if clock_stands {
                    for page in &mut self.pages {
                        page.behind_ms += ms;
                    }
                    self.handle_everywhere(&Event::PageShown);
                }
            }
            Disturbance::Reload => self.reload(),
            Disturbance::NewTab { duplicated } => {
                if self.pages.len() < MAX_TABS && !self.pages.is_empty() {
                    let Some(page) = self.pages.get(self.current) else { return };
                    let mut storage = page.storage.of_new_tab(duplicated);
                    if self.plan.shares_nothing {
                        storage = Storage::default();
                    }
                    let browser = page.browser;
                    self.load(browser, storage);
                }
            }
            Disturbance::Elsewhere { browser } => {
                if self.pages.len() < MAX_TABS && !self.pages.is_empty() {
                    self.load(browser, Storage::default());
                }
            }
            Disturbance::OtherTab => {
                self.current = (self.current + 1) % self.pages.len().max(1);
            }
            Disturbance::CloseTab => {
                if self.pages.len() > 1 {
                    self.pages.remove(self.current.min(self.pages.len() - 1));
                    self.current = 0;
                }
            }
        }
    }

    pub(super) fn end_interruptions(&mut self) {
        let now = self.world.clock.now_ms();
        if self.hidden_until_ms.take_if(|until| *until <= now).is_some() {
            self.handle_everywhere(&Event::PageShown);
        }
        if self.offline_until_ms.take_if(|until| *until <= now).is_some() {
            self.api.is_offline.store(false, Ordering::Relaxed);
            self.handle_everywhere(&Event::PageShown);
        }
    }

    /// Makes the planned payments by phone around the session's end.
    pub(super) async fn pay_late(&mut self) {
        let now = self.world.clock.now_ms();
        while self.late.first().is_some_and(|(at, _)| *at <= now) {
            let (_, late) = self.late.remove(0);
            self.note(&format!("{late:?}"));
            self.pay(late.code).await;
        }
    }

    pub(super) async fn pay(&mut self, code: Code) {
        let (first, other) = (self.user(""), self.user("-other"));
        let wanted: Vec<(Scannable, String)> = match code {
            Code::Newest => {
                self.codes.last().map(|code| (code.clone(), first)).into_iter().collect()
            }
            Code::Oldest => {
                self.codes.first().map(|code| (code.clone(), first)).into_iter().collect()
            }
            Code::All => self.codes.iter().map(|code| (code.clone(), first.clone())).collect(),
            Code::TwoPhones => self
                .codes
                .last()
                .map(|code| [(code.clone(), first), (code.clone(), other)])
                .into_iter()
                .flatten()
                .collect(),
        };
        let mut paying = JoinSet::new();
        for (code, user) in wanted {
            let world = Arc::clone(&self.world);
            paying.spawn(async move {
                let code = match code {
                    Scannable::Code(code) => code,
                    Scannable::Frame(url) => away::framed_code(&world, &url).await?,
                };
                phone::pay(&world, &code, &user).await
            });
        }
        for paid in paying.join_all().await.into_iter().flatten() {
            self.note(&format!("paid {} fen for {:?}", paid.amount_fen, paid.order));
            self.paid.push(paid);
        }
    }

    pub(super) fn reload(&mut self) {
        if self.pages.is_empty() {
            return;
        }
        let page = self.pages.remove(self.current.min(self.pages.len() - 1));
        let (browser, storage) = (page.browser, page.storage.clone());
        drop(page);
        self.load(browser, storage);
    }

    /// Returns the wallet that a tab shows a guide for.
    fn guided(&self, index: usize) -> Option<PaymentMethod> {
        match self.pages.get(index)?.checkout.state() {
            State::Guiding(guiding) => Some(guiding.method),
            _ => None,
        }
    }

    fn is_at_the_selector(&self, index: usize) -> bool {
        let state = self.pages.get(index).map(|page| page.checkout.state());
        matches!(state, Some(State::Selecting(_)))
    }

    /// True if the visible tab sends the shopper to another page or app.
    fn is_to_go(&self) -> bool {
        let action = self.pages.get(self.current).and_then(Page::action);
        !matches!(action, None | Some(Action::QrCode { url: None, .. } | Action::Frame { .. }))
    }

    fn cut(&mut self) {
        for page in &mut self.pages {
            page.cut();
        }
        self.note_all();
    }

    pub(super) fn user(&self, more: &str) -> String {
        format!("shopper-{}{more}", self.plan.index)
    }
}

const MAX_TABS: usize = 3;
