//! The parts of the page. Their HTML is in the templates, where askama escapes every value that is not marked as safe:
//! only templates of this module and of `marks` are. Classes and parts are the widget's, whose style sheet the page has.

use askama::Template;
use contract::PaymentMethod;

use super::marks::{ARROW_TO_MENU, Drawing};
use super::qr::Code;
use super::texts::Texts;

/// The whole document.
#[derive(Template)]
#[template(path = "hosted/page.html")]
pub(super) struct Document<'a> {
    pub(super) texts: &'a Texts,
    /// The path to the folder of the style sheet and the script, relative to the page.
    pub(super) folder: &'a str,
    pub(super) updates: Updates,
    /// Identifies what the page shows, except the rest of its time.
    pub(super) state: String,
    /// The text for screen readers when the page shows this instead of something else.
    pub(super) says: String,
    /// True if the page's script presses the main button, because the shopper has chosen before.
    pub(super) continues: bool,
    pub(super) bridge: Option<Bridge<'a>>,
    /// True if the shopper has to use the menu of an app: the page points to it.
    pub(super) points_to_menu: bool,
    /// The order, unless the blocks show it.
    pub(super) summary: Option<Order<'a>>,
    pub(super) alignment: Alignment,
    pub(super) blocks: Vec<Block<'a>>,
}

impl Document<'_> {
    /// The arrow to the menu in the corner of an app's screen.
    #[expect(clippy::unused_self, reason = "called by the template")]
    const fn arrow(&self) -> &'static str {
        ARROW_TO_MENU
    }
}

/// The alignment of the blocks, as the widget's screens have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alignment {
    Start,
    Center,
    /// Like `Center`; the session is paid.
    Paid,
}

impl Alignment {
    pub(super) const fn classes(self) -> &'static str {
        match self {
            Self::Start => "screen",
            Self::Center => "screen center",
            Self::Paid => "screen center paid",
        }
    }
}

/// The ways in which the page is kept up to date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Updates {
    /// Nothing can change any more.
    Never,
    /// Only by a payment in another window or on another device: by the script.
    Rarely,
    /// A payment is awaited: by the script, and without it by loading the page again.
    Often,
}

impl Updates {
    /// The seconds between two requests of the script; 0 for none.
    pub(super) const fn seconds(self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Rarely => 15,
            Self::Often => 3,
        }
    }

    pub(super) fn is_often(self) -> bool {
        self == Self::Often
    }
}

/// The call of WeChat's bridge.
pub(super) struct Bridge<'a> {
    pub(super) payment: &'a str,
    /// The parameters as JSON.
    pub(super) parameters: String,
}

/// The merchant, the amount and the description.
pub(super) struct Order<'a> {
    pub(super) merchant_name: &'a str,
    pub(super) amount: String,
    pub(super) description: &'a str,
}

/// A part of the page, from its top to its bottom.
pub(super) enum Block<'a> {
    /// A message; an alert interrupts a screen reader.
    Notice { is_alert: bool, text: String },
    /// A wallet's mark above the heading; in a spinner while something is awaited.
    Emblem { mark: &'static Drawing, is_waiting: bool },
    /// The sign above the heading of an outcome.
    Sign(&'static Drawing),
    /// The heading of the page's state.
    Heading(String),
    /// A sentence.
    Text(String),
    /// The order that was paid, and the wallet.
    Receipt { order: Order<'a>, mark: Option<&'static Drawing>, wallet: &'a str },
    /// The wallets of the choice.
    Wallets(Vec<Control<'a>>),
    /// The code to scan.
    Scan(Scan<'a>),
    /// The line that a payment is awaited.
    Countdown(Countdown<'a>),
    /// A sentence about the rest of the time.
    TimeLeft(String),
    /// The main button, the address to copy, and quieter buttons.
    Actions(Actions<'a>),
}

/// The code to scan, beside or above the steps.
pub(super) struct Scan<'a> {
    pub(super) title: String,
    pub(super) mark: Option<&'static Drawing>,
    /// `None` if the data fits into no code.
    pub(super) code: Option<Code>,
    pub(super) label: String,
    /// True if the code has expired.
    pub(super) is_stale: bool,
    /// The button over an expired code.
    pub(super) refresh: Option<Control<'a>>,
    /// Numbered steps on this device's screen.
    pub(super) steps: Vec<String>,
    /// Sentences for a phone, which another one has to scan.
    pub(super) hints: Vec<String>,
    pub(super) countdown: Option<Countdown<'a>>,
}

impl Scan<'_> {
    /// Returns the wallet's name in the styles.
    pub(super) fn kind(&self) -> &'static str {
        self.mark.map_or("", |mark| mark.kind)
    }
}

/// The line that a payment is awaited, and the rest of its time: `Waiting for your payment · 14:32`.
#[derive(Template)]
#[template(path = "hosted/countdown.html")]
pub(super) struct Countdown<'a> {
    pub(super) waiting: &'a str,
    /// `None` if the time is over.
    pub(super) seconds_left: Option<i64>,
}

impl Countdown<'_> {
    /// Returns `0:05`, `14:32`, `1:59:59`, as the widget does; the page's script counts on.
    pub(super) fn clock(&self) -> String {
        let seconds = self.seconds_left.unwrap_or_default();
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        if hours > 0 {
            format!("{hours}:{minutes:02}:{seconds:02}")
        } else {
            format!("{minutes}:{seconds:02}")
        }
    }

    /// Returns the widget's names for little time: below one minute and below five.
    pub(super) fn urgency(&self) -> Option<&'static str> {
        match self.seconds_left? {
            ..60 => Some("last"),
            60..300 => Some("soon"),
            _ => None,
        }
    }
}

/// The main button, the address to copy, and quieter buttons.
#[derive(Default)]
pub(super) struct Actions<'a> {
    pub(super) main: Option<Control<'a>>,
    pub(super) copy: Option<CopyLink<'a>>,
    /// The address to copy, folded up.
    pub(super) fold: Option<CopyLink<'a>>,
    pub(super) others: Vec<Control<'a>>,
}

impl<'a> Actions<'a> {
    /// Returns the block; `None` if it would be empty.
    pub(super) fn block(self) -> Option<Block<'a>> {
        let has_any = self.main.is_some()
            || self.copy.is_some()
            || self.fold.is_some()
            || !self.others.is_empty();
        has_any.then_some(Block::Actions(self))
    }
}

/// The address of this page, to be copied by a button, or by hand where an app forbids it.
#[derive(Template)]
#[template(path = "hosted/copy.html")]
pub(super) struct CopyLink<'a> {
    pub(super) texts: &'a Texts,
    /// The sentence above it.
    pub(super) text: Option<&'a str>,
    pub(super) url: String,
    pub(super) look: Look,
}

/// A button or a link.
#[derive(Template)]
#[template(path = "hosted/control.html")]
pub(super) struct Control<'a> {
    /// The token in the page's own address, under which its forms are posted.
    pub(super) token: &'a str,
    /// The name of the control, by which it keeps the focus when the page changes.
    pub(super) key: &'static str,
    pub(super) look: Look,
    /// The wallet's mark before the label.
    pub(super) mark: Option<&'static Drawing>,
    pub(super) label: String,
    /// The hint in its row, if it has one.
    pub(super) detail: Option<&'static str>,
    pub(super) target: Target<'a>,
}

/// The look of a control: the widget's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    Primary,
    Secondary,
    Quiet,
    /// A row of the choice.
    Wallet,
}

impl Look {
    pub(super) const fn part(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Wallet => "wallet",
        }
    }
}

/// The effect of a control.
pub(super) enum Target<'a> {
    /// Starts a payment; with `is_code` by a code for another phone, whatever this phone can do.
    Start { method: PaymentMethod, key: String, is_code: bool },
    /// Calls about a payment. Unless it leads to the wallet, the script stays on the page.
    Payment { call: &'static str, id: &'a str, stays: bool },
    /// Shows the page for a wallet.
    Wallet { method: PaymentMethod },
    /// Shows the choice between the wallets.
    Choice,
    /// Another page: the wallet's or the merchant's.
    Link { url: &'a str },
    /// Calls WeChat's bridge, by the script.
    Bridge,
}
