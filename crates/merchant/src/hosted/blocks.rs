//! The parts of the page. Their HTML is in the templates `page.html` and `control.html`, where askama escapes every
//! value that is not marked as safe: only the SVG drawings of `marks` are.

use askama::Template;
use contract::PaymentMethod;

use super::qr::Code;
use super::texts::Texts;

/// The whole document.
#[derive(Template)]
#[template(path = "hosted/page.html")]
pub(super) struct Document<'a> {
    pub(super) texts: &'a Texts,
    /// True if the browser loads the page again by itself: the only way to update without
    /// JavaScript. The page says that it does.
    pub(super) reloads: bool,
    /// The address of the stylesheet, relative to the page.
    pub(super) stylesheet: &'a str,
    pub(super) heading: Option<Heading<'a>>,
    pub(super) blocks: Vec<Block<'a>>,
}

/// The merchant, the amount and the description.
pub(super) struct Heading<'a> {
    pub(super) merchant_name: &'a str,
    pub(super) amount: String,
    pub(super) description: &'a str,
}

/// A part of the page, from its top to its bottom.
pub(super) enum Block<'a> {
    /// A message; an alert interrupts a screen reader.
    Notice { is_alert: bool, text: String },
    /// The end of the session.
    Outcome { class: &'static str, title: &'static str, detail: &'static str },
    /// The choice between the wallets.
    Wallets { controls: Vec<Control<'a>> },
    /// Buttons below each other.
    Calls { controls: Vec<Control<'a>> },
    /// The payment under way.
    Payment(Payment<'a>),
    /// The steps to continue in another browser.
    Guide(Guide<'a>),
    /// The text that the page reloads.
    Status { text: &'static str },
    /// The rest of the session's life.
    TimeLeft { text: String },
    /// The link back to the merchant.
    Back { url: &'a str },
}

/// The payment under way.
pub(super) struct Payment<'a> {
    pub(super) mark: &'static str,
    pub(super) name: &'static str,
    pub(super) code: Option<Code>,
    /// The code's name for screen readers.
    pub(super) code_label: String,
    pub(super) hint: Option<String>,
    pub(super) link: Option<Link<'a>>,
    pub(super) guide: Option<Guide<'a>>,
    pub(super) time_left: Option<String>,
}

/// A link to a wallet.
pub(super) struct Link<'a> {
    pub(super) url: &'a str,
    pub(super) label: String,
}

/// The steps to continue in another browser; it shows the address of this very page.
pub(super) struct Guide<'a> {
    pub(super) drawing: &'static str,
    pub(super) reason: String,
    pub(super) hosted_url: &'a str,
}

/// A button or a link that looks like one.
#[derive(Template)]
#[template(path = "hosted/control.html")]
pub(super) struct Control<'a> {
    /// The token in the page's own address, under which its forms are posted.
    pub(super) token: &'a str,
    pub(super) class: &'static str,
    /// A wallet's drawing before the label; empty for none.
    pub(super) mark: &'static str,
    pub(super) label: String,
    pub(super) target: Target<'a>,
}

/// The effect of a control.
pub(super) enum Target<'a> {
    /// Starts a payment; with `is_code` by a code for another phone, whatever this phone can do.
    Start { method: PaymentMethod, key: String, is_code: bool },
    /// Calls about a payment.
    Payment { call: &'static str, id: &'a str },
    /// Shows the page for a wallet.
    Wallet { method: PaymentMethod },
    /// Shows the choice between the wallets.
    Choice,
}
