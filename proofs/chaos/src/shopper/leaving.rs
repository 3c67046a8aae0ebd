//! A shopper outside of the page: at a cashier, in an app, in a bridge's sheet.

use checkout::Event;

use super::Shopper;
use crate::away::{self, Address, PaymentPage};
use crate::bridge;
use crate::page::{BridgeCall, Leaving, Page, Scannable};
use crate::phone::{self, Paid, PaidOrder};
use crate::plan::{Callback, ConsoleRefund, Onward, Pays, Sheet, Visit, Way};
use crate::world::Count;

/// An action outside of the pages, which happens whatever their state is.
#[derive(Debug)]
pub(super) enum Deferred {
    /// The wallet takes the money on a gateway's page, long after the browser has left it.
    PaymentPage { payment_page: PaymentPage, payment_id: String },
    /// The app takes the money for this code.
    App(Scannable),
    /// An address at the backend is called once more.
    Onward(String),
    /// The payment sheet over this tab is closed.
    Sheet { page: u32, call: BridgeCall, sheet: Sheet },
    /// A bridge's callback arrives in this tab.
    Callback { page: u32, event: Event },
    /// The merchant's staff refund a payment.
    ConsoleRefund { refund: ConsoleRefund, paid: Paid, tries: u32 },
}

impl Shopper {
    /// Performs the due actions.
    pub(super) async fn do_deferred(&mut self) {
        loop {
            let now = self.world.clock.now_ms();
            let Some(due) = self.deferred.iter().position(|(at, _)| *at <= now) else { return };
            let (_, what) = self.deferred.remove(due);
            match what {
                Deferred::PaymentPage { payment_page, payment_id } => {
                    self.pay_at(&payment_page, payment_id).await;
                }
                Deferred::App(code) => self.pay_in_app(code).await,
                Deferred::Onward(url) => away::follow_return(&self.world, &url).await,
                Deferred::Sheet { page, call, sheet } => self.end_sheet(page, call, sheet).await,
                Deferred::ConsoleRefund { refund, paid, tries } => {
                    self.refund_in_console(refund, paid, tries).await;
                }
                Deferred::Callback { page, event } => {
                    if let Some(index) = self.index_of(page) {
                        self.handle(index, event);
                    }
                }
            }
        }
    }

    /// Follows a page's navigation, and returns as planned.
    pub(super) async fn follow_navigation(&mut self) {
        while let Some((index, leaving)) = self.leaving() {
            let Some(visit) = self.next_visit() else { return };
            let address = Address::of(&leaving.url);
            self.note(&format!("to {address:?}: {visit:?}"));
            if address == Address::App {
                self.open_app(index, visit).await;
                continue;
            }
            let Some(page) = self.pages.get(index) else { return };
            let (browser, storage) = (page.browser, page.storage.clone());
            if visit.way == Way::Restored {
                self.handle(index, Event::PageHidden);
            } else {
                self.pages.remove(index);
                self.current = 0;
            }
            let onward = if address == Address::Oauth {
                let onward = away::authorize(&self.world, &leaving.url, browser).await;
                self.world.clock.sleep(visit.think_ms / 10).await;
                onward
            } else {
                let payment_page = away::open(&self.world, &leaving.url, browser).await;
                self.world.clock.sleep(visit.think_ms).await;
                match payment_page {
                    Some(payment_page) => {
                        self.visit_payment_page(payment_page, leaving.payment_id, visit.pays).await
                    }
                    None => None,
                }
            };
            if matches!(visit.way, Way::Returned | Way::Restored)
                && let Some(url) = onward
            {
                self.follow_return(url, visit.onward).await;
            }
            match visit.way {
                Way::Returned | Way::Back => self.load(browser, storage),
                Way::Restored => self.handle(index, Event::PageShown),
                Way::Never => {}
            }
        }
    }

    /// Opens the wallets' payment sheets over the pages that called for them.
    pub(super) fn call_bridges(&mut self) {
        while let Some((page, browser, call)) = self.calling() {
            let sheet = self.plan.sheets.get(self.sheets % self.plan.sheets.len().max(1)).copied();
            let Some(sheet) = sheet else { return };
            self.sheets += 1;
            self.note(&format!("bridge of tab {page}: {sheet:?}"));
            let now = self.world.clock.now_ms();
            if browser.has_bridge_of(call.method) {
                let what = Deferred::Sheet { page, call, sheet };
                self.deferred.push((now + sheet.think_ms, what));
            } else {
                // There is no bridge: src/driver/bridge.rs reports that after three seconds.
                let event = Event::BridgeReturned(checkout::BridgeOutcome::Refused);
                self.deferred.push((now + 3_000, Deferred::Callback { page, event }));
            }
        }
    }

    async fn end_sheet(&mut self, page: u32, call: BridgeCall, sheet: Sheet) {
        let answer = bridge::call(&self.world, &call, sheet.decision).await;
        self.note(&format!("bridge of tab {page} answer {answer:?}"));
        if let Some(amount_fen) = answer.paid_fen {
            self.paid.push(Paid { order: PaidOrder::Payment(call.payment_id), amount_fen });
        }
        let event = Event::BridgeReturned(answer.outcome);
        let fault = match sheet.callback {
            Callback::InTime => {
                if let Some(index) = self.index_of(page) {
                    self.handle(index, event);
                }
                return;
            }
            Callback::Late { ms } => {
                let at = self.world.clock.now_ms() + ms;
                self.deferred.push((at, Deferred::Callback { page, event }));
                "bridge's word late"
            }
            Callback::Lost => "bridge's word lost",
            Callback::Reloaded => {
                if let Some(index) = self.index_of(page) {
                    self.current = index;
                    self.reload();
                }
                "page gone behind a bridge's sheet"
            }
        };
        self.world.count(Count::Fault, fault);
    }

    /// Acts on a gateway's page; returns the address that it redirects to.
    async fn visit_payment_page(
        &mut self,
        payment_page: PaymentPage,
        payment_id: String,
        pays: Pays,
    ) -> Option<String> {
        match pays {
            Pays::Never => away::walk_away(&self.world, &payment_page).await,
            Pays::First => return self.pay_at(&payment_page, payment_id).await,
            Pays::Later { ms } => {
                self.world.count(Count::Fault, "back before it is paid");
                let at = self.world.clock.now_ms() + ms;
                self.deferred.push((at, Deferred::PaymentPage { payment_page, payment_id }));
            }
        }
        None
    }

    async fn pay_at(&mut self, payment_page: &PaymentPage, payment_id: String) -> Option<String> {
        let back = away::pay(&self.world, payment_page).await?;
        self.note(&format!("paid {payment_id} at a gateway's page"));
        let order = PaidOrder::Payment(payment_id);
        self.paid.push(Paid { order, amount_fen: payment_page.amount_fen });
        // H5 redirects to the shop's own page, where nothing listens.
        back.starts_with(&self.world.merchant).then_some(back)
    }

    /// Opens the Alipay app with the code on the page, unless the plan says that it does not open.
    async fn open_app(&mut self, index: usize, visit: Visit) {
        let code = self.pages.get(index).and_then(Page::scannable);
        let Some(code) = code else { return };
        if visit.onward == Onward::Lost {
            self.world.count(Count::Fault, "app does not open");
            return;
        }
        self.handle(index, Event::PageHidden);
        self.world.clock.sleep(visit.think_ms).await;
        match visit.pays {
            Pays::Never => {}
            Pays::First => self.pay_in_app(code).await,
            Pays::Later { ms } => {
                let at = self.world.clock.now_ms() + ms;
                self.deferred.push((at, Deferred::App(code)));
            }
        }
        match visit.way {
            Way::Returned | Way::Restored => self.handle(index, Event::PageShown),
            // The system has unloaded the page meanwhile.
            Way::Back => {
                self.current = index;
                self.reload();
            }
            Way::Never => {
                self.pages.remove(index);
                self.current = 0;
            }
        }
    }

    async fn pay_in_app(&mut self, code: Scannable) {
        let Scannable::Code(code) = code else { return };
        if let Some(paid) = phone::pay(&self.world, &code, &self.user("")).await {
            self.note(&format!("paid {:?} in the app", paid.order));
            self.paid.push(paid);
        }
    }

    /// Follows a gateway's redirect to the backend.
    async fn follow_return(&mut self, url: String, onward: Onward) {
        if let Some(name) = onward.name() {
            self.world.count(Count::Fault, name);
        }
        let now = self.world.clock.now_ms();
        match onward {
            Onward::Once => away::follow_return(&self.world, &url).await,
            Onward::Lost => {}
            Onward::Twice => {
                away::follow_return(&self.world, &url).await;
                away::follow_return(&self.world, &url).await;
            }
            Onward::AtOnce => {
                tokio::join!(
                    away::follow_return(&self.world, &url),
                    away::follow_return(&self.world, &url)
                );
            }
            Onward::Late { ms } => self.deferred.push((now + ms, Deferred::Onward(url))),
            Onward::Again { ms } => {
                away::follow_return(&self.world, &url).await;
                self.deferred.push((now + ms, Deferred::Onward(url)));
            }
        }
    }

    fn next_visit(&mut self) -> Option<Visit> {
        let visit = self.plan.visits.get(self.visits % self.plan.visits.len().max(1)).copied();
        self.visits += 1;
        visit
    }

    fn index_of(&self, page: u32) -> Option<usize> {
        self.pages.iter().position(|known| known.id == page)
    }

    fn leaving(&mut self) -> Option<(usize, Leaving)> {
        let mut pages = self.pages.iter_mut().enumerate();
        pages.find_map(|(index, page)| Some((index, page.leaving.take()?)))
    }

    fn calling(&mut self) -> Option<(u32, crate::route::Browser, BridgeCall)> {
        let mut pages = self.pages.iter_mut();
        pages.find_map(|page| Some((page.id, page.browser, page.calling.take()?)))
    }
}
