//! The screen of a paid order: the receipt.

use contract::PaymentMethod;
use yew::prelude::*;

use super::icon::{SignKind, mark, sign};
use super::messages::wallet_of;
use super::outcome::refund_hint;
use super::parts::{heading, link};
use super::screen::ScreenContext;
use crate::texts::wallet_key;

/// Draws the receipt, which has the order instead of the summary above the other screens. Neither
/// the time of the payment nor the order's number is in the session.
pub(super) fn succeeded_screen(context: &ScreenContext<'_>) -> Html {
    let (texts, method) = (context.texts, wallet_of(context.checkout));
    html! {
        <div class="center">
            { sign(SignKind::Ok) }
            { heading(texts.get("succeeded")) }
            if let Some(order) = context.order {
                <p part="amount" class="amount">{ &order.amount }</p>
                <p part="merchant" class="merchant"><bdi>{ &order.merchant }</bdi></p>
                if !order.description.is_empty() {
                    <p part="description" class="description"><bdi>{ &order.description }</bdi></p>
                }
            }
            if method != PaymentMethod::Unknown {
                <p class="paid-with">
                    { mark(method) }
                    { texts.get(wallet_key(Some(method))) }
                </p>
            }
            { refund_hint(texts, context.refund()) }
            <div class="actions">
                { link("primary", texts.get("back"), context.shop_url().as_ref()) }
            </div>
        </div>
    }
}
