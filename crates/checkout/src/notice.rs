//! Messages to the shopper beside the screen: a line on it, and the live region.

/// A line on the screen. The view chooses its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// "Pay" was pressed before a wallet was picked.
    ChooseFirst,
    /// The backend cannot be reached; it is tried again by itself.
    ConnectionLost,
    /// The shop could not be reached; press "pay" to try again under the same key.
    ShopUnreachable,
    /// Another tab's payment has replaced the one that was shown.
    ContinuedInOtherTab,
    /// The payment was open already when the page was loaded.
    StillOpen,
    /// The start failed, or its outcome is unknown; try again.
    StartFailed,
    /// The wallet cannot be used now; the other one may work.
    MethodUnavailable,
    /// Too many tries; wait a moment.
    TooFast,
    /// Not paid yet, as far as the gateway says.
    NotPaidYet,
    /// The payment could not be closed; it can still be paid.
    CancelFailed,
    /// No fresh code came.
    RefreshFailed,
    /// The previous code ran out.
    CodeExpired,
    /// The wallet cannot be opened from here.
    WalletUnavailable,
    /// The wallet's app did not open; the code is still there to be scanned.
    AppNotOpened,
}

/// An announcement of the live region. The view chooses its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The wallets can be chosen.
    ChooseMethod,
    /// This line is shown on the screen.
    Notice(Notice),
    /// The wallet does not open here.
    Guided,
    /// The payment is being started.
    Starting,
    /// A code to scan is shown, perhaps with a line beside it.
    CodeShown(Option<Notice>),
    /// A fresh code is shown.
    CodeRefreshed,
    /// The browser goes to the gateway's page.
    Leaving,
    /// The backend is asked.
    Confirming,
    /// The payment is being closed.
    Closing,
    /// Paid.
    Succeeded,
    /// It failed.
    Failed,
    /// Time is up.
    Expired,
    /// Canceled.
    Canceled,
    /// This many minutes are left.
    MinutesLeft(u8),
    /// This many seconds are left.
    SecondsLeft(u8),
    /// Nothing can be shown.
    Unavailable,
}
