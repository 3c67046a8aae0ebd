//! Answers of the wallets' apps at a payment sheet in a page.

use serde::{Deserialize, Serialize};

/// The app's result at a payment sheet; the fault switches `jsapi_answer` and `tradepay_answer`
/// choose it instead of the shopper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Asks the shopper, by a sheet in the page.
    #[default]
    Ask,
    /// Pays and reports success.
    Ok,
    Cancel,
    Fail,
    /// Reports a payment that was not made.
    OkUnpaid,
    /// Reports that it was canceled, though it was paid.
    CancelPaid,
    /// Alipay: pays, but reports 8000, being processed.
    Processing,
    /// Alipay: reports 6004, unknown, and has not paid; WeChat Pay fails.
    Unknown,
    /// Alipay: reports 6004, unknown, and has paid; WeChat Pay fails, though it was paid.
    UnknownPaid,
}

impl Answer {
    /// True if money moves.
    pub(crate) fn pays(self) -> bool {
        matches!(self, Self::Ok | Self::CancelPaid | Self::Processing | Self::UnknownPaid)
    }
}
