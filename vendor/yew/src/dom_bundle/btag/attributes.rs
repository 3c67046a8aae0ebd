#[cfg(feature = "fields")]
use std::ops::Deref;

use wasm_bindgen::intern;
#[cfg(feature = "properties")]
use wasm_bindgen::JsValue;
#[cfg(feature = "fields")]
use web_sys::HtmlTextAreaElement as TextAreaElement;
use web_sys::{Element, HtmlInputElement as InputElement};

use super::Apply;
use crate::dom_bundle::BSubtree;
use crate::virtual_dom::vtag::InputFields;
#[cfg(feature = "fields")]
use crate::virtual_dom::vtag::{TextareaFields, Value};
use crate::virtual_dom::{AttributeOrProperty, Attributes};

#[cfg(feature = "fields")]
impl<T: AccessValue> Apply for Value<T> {
    type Bundle = Self;
    type Element = T;

    fn apply(self, _root: &BSubtree, el: &Self::Element) -> Self {
        if let Some(v) = self.deref() {
            el.set_value(v);
        }
        self
    }

    fn apply_diff(self, _root: &BSubtree, el: &Self::Element, bundle: &mut Self) {
        match (self.deref(), (*bundle).deref()) {
            (Some(new), Some(_)) => {
                // Refresh value from the DOM. It might have changed.
                if new.as_ref() != el.value() {
                    el.set_value(new);
                }
            }
            (Some(new), None) => el.set_value(new),
            (None, Some(_)) => el.set_value(""),
            (None, None) => (),
        }
    }
}

#[cfg(feature = "fields")]
macro_rules! impl_access_value {
    ($( $type:ty )*) => {
        $(
            impl AccessValue for $type {
                #[inline]
                fn value(&self) -> String {
                    <$type>::value(&self)
                }

                #[inline]
                fn set_value(&self, v: &str) {
                    <$type>::set_value(&self, v)
                }
            }
        )*
    };
}
#[cfg(feature = "fields")]
impl_access_value! {InputElement TextAreaElement}

#[cfg(feature = "fields")]
/// Able to have its value read or set
pub(super) trait AccessValue {
    fn value(&self) -> String;
    fn set_value(&self, v: &str);
}

impl Apply for InputFields {
    type Bundle = Self;
    type Element = InputElement;

    #[cfg_attr(not(feature = "fields"), allow(unused_mut, unused_variables))]
    fn apply(mut self, root: &BSubtree, el: &Self::Element) -> Self {
        // IMPORTANT! This parameter has to be set every time it's explicitly given
        // to prevent strange behaviour in the browser when the DOM changes
        if let Some(checked) = self.checked {
            el.set_checked(checked);
        }

        #[cfg(feature = "fields")]
        {
            self.value = self.value.apply(root, el);
        }
        self
    }

    #[cfg_attr(not(feature = "fields"), allow(unused_variables))]
    fn apply_diff(self, root: &BSubtree, el: &Self::Element, bundle: &mut Self) {
        // IMPORTANT! This parameter has to be set every time it's explicitly given
        // to prevent strange behaviour in the browser when the DOM changes
        if let Some(checked) = self.checked {
            el.set_checked(checked);
        }

        #[cfg(feature = "fields")]
        self.value.apply_diff(root, el, &mut bundle.value);
    }
}

#[cfg(feature = "fields")]
impl Apply for TextareaFields {
    type Bundle = Value<TextAreaElement>;
    type Element = TextAreaElement;

    fn apply(self, root: &BSubtree, el: &Self::Element) -> Self::Bundle {
        if let Some(def) = self.defaultvalue {
            _ = el.set_default_value(def.as_str());
        }
        self.value.apply(root, el)
    }

    fn apply_diff(self, root: &BSubtree, el: &Self::Element, bundle: &mut Self::Bundle) {
        self.value.apply_diff(root, el, bundle)
    }
}

impl Attributes {
    /// The attribute at `place`, if there are so many; one that is left out has no value.
    fn at(&self, place: usize) -> Option<(&str, Option<&AttributeOrProperty>)> {
        match self {
            Self::Static(arr) => arr.get(place).map(|(k, v)| (*k, Some(v))),
            Self::Dynamic { keys, values } => Some((keys.get(place)?, values.get(place)?.as_ref())),
            #[cfg(feature = "properties")]
            Self::IndexMap(m) => m.get_index(place).map(|(k, v)| (k.as_ref(), Some(v))),
        }
    }

    /// The value of `key`, looked up one after the other: an element has a handful.
    fn value(&self, key: &str) -> Option<&AttributeOrProperty> {
        let mut place = 0;
        while let Some((k, v)) = self.at(place) {
            if k == key {
                return v;
            }
            place += 1;
        }
        None
    }

    fn set(el: &Element, key: &str, value: &AttributeOrProperty) {
        match value {
            AttributeOrProperty::Attribute(value) => el
                .set_attribute(intern(key), value)
                .expect("invalid attribute key"),
            AttributeOrProperty::Static(value) => el
                .set_attribute(intern(key), value)
                .expect("invalid attribute key"),
            #[cfg(feature = "properties")]
            AttributeOrProperty::Property(value) => {
                let key = JsValue::from_str(key);
                js_sys::Reflect::set(el.as_ref(), &key, value).expect("could not set property");
            }
        }
    }

    fn remove(el: &Element, key: &str, old_value: &AttributeOrProperty) {
        match old_value {
            AttributeOrProperty::Attribute(_) | AttributeOrProperty::Static(_) => el
                .remove_attribute(intern(key))
                .expect("could not remove attribute"),
            #[cfg(feature = "properties")]
            AttributeOrProperty::Property(_) => {
                let key = JsValue::from_str(key);
                js_sys::Reflect::set(el.as_ref(), &key, &JsValue::UNDEFINED)
                    .expect("could not remove property");
            }
        }
    }
}

impl Apply for Attributes {
    type Bundle = Self;
    type Element = Element;

    fn apply(self, _root: &BSubtree, el: &Element) -> Self {
        let mut place = 0;
        while let Some((k, v)) = self.at(place) {
            if let Some(v) = v {
                Self::set(el, k, v);
            }
            place += 1;
        }
        self
    }

    fn apply_diff(self, _root: &BSubtree, el: &Element, bundle: &mut Self) {
        let old = std::mem::replace(bundle, self);
        let new = &*bundle; // reborrow it immutably from here
        match (new, &old) {
            // Hot path
            (Self::Static(new), Self::Static(old)) if std::ptr::eq(*new, *old) => return,
            _ => {}
        }

        let mut place = 0;
        while let Some((k, v)) = new.at(place) {
            match (v, old.value(k)) {
                (Some(v), old_value) if old_value != Some(v) => Self::set(el, k, v),
                _ => {}
            }
            place += 1;
        }

        // Remove missing
        place = 0;
        while let Some((k, old_value)) = old.at(place) {
            match old_value {
                Some(old_value) if new.value(k).is_none() => Self::remove(el, k, old_value),
                _ => {}
            }
            place += 1;
        }
    }
}
