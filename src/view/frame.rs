//! The frame of every screen: live region, order, banner.

use yew::prelude::*;

use crate::order::Order;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct FrameProps {
    /// The name of the machine's state.
    pub(crate) state: &'static str,
    pub(crate) lang: AttrValue,
    pub(crate) dir: AttrValue,
    /// The text for screen readers.
    pub(crate) live_text: AttrValue,
    pub(crate) order: Option<Order>,
    pub(crate) is_offline: bool,
    /// The screen.
    pub(crate) children: Html,
}

/// Draws the frame around a screen.
#[component]
pub(crate) fn Frame(props: &FrameProps) -> Html {
    let texts = use_texts();
    html! {
        <section
            part="root"
            class="root"
            data-state={props.state}
            lang={&props.lang}
            dir={&props.dir}
            aria-label={texts.get("checkout")}
        >
            <div class="live" role="status" aria-live="polite">{ &props.live_text }</div>
            if let Some(order) = &props.order {
                { summary(order) }
            }
            <div class="banner-slot">
                if props.is_offline {
                    <p part="banner" class="banner">{ texts.get("offline") }</p>
                }
            </div>
            // Another state is another element: nothing of the old screen is reused.
            <div key={props.state} part="screen" class="screen">{ props.children.clone() }</div>
        </section>
    }
}

/// Draws the merchant, the amount and the description.
fn summary(order: &Order) -> Html {
    html! {
        <header part="summary" class="summary">
            <p part="merchant" class="merchant"><bdi>{ &order.merchant }</bdi></p>
            <p part="amount" class="amount">{ &order.amount }</p>
            if !order.description.is_empty() {
                <p part="description" class="description" data-slot="description">
                    <bdi>{ &order.description }</bdi>
                </p>
            }
        </header>
    }
}
