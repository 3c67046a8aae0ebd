//! The frame of every screen: live region, order, banner.

use yew::prelude::*;

use crate::order::Order;
use crate::texts::use_texts;

#[derive(PartialEq, Properties)]
pub(crate) struct FrameProps {
    /// The name of the machine's state.
    pub(crate) state: &'static str,
    /// The name of the screen. Another screen is another element: nothing of the old one is reused.
    pub(crate) screen: &'static str,
    pub(crate) lang: AttrValue,
    pub(crate) dir: AttrValue,
    /// The text for screen readers.
    pub(crate) live_text: AttrValue,
    /// The order, unless the screen itself shows it.
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
            if let Some(Order { merchant, amount, description, .. }) = &props.order {
                <header part="summary" class="summary">
                    <p part="merchant" class="merchant"><bdi>{ merchant }</bdi></p>
                    <p part="amount" class="amount">{ amount }</p>
                    if !description.is_empty() {
                        <p part="description" class="description" data-slot="description">
                            <bdi>{ description }</bdi>
                        </p>
                    }
                </header>
            }
            <div class="banner-slot">
                if props.is_offline {
                    <p part="banner" class="banner">{ texts.get("offline") }</p>
                }
            </div>
            <div key={props.screen} part="screen" class="screen">{ props.children.clone() }</div>
        </section>
    }
}
