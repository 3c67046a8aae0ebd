//! What a shopper does when the page leads away: to a cashier, to an app, to a bridge's sheet.

use checkout::Event;

use super::Shopper;
use crate::away::{self, Address, Counter};
use crate::bridge;
use crate::page::{BridgeCall, Leaving, Page, Scannable};
use crate::phone::{self, Bought, Paid};
use crate::plan::{Onward, Pays, Sheet, Visit, Way, Word};
use crate::world::Count;

/// Something that will happen away from the pages, whatever becomes of them.
#[derive(Debug)]
pub(super) enum Deferred {
    /// The wallet takes the money at a gateway's page, long after the browser has left it.
    Counter { counter: Counter, payment_id: String },
    /// The app takes the money for this code.
    App(Scannable),
    /// An address at the backend is called once more.
    Onward(String),
    /// The sheet over this tab comes to its end.
    Sheet { page: u32, call: BridgeCall, sheet: Sheet },
    /// The word of a bridge arrives in this tab.
    Word { page: u32, event: Event },
}

impl Shopper {
    /// Does what is due.
    pub(super) async fn do_deferred(&mut self) {
        loop {
            let now = self.world.clock.now_ms();
            let Some(due) = self.deferred.iter().position(|(at, _)| *at <= now) else { return };
            let (_, what) = self.deferred.remove(due);
            match what {
                Deferred::Counter { counter, payment_id } => {
                    self.pay_at(&counter, payment_id).await;
                }
                Deferred::App(code) => self.pay_in_app(code).await,
                Deferred::Onward(url) => away::go_on(&self.world, &url).await,
                Deferred::Sheet { page, call, sheet } => self.end_sheet(page, call, sheet).await,
                Deferred::Word { page, event } => {
                    if let Some(index) = self.index_of(page) {
                        self.hear(index, event);
                    }
                }
            }
        }
    }

    /// Goes where a page sent the browser, and comes back as the plan says.
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
            let (place, storage) = (page.place, page.storage.clone());
            if visit.way == Way::Restored {
                self.hear(index, Event::PageHidden);
            } else {
                self.pages.remove(index);
                self.current = 0;
            }
            let onward = if address == Address::Oauth {
                let onward = away::authorize(&self.world, &leaving.url, place).await;
                self.world.clock.sleep(visit.think_ms / 10).await;
                onward
            } else {
                let counter = away::open(&self.world, &leaving.url, place).await;
                self.world.clock.sleep(visit.think_ms).await;
                match counter {
                    Some(counter) => self.stand_at(counter, leaving.payment_id, visit.pays).await,
                    None => None,
                }
            };
            if matches!(visit.way, Way::Returned | Way::Restored)
                && let Some(url) = onward
            {
                self.go_on(url, visit.onward).await;
            }
            match visit.way {
                Way::Returned | Way::Back => self.load(place, storage),
                Way::Restored => self.hear(index, Event::PageShown),
                Way::Never => {}
            }
        }
    }

    /// The wallets' sheets come up over the pages that called for them.
    pub(super) fn call_bridges(&mut self) {
        while let Some((page, place, call)) = self.calling() {
            let sheet = self.plan.sheets.get(self.sheets % self.plan.sheets.len().max(1)).copied();
            let Some(sheet) = sheet else { return };
            self.sheets += 1;
            self.note(&format!("bridge of tab {page}: {sheet:?}"));
            let now = self.world.clock.now_ms();
            if place.has_bridge_of(call.method) {
                let what = Deferred::Sheet { page, call, sheet };
                self.deferred.push((now + sheet.think_ms, what));
            } else {
                // There is none to wait for: src/driver/bridge.rs says so after three seconds.
                let event = Event::BridgeReturned(checkout::BridgeOutcome::Refused);
                self.deferred.push((now + 3_000, Deferred::Word { page, event }));
            }
        }
    }

    async fn end_sheet(&mut self, page: u32, call: BridgeCall, sheet: Sheet) {
        let said = bridge::call(&self.world, &call, sheet.decision).await;
        self.note(&format!("bridge of tab {page} said {said:?}"));
        if let Some(amount_fen) = said.paid_fen {
            self.paid.push(Paid { order: Bought::Payment(call.payment_id), amount_fen });
        }
        let event = Event::BridgeReturned(said.outcome);
        let fault = match sheet.word {
            Word::Heard => {
                if let Some(index) = self.index_of(page) {
                    self.hear(index, event);
                }
                return;
            }
            Word::Late { ms } => {
                let at = self.world.clock.now_ms() + ms;
                self.deferred.push((at, Deferred::Word { page, event }));
                "bridge's word late"
            }
            Word::Lost => "bridge's word lost",
            Word::Reloaded => {
                if let Some(index) = self.index_of(page) {
                    self.current = index;
                    self.reload();
                }
                "page gone behind a bridge's sheet"
            }
        };
        self.world.count(Count::Fault, fault);
    }

    /// At a gateway's page. Answers where it leads on to.
    async fn stand_at(
        &mut self,
        counter: Counter,
        payment_id: String,
        pays: Pays,
    ) -> Option<String> {
        match pays {
            Pays::Never => away::walk_away(&self.world, &counter).await,
            Pays::First => return self.pay_at(&counter, payment_id).await,
            Pays::Later { ms } => {
                self.world.count(Count::Fault, "back before it is paid");
                let at = self.world.clock.now_ms() + ms;
                self.deferred.push((at, Deferred::Counter { counter, payment_id }));
            }
        }
        None
    }

    async fn pay_at(&mut self, counter: &Counter, payment_id: String) -> Option<String> {
        let back = away::pay(&self.world, counter).await?;
        self.note(&format!("paid {payment_id} at a gateway's page"));
        let order = Bought::Payment(payment_id);
        self.paid.push(Paid { order, amount_fen: counter.amount_fen });
        // H5 leads to the shop's own page, where nothing listens.
        back.starts_with(&self.world.merchant).then_some(back)
    }

    /// The Alipay app opens over the page, with the code that the page shows, or does not.
    async fn open_app(&mut self, index: usize, visit: Visit) {
        let code = self.pages.get(index).and_then(Page::scannable);
        let Some(code) = code else { return };
        if visit.onward == Onward::Lost {
            self.world.count(Count::Fault, "app does not open");
            return;
        }
        self.hear(index, Event::PageHidden);
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
            Way::Returned | Way::Restored => self.hear(index, Event::PageShown),
            // The system has dropped the page meanwhile.
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

    /// Follows an address at the backend that a gateway's page led to.
    async fn go_on(&mut self, url: String, onward: Onward) {
        if let Some(name) = onward.name() {
            self.world.count(Count::Fault, name);
        }
        let now = self.world.clock.now_ms();
        match onward {
            Onward::Once => away::go_on(&self.world, &url).await,
            Onward::Lost => {}
            Onward::Twice => {
                away::go_on(&self.world, &url).await;
                away::go_on(&self.world, &url).await;
            }
            Onward::AtOnce => {
                tokio::join!(away::go_on(&self.world, &url), away::go_on(&self.world, &url));
            }
            Onward::Late { ms } => self.deferred.push((now + ms, Deferred::Onward(url))),
            Onward::Again { ms } => {
                away::go_on(&self.world, &url).await;
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

    fn calling(&mut self) -> Option<(u32, crate::tour::Place, BridgeCall)> {
        let mut pages = self.pages.iter_mut();
        pages.find_map(|page| Some((page.id, page.place, page.calling.take()?)))
    }
}
