//! Questions whose answers arrive as events.

use contract::{NameValue, PaymentMethod};

/// The number of a question; an answer to an older question does nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(pub u32);

/// A cancelable event of the page, asked by [`crate::Effect::AskPage`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageQuestion {
    /// `submit`: may a payment with this wallet be started?
    Submit(PaymentMethod),
    /// `before-redirect`: may the browser leave for this address?
    BeforeRedirect {
        /// The address, which was checked.
        url: String,
    },
}

/// The question that awaits its answer. There is at most one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) id: QuestionId,
    pub(crate) topic: Topic,
}

/// The decision that the answer makes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Topic {
    /// A press on "pay": the page is asked.
    Submit(PaymentMethod),
    /// A press on "pay" that the page allowed: the key is being taken.
    Key(PaymentMethod),
    /// Leaving the page: the page is asked.
    Leave(Destination),
}

/// The address that the browser goes to if the page allows it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Destination {
    /// A page to go to.
    Page(String),
    /// A page to post these fields to.
    Form(String, Vec<NameValue>),
    /// A wallet's app on this phone, which covers the page.
    App(String),
}

impl Destination {
    pub(crate) fn url(&self) -> &str {
        match self {
            Self::Page(url) | Self::Form(url, _) | Self::App(url) => url,
        }
    }
}

impl Topic {
    /// True if it belongs to a press on "pay".
    pub(crate) const fn is_payment(&self) -> bool {
        matches!(self, Self::Submit(_) | Self::Key(_))
    }
}
