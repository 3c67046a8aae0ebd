//! What the shopper is told beside the screen: in a line on it, and in the live region.

/// What the shopper should know, beside what the screen says anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// "Pay" was pressed before a wallet was picked.
    ChooseFirst,
    /// The backend cannot be reached; it is tried again by itself.
    ConnectionLost,
    /// The shop could not be reached, so nothing was charged; press "pay" to try again.
    ShopUnreachable,
    /// Another tab started this payment in place of the one that was shown.
    ContinuedInOtherTab,
    /// It could not be started; nothing was charged; try again.
    StartFailed,
    /// The wallet cannot be used now; the other one may work.
    MethodUnavailable,
    /// Too many tries; wait a moment.
    TooFast,
    /// Not paid yet, as far as the gateway says.
    NotPaidYet,
    /// The payment could not be closed; it can still be paid.
    CancelFailed,
    /// A fresh code could not be had.
    RefreshFailed,
    /// The previous code ran out.
    CodeExpired,
    /// The wallet cannot be opened from here.
    WalletUnavailable,
    /// The wallet's app did not open; the code is still there to be scanned.
    AppNotOpened,
}

/// What the live region says. Its words are the view's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message {
    /// The wallets can be chosen.
    ChooseMethod,
    /// "Pay" was pressed before a wallet was picked.
    ChooseFirst,
    /// The wallet does not open here.
    Guided,
    /// The wallet's app did not open.
    AppNotOpened,
    /// The payment is being started.
    Starting,
    /// A code to scan is shown.
    CodeShown,
    /// A fresh code is shown.
    CodeRefreshed,
    /// The browser goes to the gateway's page.
    Leaving,
    /// The backend is asked.
    Confirming,
    /// Not paid yet.
    NotPaidYet,
    /// The payment is being closed.
    Closing,
    /// Paid.
    Succeeded,
    /// It failed.
    Failed,
    /// Time is up.
    Expired,
    /// Called off.
    Canceled,
    /// The connection is gone.
    ConnectionLost,
    /// A payment could not be started because the shop could not be reached.
    ShopUnreachable,
    /// The payment goes on with what another tab started; it is shown now.
    ContinuedInOtherTab,
    /// So many minutes are left.
    MinutesLeft(u8),
    /// Half a minute is left.
    SecondsLeft(u8),
    /// Nothing can be shown.
    Unavailable,
}
