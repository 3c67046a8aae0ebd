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
    /// The widget's state machine.
    pub checkout: Checkout,
    /// The intent in the page's own storage.
    pub stored: Option<Intent>,
    /// True if a broken variant has stopped sending requests.
    pub has_stopped: bool,
    /// The browser in which it is open.
    pub browser: Browser,
    /// The location of its browser, if that has left the page.
    pub away: Option<Away>,
    /// True if it went to a wallet's page, and has called no bridge since; stored in its own
    /// storage.
    pub has_left: bool,
    /// True if a bridge's payment sheet is open over it.
    pub has_sheet: bool,
    /// The open question of its widget to the page or the browser.
    pub asked: Option<Asked>,
    /// True if its widget ignored a refusal of the page, or did anything after it was destroyed.
    pub has_disobeyed: bool,
    digest: u64,
}

/// A question of a widget. Its number is always one: see `Checkout::forget_durations`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asked {
    /// A cancelable event of the page: `submit` or `before-redirect`.
    Page,
    /// The key for an intent to pay with this wallet.
    Key(PaymentMethod),
}

/// A stream of events, with the state of both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Line {
    /// Closed at both ends.
    Closed,
    /// Requested by the page.
    Asked,
    /// Open.
    Open {
        /// True if it has sent the present session.
        is_current: bool,
    },
    /// Broken, which the page has not noticed yet.
    Dead,
}

impl Tab {
    /// Returns a page that is loaded with its storage, and its first effects.
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

    /// Returns the state of its screen.
    #[must_use]
    pub fn state(&self) -> &State {
        self.checkout.state()
    }

    /// Returns a hash of everything in it.
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
