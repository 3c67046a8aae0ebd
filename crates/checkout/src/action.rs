//! A next action that was checked and can be performed.

use contract::{ErrorType, Flow, NameValue, NextActionType, Payment, Timestamp, code};

use crate::Fault;
use crate::allowed_addresses::{is_allowed_address, is_app_address};
use crate::config::Config;

/// The most bytes that a version 40 code holds at error level M.
const QR_CODE_MAX_BYTES: usize = 2_331;

/// The step that the shopper's browser takes for a payment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Draw this text as a QR code.
    QrCode {
        /// The text that the wallet scans. Never followed as a link.
        data: String,
        /// An address that was checked, which opens the same code in the wallet on this phone.
        url: Option<String>,
        /// The end of its life.
        expires_at: Option<Timestamp>,
    },
    /// Show the gateway's own page, at an address that was checked, in a frame: it has the code.
    Frame {
        /// The gateway's page.
        url: String,
        /// The end of its life.
        expires_at: Option<Timestamp>,
    },
    /// Go to an address that was checked.
    Redirect {
        /// The gateway's page.
        url: String,
        /// The end of its life: five minutes for WeChat Pay's (docs/gateways.md, A11.2).
        expires_at: Option<Timestamp>,
    },
    /// Post a form to an address that was checked.
    Form {
        /// The gateway's page.
        url: String,
        /// The hidden fields.
        fields: Vec<NameValue>,
    },
    /// Call the wallet's bridge.
    Bridge {
        /// The call's parameters.
        fields: Vec<NameValue>,
    },
}

impl Action {
    /// Checks the payment's next action.
    ///
    /// # Errors
    /// An `integration_error` where the action is unknown, incomplete, too long for a QR
    /// code, or leads to an address that is not allowed.
    pub(crate) fn check(payment: &Payment, config: &Config) -> Result<Self, Fault> {
        let next = payment.next_action.as_ref().ok_or_else(|| {
            refused("the payment requires an action, but the answer has no next_action")
        })?;
        match next.kind {
            NextActionType::DisplayQrCode => {
                let data = next.data.clone().unwrap_or_default();
                if data.is_empty() {
                    return Err(refused("display_qr_code needs data"));
                }
                if data.len() > QR_CODE_MAX_BYTES {
                    return Err(Fault::new(
                        ErrorType::Integration,
                        code::QR_CODE_TOO_LONG,
                        "the text of the code is longer than a QR code holds (2331 bytes)",
                    ));
                }
                let url = next.url.clone();
                if url.as_ref().is_some_and(|url| !is_app_address(url)) {
                    return Err(not_followed());
                }
                Ok(Self::QrCode { data, url, expires_at: next.expires_at })
            }
            NextActionType::DisplayFrame => {
                let url = allowed_url(next.url.as_deref(), config)?;
                Ok(Self::Frame { url, expires_at: next.expires_at })
            }
            NextActionType::RedirectToUrl => {
                let url = allowed_url(next.url.as_deref(), config)?;
                Ok(Self::Redirect { url, expires_at: next.expires_at })
            }
            NextActionType::SubmitForm => {
                let url = allowed_url(next.url.as_deref(), config)?;
                Ok(Self::Form { url, fields: next.fields.clone() })
            }
            NextActionType::InvokeWechatJsapi | NextActionType::InvokeAlipayJsapi => {
                Ok(Self::Bridge { fields: next.fields.clone() })
            }
            NextActionType::Unknown => Err(refused(
                "this widget does not know the next action; update it, or use the hosted page",
            )),
        }
    }

    /// The payment's flow, for texts.
    #[must_use]
    pub const fn flow(&self) -> Flow {
        match self {
            Self::QrCode { .. } | Self::Frame { .. } => Flow::QrCode,
            Self::Redirect { .. } | Self::Form { .. } => Flow::Redirect,
            Self::Bridge { .. } => Flow::Jsapi,
        }
    }

    /// The end of the code's or address's life, if it has one of its own.
    #[must_use]
    pub const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::QrCode { expires_at, .. }
            | Self::Frame { expires_at, .. }
            | Self::Redirect { expires_at, .. } => *expires_at,
            Self::Form { .. } | Self::Bridge { .. } => None,
        }
    }

    /// True if the page itself shows it, so that showing it again leads nowhere.
    pub(crate) const fn is_shown_here(&self) -> bool {
        matches!(self, Self::QrCode { .. } | Self::Frame { .. })
    }
}

fn allowed_url(url: Option<&str>, config: &Config) -> Result<String, Fault> {
    let url = url.unwrap_or_default();
    let is_allowed = is_allowed_address(url, &config.api_origin, &config.redirect_hosts);
    if is_allowed { Ok(url.to_owned()) } else { Err(not_followed()) }
}

fn not_followed() -> Fault {
    refused(
        "the next action leads to an address that is neither a gateway's nor of redirectHosts; it was not followed",
    )
}

fn refused(message: &'static str) -> Fault {
    Fault::new(ErrorType::Integration, code::NEXT_ACTION_REFUSED, message)
}
