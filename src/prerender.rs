//! Draws the selector's templates at build time, by Yew's server renderer.
//!
//! A template is the HTML of the selector with both wallets and none picked. Its slots are written
//! `${name}`: `merchant`, `amount`, `description` and `hosted_url`. The loader and merchants'
//! servers fill them from the session.

use std::collections::{BTreeMap, HashMap};

use checkout::Notice;
use contract::PaymentMethod;
use yew::LocalServerRenderer;
use yew::prelude::*;

use crate::options::Layout;
use crate::order::Order;
use crate::texts::Texts;
use crate::view::{Frame, Progress, Selector};

/// Draws the templates of one locale, by layout. `texts` are the locale's, by key.
pub async fn templates(
    lang: &str,
    texts: HashMap<String, String>,
) -> BTreeMap<&'static str, String> {
    let texts = Texts::from(texts.into_iter().collect::<Vec<_>>());
    let mut templates = BTreeMap::new();
    for layout in [Layout::Accordion, Layout::Tabs, Layout::List] {
        let props = TemplateProps { lang: lang.to_owned().into(), layout, texts: texts.clone() };
        let renderer = LocalServerRenderer::<Template>::with_props(props).hydratable(false);
        templates.insert(layout.name(), renderer.render().await);
    }
    templates
}

#[derive(PartialEq, Properties)]
struct TemplateProps {
    lang: AttrValue,
    layout: Layout,
    texts: Texts,
}

#[component]
fn Template(props: &TemplateProps) -> Html {
    let slot = |name: &str| AttrValue::from(format!("${{{name}}}"));
    let order = Order {
        merchant: slot("merchant"),
        amount: slot("amount"),
        description: slot("description"),
        hosted_url: Some(slot("hosted_url")),
    };
    let texts = props.texts.with_order(order.amount.clone(), order.merchant.clone());
    let wallets: Vec<_> = PaymentMethod::ALL.iter().map(|method| (*method, None)).collect();
    html! {
        <ContextProvider<Texts> context={texts}>
            <Frame
                state="selecting"
                screen="selecting"
                lang={&props.lang}
                dir={direction(&props.lang)}
                live_text=""
                order={order.clone()}
                is_offline=false
            >
                <Selector
                    {wallets}
                    selected={None::<PaymentMethod>}
                    notice={None::<Notice>}
                    layout={props.layout}
                    is_read_only=false
                    has_pay_button=true
                    progress={Progress::Idle}
                    hosted_url={order.hosted_url}
                    on_event={Callback::noop()}
                />
            </Frame>
        </ContextProvider<Texts>>
    }
}

/// Returns the direction in which a language is written, as `www/direction.js` does.
fn direction(lang: &str) -> &'static str {
    let language = lang.split('-').next().unwrap_or_default();
    if matches!(language, "ar" | "ckb" | "dv" | "fa" | "he" | "ps" | "sd" | "ug" | "ur" | "yi") {
        "rtl"
    } else {
        "ltr"
    }
}

#[cfg(test)]
mod tests;
