//! Orders, and the rules that both gateways have for them.

use time::OffsetDateTime;

use crate::{Fen, GatewayError};

/// One attempt to be paid. Store it: a repeated order must be identical.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The merchant's number of this attempt, unique per merchant. WeChat Pay: 6 to 32 of
    /// `0-9 A-Z a-z _ - | *`; Alipay: at most 64 of `0-9 A-Z a-z _ -`.
    pub out_trade_no: String,
    /// The price in fen, at least 1.
    pub amount: Fen,
    /// The text on the buyer's bill. Cut to the length that the gateway accepts.
    pub description: String,
    /// The merchant's number of the order, for its accounts: WeChat Pay's
    /// `attach`, at most 128 bytes of it; Alipay's `body`.
    pub reference: Option<String>,
    /// The last moment to pay. Sent in whole seconds and unchanged, so that a repeated
    /// order is identical (gateways.md A3.2).
    pub expires_at: OffsetDateTime,
    /// The address of payment notifications: absolute, no query.
    pub notify_url: String,
    /// Alipay pages: the address to which the browser goes after paying. Without a query of its own, as
    /// foreign parameters would break [`verify_return`](crate::alipay::Client::verify_return).
    pub return_url: Option<String>,
    /// Alipay's phone page: the address to which its "back" leads.
    pub quit_url: Option<String>,
}

impl Order {
    /// Returns `description` without control characters and `forbidden` ones, cut by `limit` at a
    /// character boundary; the order number if nothing is left.
    pub(crate) fn title(&self, forbidden: &[char], limit: Limit) -> String {
        let title = shortened(&self.description, forbidden, limit);
        if title.is_empty() { self.out_trade_no.clone() } else { title }
    }
}

/// Returns `text` without control characters and `forbidden` ones, cut at a character boundary.
pub(crate) fn shortened(text: &str, forbidden: &[char], limit: Limit) -> String {
    let allowed: String =
        text.chars().filter(|c| !c.is_control() && !forbidden.contains(c)).collect();
    let mut short = String::new();
    for (count, character) in allowed.trim().chars().enumerate() {
        let full = match limit {
            Limit::Bytes(max) => short.len() + character.len_utf8() > max,
            Limit::Chars(max) => count >= max,
        };
        if full {
            break;
        }
        short.push(character);
    }
    short
}

/// True if `text` fits into a QR code at level M, at which pages draw it (gateways.md A11.3):
/// 2,331 bytes in the largest code, by ISO/IEC 18004.
pub(crate) fn is_drawable(text: &str) -> bool {
    (1..=2331).contains(&text.len())
}

/// Limit of a text's length.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Limit {
    Bytes(usize),
    Chars(usize),
}

/// Refuses an order that breaks a rule, before anything is sent.
pub(crate) fn require(
    holds: bool,
    field: &'static str,
    problem: &'static str,
) -> Result<(), GatewayError> {
    if holds { Ok(()) } else { Err(GatewayError::InvalidOrder { field, problem }) }
}

#[cfg(test)]
mod tests;
