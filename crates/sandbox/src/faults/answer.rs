//! Answers of the wallets' apps at a payment sheet in a page.

use serde::{Deserialize, Serialize};

/// The app's answer at a payment sheet; the fault switches `jsapi_answer` and `tradepay_answer`
/// choose it in the shopper's place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Asks the shopper, by a sheet in the page.
    #[default]
    Ask,
    /// Pays and says so.
    Ok,
    Cancel,
    Fail,
    /// Says that it was paid, though it was not.
    OkUnpaid,
    /// Says that it was canceled, though it was paid.
    CancelPaid,
    /// Alipay: pays, but says 8000, being processed.
    Processing,
    /// Alipay: says 6004, unknown, and has not paid; WeChat Pay fails.
    Unknown,
    /// Alipay: says 6004, unknown, and has paid; WeChat Pay fails, though it was paid.
    UnknownPaid,
}

impl Answer {
    /// True if money moves.
    pub(crate) fn pays(self) -> bool {
        matches!(self, Self::Ok | Self::CancelPaid | Self::Processing | Self::UnknownPaid)
    }
}
