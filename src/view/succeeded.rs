//! The screen of a paid order: the receipt.

use contract::{PaymentMethod, RefundStatus};
use yew::prelude::*;

use super::outcome::RefundHint;
use super::parts::{Heading, Icon, IconKind, Link};
use crate::order::Order;
use crate::texts::{use_texts, wallet_key};

#[derive(PartialEq, Properties)]
pub(super) struct SucceededScreenProps {
    pub(super) order: Option<Order>,
    /// The wallet, if it is known.
    pub(super) method: PaymentMethod,
    pub(super) refund: Option<RefundStatus>,
    /// The shop's page, if it is another than this one.
    pub(super) shop_url: Option<AttrValue>,
}

/// Draws the receipt, which has the order instead of the summary above the other screens. Neither
/// the time of the payment nor the order's number is in the session.
#[component]
pub(super) fn SucceededScreen(props: &SucceededScreenProps) -> Html {
    let texts = use_texts();
    let method = props.method;
    html! {
        <div class="center">
            <Icon kind={IconKind::Ok} />
            <Heading text={texts.get("succeeded")} />
            if let Some(order) = &props.order {
                <p part="amount" class="amount">{ &order.amount }</p>
                <p part="merchant" class="merchant"><bdi>{ &order.merchant }</bdi></p>
                if !order.description.is_empty() {
                    <p part="description" class="description"><bdi>{ &order.description }</bdi></p>
                }
            }
            if method != PaymentMethod::Unknown {
                <p class="paid-with">
                    <Icon kind={IconKind::Wallet(method)} />
                    { texts.get(wallet_key(Some(method))) }
                </p>
            }
            <RefundHint refund={props.refund} />
            <div class="actions">
                <Link part="primary" text={texts.get("back")} url={&props.shop_url} />
            </div>
        </div>
    }
}
