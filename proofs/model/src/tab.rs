//! A page with the widget: the real state machine, its storage and its stream.

use std::hash::{DefaultHasher, Hash, Hasher};

use checkout::{Checkout, Effects, Intent, Millis, State};
use contract::PaymentMethod;

use crate::browser::{Away, Browser};
use crate::wire::config;

/// A page.
#[derive(Clone)]
pub struct Tab {
    /// The number of its session.
    pub session: u8,
    /// The widget's machine.
    pub checkout: Checkout,
    /// The intent in the page's own storage.
    pub stored: Option<Intent>,
    /// A broken variant has stopped asking.
    pub has_stopped: bool,
    /// The browser in which it runs.
    pub browser: Browser,
    /// Its browser has left the page.
    pub away: Option<Away>,
    /// It went to a wallet's page, and has called no bridge since; its own storage says so.
    pub has_left: bool,
    /// A bridge's sheet stands over it, and has not said anything.
    pub has_sheet: bool,
    /// The answer that its widget waits for from the page or the browser.
    pub asked: Option<Asked>,
    /// Its widget did what the page had refused, or something after it was destroyed.
    pub has_disobeyed: bool,
    digest: u64,
}

/// A question of a widget. Its number is always one, see `Checkout::forget_durations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A cancelable event of the page: `submit` or `before-redirect`.
    Page,
    /// The key for an intent to pay with this wallet.
    Key(PaymentMethod),
}

/// A stream of events, seen from both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// Neither wants it.
    Closed,
    /// The page has asked for it.
    Asked,
    /// It stands.
    Open {
        /// It has brought the session as it is now.
        is_current: bool,
    },
    /// It is dead, and the page does not know it yet.
    Dead,
}

impl Tab {
    /// A page that begins with what its storage holds; its first request is in the effects.
    pub(crate) fn load(
        session: u8,
        browser: Browser,
        has_left: bool,
        stored: Option<Intent>,
    ) -> (Self, Effects) {
        let config = config(browser, has_left, stored.clone());
        let (checkout, effects) = Checkout::new(config, Millis(0));
        let tab = Self {
            session,
            checkout,
            stored,
            has_stopped: false,
            browser,
            away: None,
            has_left,
            has_sheet: false,
            asked: None,
            has_disobeyed: false,
            digest: 0,
        };
        (tab, effects)
    }

    /// The state of its screen.
    #[must_use]
    pub fn state(&self) -> &State {
        self.checkout.state()
    }

    /// Changes when anything does.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.digest
    }

    pub fn seal(&mut self) {
        self.checkout.forget_durations();
        let mut hasher = DefaultHasher::new();
        self.checkout.hash(&mut hasher);
        (&self.stored, self.has_stopped).hash(&mut hasher);
        (self.session, self.browser, self.away, self.has_left, self.has_sheet).hash(&mut hasher);
        (self.asked, self.has_disobeyed).hash(&mut hasher);
        self.digest = hasher.finish();
    }
}

impl Hash for Tab {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.digest.hash(hasher);
    }
}

impl PartialEq for Tab {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for Tab {}

impl std::fmt::Debug for Tab {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?}", self.state())
    }
}
