//! The frame of every screen: live region, order, banner.

use yew::prelude::*;

use crate::order::Order;
use crate::texts::Texts;

/// The data of the frame around a screen.
pub(crate) struct FrameInput<'a> {
    /// The name of the machine's state.
    pub(crate) state: &'static str,
    /// The name of the screen. Another screen is another element: nothing of the old one is reused.
    pub(crate) screen: &'static str,
    pub(crate) lang: AttrValue,
    pub(crate) dir: AttrValue,
    /// The text for screen readers.
    pub(crate) live_text: AttrValue,
    /// The order, unless the screen itself shows it.
    pub(crate) order: Option<&'a Order>,
    pub(crate) is_offline: bool,
}

/// Draws the frame around a screen.
pub(crate) fn frame(texts: &Texts, input: FrameInput<'_>, screen: Html) -> Html {
    html! {
        <section
            part="root"
            class="root"
            data-state={input.state}
            lang={input.lang}
            dir={input.dir}
            aria-label={texts.get("checkout")}
        >
            <div class="live" role="status" aria-live="polite">{ input.live_text }</div>
            if let Some(order) = input.order {
                { summary(order) }
            }
            <div class="banner-slot">
                if input.is_offline {
                    <p part="banner" class="banner">{ texts.get("offline") }</p>
                }
            </div>
            <div key={input.screen} part="screen" class="screen">{ screen }</div>
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
