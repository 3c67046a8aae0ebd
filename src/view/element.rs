//! Elements, each built by a call.
//!
//! `html!` writes the same steps out for every element, 200 to 400 bytes of Wasm apiece; here
//! they are one function, and what differs is data. What Yew gets is the same.
//!
//! As with `html!`, what is not there leaves an empty place: Yew matches children by their
//! place, counted from the end, and an element that moved would be made anew without its focus.

use std::rc::Rc;

use checkout::Event;
use contract::PaymentMethod;
use yew::html::Scope;
use yew::prelude::*;
use yew::virtual_dom::{
    AttributeOrProperty, Attributes, Listener, ListenerKind, VList, VTag, VText,
};

use crate::app::{App, Msg};

/// An attribute that is always the same.
pub(super) use AttributeOrProperty::Static as Is;

/// Attributes that are always the same; Yew compares them by their address.
pub(super) type Fixed = &'static [(&'static str, AttributeOrProperty)];

/// An element whose attributes are always the same.
pub(super) fn fixed(tag: &'static str, attributes: Fixed, children: Vec<Html>) -> Html {
    plain(tag, attributes, children).into()
}

/// The same, to be given a key or a listener.
pub(super) fn plain(tag: &'static str, attributes: Fixed, children: Vec<Html>) -> VTag {
    element(tag, Attributes::Static(attributes), children)
}

/// A paragraph or the like: an element with one text in it.
pub(super) fn line(tag: &'static str, attributes: Fixed, text: String) -> Html {
    fixed(tag, attributes, row([words(text)]))
}

/// A text.
pub(super) fn words(text: String) -> Html {
    VText::new(text).into()
}

/// An element whose attributes change; a key without a value is left out.
pub(super) fn varying<const N: usize>(
    tag: &'static str,
    keys: &'static [&'static str; N],
    values: [Option<AttributeOrProperty>; N],
    children: Vec<Html>,
) -> VTag {
    element(tag, Attributes::Dynamic { keys, values: Box::new(values) }, children)
}

/// The value of an attribute that is not always the same.
pub(super) fn now(value: impl Into<AttrValue>) -> Option<AttributeOrProperty> {
    Some(AttributeOrProperty::Attribute(value.into()))
}

/// The value of an attribute that is one of several.
pub(super) const fn is(value: &'static str) -> Option<AttributeOrProperty> {
    Some(Is(value))
}

/// Children, made by a call: `vec!` writes the making out at each place.
#[inline(never)]
pub(super) fn row<const N: usize>(children: [Html; N]) -> Vec<Html> {
    Vec::from(children)
}

/// Several things in a row, without an element around them.
pub(super) fn several(children: Vec<Html>) -> Html {
    VList::from(children).into()
}

/// `element` listens, and tells the app.
pub(super) fn listening(mut element: VTag, app: &Scope<App>, does: Does) -> Html {
    element.set_listeners(Box::new([Some(Rc::new(Told { app: app.clone(), does }))]));
    element.into()
}

/// What an element does when it is used.
#[derive(Clone, Copy)]
pub(super) enum Does {
    /// A click tells the machine of an event.
    Tell(fn() -> Event),
    /// A change picks a wallet.
    Pick(PaymentMethod),
    /// A form that is sent asks to pay.
    Pay,
    /// A click asks for the code that another phone scans.
    Confirm,
    /// A click copies the link to the session.
    Copy,
}

/// The one listener: Yew's own kinds are a type, a closure and a callback for each event.
struct Told {
    app: Scope<App>,
    does: Does,
}

impl Listener for Told {
    fn kind(&self) -> ListenerKind {
        match self.does {
            Does::Tell(_) | Does::Confirm | Does::Copy => ListenerKind::onclick,
            Does::Pick(_) => ListenerKind::onchange,
            Does::Pay => ListenerKind::onsubmit,
        }
    }

    fn handle(&self, event: web_sys::Event) {
        self.app.send_message(match self.does {
            Does::Tell(what) => Msg::Happened(what()),
            Does::Pick(method) => Msg::Happened(Event::Selected(method)),
            Does::Confirm => Msg::Confirm,
            Does::Copy => Msg::Copy,
            Does::Pay => {
                // The page must not go anywhere.
                event.prevent_default();
                Msg::Confirm
            }
        });
    }

    fn passive(&self) -> bool {
        false
    }
}

fn element(tag: &'static str, attributes: Attributes, children: Vec<Html>) -> VTag {
    let mut element = VTag::new(tag);
    element.attributes = attributes;
    if let Some(place) = element.children_mut() {
        *place = several(children);
    }
    element
}
